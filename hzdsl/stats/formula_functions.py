"""The functions and constants that formulas of ROOT may use, as nodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from hzdsl.ir.algebra import (
    apply,
    chosen,
    function,
    larger,
    less,
    minus,
    negative,
    number,
    over,
    plus,
    power,
    smaller,
    squared,
    times,
)
from hzdsl.ir.node import Node
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Function:
    """How a function is computed, from how many arguments, and whether it is whole (an int of C++) where they all are.

    `defaults` stand for arguments that are left out.
    """

    made: Callable[..., Node]
    least: int = 1
    defaults: tuple[float, ...] = ()
    whole: bool = False

    @property
    def most(self) -> int:
        """The largest number of arguments."""
        return self.least + len(self.defaults)


def truncated(x: Node) -> Node:
    """Return the whole part, towards 0, as C++ makes an int of a double."""
    return chosen(less(x, number(0)), function("ceil", x), function("floor", x))


def _least(a: Node, b: Node) -> Node:
    """TMath::Min: the first where it is no more, so that a NaN keeps the second."""
    return chosen(apply("le", a, b), a, b)


def _largest(a: Node, b: Node) -> Node:
    """TMath::Max: the first where it is no less."""
    return chosen(apply("le", b, a), a, b)


def _signed(a: Node, b: Node) -> Node:
    """TMath::Sign: |a| with the sign of b."""
    size = apply("abs", a)
    return chosen(less(b, number(0)), negative(size), size)


def _normal(x: Node, mean: Node, sigma: Node) -> Node:
    """exp(-½((x - mean)/σ)²)."""
    return function("exp", times(number(-0.5), squared(over(minus(x, mean), sigma))))


def _density(x: Node, sigma: Node, mean: Node) -> Node:
    """ROOT::Math::normal_pdf."""
    return over(_normal(x, mean, sigma), times(number(math.sqrt(2 * math.pi)), sigma))


def _distribution(x: Node, sigma: Node, mean: Node) -> Node:
    """ROOT::Math::normal_cdf, accurate in its tail."""
    return times(number(0.5), function("erfc", over(minus(mean, x), times(number(math.sqrt(2)), sigma))))


def _gaus(x: Node, mean: Node, sigma: Node, normalized: Node) -> Node:
    """TMath::Gaus, which is not normalised unless it is told to be."""
    norm = chosen(apply("eq", normalized, number(0)), number(1), times(number(math.sqrt(2 * math.pi)), sigma))
    return over(_normal(x, mean, sigma), norm)


def _breit_wigner(x: Node, mean: Node, gamma: Node) -> Node:
    """TMath::BreitWigner: a Cauchy density of full width gamma."""
    bottom = plus(squared(minus(x, mean)), times(number(0.25), squared(gamma)))
    return over(times(gamma, number(0.5 / math.pi)), bottom)


def _log2(x: Node) -> Node:
    return times(function("log", x), number(1 / math.log(2)))


_OF_ONE = (
    *("exp", "log", "log10", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "floor", "ceil"),
)
_BASIC: Mapping[str, Function] = MappingProxyType(
    {
        **{name: Function(partial(function, name)) for name in _OF_ONE},
        "log2": Function(_log2),
        "abs": Function(partial(apply, "abs"), whole=True),
        "pow": Function(power, 2),
        "min": Function(smaller, 2, whole=True),
        "max": Function(larger, 2, whole=True),
        "atan2": Function(partial(apply, "atan2"), 2),
        "hypot": Function(partial(apply, "hypot"), 2),
    }
)
#: TMath's names of these.
_TMATH = {
    **{name.capitalize(): name for name in ("exp", "log", "log10", "log2", "sqrt", "sin", "cos", "tan", "abs")},
    **{name.capitalize(): name for name in ("erf", "erfc", "floor", "ceil", "hypot")},
    **{f"A{name[1:].capitalize()}": name for name in ("asin", "acos", "atan")},
    **{f"{name[:-1].capitalize()}H": name for name in ("sinh", "cosh", "tanh")},
    **{f"A{name[1:-1].capitalize()}H": name for name in ("asinh", "acosh", "atanh")},
    **{"ATan2": "atan2", "Power": "pow"},
}
FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        **_BASIC,
        **{f"std::{name}": f for name, f in _BASIC.items()},
        **{f"TMath::{name}": _BASIC[of] for name, of in _TMATH.items()},
        "TMath::Min": Function(_least, 2, whole=True),
        "TMath::Max": Function(_largest, 2, whole=True),
        "fabs": Function(partial(apply, "abs")),
        "sq": Function(squared),
        "int": Function(truncated, whole=True),
        "TMath::Sq": Function(squared),
        "TMath::Sign": Function(_signed, 2),
        "TMath::Gaus": Function(_gaus, 1, (0.0, 1.0, 0.0)),
        "TMath::BreitWigner": Function(_breit_wigner, 1, (0.0, 1.0)),
        "ROOT::Math::erf": _BASIC["erf"],
        "ROOT::Math::normal_pdf": Function(_density, 1, (1.0, 0.0)),
        "ROOT::Math::normal_cdf": Function(_distribution, 1, (1.0, 0.0)),
        "TMath::Freq": Function(lambda x: _distribution(x, number(1), number(0))),
        "ROOT::Math::gaussian_pdf": Function(_density, 1, (1.0, 0.0)),
        **{
            f"TMath::{name}": Function(partial(number, value), 0)
            for name, value in (
                *(("Pi", math.pi), ("TwoPi", 2 * math.pi), ("PiOver2", math.pi / 2), ("E", math.e)),
                *(("Ln10", math.log(10)), ("Sqrt2", math.sqrt(2))),
            )
        },
    }
)
#: Names that stand for numbers where no argument is called so; `true` and `false` are whole.
CONSTANTS: Mapping[str, float] = MappingProxyType(
    {
        **{"pi": math.pi, "e": math.e, "sqrt2": math.sqrt(2), "ln10": math.log(10), "loge": math.log10(math.e)},
        **{"true": 1, "false": 0, "kTRUE": 1, "kFALSE": 0},
    }
)
