"""Functions of values that densities are made of, accurate where the textbook's formula is not.

Each is an expression whose untaken branches are finite, so that neither it nor its derivatives are NaN anywhere.
"""

from __future__ import annotations

import math
from typing import Any

from hzdsl.ir import build
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.lang.values import Value

exp, log, log1p, sqrt = (FUNCTIONS[name] for name in ("exp", "log", "log1p", "sqrt"))
erf, erfc, atan2, where = (FUNCTIONS[name] for name in ("erf", "erfc", "atan2", "where"))
minimum, maximum, clip = (FUNCTIONS[name] for name in ("minimum", "maximum", "clip"))
sinh, cosh, asinh, faddeeva_real = (FUNCTIONS[name] for name in ("sinh", "cosh", "asinh", "faddeeva_real"))

#: From here on exp(a²) erfc(a) is found from its asymptotic series, whose first term left out is 2e-13 there.
_FAR = 25.0
#: Below this (1 - e^-u)/u is found from its series: there the formula's second derivative has lost 14 of its digits'
#: last two, and the series needs ten terms.
_NEAR = 0.1


def total(values: list[Any]) -> Any:
    """Return the sum of values, in order."""
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


def square(x: Any) -> Any:
    """Return x²."""
    return x * x


def number_of(x: Value) -> float | None:
    """Return the number of a constant, None for anything else."""
    found = build.const_value(x.node)
    return None if found is None else float(found)


def powers(x: Any, degree: int) -> list[Any]:
    """Return 1, x, x², … x^degree, each by one multiplication."""
    found: list[Any] = [1.0]
    for _ in range(degree):
        found.append(x if len(found) == 1 else found[-1] * x)
    return found


def polynomial(x: Any, coefficients: list[Any]) -> Any:
    """Return Σ c_k x^k by Horner's rule."""
    result = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        result = c + x * result
    return result


def falling(u: Any) -> Any:
    """Return (1 - e^-u)/u: the mean of e^-t for t from 0 to u; 1 at 0."""
    near = abs(u) < _NEAR
    series = polynomial(where(near, u, 0.0), [(-1.0) ** k / math.factorial(k + 1) for k in range(12)])
    safe = where(near, 1.0, u)
    return where(near, series, -FUNCTIONS["expm1"](-safe) / safe)


def scaled_erfc(a: Any) -> Any:
    """Return exp(a²) erfc(a) for a of 0 or more, however large."""
    near, far = minimum(a, _FAR), maximum(a, _FAR)
    inverse = 1.0 / square(far)
    terms = [1.0]  # Abramowitz and Stegun 7.1.23
    for k in range(1, 6):
        terms.append(-terms[-1] * (2 * k - 1) / 2)
    series = polynomial(inverse, terms) / (far * math.sqrt(math.pi))
    return where(a < _FAR, exp(square(near)) * erfc(near), series)


def normal_mass(low: Any, high: Any, shift: Any) -> Any:
    """Return the integral of exp(-t²/2 - shift) from low to high; 0 where they are the wrong way round.

    Between limits of two signs erf is exact; of limits on one side the nearer is `a`, and the difference of two tails
    exp(-a²) (erfcx(a) - exp(a² - b²) erfcx(b)) keeps its digits. A negative `shift` that takes away -a² keeps it from
    underflow.
    """
    high = maximum(low, high)
    low_, high_ = low * math.sqrt(0.5), high * math.sqrt(0.5)
    beside = low_ * high_ > 0.0
    a = where(beside, minimum(abs(low_), abs(high_)), 0.0)
    b = where(beside, maximum(abs(low_), abs(high_)), 0.0)
    tails = exp(-square(a) - shift) * (scaled_erfc(a) - exp((a - b) * (a + b)) * scaled_erfc(b))
    across = exp(-shift) * (erf(where(beside, 0.0, high_)) - erf(where(beside, 0.0, low_)))
    return math.sqrt(math.pi / 2) * where(beside, tails, across)
