"""Proofs of disjointness (rule R5): those that must hold do hold in random events, and those that must not are refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.ir.axes import sees
from hzdsl.ir.identity import disjoint
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.lang.explicit import legs, shares
from tests.fuzz.choosers import seeded
from tests.fuzz.pool import Pool
from tests.fuzz.programs import chunk_of
from tests.fuzz.strategies import GROW, grow
from tests.ir.events import events_for, present

ev = hz.events("nanoaod")
mu, el, jet, gen = ev.Muon, ev.Electron, ev.Jet, ev.GenPart
good = mu[mu.pt > 5 * GeV]
hard = good[good.pt > 10 * GeV]
plus, minus = mu[mu.charge > 0], mu[mu.charge < 0]
z = hz.pair(mu).nearest(91.2)
zz = hz.pair(hz.pair(mu)).nearest(125)


def partner() -> Any:
    """Another muon for each: the exclusion holds for each muon's own partner only."""
    others = mu.per(good) - good
    return good.assign(partner=others.argmax(others.pt))


def apart_from(x: Any) -> Any:
    """Muons that are not their partner: what each excludes is its own."""
    return x - x.partner


def each_partner() -> Any:
    others = mu.per(mu) - mu
    return mu.assign(partner=others.argmax(others.pt))


def only_some(x: Any) -> Any:
    """Muons that are none of the hard ones among x: others of x they may be."""
    every = x.per(mu)
    return mu[~hz.any(shares(mu, every.under()).along(every[every.pt > 10 * GeV]))]


def softer() -> Any:
    """For each jet, the muons of less pt: a list that differs from jet to jet."""
    every = mu.per(jet)
    return every[every.pt < jet.pt]


Build = Callable[[], tuple[Any, Any]]

#: Two objects that may share a particle.
REFUSED: dict[str, Build] = {
    "the partner of the first, with every muon": lambda: (partner()[0].partner, good),
    "the partner of the first, with the second": lambda: (partner()[0].partner, good[1]),
    "the partner of the first of others": lambda: (partner()[0].partner, mu[0]),
    "the partner of the first of those without it": lambda: (partner()[0].partner, (mu - good[0])[0]),
    "the jet of the first of a list of its own": lambda: (mu.per(jet).assign(owner=jet)[0].owner, jet[0]),
    "a leg of the pair of the first of a list of its own": lambda: (
        mu.per(hz.pair(mu)).assign(one=hz.pair(mu).leg1)[0].one,
        mu.per(hz.pair(mu))[1],
    ),
    "partners of two": lambda: (partner()[0].partner, partner()[1].partner),
    # with one muon there is no sum to exclude, and mu[0] is first again
    "without a sum that may be missing": lambda: ((mu - (mu[0] + mu[1]))[0], mu[0]),
    "for each of m all that are not their own partner, with m's": lambda: (
        apart_from(each_partner()).per(each_partner()).under(),
        each_partner().partner,
    ),
    "of these the first": lambda: (apart_from(each_partner()).per(each_partner())[0], each_partner().partner),
    "what a condition on another muon says": lambda: (mu.per(mu)[~shares(mu, mu[0])][0], mu[0]),
    "without some of a list": lambda: (only_some(mu)[0], mu[0]),
    "legs of one leg": lambda: (zz.leg1.leg1, zz.leg1),
    "two pairs": lambda: (hz.pair(mu)[0], hz.pair(mu)[1]),
    "matched to one": lambda: (z.leg1.gen, z.leg2.gen),
    "a mother": lambda: (gen[0], gen[0].mother),
    "slices that overlap": lambda: (mu[1:][0], mu[:2][1]),
    "a slice and one of it": lambda: (mu[1:].leading(), mu[2]),
    "in other orders": lambda: (mu.sort(mu.pt)[0], mu.sort(-mu.pt)[1]),
    "in another order": lambda: (mu.sort(-mu.pt)[1], mu[0]),
    "legs of two": lambda: (hz.pair(mu).opposite_charge()[1].leg1, hz.pair(mu).opposite_charge()[0].leg2),
    "first of two selections": lambda: (mu[mu.pt > 5 * GeV][1], mu[mu.pt > 10 * GeV][0]),
    "of a filter the second": lambda: (good[1], mu[1]),
    "conditions that do not exclude each other": lambda: (mu[mu.charge > 0][0], mu[mu.charge > -1][0]),
    "conditions on what differs": lambda: (mu[mu.charge > 0][0], mu[mu.pdgId < 0][0]),
    "pairs by conditions on pairs": lambda: (hz.pair(mu).same_charge()[0], hz.pair(mu).opposite_charge()[0]),
    "where, of one": lambda: (hz.where(mu[0].pt > mu[1].pt, mu[0], mu[1]), mu[1]),
    "where, by two conditions": lambda: (
        hz.where(mu[0].pt > mu[1].pt, mu[0], mu[1]),
        hz.where(mu[0].charge > 0, mu[1], mu[0]),
    ),
    "the first for each jet, with the second for another": lambda: (
        softer()[0],
        jet.assign(second=softer()[1]).sort(-jet.pt)[0].second,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    a, b = REFUSED[name]()
    with pytest.raises(hz.HzdslError) as error:
        a + b
    assert error.value.code == "identity"


#: Two objects that share none.
ACCEPTED: dict[str, Build] = {
    "other collections": lambda: (mu[0], el[0]),
    "positions": lambda: (mu[0], mu[1]),
    "one list of the event without another": lambda: ((mu - good)[0], good[0]),
    "without pairs": lambda: ((mu - hz.pair(hard))[0], hz.pair(hard)[0]),
    "legs of legs": lambda: (zz.leg1.leg1, zz.leg2.leg2),
    "legs of one": lambda: (zz.leg1.leg1, zz.leg1.leg2),
    "legs of each": lambda: (hz.pair(mu).leg1, hz.pair(mu).leg2),
    "legs of each of a selection": lambda: (hz.pair(mu).same_charge().leg1, hz.pair(mu).leg2),
    "without a sum": lambda: ((mu - (mu[0] + mu[1]))[0], mu[0] + mu[1]),
    "each with its own partner": lambda: (partner().partner, good),
    "the first with its partner": lambda: (partner()[0].partner, partner()[0]),
    "the first of a selection with its partner": lambda: (
        partner()[mu.charge > 0].leading().partner,
        partner()[mu.charge > 0].leading(),
    ),
    "legs, assigned": lambda: (
        hz.pair(mu).assign(a=hz.pair(mu).leg1)[0].a,
        hz.pair(mu)[0].leg2,
    ),
    "what was taken away before": lambda: ((mu - mu.argmax(mu.pt))[0], mu.argmax(mu.pt)),
    "pairs without a pair": lambda: ((hz.pair(mu) - z)[0].leg1, z.leg2),
    "pairs of what is left": lambda: (hz.pair(mu - z)[0], z.leg1),
    "a third for each": lambda: ((mu.per(hz.pair(mu)) - hz.pair(mu))[0], hz.pair(mu).leg1),
    "all but the first": lambda: (mu[0], mu[1:][0]),
    "each of all but the first": lambda: (mu[1:], mu[0]),
    "slices": lambda: (mu[:2].leading(), mu[2:].sort(mu.pt)[0]),
    "slices of slices": lambda: (mu[1:][1:][0], mu[1:3][0]),
    "a selection of the rest": lambda: (good[1:][good[1:].charge > 0][0], good[0]),
    "farther on after a selection": lambda: (good[1], mu[0]),
    "by charge": lambda: (plus[0], minus[0]),
    "by charge and more": lambda: (plus[plus.pt > 5 * GeV].leading(), minus.sort(-minus.pt)[1]),
    "by charge, of a selection": lambda: (good[good.charge > 0][0], mu[mu.charge < 0][0]),
    "by charge, of two selections": lambda: (good[good.charge > 0][0], hard[hard.charge < 0][0]),
    "by a condition and its opposite": lambda: (mu[mu.tightId][0], mu[~mu.tightId][0]),
    "by conditions on what goes with each": lambda: (
        mu[(mu.charge > 0) & (mu.pt > 5 * GeV)][0],
        mu[mu.pt < 5 * GeV][0],
    ),
    "by pt, beside what is known of a selection only": lambda: (
        hard[hz.count(jet.per(good)[lambda j: j.pt > good.pt]) + hard.charge >= 0][0],
        mu[mu.pt < 5 * GeV][0],
    ),
    "by charge, each without its own partner": lambda: (
        apart_from(partner()[mu.charge > 0])[0],
        mu[mu.charge < 0].leading(),
    ),
    "the jet of a muon, and another muon": lambda: (mu.per(jet).assign(owner=jet)[0].owner, mu[0]),
    "pairs by charge": lambda: (hz.pair(plus)[0], hz.pair(minus)[0]),
    "products by charge": lambda: (hz.pair(plus, good[good.charge > 0])[0], minus[0]),
    "for each jet, by charge": lambda: (plus.per(jet)[0], minus.per(jet)[0]),
    "for each jet, by position": lambda: (mu.per(jet)[0], mu.per(jet)[1]),
    "where, of others": lambda: (hz.where(mu[0].pt > mu[1].pt, mu[0], mu[1]), mu[2]),
    "the one chosen and the one left": lambda: (
        hz.where(mu[0].pt > mu[1].pt, mu[0], mu[1]),
        hz.where(mu[0].pt > mu[1].pt, mu[1], mu[0]),
    ),
    "legs by number": lambda: (z.legs[0], z.legs[1]),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str) -> None:
    """The sum is built, and wherever both are there, in random events, they are made of different particles."""
    a, b = ACCEPTED[name]()
    assert (a + b).mass is not None
    found = shared(a, b, 7)
    assert len(found) > 5
    assert not any(found)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_for_a_reason(name: str) -> None:
    """There are random events in which they do share a particle."""
    assert any(shared(*REFUSED[name](), 8))


def shared(a: Any, b: Any, seed: int) -> list[bool]:
    """Return, wherever both objects are there, whether they share a particle."""
    mine, theirs = a.references(), b.references()
    chunk = events_for([*mine, *theirs], seed, 150)
    here = present([*mine, *theirs], chunk)
    return [any(x & y for x in there[: len(mine)] for y in there[len(mine) :]) for there in here]


def disjoint_pairs(references: list[Node]) -> list[tuple[Node, Node]]:
    seen = [(a, b) for a, b in combinations(references, 2) if sees(axis(a), axis(b)) or sees(axis(b), axis(a))]
    return [(a, b) for a, b in seen if disjoint(a, b)]


def axis(reference: Node) -> Node:
    assert reference.type.axis is not None
    return reference.type.axis


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_proved_is_true(seed: int) -> None:
    """Of random objects, those that are proved to share nothing do not, in random events."""
    chunk = chunk_of(seed, 25)
    pool = Pool(seeded(20261121, seed), chunk)
    ops = [op for op in sorted(GROW) if OPS[op].family in ("axes", "references")]
    for _ in range(50):
        grow(pool, pool.pick(ops))
    compared = 0
    for a, b in disjoint_pairs(pool.references[-40:]):
        for mine, theirs in present([a, b], chunk):
            compared += 1
            assert not mine & theirs, (a, b)
    assert compared > 0


def test_legs_are_different_particles() -> None:
    with pytest.raises(hz.HzdslError, match="might be"):
        legs(mu[0], mu[0])
    assert legs(mu[0], mu[1])[0] is not None


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
