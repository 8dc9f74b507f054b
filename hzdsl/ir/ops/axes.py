"""Axes: what makes an index space."""

from __future__ import annotations

from math import comb

from hzdsl.ir.axes import EVENT, collections_of, finer, leaf_axes, sees
from hzdsl.ir.node import Node
from hzdsl.ir.ops.declare import (
    MOST_POSITIONS,
    STILL,
    Args,
    Attributes,
    Declarations,
    any_optional,
    axis_of,
    fail,
    need_condition,
    need_keys,
    parent_of,
    same_axis,
    target_of,
)
from hzdsl.ir.types import DType, Type

_axes = Declarations("axes")


@_axes("collection", "{name}", "The stored elements of a collection, as stored.", "Muon", STILL, precedence=13)
def _collection(args: Args, attrs: Attributes) -> Type:
    return Type(DType.AXIS, axis_of(args[0]))


@_axes(
    "filter",
    "{0}[{1}]",
    "The positions where a condition holds (missing is false).",
    "Muon[pt > 5 GeV]",
    STILL,
)
def _filter(args: Args, attrs: Attributes) -> Type:
    axis, condition = axis_of(args[0]), args[1]
    need_condition(condition)
    assert condition.type.axis is axis
    return Type(DType.AXIS, parent_of(axis), hi=axis.type.hi)


@_axes(
    "sort",
    "{0}.sort({keys})",
    "The positions ordered by ascending keys, stable; NaN and missing last.",
    "Muon.sort(-pt)",
    STILL,
)
def _sort(args: Args, attrs: Attributes) -> Type:
    axis = axis_of(args[0])
    need_keys(axis, args[1:], "sort")
    return Type(DType.AXIS, parent_of(axis), lo=axis.type.lo, hi=axis.type.hi)


@_axes("slice", "{0}[{start}:{stop}]", "Positions start to stop-1 of each list.", "Muon[0:2]", STILL)
def _slice(args: Args, attrs: Attributes) -> Type:
    axis = axis_of(args[0])
    start, stop = attrs["start"], attrs["stop"]
    assert isinstance(start, int)
    if start < 0 or (isinstance(stop, int) and stop < 0):
        raise fail("arguments", f"[{start}:{stop}] counts from the end", "sort the other way: i, j >= 0")
    if max(start, stop if isinstance(stop, int) else 0) >= MOST_POSITIONS:
        raise fail("arguments", f"no list has the positions [{start}:{stop}]", "leave the end away: C[i:]")

    def length(n: int | None) -> int | None:
        end = stop if n is None else n if stop is None else min(n, int(str(stop)))
        return None if end is None else max(0, int(str(end)) - start)

    low, high = length(axis.type.lo), length(axis.type.hi)
    return Type(DType.AXIS, parent_of(axis), lo=low or 0, hi=high)


@_axes(
    "choose",
    "combinations({0}, {n})",
    "Unordered choices of n positions that share no particle, lexicographic.",
    "pair(Muon)",
    STILL,
)
def _choose(args: Args, attrs: Attributes) -> Type:
    axis, n = axis_of(args[0]), attrs["n"]
    assert isinstance(n, int)
    if n < 2:
        raise fail("arguments", f"combinations of {n} make no sense", "use 2 or more")
    simple = _is_particle(axis)  # candidates may share a leg: then even the least number is open
    lo = comb(axis.type.lo, n) if simple else 0
    return Type(DType.AXIS, parent_of(axis), lo=lo, hi=None if axis.type.hi is None else comb(axis.type.hi, n))


def _is_particle(axis: Node) -> bool:
    return len(leaf_axes(axis)) == 1


@_axes(
    "product",
    "pair({args})",
    "One position of each axis, first slowest, sharing no particle.",
    "pair(Muon, Jet)",
    STILL,
)
def _product(args: Args, attrs: Attributes) -> Type:
    shared = parent_of(axis_of(args[0]))
    for axis in args[1:]:
        found = finer(shared, parent_of(axis_of(axis)))
        if found is None:
            raise fail("axis", "the collections of a product belong to different parents")
        shared = found
    return Type(DType.AXIS, shared)


@_axes("row", "row({n})", "Positions of which every event has the same number.", "row(3)", STILL)
def _row(args: Args, attrs: Attributes) -> Type:
    n = attrs["n"]
    assert isinstance(n, int)
    assert args[0] is EVENT
    if not 0 < n < MOST_POSITIONS:
        raise fail("arguments", f"a row of {n} positions makes no sense", "use at least 1, e.g. row(3)")
    return Type(DType.AXIS, EVENT, lo=n, hi=n)


@_axes("per", "{0}.per({1})", "For each position of the second axis, all of the first.", "Muon.per(Jet)", STILL)
def _per(args: Args, attrs: Attributes) -> Type:
    inner, outer = axis_of(args[0]), axis_of(args[1])
    if not sees(outer, parent_of(inner)):
        raise fail("axis", "per needs an axis that sees the parent of the collection")
    return Type(DType.AXIS, outer, lo=inner.type.lo, hi=inner.type.hi)


@_axes(
    "union",
    "{0} | {1}",
    "The positions of the first axis, then those of the second that are not in it.",
    "Muon | Electron",
    STILL,
    latex=r"{0} \cup {1}",
    precedence=5,
)
def _union(args: Args, attrs: Attributes) -> Type:
    a, b = (axis_of(x) for x in args)
    shared = finer(parent_of(a), parent_of(b))
    if shared is None:
        raise fail("axis", "the collections of a union belong to different parents")
    apart = not collections_of(a) & collections_of(b)
    low, (high_a, high_b) = (a.type.lo, b.type.lo), (a.type.hi, b.type.hi)
    high = None if high_a is None or high_b is None else high_a + high_b
    return Type(DType.AXIS, shared, lo=sum(low) if apart else max(low), hi=high)


@_axes(
    "legs",
    "legs({args})",
    "The particles that an object is made of, left to right; none where it is missing.",
    "z.legs",
    STILL,
)
def _legs(args: Args, attrs: Attributes) -> Type:
    assert all(len(leaf_axes(target_of(a))) == 1 for a in args), "a leg that is itself made of several particles"
    n = len(args)
    return Type(DType.AXIS, same_axis(args), lo=0 if any_optional(args) else n, hi=n)


@_axes(
    "chain",
    "chain({0}, {1})",
    "What a link leads to, and on from there, until there is none or one comes again.",
    "GenPart.ancestors",
    STILL,
)
def _chain(args: Args, attrs: Attributes) -> Type:
    start, step = args
    assert target_of(start) is target_of(step) is step.type.axis
    return Type(DType.AXIS, start.type.axis)


@_axes(
    "at",
    "{0}.{1}",
    "The nested elements of what an object refers to; none where it is missing.",
    "jet[0].tracks",
    STILL,
)
def _at(args: Args, attrs: Attributes) -> Type:
    reference, nested = args[0], axis_of(args[1])
    assert nested.op == "collection"
    assert target_of(reference) is parent_of(nested)
    return Type(DType.AXIS, reference.type.axis)


TABLE = {**_axes}
