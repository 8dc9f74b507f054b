"""Tables of text: how they are drawn on a terminal and in files, and how numbers are written in them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import IO, Any

from hzdsl.records import dataclass

#: Labels are folded to so many cells before a table is split.
LEAST_LABEL = 18


@dataclass(frozen=True)
class TextTable:
    """A titled table of strings, with sums and a remark below.

    Where it holds numbers, all columns but the first stand to the right, errors (``± 1.2``) beside what they belong to.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[tuple[str, ...], ...] = ()
    numbers: bool = True
    note: str = ""


def render(tables: Iterable[TextTable], stream: IO[str]) -> None:
    """Write tables to a stream: in colour and as wide as the terminal there, as plain text elsewhere.

    Examples
    --------
    >>> import sys
    >>> render([TextTable("t", ("cut", "events"), (("pt > 5 GeV", "12"),))], sys.stdout)
    t
     cut          events
    ─────────────────────
     pt > 5 GeV       12
    """
    if stream.isatty():
        _draw(tables, stream, None)
    else:
        stream.write(text_of(tables))


def text_of(tables: Iterable[TextTable]) -> str:
    """Return tables as plain text, as wide as it takes."""
    import io

    stream = io.StringIO()
    _draw(tables, stream, 10_000)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()).strip("\n") + "\n"


def _draw(tables: Iterable[TextTable], stream: IO[str], width: int | None) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, width=width, highlight=False)
    for table in tables:
        for part in fitted(table, console.width):
            made = Table(box=SIMPLE_HEAD, show_edge=False)
            for i, name in enumerate(part.header):
                made.add_column(Text(name), **_style(part, i))
            for row in part.rows:
                made.add_row(*map(Text, row))
            if part.sums:
                made.add_section()
            for row in part.sums:
                made.add_row(*map(Text, row), style="bold")
            console.print(Text(f"\n{part.title}", style="bold"))
            console.print(made)
        if table.note:
            console.print(Text(f" {table.note}", style="dim"))


def fitted(table: TextTable, width: int) -> list[TextTable]:
    """Return a table of numbers as several, the first column in each, where it is wider than the terminal.

    Before that the first column is folded, as far as it can still be read.

    Examples
    --------
    >>> wide = TextTable("t", ("cut", "zz", "signal"), (("pt > 5 GeV", "12", "3"),))
    >>> [part.header for part in fitted(wide, 20)], fitted(wide, 80) == [wide]
    ([('cut', 'zz'), ('cut', 'signal')], True)
    """
    from rich.cells import cell_len

    rows = (table.header, *table.rows, *table.sums)
    widths = [max(map(cell_len, column)) + 3 for column in zip(*rows, strict=True)]
    widths[0] = min(widths[0], LEAST_LABEL)  # it is folded where it has to be
    if not table.numbers or sum(widths) <= width:
        return [table]
    parts: list[list[int]] = [[]]
    for columns in _together(table.header):
        if parts[-1] and widths[0] + sum(widths[k] for k in (*parts[-1], *columns)) > width:
            parts.append([])
        parts[-1] += columns

    def some(cells: tuple[str, ...], columns: list[int]) -> tuple[str, ...]:
        return (cells[0], *(cells[k] for k in columns))

    return [
        replace(
            table,
            title=table.title if not n else f"{table.title} (continued)",
            header=some(table.header, part),
            rows=tuple(some(row, part) for row in table.rows),
            sums=tuple(some(row, part) for row in table.sums),
        )
        for n, part in enumerate(parts)
    ]


def _together(header: tuple[str, ...]) -> list[list[int]]:
    """Return the columns after the first, errors in one group with what they belong to."""
    groups: list[list[int]] = []
    for i in range(1, len(header)):
        if header[i].startswith("±") and groups:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _style(table: TextTable, column: int) -> dict[str, Any]:
    right = table.numbers and column > 0
    errors = right and table.header[column].startswith("±")
    return {"justify": "right" if right and not errors else "left", "no_wrap": right, "overflow": "fold"}


def number(x: float) -> str:
    """Return a number with four digits or, where it is larger, all those before the point.

    Examples
    --------
    >>> number(6.69812), number(61998.4), number(1.0)
    ('6.698', '61998', '1')
    """
    return f"{x:.0f}" if abs(x) >= 1000 or x.is_integer() else f"{x:.4g}"


#: Numbers of more decimals, or as many digits before these, are written with an exponent.
MOST_DECIMALS = 12


def value_and_error(value: float, error: float, digits: int = 2) -> tuple[str, str]:
    """Return a value and its error, both to two (or other) digits of the error; no error where there is none.

    Examples
    --------
    >>> value_and_error(93.3381, 1.642), value_and_error(6.69812, 0.0416), value_and_error(0.0, 0.0)
    (('93.3', '± 1.6'), ('6.698', '± 0.042'), ('0', ''))
    """
    if not 0 < error < math.inf:
        return number(value), ""
    decimals = max(0, digits - 1 - math.floor(math.log10(error)))
    if decimals > MOST_DECIMALS or not abs(value) < 10.0**MOST_DECIMALS:
        return f"{value:z.{MOST_DECIMALS}g}", f"± {error:.{digits}g}"
    return f"{value:z.{decimals}f}", f"± {error:.{decimals}f}"


def rounded(value: float, scale: float, digits: int = 4, *, signed: bool = False) -> str:
    """Return a number to so many digits of a scale: an error, the largest of a table; ``0`` where none is left.

    Where there is no scale, with so many digits of its own.

    Examples
    --------
    >>> rounded(0.04799, 0.2546), rounded(-3e-17, 0.2546), rounded(0.25, 0.25, signed=True), rounded(1e-9, 0.0)
    ('0.0480', '0', '+0.2500', '1e-09')
    """
    sign = "+" if signed else ""
    if not 0 < abs(scale) < math.inf:
        return f"{value:{sign}z.{digits}g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(scale))))
    return "0" if round(value, decimals) == 0 else f"{value:{sign}.{decimals}f}"


def two_sides(below: float, above: float, notes: tuple[str, str] = ("", "")) -> str:
    """Return errors below and above with what is noted of each; one that is rounding of the other is 0.

    Examples
    --------
    >>> two_sides(0.5987, 0.6644), two_sides(3.7e-11, 0.6343, (" (bound)", ""))
    ('-0.5987 / +0.6644', '-0 (bound) / +0.6343')
    """
    least = 1e-6 * max(abs(below), abs(above))
    low, high = ("0" if abs(e) <= least else f"{e:.4g}" for e in (below, above))
    return f"-{low}{notes[0]} / +{high}{notes[1]}"


def percent(part: float, whole: float) -> str:
    """Return a share, nothing where there is none to speak of.

    Examples
    --------
    >>> percent(1, 8), percent(1, 0)
    ('12.50 %', '')
    """
    return f"{100 * part / whole:.2f} %" if whole > 0 else ""
