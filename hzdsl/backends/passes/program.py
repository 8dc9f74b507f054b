"""A likelihood's graph as one native function: values per event and along axes out of parameters and data."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from hzdsl.backends.passes.contexts import Context
from hzdsl.backends.passes.lanes import I64, Lanes
from hzdsl.backends.passes.memory import Memory, Slot
from hzdsl.backends.passes.structure import axis_of, wide_axes
from hzdsl.backends.passes.supported import check
from hzdsl.backends.passes.writer import Writer
from hzdsl.caches import Cache
from hzdsl.ir.node import Node
from hzdsl.native import ir
from hzdsl.native.compiler import Native, compile_module
from hzdsl.native.libraries import function_of
from hzdsl.records import dataclass

ENTRY = "likelihood"


@dataclass(frozen=True)
class Compiled:
    """A native function and what it takes.

    Attributes
    ----------
    native : Native
        The code.
    outputs : tuple of Node
        What it finds: per event first into an array of results, others where `slots` says.
    params : tuple of Node
        The parameters per event, in the order of its argument.
    slots : tuple of Slot
        What each place in the table of addresses is for.
    wide : frozenset of Node
        The collections that are taken by lanes.
    """

    native: Native
    outputs: tuple[Node, ...]
    params: tuple[Node, ...]
    slots: tuple[Slot, ...]
    wide: frozenset[Node]
    text: str = ""

    def function(self) -> object:
        """Return the callable: addresses, parameters, results."""
        return self.native.function(ENTRY, None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


def compile_graph(outputs: Sequence[Node], cache: Cache | None = None) -> Compiled:
    """Compile a function that finds some values.

    Parameters
    ----------
    outputs : sequence of Node
        f64 values per event, or along a collection of the event.
    cache : Cache, optional
        Where object code is kept.

    Raises
    ------
    HzdslError
        ``unsupported`` where a value is none that loops over lanes can find.
    """
    text, memory, wide, names = write(outputs)
    native = compile_module(text, {n: function_of(n) for n in names}, [ENTRY], level=None, cache=cache)
    return Compiled(native, tuple(outputs), memory.params, tuple(memory.slots), wide, text)


def write(outputs: Sequence[Node]) -> tuple[str, Memory, frozenset[Node], list[str]]:
    """Return the program as LLVM IR, where its data lie, and the names of the functions that it calls."""
    check(outputs)
    module = ir.Module()
    pointer = ir.POINTER
    function = ir.Function(module, ENTRY, ir.VOID, [pointer, pointer, pointer])
    table, params, results = function.args
    entry = Lanes(function.append_basic_block("entry"))
    b = Lanes(function.append_basic_block("begin"))
    memory = Memory(outputs, table, params)
    memory.entry = b.locals = entry
    wide = wide_axes(memory.axes)
    writer = Writer(b, memory, wide)
    root = Context()
    scalars = [n for n in outputs if axis_of(n).op == "event"]
    lists = [n for n in outputs if axis_of(n).op != "event"]
    collected = [n for n in lists if n.op == "collect"]
    writer.run(root, [*scalars, *collected], [n for n in lists if n not in collected])
    for node in lists:
        memory.array(b, node)  # it has a place, also where it is a column itself
    for k, node in enumerate(outputs):
        if node in scalars:
            b.write(writer.value(node, root), results, I64(k))
    b.ret_void()
    entry.branch(function.blocks[1])
    names = [n for n, f in module.globals.items() if not f.blocks and not n.startswith("llvm.")]
    return str(module), memory, wide, names
