"""Parsers from kept tables and parsers from their grammars are the same."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import lark
import pytest

from hzdsl.corrections import formula
from hzdsl.lalr import Grammar
from hzdsl.text import parser
from hzdsl.text.adl import grammar as adl

ROOT = Path(__file__).resolve().parents[1]
GRAMMARS = (parser.GRAMMAR, adl.GRAMMAR, formula.GRAMMAR)
FORMULA = "[0]*x^2-log(x)+1.5"


def test_the_tables_are_those_of_the_grammars(tmp_path: Path) -> None:
    """After a change of a grammar, or with a new lark: python tools/grammar_tables.py."""
    command = [sys.executable, str(ROOT / "tools" / "grammar_tables.py"), str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    for grammar in GRAMMARS:
        kept = resources.files(grammar.package) / f"{grammar.name}.table.json"
        assert kept.read_text(encoding="utf-8") == (tmp_path / f"{grammar.name}.table.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("other", [{"__version__": "0.0"}, {}], ids=["another lark", "this lark"])
def test_a_table_serves_its_own_lark_only(other: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    construct = lark.Lark.__init__

    def seen(self: Any, grammar: Any, **options: Any) -> None:
        built.append(grammar)
        construct(self, grammar, **options)

    monkeypatch.setattr(lark.Lark, "__init__", seen)
    for name, value in other.items():
        monkeypatch.setattr(lark, name, value)
    tree = formula.GRAMMAR.parser(None).parse(FORMULA)
    assert (formula.GRAMMAR.text() in built) is bool(other)
    monkeypatch.undo()
    assert tree == formula.GRAMMAR.parser(None).parse(FORMULA)


def test_a_table_serves_its_own_grammar_only() -> None:
    """The file of another start, or none at all, is passed over."""
    inner = Grammar("hzdsl.corrections", "formula", ("power",))
    assert inner.parser(None).parse("x^2").data == "tower"
    with pytest.raises(lark.UnexpectedInput):
        inner.parser(None).parse("x+2")
