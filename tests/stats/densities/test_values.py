"""Every density point by point, normalised, against its formula and QUADPACK, on both backends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV, MeV
from hzdsl.stats.densities.density import Density
from hzdsl.stats.observable import range_of
from tests.stats.densities.cases import CASES, HIGH, LOW, PLACES, Case
from tests.stats.densities.evaluated import density_at, on_both, on_one

#: By one density for all, or by two numeric integrals.
TOLERANCE = 1e-11


#: The first case of each kind.
FIRST = set({re.sub(r"-[-\d.].*", "", name): name for name in reversed(CASES)}.values())
SIDEBANDS = [(100, 131), (157, 200)]
LIMITS = [(100, 120), (118.5, 119.25), (140, 200), (150, 150)]


@dataclass(frozen=True)
class Found:
    """What a case gives at all places."""

    normalized: Any
    sidebands: Any
    expression: Any
    integrals: list[float]


@cache
def found(name: str) -> Found:
    """Evaluate a case; the first of each kind on both backends, which have the same operations: compiling takes long."""
    case = CASES[name]
    density = case.built()
    integrals = [density.integral(a, b) for a, b in LIMITS]
    along = [density.normalized(), density.normalized(SIDEBANDS), density.expression]
    evaluate = on_both if name in FIRST else on_one
    *rows, a, b, c, d = evaluate([*along, *integrals], {"x": PLACES}, case.at)
    return Found(*rows, [v[0] for v in (a, b, c, d)])


def formula(case: Case) -> Any:
    return np.array([case.shape(x, **case.at) for x in PLACES])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_values(case: Case) -> None:
    expected = formula(case) / case.integral(LOW, HIGH)
    values = found(case.name).normalized
    representable = expected > 1e-290
    np.testing.assert_allclose(values[representable], expected[representable], rtol=TOLERANCE)
    assert np.all((values[~representable] >= 0) & (values[~representable] < 1e-280))


@pytest.mark.parametrize("case", [c for n, c in CASES.items() if n != "sum"], ids=[n for n in CASES if n != "sum"])
def test_sidebands(case: Case) -> None:
    """Normalised on two ranges together; also where the formula itself is no number in either."""
    values = found(case.name).sidebands
    assert np.all(np.isfinite(values[(PLACES <= 131) | (PLACES >= 157)]))
    whole = sum(case.integral(*r) for r in SIDEBANDS)
    expected = formula(case) / whole if whole > 1e-290 else np.zeros_like(PLACES)
    representable = (expected > 1e-290) & ((PLACES <= 131) | (PLACES >= 157))
    np.testing.assert_allclose(values[representable], expected[representable], rtol=TOLERANCE)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_integrals(case: Case) -> None:
    """Over ranges within the observable's own, in the normalisation of the expression."""
    values = found(case.name)
    here = int(np.argmax(values.expression))
    factor = values.expression[here] / case.shape(PLACES[here], **case.at)
    for (a, b), value in zip(LIMITS, values.integrals, strict=True):
        expected = factor * case.integral(a, b) if a < b else 0.0
        np.testing.assert_allclose(value, expected, rtol=1e-10, atol=1e-290)


def test_fractions_are_those_of_the_ranges() -> None:
    x = hz.observable("x", 0, 10)
    parts = [hz.pdf.uniform(x), hz.pdf.exponential(x, -0.3)]
    found = density_at(hz.pdf.sum(parts, [0.25]), [1.0, 8.0], ranges=[(0, 2), (7, 10)])
    whole = sum(np.exp(-0.3 * a) - np.exp(-0.3 * b) for a, b in ((0, 2), (7, 10))) / 0.3
    np.testing.assert_allclose(found, 0.25 / 5 + 0.75 * np.exp(-0.3 * np.array([1.0, 8.0])) / whole, rtol=1e-14)


def test_a_blinded_peak_is_a_number() -> None:
    """Where both sidebands are hundreds of widths away, the density is normalised at the nearer one."""
    x = hz.observable("x", 0, 100)
    found = density_at(hz.pdf.gaussian(x, 50, 0.1), [39.0, 40.0, 61.0], ranges=[(0, 40), (61, 100)])
    assert found[1] == pytest.approx(1000.0, rel=1e-3)  # of an exponential tail of slope 10/0.1²
    assert found[0] == found[2] == 0


def test_units_of_arguments_are_converted() -> None:
    x = hz.observable("m", 5000 * MeV, 5800 * MeV)
    one = hz.pdf.gaussian(x, hz.parameter("mean", 5.3 * GeV), 25 * MeV)
    other = hz.pdf.gaussian(x, hz.parameter("mean", 5300 * MeV), hz.parameter("sigma", 0.025 * GeV))
    places = np.linspace(5200, 5400, 9)
    np.testing.assert_allclose(density_at(one, places), density_at(other, places), rtol=1e-12)
    slopes = [-2 / GeV, -0.002 / MeV]
    found = [density_at(hz.pdf.exponential(x, s), places) for s in slopes]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


def test_a_bare_number_is_in_natural_units() -> None:
    x = hz.observable("m", 105 * GeV, 160 * GeV)
    found = [density_at(hz.pdf.gaussian(x, m, s), [124.0]) for m, s in ((125, 2), (125 * GeV, 2000 * MeV))]
    np.testing.assert_array_equal(*found)


def test_what_is_measured_for_each_row_normalises_each_row() -> None:
    x, y = hz.observable("x", 0, 10), hz.observable("y", 0.1, 5)
    density = hz.pdf.gaussian(x, 3, y)
    assert [n.text("name") for n in density.conditional] == ["y"]
    sigma = np.array([0.2, 1.0, 4.0])
    found = density_at(density, [3.1, 5.0, 9.0], y=sigma)
    one_by_one = [density_at(hz.pdf.gaussian(x, 3, s), [v])[0] for v, s in zip([3.1, 5.0, 9.0], sigma, strict=True)]
    np.testing.assert_allclose(found, one_by_one, rtol=1e-14)


def test_a_numeric_integral_for_each_row() -> None:
    x, y = hz.observable("x", 0, 10), hz.observable("y", 0.1, 5)
    density = hz.pdf.from_function(hz.exp(-x / y), x)
    slope = np.array([0.5, 1.0, 4.0])
    expected = np.exp(-2 / slope) / (slope * (1 - np.exp(-10 / slope)))
    np.testing.assert_allclose(density_at(density, [2.0, 2, 2], y=slope), expected, rtol=1e-12)
    voigt = density_at(hz.pdf.voigt(x, 3, y, 0.5), [2.0, 2, 2], y=slope)
    one_by_one = [density_at(hz.pdf.voigt(x, 3, s, 0.5), [2.0])[0] for s in slope]
    np.testing.assert_allclose(voigt, one_by_one, rtol=1e-13)


def test_a_product_of_two_observables() -> None:
    x, y = hz.observable("x", 0, 10), hz.observable("y", 1, 5)
    factors = [hz.pdf.gaussian(x, 3, y), hz.pdf.exponential(y, -0.5)]
    found = on_both([hz.pdf.product(factors).normalized()], {"x": [2.0, 4.0], "y": [1.5, 3.0]}, {})[0]
    each = [density_at(factors[0], [2.0, 4.0], y=[1.5, 3.0]), density_at(factors[1], [1.5, 3.0])]
    np.testing.assert_allclose(found, each[0] * each[1], rtol=1e-14)


def test_kernels() -> None:
    """Of a fixed width as scipy's; of both kinds near the density that the sample is of."""
    from scipy import stats

    sample = np.random.default_rng(3).normal(5, 1, 1500)
    x = hz.observable("x", -5, 15)
    places = np.linspace(2, 8, 25)
    fixed = density_at(hz.pdf.kde(x, sample, adaptive=False), places)
    kernel = stats.gaussian_kde(sample, bw_method=(4 / (3 * len(sample))) ** 0.2 * sample.std() / sample.std(ddof=1))
    np.testing.assert_allclose(fixed, kernel(places), atol=2e-5 * kernel(places).max())
    for adaptive in (False, True):
        found = density_at(hz.pdf.kde(x, sample, adaptive=adaptive), places)
        assert np.abs(found - stats.norm.pdf(places, 5, 1)).max() < 0.04
    tail = [density_at(hz.pdf.kde(x, sample, adaptive=a), [9.5])[0] for a in (False, True)]
    assert 0 <= tail[0] < tail[1]  # wider kernels where the sample is thin


def test_weights_of_kernels_count() -> None:
    x = hz.observable("x", 0, 10)
    sample, weights = np.array([2.0, 3.0, 7.0]), np.array([1.0, 2.0, 1.0])
    one = hz.pdf.kde(x, sample, weights=weights, adaptive=False, bandwidth=2)
    found, repeated = (
        density_at(p, [2.5, 5.0]) for p in (one, hz.pdf.kde(x, [2, 3, 3, 7], adaptive=False, bandwidth=2))
    )
    assert found[0] > 0
    effective = [weights.sum() ** 2 / (weights**2).sum(), 4.0]
    assert effective[0] < effective[1]
    assert found[0] != repeated[0]  # fewer effective entries make wider kernels


@pytest.mark.parametrize("case", [CASES[n] for n in ("voigt-150-2-2", "argus-180--20-0.5", "product", "from-function")])
def test_the_stated_error(case: Case) -> None:
    (error,) = on_both([case.built().error], {}, case.at)  # type: ignore[attr-defined]
    assert error[0] < 1e-12


def test_every_density_is_a_case() -> None:
    others = {"kde", "extended"}  # tested above, and in `test_model`
    without = [n for n in hz.pdf.__all__ if not any(c.startswith(n.replace("_", "-")) for c in CASES)]
    assert set(without) == others


def test_a_density_says_what_it_is() -> None:
    density: Density = CASES["double-crystal-ball-0"].built()
    assert repr(density) == "<double crystal ball of x>"
    assert range_of(density.observable.node) == (100.0, 200.0)
