"""Parsing the expressions of ADL into syntax trees."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from hzdsl.errors import HzdslError
from hzdsl.lalr import Grammar, Parser, Rule, UnexpectedError
from hzdsl.text import building as b
from hzdsl.text import syntax as s
from hzdsl.text.adl.nodes import Beside, Between, Choice, Near
from hzdsl.text.hints import syntax_error
from hzdsl.text.source import Source

GRAMMAR = Grammar(Path(__file__).with_name("adl.lark"), ("expression",))
_FOREIGN = MappingProxyType({"=": "write '==' to compare", "&": "write 'and'", "%": "ADL has no remainder"})
_WORDS = MappingProxyType({"LE": "<=", "GE": ">=", "EQ": "==", "NE": "!=", "LT": "<", "GT": ">"})


def parse(source: Source, text: str) -> s.Expr:
    """Return the tree of an expression.

    Parameters
    ----------
    source : Source
        The user's line.
    text : str
        The expression, with blanks for what stands before it in the line.

    Raises
    ------
    HzdslError
        ``syntax`` with the place.

    Examples
    --------
    >>> s.shape(parse(Source("x.adl", "|eta| < 2.4"), "|eta| < 2.4"))
    ('Comparison', ('Call', ('Name', 'abs'), (('Name', 'eta'),), ()), (('<', ('Number', 2.4)),))
    """
    if not text.strip():
        end = len(source.text.split("\n", maxsplit=1)[0].rstrip())
        raise HzdslError("syntax", "an expression is missing here", place=source.place(end, end + 1))
    try:
        tree = cast("s.Expr", _parser().parse(text, "expression"))
    except UnexpectedError as e:
        readable = re.sub(r"\]\s*\[|\[\s*\]", lambda m: " " * len(m.group()), text)
        raise syntax_error(source, readable, e, "expression", _FOREIGN) from None
    except b.LiteralError as e:
        raise e.at(source) from None
    b.check_depth(source, tree)
    return tree


@cache
def _parser() -> Parser:
    """Return the parser, built once per process."""
    return b.parser(GRAMMAR, _RULES)


def _logic(op: str) -> Callable[[list[Any]], s.Expr]:
    return lambda c: s.Logic(*b.span(c), op, tuple(c[::2]))


def _comparison(c: list[Any]) -> s.Expr:
    rest = tuple((_WORDS.get(str(op), str(op)), x) for op, x in zip(c[1::2], c[2::2], strict=True))
    return s.Comparison(*b.span(c), c[0], rest)


def _called(name: s.Name, arguments: list[s.Expr], start: int, end: int) -> s.Expr:
    depth = 1 + max((a.depth for a in arguments), default=0)
    return s.Call(start, end, depth, name, tuple(arguments), ())


def _named(token: Any) -> s.Name:
    return s.Name(token.start, token.end, 1, str(token))


def _absolute(c: list[Any]) -> s.Expr:
    name = s.Name(c[0].start, c[0].end, 1, "abs")
    return _called(name, [c[1]], c[0].start, c[2].end)


def _quoted(c: list[Any]) -> s.Expr:
    """Return the trigger path of ``HLT "HLT_Mu50"``."""
    path = str(c[1])[1:-1]
    if str(c[0]).casefold() != "hlt" or not re.fullmatch(r"[^\W\d]\w*", path):
        raise b.LiteralError(c[1], 'text has a meaning behind HLT only: HLT "HLT_IsoMu24"')
    return s.Name(c[0].start, c[1].end, 1, path)


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "choice": lambda c: Choice(*b.span(c), *c),
        "disjunction": _logic("or"),
        "conjunction": _logic("and"),
        "negation": lambda c: s.Unary(*b.span(c), "not", c[1]),
        "comparison": _comparison,
        "between": lambda c: Between(*b.span(c), c[0], str(c[1])[0] == "[", c[2], c[3]),
        "near": lambda c: Near(*b.span(c), c[0], c[2], str(c[1]) == "~="),
        "unary": lambda c: s.Unary(*b.span(c), str(c[0]), c[1]),
        "beside": lambda c: Beside(*b.span(c), tuple(c)),
        "absolute": _absolute,
        "call": lambda c: _called(_named(c[0]), c[1] or [], c[0].start, c[2].end),
        "braced": lambda c: _called(_named(c[3]), c[1], c[0].start, c[3].end),
        "quoted": _quoted,
        "arguments": list,
    }
)
