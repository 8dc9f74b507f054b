"""Values that are found once per event and kept, for all functions and loops of a kernel.

Regions, fills and variations ask for the same things, and loops over combinations ask for the momenta of the same
leptons again and again. What is costly, and belongs to the event or to an element of one of its lists, gets a function
that finds it at all positions, when it is first asked for in an event, and memory that everything else reads.
Combinations are never kept: there can be too many.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext

from hzdsl.backends.base import Program
from hzdsl.backends.codegen.choosing import Nodes, groups
from hzdsl.backends.codegen.emitter import Emitter, Unit
from hzdsl.backends.codegen.lists import read_position, write_position
from hzdsl.backends.codegen.lltypes import I64, SIZE
from hzdsl.backends.codegen.loops import bounds, for_each
from hzdsl.backends.codegen.positions import Env, Val, axis_of, whole_width, width
from hzdsl.ir.axes import EVENT, stored
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.native import ir
from hzdsl.records import dataclass


@dataclass(frozen=True)
class _Kept:
    """The function that finds a kept value, once (a number); the scratch memory of its numbers and their presence."""

    function: ir.Function
    once: int
    values: int
    present: int | None


class Sharing:
    """The values of a program that are kept per event, and access to them."""

    def __init__(self, program: Program) -> None:
        self._groups = groups(program)
        self._chosen = {node for group in self._groups for node in group}
        self._kept: dict[Node, _Kept] = {}

    def __contains__(self, node: Node) -> bool:
        return node in self._chosen

    def emit(self, unit: Unit) -> None:
        """Write the functions, one for all values that are needed in the same places."""
        emitters = [Emitter(unit, f"kept_{k}", own=group) for k, group in enumerate(self._groups)]
        for e, group in zip(emitters, self._groups, strict=True):
            once = unit.layout.new_once()
            for node in group:
                axes = tuple(_leaves(axis_of(node)))
                present = unit.layout.new_scratch(axes, 1) if node.type.optional else None
                self._kept[node] = _Kept(e.function, once, unit.layout.new_scratch(axes, _size(node)), present)
        for e, group in zip(emitters, self._groups, strict=True):
            self._emit_function(e, group)

    def ensure(self, e: Emitter, node: Node) -> None:
        """See that a value is known at all positions of this event; in a loop, look before calling."""
        kept = self._kept[node]
        function = kept.function
        if e.find(("kept", function.name)) is None:
            with e.when(e.not_yet(kept.once)) if e.repeats else nullcontext():
                e.b.call(function, [e.entry, e.context])
            e.remember(("kept", function.name), True)

    def read(self, e: Emitter, node: Node, env: Env) -> Val:
        """Return a kept value at the bound position.

        Where that came through a reference that is missing it may be of another event: then the first one is read.
        """
        self.ensure(e, node)
        kept = self._kept[node]
        index = _index(e, axis_of(node), env)
        pointer = e.slot("scratch", kept.values)
        if node.type.target is None:
            parts: tuple[ir.Value, ...] = (e.load_element(pointer, index, node.type.dtype),)
        else:
            parts = read_position(e, pointer, index, whole_width(node.type.target))
        if kept.present is None:
            return Val(parts)
        return Val(parts, e.load_element(e.slot("scratch", kept.present), index, DType.BOOL))

    def _emit_function(self, e: Emitter, group: Nodes) -> None:
        """Find values of one axis at every position, unless that was done in this event.

        Memory starts as zeros, so that what was never written is missing, or refers to a first element.
        """
        axis = axis_of(group[0])

        def store(env: Env, out: ir.Block | None = None) -> None:
            for node in group:
                self._store(e, node, e.eval(node, env), _place(e, axis, env)[0])

        with e.once(self._kept[group[0]].once):
            if axis is EVENT:
                store(Env({}))
            else:
                for_each(e, axis, Env({}), store, group)
        e.finish()

    def _store(self, e: Emitter, node: Node, value: Val, index: ir.Value) -> None:
        kept = self._kept[node]
        pointer = e.slot("scratch", kept.values)
        if node.type.target is None:
            e.store_element(pointer, index, value.value, node.type.dtype)
        else:
            write_position(e, pointer, index, value.parts)
        if kept.present is not None:
            e.store_element(e.slot("scratch", kept.present), index, e.present(value), DType.BOOL)


def _leaves(axis: Node) -> Iterable[Node]:
    """Yield the stored lists whose elements the positions are."""
    base = stored(axis)
    if base.op == "union":
        for member in base.args:
            yield from _leaves(member)
    elif base is not EVENT:
        yield base


def _index(e: Emitter, axis: Node, env: Env) -> ir.Value:
    """Return the place of the bound position, the first one where it may be of another event."""
    key = ("place", stored(axis), env.key(axis), env.certain)
    index: ir.Value | None = e.find(key)
    if index is None:
        index, size = _place(e, axis, env)
        if not env.certain:
            index = e.b.select(e.b.icmp_unsigned("<", index, size), index, I64(0))
        e.remember(key, index)
    return index


def _place(e: Emitter, axis: Node, env: Env) -> tuple[ir.Value, ir.Value]:
    """Return the place of the bound position among all of the event, and how many there are."""
    base = stored(axis)
    if base is EVENT:
        return I64(0), I64(1)
    if base.op == "collection":
        first, last = bounds(e, base, env)
        return e.b.sub(env.at(base)[0], first), e.b.sub(last, first)
    member, position = env.at(base)[0], env.at(base)[1:]
    place, number = I64(0), I64(0)
    for k, part in enumerate(base.args):
        own, size = _place(e, part, env.bind(part, position[: width(part)]))
        place = e.b.select(e.b.icmp_signed("==", member, I64(k)), e.b.add(number, own), place)
        number = e.b.add(number, size)
    return place, number


def _size(node: Node) -> int:
    return SIZE[node.type.dtype] if node.type.target is None else 8 * whole_width(node.type.target)
