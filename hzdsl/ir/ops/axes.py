"""Axes: what makes an index space."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

from hzdsl.ir.ops.declare import Args, Attributes, Declarations, axis_of, fail, need_condition, need_keys, parent_of
from hzdsl.ir.types import DType, Type

if TYPE_CHECKING:
    from hzdsl.ir.node import Node

_axes = Declarations("axes")


@_axes("collection", "{name}", "The stored elements of a collection, as stored.", "Muon", precedence=13)
def _collection(args: Args, attrs: Attributes) -> Type:
    return Type(DType.AXIS, axis_of(args[0]))


@_axes(
    "filter",
    "{0}[{1}]",
    "The positions where a condition holds (missing is false).",
    "Muon[pt > 5 GeV]",
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
)
def _sort(args: Args, attrs: Attributes) -> Type:
    axis = axis_of(args[0])
    need_keys(axis, args[1:], "sort")
    return Type(DType.AXIS, parent_of(axis), lo=axis.type.lo, hi=axis.type.hi)


@_axes("slice", "{0}[{start}:{stop}]", "Positions start to stop-1 of each list.", "Muon[0:2]")
def _slice(args: Args, attrs: Attributes) -> Type:
    axis = axis_of(args[0])
    start, stop = attrs["start"], attrs["stop"]
    assert isinstance(start, int)
    if start < 0 or (isinstance(stop, int) and stop < 0):
        raise fail("arguments", f"[{start}:{stop}] counts from the end", "sort the other way: i, j >= 0")

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
    from hzdsl.ir.axes import leaf_axes

    return len(leaf_axes(axis)) == 1


@_axes(
    "product",
    "pair({args})",
    "One position of each axis, first slowest, sharing no particle.",
    "pair(Muon, Jet)",
)
def _product(args: Args, attrs: Attributes) -> Type:
    from hzdsl.ir.axes import finer

    shared = parent_of(axis_of(args[0]))
    for axis in args[1:]:
        found = finer(shared, parent_of(axis_of(axis)))
        if found is None:
            raise fail("axis", "the collections of a product belong to different parents")
        shared = found
    return Type(DType.AXIS, shared)


@_axes("per", "{0}.per({1})", "For each position of the second axis, all of the first.", "Muon.per(Jet)")
def _per(args: Args, attrs: Attributes) -> Type:
    from hzdsl.ir.axes import sees

    inner, outer = axis_of(args[0]), axis_of(args[1])
    if not sees(outer, parent_of(inner)):
        raise fail("axis", "per needs an axis that sees the parent of the collection")
    return Type(DType.AXIS, outer, lo=inner.type.lo, hi=inner.type.hi)


TABLE = {**_axes}
