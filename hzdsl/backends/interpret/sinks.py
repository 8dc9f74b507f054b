"""What a program asks for once its nodes are evaluated: cutflows, tables, histograms, overlaps, dumps."""

from __future__ import annotations

import boost_histogram as bh
import numpy as np

from hzdsl.backends.base import (
    SLOT,
    WORDS,
    Binning,
    Counts,
    Dump,
    Fill,
    Program,
    Regular,
    Selection,
    Sums,
    Table,
    add_sums,
)
from hzdsl.backends.interpret.evaluation import Evaluation
from hzdsl.backends.interpret.exact import exact_sums
from hzdsl.backends.interpret.values import Data, Indices, Mask, both
from hzdsl.ir.axes import EVENT, leaf_axes
from hzdsl.ir.node import Node


def gate(program: Program, run: Evaluation) -> Mask | None:
    """Return which events are seen at all; None: every one."""
    return None if program.gate is None else run.value(program.gate).data


def select(selection: Selection, seen: Mask | None, run: Evaluation) -> tuple[Mask, Counts, Sums]:
    """Return which events pass all cuts, how many pass each and those before it, and their weights."""
    alive = np.ones(run.chunk.entries, np.bool_) if seen is None else seen
    stages = [alive]
    for cut in selection.cuts:
        stages.append(stages[-1] & run.value(cut).data)  # false where missing
    passed = np.array([np.count_nonzero(s) for s in stages[1:]], np.int64)
    return stages[-1], passed, _flow(selection, stages, run)


def _flow(selection: Selection, stages: list[Mask], run: Evaluation) -> Sums:
    """Return the sums of weights after each cut, from those of the events that get no further than it."""
    flow = np.zeros((len(stages), len(selection.weights), 2, WORDS), np.uint64)
    last = np.stack(stages).sum(axis=0, dtype=np.int64) - 1
    for k, weight in enumerate(selection.weights):
        flow[:, k] = _sums(run.value(weight).data[stages[0]], last[stages[0]], len(stages))
    for i in reversed(range(len(stages) - 1)):
        add_sums(flow[i], flow[i + 1])
    return flow


def _sums(weights: Data, bins: Indices, n: int) -> Sums:
    """Return the sum and the sum of squares of weights, per bin."""
    return np.stack([exact_sums(weights, bins, n), exact_sums(weights * weights, bins, n)], axis=1)


def overlaps(program: Program, passing: list[Mask]) -> Counts:
    """Return, per pair of regions that are to be apart, the events in both: how many, and the first."""
    found = np.full((len(program.apart), 2), (0, -1), np.int64)
    for i, (a, b) in enumerate(program.apart):
        inside = np.flatnonzero(passing[a] & passing[b])
        if len(inside):
            found[i] = len(inside), inside[0]
    return found


def tabulate(selection: Selection, passing: Mask, run: Evaluation) -> Table:
    """Return the outputs of the events that pass."""
    entry = np.flatnonzero(passing) if selection.listed else np.zeros(0, np.int64)
    table = Table(entry, [])
    for output in selection.outputs:
        value = run.value(output)
        valid = value.present[entry] if output.type.optional else None
        table.columns.append((value.data[entry], valid))
    return table


def _axis_of(binning: Binning) -> bh.axis.Axis:
    if isinstance(binning, Regular):
        return bh.axis.Regular(binning.bins, binning.low, binning.high)
    return bh.axis.Variable(binning.edges)


def fill(what: Fill, passing: Mask | None, run: Evaluation) -> tuple[Counts, int, Sums]:
    """Return the contents, flow bins included, how many entries had a NaN among their values, and the weights."""
    axis = what.values[0].type.axis
    assert axis is not None
    values = [run.value(v) for v in what.values]
    filled = both(*(v.valid for v in values), None if passing is None else run.spread(passing, axis, EVENT))
    columns = [np.ascontiguousarray(v.data if filled is None else v.data[filled]) for v in values]
    histogram = bh.Histogram(*map(_axis_of, what.binnings), storage=bh.storage.Int64())
    histogram.fill(*columns)
    nan = np.logical_or.reduce([np.isnan(c) for c in columns])
    counts = histogram.view(flow=True).astype(np.int64)
    sums = np.zeros((*counts.shape, len(what.weights), 2, WORDS), np.uint64)
    if what.weights:
        bins = [np.asarray(a.index(c), np.int64) + 1 for a, c in zip(histogram.axes, columns, strict=True)]
        where = np.ravel_multi_index(tuple(bins), counts.shape)
        for k, node in enumerate(what.weights):
            weight = run.spread(run.value(node).data, axis, EVENT)
            kept = weight if filled is None else weight[filled]
            sums[..., k, :, :] = _sums(kept, where, counts.size).reshape(*counts.shape, 2, WORDS)
    return counts, int(np.count_nonzero(nan)), sums


def dump(node: Node, run: Evaluation) -> Dump:
    """Return a value at every position of its axis."""
    value, axis = run.value(node), node.type.axis
    assert axis is not None
    event = _event_of(axis, run)
    counts = np.bincount(event, minlength=run.chunk.entries).astype(np.int64)
    if node.type.target is None:
        return Dump(counts, value.data.copy(), value.present)
    return Dump(counts, _particles(node, node.type.target, run, event), value.present)


def _event_of(axis: Node, run: Evaluation) -> Indices:
    at = run.seen(axis, EVENT)
    return np.arange(run.chunk.entries) if at is None else at


def _particles(node: Node, target: Node, run: Evaluation, event: Indices) -> Indices:
    """Return one row per position: the index within its event of each particle, -1 where missing."""
    value = run.value(node)
    present = value.present
    rows = np.full((len(present), len(leaf_axes(target))), -1, np.int64)
    for k, (slot, leaf) in enumerate(zip(leaf_axes(target), run.leaves(target), strict=True)):
        particles, here = leaf[value.data[present]], event[present]
        shown = np.full(len(particles), -1, np.int64)
        for number, collection in enumerate(slot):
            of_event = np.bincount(_event_of(collection, run), minlength=run.chunk.entries)
            first = np.cumsum(of_event) - of_event
            mine = run.collection_of(particles, collection)
            shown[mine] = run.element_of(particles[mine]) - first[here[mine]] + number * SLOT
        rows[present, k] = shown
    return rows
