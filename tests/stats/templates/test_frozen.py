"""Statistics of simulation that is profiled bin by bin, frozen: against models whose parameters are explicit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.yields import postfit
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Added, Channel, Factor, Norm, Process, Shape, TemplateModel
from tests.stats.templates import reference
from tests.stats.templates.models import DOWN, MODELS, NOMINAL, OTHER, UP
from tests.stats.templates.test_values import difference, smooth_points

Vector = npt.NDArray[np.float64]
COUNTS = np.array([16.0, 28.0, 0.0, 13.0, 5.0])
ERRORS, MORE = np.array([1.5, 2.0, 1.0, 0.7, 0.4]), np.array([0.5, 0.1, 0.9, 0.3, 0.0])


def models() -> tuple[TemplateLikelihood, TemplateLikelihood]:
    """Return one model with parameters of bins that are profiled, and with explicit ones.

    All that has errors has the same yield: in a bin √Σ(y e)² is y √Σe².
    """
    r, lumi = (Factor("r"),), (Norm("lumi", 1.1, 0.9),)
    shape = (Shape("jes", UP, DOWN),)
    first = Process("s", NOMINAL, 1.2, factors=r, norms=lumi, shapes=shape, errors=ERRORS)
    second = Process("t", OTHER, 1.2, factors=r, norms=lumi, errors=MORE)
    names = tuple(f"nu{b}" for b in range(5))
    total = Added(names, np.hypot(ERRORS, MORE))
    of_bins = Process("nu", np.zeros(5), 1.2, factors=r, norms=lumi, added=total)
    parameters = [
        Parameter("r", 1.0, 0.0, 10.0, interest=True),
        Parameter("lumi", constraint=Normal()),
        Parameter("jes", constraint=Normal()),
    ]
    explicit = [*parameters, *(Parameter(n, constraint=Normal()) for n in names)]
    profiled = Channel("c", (first, second), COUNTS, profiled=np.ones(5, bool))
    apart = Channel("c", (first, second, of_bins), COUNTS)
    return (
        TemplateLikelihood(TemplateModel((profiled,), Parameters(parameters))),
        TemplateLikelihood(TemplateModel((apart,), Parameters(explicit))),
    )


NORM = 5 * 0.5 * math.log(2 * math.pi)  # what normal constraints of explicit parameters add


def same(frozen: TemplateLikelihood, explicit: TemplateLikelihood, x: Vector, nu: Vector) -> None:
    """Assert that both are the same at x, the explicit parameters of bins being fixed at nu."""
    at = np.concatenate([x, nu])
    value, slopes = explicit.value_and_gradient(at)
    assert frozen.value(x) == pytest.approx(value - NORM, rel=1e-13)
    found, gradient = frozen.value_and_gradient(x)
    assert found == pytest.approx(value - NORM, rel=1e-13)
    np.testing.assert_allclose(gradient, slopes[:3], rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(frozen.hessian(x), explicit.hessian(at)[:3, :3], rtol=1e-11, atol=1e-11)
    v = np.array([0.3, -1.0, 0.7])
    np.testing.assert_allclose(
        frozen.hessian_vector(x, v), explicit.hessian_vector(at, np.concatenate([v, np.zeros(5)]))[:3], rtol=1e-10
    )


@pytest.mark.parametrize("at", [[1.0, 0.0, 0.0], [0.8, 0.3, -0.4], [1.4, -1.2, 0.6]])
def test_frozen_at_zero_is_as_if_there_were_no_parameters(at: list[float]) -> None:
    profiled, explicit = models()
    same(profiled.with_simulation_frozen(), explicit, np.array(at), np.zeros(5))


def test_frozen_at_the_best_values_of_a_fit() -> None:
    profiled, explicit = models()
    best, whole = fit(profiled), fit(explicit)
    frozen = profiled.with_simulation_frozen(best.values)
    assert frozen.value(best.values) == pytest.approx(profiled.value(best.values), rel=1e-13)
    nu = profiled.asimov(best.values).statistics["c"]
    np.testing.assert_allclose(nu, whole.values[3:], atol=1e-4)
    for x in (best.values, np.array([1.1, 0.4, -0.7])):
        same(frozen, explicit, x, nu)
    held = dict(zip(explicit.parameters.names[3:], map(float, nu), strict=True))
    fixed = fit(explicit, start=whole.values, fixed=held)
    assert fit(frozen).error("r") == pytest.approx(fixed.error("r"), rel=1e-6)
    assert fit(frozen).error("r") < best.error("r")
    assert not frozen.profiled
    assert list(profiled.profiled) == ["c"]


def test_frozen_bins_stay_where_they_are_given_other_data() -> None:
    """With other global observables as well; what is expected has them, its uncertainty does not."""
    profiled, explicit = models()
    x = np.array([0.9, 0.2, 0.1])
    nu = profiled.asimov(x).statistics["c"]
    seen = Observation({"c": COUNTS + 3}, profiled.observation.centers, {"c": np.linspace(-1, 1, 5)})
    frozen = profiled.with_simulation_frozen(x).given(seen)
    centers = explicit.observation.centers.copy()
    centers[3:] = np.linspace(-1, 1, 5)
    same(frozen, explicit.given(Observation({"c": COUNTS + 3}, centers)), np.array([1.3, -0.2, 0.5]), nu)
    again = frozen.with_simulation_frozen()
    assert again.value(x) == frozen.value(x)
    expected = explicit.expected(np.concatenate([x, nu]))["c"]
    for whether in (True, False):
        np.testing.assert_allclose(frozen.asimov(x, whether).channels["c"], sum(expected.values()), rtol=1e-12)
        np.testing.assert_allclose(frozen.simulated(x, whether)["c"].added, expected["nu"], rtol=1e-10, atol=1e-12)
        assert not frozen.simulated(x, whether)["c"].variance.any()
    errors = [postfit(one, fit(one)).channels["c"]["total"].errors for one in (frozen, profiled.given(seen))]
    assert np.all(errors[0] < errors[1])


def test_some_bins_are_frozen() -> None:
    profiled, _ = models()
    x, flags = np.array([0.9, 0.2, 0.1]), np.array([True, False, False, True, False])
    some = profiled.with_simulation_frozen(bins={"c": flags})
    assert some.profiled["c"].tolist() == (~flags).tolist()
    values = dict(zip(profiled.parameters.names, map(float, x), strict=True))
    (channel,) = profiled.model.channels
    rest = reference.channel_value(replace(channel, profiled=~flags), values)
    constraints = 0.5 * (x[1] ** 2 + x[2] ** 2) + math.log(2 * math.pi)
    assert some.value(x) == pytest.approx(rest + constraints, rel=1e-12)
    assert some.with_simulation_frozen(x).value(x) == pytest.approx(some.value(x), rel=1e-13)


@pytest.mark.parametrize("where", ["nominal", "best"])
def test_derivatives_of_frozen_bins_by_differences(where: str) -> None:
    """Of a model in which processes follow different parameters, and some bins have no error at all."""
    likelihood = TemplateLikelihood(MODELS["profiled"])
    origin = likelihood.parameters.values
    frozen = likelihood.with_simulation_frozen(None if where == "nominal" else origin + 0.1)
    for x in smooth_points(frozen):
        gradient, hessian = frozen.value_and_gradient(x)[1], frozen.hessian(x)
        for k in range(len(x)):
            wanted = difference(lambda at: frozen.value(at), x, k)
            assert gradient[k] == pytest.approx(float(wanted), rel=1e-7, abs=1e-7)
            slope = difference(lambda at: frozen.value_and_gradient(at)[1], x, k)
            np.testing.assert_allclose(hessian[k], slope, rtol=1e-7, atol=1e-7)


def test_nothing_is_compiled_again() -> None:
    likelihood = TemplateLikelihood(MODELS["profiled"])
    x = likelihood.parameters.values
    likelihood.value_and_gradient(x)
    frozen = likelihood.with_simulation_frozen(x)
    assert frozen._code is likelihood._code
    frozen.value_and_gradient(x)
    assert frozen._evaluator._bound["slopes"]._compiled is likelihood._evaluator._bound["slopes"]._compiled


def test_what_is_not_profiled_cannot_be_frozen() -> None:
    likelihood = TemplateLikelihood(MODELS["gammas"])
    x = likelihood.parameters.values
    assert likelihood.with_simulation_frozen(x).value(x) == likelihood.value(x)
    assert not likelihood.profiled
