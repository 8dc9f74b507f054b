"""Random rows are distributed as their density is, by Kolmogorov's test, and the same for the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.lang.values import Value
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.densities.inversion import Draws
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedLikelihood
from hzdsl.stats.densities.toys import RowToys, asimov_rows
from hzdsl.stats.likelihood import Observation, Rows
from hzdsl.stats.observable import constant
from tests.stats.densities.cases import CASES, HIGH, LOW, X

SIZE = 3000
NAMES = [
    "gaussian-150-2", "gaussian-131.3-0.05", "gaussian-300-2", "double-crystal-ball-0", "exponential-20", "uniform",
    "bernstein-3", "voigt-105-0.02-0.01", "argus-180--20-0.5", "step", "interpolated", "sum", "product",
]  # fmt: skip


def reached(density: Density, x: Any, at: Any) -> Any:
    """The part of the density below each x, from the expression of its integral."""
    low = Value(constant(LOW, X.node.type.unit).node)
    below, _ = density.cumulative(low, density.observable)
    whole, _ = density.cumulative(low, constant(HIGH, X.node.type.unit))
    mass, total = RowEvaluator([below, whole])({"x": x}, at)
    return mass / total


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_distributed_as_their_density(name: str) -> None:
    case = CASES[name]
    density = case.built()
    x = Draws(density, {}).draw(SIZE, case.at, np.random.default_rng(5), {})
    assert x.min() >= LOW
    assert x.max() <= HIGH
    assert stats.kstest(reached(density, x, case.at), "uniform").pvalue > 1e-3


def test_rows_that_each_have_their_own_density() -> None:
    x, y = hz.observable("x", 0, 10), hz.observable("y", 0.1, 3)
    sigma = np.random.default_rng(1).uniform(0.1, 3, SIZE)
    found = Draws(hz.pdf.gaussian(x, 4, y), {"x": ((0, 3), (5, 10))}).draw(
        SIZE, {}, np.random.default_rng(2), {"y": sigma}
    )
    left = stats.norm.cdf(3, 4, sigma) - stats.norm.cdf(0, 4, sigma)
    right = stats.norm.sf(5, 4, sigma) - stats.norm.sf(10, 4, sigma)  # of a tail, which 1 minus the other would lose
    here = stats.norm.cdf(np.minimum(found, 3), 4, sigma) - stats.norm.cdf(0, 4, sigma)
    there = stats.norm.sf(5, 4, sigma) - stats.norm.sf(np.maximum(found, 5), 4, sigma)
    assert not np.any((found > 3) & (found < 5))
    assert stats.kstest((here + there) / (left + right), "uniform").pvalue > 1e-3


def two_channels() -> UnbinnedModel:
    x, y = hz.observable("x", 0, 10), hz.observable("y", 1, 3)
    n = hz.parameter("n", 40.0, bounds=(0, None))
    scale = hz.parameter("scale", 1.0, constraint=hz.normal(1, 0.2, 0.1))
    rate = hz.parameter("rate", 2.0, constraint=hz.counted(20, scale=10))
    joint = hz.pdf.product([hz.pdf.gaussian(x, 4 * scale, y), hz.pdf.exponential(y, -1.0)])
    other = hz.pdf.sum([hz.pdf.uniform(x), hz.pdf.exponential(x, -0.5 * rate)], [0.3])
    return UnbinnedModel(
        (
            UnbinnedChannel("two", hz.pdf.extended(a=(n, joint), b=(2 * n, joint))),
            UnbinnedChannel("sides", other, ranges={"x": [(0, 2), (6, 10)]}),
        )
    )


MEASURED = Observation({"sides": Rows({"x": np.full(25, 1.0)})}, np.array([]))


def test_rows_are_poisson_and_reproducible() -> None:
    toys = RowToys(two_channels(), MEASURED)
    one, again = (toys.draw({}, np.random.default_rng(9)) for _ in range(2))
    for name in ("two", "sides"):
        for column, values in one[name].columns.items():
            np.testing.assert_array_equal(values, again[name].columns[column])
    rng = np.random.default_rng(10)
    many = [toys.draw({}, rng) for _ in range(40)]
    sizes = [len(o["two"].columns["x"]) for o in many]
    assert np.mean(sizes) == pytest.approx(120, abs=4 * np.sqrt(120 / 40))
    assert np.var(sizes) == pytest.approx(120, rel=0.7)
    assert {len(o["sides"].columns["x"]) for o in many} == {25}


def test_a_likelihood_draws_rows_and_centers() -> None:
    x, n = hz.observable("x", 0, 10), hz.parameter("n", 40.0, bounds=(0, None), constraint=hz.normal(40, 5, 2.5))
    model = UnbinnedModel([UnbinnedChannel("c", hz.pdf.extended(a=(n, hz.pdf.uniform(x))))])
    likelihood = UnbinnedLikelihood(model, {"c": Rows({"x": np.array([1.0])})})
    rng = np.random.default_rng(4)
    drawn = [likelihood.toy(np.array([44.0]), rng) for _ in range(200)]
    centers = np.array([o.centers[0] for o in drawn])
    above = centers > 44
    assert above.mean() == pytest.approx(1 / 3, abs=0.12)  # where it lies above, the lower uncertainty counts
    assert np.mean(centers[above] - 44) == pytest.approx(2.5 * np.sqrt(2 / np.pi), rel=0.3)
    asimov = likelihood.given(likelihood.asimov(np.array([44.0])))
    assert asimov.value_and_gradient(np.array([44.0]))[1][0] == pytest.approx(0, abs=1e-12)


def test_what_was_measured_for_each_row_is_drawn_from_what_was_seen() -> None:
    """Also for processes whose own density does not depend on it."""
    x, y = hz.observable("x", 0, 10), hz.observable("y", 0.1, 3)
    peak, flat = hz.pdf.gaussian(x, hz.parameter("mean", 4.0), y), hz.pdf.uniform(x)
    density = hz.pdf.extended(s=(hz.parameter("n", 100.0), peak), b=(30, flat))
    model = UnbinnedModel([UnbinnedChannel("c", density)])
    seen = np.array([0.5, 1.5])
    likelihood = UnbinnedLikelihood(model, {"c": Rows({"x": np.array([4.0, 5.0]), "y": seen})})
    drawn = likelihood.toy(model.parameters.values, np.random.default_rng(2)).channels["c"]
    assert isinstance(drawn, Rows)
    assert set(drawn.columns["y"]) == set(seen)
    assert len(drawn.columns["y"]) == len(drawn.columns["x"]) > 90
    slope = likelihood.given(Observation({"c": drawn}, model.parameters.centers))
    assert np.isfinite(slope.value(model.parameters.values))


def test_unknown_parameters_and_missing_rows_are_refused() -> None:
    with pytest.raises(HzdslError, match="there is no parameter 'nn'"):
        RowToys(two_channels(), MEASURED).draw({"nn": 1.0}, np.random.default_rng(1))
    with pytest.raises(HzdslError, match="does not say how many rows"):
        RowToys(two_channels()).draw({}, np.random.default_rng(1))
    with pytest.raises(HzdslError, match="-40 rows of a process"):
        RowToys(two_channels(), MEASURED).draw({"n": -40.0}, np.random.default_rng(1))


def test_asimov_rows_hold_what_is_expected() -> None:
    x = hz.observable("x", 0, 10)
    n = hz.parameter("n", 100.0)
    peak, flat = hz.pdf.gaussian(x, 4, hz.parameter("s", 0.5)), hz.pdf.uniform(x)
    channel = UnbinnedChannel("c", hz.pdf.extended(a=(n, peak), b=(50, flat)), ranges={"x": [(0, 3), (4, 10)]})
    rows = asimov_rows(channel, {"n": 80.0})
    assert rows.weights is not None
    assert rows.weights.sum() == pytest.approx(130, rel=1e-12)
    inside = (rows.columns["x"] > 4) & (rows.columns["x"] < 5)
    density = stats.norm(4, 0.5)
    held = 1 - density.cdf(4) + density.cdf(3) - density.cdf(0)
    assert rows.weights[inside].sum() == pytest.approx(80 * (density.cdf(5) - 0.5) / held + 50 / 9, rel=1e-3)
