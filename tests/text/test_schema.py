"""The JSON Schema for editors: every key has a description, and it is what the loader checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import jsonschema
import pytest

from hzdsl.text import loads

SCHEMA = json.loads(resources.files("hzdsl.text").joinpath("schema.json").read_text(encoding="utf-8"))


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every property of every table."""
    if isinstance(schema, dict):
        named = schema.get("properties")
        if isinstance(named, dict):
            yield from ((f"{path}.{key}", value) for key, value in named.items())
        for key, value in schema.items():
            yield from properties(value, f"{path}.{key}")
    elif isinstance(schema, list):
        for i, value in enumerate(schema):
            yield from properties(value, f"{path}[{i}]")


def tables(schema: Any) -> Iterator[Any]:
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield schema
        for value in schema.values():
            yield from tables(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from tables(value)


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_key_is_described() -> None:
    found = list(properties(SCHEMA))
    assert len(found) > 120
    assert [path for path, value in found if not value.get("description", "").strip()] == []


def test_unknown_keys_are_refused_everywhere() -> None:
    open_tables = [t["description"] for t in tables(SCHEMA) if t.get("additionalProperties") is not False]
    assert open_tables == ["where the model is: kind is mock, inproc, remote or managed"]


CATEGORIES = """
define = "n = count(Jet[pt > 30 GeV])"
categories.njet = { 0jet = "n == 0", 1jet = "n == 1", "2 or more" = "n >= 2" }
"""


def test_categories() -> None:
    import hzdsl as hz

    jet = hz.events().Jet
    n = hz.count(jet[jet.pt > 30 * hz.GeV])
    same = hz.category({"0jet": n == 0, "1jet": n == 1, "2 or more": n >= 2})
    assert loads(CATEGORIES).njet.node is same.node
    assert [name for name, _ in loads(CATEGORIES).document.definitions] == ["n", "njet"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("categories.c = { a = 'Muon' }", "error[dtype]"),
        ("categories.c = { a = 'run' }", "error[dtype]"),
        ("categories.c = { a = 'c == 1' }", "error[cycle]: 'c' is defined by itself: c → c"),
        ("categories.c = {}", "error[spec-value]: categories.c is a table"),
        ("categories.c = { a = 1 }", "error[spec-value]: categories.c.a is 1"),
        ("categories.c = { a = 'ptt > 1' }", "error[name-unknown]: 'ptt' is not defined"),
        ("categories.run = { a = 'run > 1' }\ncategories.run2 = { b = 'run > 1' }\ndefine = 'run2 = 1'",
         "error[name-twice]: 'run2' is defined twice"),
    ],
)  # fmt: skip
def test_wrong_categories(text: str, said: str, refused: Callable[[str], str]) -> None:
    found = refused(text)
    assert found.startswith(said)
    assert "\n  at spec.toml" in found
