"""Every density, where its parameters are ordinary and where they are extreme, and its formula in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, exp, log, log1p, pi, sqrt
from typing import Any

import numpy as np
from scipy import integrate, special

import hzdsl as hz
from hzdsl.lang.values import Value
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.landau import _BEGINNING, _LEAST, _PARTS, _RISE, _SERIES

LOW, HIGH = 100.0, 200.0
X = hz.observable("x", LOW, HIGH)
PLACES = np.concatenate([np.linspace(LOW, HIGH, 41), np.random.default_rng(7).uniform(LOW, HIGH, 60)])


@dataclass(frozen=True)
class Case:
    """A density of parameters, where they are, its shape, and where the shape is not smooth or narrow."""

    name: str
    density: Callable[..., Density]
    at: Mapping[str, float]
    shape: Callable[..., float]
    seams: Callable[..., list[float]] = field(default=lambda **_: [])

    def built(self) -> Density:
        """Return the density: its parameters start elsewhere, and are given these values when it is evaluated."""
        return self.density(**{name: parameter(name, value) for name, value in self.at.items()})

    def integral(self, low: float, high: float) -> float:
        """Return the integral of the formula, by QUADPACK between its seams."""
        seams = sorted({s for s in self.seams(**self.at) if low < s < high})
        ends = [low, *seams, high]
        parts = [
            integrate.quad(lambda x: self.shape(x, **self.at), a, b, epsabs=0, epsrel=1e-13, limit=400)[0]
            for a, b in pairwise(ends)
        ]
        return float(sum(parts))


def parameter(name: str, value: float) -> Value:
    """Return a parameter that starts where it is not used."""
    return hz.parameter(name, value * 1.5 + 0.25 if value > 0 else value - 0.25)


def within(x: float) -> float:
    return min(max(x, LOW), HIGH)


# ---- formulae ------------------------------------------------------------------------------------------------------


def gaussian(x: float, mean: float, sigma: float) -> float:
    """Relative to its greatest value in the range: of a peak far away the bare formula is 0."""
    return exp(0.5 * ((within(mean) - mean) / sigma) ** 2 - 0.5 * ((x - mean) / sigma) ** 2)


def double_crystal_ball(x: float, **p: float) -> float:
    t = (x - p["mean"]) / (p["low"] if x < p["mean"] else p["high"])
    alpha, n = (p["alpha_low"], p["n_low"]) if t < 0 else (p["alpha_high"], p["n_high"])
    return exp(-0.5 * t * t) if abs(t) < alpha else exp(-0.5 * alpha**2 - n * log1p(alpha / n * (abs(t) - alpha)))


def crystal_ball(x: float, mean: float, sigma: float, alpha: float, n: float) -> float:
    t, a = (x - mean) / sigma * (1 if alpha > 0 else -1), abs(alpha)
    return exp(-0.5 * t * t) if t > -a else exp(-0.5 * a * a - n * log1p(a / n * (-t - a)))


def argus(x: float, end: float, slope: float, power: float) -> float:
    w = 1 - (x / end) ** 2
    return x * w**power * exp(slope * w - max(slope, 0.0)) if w > 0 else 0.0


def bernstein(x: float, **c: float) -> float:
    u, n = (x - LOW) / (HIGH - LOW), len(c) - 1
    return float(sum(special.comb(n, k) * v * u**k * (1 - u) ** (n - k) for k, v in enumerate(c.values())))


def chebyshev(x: float, **c: float) -> float:
    t = 2 * (x - LOW) / (HIGH - LOW) - 1
    return 1 + float(sum(v * special.eval_chebyt(k, t) for k, v in enumerate(c.values(), 1)))


def landau(x: float, location: float, scale: float) -> float:
    """The parts of DENLAN, with the numbers of the density: those are held to SciPy's in `test_landau.py`."""
    v = (x - location) / scale
    if v < -5.5:
        u = exp(v + 1)
        return 0.3989422803 * exp(-1 / u) / sqrt(u) * _polynomial(u, _BEGINNING) if v > _LEAST else 0.0
    if v < -1:
        u = exp(-1 - v)
        return exp(-u) * sqrt(u) * _polynomial(v, _RISE.above) / _polynomial(v, _RISE.below)
    if v >= 300:
        u = 1 / (v - v * log(v) / (v + 1))
        return u * u * _polynomial(u, _SERIES)
    part = next(p for p in _PARTS if v < p.high)
    y = 1 / v if v >= 5 else v
    return (y * y if v >= 5 else 1) * _polynomial(y, part.above) / _polynomial(y, part.below)


def _polynomial(x: float, coefficients: list[float]) -> float:
    return sum(c * x**k for k, c in enumerate(coefficients))


def many(prefix: str, values: list[float]) -> dict[str, float]:
    return {f"{prefix}{k}": v for k, v in enumerate(values)}


# ---- the cases -----------------------------------------------------------------------------------------------------


def peaks() -> list[Case]:
    def near(mean: float, sigma: float) -> list[float]:
        return [mean + k * sigma for k in (-40, -8, 0, 8, 40)]

    normal = [
        Case(
            f"gaussian-{m:g}-{s:g}",
            lambda mean, sigma: hz.pdf.gaussian(X, mean, sigma),
            {"mean": m, "sigma": s},
            gaussian,
            near,
        )
        for m, s in ((150, 2), (150, 300), (131.3, 0.05), (95, 1), (40, 3), (300, 2))
    ]
    names = ("mean", "low", "high", "alpha_low", "n_low", "alpha_high", "n_high")

    def two_sided(mean: Any, low: Any, high: Any, **tails: Any) -> Density:
        return hz.pdf.double_crystal_ball(X, mean, low, sigma_high=high, **tails)

    def joints(mean: float, low: float, high: float, alpha_low: float, alpha_high: float, **_: float) -> list[float]:
        core = (mean - alpha_low * low, mean, mean + alpha_high * high)
        return [*core, mean - 40 * low, mean + 40 * high, mean - 3 * low, mean + 3 * high]

    two = [
        Case(f"double-crystal-ball-{k}", two_sided, dict(zip(names, v, strict=True)), double_crystal_ball, joints)
        for k, v in enumerate(
            (
                (150, 2, 3, 1.5, 3, 2, 5),
                (150, 2, 3, 1.5, 1, 2, 1 + 1e-7),  # its integral is a logarithm at 1
                (150, 2, 3, 0.1, 0.5, 10, 100),
                (150, 2, 3, 1.5, 1e5, 2, 1e3),
                (90, 2, 3, 1.5, 1.5, 2, 1.5),
                (250, 2, 3, 1.5, 1.5, 2, 1.5),
                (150, 0.01, 0.02, 1, 3, 2, 5),
            )
        )
    ]

    def one_joint(mean: float, sigma: float, alpha: float, n: float) -> list[float]:
        return [mean - alpha * sigma, mean, mean + 8 * sigma, mean - 8 * sigma]

    one = [
        Case(
            f"crystal-ball-{k}",
            lambda **p: hz.pdf.crystal_ball(X, **p),
            dict(zip(("mean", "sigma", "alpha", "n"), v, strict=True)),
            crystal_ball,
            one_joint,
        )
        for k, v in enumerate(((150, 2, 1.5, 3), (150, 2, -1.5, 3), (90, 2, 1.5, 1), (90, 2, -1.5, 1), (207, 3, 1, 2)))
    ]
    log_normal = Case(
        "lognormal",
        lambda median, sigma: hz.pdf.lognormal(X, median, sigma),
        {"median": 140.0, "sigma": 0.1},
        lambda x, median, sigma: exp(-0.5 * (log(x / median) / sigma) ** 2) / x,
    )
    return [*normal, *two, *one, log_normal]


def smooth() -> list[Case]:
    slopes = [
        Case(
            f"exponential-{s:g}",
            lambda slope: hz.pdf.exponential(X, slope),
            {"slope": s},
            lambda x, slope: exp(slope * (x - (HIGH if slope > 0 else LOW))),
            lambda slope: [LOW + 30 / abs(slope), HIGH - 30 / abs(slope)] if slope else [],
        )
        for s in (-0.02, 0.0, 1e-9, -1e-3, 0.003, -3.0, 20.0)
    ]
    powers = [
        Case(
            f"power-law-{p:g}",
            lambda power: hz.pdf.power_law(X, power),
            {"power": p},
            lambda x, power: (x / (HIGH if power > 0 else LOW)) ** power,
        )
        for p in (-4.5, -1.0, -1 + 1e-9, 0.0, 3.0, 200.0, -200.0)
    ]
    coefficients = [0.3, -0.2, 0.1, 0.05, -0.02, 0.01]
    positive = [1.0, 0.3, 2.0, 0.7, 1.5, 0.2, 0.9, 1.1, 0.4, 2.2, 0.6, 1.3]
    polynomials = [
        Case("polynomial", lambda **c: hz.pdf.polynomial(X, list(c.values())), many("c", [0.01, -1e-5, 1e-8]),
             lambda x, **c: 1 + sum(v * x**k for k, v in enumerate(c.values(), 1))),
        *(Case(f"chebyshev-{n}", lambda **c: hz.pdf.chebyshev(X, list(c.values())), many("c", coefficients[:n]), chebyshev)
          for n in (1, 2, 6)),
        *(Case(f"bernstein-{n - 1}", lambda **c: hz.pdf.bernstein(X, list(c.values())), many("c", positive[:n]), bernstein)
          for n in (1, 2, 4, 12)),
    ]  # fmt: skip
    return [Case("uniform", lambda: hz.pdf.uniform(X), {}, lambda x: 1.0), *slopes, *powers, *polynomials]


def resonances() -> list[Case]:
    def around(mean: float, width: float, sigma: float = 0.0) -> list[float]:
        return [mean + k * (width + sigma) for k in (-100, -10, -1, 0, 1, 10, 100)]

    lines = [
        Case(f"breit-wigner-{m:g}-{w:g}", lambda mean, width: hz.pdf.breit_wigner(X, mean, width), {"mean": m, "width": w},
             lambda x, mean, width: 1 / (1 + 4 * ((x - mean) / width) ** 2), around)
        for m, w in ((150, 2), (150, 1e-3), (50, 0.1), (1000, 3))
    ]  # fmt: skip
    voigts = [
        Case(f"voigt-{m:g}-{w:g}-{s:g}", lambda mean, width, sigma: hz.pdf.voigt(X, mean, width, sigma),
             {"mean": m, "width": w, "sigma": s},
             lambda x, mean, width, sigma: float(special.voigt_profile(x - mean, sigma, width / 2)), around)
        for m, w, s in ((150, 2, 2), (150, 0.01, 5), (150, 5, 0.01), (105, 0.02, 0.01), (300, 1, 1), (150, 50, 80))
    ]  # fmt: skip
    ends = [
        Case(f"argus-{e:g}-{c:g}-{p:g}", lambda **p: hz.pdf.argus(X, **p), {"end": e, "slope": c, "power": p}, argus,
             lambda end, **_: [end])
        for e, c, p in ((180, -20, 0.5), (180, 5, 0.5), (250, -1, 0.5), (180, 0, 0.5), (180, -20, 1.5), (180, 60, 0.5))
    ]  # fmt: skip
    losses = [
        Case(f"landau-{m:g}-{s:g}", lambda location, scale: hz.pdf.landau(X, location, scale), {"location": m, "scale": s},
             landau, lambda location, scale: [location + v * scale for v in (_LEAST, -5.5, -4, -1, 0, 1, 5, 12, 50, 300)])
        for m, s in ((130.1, 5), (150.03, 0.2), (98.987, 3), (145, 9), (120.7, 60))
    ]  # fmt: skip
    return [*lines, *voigts, *ends, *losses]


EDGES, CONTENTS = np.array([90.0, 110, 140, 150, 200]), np.array([3.0, 0, 7, 2])
POINTS, HEIGHTS = np.array([100.0, 120, 125, 180, 210]), np.array([1.0, 4, 3, 0, 2])


def tables() -> list[Case]:
    def steps(x: float) -> float:
        k = min(int(np.searchsorted(EDGES, x, side="right")) - 1, len(CONTENTS) - 1)
        return float(CONTENTS[k] / np.diff(EDGES)[k])

    return [
        Case("step", lambda: hz.pdf.step(X, EDGES, CONTENTS), {}, steps, lambda: EDGES.tolist()),
        Case("interpolated", lambda: hz.pdf.interpolated(X, POINTS, HEIGHTS), {},
             lambda x: float(np.interp(x, POINTS, HEIGHTS)), lambda: POINTS.tolist()),
    ]  # fmt: skip


def combined() -> list[Case]:
    def mixed(f: Any, mean: Any, slope: Any) -> Density:
        return hz.pdf.sum([hz.pdf.gaussian(X, mean, 3), hz.pdf.exponential(X, slope)], [f])

    def mixed_shape(x: float, f: float, mean: float, slope: float) -> float:
        left, right = (special.ndtr((end - mean) / 3) for end in (LOW, HIGH))
        peak = exp(-0.5 * ((x - mean) / 3) ** 2) / (3 * sqrt(2 * pi) * (right - left))
        return float(f * peak + (1 - f) * slope * exp(slope * (x - LOW)) / (exp(slope * (HIGH - LOW)) - 1))

    def times(mean: Any, slope: Any) -> Density:
        return hz.pdf.product([hz.pdf.gaussian(X, mean, 20), hz.pdf.exponential(X, slope)])

    def smeared(width: Any, sigma: Any) -> Density:
        line = hz.pdf.breit_wigner(X, 150, width)
        return hz.pdf.convolved(line, hz.pdf.gaussian(X, 0, sigma), (-16, 16), nodes=200)

    return [
        Case("sum", mixed, {"f": 0.3, "mean": 140.0, "slope": -0.02}, mixed_shape, lambda mean, **_: [mean]),
        Case("product", times, {"mean": 150.0, "slope": -0.01},
             lambda x, mean, slope: exp(-0.5 * ((x - mean) / 20) ** 2 + slope * (x - LOW))),
        Case("from-function", lambda a, b: hz.pdf.from_function(1 + a * hz.cos(b * X), X), {"a": 0.4, "b": 0.1},
             lambda x, a, b: 1 + a * cos(b * x)),
        Case("convolved", smeared, {"width": 3.0, "sigma": 2.0},
             lambda x, width, sigma: float(special.voigt_profile(x - 150, sigma, width / 2)), lambda **_: [145.0, 150, 155]),
    ]  # fmt: skip


CASES = {c.name: c for c in (*peaks(), *smooth(), *resonances(), *tables(), *combined())}
