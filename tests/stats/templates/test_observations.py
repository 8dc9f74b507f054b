"""Other observations of a binned model: Asimov data, toys, saturation; and threads."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.parameters import Counted, Normal, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, TemplateModel
from tests.stats.templates import reference
from tests.stats.templates.models import MODELS

Vector = npt.NDArray[np.float64]
SMOOTH = [n for n in MODELS if n not in ("masks", "norms code0", "shapes code0")]


def moved(likelihood: TemplateLikelihood) -> Vector:
    """Return a point that is not nominal; multipliers stay above 0."""
    nominal = likelihood.parameters.values
    return np.where(nominal == 1, 1.1, nominal + 0.3)


def counts_of(observation: Observation, channel: str) -> Vector:
    """Return what was counted in the bins of a channel."""
    found = observation.channels[channel]
    assert isinstance(found, np.ndarray)
    return found


def seen(model: TemplateModel, observation: Observation) -> TemplateModel:
    """Return the model whose records say what was observed."""
    channels: list[Channel] = [replace(c, counts=counts_of(observation, c.name)) for c in model.channels]
    items = []
    for p, center in zip(model.parameters, observation.centers, strict=True):
        if isinstance(p.constraint, Normal):
            items.append(replace(p, constraint=replace(p.constraint, center=float(center))))
        elif isinstance(p.constraint, Counted):
            items.append(replace(p, constraint=replace(p.constraint, count=float(center))))
        else:
            items.append(p)
    return TemplateModel(tuple(channels), Parameters(items))


@pytest.mark.parametrize("name", SMOOTH)
def test_where_data_are_as_expected_the_slope_is_0(name: str) -> None:
    likelihood = TemplateLikelihood(MODELS[name])
    x = moved(likelihood)
    asimov = likelihood.given(likelihood.asimov(x))
    np.testing.assert_allclose(asimov.value_and_gradient(x)[1], 0, atol=1e-11 * max(1.0, abs(asimov.value(x))))
    assert np.all(np.linalg.eigvalsh(asimov.hessian(x)) > -1e-9)


@pytest.mark.parametrize("name", ["several channels", "gammas", "factors and scales"])
def test_another_observation_is_another_model_with_it(name: str) -> None:
    likelihood = TemplateLikelihood(MODELS[name])
    x = moved(likelihood)
    rng = np.random.default_rng(8)
    before = likelihood.value(x)
    toy = likelihood.toy(x, rng, profiled=False)
    plain = Observation(toy.channels, toy.centers)
    given = likelihood.given(plain)
    assert given.value(x) == pytest.approx(reference.value(seen(MODELS[name], plain), x), rel=1e-12)
    assert given.observation.centers is plain.centers
    assert likelihood.value(x) == before


def test_toys_have_the_expected_means_and_widths() -> None:
    """Of 4000: means within 5 standard errors, variances of counts within 12 %."""
    likelihood = TemplateLikelihood(MODELS["gammas"])
    x, rng, n = moved(likelihood), np.random.default_rng(4), 4000
    toys = [likelihood.toy(x, rng) for _ in range(n)]
    expected = counts_of(likelihood.asimov(x), "only")
    counts = np.array([counts_of(t, "only") for t in toys])
    assert np.all(np.abs(counts.mean(axis=0) - expected) < 5 * np.sqrt(expected / n))
    np.testing.assert_allclose(counts.var(axis=0), expected, rtol=0.12)
    centers = np.array([t.centers for t in toys])
    for k, p in enumerate(likelihood.parameters):
        c = p.constraint
        assert c is not None
        mean, width = (x[k], c.sigma) if isinstance(c, Normal) else (c.scale * x[k], math.sqrt(c.scale * x[k]))
        assert abs(centers[:, k].mean() - mean) < 5 * width / math.sqrt(n)
        assert centers[:, k].std() == pytest.approx(width, rel=0.06)


def test_toys_are_those_of_their_seed() -> None:
    likelihood = TemplateLikelihood(MODELS["several channels"])
    x = moved(likelihood)
    first, again = (likelihood.toy(x, np.random.default_rng(9)) for _ in range(2))
    assert all(np.array_equal(counts_of(first, c), counts_of(again, c)) for c in first.channels)
    assert np.array_equal(first.centers, again.centers, equal_nan=True)
    kept = likelihood.toy(x, np.random.default_rng(9), centers=False)
    assert np.array_equal(kept.centers, likelihood.observation.centers, equal_nan=True)


def test_saturated() -> None:
    """The value where each expectation is the count: Σ n - n ln n + ln n!, and what constraints have at their best."""
    for name in ("several channels", "gammas", "factors and scales"):
        model = MODELS[name]
        wanted = sum(reference.poisson(n, n) if n > 0 else 0.0 for c in model.channels for n in c.counts)
        for p in model.parameters:
            if isinstance(p.constraint, Normal):
                low = p.constraint.sigma if p.constraint.sigma_low is None else p.constraint.sigma_low
                wanted += math.log(math.sqrt(2 * math.pi) * 0.5 * (p.constraint.sigma + low))
            elif isinstance(p.constraint, Counted):
                wanted += reference.poisson(p.constraint.count, p.constraint.count)
        assert TemplateLikelihood(model).saturated() == pytest.approx(wanted, rel=1e-13)


def test_threads_find_the_same_bits() -> None:
    likelihood = TemplateLikelihood(MODELS["several channels"])
    rng = np.random.default_rng(2)
    points = [likelihood.parameters.values + 0.1 * rng.normal(0, 1, 4) for _ in range(200)]
    wanted = [likelihood.value_and_gradient(x) for x in points]

    def work(_: int) -> list[tuple[float, Vector]]:
        own = likelihood.fresh()
        return [own.value_and_gradient(x) for x in points]

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(work, range(4)):
            for (value, slopes), (right, wanted_slopes) in zip(found, wanted, strict=True):
                assert value == right
                assert np.array_equal(slopes, wanted_slopes)


def test_observations_that_do_not_fit_are_refused() -> None:
    likelihood = TemplateLikelihood(MODELS["gammas"])
    centers = likelihood.observation.centers
    for channels in ({}, {"only": np.ones(3)}, {"only": np.ones(5), "other": np.ones(2)}):
        with pytest.raises(HzdslError) as caught:
            likelihood.given(Observation(channels, centers))
        assert caught.value.code == "model"
