"""Numeric integrals are looked at again where a fit ends."""

from __future__ import annotations

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.stats.densities.numeric import Accuracy
from hzdsl.stats.fits.fit import fit

X = hz.observable("x", 0, 10)
WIDTH = hz.parameter("width", 1.0, bounds=(0.02, 5))
BUMP = hz.pdf.from_function(hz.exp(-(((X - 5) / WIDTH) ** 2)), X, nodes=64)
N = hz.parameter("n", 400.0, bounds=(0, 5000))


def fitted(width: float, density: hz.stats.Extended | None = None) -> hz.stats.FitResult:
    """Return the fit of rows that are so wide, from a width of 1, where 64 nodes are plenty."""
    density = density or hz.pdf.extended(bump=(N, BUMP))
    model = hz.stats.UnbinnedModel([hz.stats.UnbinnedChannel("only", density)])
    rows = np.random.default_rng(1).normal(5, width / np.sqrt(2), 400)
    return fit(hz.stats.UnbinnedLikelihood(model, {"only": hz.stats.Rows({"x": rows})}))


def test_a_peak_too_narrow_for_the_nodes_is_said() -> None:
    result = fitted(0.1)
    (said,) = [s for s in result.said if "nodes" in s]
    assert said.startswith("the integral of <from expression of x> by 64 nodes is off by ")
    assert said.endswith("use more nodes")
    assert said in result.status


def test_nothing_is_said_where_it_is_as_accurate_as_at_the_start() -> None:
    assert fitted(0.8).said == ()


def test_densities_within_others_are_found() -> None:
    mixed = hz.pdf.extended(a=(N, hz.pdf.sum([BUMP, hz.pdf.uniform(X)], [0.9])))
    assert any("64 nodes" in s for s in fitted(0.1, mixed).said)


@pytest.mark.parametrize("density", [hz.pdf.gaussian(X, 5, WIDTH), hz.pdf.uniform(X)])
def test_exact_integrals_need_no_look(density: hz.stats.Extended) -> None:
    assert Accuracy([density]).remarks({"width": 0.02}) == ()


def test_channels_of_bins_say_it_too() -> None:
    part = hz.stats.BinnedPart((hz.stats.BinnedChannel("b", hz.pdf.extended(bump=(N, BUMP)), np.linspace(0, 10, 5)),))
    assert part.remarks({"width": 0.05, "n": 10.0}) != ()
    assert part.remarks({"width": 1.0, "n": 10.0}) == ()


def test_a_start_outside_of_the_bounds_is_said() -> None:
    density = hz.pdf.extended(bump=(N, hz.pdf.gaussian(X, 5, WIDTH)))
    model = hz.stats.UnbinnedModel([hz.stats.UnbinnedChannel("only", density)])
    rows = np.random.default_rng(1).normal(5, 1, 400)
    likelihood = hz.stats.UnbinnedLikelihood(model, {"only": hz.stats.Rows({"x": rows})})
    assert "width starts at its bound 5, not at 30" in fit(likelihood, start=np.array([400.0, 30.0])).said
    assert "width starts at its bound 2, not at 1" in fit(likelihood, bounds={"width": (2, 5)}).said
    assert fit(likelihood).said == ()
