"""Reductions over an axis, and what to do about missing values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hzdsl.ir.ops.declare import (
    STILL,
    Args,
    Attributes,
    Declarations,
    accumulator,
    axis_of,
    fail,
    need_condition,
    need_number,
    parent_of,
    same_axis,
    shared_unit,
)
from hzdsl.ir.ops.derivatives import MAX, MIN, OTHERWISE, PROD, SUM
from hzdsl.ir.types import DType, Type
from hzdsl.ir.units import ANY, NONE

if TYPE_CHECKING:
    from hzdsl.ir.node import Node

_missing = Declarations("missing")
_reductions = Declarations("reductions")


def _reduced(args: Args) -> tuple[Type, Node]:
    t = args[0].type
    assert t.axis is not None
    if t.axis.type.axis is None:
        raise fail("axis", "there is one value per event: nothing to reduce", "leave the reduction away")
    return t, t.axis.type.axis


@_reductions(
    "sum",
    "sum({0})",
    "Sum in index order; 0 of nothing; f32 adds in f32.",
    "sum(Jet.pt)",
    SUM,
    latex=r"\sum {0}",
    elsewhere=True,
)
def _sum(args: Args, attrs: Attributes) -> Type:
    t, outer = _reduced(args)
    return Type(accumulator(t), outer, t.unit)


@_reductions(
    "prod",
    "prod({0})",
    "Product in index order; 1 of nothing.",
    "prod(Muon.charge)",
    PROD,
    latex=r"\prod {0}",
    elsewhere=True,
)
def _prod(args: Args, attrs: Attributes) -> Type:
    t, outer = _reduced(args)
    if t.unit not in (NONE, ANY):
        raise fail(
            "unit",
            f"the unit of a product of many {t.unit} depends on how many there are",
            "divide by a unit first",
        )
    return Type(accumulator(t), outer)


def _extremum(args: Args, attrs: Attributes) -> Type:
    t, outer = _reduced(args)
    need_number(args[0], "min and max")
    assert t.axis is not None
    certain = t.axis.type.lo > 0 and t.dtype.integer and not t.optional
    return Type(t.dtype, outer, t.unit, optional=not certain)


_reductions(
    "min",
    "min({0})",
    "Least value, NaN ignored; missing of nothing.",
    "min(Jet.pt)",
    MIN,
    latex=r"\min {0}",
    elsewhere=True,
    may_miss=True,
)(_extremum)
_reductions(
    "max",
    "max({0})",
    "Greatest value, NaN ignored; missing of nothing.",
    "max(Jet.pt)",
    MAX,
    latex=r"\max {0}",
    elsewhere=True,
    may_miss=True,
)(_extremum)


@_reductions(
    "any",
    "any({0})",
    "Whether the condition holds anywhere; false of nothing.",
    "any(Muon.tightId)",
    STILL,
    elsewhere=True,
)
def _any(args: Args, attrs: Attributes) -> Type:
    _, outer = _reduced(args)
    need_condition(args[0])
    return Type(DType.BOOL, outer)


@_reductions("count", "count({0})", "How many positions an axis has.", "count(Muon)", STILL, latex="N({0})")
def _count(args: Args, attrs: Attributes) -> Type:
    return Type(DType.I64, parent_of(axis_of(args[0])))


@_missing("exists", "{0}.exists", "Whether a value or object is there.", "z.exists", STILL)
def _exists(args: Args, attrs: Attributes) -> Type:
    return Type(DType.BOOL, same_axis(args))


@_missing(
    "otherwise",
    "{0}.otherwise({1})",
    "The value, or another one where it is missing.",
    "Muon[0].pt.otherwise(0)",
    OTHERWISE,
)
def _otherwise(args: Args, attrs: Attributes) -> Type:
    t, y = args[0].type, args[1].type
    assert t.dtype is y.dtype
    return replace(t, axis=same_axis(args), unit=shared_unit(args), optional=y.optional)


TABLE = {**_missing, **_reductions}
