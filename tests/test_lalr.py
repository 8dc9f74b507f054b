"""Parsers from the kept tables read what lark reads from the grammars, and refuse what it refuses, at the same place."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import lark
import pytest

from hzdsl.lalr import Grammar, Parser, Rule, UnexpectedError
from tools.grammar_tables import GRAMMARS, built, table

EXPRESSION, ADL, FORMULA = GRAMMARS
#: What texts of a grammar are put together of, at random: most are refused somewhere.
PIECES = {
    EXPRESSION: "a good.pt count ( ) [ ] , : . + - * / % ** < <= == != and or not ~ | & << 5 1e3 GeV 'x' \n ; = ! $ #x",
    ADL: 'pT(Muo) Jet Jet MET 5 + [ ] , : . + - * / ^ < >= == and OR not ! || 5 .5 ? | ( ) { } [] ~= HLT "x" $ #',
    FORMULA: "x y [ 0 ] ( ) log max , + - * / ^ ** < >= == != && || 1.5 2e-3 ! ? : @1 TMath::Exp $",
}


def rules_of(grammar: Grammar) -> Mapping[str, Rule]:
    """Every rule makes its name and its children."""

    def made(name: str) -> Rule:
        return lambda children: (name, *children)

    names = {rule.alias or rule.origin.name for rule in built(grammar).rules}
    return {name: made(name) for name in names}


def tree(found: Any) -> Any:
    """Return a tree of lark, or of the rules above, with tokens as (kind, text, start, end)."""
    if isinstance(found, lark.Tree):
        return (str(found.data), *map(tree, found.children))
    if isinstance(found, lark.Token):
        return (found.type, str(found), found.start_pos, found.end_pos)
    if isinstance(found, str) and hasattr(found, "kind"):
        return (found.kind, str(found), found.start, found.end)
    return (found[0], *map(tree, found[1:])) if isinstance(found, tuple) else found


def read_by_lark(parser: lark.Lark, text: str, start: str) -> Any:
    try:
        return tree(parser.parse(text, start=start))
    except lark.UnexpectedToken as e:
        assert e.interactive_parser is not None
        at_end = e.token.type == "$END"
        return (len(text) if at_end else e.pos_in_stream, e.token.type, e.interactive_parser.accepts())
    except lark.UnexpectedCharacters as e:
        return (e.pos_in_stream, None, e.allowed)


def read(parser: Parser, text: str, start: str) -> Any:
    try:
        return tree(parser.parse(text, start))
    except UnexpectedError as e:
        return (e.position, None if e.token is None else e.token.kind, e.expected)


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda g: g.file.stem)
def test_the_table_is_that_of_the_grammar(grammar: Grammar) -> None:
    """After a change of a grammar, or with a new lark: python -m tools.grammar_tables."""
    assert grammar.table_file.read_text(encoding="utf-8") == table(grammar)


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda g: g.file.stem)
def test_as_lark_reads_it(grammar: Grammar) -> None:
    theirs, ours = built(grammar), grammar.parser(rules_of(grammar))
    dice, pieces = random.Random(1), PIECES[grammar].split(" ")
    accepted = 0
    for start in grammar.start:
        for _ in range(1000):
            text = " ".join(dice.choice(pieces) for _ in range(dice.randint(0, 8)))
            expected = read_by_lark(theirs, text, start)
            assert read(ours, text, start) == expected, text
            accepted += not isinstance(expected[0], int)
    assert accepted > 20


@pytest.mark.parametrize(
    ("grammar", "text"),
    [
        (EXPRESSION, "count(good[pt > 5 GeV and abs(eta) < 2.4]) >= 4 or not (a, b,) == f(x, y=-2**3)[1:].m2"),
        (EXPRESSION, "a" + " + b" * 500),
        (ADL, "pT(Muo[0] Muo[1]) [] 70 110 ? |eta(j)| < 2.4 : {a, b}dR ~= -3"),
        (FORMULA, "[0]*x^2-log(x)+max(1.5,x[1])"),
    ],
    ids=["words", "long sum", "ADL", "formula"],
)
def test_long_texts(grammar: Grammar, text: str) -> None:
    found = read(grammar.parser(rules_of(grammar)), text, "expression")
    assert found == read_by_lark(built(grammar), text, "expression")
    assert isinstance(found[0], str)
