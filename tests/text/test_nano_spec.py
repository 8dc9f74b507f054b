"""The nano-spec dialect: every spec loads, means what it means there, and runs alike in both backends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

import hzdsl as hz
from hzdsl import GeV, cm
from hzdsl.ir.hash import analysis_hash
from hzdsl.run import run
from hzdsl.text import load, loads
from hzdsl.text.nano.expressions import widened
from tests.event_files import write

SPECS = Path(__file__).parent / "nano_spec"
NAMES = ["higgs4mu", "higgs4e", "channels", "z_control", "dimuon", "multijet_ht"]
DIALECT = "[analysis]\ndialect = 'nano-spec'\n"

ev = hz.events("nanoaod")
mu, el, jet = widened(ev.Muon), widened(ev.Electron), widened(ev.Jet)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """800 events with many leptons, some of them alike, some without a mass."""
    rng = np.random.default_rng(7)
    n = 800
    columns: dict[str, Any] = {}
    for name, most in (("Muon", 7), ("Electron", 6), ("Jet", 8)):
        counts = rng.integers(0, most, n)
        total = int(counts.sum())
        floats = {"pt": rng.exponential(30, total), "eta": rng.normal(0, 1.5, total), "phi": rng.uniform(-3.1, 3.1, total),
                  "mass": np.full(total, 0.105)}  # fmt: skip
        if name != "Jet":
            floats |= {k: rng.normal(0, 0.05, total) for k in ("dxy", "dz")}
            floats |= {k: rng.uniform(0.02, 0.1, total) for k in ("dxyErr", "dzErr")}
            floats["pfRelIso04_all" if name == "Muon" else "pfRelIso03_all"] = rng.exponential(0.2, total)
        fields: dict[str, Any] = {k: x.astype(np.float32) for k, x in floats.items()}
        if name != "Jet":
            fields["charge"] = rng.choice([-1, 1], total).astype(np.int32)
        columns[name] = ak.unflatten(ak.zip(fields), counts)
    columns |= {f"MET_{k}": rng.exponential(30, n).astype(np.float32) for k in ("pt", "phi")}
    columns |= {
        "run": np.ones(n, np.uint32),
        "luminosityBlock": np.ones(n, np.uint32),
        "event": np.arange(n, dtype=np.uint64),
    }
    return write(tmp_path_factory.mktemp("nano") / "events.root", columns)


@pytest.mark.parametrize("name", NAMES)
def test_runs_alike_in_both_backends(name: str, events: Path) -> None:
    document = load(SPECS / f"{name}.toml", dialect="nano-spec").document
    found = [run(document, str(events), backend=b, tables=True) for b in ("interpret", "codegen")]
    for region in document.regions:
        first, second = (r.regions[region.name] for r in found)
        assert 0 < first.selected == second.selected < 800
    for key in found[0].histograms:
        assert np.array_equal(found[0].histograms[key].values, found[1].histograms[key].values)
        assert found[0].histograms[key].counts.sum() > 0
    for mine, theirs in zip(*([t for sample in r.samples.values() for t in sample.tables] for r in found), strict=True):
        for name, column in mine.columns.items():
            assert np.array_equal(column, theirs.columns[name], equal_nan=column.dtype.kind == "f")


def test_four_muons_by_hand(events: Path) -> None:
    """Every selected event and every mass of `higgs4mu.toml`, in plain Python."""
    result = run(load(SPECS / "higgs4mu.toml").document, str(events), tables=True)
    ((table,),) = [s.tables for s in result.samples.values()]
    wanted = by_hand(uproot.open(events)["Events"].arrays(filter_name="Muon_*"))
    assert list(table.columns["event"]) == list(wanted)
    found = zip(table.columns["m4l"], table.columns["apart"], strict=True)
    for (mass, apart), same in zip(found, wanted.values(), strict=True):
        if same is None:
            assert mass == apart == 0 or np.isnan(mass)
        else:
            assert (mass, apart) == pytest.approx(same, rel=1e-9)
    assert 10 < len(wanted) < 400


def by_hand(columns: Any) -> dict[int, tuple[float, float] | None]:
    """Return, for each selected event, the mass and the least ΔR of the four muons (None where no pairs are left)."""
    selected = {}
    for number, event in enumerate(columns):
        fields = ("pt", "eta", "phi", "mass", "charge", "dxy", "dz", "pfRelIso04_all")
        rows = zip(*(event[f"Muon_{f}"].tolist() for f in fields), strict=True)
        muons = [dict(zip(fields, row, strict=True)) for row in rows]
        muons = [m for m in muons if m["pt"] > 5 and abs(m["eta"]) < 2.4 and abs(m["dxy"]) < 0.5 and abs(m["dz"]) < 1]
        muons = [m for m in muons if m["pfRelIso04_all"] < 0.4]
        if len(muons) < 4 or max(m["pt"] for m in muons) <= 20:
            continue
        if not math.hypot(max(m["dxy"] for m in muons), max(m["dz"] for m in muons)) < 2:
            continue
        muons.sort(key=lambda m: -m["pt"])
        pairs = [p for p in combinations(muons, 2) if p[0]["charge"] * p[1]["charge"] < 0 and distance(*p) > 0.02]
        pairs = [p for p in pairs if mass_of(p) > 0]
        if not pairs:
            continue
        za = min(pairs, key=lambda p: abs(mass_of(p) - 91.2))
        zb = next((p for p in pairs if not any(m is x for m in p for x in za)), None)
        if zb is None:
            continue
        near, far = sorted((mass_of(za), mass_of(zb)), key=lambda x: abs(x - 91.2))
        if near > 12 and far > 4:
            four = [*za, *zb]
            apart = min(distance(a, b) for a, b in combinations(four, 2))
            selected[number] = (mass_of(four), apart) if mass_of(four) > 20 else None
    return selected


def distance(a: dict[str, float], b: dict[str, float]) -> float:
    dphi = (a["phi"] - b["phi"] + math.pi) % (2 * math.pi) - math.pi
    return math.hypot(a["eta"] - b["eta"], dphi)


def mass_of(muons: Iterable[dict[str, float]]) -> float:
    px = py = pz = energy = 0.0
    for m in muons:
        x, y, z = m["pt"] * math.cos(m["phi"]), m["pt"] * math.sin(m["phi"]), m["pt"] * math.sinh(m["eta"])
        px, py, pz = px + x, py + y, pz + z
        energy += math.sqrt(x * x + y * y + z * z + m["mass"] ** 2)
    square = energy**2 - px**2 - py**2 - pz**2
    return math.copysign(math.sqrt(abs(square)), square)


@pytest.mark.parametrize("name", ["dimuon", "higgs4e"])
def test_the_switch_of_the_command_line(name: str) -> None:
    path = SPECS / f"{name}.toml"
    assert load(path, dialect="nano-spec").document.regions[0].name in ("pair", "signal")
    if name == "higgs4e":
        with pytest.raises(hz.HzdslError, match="'\\^' is not an operator here"):
            load(path)
    else:
        assert analysis_hash(load(path).document) != analysis_hash(load(path, dialect="nano-spec").document)


def test_regions_are_one_row() -> None:
    document = load(SPECS / "higgs4mu.toml").document
    assert [r.name for r in document.regions] == ["leptons and windows"]
    assert len(document.regions[0].cuts) == 5
    assert [h.region for h in document.histograms] == ["leptons and windows"]
    assert {o.region for o in document.outputs} == {"leptons and windows"}
    assert [r.name for r in loads(DIALECT + "[[outputs]]\nname = 'x'\nexpr = 'MET.pt'\n").document.regions] == ["all"]


def test_channels_have_names_of_their_own() -> None:
    document = load(SPECS / "channels.toml").document
    assert [(r.name, len(r.cuts)) for r in document.regions] == [("4mu", 3), ("2e2mu", 4)]
    assert [h.key for h in document.histograms] == ["4mu/m4l", "2e2mu/m4l"]
    assert document.outputs[0].node is not document.outputs[1].node
    assert {"muons", "za_4mu", "electrons_2e2mu"} <= {name for name, _ in document.definitions}


def test_channels_of_this_language(refused: Callable[[str], str]) -> None:
    text = "[[channel]]\nname = 'a'\nregions.x = ['run > 1']\nhistogram = [{ name = 'h', expr = 'n', bins = 2, range = [0, 2] }]\nobjects.mu = { source = 'Muon' }\n"
    document = loads("define = 'n = count(Muon)'\n" + text).document
    assert [(r.name, len(r.cuts)) for r in document.regions] == [("a", 1)]
    assert [h.key for h in document.histograms] == ["a/h"]
    found = refused(text.replace("regions.x = ['run > 1']", "regions.x = ['run > 1']\nregions.y = ['run > 2']"))
    assert found.startswith("error[meaning-differs]: the regions x, y of one channel are requirements of one selection")
    found = refused(text + "[[channel]]\nname = 'b'\noutputs = [{ name = 'x', expr = 'run' }]\n")
    assert found.startswith("error[spec-value]: channel 'b' writes 'x', and channel 'a' nothing")


#: (expression in the dialect, the same in this language)
MEANINGS: list[tuple[str, Callable[[], Any]]] = [
    ("leading(Muon).eta", lambda: hz.max(mu.eta)),
    ("leading(Muon).pt", lambda: hz.max(mu.pt)),
    ("MET.pt", lambda: ev.MET.pt.as_f64()),
    ("MET_pt", lambda: ev.MET.pt.as_f64()),
    ("ev.Muon[0].pt", lambda: mu[0].pt),
    ("sum(Muon.pt)", lambda: hz.sum(ev.Muon.pt.as_f64())),
    ("count(Muon, abs(dxy) < 0.5)", lambda: hz.count(abs(mu.dxy) < 0.5 * cm)),
    ("count(Muon, dxy + 0.1 < 0.5)", lambda: hz.count(mu.dxy + 0.1 * cm < 0.5 * cm)),
    ("all(Muon, sqrt(dxy^2 + dz^2) / dxyErr < 4)", lambda: hz.all(hz.sqrt(mu.dxy**2 + mu.dz**2) / mu.dxyErr < 4)),
    ("any(Muon, pt > 5 GeV)", lambda: hz.any(mu.pt > 5 * GeV)),
    ("count(Muon, tightId == 1)", lambda: hz.count(mu.tightId == 1)),
    ("MET_pt / sqrt(sum(Jet.pt)) > 3", lambda: ev.MET.pt.as_f64() / hz.sqrt(hz.sum(jet.pt)) > 3 * hz.GeV**0.5),
    ("Muon[0].pt * Muon[1].pt < 100", lambda: mu[0].pt * mu[1].pt < 100 * hz.GeV**2),
    ("2^3^2", lambda: 512),
    ("-2^2", lambda: -4),
    ("Muon[0].pt^2", lambda: mu[0].pt ** 2),
    ("delta_r(Muon[0], Muon[1])", lambda: hz.delta_r(mu[0], mu[1])),
    ("either_pair_pt(Muon, Electron, 20 GeV, 10 GeV)", lambda: (
        ((hz.count(mu.pt > 20 * GeV) >= 1) & (hz.count(mu.pt > 10 * GeV) >= 2))
        | ((hz.count(el.pt > 20 * GeV) >= 1) & (hz.count(el.pt > 10 * GeV) >= 2)))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "same"), MEANINGS, ids=[c[0] for c in MEANINGS])
def test_meaning(text: str, same: Callable[[], Any]) -> None:
    found = loads(f"define = '''x = {text}'''\n{DIALECT}").x
    wanted = same()
    assert (found.node is wanted.node) if isinstance(wanted, hz.Value) else found == wanted


def test_arithmetic_is_in_f64() -> None:
    loaded = load(SPECS / "higgs4mu.toml")
    assert str(loaded.za.min_delta_r.node.type).startswith("f64")
    assert [str(o.node.type) for o in loaded.document.outputs] == ["f64 GeV @ event ?", "f64 @ event ?"]
    assert str(loaded.mu.dxyErr.node.type).startswith("f64")


SHARED = """
[objects.plus]
source = "Muon"
cuts = ["plus.charge == 1"]
[objects.every]
source = "Muon"
cuts = ["charge >= -1"]
[derived.both]
kind = "combine"
items = ["plus", "every"]
[derived.three]
kind = "combine"
items = ["both", "plus"]
filters = ["dR > 0.1", "mass > 5 GeV"]
[derived.rest]
kind = "pair"
object = "Muon"
exclude = ["three"]
"""


def test_what_may_be_one_particle_is_added_there(refused: Callable[[str], str]) -> None:
    """No proof tells the two apart; there their four-vectors are added all the same."""
    loaded = loads("define = 'apart = both.min_delta_r'\n" + DIALECT + SHARED)
    plus, minus = mu[mu.charge == 1], mu[mu.charge >= -1]
    assert loaded.both.mass.node is (plus[0].p4 + minus[0].p4).mass.node
    assert loaded.apart.node is hz.delta_r(plus[0], minus[0]).node
    least = hz.delta_r(plus[0], minus[0])
    for other in (hz.delta_r(plus[0], plus[0]), hz.delta_r(minus[0], plus[0])):
        least = hz.minimum(least, other)
    passes = (least > 0.1) & ((plus[0].p4 + minus[0].p4 + plus[0].p4).mass > 5 * GeV)
    first, second = plus[passes], minus[passes]
    assert loaded.three.mass.node is (first[0].p4 + second[0].p4 + first[0].p4).mass.node
    assert loaded.rest.mass.node is not loads(DIALECT + SHARED.replace('["three"]', "[]")).rest.mass.node
    with pytest.raises(hz.HzdslError, match="may hold one particle twice, and has no legs"):
        _ = loaded.both.legs
    assert refused(SHARED.replace("plus.charge", "charge")).startswith("error[identity]")


def test_any_name_is_free_there(refused: Callable[[str], str]) -> None:
    """What is called is a function there, and a bare name inside an object's scope its attribute."""
    text = """
[objects.all]
source = "Muon"
cuts = ["pt > 5 GeV"]
[derived.pair]
kind = "pair"
object = "all"
filters = ["mass > 12 GeV"]
[derived.mass]
kind = "combine"
items = ["all", "all"]
[objects.Muon]
source = "Muon"
cuts = ["pt > 30 GeV"]
[objects.soft]
source = "Muon"
cuts = ["pt < 30 GeV"]
[regions.r]
require = ["all(all, pt > 7 GeV)", "pair.mass > 20 GeV", "count(soft) == 0"]
"""
    cuts = loads(DIALECT + text).document.regions[0].cuts
    good = mu[mu.pt > 5 * GeV]
    assert cuts[0].node is hz.all(good.pt > 7 * GeV).node
    assert cuts[2].node is (hz.count(mu[mu.pt < 30 * GeV]) == 0).node
    assert refused(text).startswith("error[name-twice]: 'all' is a function of the language")


def test_a_correction_of_an_object(message: Callable[..., str]) -> None:
    """Its source varies before its own cuts; other objects of that source do not."""
    text = """
[[correction]]
kind = "scale"
name = "scale"
collection = "good"
attr = "pt"
up = 1.02
down = 0.98
[objects.good]
source = "Muon"
cuts = ["pt > 30 GeV"]
[objects.veto]
source = "Muon"
cuts = ["pt > 10 GeV"]
[[outputs]]
name = "n"
expr = "count(good)"
[[outputs]]
name = "m"
expr = "count(veto)"
"""
    varied = mu.assign(pt=hz.vary(mu.pt, scale=(mu.pt * 1.02, mu.pt * 0.98)))
    found = [o.node for o in loads(DIALECT + text).document.outputs]
    assert found == [hz.count(varied[varied.pt > 30 * GeV]).node, hz.count(mu[mu.pt > 10 * GeV]).node]
    said = message(lambda: loads(DIALECT + text.replace('collection = "good"', 'collection = "god"')))
    assert said.startswith("error[arguments]: 'god' is no collection of the input, and no object of [objects]")
    assert "god" in said.splitlines()[2]
    said = message(lambda: loads(DIALECT + text.replace('attr = "pt"', 'attr = "ptt"')))
    assert said.startswith("error[attribute]")
    assert '"ptt"' in said


def test_a_flavour_that_there_is_not() -> None:
    text = "[derived.jj]\nkind = 'pair'\nobject = 'Jet'\nconstraints = ['same_flavor']\n"
    assert loads(DIALECT + text).jj.mass.node is loads(DIALECT + text.replace("'same_flavor'", "")).jj.mass.node


def test_a_target_that_nothing_uses(refused: Callable[[str], str]) -> None:
    text = "[derived.z]\nkind = 'pair'\nobject = 'Muon'\ntarget = '91.2 GeV'\n"
    found = refused(text)
    assert found.startswith("error[spec-key]: derived.z: 'target' has no meaning for the selection 'leading_pt'")
    assert 'fix: selection = "nearest_mass"' in found


def test_momenta_need_their_unit(refused: Callable[[str], str]) -> None:
    for cut in ("any(Muon, pt > 5)", "sum(Muon.pt) > 100", "pair(Muon)[0].mass > 5"):
        assert refused(f"{DIALECT}[regions]\nr = ['{cut}']\n").startswith("error[unit]")


def test_without_the_switch(refused: Callable[[str], str]) -> None:
    """What differs is refused with both readings; what means the same loads."""
    assert "the greatest pt of o in the nano-spec dialect" in refused("regions.r = ['leading(Muon).pt > 5 GeV']")
    assert "'^' is not an operator here" in refused("regions.r = ['MET.pt^2 > 5 GeV']")
    assert "plain number" in refused("[objects.m]\nsource = 'Muon'\ncuts = ['dxy < 0.5']\n")
    text = (SPECS / "dimuon.toml").read_text()
    pairs = hz.pair(ev.Muon.sort(-ev.Muon.pt)).opposite_charge()
    mass = pairs[(pairs.mass > 0) & hz.isfinite(pairs.mass)][0].mass
    assert loads(text).document.histograms[0].axes[0].node is mass.node


def test_one_row_has_no_regions(refused: Callable[[str], str]) -> None:
    text = "[regions]\na = ['run > 1']\n[[outputs]]\nname = 'x'\nexpr = 'run'\nregion = 'a'\n"
    assert refused(DIALECT + text).startswith("error[meaning-differs]: the nano-spec dialect has one selection")


def test_a_broken_spec(message: Callable[..., str]) -> None:
    assert message(lambda: load(SPECS / "broken.toml")) == (
        "error[name-unknown]: 'ptt' is not defined\n"
        "  at broken.toml [objects.mu] cuts[0]:7\n"
        "    ptt > 5 GeV\n"
        "    ^^^\n"
        "  fix: did you mean pt?"
    )


def test_a_library_in_another_dialect(tmp_path: Path, message: Callable[..., str]) -> None:
    (tmp_path / "lib.toml").write_text(DIALECT + "define = 'square(x) = x^2'\n")
    (tmp_path / "spec.toml").write_text("include = 'lib.toml'\n")
    assert message(lambda: load(tmp_path / "spec.toml")).startswith("error[meaning-differs]: lib.toml is written in")
    assert load(tmp_path / "spec.toml", dialect="nano-spec").square(mu.dxy).node is (mu.dxy**2).node


def test_a_program_has_no_dialect(tmp_path: Path, message: Callable[..., str]) -> None:
    (tmp_path / "a.py").write_text("import hzdsl as hz\nana = hz.Analysis('a')\n")
    assert "a.py is a program, and has no dialect" in message(lambda: load(tmp_path / "a.py", dialect="nano-spec"))


def test_the_spec_that_is_printed_loads_in_both(events: Path) -> None:
    """Its arithmetic is f64 there, and follows the branches here; on these events that moves nothing."""
    path = Path(__file__).resolve().parents[2] / "analyses" / "higgs4l" / "seed_4mu.toml"
    here, there = load(path).document, load(path, dialect="nano-spec").document
    assert analysis_hash(here) != analysis_hash(there)
    assert [c.label for c in here.regions[0].cuts] == [c.label for c in there.regions[0].cuts]
    assert [r.name for r in there.regions] == ["signal"]
    passing = [run(d, str(events), parameters=None).regions["signal"].cutflow for d in (here, there)]
    assert passing[0] == passing[1]
    assert passing[0][0].events > 0


def test_a_model_has_a_provider(tmp_path: Path) -> None:
    """Given by the user as a function of its inputs, or a trained model's file."""
    text = f"""{DIALECT}
[[model]]
name = "tagger"
inputs = ["Jet_pt", "eta"]
output = "Jet_score"
batch = "Jet"
dtype = "f32"
[model.provider]
kind = "mock"
[objects.tagged]
source = "Jet"
cuts = ["score > 0.5", "pt > 30 GeV"]
[regions.sr]
require = ["count(tagged) >= 1"]
"""
    found = loads(text, providers={"tagger": lambda pt, eta: pt / (40 * GeV) - abs(eta)})
    score = jet.pt / (40 * GeV) - abs(jet.eta)
    wanted = jet.assign(score=score.as_f32().as_f64())
    tagged = wanted[(wanted.score > 0.5) & (wanted.pt > 30 * GeV)]
    assert found.document.regions[0].cuts[0].node is (hz.count(tagged) >= 1).node
    other = text.replace('batch = "Jet"', 'batch = "Muon"'), text.replace('"f32"', '"f16"')
    for wrong, said in zip(other, ("batch is 'Muon', and the output is of Jet", "dtype is 'f16'"), strict=True):
        with pytest.raises(hz.HzdslError, match=said):
            loads(wrong, providers={"tagger": lambda pt, eta: pt / GeV})
    from_file = text.replace('kind = "mock"', 'kind = "inproc"\nfile = "bdt.json"')
    (tmp_path / "bdt.json").write_bytes((SPECS.parents[2] / "docs" / "files" / "bdt.json").read_bytes())
    assert loads(from_file, folder=tmp_path).document.regions[0].cuts
