"""The analyses of the repository: text and Python are the same, and the seed's printed spec loads as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import load

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
ev = hz.events("nanoaod")
mu, el = ev.Muon, ev.Electron


def labels(document: Document) -> dict[str, list[str]]:
    return {r.name: [c.label for c in r.cuts] for r in document.regions}


@pytest.mark.parametrize("name", ["higgs4l/higgs4l", "dimuon/dimuon"])
def test_text_and_python(name: str) -> None:
    text, python = (load(ANALYSES / f"{name}.{kind}").document for kind in ("toml", "py"))
    assert analysis_hash(text) == analysis_hash(python)
    assert text.samples == python.samples
    assert text.luminosity == python.luminosity
    assert (text.name, text.experiment, text.energy) == (python.name, python.experiment, python.energy)
    assert labels(text) == labels(python)
    assert [h.marks for h in text.histograms] == [h.marks for h in python.histograms]
    assert {p.name: p.bounds for p in text.parameters} == {p.name: p.bounds for p in python.parameters}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('default = "5 GeV"', 'default = "6 GeV"'),
        ("count(Muon) >= 4", "count(Muon) > 4"),
        ("[regions.4e]", "[regions.4el]"),
        ("default = 36", "default = 37"),
        ("l.dz**2", "l.dz**2.0"),
        ("pair(l - first(l))[0]", "pair(l - first(l))[1]"),
    ],
)
def test_any_change_of_meaning_changes_the_hash(old: str, new: str) -> None:
    path = ANALYSES / "higgs4l" / "higgs4l.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new)
    if "4el" in new:
        changed = changed.replace('"4e"', '"4el"')
    loaded = hz.text.loads(changed, "higgs4l.toml")
    assert analysis_hash(loaded.document) != analysis_hash(load(path).document)


def test_what_does_not_change_the_hash() -> None:
    path = ANALYSES / "higgs4l" / "higgs4l.toml"
    text = path.read_text(encoding="utf-8")
    changed = (
        text.replace("sip3d(l)", "significance(l)")
        .replace("scale = 1.386", "scale = 1.0")
        .replace('{ "isolation"', '{ "iso"')
    )
    loaded = hz.text.loads(changed, "higgs4l.toml")
    assert analysis_hash(loaded.document) == analysis_hash(load(path).document)


def test_every_knob_is_documented() -> None:
    parameters = load(ANALYSES / "higgs4l" / "higgs4l.toml").document.parameters
    assert len(parameters) == 27
    for p in parameters:
        assert p.doc
        assert p.node.text("name") == "charge_balance_required" or None not in p.bounds


def test_df103_is_the_languages_own() -> None:
    """The Higgs mass of each channel is that of LANGUAGE's example."""
    document = load(ANALYSES / "higgs4l" / "higgs4l.toml").document
    assert [r.name for r in document.regions] == ["4mu", "4e", "2e2mu"]
    assert [len(r.cuts) for r in document.regions] == [8, 8, 10]
    assert [o.name for o in document.outputs_of("2e2mu")] == ["z1_mass", "z2_mass", "h_mass"]
    mixed = ((mu[0] + mu[1]) + (el[0] + el[1])).mass.as_f32()
    assert document.outputs_of("2e2mu")[2].node is mixed.node
    charged = document.region("2e2mu").cuts[0].node
    assert charged is ((hz.count(el) >= 2) & (hz.count(mu) >= 2)).node


#: The 4mu spec as the seed prints it, its `;` written as line breaks.
SEED = """[objects.good_muon]
source = "Muon"
[derived.z1] # Z1 = opposite-charge pair nearest m_Z
kind = "pair"
object = "good_muon"
constraints = ["opposite_charge"]
selection = "nearest_mass_truncated"
target = "91.2 GeV"
[derived.z2] # Z2 = best remaining pair
kind = "pair"
object = "good_muon"
constraints = ["opposite_charge"]
selection = "leading_pt"
exclude = ["z1"]
[derived.h] # H = Z1 + Z2
kind = "combine"
items = ["z1", "z2"]
"""


def test_seed() -> None:
    path = ANALYSES / "higgs4l" / "seed_4mu.toml"
    assert path.read_text(encoding="utf-8").startswith(SEED)
    loaded = load(path)
    document = loaded.document
    assert document.name == "seed_4mu"
    (region,) = document.regions
    assert region.name == "signal"
    assert [c.label for c in region.cuts][:2] == ["count(good_muon) == 4", "all(good_muon, pt > 5 GeV)"]
    assert region.cuts[1].node is hz.all(mu.pt > 5 * GeV).node
    window = hz.nearer(loaded.z1.mass, loaded.z2.mass, 91.2 * GeV) > 40 * GeV
    assert region.cuts[7].node is window.node
    assert document.outputs[0].node is (loaded.z1 + loaded.z2).mass.node


def test_seed_with_its_semicolons_says_why() -> None:
    printed = re.sub(r'\n(object = "good_muon"\nconstraints)', r"; \1", SEED)
    with pytest.raises(hz.HzdslError) as error:
        hz.text.loads(printed)
    assert "TOML has one key = value per line" in str(error.value)
