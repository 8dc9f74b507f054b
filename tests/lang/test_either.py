"""Objects that may have come with either of several records: nothing is silently taken of the wrong one."""

from __future__ import annotations

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV, HzdslError
from hzdsl.backends.base import Program
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir.identity import disjoint
from tests.backends.ragged import collection, random_chunk

ev = hz.events("nanoaod")
mu, el, jet, gen = ev.Muon, ev.Electron, ev.Jet, ev.GenPart
many = hz.count(el) > 1


def test_where_of_objects_takes_the_attributes_of_each() -> None:
    doubled = mu.assign(pt=2 * mu.pt)
    chosen = hz.where(many, doubled[0], mu[0])
    assert chosen.pt.node is hz.where(many, doubled[0].pt, mu[0].pt).node
    assert chosen.eta.node is hz.where(many, doubled[0].eta, mu[0].eta).node
    assert chosen.p4.px.node is hz.where(many, doubled[0].p4.px, mu[0].p4.px).node


def test_where_of_objects_of_one_meaning_is_a_choice_of_references() -> None:
    again = hz.events("nanoaod").Muon
    assert hz.where(many, mu[0], again[1]).pt.node.op == "take"
    swapped = hz.where(many, hz.pair(a=mu, b=mu)[0], hz.pair(b=mu, a=mu)[0])
    legs = hz.pair(a=mu, b=mu)[0].a, hz.pair(b=mu, a=mu)[0].a
    assert swapped.a.pt.node is hz.where(many, *legs).pt.node


def test_an_assigned_choice_keeps_the_attributes_of_each() -> None:
    doubled = mu.assign(pt=2 * mu.pt)
    best = jet.assign(near=hz.where(many, doubled[0], mu[0]))
    assert best[0].near.pt.node.op == best.near.pt.node.op == "where"


def test_three_members_of_which_two_are_of_one_collection() -> None:
    other = jet.assign(pt=2 * jet.pt)
    t = hz.triple(a=mu.assign(f=jet[0]), b=el.assign(f=el[0]), c=mu.assign(f=other[0]))[0]
    with pytest.raises(HzdslError, match="'pt' means something else"):
        _ = t.legs.f.pt
    pairs = (mu.assign(f=hz.pair(jet)[0]) | el.assign(f=hz.pair(jet)[1])).f.mass  # two pair(jet) are one
    assert str(pairs.node.type.unit) == "GeV"


def test_legs_that_mean_something_else_are_not_taken_of_the_first() -> None:
    doubled = mu.assign(pt=2 * mu.pt)
    chosen = hz.where(many, hz.pair(doubled)[0], hz.pair(mu)[0])
    with pytest.raises(HzdslError, match="'leg1' means something else"):
        _ = chosen.legs
    with pytest.raises(HzdslError, match="no attribute 'legs'"):
        _ = hz.where(many, hz.pair(a=mu, b=mu)[0], hz.pair(b=mu, a=mu)[0]).legs
    assert chosen.leg1.pt.node is hz.where(many, hz.pair(doubled)[0].leg1.pt, hz.pair(mu)[0].leg1.pt).node


def test_what_is_no_element_cannot_be_an_attribute() -> None:
    for wrong in (ev.MET, mu[0] + mu[1]):
        with pytest.raises(HzdslError, match="no element of a collection"):
            mu.assign(x=wrong)
    with pytest.raises(HzdslError, match="no element of a collection"):
        ev.MET.assign(x=mu[0] + mu[1])


def test_signs_of_objects_are_refused() -> None:
    for wrong in (lambda: -mu, lambda: abs(mu[0]), lambda: sum([mu[0], mu[1]])):
        with pytest.raises(HzdslError, match="does not apply"):
            wrong()


# ---- proofs that two objects share no particle ---------------------------------------------------------------------


def test_what_lies_beside_an_excluded_one_is_not_excluded() -> None:
    tight = mu[mu.pt > 20 * GeV]
    others = mu - tight
    assert disjoint(others[0].reference, tight[0].reference)
    with pytest.raises(HzdslError, match="share"):
        _ = others[0] + mu.per(tight)[0]
    photons = gen[gen.pdgId == 22]
    with pytest.raises(HzdslError, match="share"):
        _ = (gen - photons)[0] + photons.ancestors[0]


def test_an_exclusion_for_each_says_nothing_of_one_chosen_for_the_event() -> None:
    free = gen - gen.mother
    for chosen in (free[0], free.leading()):
        with pytest.raises(HzdslError, match="share"):
            _ = chosen + gen.mother
    assert (free + free.mother).mass.node.type.optional  # each with its own mother
    first = mu.per(jet).leading()
    rest = mu.per(jet) - first
    assert (rest.leading() + first).mass.node.type.optional  # for each jet


# ---- positions that no list has ------------------------------------------------------------------------------------


@pytest.mark.parametrize("i", [2**31, 2**63 - 1, 2**64])
def test_positions_beyond_any_list_are_refused(i: int) -> None:
    for wrong in (lambda: mu[i], lambda: mu[:i], lambda: mu[i:]):
        with pytest.raises(HzdslError, match="no list has"):
            wrong()


def test_the_last_position_that_is_not_refused() -> None:
    from hzdsl.ir.node import make

    muon, chunk = collection("Muon"), random_chunk(3, 20)
    dumps = (
        make("count", make("slice", muon, start=0, stop=2**31 - 1)),
        make("exists", make("nth", muon, i=2**31 - 1)),
    )
    for backend in (InterpretBackend, CodegenBackend):
        count, there = backend().compile(Program(dumps=dumps)).run(chunk, {}).dumps
        assert np.array_equal(count.values, np.diff(chunk.offsets["Muon"]))
        assert not there.values.any()
