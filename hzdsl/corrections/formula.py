"""Formulas of payloads: text to a syntax tree, and a syntax tree to nodes, in f64 and in correctionlib's order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from hzdsl.corrections.numbers import Along
from hzdsl.errors import HzdslError, Place, did_you_mean
from hzdsl.ir import build
from hzdsl.ir.node import Node, make
from hzdsl.lalr import Grammar, Parser, Rule, UnexpectedError

GRAMMAR = Grammar(Path(__file__).with_name("formula.lark"), ("expression",))
#: A syntax tree: ("number", x), ("variable", i), ("parameter", i), ("negative", a), ("call", name, a …),
#: ("chain", first, ((op, operand), …)), ("tower", …) of powers.
Tree = tuple[Any, ...]

_VARIABLES = {"x": 0, "y": 1, "z": 2, "t": 3}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?(e-?[0-9]+)?")
_FUNCTIONS1 = frozenset(
    {
        *("log", "log10", "exp", "erf", "sqrt", "abs", "cos", "sin", "tan", "acos", "asin", "atan"),
        *("cosh", "sinh", "tanh", "acosh", "asinh", "atanh"),
    }
)
_FUNCTIONS2 = frozenset({"atan2", "pow", "max", "min"})


def _refuse(token: Any) -> NoReturn:
    """Raise what the parser raises where a text has something that is no part of it."""
    raise UnexpectedError(token.start, token, set())


def _number(items: list[Any]) -> Tree:
    if not _NUMBER.fullmatch(items[0]):
        _refuse(items[0])
    return ("number", float(items[0]))


def _name(items: list[Any]) -> Tree:
    if items[0] not in _VARIABLES:
        _refuse(items[0])
    return ("variable", _VARIABLES[items[0]])


def _numbered(items: list[Any]) -> Tree:
    if items[0] != "x":
        raise HzdslError("syntax", f"{items[0]}[{items[1]}]: only x takes a number", fix=f"x[{items[1]}]")
    return ("variable", int(items[1]))


def _signed(items: list[Any]) -> Tree:
    *signs, operand = items
    for token in (t for i, t in enumerate(signs) if i or t != "-"):
        _refuse(token)
    return ("negative", operand)


def _call(items: list[Any]) -> Tree:
    name, count = str(items[0]), len(items) - 1
    known = {1: _FUNCTIONS1, 2: _FUNCTIONS2}.get(count, frozenset[str]())
    if name not in known:
        fix = did_you_mean(name, sorted(known)) or f"with {count} arguments: {', '.join(sorted(known)) or 'none'}"
        raise HzdslError("syntax", f"{name} is no function of formulas with {count} arguments", fix=fix)
    return ("call", name, *items[1:])


def _tower(items: list[Any]) -> Tree:
    for token in (t for t in items[1::2] if t != "^"):
        _refuse(token)
    return ("tower", *items[::2])


def _choice(items: list[Any]) -> Tree:
    raise HzdslError("syntax", "the formula of a correction has no ?:", fix="multiply with comparisons: (x>1)*x")


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "number": _number,
        "parameter": lambda c: ("parameter", int(c[0])),
        "argument": lambda c: _refuse(c[0]),
        "name": _name,
        "numbered": _numbered,
        "signed": _signed,
        "call": _call,
        "chain": lambda c: ("chain", c[0], tuple(zip(map(str, c[1::2]), c[2::2], strict=True))),
        "tower": _tower,
        "choice": _choice,
        "group": lambda c: c[0],
    }
)


@cache
def _parser() -> Parser:
    return GRAMMAR.parser(_RULES)


def parse_formula(text: str) -> Tree:
    """Return the syntax tree of a formula.

    Raises
    ------
    HzdslError
        ``syntax``, with the place.

    Examples
    --------
    >>> parse_formula("[0]*x")
    ('chain', ('parameter', 0), (('*', ('variable', 0)),))
    """
    return read(_parser(), text, "the formula of a correction")


def read(parser: Parser, text: str, what: str) -> Tree:
    """Return what a parser of `GRAMMAR` makes of a text.

    Raises
    ------
    HzdslError
        ``syntax``, with the place.
    """
    try:
        tree: Tree = parser.parse(text, "expression")
    except UnexpectedError as e:
        place = Place("formula", 1, text, e.position, e.position + 1)
        raise HzdslError("syntax", f"{what} cannot be read", place=place) from None
    return tree


def formula_node(tree: Tree, variables: Sequence[Node], parameters: Sequence[float], along: Along) -> Node:
    """Return a formula of values along one axis.

    Raises
    ------
    HzdslError
        ``spec-value`` where it uses a variable or parameter that is not given.
    """
    return _Evaluation(variables, parameters, along).of(tree)


class _Evaluation:
    """Makes the nodes of one formula for one set of parameters."""

    def __init__(self, variables: Sequence[Node], parameters: Sequence[float], along: Along) -> None:
        self.variables, self.parameters, self.along = variables, parameters, along

    def of(self, tree: Tree) -> Node:
        made: Node = getattr(self, f"_{tree[0]}")(*tree[1:])
        return made

    def _number(self, x: float) -> Node:
        return self.along.number(x)

    def _variable(self, i: int) -> Node:
        if i >= len(self.variables):
            raise HzdslError("spec-value", f"a formula uses variable {i} of {len(self.variables)}, counted from 0")
        return self.variables[i]

    def _parameter(self, i: int) -> Node:
        if i >= len(self.parameters):
            raise HzdslError("spec-value", f"a formula uses parameter [{i}] of {len(self.parameters)}, counted from 0")
        return self.along.number(self.parameters[i])

    def _negative(self, operand: Tree) -> Node:
        return make("neg", self.of(operand))

    def _call(self, name: str, *operands: Tree) -> Node:
        return _called(name, [self.of(t) for t in operands])

    def _tower(self, *operands: Tree) -> Node:
        """Powers group to the right."""
        powers = [self.of(t) for t in operands]
        value = powers.pop()
        while powers:
            value = make("pow", powers.pop(), value)
        return value

    def _chain(self, first: Tree, rest: tuple[tuple[str, Tree], ...]) -> Node:
        value = self.of(first)
        for op, operand in rest:
            value = _BINARY[op](value, self.of(operand), self.along)
        return value


def _called(name: str, args: list[Node]) -> Node:
    if name == "abs":
        return make("abs", *args)
    if name in ("atan2", "pow"):
        return make(name, *args)
    if name == "max":  # std::max: the second where the first is less, so that a NaN keeps the first
        return make("where", make("lt", args[0], args[1]), args[1], args[0])
    if name == "min":
        return make("where", make("lt", args[1], args[0]), args[1], args[0])
    return make("math", *args, name=name)


def _arithmetic(op: str) -> Callable[[Node, Node, Along], Node]:
    return lambda a, b, along: make(op, a, b)


def _truth(condition: Callable[[Node, Node, Along], Node]) -> Callable[[Node, Node, Along], Node]:
    """A comparison or logic as 1.0 or 0.0."""
    return lambda a, b, along: make("where", condition(a, b, along), along.number(1.0), along.number(0.0))


def _differs(a: Node, b: Node, along: Along) -> Node:
    """``a != b`` written without `not`, which refuses what may be missing."""
    return make("eq", make("eq", a, b), build.lift(build.const(False), along.axis))


def _logic(op: str) -> Callable[[Node, Node, Along], Node]:
    def both(a: Node, b: Node, along: Along) -> Node:
        zero = along.number(0.0)
        return make(op, _differs(a, zero, along), _differs(b, zero, along))

    return both


_BINARY: dict[str, Callable[[Node, Node, Along], Node]] = {
    "+": _arithmetic("add"),
    "-": _arithmetic("sub"),
    "*": _arithmetic("mul"),
    "/": _arithmetic("div"),
    "==": _truth(lambda a, b, along: make("eq", a, b)),
    "!=": _truth(_differs),
    "<": _truth(lambda a, b, along: make("lt", a, b)),
    "<=": _truth(lambda a, b, along: make("le", a, b)),
    ">": _truth(lambda a, b, along: make("lt", b, a)),
    ">=": _truth(lambda a, b, along: make("le", b, a)),
    "&&": _truth(_logic("and")),
    "||": _truth(_logic("or")),
}
