"""The worked examples of ../shared/LANGUAGE.md, taken from the file itself: a section's Python and its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "shared" / "LANGUAGE.md"


@dataclass(frozen=True)
class Example:
    """One section: its Python block, the definitions of its text block and the tables below them."""

    letters: str
    python: str
    definitions: str
    tables: str


def examples() -> dict[str, Example]:
    """Return the examples of §8 by their letters."""
    text = PAGE.read_text(encoding="utf-8")
    found = {}
    for section in re.split(r"\n### \(", text)[1:]:
        letters, _, rest = section.partition(")")
        python = re.search(r"```python\n(.*?)```", rest, re.DOTALL)
        written = re.search(r"```hz\n(.*?)```", rest, re.DOTALL)
        assert python is not None
        assert written is not None
        definitions, _, tables = written[1].partition("\n---\n")
        found[letters.replace(" ", "")] = Example(letters.replace(" ", ""), python[1], definitions, tables)
    return found
