"""Parsers from kept tables and parsers from their grammars are the same."""

from __future__ import annotations

from typing import Any

import lark
import pytest

from hzdsl.corrections import formula
from hzdsl.lalr import Grammar
from tools.grammar_tables import GRAMMARS, table

FORMULA = "[0]*x^2-log(x)+1.5"


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda g: g.file.stem)
def test_the_table_is_that_of_the_grammar(grammar: Grammar) -> None:
    """After a change of a grammar, or with a new lark: python tools/grammar_tables.py."""
    assert grammar.table_file.read_text(encoding="utf-8") == table(grammar)


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
    inner = Grammar(formula.GRAMMAR.file, ("power",))
    assert inner.parser(None).parse("x^2").data == "tower"
    with pytest.raises(lark.UnexpectedInput):
        inner.parser(None).parse("x+2")
