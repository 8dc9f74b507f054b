"""The page on ADL: its examples run, and are what the page says they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import hzdsl as hz
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import load, loads
from hzdsl.text.adl.lines import BLOCKS, KEYWORDS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "adl.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert isinstance(found[number], str)
    return found[number]


@pytest.mark.parametrize("number", [0, 1])
def test_the_example_is_the_toml_below_it(number: int, tmp_path: Path) -> None:
    path = tmp_path / "page.adl"
    path.write_text(block("adl", number), encoding="utf-8")
    a, b = load(path).document, loads(block("toml", number)).document
    assert {h.key for h in a.histograms} == {h.key for h in b.histograms}
    assert {(o.name, o.region) for o in a.outputs} == {(o.name, o.region) for o in b.outputs}
    assert analysis_hash(a) == analysis_hash(b)
    assert (a.name, a.experiment, a.energy) == ("page", *(("CMS", "8.0 TeV") if number == 0 else ("", "")))


def test_the_python_of_the_page_is_written_as_the_page_says() -> None:
    names: dict[str, Any] = {}
    exec(compile(block("python"), "docs/adl.md", "exec"), names)
    text = hz.to_adl(names["ana"])
    assert text == block("adl", 2)
    assert analysis_hash(loads(text, "z_jets.adl").document) == analysis_hash(names["ana"].document())


def test_every_keyword_is_on_the_page() -> None:
    words = {*BLOCKS, *(word for known in KEYWORDS.values() for word in known)}
    folded = PAGE.casefold()
    lacking = {w for w in words if not re.search(rf"\b{w}\b", folded)}
    assert lacking <= {"obj", "algorithm", "command", "def"}
