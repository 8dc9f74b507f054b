"""Functions of numbers, by the C library, and bits."""

from __future__ import annotations

from fractions import Fraction

from hzdsl.ir.ops.declare import Args, Attributes, Declarations, any_optional, fail, like_sum, same_axis
from hzdsl.ir.types import DType, Type
from hzdsl.ir.units import ANY, NONE
from hzdsl.records import dataclass

_functions = Declarations("functions")


#: Unit rules of the functions of one number.
PLAIN, ROOT, TO_NUMBER, TO_BOOL = "plain", "root", "number", "bool"


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
    "expm1": Function("expm1", PLAIN, r"(e^{{{0}}} - 1)", "Exponential minus 1."),
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
    "erf": Function("erf", PLAIN, r"\operatorname{{erf}} {0}", "Error function."),
    "erfc": Function("erfc", PLAIN, r"\operatorname{{erfc}} {0}", "1 minus the error function, accurate in its tail."),
    "floor": Function("floor", PLAIN, r"\lfloor {0} \rfloor", "Next lower whole number."),
    "ceil": Function("ceil", PLAIN, r"\lceil {0} \rceil", "Next higher whole number."),
    "round": Function("rint", PLAIN, r"\operatorname{{round}} {0}", "Nearest whole number, half to even."),
    "sign": Function("", TO_NUMBER, r"\operatorname{{sgn}} {0}", "-1, 0 or 1; NaN stays."),
    "isfinite": Function("", TO_BOOL, r"\left| {0} \right| < \infty", "Neither NaN nor infinite."),
}


@_functions(
    "math", "{name}({0})", "A function of one number, from the C library.", "sqrt(Muon.pt)", strict=True, costly=True
)
def _math(args: Args, attrs: Attributes) -> Type:
    t, name = args[0].type, str(attrs["name"])
    assert t.dtype.floating
    rule = MATH[name].unit_rule
    if rule == PLAIN and t.unit not in (NONE, ANY):
        raise fail("unit", f"{name} takes a plain number, not {t.unit}", f"divide by a unit: {name}(x/{t.unit})")
    if rule == TO_BOOL:
        return Type(DType.BOOL, t.axis, optional=t.optional)
    unit = t.unit ** Fraction(1, 2) if rule == ROOT else NONE
    return Type(t.dtype, t.axis, unit, t.optional)


@_functions(
    "atan2",
    "atan2({0}, {1})",
    "Angle of the point (x, y), given y and x.",
    "atan2(Muon.py, Muon.px)",
    latex=r"\operatorname{{arctan2}}({0}, {1})",
    strict=True,
    costly=True,
)
def _atan2(args: Args, attrs: Attributes) -> Type:
    like_sum(args, attrs)
    return Type(args[0].type.dtype, same_axis(args), optional=any_optional(args))


_functions(
    "hypot",
    "hypot({0}, {1})",
    "Square root of the sum of two squares, from the C library.",
    "hypot(Muon.px, Muon.py)",
    latex=r"\sqrt{{{{{0}}}^2 + {{{1}}}^2}}",
    strict=True,
    costly=True,
)(like_sum)


@_functions(
    "faddeeva",
    "faddeeva_{part}({0}, {1})",
    "A part of Faddeeva's function w(x + iy) = exp(-z²) erfc(-iz), in f64.",
    "faddeeva_real(Muon.eta, 1.5)",
    strict=True,
    costly=True,
)
def _faddeeva(args: Args, attrs: Attributes) -> Type:
    assert attrs["part"] in PARTS
    for a in args:
        assert a.type.dtype is DType.F64
        if a.type.unit not in (NONE, ANY):
            raise fail("unit", f"faddeeva takes plain numbers, not {a.type.unit}", f"divide by a unit: x/{a.type.unit}")
    return Type(DType.F64, same_axis(args), optional=any_optional(args))


#: The parts of a complex number, by the words that functions of one end with.
PARTS = ("real", "imag")

BITS = {"and": "&", "or": "|", "xor": "^", "shl": "<<", "shr": ">>"}


@_functions(
    "bit",
    "{0} {symbol} {1}",
    "Bits of integers; a shift by the width or more gives 0.",
    "Muon.pfIsoId & 4",
    precedence=6,
    strict=True,
)
def _bit(args: Args, attrs: Attributes) -> Type:
    if not args[0].type.dtype.integer:
        raise fail("dtype", f"bit operations take integers, not {args[0].type.dtype.value}")
    assert args[0].type.dtype is args[1].type.dtype
    return Type(args[0].type.dtype, same_axis(args), optional=any_optional(args))


TABLE = {**_functions}
