"""Fits: closed forms, bounds, likelihoods that are nasty, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.minimise import minimum_of
from hzdsl.stats.fits.objective import Objective
from hzdsl.stats.parameters import Counted, Normal, Parameter, Parameters
from tests.stats.likelihoods import Function, Gaussian, counting, templates, thirty

RNG = np.random.default_rng(5)


def quadratic(center, matrix, parameters=None) -> Function:
    center, matrix = np.asarray(center, float), np.asarray(matrix, float)
    names = [Parameter(f"x{i}") for i in range(len(center))]
    return Function(
        parameters or Parameters(names),
        lambda x: 0.5 * (x - center) @ matrix @ (x - center),
        lambda x: matrix @ (x - center),
        lambda x: matrix,
    )


def test_mean_and_width_of_a_normal_sample() -> None:
    values = RNG.normal(3.0, 2.0, 400)
    result = fit(Gaussian(values))
    assert result.valid
    assert result.status == "valid"
    assert result.value("mean") == pytest.approx(values.mean(), abs=1e-7)
    assert result.value("sigma") == pytest.approx(values.std(), abs=1e-7)
    assert result.error("mean") == pytest.approx(values.std() / 20, rel=1e-6)
    assert result.error("sigma") == pytest.approx(values.std() / np.sqrt(800), rel=1e-6)


@pytest.mark.parametrize("method", ["auto", "migrad", "trust"])
def test_methods_agree(method) -> None:
    likelihood = thirty()
    result, other = fit(likelihood, method=method), fit(likelihood)
    assert result.valid
    assert result.values == pytest.approx(other.values, abs=2e-3)
    assert result.minimum == pytest.approx(other.minimum, abs=1e-6)
    assert result.errors == pytest.approx(other.errors, rel=2e-3)


def test_as_iminuit_alone() -> None:
    from iminuit import Minuit

    likelihood = thirty(seed=8)
    minuit = Minuit(likelihood.value, likelihood.parameters.values)
    minuit.errordef, minuit.strategy, minuit.tol = 0.5, 2, 1e-3
    minuit.limits = list(zip(likelihood.parameters.low, likelihood.parameters.high, strict=True))
    minuit.migrad()
    minuit.minos(0)
    result = fit(likelihood, minos=("r",))
    assert result.minimum <= minuit.fval + 1e-6
    assert result.values == pytest.approx(np.array(minuit.values), abs=2e-3)
    found = result.minos["r"]
    assert (-found.minus, found.plus) == pytest.approx((minuit.merrors[0].lower, minuit.merrors[0].upper), rel=2e-3)


def test_few_calls() -> None:
    """The first step is Newton's, MIGRAD confirms: no numerical derivative, second derivatives twice or so."""
    likelihood = thirty(seed=4, nuisances=149, bins=50)
    result = fit(likelihood)
    assert result.valid
    assert result.calls.gradients < 60
    assert result.calls.hessians <= 6


def test_covariance_is_the_inverse_of_the_second_derivatives() -> None:
    likelihood = thirty()
    result = fit(likelihood)
    assert result.covariance @ likelihood.hessian(result.values) == pytest.approx(np.eye(31), abs=1e-9)
    assert np.diag(result.correlation) == pytest.approx(np.ones(31))
    assert np.abs(result.correlation).max() <= 1 + 1e-12


def test_asimov_comes_back() -> None:
    likelihood = thirty(toy=False)
    start = likelihood.parameters.values + RNG.normal(0, 1, 31) * likelihood.parameters.steps
    start[0] = 0.3
    result = fit(likelihood, start=np.clip(start, likelihood.parameters.low, likelihood.parameters.high))
    assert abs(result.value("r") - 1) < 1e-6


def test_fixed_parameters_stay_and_have_no_error() -> None:
    likelihood = thirty()
    result = fit(likelihood, fixed={"r": 0.5, "norm0": 1.0})
    assert (result.value("r"), result.value("norm0"), result.error("r")) == (0.5, 1.0, 0.0)
    assert not result.covariance[0].any()
    assert len(result.tables()[0].rows) == 29


def test_at_a_bound() -> None:
    """Fewer events than background: r = 0, said; its curvature is no error."""
    result = fit(counting(5, 20, 10), minos=("r",))
    assert result.converged
    assert result.value("r") == 0.0
    assert result.at_bounds == ("r",)
    assert np.isnan(result.error("r"))
    assert "r is at its bound 0" in result.status
    assert result.minos["r"].low_state == "bound"
    assert "below ends at the bound 0" in result.status


@pytest.mark.parametrize("seed", range(12))
def test_random_quadratics_within_bounds(seed) -> None:
    """Against scipy's L-BFGS-B, which knows bounds."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    root = rng.normal(size=(n, n))
    matrix, center = root @ root.T + 0.1 * np.eye(n), rng.normal(0, 2, n)
    low, high = np.where(rng.random(n) < 0.5, -1.0, -np.inf), np.where(rng.random(n) < 0.5, 1.0, np.inf)
    parameters = Parameters(Parameter(f"x{i}", 0.0, low[i], high[i]) for i in range(n))
    likelihood = quadratic(center, matrix, parameters)
    result = fit(likelihood)
    bounds = list(zip(low, high, strict=True))
    other = minimize(likelihood.value, np.zeros(n), jac=lambda x: matrix @ (x - center), bounds=bounds, tol=1e-14)
    assert result.converged
    assert result.minimum == pytest.approx(other.fun, abs=1e-6)
    for name in result.at_bounds:
        assert result.value(name) in (-1.0, 1.0)


def rosenbrock() -> Function:
    return Function(
        Parameters([Parameter("x", -1.2), Parameter("y", 1.0)]),
        lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2,
        lambda x: [-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)],
        lambda x: [[1200 * x[0] ** 2 - 400 * x[1] + 2, -400 * x[0]], [-400 * x[0], 200]],
    )


@pytest.mark.parametrize("method", ["auto", "migrad", "trust"])
def test_rosenbrock(method) -> None:
    result = fit(rosenbrock(), method=method)
    assert result.converged
    assert result.values == pytest.approx([1, 1], abs=5e-3)


def test_no_minimum_a_line() -> None:
    line = Function(Parameters([Parameter("x")]), lambda x: -x[0], lambda x: [-1.0], lambda x: [[0.0]])
    result = fit(line)
    assert not result.valid
    assert result.status.startswith("not converged")


def test_no_minimum_an_exponential() -> None:
    """-ln L falls forever, ever more slowly: an edm as small as one likes is no minimum."""
    falling = Function(
        Parameters([Parameter("x"), Parameter("y")]),
        lambda x: np.exp(-x[0]) + x[1] ** 2,
        lambda x: [-np.exp(-x[0]), 2 * x[1]],
        lambda x: [[np.exp(-x[0]), 0], [0, 2.0]],
    )
    result = fit(falling)
    assert not result.valid
    assert "x" in result.flat or not result.converged


def test_a_flat_direction_is_said() -> None:
    """Only the sum is known: the matrix has an eigenvalue of zero."""
    result = fit(quadratic([1.0, 1.0], [[1.0, 1.0], [1.0, 1.0]]))
    assert not result.valid
    assert "covariance forced positive definite" in result.status
    assert result.value("x0") + result.value("x1") == pytest.approx(2.0, abs=1e-4)


def test_a_saddle_is_no_minimum() -> None:
    """Started on the ridge, where the slope is zero across it."""
    saddle = Function(
        Parameters([Parameter("x", 0.0, -3, 3), Parameter("y", 1.0)]),
        lambda x: x[0] ** 4 - x[0] ** 2 + x[1] ** 2,
        lambda x: [4 * x[0] ** 3 - 2 * x[0], 2 * x[1]],
        lambda x: [[12 * x[0] ** 2 - 2, 0], [0, 2.0]],
    )
    result = fit(saddle)
    assert result.forced is not None or abs(result.value("x")) == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_not_a_number_where_it_starts() -> None:
    root = Function(
        Parameters([Parameter("x", -1.0)]),
        lambda x: np.sqrt(x[0]) + x[0] ** 2,
        lambda x: [0.5 / np.sqrt(x[0]) + 2 * x[0]],
        lambda x: [[2.0]],
    )
    result = fit(root)
    assert not result.converged
    assert result.status == "not converged; -ln L is not a number where the fit starts"


def logarithm(start: float) -> Function:
    """X - 3 ln x: not a number below 0."""
    return Function(
        Parameters([Parameter("x", start)]),
        lambda x: x[0] - 3 * np.log(x[0]),
        lambda x: [1 - 3 / x[0]],
        lambda x: [[3 / x[0] ** 2]],
    )


@pytest.mark.parametrize("start", [0.01, 1.0, 5.9, 40.0])
def test_beside_a_region_without_numbers(start) -> None:
    result = fit(logarithm(start))
    assert result.valid, result.status
    assert result.value("x") == pytest.approx(3.0, abs=1e-4)
    assert result.error("x") == pytest.approx(np.sqrt(3), rel=1e-4)


def hill() -> Function:
    """A slope without end to the left of a crest at 6, and a parabola about 12 to its right."""
    return Function(
        Parameters([Parameter("x", 0.0, step=10.0)]),
        lambda x: 0.5 * (x[0] - 12) ** 2 if x[0] > 6 else x[0] + 12,
        lambda x: [x[0] - 12 if x[0] > 6 else 1.0],
        lambda x: [[1.0 if x[0] > 6 else 0.0]],
    )


def test_other_starts_are_said() -> None:
    """No minimum where the fit starts: a start beyond the crest has one, and that it took it is said."""
    alone = fit(hill(), retries=0)
    assert not alone.converged
    assert "another start" not in alone.status
    result = fit(hill(), retries=40)
    assert result.valid
    assert (result.value("x"), result.error("x")) == pytest.approx((12.0, 1.0), abs=1e-6)
    assert "converged from another start only (retry " in result.status


def test_many_parameters_by_the_trust_region() -> None:
    """2100 parameters, all started one error away: scipy's method, Cholesky's covariance."""
    n, rng = 2100, np.random.default_rng(2)
    center = rng.normal(size=n)
    directions = rng.normal(size=(30, n)) / np.sqrt(n)
    matrix = np.eye(n) + 20 * directions.T @ directions
    parameters = Parameters(Parameter(f"x{i}", step=1.0, low=-7.0, high=7.0) for i in range(n))
    likelihood = quadratic(center, matrix, parameters)
    result = fit(likelihood)
    assert result.valid, result.status
    assert result.calls.products > 0
    assert result.values == pytest.approx(center, abs=5e-3)
    assert result.errors[:5] == pytest.approx(np.sqrt(np.linalg.solve(matrix, np.eye(n)[:, :5]).diagonal()), rel=1e-9)


def test_trust_region_ends_at_bounds() -> None:
    parameters = Parameters(
        [Parameter("a", 0.5, 0.0, 1.0), Parameter("b", 0.0, -np.inf, 2.0), Parameter("c", 3.0, 1.0)]
    )
    result = fit(quadratic([3.0, 5.0, 2.0], np.eye(3), parameters), method="trust")
    assert result.converged
    assert result.values == pytest.approx([1.0, 2.0, 2.0], abs=1e-3)


def test_the_first_call_is_not_repeated() -> None:
    likelihood = thirty()
    objective = Objective(likelihood)
    z = objective.start
    objective(z)
    objective(z)
    assert objective.calls == 1


def test_nothing_is_free() -> None:
    result = fit(counting(5, 8, 9), fixed={"r": 1.0})
    assert result.converged
    assert result.minimum == counting(5, 8, 9).value(np.array([1.0]))


def test_wrong_arguments() -> None:
    likelihood = counting(5, 8, 9)
    with pytest.raises(HzdslError, match="there is no parameter 'rr'"):
        fit(likelihood, fixed={"rr": 1.0})
    with pytest.raises(HzdslError, match="2 starting values for 1 parameters"):
        fit(likelihood, start=np.zeros(2))
    with pytest.raises(HzdslError, match="there is no method 'migrat'"):
        minimum_of(Objective(likelihood), np.ones(1), method="migrat")


def test_result_as_text_latex_and_json() -> None:
    import json

    result = fit(thirty(nuisances=3), minos=("r",))
    assert result.text().splitlines()[1].split() == ["parameter", "value", "±", "MINOS"]
    assert r"\begin{tabular}{lrlr}" in result.latex()
    document = json.loads(result.to_json())
    assert document["kind"] == "FitResult"
    assert document["status"] == "valid"
    assert document["minos"]["r"]["low_state"] == "crossed"
    assert len(document["covariance"]) == 4


@pytest.mark.parametrize(
    ("constraint", "center", "error"),
    [(Normal(1.0, 0.3), 1.0, 0.3), (Counted(9.0, 4.0), 9 / 4, 3 / 4)],
    ids=["normal", "counted"],
)
def test_a_parameter_that_only_its_constraint_knows(constraint, center, error) -> None:
    """It ends at the centre with its error: σ of a normal one, √n / scale of a count."""
    parameters = Parameters([Parameter("x", 2.0, 1e-3, 20.0, constraint=constraint)])
    nothing = Function(parameters, lambda x: 0.0, lambda x: [0.0], lambda x: [[0.0]])
    result = fit(nothing.with_parameters(Parameters([replace(parameters[0], value=4.0)])), minos=["x"])
    assert (result.value("x"), result.error("x")) == pytest.approx((center, error), rel=1e-5)
    found = result.minos["x"]
    if isinstance(constraint, Counted):  # the interval of a count is longer to the right
        assert found.plus > 1.1 * found.minus
    else:
        assert (found.minus, found.plus) == pytest.approx((error, error), rel=1e-4)


def test_one_template_without_nuisances() -> None:
    """R̂ = (n - b)/s, its error √n/s."""
    result = fit(templates([5.0], [8.0], [20.0]))
    assert (result.value("r"), result.error("r")) == pytest.approx((2.4, np.sqrt(20) / 5))
