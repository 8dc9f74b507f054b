"""Likelihoods in NumPy with known mathematics: the protocol of `hzdsl.stats.likelihood`, without a compiler."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import gammaln

from hzdsl.stats.likelihood import Observation, Rows, Simulated
from hzdsl.stats.parameters import Counted, Normal, Parameter, Parameters, Vector


class Base:
    """What all share: other data and other parameters make a copy; constraints are those of the parameters."""

    def __init__(self, parameters: Parameters, observation: Observation) -> None:
        self.parameters = parameters
        self.observation = observation
        self._digest()

    def _digest(self) -> None:
        p = self.parameters
        self.normal = np.array([isinstance(q.constraint, Normal) for q in p])
        self.counted = np.array([isinstance(q.constraint, Counted) for q in p])
        self.sigma = np.array([q.constraint.sigma if isinstance(q.constraint, Normal) else 1.0 for q in p])
        self.scale = np.array([q.constraint.scale if isinstance(q.constraint, Counted) else 1.0 for q in p])

    def given(self, observation: Observation) -> Any:
        made = copy.copy(self)
        made.observation = observation
        return made

    def with_parameters(self, parameters: Parameters) -> Any:
        made = copy.copy(self)
        made.parameters = parameters
        made._digest()
        return made

    def fresh(self) -> Any:
        return copy.copy(self)

    def value(self, x: Vector) -> float:
        return self.value_and_gradient(x)[0]

    def hessian_vector(self, x: Vector, v: Vector) -> Vector:
        return self.hessian(x) @ v

    def value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        v, g = self.data_terms(x)
        c, d = self.constraint_terms(x)
        return v + c, g + d

    def constraint_terms(self, x: Vector) -> tuple[float, Vector]:
        center = self.observation.centers
        g = np.zeros(len(x))
        n, c = self.normal, self.counted
        t = (x[n] - center[n]) / self.sigma[n]
        value = 0.5 * t @ t + np.log(self.sigma[n] * np.sqrt(2 * np.pi)).sum()
        g[n] = t / self.sigma[n]
        mean = self.scale[c] * x[c]
        value += (mean - center[c] * np.log(mean) + gammaln(center[c] + 1)).sum()
        g[c] = self.scale[c] - center[c] / x[c]
        return float(value), g

    def constraint_hessian(self, x: Vector) -> Vector:
        n, c = self.normal, self.counted
        h = np.zeros(len(x))
        h[n] = 1 / self.sigma[n] ** 2
        h[c] = self.observation.centers[c] / x[c] ** 2
        return np.diag(h)

    def drawn_centers(self, x: Vector, rng: np.random.Generator) -> Vector:
        centers = self.observation.centers.copy()
        for k, p in enumerate(self.parameters):
            if isinstance(p.constraint, Normal):
                centers[k] = rng.normal(x[k], p.constraint.sigma)
            elif isinstance(p.constraint, Counted):
                centers[k] = rng.poisson(p.constraint.scale * x[k])
        return centers

    def expected_centers(self, x: Vector) -> Vector:
        centers = self.observation.centers.copy()
        centers[self.normal] = x[self.normal]
        centers[self.counted] = (self.scale * x)[self.counted]
        return centers

    @property
    def profiled(self) -> dict[str, Vector]:
        return {}

    def with_simulation_frozen(self, x: Vector | None = None, bins: Any = None) -> Base:
        return self

    def simulated(self, x: Vector, fitted: bool = True) -> dict[str, Simulated]:
        return {}

    def shown(self, x: Vector) -> tuple[str, ...]:
        return tuple(self.observation.channels)

    def saturated_constraints(self) -> float:
        """-ln L of constraints that are met."""
        c = self.counted
        n = self.observation.centers[c]
        best = (n - n * np.log(np.where(n > 0, n, 1.0)) + gammaln(n + 1)).sum()
        return float(np.log(self.sigma[self.normal] * np.sqrt(2 * np.pi)).sum() + best)


class Templates(Base):
    """Bins of λ(x) = signal(x) + background(x): first and second derivatives come with it.

    `model(x)` returns {process: contents}, {process: Jacobian (n, bins)} and a function of weights w (bins) that returns
    Σ_b w_b ∂²λ_b.
    """

    def __init__(
        self, parameters: Parameters, counts: Vector, model: Callable[[Vector], Any], channel: str = "bin"
    ) -> None:
        self.model, self.channel = model, channel
        super().__init__(parameters, Observation({channel: np.asarray(counts, float)}, parameters.centers))

    def counts(self) -> Vector:
        return self.observation.channels[self.channel]

    def data_terms(self, x: Vector) -> tuple[float, Vector]:
        contents, slopes, _ = self.model(x)
        lam, jac = sum(contents.values()), sum(slopes.values())
        n = self.counts()
        return float((lam - n * np.log(lam) + gammaln(n + 1)).sum()), jac @ (1 - n / lam)

    def hessian(self, x: Vector) -> Vector:
        contents, slopes, second = self.model(x)
        lam, jac = sum(contents.values()), sum(slopes.values())
        n = self.counts()
        return (jac * (n / lam**2)) @ jac.T + second(1 - n / lam) + self.constraint_hessian(x)

    def expected(self, x: Vector) -> dict[str, dict[str, Vector]]:
        return {self.channel: dict(self.model(x)[0])}

    def total(self, x: Vector) -> Vector:
        return sum(self.model(x)[0].values())

    def asimov(self, x: Vector, profiled: bool = True) -> Observation:
        return Observation({self.channel: self.total(x)}, self.expected_centers(x))

    def toy(self, x: Vector, rng: np.random.Generator, centers: bool = True) -> Observation:
        counts = rng.poisson(self.total(x)).astype(float)
        return Observation({self.channel: counts}, self.drawn_centers(x, rng) if centers else self.observation.centers)

    def saturated(self) -> float:
        n = self.counts()
        return float((n - n * np.log(np.where(n > 0, n, 1.0)) + gammaln(n + 1)).sum() + self.saturated_constraints())


def r_of(value: float = 1.0, low: float = 0.0, high: float = 20.0) -> Parameter:
    return Parameter("r", value, low, high, interest=True, doc="signal strength")


def templates(
    signal: Vector,
    background: Vector,
    counts: Vector,
    norms: Vector | None = None,
    shapes: Vector | None = None,
    r: Parameter | None = None,
) -> Templates:
    """r·signal + background·exp(Σ θ_k norms_k)·(1 + Σ θ_k shapes_k): one parameter per row of norms and shapes."""
    s, b = np.atleast_1d(np.asarray(signal, float)), np.atleast_1d(np.asarray(background, float))
    k = np.zeros((0,)) if norms is None else np.asarray(norms, float)
    d = np.zeros((0, len(b))) if shapes is None else np.asarray(shapes, float)
    nk = len(k)
    names = [f"norm{i}" for i in range(nk)] + [f"shape{i}" for i in range(len(d))]
    groups = [("norms",)] * nk + [("shapes",)] * len(d)
    nuisances = [
        Parameter(n, 0.0, -7, 7, Normal(), groups=g, doc=f"{n} of the background")
        for n, g in zip(names, groups, strict=True)
    ]

    def model(x: Vector) -> Any:
        e = np.exp(x[1 : 1 + nk] @ k)
        factor = 1 + x[1 + nk :] @ d
        back = b * e * factor
        jac = np.vstack([np.zeros_like(b), np.outer(k, back), d * (b * e)])
        zero = np.zeros((len(jac) - 1, len(b)))

        def second(w: Vector) -> Vector:
            h = np.zeros((len(x), len(x)))
            h[1 : 1 + nk, 1 : 1 + nk] = np.outer(k, k) * (w @ back)
            cross = np.outer(k, d @ (w * b * e))
            h[1 : 1 + nk, 1 + nk :] = cross
            h[1 + nk :, 1 : 1 + nk] = cross.T
            return h

        return {"signal": x[0] * s, "background": back}, {"signal": np.vstack([s, zero]), "background": jac}, second

    return Templates(Parameters([r or r_of(), *nuisances]), np.atleast_1d(counts), model)


def counting(s: float, b: float, n: float, r: Parameter | None = None) -> Templates:
    """n events where r·s + b are expected, b known."""
    return templates([s], [b], [n], r=r)


def on_off(n_on: float, n_off: float, tau: float, r: Parameter | None = None) -> Templates:
    """r + b expected, b measured by n_off = τb: Li and Ma's significance."""

    def model(x: Vector) -> Any:
        one = np.ones(1)
        up = np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])
        return (
            {"signal": x[:1] * one, "background": x[1:] * one},
            {"signal": up[0], "background": up[1]},
            lambda w: np.zeros((2, 2)),
        )

    b = Parameter("b", n_off / tau, 1e-9, constraint=Counted(n_off, tau))
    return Templates(Parameters([r or r_of(1.0, 0, 1000), b]), np.array([n_on]), model)


def uncorrelated(s: Vector, b: Vector, db: Vector, n: Vector) -> Templates:
    """pyhf's model of a background with a Poisson-constrained factor per bin."""
    s, b = np.asarray(s, float), np.asarray(b, float)
    tau = (b / np.asarray(db, float)) ** 2
    m = len(b)
    gammas = [Parameter(f"gamma{i}", 1.0, 1e-10, 10.0, Counted(t, t)) for i, t in enumerate(tau)]

    def model(x: Vector) -> Any:
        js = np.vstack([s, np.zeros((m, m))])
        jb = np.vstack([np.zeros(m), np.diag(b)])
        return {"s": x[0] * s, "b": x[1:] * b}, {"s": js, "b": jb}, lambda w: np.zeros((m + 1, m + 1))

    return Templates(Parameters([r_of(1.0, 0.0, 10.0), *gammas]), n, model)


def normsys(s: Vector, b: Vector, down: float, up: float, n: Vector) -> Templates:
    """pyhf's 1bin_normsys: b times a factor with code 1, exponential on either side."""
    s, b = np.asarray(s, float), np.asarray(b, float)

    def model(x: Vector) -> Any:
        k = np.log(up) if x[1] >= 0 else -np.log(down)
        back = b * np.exp(k * x[1])

        def second(w: Vector) -> Vector:
            return np.array([[0.0, 0.0], [0.0, k * k * (w @ back)]])

        zero = np.zeros_like(b)
        return {"s": x[0] * s, "b": back}, {"s": np.vstack([s, zero]), "b": np.vstack([zero, k * back])}, second

    return Templates(Parameters([r_of(1.0, 0.0, 10.0), Parameter("alpha", 0.0, -5, 5, Normal())]), n, model)


def thirty(seed: int = 3, bins: int = 20, nuisances: int = 30, r: float = 1.0, toy: bool = True) -> Templates:
    """A peak on a falling background with many nuisance parameters, and a toy of it as data."""
    rng = np.random.default_rng(seed)
    centers = (np.arange(bins) + 0.5) / bins
    signal = 8.0 * 20 / bins * np.exp(-0.5 * ((centers - 0.4) / 0.08) ** 2)
    background = 60.0 * 20 / bins * np.exp(-1.5 * centers)
    norms = rng.uniform(0.01, 0.06, nuisances // 3)
    shapes = rng.normal(0, 0.03, (nuisances - len(norms), 1)) * np.sin(
        np.outer(rng.uniform(1, 6, nuisances - len(norms)), centers) + rng.uniform(0, 6, (nuisances - len(norms), 1))
    )
    made = templates(signal, background, background, norms, shapes)
    at = made.parameters.values
    at[0] = r
    return made.given(made.toy(at, rng, centers=False) if toy else made.asimov(at))


class Gaussian(Base):
    """Unbinned values of a normal distribution with free mean and width."""

    def __init__(self, values: Vector, mean: Parameter | None = None, sigma: Parameter | None = None) -> None:
        parameters = Parameters(
            [mean or Parameter("mean", 0.1, interest=True, step=0.1), sigma or Parameter("sigma", 1.3, 1e-3, 50.0)]
        )
        super().__init__(parameters, Observation({"x": Rows({"x": np.asarray(values, float)})}, parameters.centers))

    def rows(self) -> Vector:
        return self.observation.channels["x"].columns["x"]

    def data_terms(self, x: Vector) -> tuple[float, Vector]:
        m, s = x
        t = (self.rows() - m) / s
        value = 0.5 * t @ t + len(t) * np.log(s * np.sqrt(2 * np.pi))
        return float(value), np.array([-t.sum() / s, (len(t) - t @ t) / s])

    def hessian(self, x: Vector) -> Vector:
        m, s = x
        t = (self.rows() - m) / s
        mixed = 2 * t.sum() / s**2
        return np.array([[len(t) / s**2, mixed], [mixed, (3 * t @ t - len(t)) / s**2]]) + self.constraint_hessian(x)

    def expected(self, x: Vector) -> dict[str, dict[str, Vector]]:
        return {"x": {"gauss": np.array([float(len(self.rows()))])}}

    def toy(self, x: Vector, rng: np.random.Generator, centers: bool = True) -> Observation:
        drawn = self.drawn_centers(x, rng) if centers else self.observation.centers
        return Observation({"x": Rows({"x": rng.normal(x[0], x[1], len(self.rows()))})}, drawn)


class Function(Base):
    """Any function with derivatives, as a likelihood without data."""

    def __init__(self, parameters: Parameters, value: Callable, gradient: Callable, hessian: Callable) -> None:
        self.f, self.g, self.h = value, gradient, hessian
        super().__init__(parameters, Observation({}, parameters.centers))

    def asimov(self, x: Vector, profiled: bool = True) -> Observation:
        return self.observation

    def data_terms(self, x: Vector) -> tuple[float, Vector]:
        return float(self.f(x)), np.asarray(self.g(x), float)

    def hessian(self, x: Vector) -> Vector:
        return np.asarray(self.h(x), float) + self.constraint_hessian(x)


def fixed(likelihood: Any, **values: float) -> Any:
    return likelihood.with_parameters(
        Parameters(
            [replace(p, fixed=True, value=values[p.name]) if p.name in values else p for p in likelihood.parameters]
        )
    )
