"""Functions of numbers, by the C library, and bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from hzdsl.ir.algebra import function, minus, negative, number, over, plus, squared, times
from hzdsl.ir.node import Node
from hzdsl.ir.ops.declare import STILL, Args, Attributes, Declarations, any_optional, fail, like_sum, same_axis
from hzdsl.ir.ops.derivatives import ATAN2, FADDEEVA, HYPOT, MATHS
from hzdsl.ir.types import DType, Type
from hzdsl.ir.units import ANY, NONE
from hzdsl.records import dataclass

_functions = Declarations("functions")


#: The derivative of a function, given x and the function of x.
Slope = Callable[[Node, Node], Node]
_STAIRS = "it is a staircase"


def _one() -> Node:
    return number(1)


def _arc(x: Node) -> Node:
    """sqrt(1 - x²), without cancellation at ±1."""
    return function("sqrt", times(minus(_one(), x), plus(_one(), x)))


#: Unit rules of the functions of one number.
PLAIN, ROOT, TO_NUMBER, TO_BOOL = "plain", "root", "number", "bool"


@dataclass(frozen=True)
class Function:
    """A function of the `math` table.

    Its C name (f64; the f32 one has an ``f`` appended), unit rule, LaTeX and doc; its slope, given x and the function's
    node (None: it does not move when x moves a little), or why it has none.
    """

    c_name: str
    unit_rule: str
    latex: str
    doc: str
    slope: Slope | None = None
    refused: str = ""


MATH: dict[str, Function] = {
    "sqrt": Function("sqrt", ROOT, r"\sqrt{{{0}}}", "Square root.", lambda x, f: over(number(0.5), f)),
    "exp": Function("exp", PLAIN, r"e^{{{0}}}", "Exponential.", lambda x, f: f),
    "log": Function("log", PLAIN, r"\ln {0}", "Natural logarithm.", lambda x, f: over(_one(), x)),
    "log10": Function(
        "log10", PLAIN, r"\log_{{10}} {0}", "Decimal logarithm.", lambda x, f: over(number(1 / math.log(10)), x)
    ),
    "log1p": Function(
        "log1p", PLAIN, r"\ln(1 + {0})", "Logarithm of 1 + x.", lambda x, f: over(_one(), plus(_one(), x))
    ),
    "expm1": Function("expm1", PLAIN, r"(e^{{{0}}} - 1)", "Exponential minus 1.", lambda x, f: function("exp", x)),
    "sin": Function("sin", PLAIN, r"\sin {0}", "Sine.", lambda x, f: function("cos", x)),
    "cos": Function("cos", PLAIN, r"\cos {0}", "Cosine.", lambda x, f: negative(function("sin", x))),
    "tan": Function("tan", PLAIN, r"\tan {0}", "Tangent.", lambda x, f: plus(_one(), squared(f))),
    "asin": Function("asin", PLAIN, r"\arcsin {0}", "Inverse sine.", lambda x, f: over(_one(), _arc(x))),
    "acos": Function("acos", PLAIN, r"\arccos {0}", "Inverse cosine.", lambda x, f: over(number(-1), _arc(x))),
    "atan": Function(
        "atan", PLAIN, r"\arctan {0}", "Inverse tangent.", lambda x, f: over(_one(), plus(_one(), squared(x)))
    ),
    "sinh": Function("sinh", PLAIN, r"\sinh {0}", "Hyperbolic sine.", lambda x, f: function("cosh", x)),
    "cosh": Function("cosh", PLAIN, r"\cosh {0}", "Hyperbolic cosine.", lambda x, f: function("sinh", x)),
    "tanh": Function(
        "tanh", PLAIN, r"\tanh {0}", "Hyperbolic tangent.", lambda x, f: over(_one(), squared(function("cosh", x)))
    ),
    "asinh": Function(
        "asinh",
        PLAIN,
        r"\operatorname{{arsinh}} {0}",
        "Inverse hyperbolic sine.",
        lambda x, f: over(_one(), function("sqrt", plus(squared(x), _one()))),
    ),
    "acosh": Function(
        "acosh",
        PLAIN,
        r"\operatorname{{arcosh}} {0}",
        "Inverse hyperbolic cosine.",
        lambda x, f: over(_one(), function("sqrt", times(minus(x, _one()), plus(x, _one())))),
    ),
    "atanh": Function(
        "atanh",
        PLAIN,
        r"\operatorname{{artanh}} {0}",
        "Inverse hyperbolic tangent.",
        lambda x, f: over(_one(), times(minus(_one(), x), plus(_one(), x))),
    ),
    "erf": Function(
        "erf",
        PLAIN,
        r"\operatorname{{erf}} {0}",
        "Error function.",
        lambda x, f: times(number(2 / math.sqrt(math.pi)), function("exp", negative(squared(x)))),
    ),
    "erfc": Function(
        "erfc",
        PLAIN,
        r"\operatorname{{erfc}} {0}",
        "1 minus the error function, accurate in its tail.",
        lambda x, f: times(number(-2 / math.sqrt(math.pi)), function("exp", negative(squared(x)))),
    ),
    "floor": Function("floor", PLAIN, r"\lfloor {0} \rfloor", "Next lower whole number.", refused=_STAIRS),
    "ceil": Function("ceil", PLAIN, r"\lceil {0} \rceil", "Next higher whole number.", refused=_STAIRS),
    "round": Function(
        "rint", PLAIN, r"\operatorname{{round}} {0}", "Nearest whole number, half to even.", refused=_STAIRS
    ),
    "sign": Function("", TO_NUMBER, r"\operatorname{{sgn}} {0}", "-1, 0 or 1; NaN stays."),
    "isfinite": Function("", TO_BOOL, r"\left| {0} \right| < \infty", "Neither NaN nor infinite."),
}


@_functions(
    "math",
    "{name}({0})",
    "A function of one number, from the C library.",
    "sqrt(Muon.pt)",
    MATHS,
    strict=True,
    costly=True,
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
    ATAN2,
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
    HYPOT,
    latex=r"\sqrt{{{{{0}}}^2 + {{{1}}}^2}}",
    strict=True,
    costly=True,
)(like_sum)


@_functions(
    "faddeeva",
    "faddeeva_{part}({0}, {1})",
    "A part of Faddeeva's function w(x + iy) = exp(-z²) erfc(-iz), in f64.",
    "faddeeva_real(Muon.eta, 1.5)",
    FADDEEVA,
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
    STILL,
    precedence=6,
    strict=True,
)
def _bit(args: Args, attrs: Attributes) -> Type:
    if not args[0].type.dtype.integer:
        raise fail("dtype", f"bit operations take integers, not {args[0].type.dtype.value}")
    assert args[0].type.dtype is args[1].type.dtype
    return Type(args[0].type.dtype, same_axis(args), optional=any_optional(args))


TABLE = {**_functions}
