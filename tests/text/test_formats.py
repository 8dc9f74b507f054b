"""TOML, YAML and JSON hold the same document, and say in their own terms what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hzdsl.ir.hash import analysis_hash
from hzdsl.text import load, loads

TOML = """
luminosity = "11.58 / fb"
define = '''
good = Muon[pt > 5 GeV and abs(eta) < 2.4]  # a comment
z = pair(good)
      .opposite_charge().nearest(m_Z)
'''
[analysis]
name = "dimuon"
[parameters]
m_Z = { default = "91.2 GeV", bounds = [80, 100], doc = "the Z" }
[regions.4mu]
require = ["count(good) == 4", { "a Z" = "z.exists" }]
[[histogram]]
name = "m"
expr = "z.mass"
bins = 36
range = [7e1, "180 GeV"]
region = "4mu"
[[sample]]
name = "on"
files = ["a.root"]
xsec = 0.5
"""

YAML = """
luminosity: 11.58 / fb
define: |
  good = Muon[pt > 5 GeV and abs(eta) < 2.4]  # a comment
  z = pair(good)
        .opposite_charge().nearest(m_Z)
analysis: {name: dimuon}
parameters:
  m_Z: {default: 91.2 GeV, bounds: [80, 100], doc: the Z}
regions:
  4mu:
    require:
      - count(good) == 4
      - a Z: z.exists
histogram:
  - {name: m, expr: z.mass, bins: 36, range: [7e1, 180 GeV], region: 4mu}
sample:
- name: on
  files: ["a.root"]
  xsec: 0.5
"""

JSON = json.dumps(
    {
        "luminosity": "11.58 / fb",
        "define": "good = Muon[pt > 5 GeV and abs(eta) < 2.4]\nz = pair(good)\n  .opposite_charge().nearest(m_Z)",
        "analysis": {"name": "dimuon"},
        "parameters": {"m_Z": {"default": "91.2 GeV", "bounds": [80, 100], "doc": "the Z"}},
        "regions": {"4mu": {"require": ["count(good) == 4", {"a Z": "z.exists"}]}},
        "histogram": [
            {"name": "m", "expr": "z.mass", "bins": 36, "range": [70.0, "180 GeV"], "region": "4mu"},
        ],
        "sample": [{"name": "on", "files": ["a.root"], "xsec": 0.5}],
    },
    indent=1,
)


def test_the_same_document(tmp_path: Path) -> None:
    for name, text in (("a.toml", TOML), ("b.yaml", YAML), ("c.yml", YAML), ("d.json", JSON)):
        (tmp_path / name).write_text(text)
    first, *others = (load(path).document for path in sorted(tmp_path.iterdir()))
    for other in others:
        assert analysis_hash(other) == analysis_hash(first)
        assert (other.name, other.samples, other.luminosity) == (first.name, first.samples, first.luminosity)
        assert [[c.label for c in r.cuts] for r in other.regions] == [["count(good) == 4", "a Z"]]
        assert other.parameters == first.parameters


def test_yaml_has_no_words_of_its_own() -> None:
    """``on``, ``12:30``, dates and ``1_000`` are texts; what JSON calls a number is one."""
    file = _parse("a: [on, yes, 12:30, 1979-01-01, 1_000, 0x10, .5, 1., 1e3, -3, +4, true, True, 'true', =, 4mu, '5']")
    assert file.data["a"] == ["on", "yes", "12:30", "1979-01-01", "1_000", "0x10", 0.5, 1.0, 1000.0, -3, 4,
                              True, "True", "true", "=", "4mu", "5"]  # fmt: skip
    assert _parse("on: 1\n1: 2\ntrue: 3\n'a b': 4\n? c\n: 5").data == {"on": 1, "1": 2, "true": 3, "a b": 4, "c": 5}
    assert _parse("").data == _parse("# nothing\n---\n").data == {}
    assert _parse("a: !!str 5").data == {"a": "5"}


def _parse(text: str) -> Any:
    from hzdsl.text.reading import parse_document

    return parse_document(text, "spec.yaml", Path())


REQUIRED = {
    "spec.toml": "[regions.r]\nrequire = [\n  'run > 1',\n  'ptt > 5 GeV']\n",
    "spec.yaml": "regions:\n  r:\n    require:\n    - ptt > 5 GeV\n",
    "spec.json": '{\n"regions": {"r": {\n"require":\n["ptt > 5 GeV"]}}}\n',
}


@pytest.mark.parametrize(("name", "text"), REQUIRED.items(), ids=str)
def test_the_line_of_an_expression(name: str, text: str, message: Callable[..., str]) -> None:
    at = "[1]" if name == "spec.toml" else "[0]"
    assert message(lambda: loads(text, name)).startswith(
        f"error[name-unknown]: 'ptt' is not defined\n  at {name} [regions.r] require{at}:4\n    ptt > 5 GeV\n    ^^^"
    )


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("x.yaml", "define: |\n  a = 1\n  b = ptt\n", 3),
        ("x.yaml", 'define: "a = 1\\nb = ptt"\n', 1),
        ("x.json", '{\n"define": "a = 1\\nb = ptt"}', 2),
        ("x.toml", '\ndefine = "a = 1\\nb = ptt"', 2),
        ("x.toml", '\ndefine = """a = 1\nb = ptt"""', 3),
    ],
)
def test_the_line_of_a_definition(name: str, text: str, line: int, message: Callable[..., str]) -> None:
    assert message(lambda: loads(text, name)).splitlines()[1] == f"  at {name} define:{line}"


UNKNOWN_KEY = {"spec.yaml": "regions:\n  r: {requird: []}\n", "spec.json": '{"regions":\n {"r": {"requird": []}}}'}


@pytest.mark.parametrize(("name", "text"), UNKNOWN_KEY.items(), ids=str)
def test_an_unknown_key(name: str, text: str, message: Callable[..., str]) -> None:
    found = message(lambda: loads(text, name)).splitlines()
    assert found[0] == "error[spec-key]: unknown key 'regions.r.requird'"
    assert found[1] == f"  at {name}:2"
    assert "requird" in found[2][found[3].index("^") : found[3].rindex("^") + 1]
    assert found[4] == "  fix: did you mean require?"


#: (file, text, first line, line of the place)
REFUSED = [
    ("x.toml", "a = " + "[" * 150 + "]" * 150, "x.toml is not TOML: arrays or tables are nested too deeply", None),
    ("x.toml", "a." * 500 + "a = 1", "x.toml is not TOML: arrays or tables are nested too deeply", None),
    ("x.toml", "[" + "a." * 500 + "a]\nb = 1", "x.toml is not TOML: arrays or tables are nested too deeply", None),
    ("x.json", '{"define": "a = 1",}', "x.json is not JSON: ", 1),
    ("x.json", '{"a": 1,\n "b": 2,\n "a": 3}', "x.json: the key \"a\" stands twice in one object", 3),
    ("x.json", '{"luminosity": NaN}', "x.json is not JSON: 'NaN' is no number of it", 1),
    ("x.json", '{"luminosity": null}', "x.json: null has no meaning", 1),
    ("x.json", "[1]", "x.json: the document is no object", 1),
    ("x.json", "", "x.json is not JSON: expecting value", 1),
    ("x.json", '{"a": ' + "[" * 200 + "]" * 200 + "}", "x.json: arrays or objects are nested too deeply", 1),
    ("x.json", "[" * 100_000, "x.json is not JSON: arrays or objects are nested too deeply", None),
    ("x.json", '{"define": "a = \\ud800"}', "x.json: half of a surrogate pair is no character", 1),
    ("x.json", '{"luminosity": ' + "9" * 5000 + "}", "x.json is not JSON: ", None),
    ("x.yaml", "a: 1\nb: 2\na: 3", "x.yaml: the key 'a' stands twice in one mapping", 3),
    ("x.yaml", "define: &x a = 1", "x.yaml: anchors and aliases are not read", 1),
    ("x.yaml", "a: *x", "x.yaml: anchors and aliases are not read", 1),
    ("x.yaml", "a: !!python/object:os.system x", "x.yaml: the tag tag:yaml.org,2002:python/object:os.system is not read", 1),
    ("x.yaml", "a: 1\n---\nb: 2\n", "x.yaml: the file holds several documents", 2),
    ("x.yaml", "- 1\n", "x.yaml: the document is no mapping", 1),
    ("x.yaml", "luminosity:\n", "x.yaml: a value is empty", 1),
    ("x.yaml", "[a]: 1", "x.yaml: a key is no text", 1),
    ("x.yaml", "a:\n\tb: 1", "x.yaml is not YAML: found character that cannot start any token", 2),
    ("x.yaml", "a: [1", "x.yaml is not YAML: ", 1),
    ("x.yaml", "a: " + "[" * 100_000, "x.yaml: mappings or sequences are nested too deeply", 1),
    ("x.yaml", "luminosity: " + "9" * 5000, "x.yaml: the number has too many digits", 1),
    ("x.yaml", "a: \x07", "x.yaml is not YAML: ", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "first", "line"), REFUSED, ids=[c[2] for c in REFUSED])
def test_refused(name: str, text: str, first: str, line: int | None, message: Callable[..., str]) -> None:
    found = message(lambda: loads(text, name)).splitlines()
    assert found[0].startswith(f"error[spec-format]: {first}")
    if line is not None:
        assert found[1] == f"  at {name}:{line}"


def test_dates_are_no_numbers(refused: Callable[[str], str]) -> None:
    found = refused("[[histogram]]\nname = 'x'\nexpr = 'MET.pt'\nbins = 1979-05-27\nrange = [0, 1]\n")
    assert found.splitlines()[0] == "error[spec-value]: histogram[0].bins is the date or time 1979-05-27"
    assert "error[spec-value]: luminosity is the date or time 07:32:00" in refused("luminosity = 07:32:00")


@pytest.mark.parametrize("name", ["bom.toml", "bom.yaml", "bom.json"])
def test_byte_order_mark(name: str, tmp_path: Path, message: Callable[..., str]) -> None:
    path = tmp_path / name
    text = {"toml": TOML, "yaml": YAML, "json": JSON}[name[4:]]
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert analysis_hash(load(path).document) == analysis_hash(loads(TOML).document)
    path.write_bytes("{'define': 'café'}".encode("utf-16"))
    assert "is not UTF-8 text: byte 0xff in line 1" in message(lambda: load(path))
