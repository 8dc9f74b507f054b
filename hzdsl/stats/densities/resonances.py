"""Line shapes and end points: Breit-Wigner, Voigt, Argus."""

from __future__ import annotations

import math
from typing import Any

from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.functions import (
    asinh,
    atan2,
    cosh,
    exp,
    faddeeva_real,
    log,
    maximum,
    sinh,
    sqrt,
    square,
    where,
)
from hzdsl.stats.densities.numeric import Numeric
from hzdsl.stats.densities.quadrature import integral


@dataclass(frozen=True, eq=False, repr=False)
class BreitWigner(Density):
    """1/(1 + t²), t = 2 (x - mean)/width: non-relativistic, `width` at half its height (RooFit's RooBreitWigner)."""

    observable: Value
    mean: Value
    width: Value

    def at(self, x: Value) -> Value:
        """Return the shape."""
        result: Value = 1.0 / (1.0 + square(x - self.mean) * (4.0 / square(self.width)))
        return result

    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral: the angle between two directions, which keeps its digits in the tails."""
        a, b = ((v - self.mean) * (2.0 / self.width) for v in (low, high))
        result: Value = 0.5 * self.width * atan2(b - a, 1.0 + a * b)
        return result


@dataclass(frozen=True, eq=False, repr=False)
class Voigt(Numeric):
    """A Breit-Wigner of full width `width`, smeared by a normal density of `sigma`: Re w(z) (RooFit's RooVoigtian).

    z = (x - mean + i width/2)/(sigma √2), w by Faddeeva's function of scipy. Its integral over a range has no closed
    form: it is a rule of `nodes` points in v = asinh((x - mean)/s), s = sigma + width/2, in which peak and tails are
    equally smooth.
    """

    observable: Value
    mean: Value
    width: Value
    sigma: Value
    nodes: int

    def at(self, x: Value) -> Value:
        """Return Re w(z)."""
        inverse = math.sqrt(0.5) / self.sigma
        result: Value = faddeeva_real((x - self.mean) * inverse, (0.5 * self.width) * inverse)
        return result

    def by_rule(self, nodes: int, low: Value, high: Value) -> Value:
        """Return the integral."""
        scale = self.sigma + 0.5 * self.width
        a, b = (asinh((v - self.mean) / scale) for v in (low, high))

        def mapped(v: Value) -> Value:
            result: Value = self.at(self.mean + scale * sinh(v)) * cosh(v)
            return result

        result: Value = scale * integral(mapped, a, b, nodes, self.sigma, self.width, self.mean)
        return result


@dataclass(frozen=True, eq=False, repr=False)
class Argus(Numeric):
    """x w^power e^(slope·w), w = 1 - (x/end)², up to the end point (RooFit's RooArgusBG; H. Albrecht et al., 1990).

    In s = √w the integral is that of 2 s^(2·power + 1) e^(slope·s²), by a rule of `nodes` points.
    """

    observable: Value
    end: Value
    slope: Value
    power: Value
    nodes: int

    def at(self, x: Value) -> Value:
        """Return the shape, 0 beyond the end point; it is relative to its exponential at w = 0 or 1, the greater."""
        w = 1.0 - square(x / self.end)
        inside = w > 0.0
        safe = where(inside, w, 1.0)
        value = (x / self.end) * exp(self.power * log(safe) + self.slope * safe - self._shift)
        result: Value = where(inside, value, 0.0)
        return result

    @property
    def _shift(self) -> Any:
        return maximum(self.slope, 0.0)

    def by_rule(self, nodes: int, low: Value, high: Value) -> Value:
        """Return the integral: dx x/end = end/2 dw = end·s ds."""
        a, b = (self._root(1.0 - square(v / self.end)) for v in (high, low))

        def mapped(s: Value) -> Value:
            w = square(s)
            result: Value = s * exp(self.power * log(w) + self.slope * w - self._shift)
            return result

        result: Value = self.end * integral(mapped, a, b, nodes, self.end, self.slope, self.power)
        return result

    @staticmethod
    def _root(w: Any) -> Any:
        """Return √w, 0 beyond the end point."""
        inside = w > 0.0
        return where(inside, sqrt(where(inside, w, 1.0)), 0.0)
