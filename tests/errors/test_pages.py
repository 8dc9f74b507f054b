"""Every error code has a page, whose examples are refused in exactly the words it shows, and whose mends are fine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate.errors import listed
from hzdsl.errors import KINDS
from tests.errors.pages import PAGES, examples, folder, said

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[None]:
    with folder(tmp_path):
        yield


def test_every_code_has_a_page_and_none_is_left_over() -> None:
    assert {p.stem for p in PAGES.glob("*.md")} == {*KINDS}
    assert (ROOT / "docs" / "errors").resolve() == PAGES


def test_the_list_is_up_to_date() -> None:
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == listed(), "make docs"


def test_every_code_is_used() -> None:
    sources = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "hzdsl").rglob("*.py") if p.name != "errors.py")
    unused = [code for code in KINDS if f'"{code}"' not in sources]
    assert unused == []


@pytest.mark.parametrize("code", KINDS)
def test_page(code: str, files: None) -> None:
    page = PAGES / f"{code}.md"
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# `{code}`\n")
    assert "## What to do\n" in text
    found = examples(page)
    assert any(f"error[{code}]: " in (e.shown or "") for e in found)
    for example in found:
        assert said(example) == example.shown, f"{example.code}\n(make docs)"
