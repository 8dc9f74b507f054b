"""The likelihoods of binned models: every rule against plain loops over the records, and derivatives of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from hzdsl.stats.parameters import Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel
from tests.stats.templates import reference
from tests.stats.templates.models import MODELS

Vector = npt.NDArray[np.float64]


@pytest.fixture(scope="module", params=MODELS)
def case(request: pytest.FixtureRequest) -> tuple[str, TemplateLikelihood]:
    return request.param, TemplateLikelihood(MODELS[request.param])


def points(likelihood: TemplateLikelihood, spread: float) -> Iterator[Vector]:
    """Yield values of parameters: nominal, at and beyond the joints, between them; multipliers stay above 0."""
    parameters = likelihood.parameters
    nominal = parameters.values
    multiplies = nominal == 1
    yield nominal
    for edge in (0.5, -0.5, 1.0, -1.0, 2.5, -2.5):
        yield np.where(multiplies, 1 + 0.1 * edge, nominal + edge)
    rng = np.random.default_rng(17)
    for _ in range(12):
        moved = rng.normal(0, spread, len(nominal))
        yield np.where(multiplies, np.exp(0.2 * moved), nominal + moved)


def visible(likelihood: TemplateLikelihood, x: Vector) -> Vector:
    """Return parameters with masks as they are set: there is nothing between on and off."""
    masks = np.array([n.startswith("mask") for n in likelihood.parameters.names])
    return np.where(masks, likelihood.parameters.values, x)


def test_values(case: tuple[str, TemplateLikelihood]) -> None:
    _, likelihood = case
    for x in points(likelihood, 1.0):
        at = visible(likelihood, x)
        wanted = reference.value(likelihood.model, at)
        assert likelihood.value(at) == pytest.approx(wanted, rel=1e-12, abs=1e-12)
        assert likelihood.value_and_gradient(at)[0] == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_expectations(case: tuple[str, TemplateLikelihood]) -> None:
    _, likelihood = case
    for x in points(likelihood, 1.0):
        values = dict(zip(likelihood.parameters.names, map(float, x), strict=True))
        found = likelihood.expected(x)
        for channel in likelihood.model.channels:
            for process in channel.processes:
                wanted = reference.expected(process, values)
                np.testing.assert_allclose(found[channel.name][process.name], wanted, rtol=1e-12, atol=1e-14)


def difference(f: Callable[[Vector], npt.ArrayLike], x: Vector, k: int, h: float = 1e-3) -> Vector:
    """Return the derivative by one parameter: central differences of four steps, Richardson to h**8."""
    rows = []
    for j in range(4):
        step = np.zeros(len(x))
        step[k] = h / 2**j
        rows.append((np.asarray(f(x + step)) - np.asarray(f(x - step))) / (2 * step[k]))
    for order in (1, 2, 3):
        rows = [(4**order * b - a) / (4**order - 1) for a, b in pairwise(rows)]
    return np.asarray(rows[0], float)


def smooth_points(likelihood: TemplateLikelihood) -> Iterator[Vector]:
    """Yield points that are away from joints: only two derivatives are smooth there, and floors have kinks."""
    nuisance = likelihood.parameters.values == 0
    rng = np.random.default_rng(23)
    for low, high in ((0.1, 0.4), (0.6, 0.9), (1.1, 1.5)):
        moved = rng.uniform(low, high, len(nuisance)) * rng.choice([-1, 1], len(nuisance))
        yield visible(likelihood, np.where(nuisance, moved, 1 + 0.1 * moved))


def test_gradients(case: tuple[str, TemplateLikelihood]) -> None:
    name, likelihood = case
    for x in smooth_points(likelihood):
        gradient = likelihood.value_and_gradient(x)[1]
        for k, parameter in enumerate(likelihood.parameters):
            if not parameter.name.startswith("mask"):
                wanted = difference(lambda at: reference.value(likelihood.model, at), x, k)
                assert gradient[k] == pytest.approx(float(wanted), rel=1e-7, abs=1e-7), (name, parameter.name)


def test_second_derivatives(case: tuple[str, TemplateLikelihood]) -> None:
    name, likelihood = case
    masks = [n.startswith("mask") for n in likelihood.parameters.names]
    for x in smooth_points(likelihood):
        hessian = likelihood.hessian(x)
        assert np.array_equal(hessian, hessian.T)
        wanted = np.array([difference(lambda at: likelihood.value_and_gradient(at)[1], x, k) for k in range(len(x))])
        wanted[masks] = 0
        np.testing.assert_allclose(hessian, wanted, rtol=1e-7, atol=1e-7, err_msg=name)
        v = np.random.default_rng(3).normal(0, 1, len(x))
        np.testing.assert_allclose(likelihood.hessian_vector(x, v), hessian @ v, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", [n for n in MODELS if n.startswith(("norms", "shapes"))])
def test_effects_are_smooth_where_they_are_joined(name: str) -> None:
    """Values meet at every joint; slopes, too, but for code 0 and code 1, whose kink is at 0."""
    likelihood = TemplateLikelihood(MODELS[name])
    for edge in (0.5, -0.5, 1.0, -1.0, 2.0, -2.0):
        x = np.full(len(likelihood.parameters), edge)
        below, above = (likelihood.value_and_gradient(x * (1 + e)) for e in (-1e-9, 1e-9))
        assert below[0] == pytest.approx(above[0], abs=1e-6)
        np.testing.assert_allclose(below[1], above[1], atol=1e-5)


def test_profiled_bins_where_what_has_errors_is_not_expected() -> None:
    """At r = 0 neither value nor derivatives are NaN: the bins have no parameter then."""
    signal = Process("s", np.array([3.0, 2.0]), errors=np.array([1.0, 1.0]), factors=(Factor("r"),))
    channel = Channel("c", (signal, Process("b", np.array([5.0, 0.0]))), np.array([6.0, 0.0]))
    profiled = replace(channel, profiled=np.array([True, True]))
    plain, likelihood = (
        TemplateLikelihood(TemplateModel((c,), Parameters([Parameter("r", 1.0)]))) for c in (channel, profiled)
    )
    at = np.zeros(1)
    assert likelihood.value(at) == pytest.approx(plain.value(at), rel=1e-14)
    assert likelihood.value_and_gradient(at)[1] == pytest.approx(plain.value_and_gradient(at)[1], rel=1e-14)
    assert likelihood.value(np.array([1e-9])) == pytest.approx(plain.value(at), abs=1e-8)
    assert np.all(np.isfinite(likelihood.hessian(at)))
