"""Limits from toys: exact where there is an exact answer, with errors that are right, in a bounded number of toys."""

from __future__ import annotations

import json
from functools import cache
from math import exp, factorial, log, sqrt

import numpy as np
import pytest
from scipy.optimize import brentq

from hzdsl.stats.methods.toy_limits import POINTS, ToyLimit, ToyLimits, crossing, toy_limits
from hzdsl.stats.methods.toy_tests import MOST_TIMES, Tail, ToyTests
from hzdsl.stats.methods.toys import How
from hzdsl.stats.parameters import Parameter, Parameters
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel

S, B, N = 5.0, 8.0, 9
PROCESSES = (Process("s", np.array([S]), factors=(Factor("r"),)), Process("b", np.array([B])))
R = Parameter("r", 1.0, 0.0, 20.0, interest=True)
LIKELIHOOD = TemplateLikelihood(TemplateModel((Channel("c", PROCESSES, np.array([float(N)])),), Parameters([R])))


def poisson(n: int, mean: float) -> float:
    return exp(-mean) * mean**n / factorial(n)


def exact_cls(n: int, r: float) -> float:
    """CLs of a counting experiment with b known: the statistic orders by counts."""
    return sum(poisson(k, r * S + B) for k in range(n + 1)) / sum(poisson(k, B) for k in range(n + 1))


def exact_limit(n: int) -> float:
    return brentq(lambda r: exact_cls(n, r) - 0.05, 0.01, 10)


@cache
def found(toys: int, accuracy: float = 0.01) -> ToyLimits:
    return toy_limits(LIKELIHOOD, how=How(toys, seed=1), cls_accuracy=accuracy)


def test_limits_of_toys_are_exact() -> None:
    given = toy_limits(LIKELIHOOD, how=How(100, seed=1), points=[1.2, 1.7, 2.2])
    assert [p.mu for p in given.points] == [1.2, 1.7, 2.2]
    for limits in (given, found(60)):
        observed = limits.observed
        assert abs(observed.value - exact_limit(N)) < 4 * observed.error
        assert observed.error < 0.25
        for point in limits.points:
            toys = len(point.with_signal)
            with_signal, without = (sum(poisson(k, mean) for k in range(N + 1)) for mean in (point.mu * S + B, B))
            error = np.sqrt(with_signal * (1 - with_signal) / toys) / without
            assert abs(point.cls()[0] - exact_cls(N, point.mu)) < 4 * error
    assert "limits at 95 % CLs from toys" in given.text()


@pytest.mark.parametrize("toys", [30, 500])
def test_errors_of_limits_are_right(toys: int) -> None:
    """Where CLs is an exponential: pulls of many limits are standard normal, also where many points have no toys."""
    rng, mu, truth, slope = np.random.default_rng(3), np.geomspace(0.5, 3.0, 8), 1.3, 2.5
    pulls = []
    for _ in range(400):
        tails = {}
        for m in mu:
            p, clb = min(0.05 * exp(-slope * (m - truth)), 1.0) * 0.5, 0.5
            below = max(rng.binomial(toys, clb), 1)
            tails[float(m)] = Tail(rng.binomial(toys, p), toys, below / toys, sqrt((1 - clb) / clb / toys))
        limit = crossing(tails, 0.05)
        if limit.value is not None:
            pulls.append((limit.value - truth) / limit.error)
    assert len(pulls) > 380
    assert abs(np.median(pulls)) < 0.25
    assert np.subtract(*np.quantile(pulls, [0.84, 0.16])) / 2 == pytest.approx(1, abs=0.2)


def test_no_limit_is_found_outside_of_the_points() -> None:
    def tails(mus: list[float]) -> dict[float, Tail]:
        return {m: Tail(round(1000 * min(1.0, exp(-m))), 1000, 1.0, 0.01) for m in mus}

    assert crossing(tails([2.0, 3.0, 4.0]), 0.05).value == pytest.approx(-log(0.05), abs=0.05)
    assert crossing(tails([1.0, 1.5, 2.0]), 0.05) == ToyLimit()
    assert crossing(tails([3.0]), 0.05) == ToyLimit()
    assert crossing({1.0: Tail(5, 100, 1.0, 0.0), 2.0: Tail(6, 100, 1.0, 0.0)}, 0.05) == ToyLimit()  # it does not fall


def test_more_toys_are_thrown_where_limits_are() -> None:
    """At most as many as at first; the first are the same."""
    few, more = found(60, accuracy=0.0), found(60)
    assert {len(p.with_signal) for p in few.points} == {60}
    extra = sum(len(p.with_signal) for p in more.points) - POINTS * 60
    assert 0 < extra <= POINTS * 60
    assert more.observed.error < few.observed.error
    by_value = {p.mu: p for p in more.points}
    for point in few.points:
        assert by_value[point.mu].with_signal[:60].tobytes() == point.with_signal.tobytes()
    near = [len(p.with_signal) for p in more.points if abs(p.mu / more.observed.value - 1) < 0.25]
    assert max(near) > 60


def test_where_cls_is_known_well_there_are_no_more_toys() -> None:
    points = toy_limits(LIKELIHOOD, how=How(60, seed=2), points=[0.7, 1.2, 1.7, 2.2, 4.0], cls_accuracy=1.0).points
    assert {len(p.with_signal) for p in points} == {60}


def test_toys_are_thrown_at_a_value_until_cls_is_known() -> None:
    tester = ToyTests(LIKELIHOOD, "r", How(40, seed=5))
    test = tester.throw_until(1.5, 0.03)
    assert test.cls()[1] <= 0.03
    assert len(test.with_signal) > 40
    assert abs(test.cls()[0] - exact_cls(N, 1.5)) < 0.12
    whole = ToyTests(LIKELIHOOD, "r", How(len(test.with_signal), seed=5)).throw(1.5)
    assert whole.with_signal.tobytes() == test.with_signal.tobytes()
    assert whole.without.tobytes() == test.without.tobytes()
    assert len(ToyTests(LIKELIHOOD, "r", How(2)).throw_until(1.5, 1e-9).with_signal) == 2 * MOST_TIMES


def test_large_errors_are_remarked_on_in_text_and_data() -> None:
    few = found(8)
    assert few.said[-1] == "other points or more toys are needed"
    assert "; ".join(few.said) in few.text()
    assert json.loads(few.to_json())["said"] == list(few.said)
    assert (
        not toy_limits(LIKELIHOOD, how=How(150, seed=1), points=[1.2, 1.7, 2.2], cls_accuracy=0).observed.relative > 0.1
    )


def test_what_is_not_found_is_so_in_text_and_data() -> None:
    low = toy_limits(LIKELIHOOD, how=How(40), points=[0.1, 0.2])
    assert low.observed == ToyLimit()
    assert "observed          not found" in low.text()
    assert low.said[0].startswith("not found: observed, expected 2.5 %")
    data = json.loads(low.to_json())
    assert data["observed"] == {"value": None, "error": None}
    value, error = data["points"][0]["cls"]
    assert (value, error) == low.points[0].cls()
    assert error > 0
