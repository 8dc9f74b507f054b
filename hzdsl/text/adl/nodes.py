"""What the trees of ADL hold beyond those of the text form.

The first group is what is parsed and then translated; the second is what the translation says to the elaborator
beyond the text form: numbers without units, "not" of what may be missing, text that stands elsewhere.
"""

from __future__ import annotations

from typing import Any

from hzdsl.records import dataclass
from hzdsl.text.source import Source
from hzdsl.text.syntax import Expr

# ---- parsed ----


@dataclass(frozen=True)
class Between(Expr):
    """``x [] low high`` (inside, with the bounds) or ``x ][ low high`` (outside)."""

    value: Expr
    inside: bool
    low: Expr
    high: Expr


@dataclass(frozen=True)
class Near(Expr):
    """``x ~= y`` (as near as can be) or ``x ~! y`` (as far)."""

    value: Expr
    target: Expr
    nearest: bool


@dataclass(frozen=True)
class Choice(Expr):
    """``condition ? yes : no``; without `no`, only where the condition holds something is said."""

    condition: Expr
    yes: Expr
    no: Expr | None


@dataclass(frozen=True)
class Beside(Expr):
    """Objects side by side, which are added: ``Muo[0] Muo[1]``."""

    items: tuple[Expr, ...]


# ---- said to the elaborator ----


@dataclass(frozen=True)
class Known(Expr):
    """A value that has been computed."""

    value: Any


@dataclass(frozen=True)
class Fitted(Expr):
    """A sum, comparison or call in which a bare number takes the natural unit of the other operands."""

    whole: Expr


@dataclass(frozen=True)
class Denied(Expr):
    """The negation of a condition; what is missing does not hold, so its negation does."""

    operand: Expr


@dataclass(frozen=True)
class Elsewhere(Expr):
    """An expression that stands in another line of the file."""

    inner: Expr
    source: Source
