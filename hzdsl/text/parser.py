"""Parsing expressions and definition blocks into the syntax tree of `hzdsl.text.syntax`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lalr import Grammar, Parser, Rule, UnexpectedError
from hzdsl.text import building as b
from hzdsl.text import syntax as s
from hzdsl.text.hints import syntax_error
from hzdsl.text.source import NANO_SPEC, Source

GRAMMAR = Grammar(Path(__file__).with_name("grammar.lark"), ("expression", "block"))


def parse_expression(source: Source) -> s.Expr:
    """Return the tree of one expression; line breaks in it mean nothing.

    Raises
    ------
    HzdslError
        ``syntax`` with the place.

    Examples
    --------
    >>> s.shape(parse_expression(Source("x", "pt > 5 GeV")))
    ('Comparison', ('Name', 'pt'), (('>', ('Measure', 5, 'GeV')),))
    """
    one_line = _IN_LINE.sub(_blanked, source.text)
    if not one_line.strip():
        raise HzdslError(
            "syntax", "the expression is empty", fix="write a condition or a value", place=source.place(0, 1)
        )
    tree: s.Expr = _parsed(source, one_line, "expression")
    b.check_depth(source, tree)
    return tree


def parse_block(source: Source) -> list[s.Definition]:
    """Return the definitions of a block, one per line or ``;``; an indented line continues the one above."""
    definitions: list[s.Definition] = _parsed(source, source.text, "block")
    for definition in definitions:
        b.check_depth(source, definition.body)
    return definitions


_IN_LINE = re.compile(r"""'[^'\n]*'|"[^"\n]*"|\#[^\n]*|\n""")


_CARET = re.compile(r"""'[^'\n]*'|"[^"\n]*"|\#[^\n]*|\^""")


def _blanked(match: re.Match[str]) -> str:
    text = match.group()
    return text if text[0] in "'\"" else " " * len(text)


def _parsed(source: Source, text: str, start: str) -> Any:
    if source.dialect != NANO_SPEC:
        _refuse_caret(source, text)
    try:
        return _parser().parse(text, start=start)
    except UnexpectedError as e:
        raise syntax_error(source, text, e, start) from None
    except b.LiteralError as e:
        raise e.at(source) from None


def _refuse_caret(source: Source, text: str) -> None:
    for match in _CARET.finditer(text):
        if match.group() == "^":
            at = match.start()
            raise HzdslError(
                "syntax", "'^' is not an operator here", fix="write '**' for a power", place=source.place(at, at + 1)
            )


@cache
def _parser() -> Parser:
    """Return the parser, built once per process."""
    return b.parser(GRAMMAR, _RULES)


def _comparison(c: list[Any]) -> s.Expr:
    return s.Comparison(*b.span(c), c[0], b.pairs(c))


def _logic(op: str) -> Callable[[list[Any]], s.Expr]:
    return lambda c: s.Logic(*b.span(c), op, tuple(c))


def _prefix(c: list[Any]) -> s.Expr:
    return s.Unary(*b.span(c), str(c[0]), c[1])


def _call(c: list[Any]) -> s.Expr:
    function, arguments, closing = c
    items = arguments or []
    keywords = tuple((name, value) for kind, name, value in items if kind)
    positional = tuple(value for kind, _, value in items if not kind)
    depth = 1 + max(x.depth for x in (function, *positional, *(v for _, v in keywords)))
    return s.Call(function.start, closing.end, depth, function, positional, keywords)


def _arguments(c: list[Any]) -> list[tuple[bool, str, s.Expr]]:
    return [x if isinstance(x, tuple) else (False, "", x) for x in c]


def _tuple(c: list[Any]) -> s.Expr:
    return s.Tuple(*b.span(c), tuple(x for x in c[1:-1] if x is not None))


def _function(c: list[Any]) -> s.Definition:
    name, parameters, _, body = c
    return s.Definition(name.start, name.end, str(name), tuple(parameters or ()), body)


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "disjunction": _logic("or"),
        "conjunction": _logic("and"),
        "negation": _prefix,
        "unary": _prefix,
        "comparison": _comparison,
        "quantity": lambda c: s.Measure(*b.span(c), b.number(c[0]), str(c[1]), c[1].start),
        "call": _call,
        "string": lambda c: s.String(*b.span(c), str(c[0])[1:-1]),
        "tuple": _tuple,
        "arguments": _arguments,
        "keyword": lambda c: (True, str(c[0]), c[1]),
        "block": list,
        "definition": lambda c: s.Definition(c[0].start, c[0].end, str(c[0]), None, c[1]),
        "function": _function,
        "parameters": list,
        "parameter": lambda c: s.Parameter(str(c[0]), c[1]),
    }
)
