"""Histograms in a table of comma-separated values: a row per bin, with what it is of, Σw and Σw²."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass
from hzdsl.stats.parameters import Vector

#: The columns of Σw and Σw² where a card does not name them.
USUAL = ("sum_w", "sum_ww")
NOMINAL = "nominal"


@dataclass(frozen=True)
class Table:
    """A table: the last two columns hold numbers, those before them say of which bin of what."""

    path: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def names(self) -> list[str]:
        """Return the names of its histograms, as cards have them."""
        depth = len(self.columns) - 3
        return [":".join(labels) for labels in dict.fromkeys(row[:depth] for row in self.rows)]

    def read(self, name: str) -> tuple[Vector, Vector]:
        """Return contents and Σw² of the bins of a histogram: ``channel:process[:systematic][,COLUMN:COLUMN]``.

        Raises
        ------
        HzdslError
            `histogram-missing`, `file-format`
        """
        labels = _labels(name)
        found = [row for row in self.rows if row[: len(labels)] == labels]
        if not found:
            fix = did_you_mean(":".join(labels), self.names()) or f"there are {', '.join(self.names()[:10])}"
            raise HzdslError("histogram-missing", f"{self.path} has no rows of {':'.join(labels)}", fix=fix)
        wanted = tuple(name.partition(",")[2].split(":")) if "," in name else USUAL
        missing = [w for w in wanted if w not in self.columns]
        if missing or len(wanted) != 2:
            fix = f"name two of {', '.join(self.columns)}"
            raise HzdslError("histogram-missing", f"{self.path} has no columns {':'.join(wanted)}", fix=fix)
        first, second = (self._numbers(found, self.columns.index(w)) for w in wanted)
        return first, second

    def has(self, name: str) -> bool:
        """Return whether there are rows of a histogram."""
        labels = _labels(name)
        return any(row[: len(labels)] == labels for row in self.rows)

    def _numbers(self, rows: Sequence[tuple[str, ...]], column: int) -> Vector:
        try:
            return np.array([float(row[column]) for row in rows])
        except ValueError:
            what = f"a {self.columns[column]} of {self.path} is no number"
            raise HzdslError("file-format", what, fix="write numbers in this column") from None


def _labels(name: str) -> tuple[str, ...]:
    labels = tuple(name.partition(",")[0].split(":"))
    return labels if len(labels) > 2 else (*labels, NOMINAL)


def read_table(path: str) -> Table:
    """Read a table.

    Raises
    ------
    HzdslError
        `file-missing`; `file-format` where rows are of different lengths.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            head, *rows = [tuple(row) for row in csv.reader(file) if row] or [()]
    except OSError:
        raise HzdslError("file-missing", f"there is no file {path}", fix="check the path") from None
    except (csv.Error, UnicodeDecodeError):
        raise HzdslError("file-format", f"{path} is no table of comma-separated values", fix="give a .csv") from None
    wrong = next((k for k, row in enumerate(rows, 2) if len(row) != len(head)), None)
    if len(head) < 4 or wrong is not None:
        what = f"row {wrong} of {path} has another length than the first" if wrong else f"{path} has too few columns"
        raise HzdslError("file-format", what, fix="write what it is of, the bin, Σw and Σw² in each row")
    return Table(path, head, tuple(rows))
