"""Look-ups of a document as ``table`` blocks of ADL: 0 outside, in one variable or two, perhaps with errors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from hzdsl.records import dataclass
from hzdsl.text import syntax as s

Digits = Callable[[s.Expr], str]


@dataclass(frozen=True)
class LookUp:
    """What is looked up, the edges of each variable, the values of all cells (those outside included), a variation."""

    values: tuple[s.Expr, ...]
    edges: tuple[tuple[s.Expr, ...], ...]
    cells: tuple[tuple[float, ...], ...]
    variation: str = ""

    def block(self, name: str, digits: Digits) -> list[str] | None:
        """Return the lines of the table; None where it is something else than 0 outside of its edges."""
        width = [len(e) + 1 for e in self.edges]
        lines = [f"table {name}", "  tabletype efficiency", f"  nvars {len(self.edges)}"]
        lines.append(f"  errors {'true' if len(self.cells) > 1 else 'false'}")
        for at, cell in enumerate(itertools.product(*(range(n) for n in width))):
            content = [grid[at] for grid in self.cells]
            if any(i in (0, n - 1) for i, n in zip(cell, width, strict=True)):
                if any(content):
                    return None
                continue
            value, *varied = content
            errors = [value - varied[1], varied[0] - value] if varied else []
            sides = [digits(e[i + k]) for i, e in zip(cell, self.edges, strict=True) for k in (-1, 0)]
            lines.append("  " + "  ".join([*(repr(x) for x in (value, *errors)), *sides]))
        return lines


def look_up(e: s.Expr, through: Callable[[s.Expr], s.Expr]) -> LookUp | None:
    """Return the look-up that an expression is, None where it is none; `through` looks through names."""
    e = through(e)
    if not (isinstance(e, s.Call) and isinstance(e.function, s.Name)):
        return None
    if e.function.name == "vary" and len(e.keywords) == 1 and len(e.arguments) == 1:
        ((name, both),) = e.keywords
        found = [look_up(x, through) for x in (*e.arguments, *(both.items if isinstance(both, s.Tuple) else ()))]
        places = {repr(_places(x)) for x in found}
        if len(found) == 3 and None not in found and len(places) == 1:
            nominal = found[0]
            assert nominal is not None
            return LookUp(nominal.values, nominal.edges, tuple(x.cells[0] for x in found if x is not None), name)
        return None
    if e.function.name != "entry" or len(e.arguments) != 1 or dict(e.keywords).keys() != {"values"}:
        return None
    row = dict(e.keywords)["values"]
    content = [_number(x) for x in row.items] if isinstance(row, s.Tuple) else [None]
    searches = _searches(through(e.arguments[0]), through)
    if None in content or searches is None:
        return None
    values, edges = zip(*searches, strict=True)
    return LookUp(values, edges, (tuple(x for x in content if x is not None),))


def _places(x: LookUp | None) -> Any:
    return None if x is None else s.shape((*x.values, *x.edges))


def _searches(e: s.Expr, through: Callable[[s.Expr], s.Expr]) -> list[tuple[s.Expr, tuple[s.Expr, ...]]] | None:
    """Return (value, edges) of ``search(x)`` or ``search(x)*n + search(y)``."""
    if isinstance(e, s.Chain) and len(e.rest) == 1 and e.rest[0][0] == "+":
        first, second = through(e.first), _search(through(e.rest[0][1]))
        if isinstance(first, s.Chain) and len(first.rest) == 1 and first.rest[0][0] == "*" and second is not None:
            outer, n = _search(through(first.first)), _number(first.rest[0][1])
            return [outer, second] if outer is not None and n == len(second[1]) + 1 else None
        return None
    found = _search(e)
    return None if found is None else [found]


def _search(e: s.Expr) -> tuple[s.Expr, tuple[s.Expr, ...]] | None:
    if isinstance(e, s.Call) and isinstance(e.function, s.Name) and e.function.name == "search":
        edges = dict(e.keywords).get("edges")
        if len(e.arguments) == 1 and isinstance(edges, s.Tuple):
            return e.arguments[0], edges.items
    return None


def _number(e: s.Expr) -> float | None:
    if isinstance(e, s.Unary) and e.op == "-":
        inner = _number(e.operand)
        return None if inner is None else -inner
    return e.value if isinstance(e, s.Number) else None


def named_after(found: LookUp, taken: Sequence[str]) -> str:
    """Return a name of the table: that of its variation, or one of its own."""
    if found.variation:
        return found.variation
    return next(name for k in itertools.count(1) if (name := f"table{k}") not in taken)
