"""Specs of the nano-spec dialect with every block, on real events, against plain Python and numpy."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

from hzdsl import GeV
from hzdsl.backends.base import Backend
from hzdsl.run import run
from hzdsl.text import load

SPECS = Path(__file__).parent / "nano_spec"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SIMULATED = DATA / "nanoaod_modern" / "coffea" / "nano_tt_v12.root"
RECORDED = DATA / "adl_benchmark" / "Run2012B_SingleMu_1000.root"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data: {DATA} does not exist")

Row = dict[str, Any]


def objects(event: Any, name: str, *fields: str) -> list[Row]:
    """Return the elements of a collection of one event, in f64."""
    wanted = ("pt", "eta", "phi", "mass", *fields)
    rows = zip(*(event[f"{name}_{f}"].tolist() for f in wanted), strict=True)
    return [{**dict(zip(wanted, row, strict=True)), "index": i, "of": name} for i, row in enumerate(rows)]


def delta_r(a: Row, b: Row) -> float:
    return math.hypot(a["eta"] - b["eta"], (a["phi"] - b["phi"] + math.pi) % (2 * math.pi) - math.pi)


def four(parts: Iterable[Row]) -> tuple[float, float]:
    """Return mass and pt of a sum; a negative mass (of stored electrons) is space-like, as in ROOT."""
    px = py = pz = e = 0.0
    for m in parts:
        x, y, z = m["pt"] * math.cos(m["phi"]), m["pt"] * math.sin(m["phi"]), m["pt"] * math.sinh(m["eta"])
        px, py, pz, e = px + x, py + y, pz + z, e + math.sqrt(x * x + y * y + z * z + m["mass"] * abs(m["mass"]))
    square = e * e - px * px - py * py - pz * pz
    return math.copysign(math.sqrt(abs(square)), square), math.hypot(px, py)


def least(parts: Sequence[Row]) -> float:
    return min(delta_r(a, b) for a, b in combinations(parts, 2))


def compared(table: Any, wanted: list[dict[str, float | None]]) -> None:
    """Compare the rows of a table with those expected: None is a value that is missing."""
    assert len(table.entry) == len(wanted)
    for name in wanted[0]:
        valid, column = table.valid[name], table.columns[name]
        there = np.array([row[name] is not None for row in wanted])
        assert there.any()
        assert np.array_equal(there, np.ones(len(wanted), bool) if valid is None else valid), name
        expected = np.array([row[name] for row in wanted if row[name] is not None], float)
        assert np.allclose(column[there].astype(float), expected, rtol=1e-9, atol=1e-12), name


# ---- what is recorded ----


def best(muons: list[Row], exclude: list[Row], target: float | None, truncated: bool, wanted: Any) -> list[Row]:
    """Return the pair that a selection of the dialect takes, as its definition says; nothing where there is none."""
    order = muons if truncated else sorted(muons, key=lambda m: -m["pt"])
    found: list[Row] = []
    best_mass = -1.0
    for pair in combinations(order, 2):
        mass = four(pair)[0]
        if any(m is x for m in pair for x in exclude) or not wanted(*pair) or not mass > 0:
            continue
        if target is None:
            return [*pair]
        if truncated and abs(target - mass) < abs(target - best_mass):
            found, best_mass = [*pair], int(mass)
        elif not truncated and (not found or abs(mass - target) < abs(best_mass - target)):
            found, best_mass = [*pair], mass
    return found


def muon_channel(muons: list[Row]) -> dict[str, float | None] | None:
    soft = [m for m in muons if m["pt"] < 400]
    near = best(
        soft, [], 20, True,
        lambda a, b: a["charge"] * b["charge"] < 0 and delta_r(a, b) > 0.1 and max(a["pt"], b["pt"]) > 8,
    )  # fmt: skip
    rest = best(soft, near, 5, False, lambda a, b: True)
    two = best(soft, [], None, False, lambda a, b: True)
    if len(soft) < 2 or len(soft) == 7 or not near or not four(near)[1] > 2:
        return None
    return {
        "a": four(near)[0],
        "b": four(rest)[0] if rest else None,
        "c": four([*near, *two])[1] if two else None,
        "d": delta_r(*two) if two else None,
    }


def mixed_channel(
    plus: list[Row], minus: list[Row], electrons: list[Row], jets: list[Row]
) -> dict[str, float | None] | None:
    el = [e for e in electrons if abs(e["eta"]) <= 2.5 and math.hypot(e["dxy"], e["dz"]) < 0.5]
    el = [e for e in el if e["pfRelIso03_all"] < 1.0]

    def hard(x: list[Row]) -> bool:
        pts = sorted((m["pt"] for m in x), reverse=True)
        return len(pts) > 1 and pts[0] > 30 and pts[1] > 20

    if not (hard(plus) or hard(jets)) or not any(e["pt"] > 2 for e in el):
        return None
    z = [plus[0], el[0]] if plus else []
    if z and not (max(m["pt"] for m in z) > 30 and min(m["pt"] for m in z) > 4):
        z = []
    y = [minus[0], el[0]] if minus else []
    order = sorted((four(x)[0] for x in (y, z)), key=lambda m: abs(m - 30)) if y and z else [None, None]
    return {
        "a": order[0],
        "b": order[1],
        "c": max(e["dxy"] for e in el) / max(e["dxyErr"] for e in el),
        "d": abs(sum(m["charge"] for m in plus) + sum(e["charge"] for e in el)) - 1,
    }


def test_charges_and_channels(backend: Backend, tmp_path: Path) -> None:
    """Sums of muons that no proof tells apart, every selection of a pair, a mask on data, two channels of one table."""
    (tmp_path / "golden.json").write_text('{"194711": [[1, 64], [299, 300]], "195916": [[1, 63]]}')
    (tmp_path / "charges.toml").write_text((SPECS / "charges.toml").read_text())
    text = (tmp_path / "charges.toml").read_text() + f'[[sample]]\nname = "data"\nkind = "data"\nfiles = "{RECORDED}"\n'
    (tmp_path / "charges.toml").write_text(text)
    result = run(load(tmp_path / "charges.toml", dialect="nano-spec").document, backend=backend.name, tables=True)
    rows: dict[str, list[dict[str, float | None]]] = {"muons": [], "mixed": []}
    masses: dict[str, list[float]] = {"muons": [], "mixed": []}
    for event in uproot.open(RECORDED)["Events"].arrays(
        filter_name=["Muon_*", "Electron_*", "Jet_*", "HLT_IsoMu24", "run"]
    ):
        if event["HLT_IsoMu24"] or event["run"] != 194711:
            continue
        muons = objects(event, "Muon", "charge")
        plus, minus = ([m for m in muons if m["charge"] == q and m["pt"] > 3] for q in (1, -1))
        electrons = objects(event, "Electron", "charge", "dxy", "dz", "dxyErr", "pfRelIso03_all")
        jets = objects(event, "Jet")
        both = [plus[0], minus[0]] if plus and minus and delta_r(plus[0], minus[0]) > 0.05 else []
        for name, row in (("muons", muon_channel(muons)), ("mixed", mixed_channel(plus, minus, electrons, jets))):
            if row is not None:
                rows[name].append(row)
                masses[name] += [four(both)[0]] if both else []
    tables = {t.region: t for t in result.samples["data"].tables}
    for name, wanted in rows.items():
        assert len(wanted) > 5
        compared(tables[name], wanted)
        counts = np.histogram(masses[name], 20, (0, 100))[0]
        assert np.array_equal(result.samples["data"].histograms[f"{name}/both"].counts[1:-1], counts)
        assert counts.sum() > 0
    assert result.samples["data"].masked == 307


# ---- what is simulated ----


def payload() -> dict[str, Any]:
    """Return a correctionlib file with an uncertainty, a scale factor that a text chooses, and one without."""

    def bins(name: str, edges: list[float], content: list[Any]) -> dict[str, Any]:
        return {"nodetype": "binning", "input": name, "edges": edges, "content": content, "flow": "clamp"}

    def declared(name: str, inputs: dict[str, str], data: dict[str, Any]) -> dict[str, Any]:
        given = [{"name": n, "type": t} for n, t in inputs.items()]
        return {"name": name, "version": 1, "inputs": given, "output": {"name": "x", "type": "real"}, "data": data}

    kinds = [{"key": k, "value": bins("abseta", [0, 1.2, 2.4], [x, x + 0.02])} for k, x in KINDS.items()]
    jes = [bins("pt", [0, 50, 100], [0.1, 0.04]), bins("pt", [0, 50, 100], [0.2, 0.06])]
    return {
        "schema_version": 2,
        "corrections": [
            declared("jes", {"eta": "real", "pt": "real"}, bins("eta", [-5, 0, 5], jes)),
            declared("flat", {"pt": "real"}, bins("pt", [0, 30, 60], [0.98, 0.99])),
            declared(
                "sf", {"abseta": "real", "year": "real", "kind": "string"},
                {"nodetype": "category", "input": "kind", "content": kinds},
            ),
        ],
    }  # fmt: skip


KINDS = {"nominal": 0.95, "systup": 0.97, "systdown": 0.9}


def uncertainty(jet: Row) -> float:
    below = jet["pt"] < 50
    return (0.1 if below else 0.04) if jet["eta"] < 0 else (0.2 if below else 0.06)


def selected(event: Any, muon_scale: float, shift: float) -> tuple[dict[str, float | None], list[Row]] | None:
    """Return the outputs of one event and its muons, or None where it is not selected."""
    stored = objects(event, "Muon", "mediumId", "dxy", "dz", "pfRelIso04_all")
    scaled = [{**m, "pt": m["pt"] * muon_scale} for m in stored]
    muons = [m for m in scaled if m["pt"] > 15 and abs(m["eta"]) < 2.4 and m["mediumId"]]
    muons = [m for m in muons if abs(m["dxy"]) + 0.1 * abs(m["dz"]) < 0.2]
    jets = [j for j in objects(event, "Jet", "jetId") if abs(j["eta"]) < 2.5 and j["jetId"] >= 2]
    jets = [j for j in jets if np.float32(j["pt"] / 60 - abs(j["eta"]) / 8) >= 0.25]
    jets = [{**j, "pt": j["pt"] * (1 + shift * uncertainty(j))} for j in jets]
    jets = [j for j in jets if j["pt"] > 30]
    if not event["Flag_goodVertices"] or not muons or sum(j["pt"] > 40 for j in jets) < 2:
        return None
    first = max(m["pt"] for m in muons)
    if not first > 20:
        return None
    ht, met, mj = sum(j["pt"] for j in jets), float(event["MET_pt"]), [muons[0], jets[0]]
    passes = delta_r(*mj) > 0.4 and min(m["pt"] for m in mj) > 20
    return {
        "n_veto": sum(m["pt"] > 15 and m["pfRelIso04_all"] < 0.4 for m in stored),
        "ht": ht,
        "mass": four(mj)[0] if passes else None,
        "balance": (first - met) / math.sqrt(ht * met),
    }, muons


def weight(muons: list[Row], kind: str = "nominal") -> float:
    """Return the weight of an event by its muons."""
    factors = (KINDS[kind] + (0.02 if abs(m["eta"]) >= 1.2 else 0) for m in muons)
    triggers = (0.98 if m["pt"] < 30 else 0.99 for m in muons)
    return 0.9 * 2.0 * math.prod(factors) * math.prod(triggers)


def test_weights_variations_and_a_model(backend: Backend, tmp_path: Path) -> None:
    """Each object varies alone and before its cuts; weights and their variations are products over it."""
    (tmp_path / "payload.json").write_text(json.dumps(payload()))
    (tmp_path / "golden.json").write_text('{"1": [[1, 2]]}')  # no mask on simulation
    (tmp_path / "corrected.toml").write_text((SPECS / "corrected.toml").read_text())
    given = {"tagger": lambda pt, eta: pt / (60 * GeV) - abs(eta) / 8}
    document = load(tmp_path / "corrected.toml", providers=given).document
    result = run(document, str(SIMULATED), backend=backend.name, tables=True)
    fields = ["Muon_*", "Jet_pt", "Jet_eta", "Jet_phi", "Jet_mass", "Jet_jetId", "Flag_goodVertices", "MET_pt"]
    events = list(uproot.open(SIMULATED)["Events"].arrays(filter_name=fields))

    def filled(scale: float = 1.0, shift: float = 0.0, kind: str = "nominal", factor: float = 1.0) -> Any:
        found = [x for e in events if (x := selected(e, scale, shift)) is not None]
        weights = [weight(m, kind) * factor for _, m in found]
        return np.histogram([row["ht"] for row, _ in found], 8, (0, 800), weights=weights)[0]

    (sample,) = result.samples.values()
    nominal = [x for e in events if (x := selected(e, 1.0, 0.0)) is not None]
    compared(sample.tables[0], [row for row, _ in nominal])
    histogram = sample.histograms["clean and signal/ht"]
    wanted = {
        "pileup": (filled(factor=1.1), filled(factor=0.95)),
        "muon_scale": (filled(scale=1.05), filled(scale=0.9)),
        "jes_total": (filled(shift=1), filled(shift=-1)),
        "muon_sf": (filled(kind="systup"), filled(kind="systdown")),
    }
    assert np.allclose(histogram.values[1:-1], filled(), rtol=1e-12)
    assert set(histogram.variations) == set(wanted)
    for name, both in wanted.items():
        for label, expected in zip(("up", "down"), both, strict=True):
            assert np.allclose(histogram.variations[name][label].values[1:-1], expected, rtol=1e-12), (name, label)
            assert not np.allclose(expected, filled())
