"""How many events of a process are expected, as an expression of parameters (STATS §3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from hzdsl.ir.algebra import function, number, plus, times
from hzdsl.ir.building.leaves import param
from hzdsl.ir.node import Node
from hzdsl.stats.templates.graph import log_norm
from hzdsl.stats.templates.model import Factor, Norm
from hzdsl.stats.templates.norms import coefficients


def expected_yield(
    rate: float, norms: Iterable[Norm], factors: Iterable[Factor], expressions: Iterable[Node | None]
) -> Node:
    """Return a rate times factors that follow parameters by a rule, parameters, and expressions of them."""
    found = number(rate)
    logs = [_log_norm(n) for n in norms]
    if logs:
        found = times(found, function("exp", reduce(plus, logs)))
    for factor in factors:
        found = times(found, param(factor.parameter, 1.0))
    for expression in expressions:
        if expression is not None:
            found = times(found, expression)
    return found


def _log_norm(norm: Norm) -> Node:
    known = coefficients(norm.rule, [norm])
    return log_norm(norm.rule, param(norm.parameter, 0.0), lambda name: number(float(known[name][0])))
