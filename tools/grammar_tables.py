"""Write the tables of all grammars, `*.table.json` beside each `*.lark`; run it when a grammar or lark has changed.

python -m tools.grammar_tables
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lark import Lark
from lark.grammar import Rule
from lark.lexer import PatternRE, TerminalDef

from hzdsl.corrections import formula
from hzdsl.lalr import Grammar
from hzdsl.text import parser
from hzdsl.text.adl import grammar as adl

GRAMMARS = (parser.GRAMMAR, adl.GRAMMAR, formula.GRAMMAR)


def built(grammar: Grammar, **options: Any) -> Lark:
    """Return lark's own parser of a grammar."""
    text = grammar.file.read_text(encoding="utf-8")
    return Lark(text, parser="lalr", start=list(grammar.start), maybe_placeholders=True, **options)


def table(grammar: Grammar) -> str:
    """Return the table of a grammar, as `hzdsl.lalr.Parser` describes it."""
    lark = built(grammar)
    automaton = lark.parser.parser._parse_table
    number = _numbers(automaton)
    rules = {rule: i for i, rule in enumerate(lark.rules)}
    states = [
        {
            symbol: number[argument] if action.name == "Shift" else ~rules[argument]
            for symbol, (action, argument) in sorted(automaton.states[state].items())
        }
        for state in number
    ]
    found = {
        "terminals": [list(_terminal(t)) for t in sorted(lark.terminals, key=_order)],
        "ignored": list(lark.ignore_tokens),
        "rules": [list(_rule(rule)) for rule in lark.rules],
        "start": {name: number[automaton.start_states[name]] for name in grammar.start},
        "end": {name: number[automaton.end_states[name]] for name in grammar.start},
        "states": states,
    }
    return json.dumps(found, separators=(",", ":")) + "\n"


def _numbers(automaton: Any) -> dict[int, int]:
    """Return the states numbered in the order in which they are reached; lark's own differs from run to run."""
    reached = dict.fromkeys(automaton.start_states.values())
    queue = list(reached)
    for state in queue:  # grows on the way
        actions = [action for _, action in sorted(automaton.states[state].items())]
        targets = dict.fromkeys(target for action, target in actions if action.name == "Shift")
        queue += [t for t in targets if t not in reached]
        reached |= targets
    return {state: i for i, state in enumerate(reached)}


def _order(terminal: TerminalDef) -> tuple[Any, ...]:
    """Return what lark sorts terminals by: of several that fit, the first is taken."""
    pattern = terminal.pattern
    return -terminal.priority, -pattern.max_width, -len(pattern.value), terminal.name


def _terminal(terminal: TerminalDef) -> Iterator[Any]:
    regular = isinstance(terminal.pattern, PatternRE) or bool(terminal.pattern.flags)
    yield from (terminal.name, regular, terminal.pattern.to_regexp() if regular else terminal.pattern.value)


def _rule(rule: Rule) -> Iterator[Any]:
    """Yield where a rule belongs, its length, its name, whether a single child stands for it, and its parts."""
    assert not rule.options.keep_all_tokens, "the tokens that have no name are left out"
    origin = rule.origin.name
    yield from (origin, len(rule.expansion))
    yield rule.alias or (None if origin.startswith("_") else origin)
    yield bool(rule.options.expand1 and not rule.alias)
    yield list(_parts(rule))


def _parts(rule: Rule) -> Iterator[Any]:
    symbols = enumerate(rule.expansion)
    for absent in rule.options.empty_indices or [False] * len(rule.expansion):
        if absent:
            yield None
            continue
        i, symbol = next(symbols)
        if not symbol.is_term:
            yield [i] if symbol.name.startswith("_") else i
        elif not symbol.filter_out:
            yield i


def main() -> None:
    """Write the tables where the grammars are."""
    for grammar in GRAMMARS:
        grammar.table_file.write_text(table(grammar), encoding="utf-8")


if __name__ == "__main__":
    main()
