"""Decisions and arithmetic."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hzdsl.ir.node import Node, bits_float
from hzdsl.ir.ops.declare import (
    STILL,
    Args,
    Attributes,
    Declarations,
    any_optional,
    fail,
    like_sum,
    need_condition,
    need_number,
    same_axis,
    shared_unit,
)
from hzdsl.ir.ops.derivatives import ABS, ADD, CAST, DIV, MOD, MUL, NEG, POW, SUB, WHERE
from hzdsl.ir.types import DType, Type
from hzdsl.ir.units import ANY, NONE
from hzdsl.ir.walk import bare

_arithmetic = Declarations("arithmetic")
_decisions = Declarations("decisions")


def _logic(args: Args, attrs: Attributes) -> Type:
    for a in args:
        need_condition(a)
    return Type(DType.BOOL, same_axis(args), optional=any_optional(args))


_decisions(
    "and",
    "{0} and {1}",
    "Both; decided by one operand where it suffices.",
    "Muon.tightId and Muon.pt > 5 GeV",
    STILL,
    latex=r"{0} \wedge {1}",
    precedence=2,
)(_logic)
_decisions(
    "or",
    "{0} or {1}",
    "Either; decided by one operand where it suffices.",
    "Muon.tightId or Muon.pt > 20 GeV",
    STILL,
    latex=r"{0} \vee {1}",
    precedence=1,
)(_logic)


@_decisions(
    "not",
    "not {0}",
    "The opposite; refused on what may be missing.",
    "not Muon.tightId",
    STILL,
    latex=r"\neg {0}",
    precedence=3,
    strict=True,
)
def _not(args: Args, attrs: Attributes) -> Type:
    need_condition(args[0])
    if args[0].type.optional:
        raise fail(
            "missing-value",
            "the opposite of a condition that may be missing is not defined",
            "say what missing means: .otherwise(True) or .otherwise(False)",
        )
    return Type(DType.BOOL, same_axis(args))


@_decisions(
    "where",
    "where({0}, {1}, {2})",
    "One of two values, by a condition.",
    "where(Muon.tightId, 5 GeV, 7 GeV)",
    WHERE,
)
def _where(args: Args, attrs: Attributes) -> Type:
    need_condition(args[0])
    x, y = args[1].type, args[2].type
    assert x.dtype is y.dtype
    assert x.target is y.target
    if x.labels != y.labels:
        raise fail("dtype", f"where mixes labels of two categories: {x.labels}, {y.labels}")
    return replace(x, axis=same_axis(args), unit=shared_unit(args[1:]), optional=any_optional(args))


@_decisions(
    "category",
    "category({args})",
    "The label of the first condition that holds; missing where none does.",
    "category(few = count(Muon) < 2, many = count(Muon) >= 2)",
    STILL,
    may_miss=True,
)
def _category(args: Args, attrs: Attributes) -> Type:
    for a in args:
        need_condition(a)
    labels = attrs["labels"]
    assert isinstance(labels, tuple)
    assert len(labels) == len(args)
    return Type(DType.LABEL, same_axis(args), optional=True, labels=labels)


def _comparison(args: Args, attrs: Attributes) -> Type:
    assert args[0].type.dtype is args[1].type.dtype
    shared_unit(args)
    return Type(DType.BOOL, same_axis(args), optional=any_optional(args))


_decisions(
    "eq", "{0} == {1}", "Equal.", "Muon.charge == 1", STILL, latex="{0} = {1}", precedence=4, strict=True, compares=True
)(_comparison)
_decisions("lt", "{0} < {1}", "Less than.", "abs(Muon.eta) < 2.4", STILL, precedence=4, strict=True, compares=True)(
    _comparison
)
_decisions(
    "le",
    "{0} <= {1}",
    "Less than or equal.",
    "Muon.pt <= 20 GeV",
    STILL,
    latex=r"{0} \leq {1}",
    precedence=4,
    strict=True,
    compares=True,
)(_comparison)


_arithmetic(
    "add", "{0} + {1}", "Sum; integers wrap.", "z.leg1.pt + z.leg2.pt", ADD, precedence=8, strict=True, one_unit=True
)(like_sum)
_arithmetic(
    "sub", "{0} - {1}", "Difference; integers wrap.", "Muon.eta - 1.5", SUB, precedence=8, strict=True, one_unit=True
)(like_sum)


@_arithmetic(
    "mul",
    "{0}*{1}",
    "Product; integers wrap.",
    "2*Muon.pt",
    MUL,
    latex=r"{0} \, {1}",
    precedence=9,
    strict=True,
    multiplies=True,
)
def _mul(args: Args, attrs: Attributes) -> Type:
    assert args[0].type.dtype is args[1].type.dtype
    return Type(args[0].type.dtype, same_axis(args), args[0].type.unit * args[1].type.unit, any_optional(args))


@_arithmetic(
    "div",
    "{0} / {1}",
    "Quotient, always floating.",
    "Muon.pt / MET.pt",
    DIV,
    latex=r"\frac{{{0}}}{{{1}}}",
    precedence=9,
    strict=True,
    multiplies=True,
)
def _div(args: Args, attrs: Attributes) -> Type:
    assert args[0].type.dtype is args[1].type.dtype
    assert args[0].type.dtype.floating
    return Type(args[0].type.dtype, same_axis(args), args[0].type.unit / args[1].type.unit, any_optional(args))


_arithmetic(
    "mod",
    "{0} % {1}",
    "Remainder with the sign of the divisor; of an integer by 0: 0.",
    "Muon.phi % 2",
    MOD,
    latex=r"{0} \;\mathrm{{mod}}\; {1}",
    precedence=9,
    strict=True,
    one_unit=True,
    costly=True,
)(like_sum)


def _unary(args: Args, attrs: Attributes) -> Type:
    t = args[0].type
    need_number(args[0], "arithmetic")
    return Type(t.dtype, t.axis, t.unit, t.optional)


_arithmetic("neg", "-{0}", "Opposite sign.", "-Muon.pt", NEG, precedence=10, strict=True)(_unary)
_arithmetic("abs", "abs({0})", "Absolute value.", "abs(Muon.eta)", ABS, latex=r"\left| {0} \right|", strict=True)(
    _unary
)


@_arithmetic(
    "pow",
    "{0}**{1}",
    "C's pow, in f64.",
    "Muon.eta**0.5",
    POW,
    latex="{{{0}}}^{{{1}}}",
    precedence=11,
    strict=True,
    costly=True,
)
def _pow(args: Args, attrs: Attributes) -> Type:
    assert all(a.type.dtype is DType.F64 for a in args)
    base, exponent = args
    if exponent.type.unit not in (NONE, ANY):
        raise fail("unit", f"an exponent is a plain number, not {exponent.type.unit}")
    unit = NONE if base.type.unit in (NONE, ANY) else base.type.unit ** _constant_exponent(exponent)
    return Type(DType.F64, same_axis(args), unit, any_optional(args))


def _constant_exponent(exponent: Node) -> Fraction:
    at = bare(exponent)
    if at.op != "const":
        raise fail("unit", "a quantity with a unit can only be raised to a constant power", "divide by a unit first")
    return Fraction(bits_float(at.number("bits"))).limit_denominator(1000)


@_arithmetic(
    "cast",
    "{0}.as_{dtype}()",
    "Another numeric type; to integers it truncates and saturates, NaN is 0. Of an element its place in its list.",
    "z.mass.as_f32()",
    CAST,
    strict=True,
    implied=True,
)
def _cast(args: Args, attrs: Attributes) -> Type:
    t, dtype = args[0].type, attrs["dtype"]
    assert isinstance(dtype, DType)
    assert dtype.numeric, "a condition comes from a comparison, never from a cast"
    if t.target is not None:
        assert t.target.op == "collection"
        assert dtype is DType.I64
    return Type(dtype, t.axis, t.unit, t.optional)


TABLE = {**_arithmetic, **_decisions}
