"""Yields as expressions of parameters: every rule against plain formulas."""

from __future__ import annotations

import pytest

from hzdsl.lang.values import Value
from hzdsl.stats.combine.yields import expected_yield
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.templates.model import Factor, Norm
from tests.stats.templates import reference
from tests.stats.templates.models import NORM_RULES


@pytest.mark.parametrize("rule", NORM_RULES)
@pytest.mark.parametrize(("up", "down"), [(1.3, 0.9), (1.1, 1 / 1.1), (0.8, 0.95)])
def test_norms_follow_their_rule_on_either_side(rule: str, up: float, down: float) -> None:
    norm = Norm("theta", up, down, rule)  # type: ignore[arg-type]
    values = RowEvaluator([Value(expected_yield(20.0, [norm], [Factor("k")], [None]))])
    for theta in (-2.0, -1.0, -0.7, -0.5, -0.2, 0.0, 0.3, 0.5, 0.8, 1.0, 1.9):
        wanted = 20 * 1.5 * reference.norm_factor(norm, theta)
        assert values.scalars({"theta": theta, "k": 1.5}) == [pytest.approx(wanted, rel=1e-12)]


@pytest.mark.parametrize("theta", [-1 / 0.3, -4.0])
def test_a_straight_line_ends_at_nothing(theta: float) -> None:
    """At the lower bound of a trG line's parameter, and below."""
    node = expected_yield(20.0, [Norm("theta", 1.3, 0.7, "code0")], [], [None])
    assert RowEvaluator([Value(node)]).scalars({"theta": theta}) == [pytest.approx(0, abs=1e-12)]
