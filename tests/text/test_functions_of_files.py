"""Corrections and models that have a name are written as calls of it, and read back as the same nodes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

import hzdsl as hz
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import loads
from hzdsl.text.write import to_json, to_toml, to_yaml, write_toml

REAL = [{"name": n, "type": "real"} for n in ("eta", "pt")]
TEXT = [*REAL, {"name": "kind", "type": "string"}]


def binned(values: list[float]) -> dict[str, Any]:
    inner = {"nodetype": "binning", "input": "pt", "edges": [0.0, 30.0, 1e4], "flow": "clamp", "content": values}
    return {"nodetype": "binning", "input": "eta", "edges": [-5.0, 0.0, 5.0], "flow": "clamp", "content": [inner, 1.5]}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kinds = [{"key": k, "value": binned([x, 2 * x])} for k, x in (("nominal", 0.5), ("up", 0.75))]
    by_kind = {"nodetype": "category", "input": "kind", "content": kinds}
    corrections = [
        {"name": n, "version": 1, "inputs": i, "output": {"name": "w", "type": "real"}, "data": d}
        for n, i, d in (("scale", REAL, binned([0.25, 1.25])), ("id", TEXT, by_kind))
    ]
    Path("sf.json").write_text(json.dumps({"schema_version": 2, "corrections": corrections}), encoding="utf-8")


SPEC = """
define = '''
jet = Jet.assign(pt = vary(pt, jes = (pt*jes(eta = eta, pt = pt), pt / jes(eta = eta, pt = pt))))
year = category("nominal", run < 5, "up", run >= 5)
'''
[corrections]
jes = { file = "sf.json", name = "scale" }
sf = { file = "sf.json", name = "id" }
unused = { file = "sf.json", name = "id" }
[regions.r]
require = ["count(jet[pt > 30 GeV]) > 1"]
[weights.id]
expr = "prod(sf(eta = abs(Muon.eta), pt = Muon[eta < 1].pt, kind = 'nominal').along(Muon[eta < 1]))"
[weights.era]
expr = "prod(sf(eta = Muon.eta, pt = Muon.pt, kind = year)).otherwise(1)"
"""


@pytest.mark.parametrize("write", [to_toml, to_yaml, to_json])
def test_calls_are_written(write: Any) -> None:
    loaded = loads(SPEC)
    text = write(loaded.document)
    assert "search(" not in text
    assert "entry(" not in text
    assert "jes(eta = Jet.eta, pt = Jet.pt)" in text
    assert "unused" not in text
    suffix = {to_toml: "toml", to_yaml: "yaml", to_json: "json"}[write]
    assert analysis_hash(loads(text, f"again.{suffix}").document) == analysis_hash(loaded.document)


def test_python_names_them() -> None:
    ev = hz.events("nanoaod")
    scale = hz.correction("sf.json", "scale")
    ana = hz.Analysis("a")
    shifted = ev.Jet.pt * scale(eta=ev.Jet.eta, pt=ev.Jet.pt)
    ana.histogram("pt", shifted, bins=2, range=(0, 100))
    assert "search(" in hz.to_toml(ana)  # without a name it is written in full
    ana.define(scale=scale, shifted=shifted)
    text = hz.to_toml(ana)
    assert "shifted = Jet.pt*scale(eta = Jet.eta, pt = Jet.pt)" in text
    assert tomllib.loads(text)["corrections"] == {"scale": {"file": str(Path("sf.json").resolve()), "name": "scale"}}
    assert analysis_hash(loads(text).document) == analysis_hash(ana.document())


def test_a_name_that_text_cannot_have_is_mended() -> None:
    ev = hz.events("nanoaod")
    ana = hz.Analysis("a")
    scale = hz.correction("sf.json", "scale")
    ana.define(GeV=scale)
    ana.histogram("pt", scale(eta=ev.Jet.eta, pt=ev.Jet.pt), bins=2, range=(0, 100))
    text = hz.to_toml(ana)
    assert "GeV_(eta = " in text
    assert analysis_hash(loads(text).document) == analysis_hash(ana.document())


def test_a_constant_is_no_call() -> None:
    """A correction that is a number for these inputs does not make calls of all equal numbers."""
    payload = json.loads(Path("sf.json").read_text(encoding="utf-8"))
    payload["corrections"][0]["data"] = 0.25
    Path("sf.json").write_text(json.dumps(payload), encoding="utf-8")
    ev = hz.events("nanoaod")
    ana = hz.Analysis("a")
    scale = hz.correction("sf.json", "scale")
    ana.define(scale=scale)
    ana.histogram("pt", ev.Jet.pt * scale(eta=ev.Jet.eta, pt=ev.Jet.pt) + 0.25 * ev.Jet.mass, bins=2, range=(0, 100))
    assert "scale(" not in hz.to_toml(ana)


def test_a_file_names_them_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    loaded = loads(SPEC)
    write_toml(loaded, tmp_path / "sub" / "copy.toml")
    text = (tmp_path / "sub" / "copy.toml").read_text(encoding="utf-8")
    assert 'file = "../sf.json"' in text
    assert analysis_hash(hz.load(tmp_path / "sub" / "copy.toml").document) == analysis_hash(loaded.document)
