"""Running a random program: interpreter, compiled code and plain Python, bit for bit."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from hzdsl.backends.base import (
    FRACTION_BITS,
    MINUS_INFINITY,
    NAN,
    NUMPY,
    PLUS_INFINITY,
    TOO_LARGE,
    WORDS,
    Backend,
    Binning,
    Chunk,
    Dump,
    Fill,
    Partial,
    Program,
    Regular,
    Selection,
    Table,
)
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
    everything = [slow.Event(chunk, i, PARAMETERS) for i in range(chunk.entries)]
    gate = program.gate
    events = everything if gate is None else [e for e in everything if e.value(gate) == [True]]
    selected = [_select(s, events) for s in program.selections]
    fills = [_fill(f, events if f.region is None else selected[f.region][0]) for f in program.fills]
    pairs = zip(program.selections, selected, strict=True)
    return Partial(
        entries=chunk.entries,
        passed=[np.array([len(s) for s in stages[1:]], np.int64) for _, stages in selected],
        counts=[counts for counts, _, _ in fills],
        nans=[nans for _, nans, _ in fills],
        tables=[_table(s, alive) for s, (alive, _) in pairs],
        dumps=[Dump(*slow.arrays(n, [e.shown(n) for e in everything])) for n in program.dumps],
        accepted=len(events),
        flows=[_flow(s, stages) for s, (_, stages) in zip(program.selections, selected, strict=True)],
        sums=[sums for _, _, sums in fills],
        overlaps=_overlaps(program, [[e.number for e in alive] for alive, _ in selected]),
    )


def _select(selection: Selection, events: list[slow.Event]) -> tuple[list[slow.Event], list[list[slow.Event]]]:
    """Return the events that pass, and those alive before any cut and after each."""
    stages = [events]
    for cut in selection.cuts:
        stages.append([e for e in stages[-1] if e.value(cut) == [True]])
    return stages[-1], stages


def _flow(selection: Selection, stages: list[list[slow.Event]]) -> Any:
    found = np.zeros((len(stages), len(selection.weights), 2, WORDS), np.uint64)
    for (i, alive), (k, weight) in itertools.product(enumerate(stages), enumerate(selection.weights)):
        found[i, k] = _both_sums([e.value(weight)[0] for e in alive])
    return found


def _both_sums(weights: list[float]) -> Any:
    return [_exact(weights), _exact([w * w for w in weights])]


def _exact(numbers: list[float]) -> list[int]:
    """The sum in units of 2**-256, each summand rounded to the nearest, half to even, and flags of what is too large."""
    finite = [x for x in numbers if abs(x) < TOO_LARGE]
    total = sum(round(Fraction(x) * 2**FRACTION_BITS) for x in finite) % 2 ** (64 * (WORDS - 1))
    flags = {NAN if math.isnan(x) else PLUS_INFINITY if x > 0 else MINUS_INFINITY for x in numbers if x not in finite}
    return [*(total >> (64 * k) & (2**64 - 1) for k in range(WORDS - 1)), sum(flags)]


def _overlaps(program: Program, passing: list[list[int]]) -> Any:
    found = []
    for a, b in program.apart:
        inside = sorted({*passing[a]} & {*passing[b]})
        found.append((len(inside), inside[0] if inside else -1))
    return np.array(found, np.int64).reshape(len(found), 2)


def _table(selection: Selection, events: list[slow.Event]) -> Table:
    columns: list[tuple[Any, Any]] = []
    for output in selection.outputs:
        items = [e.value(output)[0] for e in events] if selection.listed else []
        values = np.array([0 if x is None else x for x in items], NUMPY[output.type.dtype])
        columns.append((values, np.array([x is not None for x in items], np.bool_) if output.type.optional else None))
    return Table(np.array([e.number for e in events] if selection.listed else [], np.int64), columns)


def _fill(fill: Fill, events: list[slow.Event]) -> tuple[Any, int, Any]:
    shape = [b.bins + 2 for b in fill.binnings]
    counts, nans, weights = np.zeros(shape, np.int64), 0, defaultdict[tuple[int, ...], list[list[float]]](list)
    for e in events:
        weight = [e.value(w)[0] for w in fill.weights]
        for row in zip(*(e.value(v) for v in fill.values), strict=True):
            if None not in row:
                where = tuple(_bin(b, x) for b, x in zip(fill.binnings, row, strict=True))
                counts[where] += 1
                nans += any(math.isnan(x) for x in row)
                weights[where].append(weight)
    sums = np.zeros((*shape, len(fill.weights), 2, WORDS), np.uint64)
    for where, rows in weights.items():
        for k, column in enumerate(zip(*rows, strict=True)):
            sums[(*where, k)] = _both_sums(list(column))
    return counts, nans, sums


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
