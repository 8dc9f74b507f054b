"""Writing lists of positions, once per scope: as a loop meets them, sorted, or those of a union."""

from __future__ import annotations

from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lists import (
    Body,
    Listed,
    list_of,
    over_list,
    read_position,
    scratch,
    write_position,
)
from hzdsl.backends.codegen.lltypes import I1, I64, SIZE
from hzdsl.backends.codegen.loops import LoopRow, Uses, for_each
from hzdsl.backends.codegen.ordering import Ranked, lexicographic, usable
from hzdsl.backends.codegen.particles import Particles, all_among, particles_at
from hzdsl.backends.codegen.positions import Env, Position, width
from hzdsl.ir.axes import collections_of
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.native import ir


def _over_sorted(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    e.prepare(uses.always, env)
    over_list(e, axis, listed(e, axis, env), env, body)


def listed(e: Emitter, axis: Node, env: Env) -> Listed:
    """Return (address, count) of the list of an axis' positions, writing it where no scope has it."""
    found = list_of(e, axis, env)
    if found is None:
        write = {"sort": _write_sorted, "union": _write_union}.get(axis.op, _write_list)
        found = write(e, axis, env)
        e.remember(("list", axis, env.outer_key(axis)), found)
    return found


def _write_list(e: Emitter, axis: Node, env: Env) -> Listed:
    pointer = scratch(e, axis, 8 * width(axis))
    count = e.variable(I64, I64(0))

    def append(inner: Env, out: ir.Block) -> None:
        n = e.get(count, I64)
        write_position(e, pointer, n, inner.at(axis))
        e.b.store(e.b.add(n, I64(1)), count)

    for_each(e, axis, env, append)
    return pointer, e.get(count, I64)


def _write_union(e: Emitter, axis: Node, env: Env) -> Listed:
    """List the first axis' positions, then those of the second that are not among them."""
    first, second = axis.args
    pointer = scratch(e, axis, 8 * width(axis))
    count = e.variable(I64, I64(0))

    def append(member: int, position: Position) -> None:
        n = e.get(count, I64)
        padding = (I64(0),) * (width(axis) - 1 - len(position))
        write_position(e, pointer, n, (I64(member), *position, *padding))
        e.b.store(e.b.add(n, I64(1)), count)

    def new(inner: Env, out: ir.Block) -> None:
        with e.when(e.b.not_(_among(e, first, env, particles_at(e, second, inner)))):
            append(1, inner.at(second))

    for_each(e, first, env, lambda inner, out: append(0, inner.at(first)))
    apart = not collections_of(first) & collections_of(second)
    for_each(e, second, env, (lambda inner, out: append(1, inner.at(second))) if apart else new)
    return pointer, e.get(count, I64)


def _among(e: Emitter, axis: Node, env: Env, wanted: Particles) -> ir.Value:
    """Return whether a position of `axis` is made of just these particles."""
    found = e.variable(I1, I1(0))

    def compare(inner: Env, out: ir.Block) -> None:
        mine = particles_at(e, axis, inner)
        with e.when(e.b.and_(all_among(e, mine, wanted), all_among(e, wanted, mine))):
            e.b.store(I1(1), found)
            e.b.branch(out)

    for_each(e, axis, env, compare)
    return e.get(found, I1)


def _write_sorted(e: Emitter, axis: Node, env: Env) -> Listed:
    """Insertion sort, which is stable: each position moves up past those with greater keys."""
    base, keys = axis.args[0], axis.args[1:]
    size = width(axis)
    pointer = scratch(e, axis, 8 * size)
    ranks = _Ranks(e, axis, [k.type.dtype for k in keys])
    count = e.variable(I64, I64(0))

    def insert(inner: Env, out: ir.Block) -> None:
        mine = [(v.value, usable(e, v, k.type.dtype)) for k in keys for v in (e.eval(k, inner),)]
        at = e.variable(I64, e.get(count, I64))
        move, place = e.block("move"), e.block("place")
        with e.b.loop_while(lambda: e.b.icmp_signed(">", e.get(at, I64), I64(0))):
            i = e.get(at, I64)
            before = e.b.sub(i, I64(1))
            theirs = ranks.load(before)
            e.b.cbranch(lexicographic(e, mine, theirs, ranks.dtypes), move, place)
            e.b.position_at_end(move)
            write_position(e, pointer, i, read_position(e, pointer, before, size))
            ranks.store(i, theirs)
            e.b.store(before, at)
        e.b.branch(place)
        e.b.position_at_end(place)
        final = e.get(at, I64)
        write_position(e, pointer, final, inner.at(axis))
        ranks.store(final, mine)
        e.b.store(e.b.add(e.get(count, I64), I64(1)), count)

    for_each(e, base, env, insert, list(keys))
    return pointer, e.get(count, I64)


class _Ranks:
    """Scratch memory for the keys of what is sorted, and whether they are usable."""

    def __init__(self, e: Emitter, axis: Node, dtypes: list[DType]) -> None:
        self._e, self.dtypes = e, dtypes
        self._columns = [(scratch(e, axis, SIZE[d]), scratch(e, axis, 1)) for d in dtypes]

    def load(self, place: ir.Value) -> Ranked:
        """Return the keys at a place of the list."""
        e, pairs = self._e, zip(self._columns, self.dtypes, strict=True)
        return [(e.load_element(p, place, d), e.load_element(f, place, DType.BOOL)) for (p, f), d in pairs]

    def store(self, place: ir.Value, ranked: Ranked) -> None:
        """Write the keys of a place of the list."""
        for (values, usables), dtype, (value, ok) in zip(self._columns, self.dtypes, ranked, strict=True):
            self._e.store_element(values, place, value, dtype)
            self._e.store_element(usables, place, ok, DType.BOOL)


LISTED_ROWS: dict[str, LoopRow] = {"sort": _over_sorted, "union": _over_sorted}
