"""Values that are found once per event and kept, for all functions and loops of a kernel.

Regions, fills and variations ask for the same things, and loops over combinations ask for the momenta of the same
leptons again and again. What is costly, and belongs to the event or to an element of one of its lists, gets a function
that finds it at all positions, when it is first asked for in an event, and memory that everything else reads.
Combinations are never kept: there can be too many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from llvmlite import ir

from hzdsl.backends.base import Program
from hzdsl.backends.codegen.emitter import Emitter, Unit
from hzdsl.backends.codegen.lists import read_position, write_position
from hzdsl.backends.codegen.lltypes import I64, SIZE
from hzdsl.backends.codegen.loops import bounds, for_each
from hzdsl.backends.codegen.positions import Env, Val, whole_width, width
from hzdsl.backends.codegen.rows_reductions import REDUCTION_ROWS
from hzdsl.ir.axes import EVENT, stored
from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.types import DType
from hzdsl.ir.walk import values

#: What a call of the C library or a loop costs, in simple operations, and from where on a value is kept.
_CALL, _COSTLY = 20, 20


@dataclass(frozen=True)
class _Kept:
    """The number of a kept value, and the scratch memory of its numbers and of their presence."""

    number: int
    values: int
    present: int | None


class Sharing:
    """The values of a program that are kept per event, and access to them."""

    def __init__(self, program: Program) -> None:
        self._nodes = _chosen(program)
        self._kept: dict[Node, _Kept] = {}

    def __contains__(self, node: Node) -> bool:
        return node in self._nodes

    def emit(self, unit: Unit) -> None:
        """Write the function of each kept value, those before it that it needs."""
        for node in self._nodes:
            axes, number = tuple(_leaves(_axis(node))), unit.layout.shared
            unit.layout.shared += 1
            present = unit.layout.new_scratch(axes, 1) if node.type.optional else None
            self._kept[node] = _Kept(number, unit.layout.new_scratch(axes, _size(node)), present)
            _emit_function(Emitter(unit, _name(number), own=node), node, self._kept[node])

    def ensure(self, e: Emitter, node: Node) -> None:
        """See that a value is known at all positions of this event."""
        key = ("kept", node)
        if e.find(key) is None:
            e.b.call(e.module.globals[_name(self._kept[node].number)], [e.entry, e.context])
            e.remember(key, True)

    def read(self, e: Emitter, node: Node, env: Env) -> Val:
        """Return a kept value at the bound position.

        Where that came through a reference that is missing it may be of another event: then the first one is read.
        """
        self.ensure(e, node)
        kept = self._kept[node]
        index, size = _place(e, _axis(node), env)
        if not env.certain:
            index = e.b.select(e.b.icmp_unsigned("<", index, size), index, I64(0))
        pointer = e.slot("scratch", kept.values)
        if node.type.target is None:
            parts: tuple[ir.Value, ...] = (e.load_element(pointer, index, node.type.dtype),)
        else:
            parts = read_position(e, pointer, index, whole_width(node.type.target))
        if kept.present is None:
            return Val(parts)
        return Val(parts, e.load_element(e.slot("scratch", kept.present), index, DType.BOOL))


def _emit_function(e: Emitter, node: Node, kept: _Kept) -> None:
    """Find the value at every position, unless that was done in this event.

    Memory starts as zeros, so that what was never written is missing, or refers to a first element.
    """
    seen, number = e.slot("shared"), I64(kept.number)
    with e.when(e.b.icmp_signed("!=", e.load_element(seen, number, DType.I64), e.entry)):
        e.store_element(seen, number, e.entry, DType.I64)

        def store(env: Env, out: ir.Block | None = None) -> None:
            value = e.eval(node, env)
            index, _ = _place(e, _axis(node), env)
            pointer = e.slot("scratch", kept.values)
            if node.type.target is None:
                e.store_element(pointer, index, value.value, node.type.dtype)
            else:
                write_position(e, pointer, index, value.parts)
            if kept.present is not None:
                e.store_element(e.slot("scratch", kept.present), index, e.present(value), DType.BOOL)

        if _axis(node) is EVENT:
            store(Env({}))
        else:
            for_each(e, _axis(node), Env({}), store, [node])
    e.finish()


# ---- which values --------------------------------------------------------------------------------------------------


def _chosen(program: Program) -> dict[Node, None]:
    """Return the values to be kept, operands first.

    Kept is what is costly and asked for by several functions, read through references, or decides a selection. What
    is made of it is costly only by what is done to it.
    """
    order = topological(program.roots())
    several = _asked_by_several(program, order)
    read = {n.args[0] for n in order if n.op == "take"} | {n.args[1] for n in order if n.op == "filter"}
    chosen: dict[Node, None] = {}
    cost: dict[Node, int] = {}
    for node in order:
        if node.is_axis:
            continue
        operands = sum(cost[v] for v in dict.fromkeys(values(node)) if v not in chosen)
        cost[node] = min(_own_cost(node) + operands, _COSTLY)
        through = node in read and _axis(node) is not EVENT
        if cost[node] >= _COSTLY and (through or node in several) and _is_listed(_axis(node)):
            chosen[node] = None
    return chosen


def _asked_by_several(program: Program, order: list[Node]) -> set[Node]:
    """Return what more than one function of the kernel needs."""
    askers = [[*s.cuts, *s.outputs, *s.weights] for s in program.selections]
    for fill in program.fills:
        asker = askers[fill.region] if fill.region is not None else []
        asker += [*fill.values, *fill.weights]
        askers += [asker] if fill.region is None else []
    askers += [[d] for d in program.dumps] + ([] if program.gate is None else [[program.gate]])
    needed = dict.fromkeys(order, 0)  # a bit per function
    for i, roots in enumerate(askers):
        for root in roots:
            needed[root] |= 1 << i
    for node in reversed(order):
        for below in node.args:
            needed[below] |= needed[node]
        if node.type.axis is not None:
            needed[node.type.axis] |= needed[node]
    return {n for n, bits in needed.items() if bits.bit_count() > 1}


def _own_cost(node: Node) -> int:
    if node.op in ("nth", "count") and node.args[0].op == "collection":
        return 1
    return _CALL if OPS[node.op].costly or node.op in REDUCTION_ROWS else 1


# ---- where they are kept -------------------------------------------------------------------------------------------


def _is_listed(axis: Node) -> bool:
    """Return whether the positions of an axis are elements of stored lists of the event, or the event."""
    base = stored(axis)
    if base is EVENT or base.type.axis is not EVENT:
        return base is EVENT
    return base.op == "collection" or (base.op == "union" and all(map(_is_listed, base.args)))


def _leaves(axis: Node) -> Iterable[Node]:
    """Yield the stored lists whose elements the positions are."""
    base = stored(axis)
    if base.op == "union":
        for member in base.args:
            yield from _leaves(member)
    elif base is not EVENT:
        yield base


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


def _axis(node: Node) -> Node:
    assert node.type.axis is not None
    return node.type.axis


def _name(number: int) -> str:
    return f"kept_{number}"
