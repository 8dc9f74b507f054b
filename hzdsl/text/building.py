"""From the children that a parser hands to a rule to nodes of a tree: where they begin and end, how deep they are.

What the grammars of the text form and of ADL have in common stands here once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lalr import Grammar, Parser, Rule, Token
from hzdsl.text import syntax as s
from hzdsl.text.source import Source
from hzdsl.text.syntax import Expr

#: Brackets, powers and signs inside one another beyond which an expression is refused.
MAX_DEPTH = 200


class LiteralError(Exception):
    """A number or string that cannot be read."""

    def __init__(self, token: Token, message: str) -> None:
        self.token, self.message = token, message

    def at(self, source: Source) -> HzdslError:
        """Return the error to raise, with its place."""
        place = source.place(self.token.start, self.token.end)
        return HzdslError("syntax", self.message, place=place)


def check_depth(source: Source, tree: Expr) -> None:
    """Refuse a tree that is nested too deeply to be walked."""
    if tree.depth > MAX_DEPTH:
        raise HzdslError(
            "syntax",
            f"the expression is nested more than {MAX_DEPTH} levels deep",
            fix="give parts of it names in `define`",
            place=source.place(tree.start, tree.start + 1),
        )


def number(token: Token) -> int | float:
    """Return a number as Python reads it."""
    text = str(token)
    try:
        return int(text) if re.fullmatch(r"[\d_]+", text) else float(text)
    except ValueError:
        raise LiteralError(token, "the number has too many digits") from None


def span(children: list[Any]) -> tuple[int, int, int]:
    """Return (start, end, depth) of a node over these children, of which the last has the end."""
    found = [c for c in children if c is not None]
    depth = 1 + max((c.depth for c in found if isinstance(c, Expr)), default=0)
    return found[0].start, found[-1].end, depth


def pairs(children: list[Any]) -> tuple[tuple[str, Expr], ...]:
    """Return (operator, operand) for all children but the first."""
    return tuple((str(op), x) for op, x in zip(children[1::2], children[2::2], strict=True))


def group(children: list[Any]) -> Expr:
    """Return what stands in brackets, which belong to it."""
    inner: Expr = children[1]
    return replace(inner, start=children[0].start, end=children[2].end, depth=inner.depth + 1)


#: The rules that both grammars have.
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "chain": lambda c: s.Chain(*span(c), c[0], pairs(c)),
        "power": lambda c: s.Power(*span(c), c[0], c[2]),
        "number": lambda c: s.Number(*span(c), number(c[0])),
        "name": lambda c: s.Name(*span(c), str(c[0])),
        "group": group,
        "attribute": lambda c: s.Attribute(*span(c), c[0], str(c[1])),
        "index": lambda c: s.Index(*span(c), c[0], c[1]),
        "slice": lambda c: s.Slice(*span(c), c[0], c[1], c[2]),
    }
)


def parser(grammar: Grammar, rules: Mapping[str, Rule]) -> Parser:
    """Return the parser of a grammar; its rules run while it parses, so that no tree is ever walked."""
    return grammar.parser({**RULES, **rules})
