"""Crossings of the profile: closed forms, iminuit's MINOS, bounds, profiles that do not rise."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.fits import fit as fitting
from hzdsl.stats.fits.crossing import Interval, crossing, interval
from hzdsl.stats.fits.fit import Way, fit, minos_of
from hzdsl.stats.fits.profile import Profile
from hzdsl.stats.parameters import Parameter, Parameters
from tests.stats.likelihoods import Function, counting, r_of, thirty


@pytest.mark.parametrize("level", [0.5, 1.92, 4.5])
def test_poisson_interval(level) -> None:
    """λ - n ln λ rises by the level at the roots that scipy finds."""
    from scipy.optimize import brentq

    n, b, s = 12.0, 3.0, 2.0
    likelihood = counting(s, b, n, r_of(low=-1.4))
    best = (n - b) / s

    def rise(r):
        lam = b + s * r
        return lam - n - n * np.log(lam / n) - level

    found = interval(Profile(likelihood, np.array([best])), "r", level)
    assert found.low == pytest.approx(brentq(rise, -1.49, best), abs=1e-4)
    assert found.high == pytest.approx(brentq(rise, best, 20), abs=1e-4)
    assert found.complete
    assert found.words() == ""


def test_as_iminuit_minos_for_all_parameters() -> None:
    from iminuit import Minuit

    likelihood = thirty(seed=6, nuisances=9)
    names = likelihood.parameters.names
    result = fit(likelihood, minos=names)
    minuit = Minuit(likelihood.value, result.values, name=names)
    minuit.errordef, minuit.strategy, minuit.tol = 0.5, 2, 1e-4
    minuit.migrad()
    minuit.minos()
    for name in names:
        ours, theirs = result.minos[name], minuit.merrors[name]
        assert (-ours.minus, ours.plus) == pytest.approx((theirs.lower, theirs.upper), rel=3e-3), name


def test_few_points() -> None:
    likelihood = thirty(seed=6)
    profile = Profile(likelihood, fit(likelihood).values)
    assert interval(profile, "r").complete
    assert profile.calls < 80


def test_ends_at_a_bound() -> None:
    found = interval(Profile(counting(5, 8, 10, r_of(low=0.2, high=0.6)), np.array([0.4])), "r")
    assert (found.low, found.high) == (0.2, 0.6)
    assert (found.low_state, found.high_state) == ("bound", "bound")
    assert found.words() == "below ends at the bound 0.2, above ends at the bound 0.6"


def test_a_profile_that_does_not_rise() -> None:
    """1 - exp(-x²/2) never rises by 1."""

    def value(x):
        return 1 - np.exp(-0.5 * x[0] ** 2)

    well = Function(
        Parameters([Parameter("x")]),
        value,
        lambda x: [x[0] * (1 - value(x))],
        lambda x: [[(1 - value(x)) * (1 - x[0] ** 2)]],
    )
    assert crossing(Profile(well, np.zeros(1)), "x", level=1.5).state == "flat"
    assert crossing(Profile(well, np.zeros(1)), "x", level=0.5).at == pytest.approx(np.sqrt(2 * np.log(2)), abs=1e-4)


def two_wells() -> Function:
    return Function(
        Parameters([Parameter("x", 2.0)]),
        lambda x: (x[0] ** 2 - 4) ** 2 / 40 + 0.1 * x[0],
        lambda x: [x[0] * (x[0] ** 2 - 4) / 10 + 0.1],
        lambda x: [[(3 * x[0] ** 2 - 4) / 10]],
    )


def test_a_deeper_minimum_is_taken_and_said() -> None:
    """Two wells, of which the fit starts in the shallower one."""
    wells = two_wells()
    first = fit(wells)
    assert first.value("x") > 0
    result = minos_of(wells, first, ["x"])
    assert result.value("x") < 0
    assert "a deeper minimum was found on the way to x" in result.status
    assert result.minos["x"].complete


def test_the_fit_is_done_again_in_the_same_way(monkeypatch) -> None:
    """Next to a deeper minimum as before: every option of it."""
    ways, found = [], fitting._found

    def seen(objective, way, information):
        ways.append(way)
        return found(objective, way, information)

    monkeypatch.setattr(fitting, "_found", seen)
    options = {"method": "migrad", "strategy": 2, "goal": 1e-5, "covariance": False, "retries": 7, "seed": 3}
    result = fit(two_wells(), minos=["x"], **options)
    assert result.value("x") < 0
    assert ways == [Way(**options)] * 2
    with pytest.raises(TypeError, match="nonsense"):
        minos_of(two_wells(), result, ["x"], nonsense=3)


def test_a_fixed_parameter_has_no_profile() -> None:
    likelihood = thirty(nuisances=3)
    with pytest.raises(HzdslError, match="parameter 'r' is fixed"):
        interval(Profile(likelihood, likelihood.parameters.values, {"r": 1.0}), "r")


def test_interval_words() -> None:
    assert Interval("r", 1.0, 0.5, 9.0, "crossed", "flat").words().startswith("above has no end")


def test_a_bound_is_an_answer_and_a_failure_is_none() -> None:
    states = ("crossed", "bound", "flat", "failed", "deeper")
    assert [Interval("r", 1.0, 0.0, 2.0, "bound", state).answered for state in states] == [True, True, *[False] * 3]
