"""Proofs of disjointness that must hold, and those that must not: found by an attack on rule R5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV

ev = hz.events("nanoaod")
mu, el = ev.Muon, ev.Electron
good = mu[mu.pt > 5 * GeV]


def partner() -> Any:
    """Another muon for each: the exclusion holds for each muon's own partner only."""
    others = mu.per(good) - good
    return good.assign(partner=others.argmax(others.pt))


REFUSED: list[Callable[[], Any]] = [
    lambda: partner()[0].partner + good,  # the partner of the first, added to every muon
    lambda: (mu - (mu[0] + mu[1]))[0] + mu[0],  # with one muon there is no sum to exclude, and mu[0] is first again
    lambda: partner()[0].partner + good[1],
]


@pytest.mark.parametrize("build", REFUSED)
def test_refused(build: Callable[[], Any]) -> None:
    with pytest.raises(hz.HzdslError) as error:
        build()
    assert error.value.code == "identity"


def legs_of_legs() -> Any:
    zz = hz.pair(hz.pair(mu)).nearest(125)
    return zz.leg1.leg1 + zz.leg2.leg2


ACCEPTED: list[Callable[[], Any]] = [
    lambda: (mu - good)[0] + good[0],  # one list of the event without another
    lambda: (mu - hz.pair(mu))[0] + hz.pair(mu)[0],
    legs_of_legs,
    lambda: (mu - (mu[0] + mu[1]))[0] + (mu[0] + mu[1]),
    lambda: partner().partner + good,  # each with its own partner
]


@pytest.mark.parametrize("build", ACCEPTED)
def test_accepted(build: Callable[[], Any]) -> None:
    assert build().mass is not None


def test_excluding_a_sum_with_a_missing_leg_excludes_nothing() -> None:
    import numpy as np

    from hzdsl.backends.base import Chunk, Program
    from hzdsl.backends.codegen import CodegenBackend
    from hzdsl.backends.interpret import InterpretBackend

    program = Program(dumps=(hz.count(mu - (mu[0] + mu[5])).node, hz.count(mu - (mu[0] + mu[1])).node))
    chunk = Chunk(1, {}, {"Muon": np.array([0, 3])})
    for backend in (CodegenBackend(), InterpretBackend()):
        partial = backend.compile(program).run(chunk, {})
        assert [int(d.values[0]) for d in partial.dumps] == [3, 1]
