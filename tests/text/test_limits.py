"""Long, deep and large documents: they load, or one line says why not; no stack overflows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hzdsl.text import load, loads

#: Three times what Python may recurse: what takes a frame per term fails.
TERMS = 3_000


@pytest.mark.parametrize("op", ["+", "*", "and", "<"])
def test_thousands_of_terms(op: str) -> None:
    term = {"and": "run > {i}", "|": "run", "<": "run"}.get(op, "MET.pt / {i} GeV")
    text = f" {op} ".join(f"({term.format(i=i)})" for i in range(1, TERMS))
    assert loads(f"define = '''x = {text}'''").x.node.type.dtype.value in ("bool", "f64", "u32", "i64")


def test_thousands_of_arguments(message: Callable[..., str]) -> None:
    text = ", ".join(["run"] * TERMS)
    assert message(lambda: loads(f"define = '''x = count({text})'''")).startswith("error[arguments]")


NESTED = {
    "parentheses": "(" * TERMS + "run" + ")" * TERMS,
    "calls": "abs(" * TERMS + "MET.pt" + ")" * TERMS,
    "signs": "-" * TERMS + "MET.pt",
    "nots": "not " * TERMS + "(run > 1)",
    "powers": "run" + "**2" * TERMS,
    "selections": "Muon" + "[pt > 1 GeV]" * TERMS,
    "attributes": "Muon" + ".pt" * TERMS,
    "tuples": "(1, " * TERMS + "1" + ")" * TERMS,
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_thousands_of_levels(text: str, message: Callable[..., str]) -> None:
    said = message(lambda: loads(f"define = '''x = {text}'''"))
    assert said.startswith("error[syntax]: the expression is nested more than 200 levels deep")


def test_thousands_of_definitions() -> None:
    block = "\n".join(["x0 = MET.pt", *(f"x{i} = x{i - 1} + MET.phi * 1 GeV" for i in range(1, TERMS))])
    assert loads(json.dumps({"define": block}), "x.json").document.definitions[-1][0] == f"x{TERMS - 1}"


def test_a_circle_of_a_thousand(message: Callable[..., str]) -> None:
    block = "\n".join(f"x{i} = x{(i + 1) % 1000}" for i in range(1000))
    assert message(lambda: loads(json.dumps({"define": block}), "x.json")).startswith(
        "error[cycle]: 'x0' is defined by"
    )


def test_regions_on_regions(message: Callable[..., str]) -> None:
    regions = {f"r{i}": [f"r{i + 1}"] for i in range(TERMS)} | {f"r{TERMS}": []}
    said = message(lambda: loads(json.dumps({"regions": regions}), "x.json"))
    assert said.startswith("error[syntax]: x.json: selections, regions or files build on one another in too many steps")


def megabytes(n: int) -> str:
    """Return a valid document of so many megabytes, most of it comments and long labels."""
    rows = [f'[regions.r{i}]\nrequire = [{{ "{"μ" * 1000}" = "run > {i}" }}]  # {"x" * 2700}\n' for i in range(200 * n)]
    return "".join(rows)


def test_five_megabytes(tmp_path: Path, message: Callable[..., str]) -> None:
    path = tmp_path / "large.toml"
    text = megabytes(5)
    path.write_text(text)
    assert path.stat().st_size > 4.5e6
    assert len(load(path).document.regions) == 1000
    path.write_text(text + "[regions.last]\nrequired = []\n")
    assert message(lambda: load(path)).splitlines()[1] == f"  at large.toml:{2 * 1000 + 2}"


@pytest.mark.parametrize("name", ["x.toml", "x.yaml", "x.json"])
@pytest.mark.parametrize("kind", ["[", "{", '"', "a", "0", " ", "\n", "-", "#", "\\", "[a.", "{a={"])
def test_five_megabytes_of_one_thing(name: str, kind: str, message: Callable[..., str]) -> None:
    text = kind * (5_000_000 // len(kind))
    if kind in " \n#" and name != "x.json":
        assert loads(text, name).document.regions == ()
    else:
        assert message(lambda: loads(text, name)).startswith("error[")
