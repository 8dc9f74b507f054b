"""Loops over combinations: a loop in a loop for each leg, over lists that are written once.

Values along a leg that call the C library are computed once per position of it, not once per combination.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.listing import listed
from hzdsl.backends.codegen.lists import Body, read_position, scratch
from hzdsl.backends.codegen.lltypes import I1, I64, SIZE
from hzdsl.backends.codegen.loops import LoopRow, Uses, bounds, for_each
from hzdsl.backends.codegen.particles import particles_at, same_particle
from hzdsl.backends.codegen.positions import Env, Position, width
from hzdsl.ir.axes import CHOICES, leaf_axes, leg_axes, stored
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.types import DType
from hzdsl.ir.walk import reached, values
from hzdsl.native import ir


def _over_choice(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    """Nested loops over the legs; what shares a particle is skipped.

    Where there are too few for one combination, nothing is found that combinations need.
    """
    assert axis.op in CHOICES
    legs = leg_axes(axis)
    ranges = {leg: _Range(e, leg, env) for leg in legs}
    for leg in ranges:
        _cache_leg_values(e, leg, env, uses.all)
    exit_block = e.block("choice_done")
    ordered = axis.op == "choose"

    def nest(k: int, chosen: list[tuple[Position, ir.Value]]) -> None:
        start = e.b.add(chosen[-1][1], I64(1)) if ordered and chosen else None
        others = len(legs) - 1 - k if ordered else 0  # that come after this one
        with ranges[legs[k]].loop(start, others) as (position, index):
            parts = [*chosen, (position, index)]
            with e.when(_apart(e, axis, env, [p for p, _ in chosen], position)):
                if k + 1 < len(legs):
                    nest(k + 1, parts)
                else:
                    body(env.bind(axis, tuple(x for p, _ in parts for x in p)), exit_block)

    least = len(legs) if ordered else 1
    enough: ir.Value = I1(1)
    for range_ in ranges.values():
        enough = e.b.and_(enough, e.b.icmp_signed(">=", range_.count(), I64(least)))
    with e.when(enough):
        e.prepare(uses.always, env)
        nest(0, [])
    e.b.branch(exit_block)
    e.b.position_at_end(exit_block)


class _Range:
    """The positions of a leg: elements of a stored collection, or of a list, which is written."""

    def __init__(self, e: Emitter, leg: Node, env: Env) -> None:
        self._e, self._width = e, width(leg)
        self._list: ir.Value | None = None
        if leg.op == "collection":
            self._first, self._last = bounds(e, leg, env)
        else:
            self._first = I64(0)
            self._list, self._last = listed(e, leg, env)

    def count(self) -> ir.Value:
        """Return how many there are."""
        return self._last if self._list is not None else self._e.b.sub(self._last, self._first)

    @contextmanager
    def loop(self, start: ir.Value | None, others: int) -> Iterator[tuple[Position, ir.Value]]:
        """Emit a loop from a place on, without the last ones; yields the position and its place."""
        last = self._e.b.sub(self._last, I64(others)) if others else self._last
        with self._e.loop(self._first if start is None else start, last) as (i, _):
            yield (i,) if self._list is None else read_position(self._e, self._list, i, self._width), i


def _apart(e: Emitter, axis: Node, env: Env, chosen: list[Position], position: Position) -> ir.Value:
    """Return whether the new leg shares no particle with those chosen, where order does not guarantee it."""
    legs = leg_axes(axis)
    mine_axis = legs[len(chosen)]
    if axis.op == "choose" and len(leaf_axes(mine_axis)) == 1:
        return I1(1)
    apart: ir.Value = I1(1)
    mine = particles_at(e, mine_axis, env.bind(mine_axis, position)) if chosen else []
    for other_axis, other in zip(legs, chosen, strict=False):
        for theirs in particles_at(e, other_axis, env.bind(other_axis, other)):
            for particle in mine:
                apart = e.b.and_(apart, e.b.not_(same_particle(e, particle, theirs)))
    return apart


def _cache_leg_values(e: Emitter, leg: Node, env: Env, uses: Sequence[Node]) -> None:
    """Compute once per position of a leg what the loops would compute per combination, if it calls the C library."""
    base = stored(leg)
    if base.op != "collection":
        return
    for node in _leg_values(uses, leg):
        key = ("cache", node, env.outer_key(leg))
        if e.find(key) is not None or node.type.optional or e.shares(node):
            continue
        first, _ = bounds(e, base, env)
        pointer = scratch(e, base, SIZE[node.type.dtype])

        def compute(
            inner: Env, out: ir.Block, node: Node = node, pointer: ir.Value = pointer, first: ir.Value = first
        ) -> None:
            value = e.eval(node, inner)
            e.store_element(pointer, e.b.sub(inner.at(base)[0], first), value.value, node.type.dtype)

        for_each(e, leg, env, compute, [node])
        e.remember(key, (pointer, first))


def _leg_values(uses: Sequence[Node], leg: Node) -> list[Node]:
    """Return the costly values along `leg` that the loop body reads through references."""
    taken = (node.args[0] for node in reached(uses, values) if node.op == "take")
    along = (v for v in dict.fromkeys(taken) if v.type.axis is leg and v.type.dtype is not DType.REF)
    return [v for v in along if _contains_call(v)]


def _contains_call(node: Node) -> bool:
    """Return whether evaluating `node` at one position calls the C library; references are not followed."""
    here = reached([node], lambda n: () if OPS[n.op].elsewhere else values(n))
    return any(OPS[n.op].costly for n in here)


CHOICE_ROWS: dict[str, LoopRow] = {"choose": _over_choice, "product": _over_choice}
