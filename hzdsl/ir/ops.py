"""The operations of the core: the one place where each is declared.

A declaration says how many operands there are, what they must be, what comes out (dtype, axis, unit, presence),
how it is written in text and LaTeX, and what it means, with an example. Everything else follows: a backend is one
table keyed by these names, and a test fails when a table lacks one; the reference page is generated from here.

Operands arrive unified (one axis, one dtype, one unit): `hzdsl.ir.build` lifts, casts and rescales, and everything on
the surface goes through it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING

from hzdsl.errors import HzdslError
from hzdsl.ir.types import DType, Type
from hzdsl.ir.units import ANY, NONE, Unit

if TYPE_CHECKING:
    from hzdsl.ir.node import Node

Args = tuple["Node", ...]
Attributes = Mapping[str, Hashable]
Rule = Callable[[Args, Attributes], Type]


@dataclass(frozen=True)
class Op:
    """One operation of the core.

    Parameters
    ----------
    name, family : str
        Its name, and the heading under which the reference lists it.
    infer : callable
        ``(args, attrs) -> Type``; raises where the operands do not fit.
    text, latex : str
        Spellings with ``{0}``, ``{1}`` for operands and ``{name}`` for attributes; ``{args}`` joins all operands.
    precedence : int
        Of the text spelling, by the table in LANGUAGE §6 (1 loosest, 13 an atom).
    doc, example : str
        One line each.
    """

    name: str
    family: str
    infer: Rule
    text: str
    latex: str
    precedence: int
    doc: str
    example: str


OPS: dict[str, Op] = {}


def _declare(
    name: str, family: str, text: str, doc: str, example: str, *, latex: str | None = None, precedence: int = 12
) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        OPS[name] = Op(name, family, rule, text, latex or text, precedence, doc, example)
        return rule

    return register


# ---- what a rule may demand of its operands ------------------------------------------------------------------------


def _fail(code: str, message: str, fix: str | None = None) -> HzdslError:
    return HzdslError(code, message, fix=fix)


def _axis(node: Node) -> Node:
    if not node.is_axis:
        raise _fail("dtype", "a collection is needed here, not a value", "pass the collection, e.g. Muon")
    return node


def _same_axis(args: Args) -> Node:
    axis = args[0].type.axis
    assert axis is not None, f"an axis where a value belongs: {args[0]!r}"
    assert all(a.type.axis is axis for a in args), "operands reach an operation unified: see hzdsl.ir.build"
    return axis


def _boolean(node: Node) -> None:
    if node.type.dtype is not DType.BOOL:
        raise _fail("dtype", f"a condition is needed here, not {node.type.dtype.value}", "compare it with something")


def _numeric(node: Node, what: str) -> None:
    if not node.type.dtype.numeric:
        raise _fail("dtype", f"{what} takes numbers, not {node.type.dtype.value}")


def _reference(node: Node) -> Node:
    if node.type.target is None:
        raise _fail("dtype", f"an object is needed here, not {node.type.dtype.value}")
    return node.type.target


def _parent(axis: Node) -> Node:
    assert axis.type.axis is not None
    return axis.type.axis


def _optional(args: Args) -> bool:
    return any(a.type.optional for a in args)


# ---- leaves --------------------------------------------------------------------------------------------------------


@_declare("event", "axes", "event", "The axis of the input's entries.", "count(Muon)  # @ event", precedence=13)
def _event(args: Args, attrs: Attributes) -> Type:
    return Type(DType.AXIS, lo=1, hi=1)


def _event_axis() -> Node:
    from hzdsl.ir.axes import EVENT

    return EVENT


@_declare("const", "leaves", "{value}", "A constant: i64, f64 or bool, with a unit.", "91.2 GeV", precedence=13)
def _const(args: Args, attrs: Attributes) -> Type:
    dtype, unit = attrs["dtype"], attrs["unit"]
    assert isinstance(dtype, DType)
    assert isinstance(unit, Unit)
    return Type(dtype, _event_axis(), unit)


@_declare("param", "leaves", "{name}", "A named constant that `--set` overrides at run time.", "m_Z", precedence=13)
def _param(args: Args, attrs: Attributes) -> Type:
    return _const(args, attrs)


@_declare("column", "leaves", "{name}", "A stored branch.", "Muon.pt", precedence=13)
def _column(args: Args, attrs: Attributes) -> Type:
    dtype, unit = attrs["dtype"], attrs["unit"]
    assert isinstance(dtype, DType)
    assert isinstance(unit, Unit)
    return Type(dtype, _axis(args[0]), unit)


# ---- axes ----------------------------------------------------------------------------------------------------------


@_declare("collection", "axes", "{name}", "The stored elements of a collection, as stored.", "Muon", precedence=13)
def _collection(args: Args, attrs: Attributes) -> Type:
    return Type(DType.AXIS, _axis(args[0]))


@_declare("filter", "axes", "{0}[{1}]", "The positions where a condition holds (missing is false).", "Muon[pt > 5 GeV]")
def _filter(args: Args, attrs: Attributes) -> Type:
    axis, condition = _axis(args[0]), args[1]
    _boolean(condition)
    assert condition.type.axis is axis
    return Type(DType.AXIS, _parent(axis), hi=axis.type.hi)


@_declare(
    "sort",
    "axes",
    "{0}.sort({keys})",
    "The positions ordered by ascending keys, stable; NaN and missing last.",
    "Muon.sort(-pt)",
)
def _sort(args: Args, attrs: Attributes) -> Type:
    axis = _axis(args[0])
    _keys(axis, args[1:], "sort")
    return Type(DType.AXIS, _parent(axis), lo=axis.type.lo, hi=axis.type.hi)


def _keys(axis: Node, keys: Args, what: str) -> None:
    if not keys:
        raise _fail("arguments", f"{what} needs at least one key", f"e.g. Muon.{what}(-pt)")
    for key in keys:
        _numeric(key, what)
        assert key.type.axis is axis


@_declare("slice", "axes", "{0}[{start}:{stop}]", "Positions start to stop-1 of each list.", "Muon[0:2]")
def _slice(args: Args, attrs: Attributes) -> Type:
    axis = _axis(args[0])
    start, stop = attrs["start"], attrs["stop"]
    assert isinstance(start, int)

    def length(n: int | None) -> int | None:
        end = stop if n is None else n if stop is None else min(n, int(str(stop)))
        return None if end is None else max(0, int(str(end)) - start)

    low, high = length(axis.type.lo), length(axis.type.hi)
    return Type(DType.AXIS, _parent(axis), lo=low or 0, hi=high)


@_declare(
    "choose",
    "axes",
    "combinations({0}, {n})",
    "Unordered choices of n positions that share no particle, lexicographic.",
    "pair(Muon)",
)
def _choose(args: Args, attrs: Attributes) -> Type:
    axis, n = _axis(args[0]), attrs["n"]
    assert isinstance(n, int)
    if n < 2:
        raise _fail("arguments", f"combinations of {n} make no sense", "use 2 or more")
    simple = _is_particle(axis)  # candidates may share a leg: then even the least number is open
    lo = comb(axis.type.lo, n) if simple else 0
    return Type(DType.AXIS, _parent(axis), lo=lo, hi=None if axis.type.hi is None else comb(axis.type.hi, n))


def _is_particle(axis: Node) -> bool:
    from hzdsl.ir.axes import leaf_axes

    return len(leaf_axes(axis)) == 1


@_declare(
    "product", "axes", "pair({args})", "One position of each axis, first slowest, sharing no particle.", "pair(Muon, Jet)"
)
def _product(args: Args, attrs: Attributes) -> Type:
    from hzdsl.ir.axes import finer

    shared = _parent(_axis(args[0]))
    for axis in args[1:]:
        found = finer(shared, _parent(_axis(axis)))
        if found is None:
            raise _fail("axis", "the collections of a product belong to different parents")
        shared = found
    return Type(DType.AXIS, shared)


@_declare("per", "axes", "{0}.per({1})", "For each position of the second axis, all of the first.", "Muon.per(Jet)")
def _per(args: Args, attrs: Attributes) -> Type:
    from hzdsl.ir.axes import sees

    inner, outer = _axis(args[0]), _axis(args[1])
    if not sees(outer, _parent(inner)):
        raise _fail("axis", "per needs an axis that sees the parent of the collection")
    return Type(DType.AXIS, outer, lo=inner.type.lo, hi=inner.type.hi)


# ---- references and identity ---------------------------------------------------------------------------------------


@_declare("self", "references", "{0}", "Each position of an axis as an object.", "Muon", precedence=13)
def _self(args: Args, attrs: Attributes) -> Type:
    axis = _axis(args[0])
    return Type(DType.REF, axis, target=axis)


@_declare("under", "references", "{0}", "What each position of `B.per(A)` stands for in B.", "Muon.per(Jet)", precedence=13)
def _under(args: Args, attrs: Attributes) -> Type:
    axis = _axis(args[0])
    return Type(DType.REF, axis, target=axis.args[0])


@_declare("leg", "references", "{0}.leg{k1}", "One leg of each choice or product.", "pair(Muon).leg1")
def _leg(args: Args, attrs: Attributes) -> Type:
    from hzdsl.ir.axes import leg_axes

    k = attrs["k"]
    assert isinstance(k, int)
    return Type(DType.REF, _axis(args[0]), target=leg_axes(args[0])[k])


@_declare("nth", "references", "{0}[{i}]", "The i-th position (from 0); missing where there is none.", "Muon[0]")
def _nth(args: Args, attrs: Attributes) -> Type:
    axis, i = _axis(args[0]), attrs["i"]
    assert isinstance(i, int)
    if i < 0:
        raise _fail("arguments", f"position {i} counts from the end, which has no meaning here", "sort the other way")
    return Type(DType.REF, _parent(axis), optional=axis.type.lo <= i, target=axis)


@_declare(
    "pick",
    "references",
    "{0}.{direction}({keys})",
    "The position with the least (greatest) keys, the first at ties; NaN and missing keys never.",
    "pair(Muon).argmin(abs(mass - 91.2 GeV))",
)
def _pick(args: Args, attrs: Attributes) -> Type:
    axis, direction = _axis(args[0]), attrs["direction"]
    assert direction in ("argmin", "argmax")
    _keys(axis, args[1:], str(direction))
    certain = axis.type.lo > 0 and all(k.type.dtype.integer and not k.type.optional for k in args[1:])
    return Type(DType.REF, _parent(axis), optional=not certain, target=axis)


@_declare(
    "pick_truncated",
    "references",
    "{0}.nearest_mass_truncated({2})",
    "ROOT df103's choice: nearest to a target, the best value so far kept in a C++ int starting at -1.",
    "pair(Muon).nearest_mass_truncated(91.2 GeV)",
)
def _pick_truncated(args: Args, attrs: Attributes) -> Type:
    axis, value, target = _axis(args[0]), args[1], args[2]
    assert value.type.axis is axis
    assert target.type.axis is _parent(axis)
    assert value.type.dtype is target.type.dtype is DType.F64
    return Type(DType.REF, _parent(axis), optional=True, target=axis)


@_declare("shares", "references", "shares({0}, {1})", "Whether two objects share a particle; false if one is missing.", "Muon - z")
def _shares(args: Args, attrs: Attributes) -> Type:
    for a in args:
        _reference(a)
    return Type(DType.BOOL, _same_axis(args))


@_declare("same", "references", "{0} == {1}", "Whether two objects are the same particles.", "own.lepton == loose", precedence=4)
def _same(args: Args, attrs: Attributes) -> Type:
    for a in args:
        _reference(a)
    return Type(DType.BOOL, _same_axis(args), optional=_optional(args))


# ---- moving values -------------------------------------------------------------------------------------------------


@_declare("lift", "moving values", "{0}", "A value restricted or broadcast along the lineage to a finer axis.", "Muon[tight].pt")
def _lift(args: Args, attrs: Attributes) -> Type:
    from hzdsl.ir.axes import sees

    value, axis = args
    t = value.type
    assert t.axis is not None
    assert t.axis is not axis
    assert sees(axis, t.axis)
    return Type(t.dtype, axis, t.unit, t.optional, t.target)


@_declare("take", "moving values", "{1}.({0})", "A value of an axis at the position that an object refers to.", "z.leg1.pt")
def _take(args: Args, attrs: Attributes) -> Type:
    value, reference = args
    assert value.type.axis is _reference(reference)
    t, r = value.type, reference.type
    return Type(t.dtype, r.axis, t.unit, t.optional or r.optional, t.target)


# ---- reductions and missing values ---------------------------------------------------------------------------------


def _reduced(args: Args) -> tuple[Type, Node]:
    t = args[0].type
    assert t.axis is not None
    if t.axis.type.axis is None:
        raise _fail("axis", "there is one value per event: nothing to reduce", "leave the reduction away")
    return t, t.axis.type.axis


def _accumulator(t: Type) -> DType:
    """f32 sums in f32 as RVec does, integers in 64 bits."""
    if t.dtype.floating:
        return t.dtype
    return DType.U64 if t.dtype in (DType.U32, DType.U64) else DType.I64


@_declare("sum", "reductions", "sum({0})", "Sum in index order; 0 of nothing; f32 adds in f32.", "sum(Jet.pt)", latex=r"\sum {0}")
def _sum(args: Args, attrs: Attributes) -> Type:
    t, outer = _reduced(args)
    return Type(_accumulator(t), outer, t.unit)


@_declare("prod", "reductions", "prod({0})", "Product in index order; 1 of nothing.", "prod(Jet.weight)", latex=r"\prod {0}")
def _prod(args: Args, attrs: Attributes) -> Type:
    t, outer = _reduced(args)
    if not t.unit.dimensionless:
        raise _fail("unit", f"the unit of a product of many {t.unit} depends on how many there are", "divide by a unit first")
    return Type(_accumulator(t), outer)


def _extremum(args: Args, attrs: Attributes) -> Type:
    t, outer = _reduced(args)
    _numeric(args[0], "min and max")
    assert t.axis is not None
    certain = t.axis.type.lo > 0 and t.dtype.integer and not t.optional
    return Type(t.dtype, outer, t.unit, optional=not certain)


_declare("min", "reductions", "min({0})", "Least value, NaN ignored; missing of nothing.", "min(Jet.pt)", latex=r"\min {0}")(_extremum)
_declare("max", "reductions", "max({0})", "Greatest value, NaN ignored; missing of nothing.", "max(Jet.pt)", latex=r"\max {0}")(
    _extremum
)


@_declare("any", "reductions", "any({0})", "Whether the condition holds anywhere; false of nothing.", "any(Muon.tightId)")
def _any(args: Args, attrs: Attributes) -> Type:
    _, outer = _reduced(args)
    _boolean(args[0])
    return Type(DType.BOOL, outer)


@_declare("count", "reductions", "count({0})", "How many positions an axis has.", "count(Muon)", latex="N({0})")
def _count(args: Args, attrs: Attributes) -> Type:
    return Type(DType.I64, _parent(_axis(args[0])))


@_declare("exists", "missing", "{0}.exists", "Whether a value or object is there.", "z.exists")
def _exists(args: Args, attrs: Attributes) -> Type:
    return Type(DType.BOOL, _same_axis(args))


@_declare("otherwise", "missing", "{0}.otherwise({1})", "The value, or another one where it is missing.", "fsr.pt.otherwise(0)")
def _otherwise(args: Args, attrs: Attributes) -> Type:
    t, y = args[0].type, args[1].type
    assert t.dtype is y.dtype
    return Type(t.dtype, _same_axis(args), _unit(args), y.optional)


# ---- decisions and arithmetic --------------------------------------------------------------------------------------


def _unit(args: Args) -> Unit:
    units = {a.type.unit for a in args} - {ANY}
    assert len(units) <= 1, "operands reach an operation in one unit: see hzdsl.ir.build"
    return units.pop() if units else ANY


def _logic(args: Args, attrs: Attributes) -> Type:
    for a in args:
        _boolean(a)
    return Type(DType.BOOL, _same_axis(args), optional=_optional(args))


_declare("and", "decisions", "{0} and {1}", "Both; decided by one operand where it suffices.", "a and b", latex=r"{0} \wedge {1}", precedence=2)(
    _logic
)
_declare("or", "decisions", "{0} or {1}", "Either; decided by one operand where it suffices.", "a or b", latex=r"{0} \vee {1}", precedence=1)(
    _logic
)


@_declare("not", "decisions", "not {0}", "The opposite; refused on what may be missing.", "not Muon.tightId", latex=r"\neg {0}", precedence=3)
def _not(args: Args, attrs: Attributes) -> Type:
    _boolean(args[0])
    if args[0].type.optional:
        raise _fail(
            "missing-value",
            "the opposite of a condition that may be missing is not defined",
            "say what missing means: .otherwise(True) or .otherwise(False)",
        )
    return Type(DType.BOOL, _same_axis(args))


@_declare("where", "decisions", "where({0}, {1}, {2})", "One of two values, by a condition.", "where(flavor == 13, 5 GeV, 7 GeV)")
def _where(args: Args, attrs: Attributes) -> Type:
    _boolean(args[0])
    x, y = args[1].type, args[2].type
    assert x.dtype is y.dtype
    assert x.target is y.target
    return Type(x.dtype, _same_axis(args), _unit(args[1:]), _optional(args), x.target)


def _comparison(args: Args, attrs: Attributes) -> Type:
    assert args[0].type.dtype is args[1].type.dtype
    _unit(args)
    return Type(DType.BOOL, _same_axis(args), optional=_optional(args))


_declare("eq", "decisions", "{0} == {1}", "Equal.", "charge == 1", latex="{0} = {1}", precedence=4)(_comparison)
_declare("lt", "decisions", "{0} < {1}", "Less than.", "abs(eta) < 2.4", precedence=4)(_comparison)
_declare("le", "decisions", "{0} <= {1}", "Less than or equal.", "0.02 <= delta_r(a, b)", latex=r"{0} \leq {1}", precedence=4)(_comparison)


def _sum_like(args: Args, attrs: Attributes) -> Type:
    assert args[0].type.dtype is args[1].type.dtype
    return Type(args[0].type.dtype, _same_axis(args), _unit(args), _optional(args))


_declare("add", "arithmetic", "{0} + {1}", "Sum; integers wrap.", "a + b", precedence=8)(_sum_like)
_declare("sub", "arithmetic", "{0} - {1}", "Difference; integers wrap.", "a - b", precedence=8)(_sum_like)


@_declare("mul", "arithmetic", "{0}*{1}", "Product; integers wrap.", "a*b", latex=r"{0} \, {1}", precedence=9)
def _mul(args: Args, attrs: Attributes) -> Type:
    assert args[0].type.dtype is args[1].type.dtype
    return Type(args[0].type.dtype, _same_axis(args), args[0].type.unit * args[1].type.unit, _optional(args))


@_declare("div", "arithmetic", "{0} / {1}", "Quotient, always floating.", "a / b", latex=r"\frac{{{0}}}{{{1}}}", precedence=9)
def _div(args: Args, attrs: Attributes) -> Type:
    assert args[0].type.dtype is args[1].type.dtype
    assert args[0].type.dtype.floating
    return Type(args[0].type.dtype, _same_axis(args), args[0].type.unit / args[1].type.unit, _optional(args))


_declare("mod", "arithmetic", "{0} % {1}", "Remainder with the sign of the divisor; of an integer by 0: 0.", "phi % 2", precedence=9)(_sum_like)


def _unary(args: Args, attrs: Attributes) -> Type:
    t = args[0].type
    _numeric(args[0], "arithmetic")
    return Type(t.dtype, t.axis, t.unit, t.optional)


_declare("neg", "arithmetic", "-{0}", "Opposite sign.", "-pt", precedence=10)(_unary)
_declare("abs", "arithmetic", "abs({0})", "Absolute value.", "abs(eta)", latex=r"\left| {0} \right|")(_unary)


@_declare("pow", "arithmetic", "{0}**{1}", "C's pow, in f64.", "x**0.5", latex="{{{0}}}^{{{1}}}", precedence=11)
def _pow(args: Args, attrs: Attributes) -> Type:
    assert all(a.type.dtype is DType.F64 for a in args)
    base, exponent = args
    if not exponent.type.unit.dimensionless:
        raise _fail("unit", f"an exponent is a plain number, not {exponent.type.unit}")
    unit = NONE if base.type.unit.dimensionless else base.type.unit ** _constant_exponent(exponent)
    return Type(DType.F64, _same_axis(args), unit, _optional(args))


def _constant_exponent(exponent: Node) -> Fraction:
    from hzdsl.ir.node import bits_float

    at = exponent
    while at.op == "lift":
        at = at.args[0]
    if at.op != "const":
        raise _fail("unit", "a quantity with a unit can only be raised to a constant power", "divide by a unit first")
    return Fraction(bits_float(at.number("bits"))).limit_denominator(1000)


@_declare("cast", "arithmetic", "{0}.as_{dtype}()", "Another numeric type; to integers it truncates and saturates, NaN is 0.", "h.mass.as_f32()")
def _cast(args: Args, attrs: Attributes) -> Type:
    t, dtype = args[0].type, attrs["dtype"]
    assert isinstance(dtype, DType)
    return Type(dtype, t.axis, t.unit, t.optional)


# ---- functions -----------------------------------------------------------------------------------------------------

#: Unit rules of the functions of one number.
PLAIN, ROOT, KEEP, TO_NUMBER, TO_BOOL = "plain", "root", "keep", "number", "bool"


@dataclass(frozen=True)
class Function:
    """A function of the `math` table: its C name (f64; the f32 one has an ``f`` appended), unit rule, LaTeX and doc."""

    c_name: str
    unit_rule: str
    latex: str
    doc: str


MATH: dict[str, Function] = {
    "sqrt": Function("sqrt", ROOT, r"\sqrt{{{0}}}", "Square root."),
    "exp": Function("exp", PLAIN, r"e^{{{0}}}", "Exponential."),
    "log": Function("log", PLAIN, r"\ln {0}", "Natural logarithm."),
    "log10": Function("log10", PLAIN, r"\log_{{10}} {0}", "Decimal logarithm."),
    "log1p": Function("log1p", PLAIN, r"\ln(1 + {0})", "Logarithm of 1 + x."),
    "expm1": Function("expm1", PLAIN, r"e^{{{0}}} - 1", "Exponential minus 1."),
    "sin": Function("sin", PLAIN, r"\sin {0}", "Sine."),
    "cos": Function("cos", PLAIN, r"\cos {0}", "Cosine."),
    "tan": Function("tan", PLAIN, r"\tan {0}", "Tangent."),
    "asin": Function("asin", PLAIN, r"\arcsin {0}", "Inverse sine."),
    "acos": Function("acos", PLAIN, r"\arccos {0}", "Inverse cosine."),
    "atan": Function("atan", PLAIN, r"\arctan {0}", "Inverse tangent."),
    "sinh": Function("sinh", PLAIN, r"\sinh {0}", "Hyperbolic sine."),
    "cosh": Function("cosh", PLAIN, r"\cosh {0}", "Hyperbolic cosine."),
    "tanh": Function("tanh", PLAIN, r"\tanh {0}", "Hyperbolic tangent."),
    "asinh": Function("asinh", PLAIN, r"\operatorname{{arsinh}} {0}", "Inverse hyperbolic sine."),
    "acosh": Function("acosh", PLAIN, r"\operatorname{{arcosh}} {0}", "Inverse hyperbolic cosine."),
    "atanh": Function("atanh", PLAIN, r"\operatorname{{artanh}} {0}", "Inverse hyperbolic tangent."),
    "floor": Function("floor", PLAIN, r"\lfloor {0} \rfloor", "Next lower whole number."),
    "ceil": Function("ceil", PLAIN, r"\lceil {0} \rceil", "Next higher whole number."),
    "round": Function("rint", PLAIN, r"\operatorname{{round}} {0}", "Nearest whole number, half to even."),
    "sign": Function("", TO_NUMBER, r"\operatorname{{sgn}} {0}", "-1, 0 or 1; NaN stays."),
    "isfinite": Function("", TO_BOOL, r"|{0}| < \infty", "Neither NaN nor infinite."),
}


@_declare("math", "functions", "{name}({0})", "A function of one number, from the C library.", "sqrt(x)")
def _math(args: Args, attrs: Attributes) -> Type:
    t, name = args[0].type, str(attrs["name"])
    assert t.dtype.floating
    rule = MATH[name].unit_rule
    if rule == PLAIN and not t.unit.dimensionless:
        raise _fail("unit", f"{name} takes a plain number, not {t.unit}", f"divide by a unit: {name}(x/{t.unit})")
    if rule == TO_BOOL:
        return Type(DType.BOOL, t.axis, optional=t.optional)
    unit = {ROOT: t.unit ** Fraction(1, 2), KEEP: t.unit}.get(rule, NONE)
    return Type(t.dtype, t.axis, unit, t.optional)


@_declare("atan2", "functions", "atan2({0}, {1})", "Angle of the point (x, y), given y and x.", "atan2(py, px)", latex=r"\arctan_2({0}, {1})")
def _atan2(args: Args, attrs: Attributes) -> Type:
    _sum_like(args, attrs)
    return Type(args[0].type.dtype, _same_axis(args), optional=_optional(args))


_declare("hypot", "functions", "hypot({0}, {1})", "Square root of the sum of two squares, from the C library.", "hypot(px, py)")(_sum_like)

BITS = {"and": "&", "or": "|", "xor": "^", "shl": "<<", "shr": ">>"}


@_declare("bit", "functions", "{0} {symbol} {1}", "Bits of integers; a shift by the width or more gives 0.", "flags & 4", precedence=6)
def _bit(args: Args, attrs: Attributes) -> Type:
    if not args[0].type.dtype.integer:
        raise _fail("dtype", f"bit operations take integers, not {args[0].type.dtype.value}")
    assert args[0].type.dtype is args[1].type.dtype
    return Type(args[0].type.dtype, _same_axis(args), optional=_optional(args))
