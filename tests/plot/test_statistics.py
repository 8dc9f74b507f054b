from __future__ import annotations

import math

import numpy as np
import pytest

from hzdsl.plot.statistics import are_counts, garwood, over, poisson_errors, pulls


def probability_of_at_most(count: int, mean: float) -> float:
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))


@pytest.mark.parametrize("count", [1, 2, 3, 10, 100, 999, 1001, 3000])
def test_garwood_is_what_it_is_defined_to_be(count):
    tail = math.erfc(1 / math.sqrt(2)) / 2
    (low,), (high,) = garwood(np.array([float(count)]))
    tolerance = 1e-9 if count < 1000 else 1e-4
    assert probability_of_at_most(count, high) == pytest.approx(tail, rel=tolerance)
    assert 1 - probability_of_at_most(count - 1, low) == pytest.approx(tail, rel=tolerance)


def test_garwood_of_small_counts():
    low, high = garwood(np.array([0.0, 1.0, 0.0]))
    assert low.tolist() == pytest.approx([0, -math.log(1 - 0.158655254), 0])
    assert high.tolist() == pytest.approx([-math.log(0.158655254), 3.299527, -math.log(0.158655254)])


def test_weighted_data_have_symmetric_errors():
    down, up = poisson_errors(np.array([0.5, -1.0]), np.array([0.25, 4.0]))
    assert down.tolist() == up.tolist() == [0.5, 2.0]
    assert not are_counts(np.array([-1.0]), np.array([-1.0]))
    assert not are_counts(np.array([0.5]), np.array([0.5]))


def test_nothing_against_nothing_is_undefined_not_infinite():
    zero = np.zeros(1)
    assert np.isnan(pulls(zero, zero, zero)).all()
    assert np.isnan(over(np.ones(1), zero)).all()
    assert pulls(np.zeros(1), np.array([-1.0]), np.ones(1)).tolist() == [1.0]
