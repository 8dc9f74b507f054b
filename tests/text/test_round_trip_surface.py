"""Every function, method and attribute of the surface is written so that it reads back, and by its own name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.ir.node import Node
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.lang.kinematics import COMPONENTS, DERIVED, Vec4
from hzdsl.lang.objects import Object
from hzdsl.lang.values import Value, to_node
from hzdsl.lang.vectors import Vec3
from hzdsl.text import parse_expression

ev = hz.events("nanoaod")
mu, el, jet, met = ev.Muon, ev.Electron, ev.Jet, ev.MET
good = mu[mu.pt > 5 * GeV]
pairs = hz.pair(good).opposite_charge()
z = pairs.nearest(91.2)
pt, n, flags = mu.pt, hz.count(mu), ev.GenPart.statusFlags
lep = mu | el

#: For every function: uses of it, and the name that the text shows where that is not the function's own.
CALLS: dict[str, list[Any]] = {
    "count": [n, hz.count(pairs), hz.count(mu.pt > 5 * GeV)],
    "any": [hz.any(mu.tightId)],
    "all": [hz.all(mu.tightId), hz.all(z.legs.pt > 3 * GeV)],
    "sum": [hz.sum(pt), hz.sum(mu).mass],
    "prod": [hz.prod(mu.charge)],
    "min": [hz.min(pt)],
    "max": [hz.max(good.pt)],
    "mean": [hz.mean(pt), hz.mean(z.legs.pt)],
    "abs": [abs(mu.eta), hz.abs(hz.value(-5))],
    "atan2": [hz.atan2(mu.eta, mu.phi)],
    "hypot": [hz.hypot(mu.dxy, mu.dz)],
    "faddeeva_real": [hz.faddeeva_real(mu.phi, 0.5)],
    "faddeeva_imag": [hz.faddeeva_imag(mu.phi, mu.eta)],
    "minimum": [hz.minimum(pt, 5 * GeV)],
    "maximum": [hz.maximum(met.pt, 5 * GeV)],
    "clip": [hz.clip(pt, 1 * GeV, 3 * GeV)],
    "where": [hz.where(met.pt > 5 * GeV, 1, 2), hz.where(met.pt > 5 * GeV, mu[0], mu[1]).pt],
    "nearer": [hz.nearer(z.mass, 5 * GeV, 91)],
    "farther": [hz.farther(z.mass, 5 * GeV, 91)],
    "pair": [hz.pair(mu).mass, hz.pair(mu, el).mass, hz.pair(tag=mu, probe=mu).tag.pt],
    "triple": [hz.triple(jet).nearest(172.5).pt],
    "combinations": [hz.combinations(mu, 4).mass],
    "delta_phi": [hz.delta_phi(mu[0], met), hz.delta_phi(z, met)],
    "delta_eta": [hz.delta_eta(mu[0], mu[1])],
    "delta_r": [hz.delta_r(z.leg1, z.leg2), hz.delta_r(jet, good.per(jet)), hz.delta_r(z, mu[0])],
    "transverse_mass": [hz.transverse_mass((good - z).leading(), met)],
    "vector": [hz.vector(pt=met.pt, eta=0, phi=met.phi, mass=1 * GeV), hz.vector(px=met.px, py=met.py).pt],
    "vec3": [hz.vec3(met.px, met.py, 1 * GeV)],
    "dot": [hz.dot(z.p3, mu[0].p3)],
    "cross": [hz.cross(z.p3, mu[0].p3)],
    "unit": [hz.unit(z.p3)],
    "category": [hz.category({"few": n < 2, "many": n >= 2}), hz.category({"4e": n < 2}) == "4e"],
    "between": [pt.between(3 * GeV, 5 * GeV), n.between(1, 3, inclusive="both")],
    "vary": [hz.vary(pt, jes=(1.1 * pt, 0.9 * pt)), hz.vary(pt, a=(1.1 * pt,), b={"high": 2 * pt, "l-w": pt}),
             hz.vary(1, pdf=ev.LHEPdfWeight[:3]), hz.vary(hz.value(2), n=(3, 4))],
    "table": [hz.table(pt, edges=[20, 30, 50], values=[0.9, 0.95]), hz.table(mu.charge, keys=[-1, 1], values=[2, 3])],
    "search": [hz.search(pt, [20, 30.5]), hz.search(mu.charge, [0]), hz.search(mu.charge, [0.5]), hz.search(0, [1])],
    "entry": [hz.entry(mu.charge, [1]), hz.entry(mu.index, [1 * GeV, 0, float("inf"), 1 / 3 * GeV, -0.0])],
    "random": [hz.random(ev.run, ev.event, seed=2**64 - 1), hz.random(mu.index, ev.event, seed=1)],
    "random_normal": [hz.random_normal(ev.run, mu.index, seed=3)],
    "float_bits": [hz.float_bits(pt), hz.float_bits(mu.charge)],
    "value": [hz.value(1) + 1, -hz.value(0), hz.value(True) & True],
    "quantity": [hz.value(hz.quantity(3, "1e-4*GeV*cm"))],
    "xor": [hz.xor(flags, 3), 3 ^ flags, 1 << flags],
    "shares": [hz.shares(mu, z)],
    "legs": [hz.legs(mu[0], el[0]).pt],
    "stack": [hz.stack(mu.pt, 2 * el.pt, lep)],
    "link": [hz.link(mu.jetIdx, jet).pt, hz.link(jet.index, jet, sure=True).pt],
    "collect": [hz.collect(mu.pt, mu.jet), hz.collect(1, mu.jet), hz.collect(mu.pt, hz.link(mu.jetIdx, jet))],
    "row": [hz.count(hz.row(3)), hz.stack(met.pt, 2 * met.pt, hz.row(2))],
    "chain": [hz.count(hz.chain(jet, hz.link(jet.nConstituents, jet)))],
    "nested": [],  # the packaged schema nests nothing: tests.text.test_round_trip_nodes has it
    **{name: [getattr(hz, name)(mu.phi)] for name in ("sqrt", "exp", "log", "log10", "log1p", "expm1", "sin", "cos",
       "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "round",
       "sign", "isfinite", "erf", "erfc")},
}  # fmt: skip
METHODS: list[Any] = [
    mu.sort(-pt, mu.eta).pt, mu.argmin(abs(mu.eta)).pt, mu.argmax(pt, mu.phi).pt, mu.leading().pt, good[1].pt, mu[1:3].pt,
    z.mass, pairs.nearest_mass_truncated(91.2).pt, pairs.same_charge().mass, hz.pair(lep).same_flavor().mass, good.per(jet).pt,
    (mu - z)[0].pt, (mu - mu[0])[0].pt, (mu - hz.pair(good))[0].pt, (jet - (mu[0] + mu[1]))[0].pt, lep.pt, lep.flavor, lep.charge,
    mu.assign(pt=1.1 * pt).px, mu.assign(p4=mu.p4 + mu.p4).mass, z.legs.pt, (z + el[0]).legs.eta, z.exists, mu == z.leg1,
    mu[0] != mu[1], z.leg1.pt.otherwise(0), z.in_frame(z.leg1).px, z.p4.otherwise(0).energy, flags.bit(3), mu.index,
    *(getattr(pt, f"as_{d}")() for d in ("i32", "i64", "u32", "u64", "f32", "f64")), pt.in_unit("MeV"),
    met.pt.along(good), z.along(good).mass, pt.at(z.leg1), mu.per(jet).under().pt, pairs.leg(1).pt, pairs.leg1.at(z).pt, mu.pick_truncated(mu.mass.as_f64(), 3 * GeV).pt, pt**3, pt**0.5, pt.between(met.pt, 2 * met.pt),
    mu.gen.pt, good.gen.mother.pt, mu[0].gen.pdgId, good.jet.exists, mu.jet == jet[0], hz.count(mu.gen.ancestors), good.gen.ancestors.pdgId,
    hz.any(good[0].gen.ancestors.pdgId == 23), mu.gen.ancestors[0].pt, ev.HLT.get("IsoMu24", default=False), ev.get("genWeight", default=0.5),
    ev.get("run", default=7), hz.sum(ev.LHEPdfWeight), ev.LHEPdfWeight[3], ev.LHEPdfWeight[1:4], ev.LHEPdfWeight[ev.LHEPdfWeight > 1][0], hz.count(ev.LHEPdfWeight),
    (mu[0] + el[0] + (mu[1] + el[1])).mass, (mu[0].p4 + mu[0].p4).rapidity, z.charge, -hz.value(0.0), pt < float("inf"),
    mu.phi < float("nan"), n == 5, n == 5, pt * 0.012 / GeV**2, (met.pt > 1 * GeV) == (met.phi > 1), ev.run > 5, mu[ev.run > 5].pt,
]  # fmt: skip


def nodes(x: Any) -> list[Node]:
    if isinstance(x, Value):
        return [x.node]
    if isinstance(x, Vec4):
        return [getattr(x, c).node for c in COMPONENTS]
    if isinstance(x, Vec3):
        return [c.node for c in x.components]
    return [x.reference if isinstance(x, Object) else to_node(x)]


def assert_reads_back(x: Any) -> list[str]:
    texts = []
    for node in nodes(x):
        text = str(Value(node))
        assert nodes(parse_expression(text, ev))[0] is node, text
        texts.append(text)
    return texts


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions(name: str) -> None:
    for x in CALLS[name]:
        assert_reads_back(x)


@pytest.mark.parametrize("i", range(len(METHODS)), ids=lambda i: str(METHODS[i])[:40])
def test_methods(i: int) -> None:
    assert_reads_back(METHODS[i])


OBJECTS: dict[str, Callable[[], Any]] = {
    "collection": lambda: mu, "selection": lambda: good, "element": lambda: good[0], "candidates": lambda: pairs,
    "candidate": lambda: z, "sum": lambda: z + el[0], "leg": lambda: z.leg1, "each": lambda: good.per(jet),
    "missing energy": lambda: met, "union": lambda: lep, "assigned": lambda: mu.assign(pt=1.1 * pt),
}  # fmt: skip


@pytest.mark.parametrize("kind", OBJECTS)
def test_attributes(kind: str) -> None:
    owner = OBJECTS[kind]()
    for name in owner.attributes():
        x = owner.attribute(name)
        if not isinstance(x, hz.Collection):
            assert_reads_back(x)


SUGAR = [
    "delta_r(Muon[0], Electron[0])", "(Muon[0] + Muon[1]).mass", "pair(Muon).opposite_charge().nearest(91.2 GeV).mass",
    "all(Muon.pt > 5 GeV)", "3 GeV < Muon.pt < 5 GeV", "transverse_mass((Muon - Muon[0]).leading(), MET)", "Muon.pt**2",
    "nearer(Muon[0].pt, Muon[1].pt, 3 GeV)", "minimum(Muon.pt, 5 GeV)", "mean(Muon.pt)", "(Muon | Electron).pt",
    "pair(Muon).nearest(91.2 GeV).legs.pt", "Muon[0] != Muon[1]", "Muon[Muon.pt > 5 GeV and ev.run > 5].pt",
    "delta_phi(pair(Muon)[0], MET)", 'category("4e", count(Muon) == 2) == "4e"', "Muon.p4.px", "pair(Muon).p4.energy",
    "Muon.gen.pt", "Muon[0].gen.mother.pt", "count(Muon.gen.ancestors)", "LHEPdfWeight[1:4]", "sum(LHEPdfWeight)",
    'ev.get("HLT_IsoMu24", default = false)', "vary(Muon.pt, jes = (2*Muon.pt, 3*Muon.pt))", "erf(Muon.phi)",
    'vary(Muon.pt, jes = ("high", 2*Muon.pt, "low", Muon.pt))', "search(Muon.pt, edges = (20 GeV, 30 GeV))",
    "entry(Muon.charge, values = (0.5, 1.0))", "random(run, event, seed = 1)", "pair(Muon).same_charge().charge", "(Muon[0].p4 + Muon[0].p4).pt", "pair(Muon, Electron).leg2.pt",
]  # fmt: skip


@pytest.mark.parametrize("text", SUGAR)
def test_the_text_is_the_surface(text: str) -> None:
    assert str(parse_expression(text, ev)) == text


ATLAS, LHCB = hz.events("atlas_opendata_13tev"), hz.events("lhcb_bhhh")
OTHER_COORDINATES = [
    (ATLAS, "(lep[0] + lep[1]).mass"), (ATLAS, "sum(lep[lep.pt > 7000 MeV]).mass"), (ATLAS, "lep.p4.energy"),
    (ATLAS, "pair(lep).same_flavor().opposite_charge()[0].mass"), (LHCB, "(H1 + H2 + H3).mass"),
    (LHCB, "(vector(px = H1.px, py = H1.py, pz = H1.pz, mass = 493.677 MeV) + H2.p4).mass"),
    (LHCB, "(H1.p4 + H1.p4).mass"), (ev, "sum(Muon).mass"), (ev, "(Muon[0] + MET).mass"),
    (ev, "pair(Muon | Electron).same_flavor().opposite_charge().nearest(91.2 GeV).mass"), (ev, "(Muon | Electron).flavor"),
]  # fmt: skip


@pytest.mark.parametrize(("events", "text"), OTHER_COORDINATES, ids=[text for _, text in OTHER_COORDINATES])
def test_objects_of_any_coordinates(events: hz.Events, text: str) -> None:
    assert str(parse_expression(text, events)) == text


def test_a_vector_of_derived_coordinates_is_no_object() -> None:
    x = hz.vector(pt=z.pt, eta=z.eta, phi=z.phi, mass=z.mass)
    assert "vector(" in str(x.px)
    assert_reads_back(x)


def test_a_plain_zero_is_not_the_zero_of_every_unit() -> None:
    assert hz.quantity(0, "1").node is not hz.value(0).node
    assert_reads_back(hz.quantity(0, "1") * pt)
    assert_reads_back(hz.quantity(float("nan"), "1") + mu.phi)


def test_every_derived_attribute_has_its_name() -> None:
    for name in DERIVED:
        assert str(getattr(pairs, name)).endswith(f".{name}")
        assert str(getattr(mu.p4, name)) == f"Muon.p4.{name}"


def test_no_function_is_without_a_case() -> None:
    assert set(CALLS) == set(FUNCTIONS)
    assert all(inspect.getdoc(f) for f in FUNCTIONS.values())
