"""What ranges of entries contribute, as data: partial results that know which entries they are of, and their sums.

Everything in them is a whole number or an exact sum, so that parts may be added in any order and grouping: what comes
out has the same bits. Only the rows of tables have an order, that of their entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import NUMPY, WORDS, Array, Counts, Partial, Program, Table, add_sums
from hzdsl.run.spans import Ranges, joined

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """What some entries of one sample contribute.

    Attributes
    ----------
    job : int
        The number of the sample in its run.
    ranges : tuple of (int, int)
        The entries, counted through the files of the sample: ascending, apart from each other.
    partial : Partial
        Their sums. The entries of its tables and overlaps are counted as those of `ranges` are.
    """

    job: int
    ranges: Ranges
    partial: Partial


def placed(job: int, start: int, partial: Partial) -> Part:
    """Return the partial result of one chunk as a part: its entry 0 is entry `start` of the sample."""
    tables = [Table(t.entry + start, t.columns) for t in partial.tables]
    overlaps = partial.overlaps.copy()
    overlaps[overlaps[:, 1] >= 0, 1] += start
    ranges = ((start, start + partial.entries),) if partial.entries else ()
    return Part(job, ranges, replace(partial, tables=tables, overlaps=overlaps))


class Sum:
    """The running sum of parts of one sample, in whatever order they come.

    Parameters
    ----------
    job : int
        The number of the sample.
    program : Program
        What was executed.
    tables : bool
        Whether parts have tables.
    """

    def __init__(self, job: int, program: Program, tables: bool) -> None:
        self._job = job
        self.ranges: Ranges = ()
        self._sum = nothing(program, tables)
        self._tables: list[list[Table]] = [[t] for t in self._sum.tables]

    def add(self, part: Part) -> None:
        """Add a part, which is not changed. No entry can be added twice: that is a mistake of hzdsl."""
        assert part.job == self._job, f"a part of sample {part.job} added to sample {self._job}"
        self.ranges = joined(self.ranges, part.ranges)
        _add(self._sum, part.partial)
        for kept, table in zip(self._tables, part.partial.tables, strict=True):
            if len(table.entry):
                kept.append(table)

    @property
    def entries(self) -> int:
        """How many entries were added."""
        return self._sum.entries

    def part(self) -> Part:
        """Return all that was added as one part."""
        return Part(self._job, self.ranges, replace(self._sum, tables=[_table(of) for of in self._tables]))


def together(program: Program, parts: Iterable[Part]) -> Part:
    """Return the sum of one or more parts of one sample."""
    first, *others = parts
    total = Sum(first.job, program, bool(first.partial.tables))
    for part in (first, *others):
        total.add(part)
    return total.part()


def nothing(program: Program, tables: bool = False) -> Partial:
    """Return what a program gives of no entries."""
    rows = [[b.bins + 2 for b in f.binnings] for f in program.fills]
    return Partial(
        0,
        [np.zeros(len(s.cuts), np.int64) for s in program.selections],
        [np.zeros(shape, np.int64) for shape in rows],
        [0] * len(rows),
        [_no_rows(program, i) for i in range(len(program.selections))] if tables else [],
        [],
        0,
        [np.zeros((len(s.cuts) + 1, len(s.weights), 2, WORDS), np.uint64) for s in program.selections],
        [np.zeros((*n, len(f.weights), 2, WORDS), np.uint64) for n, f in zip(rows, program.fills, strict=True)],
        np.full((len(program.apart), 2), (0, -1), np.int64),
    )


def _no_rows(program: Program, i: int) -> Table:
    types = [n.type for n in program.selections[i].outputs]
    columns = [(np.zeros(0, NUMPY[t.dtype]), np.zeros(0, np.bool_) if t.optional else None) for t in types]
    return Table(np.zeros(0, np.int64), columns)


def _add(total: Partial, new: Partial) -> None:
    """Add all but the tables to sums, which are changed in place."""
    total.entries += new.entries
    total.accepted += new.accepted
    total.nans = [a + b for a, b in zip(total.nans, new.nans, strict=True)]
    for a, b in zip((*total.passed, *total.counts), (*new.passed, *new.counts), strict=True):
        np.add(a, b, out=a)
    for sums, more in zip((*total.flows, *total.sums), (*new.flows, *new.sums), strict=True):
        add_sums(sums, more)
    total.overlaps = _overlaps(total.overlaps, new.overlaps)


def _overlaps(a: Counts, b: Counts) -> Counts:
    """Return how many events are in both of each pair of regions, and the first of them.

    Examples
    --------
    >>> _overlaps(np.array([[0, -1], [2, 7]]), np.array([[1, 5], [1, 3]])).tolist()
    [[1, 5], [3, 3]]
    """
    first = np.minimum(a[:, 1].astype(np.uint64), b[:, 1].astype(np.uint64)).astype(np.int64)  # none: the largest
    return np.stack([a[:, 0] + b[:, 0], first], axis=1)


def _table(parts: list[Table]) -> Table:
    """Return rows as one table, in the order of their entries."""
    entry = np.concatenate([t.entry for t in parts])
    columns = [_column([t.columns[k] for t in parts]) for k in range(len(parts[0].columns))]
    if np.all(entry[1:] > entry[:-1]):
        return Table(entry, columns)
    order = np.argsort(entry)
    return Table(entry[order], [(v[order], None if m is None else m[order]) for v, m in columns])


def _column(parts: list[tuple[Array, Mask | None]]) -> tuple[Array, Mask | None]:
    """Return pieces of a column as one; what may be missing says so in the first piece."""
    values = np.concatenate([v for v, _ in parts])
    if parts[0][1] is None:
        return values, None
    return values, np.concatenate([np.ones(len(v), np.bool_) if m is None else m for v, m in parts])
