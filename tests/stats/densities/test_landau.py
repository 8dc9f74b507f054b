"""Landau's density beside SciPy's, which integrates what defines it, and where its parts meet."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import hzdsl as hz
from tests.stats.densities.evaluated import on_one

X = hz.observable("x", -6, 400)
#: SciPy's is the stable law of scale 1: of scale π/2 it is moved by ln(π/2).
PLACE, SCALE = np.log(np.pi / 2), np.pi / 2


def found(places: np.ndarray) -> np.ndarray:
    density = hz.pdf.landau(X, 0.0, 1.0)
    return np.asarray(on_one([density.at(X)], {"x": places}, {})[0])


def test_values_are_those_of_the_integral() -> None:
    places = np.concatenate([np.linspace(-3, 20, 70), np.geomspace(20, 390, 30)])
    wanted = stats.landau.pdf(places, loc=PLACE, scale=SCALE)
    near = places < 299
    np.testing.assert_allclose(found(places)[near], wanted[near], rtol=3e-9)
    np.testing.assert_allclose(found(places), wanted, rtol=5e-7)


@pytest.mark.parametrize("seam", [-5.5, -1.0, 1.0, 5.0, 12.0, 50.0, 300.0])
def test_parts_meet(seam: float) -> None:
    below, above = found(np.array([seam - 1e-9, seam + 1e-9]))
    assert above == pytest.approx(below, rel=5e-7 if seam == 300 else 5e-9)


def test_the_greatest_place() -> None:
    places = np.linspace(-1, 1, 20001)
    assert places[np.argmax(found(places))] == pytest.approx(-0.22278, abs=2e-4)


def test_the_integral() -> None:
    (value,) = on_one([hz.pdf.landau(X, 0.0, 1.0).integral(-3, 300)], {}, {})
    wanted = np.diff(stats.landau.cdf([-3.0, 300.0], loc=PLACE, scale=SCALE))[0]
    assert value[0] == pytest.approx(wanted, rel=1e-7)
