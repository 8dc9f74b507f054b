"""The lines of keys and values, which tomllib does not tell."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from hzdsl.text.tomlscan import toml_positions

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"

TEXT = '''luminosity = 3
define = """
a = 1
"""
[regions.4mu] # [not.a.header]
require = [
  "a > 1", # ]
  { "b]" = 'x' },
]
[[histogram]]
name = 'x'
axes = [{expr="y", bins=3}, {expr="z"}]
[[histogram]]
name = "y \\" ]"
[histogram.marks]
z = 1
"quo.ted" = 1979-01-01
a.b = { c = [1, [2]] }
'''


def test_lines() -> None:
    p = toml_positions(TEXT)
    assert p.line_of_value(("define",)) == 3
    assert p.line_of_value(("regions", "4mu", "require", 0)) == 7
    assert p.line_of_value(("regions", "4mu", "require", 1, "b]")) == 8
    assert p.line_of_key(("histogram", 1)) == 13
    assert p.line_of_key(("histogram", 1, "marks", "z")) == 16
    assert p.line_of_key(("histogram", 0, "axes", 1, "expr")) == 12
    assert p.line_of_key(("histogram", 1, "marks", "a", "b", "c")) == 18
    assert p.line_of_key(("histogram", 1, "nothing", "here")) == 13
    assert p.line_text(14) == 'name = "y \\" ]"'


def paths(x: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(x, dict):
        return [p for k, v in x.items() for p in [(*path, k), *paths(v, (*path, k))]]
    if isinstance(x, list) and not (path and isinstance(path[-1], int)):
        return [p for i, v in enumerate(x) for p in paths(v, (*path, i))]
    return []


@pytest.mark.parametrize("name", ["higgs4l/higgs4l.toml", "higgs4l/seed_4mu.toml", "dimuon/dimuon.toml"])
def test_every_key_is_found(name: str) -> None:
    text = (ANALYSES / name).read_text(encoding="utf-8")
    known = toml_positions(text).keys
    for path in paths(tomllib.loads(text)):
        assert path in known
        key = str(path[-1]) if isinstance(path[-1], str) else ""
        assert key in text[known[path] : text.find("\n", known[path])]
