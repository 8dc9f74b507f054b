"""What requirements prove: which outputs can be empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.ir.presence import certain

mu = hz.events("nanoaod").Muon
hard = mu[mu.pt > 5 * GeV]
z = hz.pair(mu).opposite_charge().nearest(91.2)

PROVED: list[tuple[Callable[[], Any], Callable[[], Any]]] = [
    (lambda: mu[1].pt, lambda: hz.count(mu) >= 2),
    (lambda: mu[1].pt, lambda: hz.count(hard) == 2),
    (lambda: (mu[0] + mu[1]).mass, lambda: hz.count(mu) > 1),
    (lambda: hard.sort(-hard.pt)[1].pt, lambda: hz.count(hard) >= 2),
    (lambda: z.mass, lambda: z.exists),
    (lambda: z.leg1.pt, lambda: z.exists & (hz.count(mu) > 3)),
    (lambda: mu[0].pt.otherwise(0), lambda: hz.count(mu) >= 0),
    (lambda: z.mass, lambda: z.mass > 12 * GeV),
]
OPEN: list[tuple[Callable[[], Any], Callable[[], Any]]] = [
    (lambda: mu[1].pt, lambda: hz.count(mu) >= 1),
    (lambda: hard[1].pt, lambda: hz.count(mu) >= 2),
    (lambda: z.mass, lambda: hz.count(mu) >= 2),
    (lambda: mu[1].pt, lambda: (hz.count(mu) >= 2) | (hz.count(hard) >= 1)),
    (lambda: mu[1].pt, lambda: (mu[1].pt > 5 * GeV) | (mu[0].pt > 5 * GeV)),  # either may decide
    (lambda: hz.max(mu.pt), lambda: hz.count(mu) >= 1),  # all may be NaN
]


@pytest.mark.parametrize(("value", "requirement"), PROVED)
def test_proved(value: Callable[[], Any], requirement: Callable[[], Any]) -> None:
    assert certain(value().node, [requirement().node])


@pytest.mark.parametrize(("value", "requirement"), OPEN)
def test_not_proved(value: Callable[[], Any], requirement: Callable[[], Any]) -> None:
    assert not certain(value().node, [requirement().node])
