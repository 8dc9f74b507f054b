"""Parsing expressions and definition blocks into the syntax tree of `hzdsl.text.syntax`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from hzdsl.errors import HzdslError
from hzdsl.text import building as b
from hzdsl.text import syntax as s
from hzdsl.text.hints import syntax_error
from hzdsl.text.source import NANO_SPEC, Source

if TYPE_CHECKING:
    from lark import Lark


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
    from lark import UnexpectedInput

    if source.dialect != NANO_SPEC:
        _refuse_caret(source, text)
    try:
        return _lark().parse(text, start=start)
    except UnexpectedInput as e:
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
def _lark() -> Lark:
    """Return the parser, built once per process; it keeps no state between texts."""
    from lark import Lark

    grammar = resources.files("hzdsl.text").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=["expression", "block"], transformer=_builder(), maybe_placeholders=True)


def _chain(c: list[Any]) -> s.Expr:
    return s.Chain(*b.span(c), c[0], b.pairs(c))


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
    return s.Call(function.start, b.end(closing), depth, function, positional, keywords)


def _arguments(c: list[Any]) -> list[tuple[bool, str, s.Expr]]:
    return [x if isinstance(x, tuple) else (False, "", x) for x in c]


def _group(c: list[Any]) -> s.Expr:
    inner: s.Expr = c[1]
    return replace(inner, start=b.start(c[0]), end=b.end(c[2]), depth=inner.depth + 1)


def _tuple(c: list[Any]) -> s.Expr:
    return s.Tuple(*b.span(c), tuple(x for x in c[1:-1] if x is not None))


def _function(c: list[Any]) -> s.Definition:
    name, parameters, _, body = c
    return s.Definition(b.start(name), b.end(name), str(name), tuple(parameters or ()), body)


def _builder() -> Any:
    """Return the callbacks of the grammar's rules; they run while parsing, so that no tree is ever walked."""
    from lark import Transformer

    rules: dict[str, Callable[[list[Any]], Any]] = {
        "disjunction": _logic("or"),
        "conjunction": _logic("and"),
        "negation": _prefix,
        "unary": _prefix,
        "comparison": _comparison,
        "chain": _chain,
        "power": lambda c: s.Power(*b.span(c), c[0], c[2]),
        "quantity": lambda c: s.Measure(*b.span(c), b.number(c[0]), str(c[1]), c[1].start_pos),
        "attribute": lambda c: s.Attribute(*b.span(c), c[0], str(c[1])),
        "call": _call,
        "index": lambda c: s.Index(*b.span(c), c[0], c[1]),
        "slice": lambda c: s.Slice(*b.span(c), c[0], c[1], c[2]),
        "number": lambda c: s.Number(*b.span(c), b.number(c[0])),
        "string": lambda c: s.String(*b.span(c), str(c[0])[1:-1]),
        "name": lambda c: s.Name(*b.span(c), str(c[0])),
        "group": _group,
        "tuple": _tuple,
        "arguments": _arguments,
        "keyword": lambda c: (True, str(c[0]), c[1]),
        "block": list,
        "definition": lambda c: s.Definition(b.start(c[0]), b.end(c[0]), str(c[0]), None, c[1]),
        "function": _function,
        "parameters": list,
        "parameter": lambda c: s.Parameter(str(c[0]), c[1]),
    }
    return type("Builder", (Transformer,), {name: staticmethod(rule) for name, rule in rules.items()})()
