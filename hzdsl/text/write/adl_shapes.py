"""Which expressions of a document are the same, and which collections an element is an element of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from hzdsl.text import syntax as s

_POSITIONS = ("start", "end", "depth", "unit_start")


class Shapes:
    """Numbers for expressions: the same number for the same expression, names of definitions looked through.

    Parameters
    ----------
    bodies : pairs (name, tree)
        The definitions, those that are used before those that use them.
    """

    def __init__(self, bodies: Iterable[tuple[str, s.Expr]]) -> None:
        self.bodies: dict[str, s.Expr] = {}
        self._numbers: dict[Any, int] = {}
        self._defined: dict[str, int] = {}
        self._lineages: dict[int, frozenset[int]] = {}
        for name, body in bodies:
            self._defined[name] = self.number(body)
            self.bodies[name] = body

    def number(self, e: s.Expr) -> int:
        """Return the number of an expression."""
        if isinstance(e, s.Name) and e.name in self._defined:
            return self._defined[e.name]
        if isinstance(e, s.Attribute) and e.owner == s.Name(e.owner.start, e.owner.end, e.owner.depth, "ev"):
            return self._numbered(("Name", e.name))
        if isinstance(e, s.Attribute) and e.name == "p4":
            return self.number(e.owner)
        return self._numbered(
            (type(e).__name__, *(self._part(getattr(e, n.name)) for n in fields(e) if n.name not in _POSITIONS))
        )

    def _part(self, x: Any) -> Any:
        if isinstance(x, s.Expr):
            return self.number(x)
        return tuple(self._part(i) for i in x) if isinstance(x, tuple) else repr(x)

    def _numbered(self, key: tuple[Any, ...]) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def lineage(self, e: s.Expr) -> frozenset[int]:
        """Return the numbers of a collection and of all that its elements are elements of, too."""
        number = self.number(e)
        if number not in self._lineages:
            owner = selected_from(self.looked_up(e))
            self._lineages[number] = frozenset([number]) | (self.lineage(owner) if owner is not None else frozenset())
        return self._lineages[number]

    def looked_up(self, e: s.Expr) -> s.Expr:
        """Return what a name is defined as, and anything else as it is."""
        while isinstance(e, s.Name) and e.name in self.bodies:
            e = self.bodies[e.name]
        return e


def selected_from(e: s.Expr) -> s.Expr | None:
    """Return the collection from which another is selected, ordered or sliced; None for any other expression."""
    if isinstance(e, s.Slice) or (isinstance(e, s.Index) and not is_number(e.key)):
        return e.owner
    if isinstance(e, s.Call) and isinstance(e.function, s.Attribute) and e.function.name in SELECTING:
        return e.function.owner
    return None


def is_number(e: s.Expr) -> bool:
    """Return whether an expression is a number, with or without a sign."""
    return isinstance(e.operand if isinstance(e, s.Unary) else e, s.Number)


#: Methods that return some or all elements of their collection.
SELECTING = frozenset({"sort", "opposite_charge", "same_charge", "same_flavor"})
