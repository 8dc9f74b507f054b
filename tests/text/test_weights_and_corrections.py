"""Weights, variations, corrections and checks in text are those of Python; and the nano-spec dialect's of these."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.errors import HzdslError
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import load, loads
from hzdsl.text.nano.expressions import widened
from hzdsl.text.write import to_toml

ev = hz.events("nanoaod")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a correctionlib file of an uncertainty and a scale factor."""
    shift = {
        "nodetype": "formula",
        "expression": "0.02 + 0*x*y",
        "parser": "TFormula",
        "variables": ["JetPt", "JetEta"],
    }

    def factor(x: float) -> dict[str, Any]:
        return {
            "nodetype": "binning",
            "input": "pt",
            "edges": [0.0, 30.0, 1000.0],
            "content": [x, x + 0.1],
            "flow": "clamp",
        }

    kinds = {"nominal": 1.0, "systup": 1.1, "systdown": 0.9}
    chosen = {
        "nodetype": "category",
        "input": "scale_factors",
        "content": [{"key": k, "value": factor(x)} for k, x in kinds.items()],
    }
    real = [{"name": n, "type": "real"} for n in ("JetPt", "JetEta", "eta", "pt")]
    kind = {"name": "scale_factors", "type": "string"}
    payload = {
        "schema_version": 2,
        "corrections": [
            {"name": "total", "version": 1, "inputs": real[:2], "output": {"name": "x", "type": "real"}, "data": shift},
            {"name": "tight", "version": 1, "inputs": [*real[2:], kind], "output": {"name": "x", "type": "real"}, "data": chosen},
        ],
    }  # fmt: skip
    (tmp_path / "payload.json").write_text(json.dumps(payload))
    return tmp_path


def loaded(folder: Path, text: str, dialect: str = "") -> Any:
    path = folder / "spec.toml"
    path.write_text(text)
    return load(path, dialect=dialect)


TEXT = """
define = '''
shift = jes(JetEta = Jet.eta, JetPt = Jet.pt)
jet = Jet.assign(pt = vary(pt, jes = (pt*(1 + shift), pt*(1 - shift))))
hard = jet[pt > 30 GeV]
id_sf(kind) = prod(sf(eta = abs(Muon.eta), pt = Muon.pt, scale_factors = kind))
'''
corrections.jes = { file = "payload.json", name = "total" }
corrections.sf = { file = "payload.json", name = "tight" }
weights.generator = "vary(genWeight, pdf = (genWeight*1.1, genWeight*0.9, genWeight))"
weights.muon_id = { expr = "vary(id_sf('nominal'), muon_id = (id_sf('systup'), id_sf('systdown')))", on = "both" }
checks.exclusive = [["SR", "CR"]]
[regions.SR]
require = [{ "a jet" = "count(hard) > 0" }, { "met" = "MET.pt > 20 GeV" }]
[regions.CR]
require = ["count(hard) == 0"]
on = "simulation"
[[histogram]]
name = "met"
expr = "MET.pt"
bins = 10
range = [0, 100]
region = ["SR.without('met')", "CR"]
[[sample]]
name = "mc"
files = "a.root"
nevt = "Runs"
"""


def test_the_document_is_that_of_python(folder: Path) -> None:
    jes, sf = (hz.correction(folder / "payload.json", name) for name in ("total", "tight"))
    shift = jes(JetEta=ev.Jet.eta, JetPt=ev.Jet.pt)
    jet = ev.Jet.assign(pt=hz.vary(ev.Jet.pt, jes=(ev.Jet.pt * (1 + shift), ev.Jet.pt * (1 - shift))))
    n = hz.count(jet[jet.pt > 30 * GeV])

    def id_sf(kind: str) -> Any:
        return hz.prod(sf(eta=abs(ev.Muon.eta), pt=ev.Muon.pt, scale_factors=kind))

    ana = hz.Analysis("spec")
    sr = ana.region("SR", {"a jet": n > 0}, {"met": ev.MET.pt > 20 * GeV})
    cr = ana.region("CR", n == 0, on="simulation")
    w = ev.genWeight
    ana.weight("generator", hz.vary(w, pdf=(w * 1.1, w * 0.9, w)))
    ana.weight("muon_id", hz.vary(id_sf("nominal"), muon_id=(id_sf("systup"), id_sf("systdown"))), on="both")
    ana.exclusive(sr, cr)
    ana.histogram("met", ev.MET.pt, bins=10, range=(0, 100), region=[sr.without("met"), cr])
    found = loaded(folder, TEXT).document
    assert analysis_hash(found) == analysis_hash(ana.document())
    assert [h.key for h in found.histograms] == ["SR without met/met", "CR/met"]
    assert found.exclusive == (("SR", "CR"),)
    assert [w.node for w in found.weights] == [w.node for w in ana.document().weights]
    assert found.samples[0].nevt == "Runs"
    assert analysis_hash(loads(to_toml(found)).document) == analysis_hash(found)


#: (text, first line of the message)
REFUSED = [
    ("weights.w = 'Muon.pt'", "error[axis]: weight 'w' has a value per Muon: Muon.pt"),
    ("weights.w = { expr = '1', on = 'mc' }", 'error[spec-value]: weights.w.on is "mc"'),
    ("checks.exclusive = [['a', 'b']]\nregions.a = []", "error[name-unknown]: there is no region 'b'"),
    ("regions.a = []\noutputs = [{ name = 'x', expr = 'run', region = \"a.without('b')\" }]",
     "error[name-unknown]: region 'a' has no requirement 'b'"),
    ("corrections.c = { file = 'none.json', name = 'c' }", "error[file-missing]"),
    ("corrections.c = { file = 'payload.json', name = 'totl' }", "error[name-unknown]"),
    ("corrections.c = { file = 'payload.json', name = 'total' }\ndefine = 'x = c(JetPt = 1)'", "error[arguments]"),
    ("corrections.c = { file = 'payload.json', name = 'total' }\ndefine = 'x = c'", "error[arguments]: 'c' is a function"),
    ("define = 'x = vary(Muon.pt, 3)'", "error[arguments]: vary"),
    ("[[sample]]\nname = 'x'\nnevt = 'runs'", 'error[spec-value]: sample[0].nevt is "runs"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[c[0] for c in REFUSED])
def test_refused(text: str, said: str, folder: Path, message: Callable[..., str]) -> None:
    found = message(lambda: loaded(folder, text))
    assert found.startswith(said)
    assert "\n  at spec.toml" in found


NANO = """
systematics = ["nominal", "jes_up", "jes_down"]
[weight]
nominal = [1.0, 0.5]
[[systematic]]
name = "trigger"
kind = "weight"
up = 1.05
down = 0.95
[[correction]]
kind = "jes"
file = "payload.json"
correction = "total"
collection = "Jet"
attr = "pt"
inputs = [{ name = "JetPt", from = "pt" }, { name = "JetEta", from = "eta" }]
[[correction]]
kind = "scale"
collection = "Muon"
attr = "pt"
name = "muon_scale"
up = 1.002
down = 0.998
[[correction]]
kind = "scale_factor"
file = "payload.json"
correction = "tight"
collection = "mu"
inputs = [{ name = "eta", from = "abs(eta)" }, { name = "pt", from = "pt" }]
systematic = { name = "scale_factors", nominal = "nominal", up = "systup", down = "systdown" }
[objects.mu]
source = "Muon"
cuts = ["pt > 20 GeV"]
[regions.r]
require = ["count(mu) > 0"]
[[histogram]]
name = "ht"
expr = "sum(Jet.pt)"
bins = 10
range = [0, 1000]
"""


def test_the_dialects_blocks(folder: Path) -> None:
    jes, sf = (hz.correction(folder / "payload.json", name) for name in ("total", "tight"))
    jet, mu = widened(ev.Jet), widened(ev.Muon)
    shift = jes(JetPt=jet.pt, JetEta=jet.eta)
    jet = jet.assign(pt=hz.vary(jet.pt, jes=(jet.pt * (1 + shift), jet.pt * (1 - shift))))
    mu = mu.assign(pt=hz.vary(mu.pt, muon_scale=(mu.pt * 1.002, mu.pt * 0.998)))
    good = mu[mu.pt > 20 * GeV]
    factor = [
        hz.prod(sf(eta=abs(good.eta), pt=good.pt, scale_factors=kind)) for kind in ("nominal", "systup", "systdown")
    ]
    ana = hz.Analysis("spec")
    r = ana.region("r", hz.count(good) > 0)
    ana.histogram("ht", hz.sum(jet.pt), bins=10, range=(0, 1000), region=r)
    ana.weight("nominal", 0.5)
    ana.weight("trigger", hz.vary(1.0, trigger=(1.05, 0.95)))
    ana.weight("tight", hz.vary(factor[0], tight=(factor[1], factor[2])))
    found = loaded(folder, NANO, "nano-spec").document
    assert found.histograms[0].axes[0].node is ana.document().histograms[0].axes[0].node
    assert [(w.name, w.node) for w in found.weights] == [(w.name, w.node) for w in ana.document().weights]
    assert analysis_hash(found) == analysis_hash(ana.document())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('from = "pt" }]', 'from = "pt", value = 3 }]', "error[spec-key]: the input 'pt' has both from and value"),
        ('collection = "Jet"', 'collection = "MET"', "error[arguments]: 'MET' is no collection of the input"),
        ('kind = "scale"', 'kind = "jes"', "error[spec-key]: a correction of kind 'jes' lacks the key 'file'"),
        ('from = "pt" }]', 'from = "ptt" }]', "error[name-unknown]: 'ptt' is not defined"),
        ('kind = "weight"', 'kind = "shape"', 'error[spec-value]: systematic[0].kind is "shape"'),
    ],
)
def test_the_dialects_blocks_refused(old: str, new: str, said: str, folder: Path, message: Callable[..., str]) -> None:
    assert old in NANO
    assert message(lambda: loaded(folder, NANO.replace(old, new), "nano-spec")).startswith(said)


def test_a_list_of_variations_is_one_of_names_there(folder: Path, message: Callable[..., str]) -> None:
    other = NANO.replace('"jes_down"]', '"jer_down"]')
    assert analysis_hash(loaded(folder, other, "nano-spec").document) == analysis_hash(
        loaded(folder, NANO, "nano-spec").document
    )
    said = "error[name-unknown]: nothing varies as 'jer_down' says"
    assert message(lambda: loaded(folder, other)).startswith(said)


def test_axes_of_conditions_need_no_bins(folder: Path) -> None:
    text = """
define = "two = count(Muon) >= 2"
[[histogram]]
name = "h"
axes = [{ expr = "MET.pt", bins = 10, range = [0, 100] }, { expr = "two" }]
"""
    ana = hz.Analysis("spec")
    ana.histogram("h", hz.axis(ev.MET.pt, 10, 0, 100), hz.axis(hz.count(ev.Muon) >= 2))
    assert analysis_hash(loaded(folder, text).document) == analysis_hash(ana.document())


def test_splits_and_masks(folder: Path) -> None:
    (folder / "golden.json").write_text('{"1": [[1, 4]]}')
    text = """
lumi_mask = "golden.json"
define = "n = count(Jet)"
categories.njet = { 0jet = "n == 0", more = "n > 0" }
regions.SR.require = ["MET.pt > 20 GeV"]
regions.both = { require = ["SR"], split = "njet" }
outputs = [{ name = "met", expr = "MET.pt", region = ["SR.split(njet)", "both"] }]
"""
    n = hz.count(ev.Jet)
    njet = hz.category({"0jet": n == 0, "more": n > 0})
    ana = hz.Analysis("spec")
    ana.lumi_mask(hz.lumi_mask(folder / "golden.json"))
    sr = ana.region("SR", ev.MET.pt > 20 * GeV)
    both = ana.region("both", sr).split(njet)
    ana.output("met", ev.MET.pt, region=[sr.split(njet), both])
    found = loaded(folder, text).document
    assert analysis_hash(found) == analysis_hash(ana.document())
    assert {o.region for o in found.outputs} == {"SR/0jet", "SR/more", "both/0jet", "both/more"}
    one = loaded(folder, text.replace('"both"]', '"both/more"]')).document
    assert {o.region for o in one.outputs} == {"SR/0jet", "SR/more", "both/more"}
    text_of_cut = text.replace('["MET.pt > 20 GeV"]', '[{ met = "MET.pt > 20 GeV" }]')
    without = loaded(folder, text_of_cut.replace('"both"]', "\"both.without('met')\"]")).document
    assert {o.region for o in without.outputs} == {
        "SR/0jet", "SR/more", "both/0jet without met", "both/more without met",
    }  # fmt: skip
    with pytest.raises(HzdslError, match="there is no region 'both/most'"):
        loaded(folder, text.replace('"both"]', '"both/most"]'))
    table = loaded(folder, text.replace('lumi_mask = "golden.json"', 'lumi_mask = { file = "golden.json" }'))
    assert analysis_hash(table.document) == analysis_hash(found)


def test_a_category_chooses_a_string_input(folder: Path) -> None:
    sf = hz.correction(folder / "payload.json", "tight")
    mu, n = ev.Muon, hz.count(ev.Jet)
    kind = hz.category({"systup": n > 3, "nominal": n > 1, "systdown": n > 0})

    def of(label: str) -> Any:
        return sf(eta=mu.eta, pt=mu.pt, scale_factors=label)

    found = sf(eta=mu.eta, pt=mu.pt, scale_factors=kind)
    last = hz.where(kind == "nominal", of("nominal"), of("systdown"))
    assert found.node is hz.where(kind == "systup", of("systup"), last).node
    assert found.node.type.optional  # as the category
    alone = sf(eta=mu.eta, pt=mu.pt, scale_factors=hz.category({"nominal": n > 1}))
    assert alone.node.type.optional
    text = TEXT.replace("kind))", "kind))\nchosen = sf(eta = Muon.eta, pt = Muon.pt, scale_factors = which)")
    text += (
        'categories.which = { systup = "count(Jet) > 3", nominal = "count(Jet) > 1", systdown = "count(Jet) > 0" }\n'
    )
    assert loaded(folder, _above_tables(text)).chosen.node is found.node


def _above_tables(text: str) -> str:
    """Return a document with its last line above the first table."""
    *lines, last = text.splitlines()
    at = lines.index("[regions.SR]")
    return "\n".join([*lines[:at], last, *lines[at:]])


def test_a_number_is_no_string_input(folder: Path) -> None:
    sf = hz.correction(folder / "payload.json", "tight")
    with pytest.raises(hz.HzdslError, match="is a text, not") as error:
        sf(eta=ev.Muon.eta, pt=ev.Muon.pt, scale_factors=ev.run)
    assert error.value.fix is not None
    assert error.value.fix.startswith("a text, or a category whose labels are its values")
