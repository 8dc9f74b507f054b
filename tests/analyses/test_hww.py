"""H -> WW -> e mu nu nu from generated events to cards: both forms and backends, truth, the seed's names."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

import hzdsl as hz
from analyses.hww import cards, generate
from analyses.hww.processes import HIGGS_MASS, PROCESSES, added, product
from analyses.hww.processes import generate as true_events
from hzdsl.ir.exclusive import apart
from hzdsl.ir.hash import analysis_hash
from hzdsl.results.result import Result
from hzdsl.run import run
from hzdsl.stats.cards.reader import read_card
from hzdsl.stats.harvest.pseudodata import with_asimov

ROOT = Path(__file__).resolve().parents[2]
HWW = ROOT / "analyses" / "hww"
EVENTS, SEED = 2_000, 3
LUMINOSITY = 34_700.0


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hww")
    generate.write_all(folder, EVENTS, SEED)
    return folder


@pytest.fixture(scope="module")
def result(events: Path) -> Result:
    return cards.histograms(events)


def test_text_and_python() -> None:
    text, python = (hz.load(str(HWW / f"hww.{kind}")).document for kind in ("toml", "py"))
    assert analysis_hash(text) == analysis_hash(python)
    assert text.samples == python.samples
    assert {s.name: s.xsec for s in text.samples} == {name: p.xsec for name, p in PROCESSES.items()}


def test_regions_are_proved_to_be_exclusive() -> None:
    document = hz.load(str(HWW / "hww.toml")).document
    cuts = [[c.node for c in r.cuts] for r in document.regions if r.name in cards.REGIONS]
    assert len(cuts) == 6
    assert all(apart(a, b) for a, b in combinations(cuts, 2))


def test_backends_are_equal(events: Path) -> None:
    document = replace(hz.load(str(HWW / "hww.toml")).document, folder=str(events))
    few = replace(document, samples=[s for s in document.samples if s.name == "VG"])
    compiled, interpreted = (run(few, backend=b, max_events=2000) for b in ("codegen", "interpret"))
    assert compiled == interpreted
    assert compiled.histograms["SR/1jet/mt_higgs"].counts.sum() > 20


def delta_phi(a: float, b: float) -> float:
    return abs(np.remainder(a - b + np.pi, 2 * np.pi) - np.pi)


def transverse_mass(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(np.sqrt(2 * a[0] * b[0] * (1 - np.cos(a[1] - b[1]))))


def region_of(e: dict[str, Any]) -> str | None:
    """The region of one event, in plain Python: leptons (pt, eta, phi, charge), jets, missing momentum."""
    found = [(*x, kind) for kind, xs in (("mu", e["mu"]), ("el", e["el"])) for x in xs]
    if len(found) != 2 or found[0][4] == found[1][4] or found[0][3] * found[1][3] >= 0:
        return None
    (p1, h1, f1, *_), (p2, h2, f2, *_) = sorted(found, key=lambda x: -x[0])
    met = e["met"]
    x, y = p1 * np.cos(f1) + p2 * np.cos(f2), p1 * np.sin(f1) + p2 * np.sin(f2)
    mass = np.sqrt(2 * p1 * p2 * (np.cosh(h1 - h2) - np.cos(f1 - f2)))
    ll = (float(np.hypot(x, y)), float(np.arctan2(y, x)))
    if p1 <= 25 or mass <= 12 or met[0] <= 20 or ll[0] <= 30:
        return None
    apart = [all(np.hypot(h - lep[1], delta_phi(f, lep[2])) >= 0.4 for lep in found) for _, h, f, _ in e["jet"]]
    n = sum(ok and j[0] > 30 for ok, j in zip(apart, e["jet"], strict=True))
    tagged = sum(j[0] > 20 and j[3] > 0.28 for j in e["jet"])
    jets = f"{min(n, 2)}jet"
    if tagged:
        return f"CR_top/{jets}" if mass > 50 else None
    return f"SR/{jets}" if transverse_mass(ll, met) > 60 and transverse_mass((p2, f2), met) > 30 else None


def event_of(a: dict[str, np.ndarray], i: int) -> dict[str, Any]:
    def rows(kind: str, *columns: str, flag: str = "") -> list[tuple[float, ...]]:
        made = list(zip(*(a[f"{kind}_{c}"][i].astype(float) for c in columns), strict=True))
        return [x for x, ok in zip(made, a[f"{kind}_{flag}"][i], strict=True) if ok and x[0] > 13] if flag else made

    return {
        "mu": rows("Muon", "pt", "eta", "phi", "charge", flag="tightId"),
        "el": rows("Electron", "pt", "eta", "phi", "charge", flag="mvaIso_WP90"),
        "jet": rows("Jet", "pt", "eta", "phi", "btagDeepFlavB"),
        "met": (float(a["MET_pt"][i]), float(a["MET_phi"][i])),
    }


@pytest.mark.parametrize("name", ["ggH_HWW", "Top_antitop"])
def test_selected_as_by_a_plain_loop(events: Path, result: Result, name: str) -> None:
    with uproot.open(events / f"{name}.root") as file:
        a = file["Events"].arrays(library="np")
    found = Counter(region_of(event_of(a, i)) for i in range(len(a["MET_pt"])))
    ours = {r: result.samples[name].regions[r].selected for r in cards.REGIONS}
    assert ours == {r: found[r] for r in cards.REGIONS}
    assert sum(ours.values()) > 100


def test_weights_are_normalised_to_the_cross_section(result: Result) -> None:
    """Before any cut a sample weighs luminosity times cross-section, but for scale factors: between all and none."""
    for name, process in PROCESSES.items():
        start = result.samples[name].regions["base"].start
        assert start.events == EVENTS * process.size
        assert 0.95 * 0.94 * 0.97 < start.sumw / (LUMINOSITY * process.xsec) < 1


def test_variations_of_weights(result: Result) -> None:
    """Up is more than down in all regions, by what the tables say of such leptons; shapes change a little."""
    for region in cards.REGIONS:
        h = result.samples["WW"].histograms[f"{region}/mt_higgs"]
        assert {*h.variations} == {*cards.SYSTEMATICS}
        for name, (low, high) in {"trigger": (0.004, 0.02), "ele_id": (0.01, 0.03), "mu_id": (0.005, 0.015)}.items():
            up, down = (h.variations[name][side].values.sum() / h.values.sum() - 1 for side in ("up", "down"))
            assert low < up < high
            assert up == pytest.approx(-down, rel=1e-6)


def test_the_truth_is_in_the_files(events: Path) -> None:
    for number, name in enumerate(PROCESSES):
        with uproot.open(events / f"{name}.root") as file:
            assert {*file["Events"]["process"].array(library="np")} == {number}
            assert file["Runs"]["genEventSumw"].array()[0] == file["Events"]["genWeight"].array(library="np").sum()


@pytest.mark.parametrize("name", PROCESSES)
def test_generated_events(name: str) -> None:
    process = PROCESSES[name]
    a, b = (true_events(process, np.random.Generator(np.random.PCG64(s)), 3000) for s in (1, 1))
    assert np.array_equal(a.leptons[0].px, b.leptons[0].px)
    assert len(a.jets.pt) == a.jets.counts.sum()
    assert a.jets.b.sum() == (6000 if name == "Top_antitop" else 0)
    same = float(np.mean(a.charges[0] == a.charges[1]))
    assert same == pytest.approx(process.same_charge, abs=4 * np.sqrt(0.25 / 3000))
    for lepton in a.leptons:
        assert np.allclose(product(lepton, lepton) / lepton.e**2, 0, atol=1e-6)


def test_leptons_of_the_higgs_are_near_each_other() -> None:
    """The matrix element brings them together; those of two W without it are nearly back to back."""
    rng = np.random.Generator(np.random.PCG64(1))
    apart, masses = {}, {}
    for name in ("ggH_HWW", "WW"):
        t = true_events(PROCESSES[name], rng, 4000)
        apart[name] = np.mean([delta_phi(x, y) for x, y in zip(t.leptons[0].phi, t.leptons[1].phi, strict=True)])
        masses[name] = np.median(added(*t.leptons).mass)
    assert apart["ggH_HWW"] < 1.35 < 1.75 < apart["WW"]
    assert masses["ggH_HWW"] < 45 < masses["WW"]


def test_the_higgs_has_its_mass() -> None:
    """No transverse mass of leptons and neutrinos is greater."""
    t = true_events(PROCESSES["ggH_HWW"], np.random.Generator(np.random.PCG64(2)), 4000)
    ll, (x, y) = added(*t.leptons), t.missing
    m2 = (np.hypot(ll.pt, ll.mass) + np.hypot(x, y)) ** 2 - (ll.px + x) ** 2 - (ll.py + y) ** 2
    assert np.sqrt(m2).max() < HIGGS_MASS + 1e-6
    assert np.sqrt(m2).max() > 0.9 * HIGGS_MASS


# ---- cards ----


@pytest.fixture(scope="module")
def combine(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("Combine")
    cards.write(with_asimov(cards.channels_of(result)), folder)
    return folder


def test_files_have_the_seeds_names(combine: Path) -> None:
    names = ("SR0j", "SR1j", "SR2j", "topCR0j", "topCR1j", "topCR2j")
    texts = ("sr0j", "sr1j", "sr2j", "topCR0j", "topCR1j", "topCR2j")
    expected = {f"combine_input_{n}.root" for n in names} | {f"hww_{n}_datacard.txt" for n in texts}
    assert {p.name for p in combine.iterdir()} == {*expected, "combined_datacard.txt"}


def test_a_card_is_the_seeds(combine: Path) -> None:
    """Line by line, with the words of the seed's script."""
    lines = [x.split() for x in (combine / "hww_sr0j_datacard.txt").read_text().splitlines() if not x.startswith("-")]
    heads = [line[0] for line in lines]
    assert heads == [
        "imax", "jmax", "kmax", "shapes", "bin", "observation", "bin", "process", "process", "rate",
        "lumi_13TeV", "CMS_trigger", "CMS_eff_e", "CMS_eff_m", "*",
    ]  # fmt: skip
    assert [line[1] for line in lines[:3]] == ["1", "7", "*"]
    assert lines[3] == [
        "shapes",
        "*",
        "*",
        "combine_input_SR0j.root",
        "$PROCESS_$CHANNEL",
        "$PROCESS_$CHANNEL_$SYSTEMATIC",
    ]
    assert lines[6] == ["bin", *["ggH_hww_0j"] * 8]
    assert lines[7] == ["process", *cards.PROCESSES]
    assert lines[8] == ["process", *map(str, range(8))]
    assert lines[10] == ["lumi_13TeV", "lnN", *["1.012"] * 8]
    assert lines[14] == ["*", "autoMCStats", "10", "1", "1"]


@pytest.mark.parametrize("region", cards.REGIONS)
def test_cards_and_files_agree(combine: Path, result: Result, region: str) -> None:
    """Rates are the integrals; a column has an effect where the histograms are, and `-` where the rate is 0."""
    name, shapes, text = cards.REGIONS[region]
    card = read_card(combine / text)
    with uproot.open(combine / shapes) as file:
        stored = {key: file[key] for key in file.keys(cycle=False)}
    total = stored[f"data_obs_{name}"].values()
    assert card.channels[0].observed == pytest.approx(total.sum(), rel=1e-14)
    assert total == pytest.approx(
        sum(stored[f"{p}_{name}"].values() for p in cards.PROCESSES if f"{p}_{name}" in stored)
    )
    shape_lines = {s.name: s for s in card.lines if getattr(s, "kind", "") == "shape"}
    assert list(shape_lines) == list(cards.SYSTEMATICS.values())
    for column in card.columns:
        there = f"{column.process}_{name}" in stored
        assert there == (column.rate > 0)
        for systematic, line in shape_lines.items():
            sides = [f"{column.process}_{name}_{systematic}{side}" in stored for side in ("Up", "Down")]
            assert sides == [there, there]
            assert (column.name in line.effects) == there
        if there:
            h = stored[f"{column.process}_{name}"]
            assert column.rate == pytest.approx(h.values().sum(), rel=1e-14)
            ours = result.samples[column.process].histograms[f"{region}/mt_higgs"]
            good = ours.values[1:-1] >= 0
            assert h.values()[good].tolist() == ours.values[1:-1][good].tolist()
            assert h.values()[~good].tolist() == [0] * int((~good).sum())
            assert h.variances().tolist() == ours.variances[1:-1].tolist()


def test_a_missing_process_and_missing_data_are_said(result: Result) -> None:
    fewer = replace(result, samples={n: s for n, s in result.samples.items() if n != "VG"})
    channel = cards.channels_of(fewer)[0]
    assert "ggH_hww_0j: process VG has no histogram 'SR/0jet/mt_higgs'" in channel.remarks
    with pytest.raises(hz.HzdslError, match="ggH_hww_0j: there is no histogram of data"):
        cards.write(cards.channels_of(fewer), Path("nowhere"))


def test_command(
    events: Path, result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["cards", str(events), str(tmp_path / "Combine"), "--toy", "4"])
    cards.main()
    said = capsys.readouterr().out
    assert "6 ROOT files, their cards, combined_datacard.txt" in said
    assert "are in no bin of mt_higgs" in said
    with uproot.open(tmp_path / "Combine" / "combine_input_SR0j.root") as file:
        observed = file["data_obs_ggH_hww_0j"].values()
    expected = cards.channels_of(result)[0].predicted
    assert observed.tolist() == np.rint(observed).tolist() != expected.tolist()
    assert abs(observed - expected).max() < 6 * np.sqrt(expected.max())
