"""Formulas of RooFit (RooFormulaVar, RooGenericPdf) and of datacards: text to nodes, with the meaning ROOT gives them.

ROOT compiles a formula as C++, after it has put `pow` for ``^`` and ``**``. So whole numbers are ints, and 1/2 is 0;
signs bind less than powers (-x^2 is -(x^2)); powers group to the right; comparisons are 1 or 0. Text is read by the
grammar that corrections' formulas have, too (`hzdsl/corrections/formula.lark`); nothing is ever executed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NoReturn

from hzdsl.corrections.formula import GRAMMAR, Tree, read
from hzdsl.errors import HzdslError, Place, did_you_mean
from hzdsl.ir.algebra import apply, chosen, less, minus, negative, number, opposite, over, plus, power, times
from hzdsl.ir.building.leaves import const_value
from hzdsl.ir.node import Node
from hzdsl.lalr import Parser, Rule
from hzdsl.records import dataclass
from hzdsl.stats.formula_functions import CONSTANTS, FUNCTIONS, truncated

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WHOLE: Final = re.compile(r"[0-9]+")


def formula(text: str, arguments: Mapping[str, Node]) -> Node:
    """Return a formula of ROOT as a node, along the finest axis of its arguments.

    Parameters
    ----------
    text : str
        As RooFormulaVar and datacards have it: ``@0*(1+@1)``, ``x[0]`` and the names of arguments, numbers, ``+ - * /
        ^ **``, comparisons, ``&& || ! ?:``, functions (`exp`, `TMath::Power`, …).
    arguments : mapping of str to Node
        What ``@0``, ``@1``, … are, in order, with their names; plain numbers in f64.

    Raises
    ------
    HzdslError
        ``syntax`` with the place, also of functions that there are none of; ``name-unknown`` of names and numbers of
        arguments; ``unsupported`` of a text that is nested too deeply.

    Examples
    --------
    >>> from hzdsl.ir.build import param
    >>> a = param("a", 1.0)
    >>> formula("2*@0", {"a": a}).op
    'mul'
    """
    _refuse_parts(text)
    tree = read(_parser(), _by_number(text, arguments), "the formula")
    try:
        return _Evaluation(text, arguments).of(tree).value
    except RecursionError:
        raise HzdslError("unsupported", "a formula is nested too deeply", fix="split it") from None


def _refuse_parts(text: str) -> None:
    """Refuse ``++``, by which ROOT separates the parts of a linear fit, of whatever value."""
    at = text.find("++")
    if at >= 0:
        place = Place("formula", 1, text, at, at + 2)
        raise HzdslError("syntax", "++ adds nothing in formulas of ROOT", fix="write one +, or + +", place=place)


def _by_number(text: str, arguments: Mapping[str, Node]) -> str:
    """Return the text with numbers for names that are no words (`a-b`), as RooFit replaces names: the longest first."""
    numbers = {name: i for i, name in enumerate(arguments) if name and not _NAME.fullmatch(name)}
    for name in sorted(numbers, key=len, reverse=True):
        text = re.sub(rf"(?<![\w@.]){re.escape(name)}(?![\w\[])", f"@{numbers[name]}", text)
    return text


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "number": lambda c: ("number", str(c[0])),
        "parameter": lambda c: ("parameter", int(c[0])),
        "argument": lambda c: ("argument", int(c[0][1:]), str(c[0])),
        "name": lambda c: ("name", str(c[0])),
        "numbered": lambda c: ("numbered", str(c[0]), int(c[1])),
        "signed": lambda c: ("signed", tuple(map(str, c[:-1])), c[-1]),
        "call": lambda c: ("call", str(c[0]), *c[1:]),
        "chain": lambda c: ("chain", c[0], tuple(zip(map(str, c[1::2]), c[2::2], strict=True))),
        "tower": lambda c: ("tower", *c[::2]),
        "choice": lambda c: ("choice", *c),
        "group": lambda c: ("group", c[0]),
    }
)


@cache
def _parser() -> Parser:
    return GRAMMAR.parser(_RULES)


@dataclass(frozen=True)
class _Term:
    """A value as C++ sees it: whether it is an int (or a bool), and the condition of which it is the number."""

    node: Node | None
    whole: bool = False
    condition: Node | None = None

    @property
    def value(self) -> Node:
        """As a number."""
        if self.node is not None:
            return self.node
        assert self.condition is not None
        return chosen(self.condition, number(1), number(0))

    @property
    def truth(self) -> Node:
        """As a condition."""
        return self.condition if self.condition is not None else opposite(apply("eq", self.value, number(0)))

    @property
    def integer(self) -> int | None:
        """As a whole constant, if it is one."""
        found = const_value(self.node) if self.whole and self.node is not None else None
        return None if found is None else int(found)


class _Evaluation:
    """Makes the nodes of one formula."""

    def __init__(self, text: str, arguments: Mapping[str, Node]) -> None:
        self._text, self._arguments = text, arguments

    def of(self, tree: Tree) -> _Term:
        made: _Term = getattr(self, f"_{tree[0]}")(*tree[1:])
        return made

    def _unknown(self, what: str, fix: str | None = None) -> NoReturn:
        fix = fix or f"its arguments are {', '.join(f'@{i} = {a}' for i, a in enumerate(self._arguments)) or 'none'}"
        raise HzdslError("name-unknown", f"the formula {self._text} uses {what}, which is not there", fix=fix)

    def _number(self, text: str) -> _Term:
        return _Term(number(float(text)), bool(_WHOLE.fullmatch(text)))

    def _parameter(self, i: int) -> _Term:
        self._unknown(f"a parameter [{i}]", f"write @{i} for an argument")

    def _argument(self, i: int, text: str) -> _Term:
        if i >= len(self._arguments):
            self._unknown(text)
        return _Term([*self._arguments.values()][i])

    def _name(self, name: str) -> _Term:
        if name in self._arguments:
            return _Term(self._arguments[name])
        if name not in CONSTANTS:
            self._unknown(name, did_you_mean(name, self._arguments))
        value = CONSTANTS[name]
        return _Term(number(value), isinstance(value, int))

    def _numbered(self, name: str, i: int) -> _Term:
        if name != "x":
            self._unknown(f"{name}[{i}]", f"write x[{i}] or @{i}")
        return self._argument(i, f"x[{i}]")

    def _group(self, inner: Tree) -> _Term:
        return self.of(inner)

    def _signed(self, signs: tuple[str, ...], operand: Tree) -> _Term:
        return _with_signs(signs, self.of(operand))

    def _tower(self, *operands: Tree) -> _Term:
        """Powers, the last first; a sign before one stands before all that follows."""
        value: _Term | None = None
        for operand in reversed(operands):
            signs, base = operand[1:] if operand[0] == "signed" else ((), operand)
            raised = self.of(base)
            value = _with_signs(signs, raised if value is None else _Term(power(raised.value, value.value)))
        assert value is not None
        return value

    def _chain(self, first: Tree, rest: tuple[tuple[str, Tree], ...]) -> _Term:
        value = self.of(first)
        for op, operand in rest:
            other = self.of(operand)
            value = self._divided(value, other) if op == "/" else _BINARY[op](value, other)
        return value

    def _divided(self, a: _Term, b: _Term) -> _Term:
        """C++'s quotient; there is no negative 0 among ints."""
        if not (a.whole and b.whole):
            return _Term(over(a.value, apply("add", b.value, number(0)) if b.whole and b.integer is None else b.value))
        if b.integer == 0:
            what = f"the formula {self._text} divides a whole number by 0"
            raise HzdslError("syntax", what, fix="write 0. where a double is meant")
        if a.integer is not None and b.integer is not None:
            quotient = abs(a.integer) // abs(b.integer)
            return _Term(number(quotient if (a.integer < 0) == (b.integer < 0) else -quotient), True)
        return _Term(truncated(over(a.value, b.value)), True)

    def _choice(self, condition: Tree, yes: Tree, no: Tree) -> _Term:
        a, b = self.of(yes), self.of(no)
        return _Term(chosen(self.of(condition).truth, a.value, b.value), a.whole and b.whole)

    def _call(self, name: str, *operands: Tree) -> _Term:
        known = FUNCTIONS.get(name)
        if known is None:
            fix = did_you_mean(name, FUNCTIONS) or f"there are {', '.join(n for n in FUNCTIONS if ':' not in n)}"
            raise HzdslError("syntax", f"{name} is no function of formulas", fix=fix)
        if not known.least <= len(operands) <= known.most:
            count = f"{known.least}" if known.least == known.most else f"{known.least} to {known.most}"
            raise HzdslError("syntax", f"{name} takes {count} arguments, not {len(operands)}")
        given = [self.of(t) for t in operands]
        left_out = known.defaults[len(given) - known.least :]
        node = known.made(*(g.value for g in given), *map(number, left_out))
        return _Term(node, known.whole and (name == "int" or all(g.whole for g in given)))


def _with_signs(signs: tuple[str, ...], term: _Term) -> _Term:
    for sign in reversed(signs):
        if sign == "-":
            term = _Term(negative(term.value), term.whole)
        elif sign == "!":
            term = _Term(None, True, opposite(term.truth))
    return term


def _arithmetic(of_nodes: Callable[[Node, Node], Node], of_ints: Callable[[int, int], int]) -> Any:
    def made(a: _Term, b: _Term) -> _Term:
        i, j = a.integer, b.integer
        if i is not None and j is not None:  # so that a quotient of whole constants is known
            return _Term(number(of_ints(i, j)), True)
        return _Term(of_nodes(a.value, b.value), a.whole and b.whole)

    return made


def _condition(of_nodes: Callable[[Node, Node], Node]) -> Any:
    return lambda a, b: _Term(None, True, of_nodes(a.value, b.value))


def _logic(op: str) -> Any:
    return lambda a, b: _Term(None, True, apply(op, a.truth, b.truth))


_BINARY: Mapping[str, Callable[[_Term, _Term], _Term]] = MappingProxyType(
    {
        "+": _arithmetic(plus, lambda a, b: a + b),
        "-": _arithmetic(minus, lambda a, b: a - b),
        "*": _arithmetic(times, lambda a, b: a * b),
        "==": _condition(lambda a, b: apply("eq", a, b)),
        "!=": _condition(lambda a, b: opposite(apply("eq", a, b))),
        "<": _condition(less),
        "<=": _condition(lambda a, b: apply("le", a, b)),
        ">": _condition(lambda a, b: less(b, a)),
        ">=": _condition(lambda a, b: apply("le", b, a)),
        "&&": _logic("and"),
        "||": _logic("or"),
    }
)
