"""Text builds the very nodes that Python builds: the examples of the language, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV, MeV, cm, deg

ev = hz.events("nanoaod")
mu, el, jet, met = ev.Muon, ev.Electron, ev.Jet, ev.MET
m_z = 91.2 * GeV

BLOCK = """
m_Z = 91.2 GeV
sip3d(l)    = sqrt(l.dxy**2 + l.dz**2) / sqrt(l.dxyErr**2 + l.dzErr**2)
vertex(l)   = all(sip3d(l) < 4 and abs(l.dxy) < 0.5 cm and abs(l.dz) < 1 cm)
balanced(l) = count(l) == 4 and count(l.charge == 1) == 2 and count(l.charge == -1) == 2
hard(l)     = count(l.pt > 20 GeV) >= 1 and count(l.pt > 10 GeV) >= 2;   apart(z) = delta_r(z.leg1, z.leg2) >= 0.02
first(l)    = pair(l).opposite_charge().nearest_mass_truncated(m_Z);   second(l) = pair(l - first(l))[0]
z1(l)       = nearer(first(l).mass.as_f32(), second(l).mass.as_f32(), m_Z)
a = Muon[0] + Muon[1];   b = Electron[0] + Electron[1];   m1 = nearer(a.mass, b.mass, m_Z).as_f32()
z_candidates(lep, low = 12 GeV, high = 120 GeV) = pair(lep).same_flavor().opposite_charge()[low < mass < high]
clean(a, b, dr = 0.4) = a[not any(delta_r(a, b.per(a)) < dr)]
hard_mu = Muon[pt > 10 GeV]
far     = Jet[pt > 30 GeV and not any(delta_r(Jet, hard_mu.per(Jet)) < 0.4)]
tri     = triple(Jet).nearest(172.5)
j       = Jet[pt > 30 GeV].sort(-pt)
"""


def sip3d(lep: Any) -> Any:
    return hz.sqrt(lep.dxy**2 + lep.dz**2) / hz.sqrt(lep.dxyErr**2 + lep.dzErr**2)


def vertex(lep: Any) -> Any:
    return hz.all((sip3d(lep) < 4) & (abs(lep.dxy) < 0.5 * cm) & (abs(lep.dz) < 1 * cm))


def balanced(lep: Any) -> Any:
    return (hz.count(lep) == 4) & (hz.count(lep.charge == 1) == 2) & (hz.count(lep.charge == -1) == 2)


def first(lep: Any) -> Any:
    return hz.pair(lep).opposite_charge().nearest_mass_truncated(m_z)


def second(lep: Any) -> Any:
    return hz.pair(lep - first(lep))[0]


def z1(lep: Any) -> Any:
    return hz.nearer(first(lep).mass.as_f32(), second(lep).mass.as_f32(), m_z)


def z_candidates(lep: Any, low: Any = 12 * GeV, high: Any = 120 * GeV) -> Any:
    return hz.pair(lep).same_flavor().opposite_charge()[lambda z: z.mass.between(low, high)]


def clean(a: Any, b: Any, dr: float = 0.4) -> Any:
    return a[~hz.any(hz.delta_r(a, b.per(a)) < dr)]


a, b = mu[0] + mu[1], el[0] + el[1]
hard_mu = mu[mu.pt > 10 * GeV]
hard_jets = jet[jet.pt > 30 * GeV]
j = hard_jets.sort(-hard_jets.pt)
good = hz.pair(mu).opposite_charge()

SAME: list[tuple[str, Any]] = [
    # (a) df103
    ("vertex(Muon)", vertex(mu)),
    ("balanced(Electron)", balanced(el)),
    ("hard(Muon) or hard(Electron)", ((hz.count(mu.pt > 20 * GeV) >= 1) & (hz.count(mu.pt > 10 * GeV) >= 2))
     | ((hz.count(el.pt > 20 * GeV) >= 1) & (hz.count(el.pt > 10 * GeV) >= 2))),
    ("apart(first(Muon)) and apart(second(Muon))", (hz.delta_r(first(mu).leg1, first(mu).leg2) >= 0.02)
     & (hz.delta_r(second(mu).leg1, second(mu).leg2) >= 0.02)),
    ("40 GeV < z1(Muon) < 120 GeV", z1(mu).between(40 * GeV, 120 * GeV)),
    ("(first(Muon) + second(Muon)).mass.as_f32()", (first(mu) + second(mu)).mass.as_f32()),
    ("m1", hz.nearer(a.mass, b.mass, m_z).as_f32()),
    ("sum(Electron.charge) == 0 and sum(Muon.charge) == 0", (hz.sum(el.charge) == 0) & (hz.sum(mu.charge) == 0)),
    # (b) the ADL tasks
    ("any(60 GeV < pair(Muon).opposite_charge().mass < 120 GeV)", hz.any(good.mass.between(60 * GeV, 120 * GeV))),
    ("count(Jet.pt > 40 GeV) >= 2", hz.count(jet.pt > 40 * GeV) >= 2),
    ("Jet[abs(eta) < 1].pt", jet[abs(jet.eta) < 1].pt),
    ("sum(far.pt)", hz.sum(jet[(jet.pt > 30 * GeV) & ~hz.any(hz.delta_r(jet, hard_mu.per(jet)) < 0.4)].pt)),
    ("tri.pt", hz.triple(jet).nearest(172.5).pt),
    ("transverse_mass((Muon - first(Muon)).leading(), MET)", hz.transverse_mass((mu - first(mu)).leading(), met)),
    # (g) HWW
    ("count(Jet, pt > 20 GeV and btagDeepFlavB > 0.28)", hz.count((jet.pt > 20 * GeV) & (jet.btagDeepFlavB > 0.28))),
    ("j[0].pt", j[0].pt),
    ("Muon[0].charge*Muon[1].charge < 0", mu[0].charge * mu[1].charge < 0),
    ("Muon[0].flavor != Electron[0].flavor", mu[0].flavor != el[0].flavor),
    # (m) a library
    ("z_candidates(Muon, low = 60 GeV).nearest(91.2).mass", z_candidates(mu, low=60 * GeV).nearest(91.2).mass),
    ("z_candidates(Muon).mass", z_candidates(mu).mass),
    ("clean(Jet, Muon).pt", clean(jet, mu).pt),
    # methods and functions
    ("Muon.argmin(abs(pt - 45 GeV), -eta).pt", mu.argmin(abs(mu.pt - 45 * GeV), -mu.eta).pt),
    ("Muon.assign(pt = 1.01*pt)[pt > 5 GeV].p4.px", (lambda m: m[m.pt > 5 * GeV].p4.px)(mu.assign(pt=1.01 * mu.pt))),
    ("pair(Muon)[leg1.pt > 20 GeV].mass", (lambda p: p[p.leg1.pt > 20 * GeV].mass)(hz.pair(mu))),
    ("pair(tag = Muon, probe = Electron).tag.pt", hz.pair(tag=mu, probe=el).tag.pt),
    ("Muon[1].pt.otherwise(-1 GeV)", mu[1].pt.otherwise(-1 * GeV)),
    ("Muon[1].exists", mu[1].exists),
    ("Muon[:2].pt", mu[:2].pt),
    ("Muon['pt']", mu.pt),
    ("GenPart.statusFlags.bit(3)", ev.GenPart.statusFlags.bit(3)),
    ("where(MET.pt > 5 GeV, 1, 2)", hz.where(met.pt > 5 * GeV, 1, 2)),
    ("max(Muon, pt)", hz.max(mu.pt)),
    # numbers: Python's own arithmetic
    ("Muon.pt > 2*3 GeV + 500 MeV", mu.pt > 2 * (3 * GeV) + 500 * MeV),
    ("Muon.phi > 30 deg", mu.phi > 30 * deg),
    ("Muon.pt**2 > 25 GeV*GeV", mu.pt**2 > 25 * GeV * GeV),
    ("Muon.pt / GeV + 7/2 - 2**10 % 3", mu.pt / GeV + 7 / 2 - 2**10 % 3),
    ("Muon.pt < inf", mu.pt < float("inf")),
    ("-Muon.eta ** 2 + +Muon.eta", -(mu.eta**2) + +mu.eta),
    ("~(Muon.eta > 1) & Muon.isGlobal | Muon.isTracker", ~(mu.eta > 1) & mu.isGlobal | mu.isTracker),
    ("(Muon.pdgId & 3) << 2", (mu.pdgId & 3) << 2),
    ("run == 1 and ev.MET.pt > 0", (ev.run == 1) & (met.pt > 0)),
    ("abs(-5) == Muon.charge", mu.charge == 5),
    ("atan2(Muon.eta, abs(Muon.phi))", hz.atan2(mu.eta, abs(mu.phi))),
    # the seed dialect
    ("closest_mass(a, b, 91.2 GeV)", hz.nearer(a.mass, b.mass, 91.2 * GeV)),
    ("other_mass(a, b, 91.2)", hz.farther(a.mass, b.mass, 91.2 * GeV)),
    ("either_pair_pt(Muon, Electron, 20 GeV, 10 GeV)",
     ((hz.count(mu.pt > 20 * GeV) >= 1) & (hz.count(mu.pt > 10 * GeV) >= 2))
     | ((hz.count(el.pt > 20 * GeV) >= 1) & (hz.count(el.pt > 10 * GeV) >= 2))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "same"), SAME, ids=lambda x: str(x)[:40])
def test_same_node(text: str, same: Any, value: Callable[..., Any]) -> None:
    assert value(text, BLOCK).node is same.node


def test_reduction_broadcasts_what_is_coarser(value: Callable[..., Any]) -> None:
    both = value("count(Muon, MET.pt > 5 GeV)")
    assert both.node is hz.count(mu[met.pt > 5 * GeV]).node


def test_numbers_stay_python(value: Callable[..., Any]) -> None:
    assert value("1 + 2*3") == 7
    assert isinstance(value("1 + 2*3"), int)
    assert value("7 / 2") == 3.5
    assert value("1 < 2 < 3") is True
    assert value("not true or 1 == 1") is True
    assert str(value("2*(5 GeV)")) == str(2 * (5 * GeV))
