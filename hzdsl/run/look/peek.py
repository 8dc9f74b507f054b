"""The first events of expressions as a table to be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hzdsl.ir.html import html_table
from hzdsl.ir.node import Node
from hzdsl.ir.view import View
from hzdsl.results.text import TextTable, text_of
from hzdsl.run.look.arrays import flat_columns, particles, whole_valid
from hzdsl.run.look.look import Seen

MISSING = "–"
LONGEST_CELL = 60


@dataclass(frozen=True)
class Peek:
    """A table of a few events. It shows itself at a prompt and in a notebook; in a program, print it."""

    table: TextTable

    def __repr__(self) -> str:
        """Return the table as text."""
        return text_of([self.table]).rstrip("\n")

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        return html_table(self.table.title, self.table.header, self.table.rows, numbers=True)


def peek_table(views: Sequence[View], seen: Seen) -> Peek:
    """Return a row per entry and a column per value; objects have one per attribute and one of particle indices.

    Lists along collections stand in brackets, what is missing is a dash, units stand in the header.
    """
    columns = [c for v in views for c in _columns(v, seen, alone=len(views) == 1)]
    entries = range(seen.start, seen.stop)
    rows = tuple((str(i), *(cells[k] for _, cells in columns)) for k, i in enumerate(entries))
    title = views[0].name if len(views) == 1 and not views[0].plain else ""
    return Peek(TextTable(title, ("entry", *(name for name, _ in columns)), rows))


def _columns(view: View, seen: Seen, alone: bool) -> list[tuple[str, list[str]]]:
    """Return the header and the cells of every column of a view."""
    if view.plain:
        (node,) = view.columns.values()
        return [(_headed(view.name, node), _cells(view, seen, _texts(view, seen, "", node)))]
    prefix = "" if alone else f"{view.name}."
    made = [
        (_headed(f"{prefix}{name}", node), _cells(view, seen, _texts(view, seen, name, node)))
        for name, node in view.columns.items()
    ]
    if view.references:
        made.insert(0, (f"{prefix}index", _cells(view, seen, _particles(view, seen))))
    return made


def _headed(name: str, node: Node) -> str:
    unit = str(node.type.unit)
    return f"{name} [{unit}]" if unit else name


def _texts(view: View, seen: Seen, name: str, node: Node) -> list[str]:
    """Return every position's value as text."""
    values, valid = flat_columns(view, seen, index=False)[name]
    there = np.ones(len(values), np.bool_) if valid is None else valid
    show = _shown(node)
    return [show(x) if ok else MISSING for x, ok in zip(values.tolist(), there.tolist(), strict=True)]


def _shown(node: Node) -> Callable[[object], str]:
    """Return how the values of a node are written: floating numbers to six digits."""
    return (lambda x: f"{x:.6g}") if node.type.dtype.floating else str


def _particles(view: View, seen: Seen) -> list[str]:
    """Return which particles every position is made of: ``2``, ``(0, 2)`` or, of a union, ``Muon 2``."""
    legs = [
        [f"{name} {i}".strip() for name, i in zip(of or [""] * len(row), row.tolist(), strict=True)]
        for row, _, of in particles(view, seen)
    ]
    rows = list(zip(*legs, strict=True))
    whole = whole_valid(view, seen)
    there = [True] * len(rows) if whole is None else whole.tolist()
    return [_tuple(row) if ok else MISSING for row, ok in zip(rows, there, strict=True)]


def _tuple(row: tuple[str, ...]) -> str:
    return row[0] if len(row) == 1 else f"({', '.join(row)})"


def _cells(view: View, seen: Seen, texts: list[str]) -> list[str]:
    """Return the cell of every entry: texts folded into the lists that enclose them, the innermost first."""
    for offsets in reversed(seen.lists(view.axis)):
        bounds = offsets.tolist()
        texts = [_list(texts[a:b]) for a, b in pairwise(bounds)]
    return texts


def _list(texts: list[str]) -> str:
    """Return a list in brackets, its middle left out where it gets too long.

    Examples
    --------
    >>> _list(["1", "2"]), _list([str(i) for i in range(100, 200)])
    ('[1, 2]', '[100, 101, 102, 103, 104, 105, 106, 107, …, 199] (100)')
    """
    whole = f"[{', '.join(texts)}]"
    if len(whole) <= LONGEST_CELL or len(texts) < 3:
        return whole
    kept: list[str] = []
    for text in texts[:-1]:
        if len(", ".join([*kept, text])) > LONGEST_CELL - 20:
            break
        kept.append(text)
    return f"[{', '.join([*kept, '…', texts[-1]])}] ({len(texts)})"
