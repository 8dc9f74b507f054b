"""Analyses of real files against a plain loop over events, in Python's own arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import awkward as ak
import pytest
import uproot

import hzdsl as hz
from hzdsl import GeV
from hzdsl.lang.shown import view_of
from hzdsl.run.look.arrays import awkward_of
from hzdsl.run.look.look import Where, look
from hzdsl.text import loads

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "nanoaod_modern"
EV = hz.events("nanoaod")

pytestmark = pytest.mark.shared


def path_of(name: str) -> str:
    if not (DATA / name).is_file():
        print(f"no real data: {DATA / name}")
        pytest.skip(f"no real data: {DATA / name}")
    return str(DATA / name)


def events(path: str, **collections: str) -> Iterator[SimpleNamespace]:
    """Yield events: lists of elements with an index `i` and the attributes named, as Python's numbers."""
    tree = uproot.open(path)["Events"]
    read = {c: {a: ak.to_list(tree[f"{c}_{a}"].array()) for a in names.split()} for c, names in collections.items()}
    for entry in range(tree.num_entries):
        lists = {c: zip(*(x[entry] for x in of.values()), strict=True) for c, of in read.items()}
        made = {c: [_element(k, read[c], row) for k, row in enumerate(rows)] for c, rows in lists.items()}
        yield SimpleNamespace(**made)


def _element(index: int, names: Iterable[str], row: tuple[Any, ...]) -> SimpleNamespace:
    return SimpleNamespace(i=index, **dict(zip(names, row, strict=True)))


def mass(*particles: Any) -> float:
    """Return the invariant mass, in f64."""
    px = py = pz = e = 0.0
    for p in particles:
        pt, eta, phi, m = (float(x) for x in (p.pt, p.eta, p.phi, p.mass))
        px, py, pz = px + pt * math.cos(phi), py + pt * math.sin(phi), pz + pt * math.sinh(eta)
        e += math.sqrt((pt * math.cosh(eta)) ** 2 + math.copysign(m * m, m))
    squared = e * e - px * px - py * py - pz * pz
    return math.copysign(math.sqrt(abs(squared)), squared)


def delta_r(a: Any, b: Any) -> float:
    return math.hypot(float(a.eta) - float(b.eta), math.remainder(float(a.phi) - float(b.phi), 2 * math.pi))


def least(items: Iterable[Any], key: Callable[[Any], Any]) -> Any:
    return min(items, key=key, default=None)


def same(text: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a program; text and Python must build the same nodes."""
    read = loads(f"[analysis]\ndefine = '''{text}'''")
    for name, x in values.items():
        assert getattr(read, name).node is x.node, name
    return values


def compare(values: dict[str, Any], path: str, expected: list[dict[str, Any]]) -> None:
    views = {name: view_of(x) for name, x in values.items()}
    for backend in ("codegen", "interpret"):
        seen = look(list(views.values()), Where((path,), backend=backend))
        for name, view in views.items():
            wanted = [e[name] for e in expected]
            assert sum(w not in (None, []) for w in wanted) > 3, f"{name}: the file does not test it"
            for entry, (a, b) in enumerate(zip(ak.to_list(awkward_of(view, seen)), wanted, strict=True)):
                assert close(a, b), (name, backend, entry, a, b)


def close(a: Any, b: Any) -> bool:
    """Return whether two values are there and equal within f32's rounding, or both missing, or both lists of such."""
    if isinstance(b, list):
        return len(a) == len(b) and all(map(close, a, b))
    return a is b if a is None or b is None else abs(a - b) <= 2e-6 * max(1, abs(b))


def test_two_higgs_of_four_b_jets() -> None:
    """Of all ways to pair, the one of least mass difference."""
    b = EV.Jet[(EV.Jet.pt > 25 * GeV) & (abs(EV.Jet.eta) < 2.5)].sort(lambda j: -j.btagDeepFlavB)[:4]
    hh = hz.pair(hz.pair(b))
    best = hh.argmin(abs(hh.leg1.mass - hh.leg2.mass), -hh.leg1.pt)
    six = hz.pair(best.legs)
    values = {"n": hz.count(hh), "m1": best.leg1.mass, "m2": best.leg2.mass, "mhh": best.mass, "pts": best.legs.pt,
              "closest": hz.min(hz.delta_r(six.leg1, six.leg2))}  # fmt: skip
    text = """
b = Jet[pt > 25 GeV and abs(eta) < 2.5].sort(-btagDeepFlavB)[:4];   hh = pair(pair(b))
best = hh.argmin(abs(leg1.mass - leg2.mass), -leg1.pt);   m1 = best.leg1.mass;   m2 = best.leg2.mass;   mhh = best.mass
n = count(hh);   pts = best.legs.pt;   closest = min(pair(best.legs), delta_r(leg1, leg2))
"""
    path = path_of("higgsdna_samples/ttH_M125_2017.root")
    found = events(path, Jet="pt eta phi mass btagDeepFlavB")
    compare(same(text, values), path, [_two_higgs(e.Jet) for e in found])


def _two_higgs(jets: list[Any]) -> dict[str, Any]:
    b = sorted((j for j in jets if j.pt > 25 and abs(j.eta) < 2.5), key=lambda j: -j.btagDeepFlavB)[:4]
    pairs = list(combinations(b, 2))
    ways = [(p, q) for p, q in combinations(pairs, 2) if len({j.i for j in p + q}) == 4]
    best = least(ways, lambda w: abs(mass(*w[0]) - mass(*w[1])))
    legs = best[0] + best[1] if best else ()
    return {
        "n": len(ways),
        "m1": mass(*best[0]) if best else None,
        "m2": mass(*best[1]) if best else None,
        "mhh": mass(*legs) if best else None,
        "pts": [j.pt for j in legs],
        "closest": min((delta_r(a, c) for a, c in combinations(legs, 2)), default=None),
    }


def test_charge_flips_by_generator_ancestors() -> None:
    """Tag and probe of same charge, and where the generator says the electron came from."""
    el = EV.Electron
    tag = el[(el.pt > 25 * GeV) & (el.cutBased >= 3)]
    tp = hz.pair(tag=tag, probe=el[el.pt > 15 * GeV])
    tp = tp[tp.mass.between(70 * GeV, 110 * GeV)]
    older = el.gen.ancestors
    values = {"n_os": hz.count(tp.opposite_charge()), "m": tp.mass, "probe_pt": tp.probe.pt,
              "tag_mother": tp.tag.gen.mother.pdgId, "n_older": hz.count(older), "from_z": hz.any(older.pdgId == 23),
              "first": older[older.pdgId != el.gen.pdgId][0].pdgId, "sum": hz.sum(older.pt)}  # fmt: skip
    text = """
tag = Electron[pt > 25 GeV and cutBased >= 3]
tp = pair(tag = tag, probe = Electron[pt > 15 GeV])[70 GeV < mass < 110 GeV];   m = tp.mass;   n_os = count(tp.opposite_charge())
probe_pt = tp.probe.pt;   tag_mother = tp.tag.gen.mother.pdgId;   older = Electron.gen.ancestors;   n_older = count(older)
from_z = any(older.pdgId == 23);   first = older[pdgId != Electron.gen.pdgId][0].pdgId;   sum_ = sum(older.pt)
"""
    values["sum_"] = values.pop("sum")
    path = path_of("higgsdna_samples/DYJetsToLL--UL17_v6-v2_109_Skim.root")
    found = events(path, Electron="pt eta phi mass charge cutBased genPartIdx", GenPart="pt pdgId genPartIdxMother")
    compare(same(text, values), path, [_flips(e.Electron, e.GenPart) for e in found])


def _flips(el: list[Any], gen: list[Any]) -> dict[str, Any]:
    def mother(p: Any) -> Any:
        return gen[p.genPartIdxMother] if p and 0 <= p.genPartIdxMother < len(gen) else None

    def older(e: Any) -> list[Any]:
        chain, p = [], matched(e)
        while (p := mother(p)) is not None:
            chain.append(p)
        return chain

    def matched(e: Any) -> Any:
        return gen[e.genPartIdx] if 0 <= e.genPartIdx < len(gen) else None

    def pdg(p: Any) -> int | None:
        return int(p.pdgId) if p else None

    tags = [e for e in el if e.pt > 25 and e.cutBased >= 3]
    tp = [(t, p) for t in tags for p in el if p.pt > 15 and p.i != t.i and 70 < mass(t, p) < 110]
    return {
        "n_os": sum(1 for t, p in tp if t.charge * p.charge < 0),
        "m": [mass(t, p) for t, p in tp],
        "probe_pt": [p.pt for _, p in tp],
        "tag_mother": [pdg(mother(matched(t))) for t, _ in tp],
        "n_older": [len(older(e)) for e in el],
        "from_z": [any(p.pdgId == 23 for p in older(e)) for e in el],
        "first": [pdg(next((p for p in older(e) if p.pdgId != matched(e).pdgId), None)) for e in el],
        "sum_": [sum(p.pt for p in older(e)) for e in el],
    }


def test_electrons_matched_to_trigger_objects() -> None:
    """The nearest trigger object that passed a filter (a bit), and which objects were used."""
    el = EV.Electron[EV.Electron.pt > 20 * GeV]
    fired = EV.TrigObj[(EV.TrigObj.id == 11) & EV.TrigObj.filterBits.bit(1) & (EV.TrigObj.pt > 27 * GeV)]
    near = fired.per(el)
    near = near[hz.delta_r(near, el) < 0.3]
    with_object = el.assign(trigger=near.argmin(hz.delta_r(near, el)))
    matched = with_object[with_object.trigger.exists]
    values = {"n_near": hz.count(near), "ratio": matched.trigger.pt / matched.pt, "used": fired[hz.any(matched.per(fired).trigger == fired)].index,
              "unmatched": (with_object - matched).index, "m": hz.pair(matched, with_object - matched).mass,
              "leading": matched.leading().trigger.pt}  # fmt: skip
    text = """
el = Electron[pt > 20 GeV];   fired = TrigObj[id == 11 and filterBits.bit(1) and pt > 27 GeV];   all_near = fired.per(el)
near = all_near[delta_r(all_near, el) < 0.3];   with_object = el.assign(trigger = near.argmin(delta_r(near, el)));   n_near = count(near)
matched = with_object[trigger.exists];   ratio = matched.trigger.pt / matched.pt;   used = fired[any(matched.per(fired).trigger == fired)].index
unmatched = (with_object - matched).index;   m = pair(matched, with_object - matched).mass;   leading_ = matched.leading().trigger.pt
"""
    values["leading_"] = values.pop("leading")
    path = path_of("NanoAODv5_sample.root")
    found = events(path, Electron="pt eta phi mass", TrigObj="pt eta phi id filterBits")
    compare(same(text, values), path, [_triggered(e.Electron, e.TrigObj) for e in found])


def _triggered(el: list[Any], objects: list[Any]) -> dict[str, Any]:
    el = [e for e in el if e.pt > 20]
    fired = [o for o in objects if o.id == 11 and (int(o.filterBits) >> 1) & 1 and o.pt > 27]
    near = [[o for o in fired if delta_r(o, e) < 0.3] for e in el]
    pairs = [(e, least(n, lambda o, e=e: delta_r(o, e))) for e, n in zip(el, near, strict=True)]
    matched, others = [(e, o) for e, o in pairs if o], [e for e, o in pairs if not o]
    leading = least(matched, lambda p: -p[0].pt)
    return {
        "n_near": [len(n) for n in near],
        "ratio": [o.pt / e.pt for e, o in matched],
        "used": [o.i for o in fired if any(o is used for _, used in matched)],
        "unmatched": [e.i for e in others],
        "m": [mass(e, other) for e, _ in matched for other in others],
        "leading_": leading[1].pt if leading else None,
    }
