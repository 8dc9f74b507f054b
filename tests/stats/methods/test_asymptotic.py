"""Asymptotic tests, limits and significances: closed forms, pyhf, the expected numbers of ../shared/data/stats/README.md."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.fits.profile import ProfilePoint
from hzdsl.stats.methods.asimov import asimov_of
from hzdsl.stats.methods.asymptotic import Hypotheses, hypotest, limits
from hzdsl.stats.methods.probabilities import upper_tail
from hzdsl.stats.methods.significance import significance
from hzdsl.stats.parameters import Parameter, Parameters
from tests.stats.likelihoods import Function, counting, normsys, on_off, r_of, thirty, uncorrelated

#: pyhf reads its schemas with a class that jsonschema will drop.
oracle = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def pyhf_bands(spec, mu, data):
    """CLs of pyhf, observed and expected, with the codes of the validation files."""
    import pyhf

    model = pyhf.Model(
        spec, modifier_settings={"normsys": {"interpcode": "code1"}, "histosys": {"interpcode": "code0"}}
    )
    found, band = pyhf.infer.hypotest(
        mu, [*data, *model.config.auxdata], model, test_stat="qtilde", return_expected_set=True
    )
    return float(found), [float(x) for x in band]


def uncorrelated_spec(s, b, db):
    import pyhf

    return pyhf.simplemodels.uncorrelated_background(s, b, db).spec


@oracle
def test_uncorrelated_background_is_pyhf_s() -> None:
    """P1: observed .05251497, expected .06445319, printed in pyhf's README."""
    s, b, db, n = [12.0, 11.0], [50.0, 52.0], [3.0, 7.0], [51.0, 48.0]
    found = hypotest(uncorrelated(s, b, db, n), 1.0)
    assert (found.cls, found.expected[2]) == pytest.approx((0.05251497, 0.06445319), rel=1e-3)
    observed, band = pyhf_bands(uncorrelated_spec(s, b, db), 1.0, n)
    assert found.cls == pytest.approx(observed, rel=1e-3)
    assert found.expected == pytest.approx(band, rel=2e-3)


@oracle
def test_two_bins_of_pyhf() -> None:
    """P2: CLs .35998409; upper limits 2.1253, expected 1.1511 1.5387 2.1253 2.9435 3.9316."""
    likelihood = uncorrelated([5.0, 10.0], [50.0, 60.0], [5.0, 12.0], [50.0, 60.0])
    found = hypotest(likelihood, 1.0)
    assert found.cls == pytest.approx(0.35998409, rel=1e-4)
    assert found.expected[2] == pytest.approx(0.35998409, rel=1e-4)
    limit = limits(likelihood)
    assert limit.observed == pytest.approx(2.1253, rel=1e-2)
    assert limit.expected[2] == pytest.approx(2.1253, rel=1e-2)
    of_pyhf, _ = pyhf_bands(uncorrelated_spec([5.0, 10.0], [50.0, 60.0], [5.0, 12.0]), limit.observed, [50.0, 60.0])
    assert of_pyhf == pytest.approx(0.05, rel=1e-3)


def test_quantiles_of_pyhf_and_of_combine() -> None:
    """Combine's 16 % is a quantile, pyhf's a number of standard deviations: Φ(-1) = 15.87 %."""
    likelihood = uncorrelated([5.0, 10.0], [50.0, 60.0], [5.0, 12.0], [50.0, 60.0])
    limit = limits(likelihood)
    for found, pyhf_s in zip(limit.expected, (1.1511, 1.5387, 2.1253, 2.9435, 3.9316), strict=True):
        assert found == pytest.approx(pyhf_s, rel=1.2e-2)
    test = hypotest(likelihood, 2.9435)
    assert test.expected[3] == pytest.approx(0.05, rel=1e-2)


def test_norm_systematic_of_pyhf() -> None:
    """P3: of two bins, background factor .9/1.1 exponential; observed .0006735336."""
    found = hypotest(normsys([30.0, 95.0], [100.0, 150.0], 0.9, 1.1, [120.0, 180.0]), 1.0)
    assert found.cls == pytest.approx(0.0006735336, rel=1e-3)
    band = (7.4726e-10, 5.7417e-8, 3.6901e-6, 1.69669e-4, 4.392935e-3)
    assert found.expected == pytest.approx(band, rel=4e-3)


def test_li_and_ma() -> None:
    """T. Li, Y. Ma, ApJ 272 (1983) 317, eq. 17, with α = 1/τ."""
    n, m, tau = 20.0, 10.0, 2.0
    alpha = 1 / tau
    z = sqrt(2 * (n * log((1 + alpha) / alpha * n / (n + m)) + m * log((1 + alpha) * m / (n + m))))
    found = significance(on_off(n, m, tau))
    assert found.z == pytest.approx(z, rel=1e-6)
    assert found.p == pytest.approx(upper_tail(z), rel=1e-5)
    assert found.best == pytest.approx(n - m / tau, rel=1e-6)


def test_a_deficit_is_none_or_negative() -> None:
    n, s, b = 10.0, 5.0, 20.0
    capped = significance(counting(s, b, n))
    assert (capped.z, capped.p) == (0.0, 0.5)
    free = significance(counting(s, b, n, r_of(high=3.0)), capped=False)
    assert free.z == pytest.approx(-sqrt(2 * (b - n - n * log(b / n))), rel=1e-6)
    assert free.best == pytest.approx(-2.0, rel=1e-6)


def test_asimov_significance_is_closed() -> None:
    """√(2[(s+b) ln(1 + s/b) - s]), STATS §4.6."""
    likelihood = counting(5.0, 8.0, 100.0)
    expected = significance(likelihood.given(asimov_of(likelihood, {"r": 1.0})))
    assert expected.z == pytest.approx(sqrt(2 * (13 * log(1 + 5 / 8) - 5)), rel=1e-7)


def test_limit_of_many_events_is_gaussian() -> None:
    """CLs of x̂ = 0 of a parabola: Φ⁻¹(1 - 0.025) σ."""
    b, s = 1e8, 1e4
    limit = limits(counting(s, b, b))
    assert limit.observed == pytest.approx(1.959964, rel=2e-3)
    assert limit.expected[2] == pytest.approx(limit.observed, rel=1e-6)


def test_the_limit_has_a_cls_of_five_percent() -> None:
    likelihood = thirty()
    for level in (0.9, 0.95):
        assert hypotest(likelihood, limits(likelihood, level=level).observed).cls == pytest.approx(1 - level, rel=1e-3)


def test_expected_bands_rise_and_hold_the_median() -> None:
    expected = limits(thirty()).expected
    assert np.diff(expected).min() > 0
    background = thirty(toy=False, r=0.0)
    assert limits(background).observed == pytest.approx(limits(background).expected[2], rel=1e-4)


def test_beyond_the_bound() -> None:
    with pytest.raises(HzdslError, match=r"above the upper bound 0\.5 of r") as caught:
        limits(counting(5, 8, 9, r_of(0.2, high=0.5)))
    assert caught.value.fix == "give r a higher bound (hzdsl limit --range r=0,MORE; hzdsl combine --rMax)"


def test_a_signal_of_nothing() -> None:
    with pytest.raises(HzdslError, match="does not depend on r"):
        limits(counting(0, 8, 9))


def test_which_parameter() -> None:
    likelihood = thirty(nuisances=3)
    with pytest.raises(HzdslError, match="there is no parameter 'mu'"):
        significance(likelihood, "mu")
    nobody = likelihood.with_parameters(likelihood.parameters.changed({"r": {"interest": False}}))
    with pytest.raises(HzdslError, match="0 parameters are of interest"):
        limits(nobody)


def test_text() -> None:
    text = limits(counting(5, 8, 9)).text().splitlines()
    assert text[0] == "limits at 95 % CLs"
    assert [line.split()[0] for line in text[3:9]] == ["observed", *["expected"] * 5]


def two_wells() -> Function:
    """Along a nuisance parameter, the fit starting in the shallower one."""

    def depth(x):
        return (x[1] ** 2 - 1) ** 2 - 0.4 * x[1]

    return Function(
        Parameters([Parameter("r", 1.0, 0.0, 20.0, interest=True), Parameter("x", -1.0, -3.0, 3.0)]),
        lambda x: 0.5 * (x[0] - 1) ** 2 + depth(x),
        lambda x: [x[0] - 1, 4 * x[1] * (x[1] ** 2 - 1) - 0.4],
        lambda x: [[1, 0], [0, 12 * x[1] ** 2 - 4]],
    )


def test_limits_do_not_begin_again_without_end(monkeypatch) -> None:
    """Where the fit next to a deeper minimum finds the shallow one again, that is said after some times."""
    tested, times = Hypotheses(two_wells()), []
    tested._near["data"] = ProfilePoint(np.array([1.0, 1.05]), 0.0, np.zeros(1), True)
    monkeypatch.setattr(Hypotheses, "_begin_again", lambda self, *which: times.append(which))
    with pytest.raises(
        HzdslError, match="the fits at r = 2 are deeper than the best fit, which was found again 3 times"
    ):
        tested.q(2.0)
    assert len(times) == 3


def test_limits_begin_again_where_a_deeper_minimum_is_met() -> None:
    """A point at high r leads to the other well."""
    tested = Hypotheses(two_wells())
    low, shallow = tested.data.x, tested.data.minimum
    assert low[1] < 0
    tested._near["data"] = ProfilePoint(np.array([1.0, 1.05]), 0.0, np.zeros(1), True)
    assert tested.q(2.0) == pytest.approx(1.0, abs=1e-5)
    assert tested.data.minimum < shallow - 0.5
    assert tested.q(3.0) == pytest.approx(4.0, abs=1e-5)
