"""docs/language: every block runs, text builds the nodes of Python, messages and output are the real ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import hzdsl as hz
from tests.docs.language import DOCS, PAGES, PRELUDE, STATISTICS, Block, Page, blocks, folder

SCHEMA = json.loads((DOCS.parent / "hzdsl" / "text" / "schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [*PAGES, *STATISTICS], ids=lambda p: p.stem)
def test_page(path: Path, tmp_path: Path) -> None:
    page = Page()
    with folder(tmp_path):
        for block in blocks(path):
            said = page.said(block)
            assert said == block.shown, f"{block.code}\n(make docs)"
            assert bool(said) == bool(block.kind), block.code
    assert page.different == []
    assert page.compared >= min(1, sum(b.language not in ("python", "sh") for b in blocks(path)))


def test_a_difference_is_noticed(tmp_path: Path) -> None:
    page = Page()
    page.said(Block("python", "n = hz.count(mu)\n"))
    with folder(tmp_path):
        page.said(Block("hz", "n = count(Jet)\n"))
    assert page.different == ["n"]


def test_the_page_on_densities_names_all_of_them() -> None:
    page = (DOCS / "statistics" / "densities.md").read_text(encoding="utf-8")
    assert [name for name in hz.pdf.__all__ if f"| `{name}(" not in page] == []


def test_the_entry_shows_where_pages_start() -> None:
    assert f"```py\n{PRELUDE}```" in (DOCS / "language.md").read_text(encoding="utf-8")


def test_the_entry_names_every_page() -> None:
    entry = (DOCS / "language.md").read_text(encoding="utf-8")
    assert [p.name for p in PAGES[1:] if f"(language/{p.name})" not in entry] == []


def test_every_key_of_a_document_is_named() -> None:
    """At the top, and one below: in the table of docs/language/text.md."""
    page = (DOCS / "language" / "text.md").read_text(encoding="utf-8").partition("## Documents")[2]
    named = {word for code in re.findall(r"`([^`\n]+)`", page) for word in re.findall(r"\w+", code)}
    keys = set(SCHEMA["properties"]) | set(SCHEMA["properties"]["analysis"]["properties"])
    keys |= {key for part in ("region", "histogram", "sample", "output") for key in keys_of(part)}
    assert sorted(keys - named - {"$schema"}) == []


def keys_of(part: str) -> set[str]:
    found = SCHEMA["$defs"][part]
    return {key for table in (found, *found.get("anyOf", ())) for key in table.get("properties", {})}
