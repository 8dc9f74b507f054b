"""The syntax tree of an expression: small frozen records that know where they stand.

Operators of one level and one direction are one flat record, so that a sum of thousands of terms is not deep.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from hzdsl.records import dataclass


@dataclass(frozen=True)
class Expr:
    """An expression; `start` and `end` are offsets into its source, `depth` counts the levels below it."""

    start: int
    end: int
    depth: int


@dataclass(frozen=True)
class Number(Expr):
    """A number as Python reads it."""

    value: int | float


@dataclass(frozen=True)
class Measure(Expr):
    """A number with a unit: ``5 GeV``."""

    value: int | float
    unit: str
    unit_start: int


@dataclass(frozen=True)
class String(Expr):
    """A string."""

    value: str


@dataclass(frozen=True)
class Name(Expr):
    """A bare name."""

    name: str


@dataclass(frozen=True)
class Chain(Expr):
    """Left-associative operators of one level: ``a + b - c``."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Logic(Expr):
    """``a and b and …`` or ``a or b or …``."""

    op: str
    items: tuple[Expr, ...]


@dataclass(frozen=True)
class Comparison(Expr):
    """``a < b <= c``: neighbours are compared, and all must hold."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Unary(Expr):
    """``-x``, ``+x``, ``~x``, ``not x``."""

    op: str
    operand: Expr


@dataclass(frozen=True)
class Power(Expr):
    """``base ** exponent``."""

    base: Expr
    exponent: Expr


@dataclass(frozen=True)
class Attribute(Expr):
    """``owner.name``."""

    owner: Expr
    name: str


@dataclass(frozen=True)
class Call(Expr):
    """``function(a, b, key=c)``, where the function is a name or a method of an expression."""

    function: Expr
    arguments: tuple[Expr, ...]
    keywords: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Index(Expr):
    """``owner[key]``."""

    owner: Expr
    key: Expr


@dataclass(frozen=True)
class Slice(Expr):
    """``owner[low:high]``."""

    owner: Expr
    low: Expr | None
    high: Expr | None


@dataclass(frozen=True)
class Tuple(Expr):
    """``(a, b, …)``."""

    items: tuple[Expr, ...]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a definition, perhaps with a default."""

    name: str
    default: Expr | None


@dataclass(frozen=True)
class Definition:
    """``name = body`` (parameters is None) or ``name(a, b = default) = body``; the offsets are those of the name."""

    start: int
    end: int
    name: str
    parameters: tuple[Parameter, ...] | None
    body: Expr


def shape(x: Any) -> Any:
    """Return a syntax tree as nested tuples without positions, for comparison.

    Examples
    --------
    >>> shape(Name(0, 1, 0, "x"))
    ('Name', 'x')
    """
    if isinstance(x, tuple):
        return tuple(shape(i) for i in x)
    if not isinstance(x, Expr):
        return x
    position = ("start", "end", "depth", "unit_start")
    return (type(x).__name__, *(shape(getattr(x, f.name)) for f in fields(x) if f.name not in position))
