"""Fits that choose between functions: more combinations than can all be tried, and choices that have no minimum."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from hzdsl.stats.fits import choices
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.parameters import Choice, Parameter, Parameters, Vector
from tests.stats.likelihoods import Base

TARGETS = np.array([-0.2, 0.1, 0.4])


class Steps(Base):
    """½(r - Σ_k t[i_k] a_k)² + Σ_k ½(a_k - i_k)² + costs of choices; `a_k` counts where i_k is not 0."""

    def __init__(self, indices: int, costs: Vector, broken: int = -1) -> None:
        self.costs, self.broken, self.n = costs, broken, indices
        found = [Parameter("r", 0.3, -10, 10, interest=True)]
        for k in range(indices):
            states = (Choice("none"), *(Choice(f"with {s}", (f"a{k}",)) for s in (1, 2)))
            found += [Parameter(f"a{k}", 1.0, -5, 5), Parameter(f"i{k}", 0.0, 0, 2, choices=states)]
        p = Parameters(found)
        super().__init__(p, Observation({}, p.centers))

    def data_terms(self, x: Vector) -> tuple[float, Vector]:
        a, i = x[1::2], x[2::2].astype(int)
        if self.broken in i:
            return float("nan"), np.full(len(x), np.nan)
        on = i > 0
        t = np.where(on, TARGETS[i], 0.0)
        rest = x[0] - 1.5 - t @ a
        value = 0.5 * rest**2 + 0.5 * ((a - i)[on] ** 2).sum() + self.costs[np.arange(self.n), i].sum()
        slopes = np.zeros(len(x))
        slopes[0] = rest
        slopes[1::2] = -rest * t + np.where(on, a - i, 0.0)
        return float(value), slopes

    def hessian(self, x: Vector) -> Vector:
        i = x[2::2].astype(int)
        row = np.zeros(len(x))
        row[0] = 1.0
        row[1::2] = np.where(i > 0, -TARGETS[i], 0.0)
        found = np.outer(row, row)
        found[range(1, len(x), 2), range(1, len(x), 2)] += i > 0
        return found


def costs(indices: int) -> Vector:
    return np.random.default_rng(2).uniform(0, 1, (indices, 3))


def exhaustive(model: Steps, **held: float) -> tuple[float, tuple[int, ...]]:
    found = {}
    for states in product(range(3), repeat=model.n):
        fixed = {f"i{k}": float(s) for k, s in enumerate(states)}
        found[states] = fit(model, fixed={**held, **fixed}).minimum
    best = min(found, key=lambda s: found[s])
    return found[best], best


@pytest.mark.parametrize("indices", [1, 2, 4])
def test_the_least_of_all(indices: int) -> None:
    """Of four indices there are 81 combinations: one is changed at a time."""
    model = Steps(indices, costs(indices))
    assert (3**indices > choices.FEW) == (indices == 4)
    for held in ({}, {"r": -2.0}, {"r": 4.0}):
        value, best = exhaustive(model, **held)
        found = fit(model, fixed=held)
        assert found.valid
        assert found.minimum == pytest.approx(value, abs=1e-6)
        assert tuple(found.value(f"i{k}") for k in range(indices)) == best


def test_parameters_of_other_functions_have_no_errors() -> None:
    model = Steps(1, np.array([[0.0, 5.0, 5.0]]))
    found = fit(model, minos=["r"])
    assert found.value("i0") == 0
    assert found.error("a0") == 0
    assert found.error("r") == pytest.approx(1.0)
    assert "i0" in found.text()
    assert "0 (none)" in found.text()


def test_choices_without_a_minimum_are_left_out() -> None:
    found = fit(Steps(1, costs(1), broken=2))
    assert found.converged
    assert "no minimum was found with i0 = 2" in found.status
    assert found.value("i0") in (0, 1)


def test_no_choice_has_a_minimum() -> None:
    model = Steps(1, costs(1), broken=0)
    found = fit(model, fixed={"i0": 0.0})
    assert not found.converged
