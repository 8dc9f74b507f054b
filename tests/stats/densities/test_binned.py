"""Bins with densities: integrals, or values in the middle, and the likelihood of counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, poisson

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.stats.declare import parameter_nodes, parameter_of
from hzdsl.stats.densities.binned import BinnedChannel, BinnedPart, Rule
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.likelihood import Observation
from hzdsl.stats.parameters import Parameters
from hzdsl.stats.parts import JointLikelihood

EDGES = np.array([0.0, 1.0, 2.5, 4.0, 5.0, 7.0, 10.0])
SEEN = np.array([3.0, 9.0, 25.0, 14.0, 12.0, 0.0])


def likelihood(rule: Rule) -> JointLikelihood:
    x = hz.observable("x", 0, 10)
    n, mean = hz.parameter("n", 50.0, bounds=(0, None)), hz.parameter("mean", 4.0, constraint=hz.normal(4.0, 0.5))
    flat = hz.parameter("flat", 10.0, bounds=(0, None))
    density = hz.pdf.extended(peak=(n, hz.pdf.gaussian(x, mean, 1.0)), flat=(flat, hz.pdf.uniform(x)))
    channel = BinnedChannel("only", density, EDGES, rule)
    parameters = Parameters(parameter_of(p) for p in parameter_nodes([channel.nll]).values())
    return JointLikelihood([BinnedPart((channel,))], parameters, Observation({"only": SEEN}, parameters.centers))


@pytest.mark.parametrize("rule", ["integral", "centre"])
def test_expectations_and_value(rule: Rule) -> None:
    model = likelihood(rule)
    at = {"n": 44.0, "mean": 3.7, "flat": 12.0}
    x = np.array([at[name] for name in model.parameters.names])
    peak = norm(3.7, 1.0)
    whole = peak.cdf(10) - peak.cdf(0)
    middle = 0.5 * (EDGES[1:] + EDGES[:-1])
    share = np.diff(peak.cdf(EDGES)) if rule == "integral" else peak.pdf(middle) * np.diff(EDGES)
    found = model.expected(x)["only"]
    np.testing.assert_allclose(found["peak"], 44 * share / whole, rtol=1e-12)
    np.testing.assert_allclose(found["flat"], 1.2 * np.diff(EDGES), rtol=1e-12)
    mean = found["peak"] + found["flat"]
    wanted = -poisson.logpmf(SEEN, mean).sum() - norm.logpdf(4.0, 3.7, 0.5)
    assert model.value(x) == pytest.approx(wanted, rel=1e-12)


def test_slopes_fits_and_other_data() -> None:
    model = likelihood("integral")
    x = model.parameters.values + 0.3
    steps = np.eye(3) * 1e-4
    numeric = [(model.value(x + h) - model.value(x - h)) / 2e-4 for h in steps]
    np.testing.assert_allclose(model.value_and_gradient(x)[1], numeric, rtol=1e-6)
    asimov = model.given(model.asimov(x))
    assert np.abs(asimov.value_and_gradient(x)[1]).max() < 1e-9
    assert asimov.value(x) == pytest.approx(asimov.saturated(), rel=1e-12)
    toy = model.toy(x, np.random.default_rng(5))
    assert fit(model.given(toy)).status == "valid"


def test_edges_that_fall_are_refused() -> None:
    x = hz.observable("x", 0, 10)
    density = hz.pdf.extended(flat=(hz.parameter("m", 10.0), hz.pdf.uniform(x)))
    with pytest.raises(HzdslError, match="do not rise"):
        BinnedPart((BinnedChannel("only", density, np.array([0.0, 2.0, 1.0])),))


def test_counts_of_another_length_are_refused() -> None:
    model = likelihood("integral")
    with pytest.raises(HzdslError, match="has 6 bins, and the observation has other ones"):
        model.given(Observation({"only": SEEN[:3]}, model.parameters.centers))
