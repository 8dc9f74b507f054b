"""What a program asks for once its nodes are evaluated: cutflows, tables, histograms, dumps."""

from __future__ import annotations

import boost_histogram as bh
import numpy as np

from hzdsl.backends.base import SLOT, Binning, Counts, Dump, Fill, Regular, Selection, Table
from hzdsl.backends.interpret.evaluation import Evaluation
from hzdsl.backends.interpret.values import Indices, Mask, both
from hzdsl.ir.axes import EVENT, leaf_axes
from hzdsl.ir.node import Node


def select(selection: Selection, run: Evaluation) -> tuple[Mask, Counts]:
    """Return which events pass all cuts, and how many pass each cut and those before it."""
    alive = np.ones(run.chunk.entries, np.bool_)
    passed = []
    for cut in selection.cuts:
        alive = alive & run.value(cut).data  # false where missing
        passed.append(np.count_nonzero(alive))
    return alive, np.array(passed, np.int64)


def tabulate(selection: Selection, passing: Mask, run: Evaluation) -> Table:
    """Return the outputs of the events that pass."""
    entry = np.flatnonzero(passing)
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


def fill(what: Fill, passing: Mask | None, run: Evaluation) -> tuple[Counts, int]:
    """Return the contents, flow bins included, and how many of the entries had a NaN among their values."""
    axis = what.values[0].type.axis
    assert axis is not None
    values = [run.value(v) for v in what.values]
    filled = both(*(v.valid for v in values), None if passing is None else run.spread(passing, axis, EVENT))
    columns = [np.ascontiguousarray(v.data if filled is None else v.data[filled]) for v in values]
    histogram = bh.Histogram(*map(_axis_of, what.binnings), storage=bh.storage.Int64())
    histogram.fill(*columns)
    nan = np.logical_or.reduce([np.isnan(c) for c in columns])
    return histogram.view(flow=True).astype(np.int64), int(np.count_nonzero(nan))


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
