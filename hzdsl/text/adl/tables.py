"""``table`` blocks: values with ranges of one or two variables, and what is looked up or drawn with them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hzdsl.errors import HzdslError, Place
from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.adl.histograms import numbers
from hzdsl.text.adl.lines import Block, Line

Number = int | float
_FIELDS: Mapping[str, str] = MappingProxyType({"tabletype": "efficiency", "nvars": "1", "errors": "false"})


@dataclass(frozen=True)
class Table:
    """A table: the edges of each variable, and the values of the cells in the order of the first variable.

    With errors there are three grids of values: the nominal one, with the errors added, with the errors subtracted.
    Outside of its ranges, and in a gap between them, a table is 0.
    """

    name: str
    edges: tuple[tuple[Number, ...], ...]
    values: tuple[tuple[Number, ...], ...]

    @property
    def variables(self) -> int:
        """How many values a look-up takes."""
        return len(self.edges)

    def at(self, e: s.Expr, values: Sequence[s.Expr]) -> s.Expr:
        """Return the look-up; errors become the variation that has the name of the table."""
        nominal, *varied = (self._call(e, values, grid) for grid in self.values)
        if not varied:
            return nominal
        both = s.Tuple(e.start, e.end, e.depth, tuple(varied))
        return _called(e, "vary", (nominal,), ((self.name, both),))

    def _call(self, e: s.Expr, values: Sequence[s.Expr], grid: Sequence[Number]) -> s.Expr:
        edges = [_row(e, row) for row in self.edges]
        outside = ("outside", s.Number(e.start, e.end, 1, 0))
        if len(values) == 1:
            return _called(e, "table", values, (("edges", edges[0]), ("values", _row(e, grid)), outside))
        pairs = [s.Tuple(e.start, e.end, x.depth + 1, (x, row)) for x, row in zip(values, edges, strict=True)]
        width = len(self.edges[1]) - 1
        rows = tuple(_row(e, grid[i : i + width]) for i in range(0, len(grid), width))
        return _called(e, "table", pairs, (("values", s.Tuple(e.start, e.end, 3, rows)), outside))


def _called(e: s.Expr, name: str, arguments: Sequence[s.Expr], keywords: tuple[tuple[str, s.Expr], ...]) -> s.Call:
    return s.Call(e.start, e.end, e.depth, s.Name(e.start, e.end, 1, name), tuple(arguments), keywords)


def _row(e: s.Expr, row: Sequence[Number]) -> s.Tuple:
    return s.Tuple(e.start, e.end, 2, tuple(s.Number(e.start, e.end, 1, x) for x in row))


# ---- reading -------------------------------------------------------------------------------------------------------


def table(name: str, block: Block) -> Table:
    """Return what a block holds.

    Raises
    ------
    HzdslError
        ``spec-value`` for fields and rows that are none, ``binning`` for ranges that overlap.
    """
    fields, rows = dict(_FIELDS), []
    for line in block.lines:
        word = line.word.casefold()
        if word in fields:
            fields[word] = line.body.casefold()
        else:
            rows.append(line)
    if fields["nvars"] not in ("1", "2") or fields["errors"] not in ("true", "false"):
        what = f"table '{name}' has nvars {fields['nvars']}, errors {fields['errors']}"
        raise HzdslError("spec-value", what, fix="nvars is 1 or 2, errors true or false", place=block.head.after())
    before = 3 if fields["errors"] == "true" else 1
    content = [_row_of(name, line, before, int(fields["nvars"])) for line in rows]
    if not content:
        raise HzdslError("spec-value", f"table '{name}' has no rows", fix="0.95  20 30", place=block.head.after())
    edges = tuple(
        tuple(sorted({b for side in column for b in side})) for column in zip(*(r.sides for r in content), strict=True)
    )
    filled: dict[tuple[int, ...], tuple[Number, ...]] = {}
    for row in content:
        spans = [range(e.index(low), e.index(high)) for e, (low, high) in zip(edges, row.sides, strict=True)]
        for cell in itertools.product(*spans):
            if cell in filled:
                raise HzdslError("binning", f"two rows of table '{name}' overlap", place=row.place)
            filled[cell] = row.grids
    cells = [filled.get(c, (0,) * before) for c in itertools.product(*(range(len(e) - 1) for e in edges))]
    return Table(name, edges, tuple(zip(*cells, strict=True)))


@dataclass(frozen=True)
class _Row:
    """A row: what the table, and the table with its errors added and subtracted, is between the sides."""

    grids: tuple[Number, ...]
    sides: tuple[tuple[Number, Number], ...]
    place: Place


def _row_of(name: str, line: Line, before: int, variables: int) -> _Row:
    """Return a row, of which `before` numbers are the value and its errors, downwards first."""
    found = numbers(line.blanked(0) if not line.word else "")
    place = line.source.place(0, len(line.source.text.rstrip()))
    if len(found) != before + 2 * variables:
        said = "the value, the errors downwards and upwards" if before > 1 else "the value"
        n, where = before + 2 * variables, "where each variable begins and ends"
        what = f"a row of table '{name}' has {n} numbers: {said}, and {where}"
        raise HzdslError("spec-value", what, place=place)
    sides = tuple(zip(found[before::2], found[before + 1 :: 2], strict=True))
    if any(low >= high for low, high in sides):
        raise HzdslError("binning", f"a range of table '{name}' runs the wrong way round", place=place)
    value, *errors = found[:before]
    return _Row((value, value + errors[1], value - errors[0]) if errors else (value,), sides, place)


# ---- drawing -------------------------------------------------------------------------------------------------------


def efficiency(e: s.Expr) -> tuple[s.Expr, bool | None]:
    """Return the table of ``table(x) == 1``, and whether what it accepts is kept (None: it is something else)."""
    if isinstance(e, s.Comparison) and len(e.rest) == 1:
        ((op, number),) = e.rest
        if op == "==" and isinstance(number, s.Number) and number.value in (0, 1):
            return e.first, number.value == 1
    return e, None


def seed(e: s.Expr) -> int:
    """Return the seed of the random numbers of a look-up: another for another table, or another argument of it."""
    return int.from_bytes(hashlib.sha256(repr(s.shape(e)).encode()).digest()[:6], "big")
