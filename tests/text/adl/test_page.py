"""The page on ADL: its example runs, and is what the page says it is."""

from __future__ import annotations

import re
from pathlib import Path

from hzdsl.ir.hash import analysis_hash
from hzdsl.text import load, loads
from hzdsl.text.adl.lines import BLOCKS, KEYWORDS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "adl.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert isinstance(found, str)
    return found


def test_the_example_is_the_toml_below_it(tmp_path: Path) -> None:
    path = tmp_path / "page.adl"
    path.write_text(block("adl"), encoding="utf-8")
    a, b = load(path).document, loads(block("toml")).document
    assert {h.key for h in a.histograms} == {h.key for h in b.histograms}
    assert analysis_hash(a) == analysis_hash(b)
    assert (a.name, a.experiment, a.energy) == ("page", "CMS", "8.0 TeV")


def test_every_keyword_is_on_the_page() -> None:
    words = {*BLOCKS, *(word for known in KEYWORDS.values() for word in known)}
    folded = PAGE.casefold()
    lacking = {w for w in words if not re.search(rf"\b{w}\b", folded)}
    assert lacking <= {"obj", "algorithm", "command", "def"}
