"""Write the tables of all grammars, `*.table.json` beside each `*.lark`; run it when a grammar or lark has changed.

python tools/grammar_tables.py
"""

from __future__ import annotations

import json
from typing import Any

from lark.grammar import Rule
from lark.lexer import TerminalDef

from hzdsl.corrections import formula
from hzdsl.lalr import Grammar
from hzdsl.text import parser
from hzdsl.text.adl import grammar as adl

GRAMMARS = (parser.GRAMMAR, adl.GRAMMAR, formula.GRAMMAR)
SHIFT = 0  # lark's number of the action whose argument is a state


def in_order(automaton: Any) -> dict[str, Any]:
    """Return lark's automaton with tokens and states numbered in one order; lark's own differs from run to run."""
    names = sorted(automaton["tokens"].values())
    actions = {
        state: {automaton["tokens"][token]: action for token, action in row.items()}
        for state, row in automaton["states"].items()
    }
    reached = dict.fromkeys(automaton["start_states"].values())
    queue = list(reached)
    for state in queue:  # grows on the way
        targets = [actions[state][name][1] for name in names if actions[state].get(name, (None,))[0] == SHIFT]
        queue += [t for t in dict.fromkeys(targets) if t not in reached]
        reached |= dict.fromkeys(targets)
    number = {state: i for i, state in enumerate(reached)}
    return {
        "tokens": dict(enumerate(names)),
        "states": {
            number[state]: {
                i: [kind, number[argument] if kind == SHIFT else argument]
                for i, name in enumerate(names)
                for kind, argument in [actions[state].get(name, (None, None))]
                if kind is not None
            }
            for state in reached
        },
        "start_states": {name: number[state] for name, state in automaton["start_states"].items()},
        "end_states": {name: number[automaton["end_states"][name]] for name in automaton["start_states"]},
    }


def table(grammar: Grammar) -> str:
    """Return the table of a grammar."""
    data, memo = grammar.built().memo_serialize([TerminalDef, Rule])
    data["parser"]["parser"] = in_order(data["parser"]["parser"])
    text = json.dumps({"made_of": grammar.made_of(), "data": data, "memo": memo}, separators=(",", ":"))
    return text + "\n"


def main() -> None:
    """Write the tables where the grammars are."""
    for grammar in GRAMMARS:
        grammar.table_file.write_text(table(grammar), encoding="utf-8")


if __name__ == "__main__":
    main()
