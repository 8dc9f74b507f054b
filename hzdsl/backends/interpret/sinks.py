"""What a program asks for once its nodes are evaluated: cutflows, tables, histograms, overlaps, dumps."""

from __future__ import annotations

from collections.abc import Mapping

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
)
from hzdsl.backends.interpret.evaluation import Evaluation
from hzdsl.backends.interpret.exact import exact_sums
from hzdsl.backends.interpret.values import Data, Indices, Mask, both
from hzdsl.ir.axes import EVENT, leaf_axes
from hzdsl.ir.node import Node


def weight_sums(weights: Data, bins: Indices, n: int) -> Sums:
    """Return the sum and the sum of squares of weights, per bin."""
    return np.stack([exact_sums(weights, bins, n), exact_sums(weights * weights, bins, n)], axis=1)


def overlaps(program: Program, passing: Mapping[int, Indices]) -> Counts:
    """Return, per pair of regions that are to be apart, the events in both: how many, and the first."""
    found = np.full((len(program.apart), 2), (0, -1), np.int64)
    for i, (a, b) in enumerate(program.apart):
        inside = np.intersect1d(passing[a], passing[b], assume_unique=True)
        if len(inside):
            found[i] = len(inside), inside[0]
    return found


def tabulate(selection: Selection, passing: Mask, entry: Indices, run: Evaluation) -> Table:
    """Return the outputs of the events that pass; `entry` says where in the chunk each event is."""
    rows = np.flatnonzero(passing) if selection.listed else np.zeros(0, np.int64)
    table = Table(entry[rows], [])
    for output in selection.outputs:
        value = run.value(output)
        valid = value.present[rows] if output.type.optional else None
        table.columns.append((value.data[rows], valid))
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
            sums[..., k, :, :] = weight_sums(kept, where, counts.size).reshape(*counts.shape, 2, WORDS)
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
