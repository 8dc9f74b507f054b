"""schema.json and the reader say the same: each key that one knows, the other does; and what is written, it allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import hzdsl as hz
from hzdsl.text import document, load, loads
from hzdsl.text.validation import validate
from hzdsl.text.write import to_toml
from hzdsl.text.write.content import content
from tests.analyses.files import analyses
from tests.text.test_nano_spec_on_data import payload

SCHEMA = json.loads(resources.files("hzdsl.text").joinpath("schema.json").read_text(encoding="utf-8"))
ROOT = Path(__file__).resolve().parents[2]
#: Keys that mean nothing to the reader.
FOR_OTHERS = {
    "$schema": "editors read it",
    "analysis.year": "the author's note",
    "systematic[].kind": "there is one kind",
    "model[].provider.kind": "a provider is a file or given by hz.load",
}

#: One table of each kind, so that every key is asked for; two documents, for some keys exclude each other.
HERE = """
include = []
define = "n = count(Muon)"
luminosity = 1
lumi_mask = { file = "golden.json" }
parameters.x = { default = 1, bounds = [0, 2], doc = "a number" }
categories.c = { few = "n < 2", many = "n >= 2" }
corrections.f = { file = "payload.json", name = "flat" }
models.m = { file = "bdt.json", output = "margin", label = 0 }
weights.w = { expr = "1", on = "simulation" }
checks.exclusive = [["a", "b"]]
[analysis]
name = "all"
schema = "nanoaod"
[experiment]
name = "CMS"
energy = "8 TeV"
[regions]
a = { require = ["n > 1"], on = "both", doc = "a region" }
b = { require = ["n < 1"], split = "c" }
[[histogram]]
name = "h"
axes = [{ expr = "n", bins = 2, range = [0, 2], label = "n" }, { expr = "MET.pt", edges = [0, 1] }]
region = "a"
title = "t"
log = "y"
marks.here = 1
[[outputs]]
name = "n"
expr = "n"
region = ["a"]
[[sample]]
name = "s"
files = "a.root"
xsec = 1
nevt = "Runs"
scale = 1
kind = "simulation"
role = "signal"
process = "p"
label = "l"
channels = ["a"]
tree = "Events"
[sample.templates]
"a/h" = { file = "a.root", histogram = "h" }
[[sample]]
name = "t"
file = "b.root"
"""
THERE = """
systematics = ["jes_up"]
schema = "nanoaod"
lumi_mask = { expr = "run > 1" }
weight.nominal = [1]
[analysis]
define = "f(x) = x"
include = []
dialect = "nano-spec"
strict_units = false
experiment = "CMS"
energy = "8 TeV"
[objects.mu]
source = "Muon"
cuts = ["pt > 5 GeV"]
[derived.z]
kind = "pair"
object = "mu"
constraints = []
filters = []
selection = "nearest_mass"
target = 91.2
exclude = []
[derived_objects.y]
kind = "combine"
items = ["z", "Electron"]
filters = ["mass > 5 GeV"]
[[systematic]]
name = "s"
up = 1.1
down = 0.9
[[correction]]
kind = "scale"
name = "a"
collection = "mu"
attr = "pt"
up = 1.1
down = 0.9
[[correction]]
kind = "scale_factor"
name = "b"
file = "payload.json"
correction = "sf"
collection = "mu"
inputs = [{ name = "abseta", from = "abs(eta)" }, { name = "year", value = 1 }]
systematic = { name = "kind", nominal = "nominal", up = "systup", down = "systdown" }
[[model]]
name = "m"
inputs = ["pt", "eta"]
output = "Jet_score"
batch = "Jet"
dtype = "f32"
provider = { file = "bdt.json" }
[[channel]]
name = "c"
objects.el = { source = "Electron" }
derived.w = { kind = "combine", items = ["el"] }
derived_objects.v = { kind = "combine", items = ["el"] }
regions.r = { require = ["count(el) > 1"] }
histogram = [{ name = "h", expr = "count(el)", bins = 2, range = [0, 2], label = "l" }]
outputs = [{ name = "o", expr = "count(el)" }]
"""


class Asked(dict[str, Any]):
    """A table that notes which of its keys are asked for."""

    def __init__(self, data: dict[str, Any], path: str, found: set[str]) -> None:
        super().__init__({k: watched(v, f"{path}.{k}" if path else k, found) for k, v in data.items()})
        self._path, self._found = path, found

    def _note(self, key: str) -> None:
        self._found.add(f"{self._path}.{key}" if self._path else key)

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._note(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()  # so that `**table` asks for each key

    def keys(self) -> Any:
        for key in list(self):
            self._note(key)
        return super().keys()


def watched(x: Any, path: str, found: set[str]) -> Any:
    if isinstance(x, dict):
        return Asked(x, path, found)
    return [watched(v, f"{path}[]", found) for v in x] if isinstance(x, list) else x


def resolved(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a schema's alternatives, references followed."""
    found = [schema]
    if "$ref" in schema:
        found += resolved(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]])
    for inner in schema.get("anyOf", ()):
        found += resolved(inner)
    return found


def declared(schema: dict[str, Any], path: str) -> Iterator[str]:
    """Yield every key that the schema declares, as `Asked` calls it; a name of the user's is ``*``."""
    for one in resolved(schema):
        for key, inner in one.get("properties", {}).items():
            yield (at := f"{path}.{key}" if path else key)
            yield from declared(inner, at)
        if isinstance(one.get("additionalProperties"), dict):
            yield from declared(one["additionalProperties"], f"{path}.*")
        if isinstance(one.get("items"), dict):
            yield from declared(one["items"], f"{path}[]")


#: Tables that the schema declares once and the document has in several places.
ALIKE = (("channel[].", ""), ("derived_objects", "derived"), ("histogram[].axes[].", "histogram[]."))
NAMED = {"derived", "objects", "regions", "parameters", "categories", "corrections", "models", "weights"}


def same(path: str) -> str:
    """Return a path with what is declared once said in one way: ``channel[].regions.a.on`` is ``regions.*.on``."""
    for one, other in ALIKE:
        path = path.replace(one, other) if path != "channel[].name" else path
    parts: list[str] = []
    for part in path.split("."):
        parts.append("*" if parts and parts[-1] in {*NAMED, "marks", "templates"} else part)
    return ".".join(parts)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The keys that reading the two documents asks for."""
    (tmp_path / "payload.json").write_text(json.dumps(payload()))
    (tmp_path / "bdt.json").write_bytes((ROOT / "docs" / "files" / "bdt.json").read_bytes())
    (tmp_path / "golden.json").write_text('{"1": [[1, 2]]}')
    found: set[str] = set()

    def then_watched(file: Any) -> None:
        validate(file)
        object.__setattr__(file, "data", watched(file.data, "", found))

    monkeypatch.setattr(document, "validate", then_watched)
    for text in (HERE, THERE):
        loads(text, "spec.toml", folder=tmp_path)
    return {same(path) for path in found}


def test_every_key_of_the_schema_is_read_and_no_other(asked: set[str]) -> None:
    keys = {same(path) for path in declared(SCHEMA, "")}
    assert len(keys) > 100
    assert keys - asked - {*FOR_OTHERS} == set()
    assert {*FOR_OTHERS} <= keys - asked
    unknown = {path for path in asked - keys if not path.endswith(".*") and not path.startswith("schema.")}
    assert unknown == set()


ANALYSES = analyses("toml")


@pytest.mark.parametrize("path", [p for p in ANALYSES if "configs" not in p.parts], ids=lambda p: p.stem)
def test_what_is_written_is_allowed(path: Path) -> None:
    """In each of the three forms; the schema is applied by the package that made it, not by the reader."""
    found = load(path).document
    data = json.loads(json.dumps(content(found)))
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert list(validator.iter_errors(data)) == []
    assert list(validator.iter_errors(yaml.safe_load(yaml.safe_dump(data)))) == []
    assert hz.to_toml(found) == to_toml(found)
