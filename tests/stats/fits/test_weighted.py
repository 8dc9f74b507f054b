"""Covariances of weighted fits: closed forms, iminuit with scores by differences, and toys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import norm

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedLikelihood, UnbinnedPart
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.weighted import of_weighted, shrinkage
from hzdsl.stats.likelihood import Observation, Rows
from hzdsl.stats.parameters import Parameter, Parameters
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel
from hzdsl.stats.templates.part import TemplatePart

LOW, HIGH = 0.0, 10.0


def likelihood_of(density: Any, x: np.ndarray, w: np.ndarray | None) -> UnbinnedLikelihood:
    return UnbinnedLikelihood(UnbinnedModel((UnbinnedChannel("only", density),)), {"only": Rows({"x": x}, w)})


def peak_on_slope() -> Any:
    """A normal peak on an exponential: five free parameters."""
    x = hz.observable("x", LOW, HIGH)
    n, m = (hz.parameter(name, value, bounds=(0, None)) for name, value in (("n", 150.0), ("m", 600.0)))
    mean, sigma = hz.parameter("mean", 5.0, bounds=(3, 7)), hz.parameter("sigma", 0.6, bounds=(0.2, 2))
    slope = hz.parameter("slope", -0.2, bounds=(-2, -0.01))
    return hz.pdf.extended(s=(n, hz.pdf.gaussian(x, mean, sigma)), b=(m, hz.pdf.exponential(x, slope)))


def rows_of(rng: np.random.Generator, signal: float = 150, background: float = 600) -> np.ndarray:
    """Rows of `peak_on_slope`."""
    peak = rng.normal(5, 0.6, rng.poisson(signal))
    u = rng.random(rng.poisson(background))
    return np.concatenate([peak[(peak > LOW) & (peak < HIGH)], -np.log1p(u * np.expm1(-0.2 * HIGH)) / 0.2])


def log_density(x: np.ndarray, n: float, m: float, sigma: float, mean: float, slope: float) -> np.ndarray:
    """The same in SciPy, of complex numbers, too; parameters in the order of the likelihood's."""
    whole = ndtr((HIGH - mean) / sigma) - ndtr((LOW - mean) / sigma)
    peak = np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma * whole)
    return np.log(n * peak + m * slope * np.exp(slope * x) / np.expm1(slope * HIGH))


def test_mean_of_a_normal_density() -> None:
    """Σ w² (x - mean)² / (Σ w)², for the mean is Σ w x / Σ w."""
    rng = np.random.default_rng(1)
    x, w = rng.normal(5, 0.5, 400), rng.uniform(0.2, 3, 400)
    mean = hz.parameter("mean", 4.0, bounds=(1, 9))
    likelihood = likelihood_of(hz.pdf.gaussian(hz.observable("x", LOW, HIGH), mean, 0.5), x, w)
    result = of_weighted(likelihood, fit(likelihood))
    at = (w * x).sum() / w.sum()
    assert result.value("mean") == pytest.approx(at, abs=1e-7)
    assert result.error("mean") == pytest.approx(np.sqrt((w**2 * (x - at) ** 2).sum()) / w.sum(), rel=1e-6)


def test_against_complex_steps() -> None:
    """Scores by complex steps, second derivatives by differences of these, multiplied as zfit has it."""
    rng = np.random.default_rng(2)
    x = rows_of(rng)
    w = rng.choice([0.5, 1.0, 4.0], len(x))
    likelihood = likelihood_of(peak_on_slope(), x, w)
    plain = fit(likelihood, goal=1e-12)
    found = of_weighted(likelihood, plain)

    def scores(p: np.ndarray) -> np.ndarray:
        return np.array([log_density(x, *(p + 1e-100j * e)).imag / 1e-100 for e in np.eye(5)])

    def slopes(p: np.ndarray) -> np.ndarray:
        return np.array([1.0, 1, 0, 0, 0]) - scores(p) @ w

    best, steps = plain.values, 1e-4 * plain.errors
    np.testing.assert_allclose(slopes(best) * plain.errors, 0, atol=1e-5)
    hessian = np.array([(slopes(best + e) - slopes(best - e)) / (2 * e.sum()) for e in np.diag(steps)])
    inverse, weighted = np.linalg.inv(hessian), w * scores(best)
    expected = inverse @ (weighted @ weighted.T) @ inverse
    assert found.covariance is not None
    errors = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(found.errors, errors, rtol=1e-6)
    np.testing.assert_allclose(
        found.covariance / np.outer(errors, errors), expected / np.outer(errors, errors), atol=1e-6
    )
    assert shrinkage(plain, found, "n") == pytest.approx(inverse[0, 0] / expected[0, 0], rel=1e-6)


def test_the_size_of_weights_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    x = rows_of(rng)
    w = rng.uniform(0.5, 2, len(x))
    results = []
    for factor in (1.0, 7.0):
        likelihood = likelihood_of(peak_on_slope(), x, factor * w)
        results.append(of_weighted(likelihood, fit(likelihood)))
    one, other = results
    for name in "n", "m":
        assert other.error(name) == pytest.approx(7 * one.error(name), rel=1e-4)
    for name in "mean", "sigma", "slope":
        assert other.error(name) == pytest.approx(one.error(name), rel=1e-4)


def test_without_weights_it_is_about_the_usual_one() -> None:
    x = rows_of(np.random.default_rng(4), 2000, 8000)
    likelihood = likelihood_of(peak_on_slope(), x, None)
    plain = fit(likelihood)
    np.testing.assert_allclose(of_weighted(likelihood, plain).errors, plain.errors, rtol=0.05)


def test_what_is_constrained_counted_and_binned_is_not_weighted() -> None:
    """Its slopes vary as its second derivatives say, also beside rows of great weight."""
    x, scale = hz.observable("x", LOW, HIGH), hz.parameter("scale", 1.0, constraint=hz.normal(1.0, 0.1))
    rate = hz.parameter("rate", 2.0, bounds=(0.01, None), constraint=hz.counted(8, scale=4))
    density = hz.pdf.extended(b=(10 * scale * rate, hz.pdf.uniform(x)))
    model = UnbinnedModel((UnbinnedChannel("rows", density),))
    binned = Channel("bins", (Process("p", np.array([5.0, 2.0]), factors=(Factor("scale"),)),), np.array([6.0, 1.0]))
    parameters = Parameters([*model.parameters, Parameter("other", 1.0)])
    centers = np.array([1.0, 8.0, np.nan])
    data = {"rows": Rows({"x": np.array([1.0, 6.0])}, np.array([3.0, 9.0])), "bins": binned.counts}
    parts = [TemplatePart(TemplateModel((binned,), parameters)), UnbinnedPart(model, Observation(data, centers))]
    at = np.array([1.1, 2.5, 1.0])
    found = JointLikelihood(parts, parameters, Observation(data, centers)).score_covariance(at)
    rows = np.outer(1 / at[:2], 1 / at[:2]) * (3.0**2 + 9.0**2)  # slopes of ln(10 scale rate)
    rest = np.diag([1 / 0.1**2 + 7.0 / at[0] ** 2, 8 / at[1] ** 2])
    np.testing.assert_allclose(found[:2, :2], rows + rest, rtol=1e-12)
    assert not found[2].any()


def test_pulls_of_toys_with_weights() -> None:
    """Weights of 1 and 6: errors without the correction are about half of what they should be."""
    pulls, naive = [], []
    base = likelihood_of(peak_on_slope(), np.array([1.0]), np.array([1.0]))
    for k in range(150):
        rng = np.random.default_rng([5, k])
        x = rows_of(rng, 800 / 2, 1200 / 2)
        w = rng.choice([1.0, 6.0], len(x), p=[0.8, 0.2])  # the mean is 2
        likelihood = base.given(Observation({"only": Rows({"x": x}, w)}, base.observation.centers))
        plain = fit(likelihood)
        assert plain.valid
        inside = norm.cdf(HIGH, 5, 0.6) - norm.cdf(LOW, 5, 0.6)
        off = plain.value("n") - 800 * inside
        pulls.append(off / of_weighted(likelihood, plain).error("n"))
        naive.append(off / plain.error("n"))
    assert abs(np.mean(pulls)) < 0.25
    assert np.std(pulls) == pytest.approx(1, abs=0.18)
    assert np.std(naive) > 1.5


def test_parameters_at_bounds_and_fixed_ones_have_no_part() -> None:
    rng = np.random.default_rng(6)
    x = rows_of(rng, 0, 400)
    x = x[abs(x - 5) > 0.8]  # a gap where the peak would be
    likelihood = likelihood_of(peak_on_slope(), x, rng.uniform(1, 2, len(x)))
    plain = fit(likelihood, fixed={"mean": 5.0, "sigma": 0.6})
    assert plain.at_bounds == ("n",)
    found = of_weighted(likelihood, plain)
    assert found.covariance is not None
    assert np.isnan(found.error("n"))
    assert found.error("mean") == 0.0
    assert not found.covariance[:, likelihood.parameters.index("n")].any()
    assert found.error("m") == pytest.approx(
        np.sqrt((likelihood.observation.channels["only"].weights ** 2).sum()), rel=1e-3
    )  # type: ignore[union-attr]


def test_a_fit_without_covariance_is_refused() -> None:
    likelihood = likelihood_of(peak_on_slope(), rows_of(np.random.default_rng(7)), None)
    with pytest.raises(HzdslError, match="covariance"):
        of_weighted(likelihood, fit(likelihood, covariance=False))
