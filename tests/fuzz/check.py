"""Running a random program: interpreter, compiled code and plain Python, bit for bit."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import numpy as np

from hzdsl.backends.base import NUMPY, Backend, Binning, Chunk, Dump, Fill, Partial, Program, Regular, Selection, Table
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from tests.backends import slow
from tests.backends.compare import differences
from tests.fuzz.programs import PARAMETERS


@dataclass(frozen=True)
class Outcome:
    """What a program did, and on what its evaluations differ."""

    differences: tuple[str, ...]
    keeps: bool
    rejects: bool
    fills: bool


def compare(program: Program, chunk: Chunk, compiled: Backend | None = None) -> Outcome:
    """Run a program on both backends and in plain Python, and compare everything.

    `compiled` stands for the compiled backend in tests of the hunt itself.
    """
    backends: tuple[Backend, ...] = (compiled or CodegenBackend(), InterpretBackend())
    try:
        native, interpreted = (b.compile(program).run(chunk, PARAMETERS, tables=True) for b in backends)
        plain = plain_python(program, chunk)
    except Exception as error:  # whatever it is, it is a find: a program that the rules allow runs
        return Outcome((f"fails: {error!r}",), keeps=False, rejects=False, fills=False)
    found = differences(program, native, interpreted)
    found += [f"plain Python: {text}" for text in differences(program, interpreted, plain)]
    last = [int(p[-1]) for p in interpreted.passed if len(p)]
    inside = [counts[(slice(1, -1),) * counts.ndim] for counts in interpreted.counts]
    return Outcome(
        tuple(found),
        keeps=any(n > 0 for n in last),
        rejects=any(n < chunk.entries for n in last),
        fills=any(int(h.sum()) > 0 for h in inside),
    )


# ---- regions, tables and histograms in plain Python ------------------------------------------------------------------


def plain_python(program: Program, chunk: Chunk) -> Partial:
    """Return what a program gives, one event at a time in plain Python."""
    events = [slow.Event(chunk, i, PARAMETERS) for i in range(chunk.entries)]
    selected = [_select(s, events) for s in program.selections]
    fills = [_fill(f, events if f.region is None else selected[f.region][0]) for f in program.fills]
    pairs = zip(program.selections, selected, strict=True)
    return Partial(
        entries=chunk.entries,
        passed=[passed for _, passed in selected],
        counts=[counts for counts, _ in fills],
        nans=[nans for _, nans in fills],
        tables=[_table(s, alive) for s, (alive, _) in pairs],
        dumps=[Dump(*slow.arrays(n, [e.shown(n) for e in events])) for n in program.dumps],
    )


def _select(selection: Selection, events: list[slow.Event]) -> tuple[list[slow.Event], Any]:
    passed = []
    for cut in selection.cuts:
        events = [e for e in events if e.value(cut) == [True]]
        passed.append(len(events))
    return events, np.array(passed, np.int64)


def _table(selection: Selection, events: list[slow.Event]) -> Table:
    columns: list[tuple[Any, Any]] = []
    for output in selection.outputs:
        items = [e.value(output)[0] for e in events]
        values = np.array([0 if x is None else x for x in items], NUMPY[output.type.dtype])
        columns.append((values, np.array([x is not None for x in items], np.bool_) if output.type.optional else None))
    return Table(np.array([e.number for e in events], np.int64), columns)


def _fill(fill: Fill, events: list[slow.Event]) -> tuple[Any, int]:
    counts = np.zeros([b.bins + 2 for b in fill.binnings], np.int64)
    rows = itertools.chain.from_iterable(zip(*(e.value(v) for v in fill.values), strict=True) for e in events)
    whole = [row for row in rows if None not in row]
    for row in whole:
        counts[tuple(_bin(b, x) for b, x in zip(fill.binnings, row, strict=True))] += 1
    return counts, sum(any(math.isnan(x) for x in row) for row in whole)


def _bin(binning: Binning, x: float) -> int:
    """Return the bin of a value, 0 being the underflow; NaN overflows."""
    if math.isnan(x):
        return binning.bins + 1
    if not isinstance(binning, Regular):
        return bisect_right(binning.edges, x)
    z = (x - binning.low) / (binning.high - binning.low)
    if z >= 1:
        return binning.bins + 1
    return 1 + int(z * binning.bins) if z >= 0 else 0
