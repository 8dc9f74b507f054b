"""An analysis written as TOML, JSON or YAML loads with the same hash, whatever surface it came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import hzdsl as hz
from hzdsl import GeV, MeV, fb, pb
from hzdsl.cli.describe import description
from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import loads
from hzdsl.text.write import content, to_json, to_toml, to_yaml, update, updated
from hzdsl.text.write.toml import toml_text
from tests.analyses.files import ANALYSES, analyses

DIALECT = [Path(__file__).parent / "nano_spec" / f"{name}.toml" for name in ("channels", "dimuon", "higgs4mu",
           "multijet_ht", "z_control")]  # fmt: skip
FILES = sorted([*(f for f in analyses("toml", "py", "adl") if f.parent.parent == ANALYSES), *DIALECT])
ev = hz.events("nanoaod")
mu, el = ev.Muon, ev.Electron


def assert_reads_back(document: Document) -> str:
    text = to_toml(document)
    again = loads(text, folder=document.folder).document
    assert analysis_hash(again) == analysis_hash(document), text
    assert to_toml(again) == text
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_analyses(path: Path) -> None:
    document = hz.load(path).document
    assert_reads_back(document)
    assert yaml.safe_load(to_yaml(document)) == json.loads(to_json(document)) == content(document)
    assert loads(toml_text(json.loads(to_json(document))), folder=document.folder).document.samples == document.samples
    for name, text in (("a.yaml", to_yaml(document)), ("a.json", to_json(document))):
        assert analysis_hash(loads(text, name, folder=document.folder).document) == analysis_hash(document)


def full() -> hz.Analysis:
    """Return an analysis with everything that a document can say."""
    ana = hz.Analysis("all of it")
    low = hz.param("low", 500 * MeV, bounds=(0, 1e6), doc='least "pt" of a muon')
    p, n = hz.param("p", 2.5 * GeV), hz.param("n", 12, bounds=(1, None))
    z = hz.pair(mu[mu.pt > p]).opposite_charge().nearest(91.2)
    ana.define(z=z, pt=z.pt, mass=mu.sort(-mu.pt), MET=hz.sum(mu.pt))
    r = ana.region("4 mu", {"pt, high": hz.any(mu.pt > low)}, hz.count(mu) >= 2, mu[0].pt + ev.MET.pt > 3 * GeV)
    ana.region("more", r, {"": z.exists}, ev.run > 5)
    ana.histogram("m", z.mass, bins=n, range=(70, hz.param("high", 180 * GeV)), region=["4 mu", "more"], label="m",
                  title="Z", log="y", marks={"Z": 91.2})  # fmt: skip
    ana.histogram("two", hz.axis(mu.pt, edges=[0, 500 * MeV, 3 * GeV]), hz.axis(ev.MET.pt, 5, 0, 10))
    ana.histogram("flat", ev.MET.pt, bins=4, range=(0, 1))
    ana.output("pt1", mu[0].pt, region=r)
    ana.output("n", hz.count(mu))
    ana.sample("WW", ["a/*.root", "b.root"], xsec=12.178 * pb, nevt=1e5, scale=1.2, role="signal", label="W W")
    ana.sample(
        "data", "https://x.org/d.root", kind="data", tree="T", channels=["more"], templates={"m": ("t.root", "h")}
    )
    ana.luminosity, ana.experiment, ana.energy = 34.7 / fb, "CMS", "13 TeV"
    return ana


def test_everything_that_a_document_says() -> None:
    ana = full()
    document = ana.document()
    again = loads(assert_reads_back(document)).document
    for field in ("name", "schema", "samples", "luminosity", "experiment", "energy", "identifiers"):
        assert getattr(again, field) == getattr(document, field), field
    assert {(p.name, p.bounds[0], p.doc) for p in again.parameters} == {
        (p.name, p.bounds[0], p.doc) for p in document.parameters
    }
    assert [[c.label for c in r.cuts] for r in again.regions] == [[c.label for c in r.cuts] for r in document.regions]
    told = [(h.key, h.title, h.log, h.marks, [a.label for a in h.axes]) for h in again.histograms]
    assert told == [(h.key, h.title, h.log, h.marks, [a.label for a in h.axes]) for h in document.histograms]


def weighted() -> hz.Analysis:
    """Return an analysis with all that applies to events of one kind, or varies."""
    ana = hz.Analysis("weighted")
    n, w = hz.count(mu), ev.genWeight
    kinds = hz.category({"no muon": n == 0, "1mu": n == 1, 'the "rest"': n > 1})
    sr = ana.region("SR", {"met": ev.MET.pt > 20 * GeV}, {"few": n < 5}, on="simulation", doc="signal")
    split = [*ana.region("all").split(kinds), sr.without("met")]
    cr = ana.region("CR", ev.HLT.get("IsoMu24", default=False), on="data")
    ana.exclusive(*split[:3])
    ana.exclusive(sr, cr)
    ana.weight("id", hz.prod(hz.table(mu.pt, edges=[0, 20, 30.5], values=[0.9, 1 / 3], outside="clamp")), on="both")
    ana.weight("generator", hz.vary(w, scale={"high": 2 * w, "l-w": w}, pdf=ev.LHEPdfWeight[:3]))
    ana.weight("trigger", hz.vary(n, tr=(n,)) + hz.random(ev.run, ev.event, seed=7), on="data")
    ana.lumi_mask((ev.run > 3) & (ev.luminosityBlock % 2 == 1))
    ana.histogram("kinds", kinds, region=[sr, cr])
    ana.histogram("both", mu.tightId, hz.axis(mu.gen.mother.pt, 5, 0, 10))
    ana.output("kind", kinds)
    ana.sample("x", "a.root", nevt="Runs", xsec=2)
    return ana


def test_weights_masks_checks_and_variations() -> None:
    document = weighted().document()
    text = assert_reads_back(document)
    again = loads(text).document
    assert again.weights == document.weights
    assert again.lumi_mask is document.lumi_mask
    assert [(r.name, r.on, r.doc) for r in again.regions] == [(r.name, r.on, r.doc) for r in document.regions]
    assert again.exclusive == document.exclusive
    assert again.histograms == document.histograms
    assert again.samples == document.samples
    for name, written in (("a.yaml", to_yaml(document)), ("a.json", to_json(document))):
        assert analysis_hash(loads(written, name).document) == analysis_hash(document)


def test_a_mask_from_a_file_is_written_as_its_condition(tmp_path: Path) -> None:
    (tmp_path / "golden.json").write_text('{"273158": [[1, 12], [20, 30]], "273302": [[1, 459]]}')
    (tmp_path / "a.toml").write_text('lumi_mask = "golden.json"\n[regions.r]\nrequire = ["MET.pt > 20 GeV"]\n')
    assert "expr = " in assert_reads_back(hz.load(tmp_path / "a.toml").document)


def test_a_mask_is_a_file_or_a_condition() -> None:
    for table in ("{}", '{ file = "a.json", expr = "run > 1" }'):
        with pytest.raises(hz.HzdslError, match="lumi_mask needs either file or expr"):
            loads(f"lumi_mask = {table}")


def test_schemas_with_links_lists_and_nested_elements_are_written_whole(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[schema]\ndtype = "f64"\n[schema.collections.P]\nfields = { energy = "MeV", px = "MeV", pz = "MeV" }\n'
        'links.mother = { index = "up", target = "P", chain = "ancestors" }\n'
        'nested.hits = { fields = { t = "f32" } }\nnested.w = { value = "f32" }\n'
        '[schema.collections.weights]\nvalue = "f32"\nprefix = "ws"\ncounter = "nws"\n'
    )
    own = hz.events("mine.toml", tmp_path)
    p, ana = own.P, hz.Analysis("own", own.schema)
    ana.histogram("h", p.mother.energy, bins=1, range=(0, 1))
    ana.output("n", hz.max(hz.count(p.hits[p.hits.t > 3])))
    ana.output("m", (p[0] + p[1]).mass)
    ana.output("w", hz.sum(own.weights[:2]) + hz.sum(hz.sum(p.w)) + hz.sum(hz.count(p.ancestors)))
    text = assert_reads_back(ana.document())
    assert all(x in text for x in ("P.mother.energy", "P.hits[P.hits.t > 3", "(P[0] + P[1]).mass", "P.ancestors"))


def test_names_of_the_author_are_kept_where_they_can_be() -> None:
    text = to_toml(full())
    assert "\nz = pair(" in text
    assert "\nMET_ = " in text  # an input's name is the input's


def test_a_function_names_no_definition() -> None:
    with pytest.raises(hz.HzdslError, match="'sum' is a function of the language") as error:
        hz.Analysis().define(sum=hz.sum(mu.pt))
    assert error.value.code == "name-twice"


def named_like_units() -> hz.Analysis:
    ana = hz.Analysis("units")
    good = mu[(mu.pt > 5 * GeV) & (abs(mu.dxy) < 0.5 * hz.cm)]
    ana.define(m=(mu[0] + mu[1]).mass, s=hz.count(good), b=good)
    ana.histogram("m", (mu[0] + mu[1]).mass, bins=5, range=(0, 100))
    ana.region("some", hz.count(good) > 1)
    return ana


def test_a_definition_may_be_called_like_a_unit_that_no_text_uses() -> None:
    document = named_like_units().document()
    text = assert_reads_back(document)
    for found in ("\nm = (Muon[0] + Muon[1]).mass", "\ns = count(b)", '\nexpr = "m"'):
        assert found in text
    shown = description(document, {})["definitions"]
    assert sorted(n for n in shown if n.strip("_") in ("m", "s", "b")) == ["b", "m", "s"]


@pytest.mark.parametrize("edges", [[0, 1 * hz.m], [0, 1]])
def test_a_definition_called_like_a_unit_of_the_texts_is_renamed_and_shown_once(edges: list[Any]) -> None:
    ana = named_like_units()
    ana.histogram("d", mu[0].dxy, edges=edges)
    ana.region("near", mu[0].dz < hz.vary(1 * hz.m, dz=(2 * hz.m, 3 * hz.m)) if edges[1] == 1 else mu[0].dz < 3 * hz.cm)
    text = assert_reads_back(ana.document())
    assert "\nm_ = " in text
    assert [n for n in description(ana.document(), {})["definitions"] if n.strip("_") == "m"] == ["m_"]


def test_a_parameter_called_like_a_unit_that_the_analysis_uses() -> None:
    ana = hz.Analysis()
    ana.region("near", hz.any(mu.dz < hz.param("m", 3 * hz.cm)), ev.MET.pt > 3 * GeV)
    assert_reads_back(ana.document())
    ana.region("nearer", hz.where(mu[0].pt > 5 * GeV, 1 * hz.m, 2 * hz.m) > mu[0].dz)
    with pytest.raises(hz.HzdslError, match="parameter 'm' is called like the unit of 1 m") as error:
        ana.document()
    assert error.value.code == "name-twice"


@pytest.mark.parametrize("name", ["count", "not", "true", "ev", "Muon"])
def test_a_parameter_called_like_a_word_of_the_language_is_not_written(name: str) -> None:
    ana = hz.Analysis()
    ana.region("some", hz.count(mu) > hz.param(name, 2))
    with pytest.raises(hz.HzdslError, match=f"parameter '{name}' cannot be written") as error:
        to_toml(ana)
    assert error.value.code == "name-twice"


def test_parameters_of_definitions_that_nothing_uses_are_written() -> None:
    ana = hz.Analysis()
    ana.define(hard=hz.any(mu.pt > hz.param("high", 50 * GeV)))
    ana.region("some", hz.count(mu) > 1)
    assert 'high = "50 GeV"' in assert_reads_back(ana.document())


def test_parts_of_regions_are_found_by_labels_of_any_kind() -> None:
    ana, n = hz.Analysis(), hz.count(mu)
    region = ana.region("a/b", {"": n > 0})
    parts = region.split(hz.category({"c/d": n == 1, "e": n > 2}))
    for part in (*parts, region.without("")):
        ana.histogram(f"m in {part.name}", mu.pt, bins=2, range=(0, 10), region=part)
    assert_reads_back(ana.document())


def test_a_schema_of_ones_own_is_written_with_the_analysis(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[schema]\nidentifiers = ["id"]\n[schema.fields]\nid = "u64"\n[schema.collections.mu]\nprefix = "m_"\n'
        'counter = "m_n"\nunits = { pt = "MeV" }\nnames = { pt = "PT", charge = "Q" }\n'
        'fields = { charge = "i32" }\n[schema.objects.H]\nunits = { px = "MeV" }\n'
    )
    own = hz.events("mine.toml", tmp_path)
    ana = hz.Analysis("own", own.schema)
    ana.region("r", hz.sum(own.mu.pt) + own.H.px > 7 * GeV, own.id > 3)
    assert_reads_back(ana.document())


def test_files_keep_their_meaning_in_another_folder(tmp_path: Path) -> None:
    ana = hz.Analysis("a")
    ana.folder = str(tmp_path)
    ana.sample("x", ["data/*.root", "/abs.root", "root://x//y.root"])
    (tmp_path / "sub").mkdir()
    ana.to_toml(tmp_path / "sub" / "a.toml")  # type: ignore[attr-defined]
    assert hz.load(tmp_path / "sub" / "a.toml").document.samples[0].files == (
        "../data/*.root", "/abs.root", "root://x//y.root",
    )  # fmt: skip


# ---- large graphs --------------------------------------------------------------------------------------------------


def large(x: Any) -> hz.Analysis:
    ana = hz.Analysis("large")
    ana.output("x", x)
    return ana


def test_thousands_of_terms() -> None:
    total = ev.MET.pt
    for i in range(3_000):
        total = total + (i % 7 + 0.5) * GeV
    text = assert_reads_back(large(total).document())
    assert len(text) < 120_000


def test_thousands_of_levels() -> None:
    x = ev.MET.pt / GeV
    for _ in range(3_000):
        x = hz.sqrt(x + 1)
    text = assert_reads_back(large(x).document())
    assert len(text) < 120_000
    assert str(x).endswith(str(x).splitlines()[-1])


def test_what_is_shared_is_written_once() -> None:
    x = ev.MET.pt / GeV
    for _ in range(200):
        x = x * x + hz.cos(x)
    assert len(assert_reads_back(large(x).document())) < 20_000


# ---- changing a file where it stands -------------------------------------------------------------------------------

COMMENTED = """# my analysis
[parameters]
pt_min = "5 GeV"   # as in the paper
eta = { default = 2.4, bounds = [0, 5] }  # keep

[regions.signal]  # the region
require = [
  "count(Muon) == 2",  # two
  { "hard" = "Muon[0].pt > pt_min" },
]
"""


def test_comments_survive() -> None:
    changed = {
        "parameters.pt_min": "7 GeV", "parameters.eta": 2.1, "regions.signal.require.0": "count(Muon) >= 2",
        "regions.signal.require.1": "Muon[0].pt > 2*pt_min",
    }  # fmt: skip
    expected = COMMENTED.replace("5 GeV", "7 GeV").replace("2.4", "2.1").replace("==", ">=")
    assert updated(COMMENTED, changed) == expected.replace("> pt_min", "> 2*pt_min")


def test_a_file_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(COMMENTED)
    update(path, {"parameters.pt_min": "7 GeV"})
    assert path.read_text() == COMMENTED.replace("5 GeV", "7 GeV")


@pytest.mark.parametrize("key", ["parameters.pt_mn", "regions.signal.require.7", "regions.signal.require.0.x", "x"])
def test_a_key_that_is_not_there(key: str) -> None:
    with pytest.raises(hz.HzdslError, match="the document has no"):
        updated(COMMENTED, {key: 1})


def test_what_is_not_toml_is_refused() -> None:
    with pytest.raises(hz.HzdslError, match="not TOML"):
        updated("a = = 2", {"a": 1})
