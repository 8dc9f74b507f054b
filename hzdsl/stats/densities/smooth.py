"""Densities without a peak: constant, exponential, power law, polynomials."""

from __future__ import annotations

from math import comb
from typing import Any

from hzdsl.ir import build
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.densities.density import Density, Peak
from hzdsl.stats.densities.functions import exp, falling, log, polynomial, powers, total, where
from hzdsl.stats.observable import Range, constant


@dataclass(frozen=True, eq=False, repr=False)
class Uniform(Density):
    """The same everywhere."""

    observable: Value

    def at(self, x: Value) -> Value:
        """Return 1, along the axis of x."""
        return Value(build.lift(build.const(1.0), build.axis_of(x.node)))

    def mass(self, low: Value, high: Value) -> Value:
        """Return the width."""
        result: Value = high - low
        return result


def exponential_mass(rate: Any, low: Any, high: Any, shift: Any) -> Any:
    """Return the integral of exp(rate·l - shift) from low to high: from the end where it is greater, downwards.

    At rate 0 it is the width, and its derivatives are those of the limit.
    """
    rising = rate > 0.0
    top, size = where(rising, high, low), where(rising, rate, -rate)
    return exp(rate * top - shift) * ((high - low) * falling(size * (high - low)))


@dataclass(frozen=True, eq=False, repr=False)
class Exponential(Peak):
    """exp(slope·x): falling where the slope is below 0 (RooFit's RooExponential).

    x is counted from the middle of the observable's range, so that no digits are lost far from 0.
    """

    observable: Value
    slope: Value
    middle: Value

    @property
    def mode(self) -> Value:
        """An end beyond every range, on the side to which it rises."""
        unit = self.observable.node.type.unit
        result: Value = where(self.slope > 0.0, constant(1e300, unit), constant(-1e300, unit))
        return result

    def exponent(self, x: Value) -> Value:
        """Return slope·(x - middle)."""
        result: Value = (x - self.middle) * self.slope
        return result

    def scaled_mass(self, low: Value, high: Value, shift: Any) -> Value:
        """Return the integral."""
        result: Value = exponential_mass(self.slope, low - self.middle, high - self.middle, shift)
        return result


@dataclass(frozen=True, eq=False, repr=False)
class PowerLaw(Peak):
    """(x/scale)^power, of an x above 0; `scale` is the geometric middle of the range."""

    observable: Value
    power: Value
    scale: Value

    @property
    def mode(self) -> Value:
        """An end beyond every range, on the side to which it rises."""
        unit = self.observable.node.type.unit
        result: Value = where(self.power > 0.0, constant(1e300, unit), constant(1e-300, unit))
        return result

    def exponent(self, x: Value) -> Value:
        """Return power·ln(x/scale)."""
        result: Value = log(x / self.scale) * self.power
        return result

    def scaled_mass(self, low: Value, high: Value, shift: Any) -> Value:
        """Return the integral: in l = ln x it is that of e^((power + 1) l), which is smooth through power = -1."""
        a, b = (log(v / self.scale) for v in (low, high))
        result: Value = self.scale * exponential_mass(self.power + 1.0, a, b, shift)
        return result


# ---- polynomials ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Polynomial(Density):
    """1 + Σ c_k x^k, k from 1 (RooFit's RooPolynomial)."""

    observable: Value
    coefficients: tuple[Any, ...]

    def at(self, x: Value) -> Value:
        """Return the polynomial by Horner's rule."""
        result: Value = polynomial(x, [1.0, *self.coefficients])
        return result

    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral: about the middle of the limits, whose odd powers cancel exactly."""
        middle, half = (low + high) * 0.5, (high - low) * 0.5
        up, there = powers(half, len(self.coefficients)), powers(middle, len(self.coefficients))
        parts = [2.0 * half]
        for k, c in enumerate(self.coefficients, 1):
            even = [comb(k, j) / (j + 1) * (there[k - j] * up[j]) for j in range(0, k + 1, 2)]
            parts.append(2.0 * half * (c * total(even)))
        result: Value = total(parts)
        return result


class OnUnitInterval(Density):
    """A polynomial in u = (x - a)/(b - a), a to b being the observable's range."""

    span: Range

    def unit(self, x: Value) -> Any:
        """Return u."""
        low, high = self.span
        unit = self.observable.node.type.unit
        return (x - constant(low, unit)) * constant(1.0 / (high - low), build.const(1.0).type.unit / unit)

    @property
    def width(self) -> Value:
        """The width of the range."""
        return constant(self.span[1] - self.span[0], self.observable.node.type.unit)


@dataclass(frozen=True, eq=False, repr=False)
class Bernstein(OnUnitInterval):
    """Σ c_k B_k,n(u), B_k,n = (n over k) u^k (1-u)^(n-k): above 0 where all c_k are (RooFit's RooBernstein)."""

    observable: Value
    coefficients: tuple[Any, ...]
    span: Range

    def at(self, x: Value) -> Value:
        """Return the sum; nothing cancels in it, whatever the degree."""
        result: Value = bernstein_sum(self.unit(x), list(self.coefficients))
        return result

    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral: again a Bernstein polynomial, whose coefficients are sums of the first ones."""
        n = len(self.coefficients)
        sums: list[Any] = [0.0]
        for c in self.coefficients:
            sums.append(sums[-1] + c)
        a, b = (bernstein_sum(self.unit(v), sums) for v in (low, high))
        result: Value = (b - a) * (self.width * (1.0 / n))
        return result


def bernstein_sum(u: Any, coefficients: list[Any]) -> Any:
    """Return Σ c_k B_k,n(u)."""
    n = len(coefficients) - 1
    up, down = powers(u, n), powers(1.0 - u, n)
    if n == 0:
        return coefficients[0] + 0.0 * u
    return total([(comb(n, k) * c) * (up[k] * down[n - k]) for k, c in enumerate(coefficients)])


@dataclass(frozen=True, eq=False, repr=False)
class Chebyshev(OnUnitInterval):
    """1 + Σ c_k T_k(2u - 1), k from 1 (RooFit's RooChebychev)."""

    observable: Value
    coefficients: tuple[Any, ...]
    span: Range

    def at(self, x: Value) -> Value:
        """Return the sum by Clenshaw's recurrence."""
        result: Value = chebyshev_sum(2.0 * self.unit(x) - 1.0, [1.0, *self.coefficients])
        return result

    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral: ∫T_k = ½ (T_(k+1)/(k+1) - T_(k-1)/(k-1))."""
        c = [1.0, *self.coefficients]
        n = len(c)
        padded = [*c, 0.0, 0.0]
        sums: list[Any] = [0.0, padded[0] - 0.5 * padded[2]]
        sums += [(padded[k - 1] - padded[k + 1]) * (0.5 / k) for k in range(2, n + 1)]
        a, b = (chebyshev_sum(2.0 * self.unit(v) - 1.0, sums) for v in (low, high))
        result: Value = (b - a) * (0.5 * self.width)
        return result


def chebyshev_sum(t: Any, coefficients: list[Any]) -> Any:
    """Return Σ c_k T_k(t)."""
    if len(coefficients) == 1:
        return coefficients[0] + 0.0 * t
    ahead: Any = 0.0
    here: Any = coefficients[-1]
    twice = 2.0 * t
    for c in reversed(coefficients[1:-1]):
        ahead, here = here, (c - ahead) + twice * here
    return (coefficients[0] - ahead) + t * here
