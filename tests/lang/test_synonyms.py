"""What physicists try first, from ROOT, awkward, NumPy or habit: each gets the way to write it here, in both forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import awkward as ak
import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.lang.synonyms import _TABLE, MODULES
from hzdsl.text import parse_expression

ev = hz.events("nanoaod")
mu, el, jet = ev.Muon, ev.Electron, ev.Jet
pairs = hz.pair(mu)
z = pairs.nearest(91.2)
ana = hz.Analysis("a")

PYTHON: list[tuple[Callable[[], Any], str]] = [
    (lambda: pairs.same_flavour(), "write pairs.same_flavor()"),
    (lambda: pairs.opposite_sign(), "write pairs.opposite_charge()"),
    (lambda: pairs.os(), "write pairs.opposite_charge()"),
    (lambda: pairs.OSSF(), "write pairs.same_flavor().opposite_charge()"),
    (lambda: z.M, "write z.mass"),
    (lambda: z.m, "write z.mass"),
    (lambda: z.p4.M(), "write z.p4.mass"),
    (lambda: (mu[0] + mu[1]).M(), "write (mu[0] + mu[1]).mass"),
    (lambda: mu.Pt, "did you mean pt?"),
    (lambda: mu.E, "write mu.energy"),
    (lambda: mu.size, "write hz.count(mu)"),
    (lambda: mu.pt.size, "write hz.count(mu)"),
    (lambda: mu.filter(mu.pt > 5 * GeV), "write mu[mu.pt > 5 * GeV]"),
    (lambda: mu.where(mu.pt > 5 * GeV), "write mu[mu.pt > 5 * GeV]"),
    (lambda: mu.pt.filter(mu.pt > 5 * GeV), "write mu[mu.pt > 5 * GeV].pt"),
    (lambda: mu[0].delta_r(mu[1]), "write hz.delta_r(mu[0], mu[1])"),
    (lambda: mu[0].deltaR(mu[1]), "write hz.delta_r(mu[0], mu[1])"),
    (lambda: mu.nearest_to(jet), "write near = B.per(mu), and near.argmin(hz.delta_r(near, mu))"),
    (lambda: mu.nearest(jet), "write near = B.per(x), and near.argmin(hz.delta_r(near, x))"),
    (lambda: mu.sum(), "sum is a function: hz.sum(mu)"),
    (lambda: mu.pt.clip(1, 2), "clip is a function: hz.clip(mu.pt, 1, 2)"),
    (lambda: mu.sort_by("pt"), "write mu.sort(key): ascending"),
    (lambda: mu.leadin(), "did you mean leading?"),
    (lambda: mu.Iso, "did you mean jetRelIso or miniIsoId or miniPFRelIso_all?"),
    (lambda: mu[0].pt.fill_none(0), "write mu[0].pt.otherwise(y)"),
    (lambda: hz.invariant_mass, "write (a + b).mass, or z.mass of a candidate z"),
    (lambda: hz.deltaR, "write hz.delta_r(a, b)"),
    (lambda: hz.dR, "write hz.delta_r(a, b)"),
    (lambda: hz.len, "write hz.count(C)"),
    (lambda: hz.num, "write hz.count(C)"),
    (lambda: hz.Nonzero, "write hz.count(condition)"),
    (lambda: hz.argmax, "write C.argmax(key)"),
    (lambda: hz.mass, "mass is an attribute: x.mass"),
    (lambda: hz.combinations(mu, 2, axis=1), "combinations(C, n); with names for the legs: pair(tag=A, probe=B)"),
    (lambda: hz.vector(pt=mu.pt, eta=mu.eta, phi=mu.phi, M=mu.mass), "M is called mass"),
    (lambda: ev.Muon_pt, "write ev.Muon.pt"),
    (lambda: ev.nMuon, "write hz.count(ev.Muon)"),
    (lambda: ana.Filter, 'write ana.region("name", condition, …)'),
    (lambda: ana.Histo1D, 'write ana.histogram("name", x, bins=…, range=(…), region=…)'),
]


@pytest.mark.parametrize(("build", "fix"), PYTHON, ids=[fix for _, fix in PYTHON])
def test_python(build: Callable[[], Any], fix: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        build()
    assert error.value.fix == fix


AWKWARD: list[tuple[Callable[[], Any], str]] = [
    (lambda: ak.num(mu), "write hz.count(C)"),
    (lambda: ak.sum(mu.pt, axis=1), "use hz.sum"),
    (lambda: ak.combinations(mu, 2), "use hz.combinations"),
    (lambda: ak.argmax(mu.pt), "write C.argmax(key)"),
    (lambda: ak.fill_none(mu[0].pt, 0), "write x.otherwise(y)"),
]


@pytest.mark.parametrize(("build", "fix"), AWKWARD, ids=[fix for _, fix in AWKWARD])
def test_functions_of_awkward(build: Callable[[], Any], fix: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        build()
    assert (error.value.code, error.value.fix) == ("dtype", fix)
    assert error.value.place is not None
    assert error.value.place.source == __file__


TEXT = [
    ("z", "define it: z = …"),  # and not OtherPV.z
    ("good_muons", "define it: good_muons = …"),
    ("pt > 5 GeV", "write Muon.pt for that of Muon, or use it inside Muon[…]"),
    ("Muon_pt > 5 GeV", "write Muon.pt"),
    ("nMuon", "write count(Muon)"),
    ("Length$(Muon)", "write count(C) for Length$, sum(x) for Sum$, max(x) for Max$"),
    ("len(Muon)", "write count(C)"),
    ("deltaR(Muon[0], Muon[1])", "write delta_r(a, b)"),
    ("mass(Muon[0])", "mass is an attribute: x.mass"),
    ("np.sqrt(Muon.pt)", "functions are written without a prefix: sqrt(x), count(C)"),
    ("pair(Muon).os()", "write pair(Muon).opposite_charge()"),
    ("pair(Muon).same_flavour()", "write pair(Muon).same_flavor()"),
    ("Muon.opposit_charge()", "did you mean opposite_charge?"),
    ("Muon.M", "write Muon.mass"),
    ("Muon.pt()", "pt is an attribute: leave the brackets away"),
    ("Muon.pt.filter(true)", "write Muon[condition].pt"),
    ("Muon[0].delta_r(Muon[1])", "write delta_r(Muon[0], other)"),
    ("Muon.pt.max()", "max is a function: max(Muon.pt)"),
    ("ifelse(a, b, c)", "write where(condition, a, b)"),
]


@pytest.mark.parametrize(("text", "fix"), TEXT, ids=[text for text, _ in TEXT])
def test_text(text: str, fix: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        parse_expression(text, ev)
    assert error.value.fix == fix


def test_every_name_has_one_meaning_and_is_not_ours() -> None:
    counted = Counter(n for row in _TABLE for n in row.names.split())
    assert {n for n, times in counted.items() if times > 1} == set()
    assert all(n == n.lower() and "_" not in n for n in counted)
    ours = {n.replace("_", "") for n in FUNCTIONS}
    #: What is a function of the language, and said of a collection as if it were its verb.
    shared = {"deltar", "deltaphi", "deltaeta", "transversemass", "count", "where"}
    assert counted.keys() & ours == shared
    assert not MODULES & FUNCTIONS.keys()


PYTHON_CODE: list[tuple[Callable[[], Any], str]] = [
    (lambda: mu.pt > 5 * GeV & True, "& binds tighter than comparisons: write (mu.pt > 5 * GeV) & True"),
    (
        lambda: mu[mu.pt > 5 * GeV & abs(mu.eta) < 2.4],
        "& binds tighter than comparisons: write (mu.pt > 5 * GeV) & (abs(mu.eta) < 2.4)",
    ),
    (lambda: mu.p4().mass, "leave the brackets away: mu.p4"),
    (lambda: mu.pt(), "leave the brackets away: mu.pt"),
    (lambda: z.exists(), "leave the brackets away: z.exists"),
    (lambda: mu[0](), "leave the brackets away: mu[0]"),
    (lambda: not mu.tightId, "write ~mu.tightId"),
    (lambda: mu.charge in [1, -1], "write (mu.charge == 1) | (mu.charge == -1)"),
    (lambda: 1 <= mu.eta < 2, 'write mu.eta.between(1, 2, inclusive="left")'),
    (lambda: 2 > mu.eta > 1, "write (2 > mu.eta) & (mu.eta > 1)"),
    (lambda: max(mu.eta, 2), "write hz.maximum(mu.eta, 2)"),
    (lambda: sum(mu.pt), "write hz.sum(mu.pt)"),
    (lambda: any(m.pt > 5 * GeV for m in mu), "write hz.any(mu.pt > 5 * GeV)"),
    (lambda: sum(m.pt for m in mu if m.eta < 5 and m.tightId), "write hz.sum(mu[(mu.eta < 5) & mu.tightId].pt)"),
    (lambda: [m.pt for m in mu], "write mu.pt: a value for each"),
    (lambda: sorted(mu), "write mu.sort(key): ascending"),
    (lambda: len(mu.pt), "write hz.count(mu)"),
    (lambda: z[0], "use its attributes or its legs"),
    (lambda: ~mu, "use one of its attributes, e.g. its pt"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "fix"), PYTHON_CODE, ids=[fix for _, fix in PYTHON_CODE])
def test_python_that_decides_at_once(build: Callable[[], Any], fix: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        build()
    assert error.value.fix == fix
    assert error.value.place is not None
    assert error.value.place.source == __file__
