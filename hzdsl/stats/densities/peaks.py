"""Peaks: normal, with power-law tails, and normal in the logarithm."""

from __future__ import annotations

from typing import Any

from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.densities.density import Peak
from hzdsl.stats.densities.functions import clip, exp, falling, log, log1p, maximum, normal_mass, square, where


@dataclass(frozen=True, eq=False, repr=False)
class Gaussian(Peak):
    """exp(-½ ((x - mean)/sigma)²)."""

    observable: Value
    mean: Value
    sigma: Value

    @property
    def mode(self) -> Value:
        """The mean."""
        return self.mean

    def exponent(self, x: Value) -> Value:
        """Return -t²/2; what does not vary with x is found first."""
        result: Value = square(x - self.mean) * (-0.5 / square(self.sigma))
        return result

    def scaled_mass(self, low: Value, high: Value, shift: Any) -> Value:
        """Return the integral, by erf and erfc."""
        a, b = ((v - self.mean) / self.sigma for v in (low, high))
        result: Value = self.sigma * normal_mass(a, b, shift)
        return result


@dataclass(frozen=True, eq=False, repr=False)
class Tail:
    """A power law that continues a normal peak from u = α on: exp(-α²/2) (1 + (α/n)(u - α))^-n."""

    alpha: Value
    n: Value

    def mass(self, near: Any, far: Any, shift: Any) -> Any:
        """Return its integral from u = near to u = far (both taken at α where they are below it).

        With v = 1 + (α/n)(u - α) it is n/α exp(-α²/2) times the integral of v^-n; of ln v that of e^(-(n-1) ln v),
        which is smooth through n = 1. (RooFit switches to a logarithm at |n - 1| < 1e-5.)
        """
        slope, less = self.alpha / self.n, self.n - 1.0
        a, b = (log1p(slope * (maximum(u, self.alpha) - self.alpha)) for u in (near, far))
        return exp(-0.5 * square(self.alpha) - shift - less * a) / slope * ((b - a) * falling(less * (b - a)))


@dataclass(frozen=True, eq=False, repr=False)
class DoubleCrystalBall(Peak):
    """A normal peak of two widths with a power law on each side (HS3's crystalball_dist, RooFit's RooCrystalBall)."""

    observable: Value
    mean: Value
    sigma_low: Value
    sigma_high: Value
    low: Tail
    high: Tail

    @property
    def mode(self) -> Value:
        """The mean."""
        return self.mean

    def exponent(self, x: Value) -> Value:
        """Return -u²/2 in the core, else -α²/2 - n ln(1 + (α/n)(u - α)); one logarithm serves both sides."""
        d = x - self.mean
        below = d < 0.0
        u = d * where(below, -1.0 / self.sigma_low, 1.0 / self.sigma_high)
        alpha = where(below, self.low.alpha, self.high.alpha)
        n = where(below, self.low.n, self.high.n)
        slope = where(below, self.low.alpha / self.low.n, self.high.alpha / self.high.n)
        core = where(u < alpha, u, alpha)
        result: Value = -0.5 * square(core) - n * log1p(slope * (u - core))
        return result

    def scaled_mass(self, low: Value, high: Value, shift: Any) -> Value:
        """Return the integral: two halves of the core, two tails."""
        a, b = (self._side(v - self.mean) for v in (low, high))
        core_low = normal_mass(-clip(-a[0], 0.0, self.low.alpha), -clip(-b[0], 0.0, self.low.alpha), shift)
        core_high = normal_mass(clip(a[1], 0.0, self.high.alpha), clip(b[1], 0.0, self.high.alpha), shift)
        below = self.sigma_low * (core_low + self.low.mass(-b[0], -a[0], shift))
        result: Value = below + self.sigma_high * (core_high + self.high.mass(a[1], b[1], shift))
        return result

    def _side(self, d: Any) -> tuple[Any, Any]:
        """Return a distance from the mean in the widths of both sides."""
        return d / self.sigma_low, d / self.sigma_high


@dataclass(frozen=True, eq=False, repr=False)
class CrystalBall(Peak):
    """A normal peak with one power-law tail, on the left where α is above 0, else on the right (RooCBShape)."""

    observable: Value
    mean: Value
    sigma: Value
    alpha: Value
    n: Value

    @property
    def mode(self) -> Value:
        """The mean."""
        return self.mean

    @property
    def _inverse(self) -> Any:
        """1/σ, with the sign of α."""
        return where(self.alpha < 0.0, -1.0, 1.0) / self.sigma

    @property
    def _tail(self) -> Tail:
        return Tail(abs(self.alpha), self.n)

    def exponent(self, x: Value) -> Value:
        """Return -t²/2 above -|α|, else -α²/2 - n ln(1 + (α/n)(-t - α)), t growing away from the tail."""
        tail = self._tail
        away = (x - self.mean) * -self._inverse
        core = where(away < tail.alpha, away, tail.alpha)
        result: Value = -0.5 * square(core) - tail.n * log1p(tail.alpha / tail.n * (away - core))
        return result

    def scaled_mass(self, low: Value, high: Value, shift: Any) -> Value:
        """Return the integral: of the core and of the tail."""
        tail, mirrored = self._tail, self.alpha < 0.0
        a, b = ((v - self.mean) * -self._inverse for v in (low, high))
        near, far = where(mirrored, a, b), where(mirrored, b, a)  # away from the peak, into the tail
        ends = [where(u < tail.alpha, u, tail.alpha) for u in (near, far)]
        core = normal_mass(ends[0], ends[1], shift)
        result: Value = self.sigma * (core + tail.mass(near, far, shift))
        return result


@dataclass(frozen=True, eq=False, repr=False)
class LogNormal(Peak):
    """1/x exp(-½ (ln(x/median)/sigma)²): the logarithm is normal (RooFit's RooLognormal, k = e^sigma)."""

    observable: Value
    median: Value
    sigma: Value

    @property
    def mode(self) -> Value:
        """Where the exponent, without the factor 1/x, is greatest."""
        return self.median

    def exponent(self, x: Value) -> Value:
        """Return -t²/2."""
        result: Value = square(log(x / self.median)) * (-0.5 / square(self.sigma))
        return result

    def scaled(self, x: Value, shift: Any) -> Value:
        """Return exp(exponent - shift)/x."""
        result: Value = super().scaled(x, shift) / x
        return result

    def scaled_mass(self, low: Value, high: Value, shift: Any) -> Value:
        """Return the integral: in ln x it is that of a normal density."""
        a, b = (log(v / self.median) / self.sigma for v in (low, high))
        result: Value = self.sigma * normal_mass(a, b, shift)
        return result
