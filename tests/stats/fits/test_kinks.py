"""Minima where slopes jump: of the highest of several functions, found by hand or by a grid."""

import numpy as np
import pytest

from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.minimise import GOAL, minimum_of, settled
from hzdsl.stats.fits.objective import Objective
from hzdsl.stats.parameters import Parameter, Parameters
from tests.stats.likelihoods import Function


def highest(pieces, matrix, curved=0.0, **bounds):
    """Return max over (slope, constant) of slope · x + constant, and ½ xᵀ matrix x + curved Σ x⁴ as a likelihood."""
    matrix = np.asarray(matrix, float)
    slopes, constants = (np.array(v, float) for v in zip(*pieces, strict=True))
    names = [f"x{k}" for k in range(len(matrix))]

    def value(x):
        return np.max(slopes @ x + constants) + 0.5 * x @ matrix @ x + curved * (x**4).sum()

    def gradient(x):
        return slopes[np.argmax(slopes @ x + constants)] + matrix @ x + 4 * curved * x**3

    def hessian(x):
        return matrix + np.diag(12 * curved * x**2)

    parameters = [Parameter(n, 0.7, *bounds.get(n, (-9.0, 9.0)), step=0.3) for n in names]
    return Function(Parameters(parameters), value, gradient, hessian)


@pytest.mark.parametrize("way", [minimum_of, lambda objective, z: settled(objective, z, None)], ids=["fit", "profile"])
def test_one_kink(way):
    # |x0 - 2 x1 - 1| and a bowl around 0 of which the minimum on the line x0 - 2 x1 = 1 is (1, -2) / 5 · 1
    bent = highest([([3, -6], -3), ([-3, 6], 3)], np.eye(2))
    objective = Objective(bent)
    found = way(objective, objective.start)
    assert found.valid
    assert found.kink
    np.testing.assert_allclose(found.z, [0.2, -0.4], atol=2e-3)
    assert objective.value(found.z) - 0.1 < GOAL


def test_several_kinks_at_once():
    pieces = [([3, 1, 0], 0), ([-3, 0, 1], 0), ([0, -4, 0], 0), ([0, 1, -5], 0)]
    bent = highest(pieces, np.diag([1.0, 2.0, 3.0]), curved=0.1)
    objective = Objective(bent)
    found = minimum_of(objective, objective.start)
    assert found.valid
    rng, best = np.random.default_rng(5), found.z
    for size in np.geomspace(1e-4, 1, 60):
        for _ in range(20):
            assert objective.value(best + size * rng.normal(size=3)) > objective.value(best) - GOAL


def test_kink_at_a_bound():
    bent = highest([([3, -6], -3), ([-3, 6], 3)], np.eye(2), x1=(-0.1, 9.0))
    objective = Objective(bent)
    found = minimum_of(objective, objective.start)
    assert found.valid
    np.testing.assert_allclose(found.z, [0.8, -0.1], atol=2e-3)


def test_a_fit_that_ends_at_a_kink_is_valid():
    result = fit(highest([([3, -6], -3), ([-3, 6], 3)], np.eye(2)))
    assert result.converged
    assert result.status == "valid"
    assert result.edm < GOAL


@pytest.mark.parametrize("way", [minimum_of, lambda objective, z: settled(objective, z, None)], ids=["fit", "profile"])
def test_an_edge_at_the_start_is_left(way):
    """-ln L is flat where the fit starts, and goes down from there on one side only: a bin that a shape fills."""
    filled = Function(
        Parameters([Parameter("x0", 0.0, -5.0, 5.0), Parameter("x1", 0.5)]),
        lambda x: 0.5 * (x @ x) - 1.2 * max(x[0], 0.0),
        lambda x: [x[0] - 1.2 * (x[0] > 0), x[1]],
        lambda x: np.eye(2),
    )
    objective = Objective(filled)
    found = way(objective, objective.start)
    assert found.valid
    np.testing.assert_allclose(found.z, [1.2, 0.0], atol=1e-5)
