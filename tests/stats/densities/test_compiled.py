"""Every kind of density in a compiled likelihood: its value is that of the rows, its derivatives are numbers."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedLikelihood
from hzdsl.stats.likelihood import Rows
from tests.stats.densities.cases import CASES, PLACES
from tests.stats.densities.evaluated import on_one

NAMES = [
    "double-crystal-ball-0", "power-law--4.5", "bernstein-3", "voigt-150-2-2", "argus-250--1-0.5", "step", "interpolated",
    "product", "convolved",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_compiled_likelihood(name: str) -> None:
    case = CASES[name]
    density = case.built()
    rows = PLACES[[case.shape(x, **case.at) > 0 for x in PLACES]]
    model = UnbinnedModel([UnbinnedChannel("c", density)])
    likelihood = UnbinnedLikelihood(model, {"c": Rows({"x": rows})})
    at = np.array([case.at[p] for p in model.parameters.names])
    value, slopes = likelihood.value_and_gradient(at)
    (heights,) = on_one([density.normalized()], {"x": rows}, case.at)
    assert value == pytest.approx(-np.log(heights).sum(), rel=1e-12)
    assert np.all(np.isfinite(slopes))
    hessian = likelihood.hessian(at)
    assert np.all(np.isfinite(hessian))
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-6, atol=1e-9 * np.abs(hessian).max(initial=0))
