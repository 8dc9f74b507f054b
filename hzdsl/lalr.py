"""Parsers of the grammars of this package: LALR(1), from the tables `NAME.table.json` of the grammars `NAME.lark`.

`tools/grammar_tables.py` has lark work the tables out, once. What is done with them is little and stands here, so that
reading a text needs no lark: its import, and the building of its objects, took longer than the parsing.

A terminal is looked for only where the grammar takes it, so that one text may mean two things in two places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hzdsl.records import dataclass

#: What a rule of a grammar makes of its children.
Rule = Callable[[list[Any]], Any]
END = "$END"


class Token(str):
    """A piece of a text; the offsets `start` and `end` say where it stands."""

    __slots__ = ("end", "kind", "start")
    kind: str
    start: int
    end: int


def _token(kind: str, text: str, start: int, end: int) -> Token:
    made = Token(text[start:end])
    made.kind, made.start, made.end = kind, start, end
    return made


class UnexpectedError(Exception):
    """What a text has where its grammar has none of it.

    Attributes
    ----------
    position : int
        Where.
    token : Token or None
        What stands there, of the kind `END` behind the text; None for what begins no terminal of the grammar.
    expected : set of str
        The kinds of terminals that could stand there.
    """

    def __init__(self, position: int, token: Token | None, expected: set[str]) -> None:
        super().__init__(f"{token!r} at {position}, not one of {sorted(expected)}")
        self.position, self.token, self.expected = position, token, expected


@dataclass(frozen=True)
class Grammar:
    """A grammar in a package of ours.

    Attributes
    ----------
    file : path
        The grammar.
    start : sequence of str
        The rules that a text may be.
    """

    file: Path
    start: Sequence[str]

    @property
    def table_file(self) -> Path:
        """Where its table is kept."""
        return self.file.with_suffix(".table.json")

    def parser(self, rules: Mapping[str, Rule]) -> Parser:
        """Return a parser that calls the rules, by their names, while it parses."""
        return Parser(json.loads(self.table_file.read_text(encoding="utf-8")), rules)


class Parser:
    """A parser; it keeps no state between texts.

    Parameters
    ----------
    table : mapping
        ``terminals``: (name, whether it is a regular expression, pattern) in the order in which they are tried;
        ``ignored``: names of terminals; ``rules``: (origin, length, name or None, whether a single child stands for the
        whole, parts); ``states``: by symbol the next state, or ``~i`` to reduce by rule i; ``start`` and ``end``:
        the states of each start.
    rules : mapping of str to function
        What is made of the children of a rule. Those without a name are lists, which are parts of what is above.
    """

    def __init__(self, table: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
        self._states: list[dict[str, int]] = table["states"]
        self._start, self._end = table["start"], table["end"]
        self._terminals = [(name, _matcher(pattern, regular)) for name, regular, pattern in table["terminals"]]
        self._ignored = frozenset(table["ignored"])
        self._rules = [(origin, length) for origin, length, *_ in table["rules"]]
        self._reductions = [_reduction(rules, *rule[1:]) for rule in table["rules"]]
        self._tried = cache(self._terminals_in)

    def parse(self, text: str, start: str) -> Any:
        """Return what the rules make of a text that is a `start`.

        Raises
        ------
        UnexpectedError
            For the first token that does not fit.
        """
        states: list[int] = [self._start[start]]
        values: list[Any] = []
        at = 0
        while True:
            token = self._next(text, at, states)
            while (action := self._states[states[-1]].get(token.kind)) is None or action < 0:
                if action is None:
                    raise UnexpectedError(token.start, token, self._expected(states, start))
                origin, length = self._rules[~action]
                at = len(values) - length
                values[at:] = [self._reductions[~action](values[at:])]
                del states[len(states) - length :]
                states.append(self._states[states[-1]][origin])
                if token.kind == END and states[-1] == self._end[start]:
                    return values[-1]
            states.append(action)
            values.append(token)
            at = token.end

    def _next(self, text: str, at: int, states: list[int]) -> Token:
        """Return the token at a place, behind what is ignored."""
        while at < len(text):
            kind, end = self._match(text, at, self._tried(states[-1]))
            if kind not in self._ignored:
                break
            at = end
        else:
            return _token(END, text, at, at)
        if end < 0:  # nothing of what fits here: perhaps it would elsewhere
            kind, end = self._match(text, at, self._terminals)
        if end < 0:
            raise UnexpectedError(at, None, self._of_state(states[-1]))
        return _token(kind, text, at, end)

    @staticmethod
    def _match(text: str, at: int, terminals: Sequence[tuple[str, _Matcher]]) -> tuple[str, int]:
        """Return the first terminal that a text has at a place, and where it ends: at -1 for none."""
        for kind, match in terminals:
            end = match(text, at)
            if end >= 0:
                return kind, end
        return "", -1

    def _terminals_in(self, state: int) -> list[tuple[str, _Matcher]]:
        fits = self._ignored | self._states[state].keys()
        return [(kind, match) for kind, match in self._terminals if kind in fits]

    def _of_state(self, state: int) -> set[str]:
        return {kind for kind, _ in self._tried(state)} - self._ignored

    def _expected(self, states: list[int], start: str) -> set[str]:
        """Return the terminals that could be shifted, of those that the last state alone would take."""
        kinds = self._of_state(states[-1]) | (self._states[states[-1]].keys() & {END})
        return {kind for kind in kinds if self._shifts(list(states), kind, start)}

    def _shifts(self, states: list[int], kind: str, start: str) -> bool:
        while (action := self._states[states[-1]].get(kind)) is not None and action < 0:
            origin, length = self._rules[~action]
            del states[len(states) - length :]
            states.append(self._states[states[-1]][origin])
            if kind == END and states[-1] == self._end[start]:
                return True
        return action is not None


#: Text and place → where the terminal that stands there ends, -1 without one.
_Matcher = Callable[[str, int], int]


def _matcher(pattern: str, regular: bool) -> _Matcher:
    if not regular:
        length = len(pattern)
        return lambda text, at: at + length if text.startswith(pattern, at) else -1
    match = re.compile(pattern).match

    def end(text: str, at: int) -> int:
        found = match(text, at)
        return -1 if found is None else found.end()

    return end


def _reduction(rules: Mapping[str, Rule], length: int, name: str | None, single: bool, parts: list[Any]) -> Rule:
    """Return what is done with the children of a rule.

    `parts` are the numbers of those that matter: ``i`` for the child, ``[i]`` for the children of an unnamed one, None
    for an optional one that is absent.
    """
    make = rules.get(name) if name is not None else _same
    plain = parts == list(range(length))

    def made(children: list[Any]) -> Any:
        used = children if plain else _used(children, parts)
        if single and len(used) == 1:
            return used[0]
        assert make is not None, f"no rule {name}"
        return make(used)

    return made


def _same(children: list[Any]) -> list[Any]:
    return children


def _used(children: list[Any], parts: list[Any]) -> list[Any]:
    found: list[Any] = []
    for part in parts:
        if not isinstance(part, list):
            found.append(None if part is None else children[part])
        elif found:
            found += children[part[0]]
        else:
            found = children[part[0]]  # goes on with the very list, so that a long one is not copied at each step
    return found
