"""Small analyses of real files of every kind of input, equal in both backends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

import hzdsl as hz
from hzdsl import GeV, MeV
from hzdsl.io.opening import open_source
from hzdsl.results.result import Result

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

pytestmark = pytest.mark.shared


def files(pattern: str) -> list[str]:
    found = sorted(str(p) for p in DATA.glob(pattern))
    if not found:
        print(f"no real data: {DATA / pattern}")
        pytest.skip(f"no real data: {DATA / pattern}")
    return found


def both(ana: hz.Analysis, paths: list[str]) -> Result:
    """Run in both backends; every histogram must have equal counts."""
    compiled, interpreted = (ana.run(paths, backend=b) for b in ("codegen", "interpret"))
    for key, histogram in compiled.histograms.items():
        assert histogram.counts.tolist() == interpreted.histograms[key].counts.tolist(), key
    return compiled


def counts(result: Result, key: str) -> list[int]:
    found: Any = result.histograms[key].counts
    return [int(n) for n in found]


#: One file of each generation: v5, Open Data 2015 (TTree and RNTuple), v9, v12, v15.
GENERATIONS = (
    "NanoAODv5_sample.root", "nanoAOD_2015_CMS_Open_Data_ttbar.root", "cmsopendata2015*.root", "coffea/nano_dimuon.root",
    "coffea/nano_tt_v12.root", "coffea/nano_tt_v15.root",
)  # fmt: skip


def test_z_to_mumu_in_every_nanoaod() -> None:
    """One program for v5 to v15, whatever types the versions store."""
    mu = hz.events("nanoaod").Muon
    good = mu[(mu.pt > 10 * GeV) & (abs(mu.eta) < 2.4) & mu.tightId]
    z = hz.pair(good).opposite_charge().nearest(91.2)
    ana = hz.Analysis("z")
    ana.region("z", z.mass.between(60 * GeV, 120 * GeV))
    ana.histogram("mass", z.mass, bins=60, range=(60, 120))
    ana.histogram("jet", good.jet.pt, bins=20, range=(0, 200))
    paths = [p for name in GENERATIONS for p in files(f"nanoaod_modern/{name}")]
    result = both(ana, paths)
    assert result.regions["z"].selected == sum(map(_z_masses, paths)) > 10
    assert sum(counts(result, "jet")) > 100


def _z_masses(path: str) -> int:
    names = ("pt", "eta", "phi", "mass", "charge", "tightId")
    with open_source(path) as source:
        read = source.read([f"Muon_{n}" for n in names], 0, source.entries)
    mu = ak.zip({n: ak.unflatten(c.content, np.diff(c.offsets)) for n, c in zip(names, read.values(), strict=True)})
    mu = mu[(mu.pt > 10) & (abs(mu.eta) < 2.4) & mu.tightId]
    a, b = ak.unzip(ak.combinations(mu, 2))
    mass = _mass(a, b)[a.charge * b.charge < 0]
    best = mass[ak.argmin(abs(mass - 91.2), axis=1, keepdims=True)]
    return int(ak.sum((best > 60) & (best < 120)))


def _mass(*particles: Any) -> Any:
    def f8(x: Any) -> Any:
        return ak.values_astype(x, np.float64)

    px = sum(f8(p.pt) * np.cos(f8(p.phi)) for p in particles)
    py = sum(f8(p.pt) * np.sin(f8(p.phi)) for p in particles)
    pz = sum(f8(p.pt) * np.sinh(f8(p.eta)) for p in particles)
    e = sum(np.sqrt((f8(p.pt) * np.cosh(f8(p.eta))) ** 2 + f8(p.mass) ** 2) for p in particles)
    return np.sqrt(np.maximum(e**2 - px**2 - py**2 - pz**2, 0))


@pytest.mark.parametrize(
    ("schema", "pattern", "energy", "scale"),
    [
        ("atlas_opendata_13tev", "atlas_13tev_4lep/data_?.4lep.root", "lep_E", 1e-3),
        ("atlas_opendata_13tev_2025", "atlas_13tev_4lep/ODEO*.root", "lep_e", 1.0),
    ],
)
def test_higgs_to_four_leptons_in_gev_from_either_release(schema: str, pattern: str, energy: str, scale: float) -> None:
    """The same expression on files in MeV and in GeV; the results are in GeV."""
    lep = hz.events(schema).lep
    hard = lep[lep.pt > 7 * GeV]
    four = hz.combinations(hard, 4)[0]
    ana = hz.Analysis("h4l", hz.events(schema).schema)
    r = ana.region("four", hz.count(hard) == 4, hz.sum(hard.charge) == 0)
    ana.histogram("m_4l", four.mass, bins=20, range=(80, 180), region=r)
    paths = files(pattern)
    result = both(ana, paths)
    assert result.histograms["four/m_4l"].axes[0].unit == "GeV"

    expected = np.zeros(20, int)
    for path in paths:
        with uproot.open(path) as file:
            tree = file[file.keys()[0]]
            a = {n: tree[f"lep_{n}"].array() for n in ("pt", "eta", "phi", "charge")} | {"e": tree[energy].array()}
        leptons = ak.values_astype(ak.zip(a), np.float64)
        leptons = leptons[leptons.pt * scale > 7]
        leptons = leptons[(ak.num(leptons) == 4) & (ak.sum(leptons.charge, axis=1) == 0)]
        px, py = ak.sum(leptons.pt * np.cos(leptons.phi), axis=1), ak.sum(leptons.pt * np.sin(leptons.phi), axis=1)
        pz, e = ak.sum(leptons.pt * np.sinh(leptons.eta), axis=1), ak.sum(leptons.e, axis=1)
        mass = ak.to_numpy(np.sqrt(e**2 - px**2 - py**2 - pz**2)) * scale
        expected += np.histogram(mass, bins=20, range=(80, 180))[0]
    assert counts(result, "four/m_4l")[1:-1] == expected.tolist()
    assert expected.sum() > 100


def test_b_to_three_hadrons() -> None:
    """Invariant masses of a flat ntuple in MeV, under the hypothesis of three kaons."""
    (path,) = files("lhcb_bhhh/*.root")
    ev = hz.events("lhcb_bhhh")
    k1, k2, k3 = (h.assign(mass=493.677 * MeV) for h in (ev.H1, ev.H2, ev.H3))
    ana = hz.Analysis("b", ev.schema)
    everything = ana.region("all")
    ana.output("m_b", (k1 + k2 + k3).mass, region=everything)
    ana.histogram("m_b", (k1 + k2 + k3).mass, bins=20, range=(5.2, 5.4))
    ana.histogram("m_12", (k1 + k2).mass, bins=50, range=(0, 5))
    ana.histogram("charge", (k1 + k2 + k3).charge, bins=3, range=(-1.5, 1.5))
    result = both(ana, [path])
    with uproot.open(path) as file:
        h = file["PhaseSpaceTree"].arrays(library="np")
    p = np.array([[h[f"H{i}_P{c}"] for c in "XYZ"] for i in (1, 2, 3)])
    e = np.sqrt((p**2).sum(axis=1) + 493.677**2)
    m_b = np.sqrt(e.sum(axis=0) ** 2 - (p.sum(axis=0) ** 2).sum(axis=0)) * 1e-3
    assert counts(result, "m_b")[1:-1] == np.histogram(m_b, bins=20, range=(5.2, 5.4))[0].tolist()
    assert max(counts(result, "m_b")[1:-1]) > 30_000  # at the mass of the B
    assert counts(result, "charge") == [0, 25_000, 0, 25_000, 0]


def test_physlite() -> None:
    (path,) = files("atlas_physlite/*.root")
    ev = hz.events("physlite")
    el, jets, mu = ev.Electrons, ev.Jets, ev.TruthMuons
    ana = hz.Analysis("p", ev.schema)
    ana.histogram("tight", el[el.DFCommonElectronsLHTight].pt, bins=10, range=(0, 100))
    ana.histogram("tracks", hz.sum(jets.NumTrkPt500), bins=10, range=(0, 50))
    ana.histogram("hardest", jets[jets.pt > 20 * GeV].NumTrkPt500[0], bins=10, range=(0, 50))
    ana.histogram("truth", mu.pt, bins=10, range=(0, 100))
    ana.histogram("weight", ev.mcEventWeights[0] / abs(ev.mcEventWeights[0]), bins=3, range=(-1.5, 1.5))
    result = both(ana, [path])
    with uproot.open(path) as file:
        tree = file["CollectionTree"]
        pt, tight = (tree[f"AnalysisElectronsAuxDyn.{n}"].array() for n in ("pt", "DFCommonElectronsLHTight"))
        tracks = tree["AnalysisJetsAuxDyn.NumTrkPt500"].array()
    expected = np.histogram(ak.flatten(pt[tight == 1]) * 1e-3, bins=10, range=(0, 100))[0]
    assert counts(result, "tight")[1:-1] == expected.tolist()
    summed = np.histogram(ak.flatten(ak.sum(tracks, axis=2)), bins=10, range=(0, 50))[0]
    assert counts(result, "tracks")[1:-1] == summed.tolist()
    assert counts(result, "truth")[1:-1] != [0] * 10


def test_links_of_nanoaod() -> None:
    """LANGUAGE (i): matched generator particles, their ancestors, the daughters of each."""
    (path,) = files("nanoaod_modern/NanoAODv5_sample.root")
    ev = hz.events("nanoaod")
    mu = ev.Muon
    parent = mu.gen.ancestors[mu.gen.ancestors.pdgId != mu.gen.pdgId][0]
    kids = ev.GenPart.per(ev.GenPart)
    ana = hz.Analysis("links")
    ana.histogram("parent", abs(parent.pdgId), bins=30, range=(0, 30))
    ana.histogram("prompt", mu[hz.any(abs(mu.gen.ancestors.pdgId) == 24)].pt, bins=10, range=(0, 100))
    ana.histogram("kids", hz.count(kids[kids.mother == ev.GenPart]), bins=10, range=(0, 10))
    result = both(ana, [path])
    with uproot.open(path) as file:
        tree = file["Events"]
        mother, pdg, match = (tree[n].array() for n in ("GenPart_genPartIdxMother", "GenPart_pdgId", "Muon_genPartIdx"))
    kids_of = [np.bincount(m[m >= 0], minlength=len(m)) for m in map(ak.to_numpy, mother)]
    assert counts(result, "kids")[1:-1] == np.bincount(np.concatenate(kids_of))[:10].tolist()
    parents = []
    for m, ids, matches in zip(mother.tolist(), pdg.tolist(), match.tolist(), strict=True):
        for i in (i for i in matches if i >= 0):
            at = m[i]
            while at >= 0 and ids[at] == ids[i]:
                at = m[at]
            parents += [abs(ids[at])] if at >= 0 else []
    assert counts(result, "parent")[1:-1] == np.histogram(parents, bins=30, range=(0, 30))[0].tolist()
    assert len(parents) > 100
