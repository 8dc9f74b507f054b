"""Rows of the axes: which positions there are, in which order, and what they stand for."""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from types import MappingProxyType

import awkward as ak
import numpy as np

from hzdsl.backends.interpret.evaluation import Evaluation, Row, shared_leaves
from hzdsl.backends.interpret.values import Data, Indices, Positions, Value, listed
from hzdsl.ir.axes import leaf_axes, parent
from hzdsl.ir.node import Node


def _event(node: Node, run: Evaluation) -> Positions:
    """Every entry is a position of its own; the parent that it does not have has as many."""
    n = run.chunk.entries
    return Positions(n, n, np.arange(n))


def _collection(node: Node, run: Evaluation) -> Positions:
    above = run.positions(node.args[0])
    offsets = run.chunk.offsets[node.text("name")][above.first : above.first + above.n + 1]
    return listed(np.diff(offsets).astype(np.int64), first=int(offsets[0]))


# ---- selections --------------------------------------------------------------------------------------------


def _selected(whole: Positions, index: Indices) -> Positions:
    return Positions(len(index), whole.parents, whole.outer[index], index=index)


def _filter(node: Node, run: Evaluation) -> Positions:
    condition = run.value(node.args[1])  # false where missing
    return _selected(run.positions(node.args[0]), np.flatnonzero(condition.data))


def _slice(node: Node, run: Evaluation) -> Positions:
    whole, stop = run.positions(node.args[0]), node.attr("stop")
    inside = whole.local >= node.number("start")
    if stop is not None:
        inside &= whole.local < node.number("stop")
    return _selected(whole, np.flatnonzero(inside))


def _sort(node: Node, run: Evaluation) -> Positions:
    """Sort all lists of one length at once, as the rows of a matrix."""
    whole = run.positions(node.args[0])
    order = np.arange(whole.n)
    significant_last = [part for key in reversed(node.args[1:]) for part in _ranks(run.value(key))]
    for length in np.unique(whole.counts[whole.counts > 1]):
        rows = whole.starts[whole.counts == length][:, None] + np.arange(length)
        within = np.lexsort([part[rows] for part in significant_last])  # stable
        order[rows] = np.take_along_axis(rows, within, axis=1)
    return _selected(whole, order)


def _ranks(key: Value) -> list[Data]:
    """Return the columns that rank a key, most significant last; what is missing ranks with NaN, last."""
    if key.valid is None:
        return [key.data]
    if key.data.dtype.kind == "f":
        return [np.where(key.valid, key.data, key.data.dtype.type(np.nan))]
    return [key.data, ~key.valid]


# ---- combinations ------------------------------------------------------------------------------------------


def _choose(node: Node, run: Evaluation) -> Positions:
    axis, n = node.args[0], node.number("n")
    whole = run.positions(axis)
    offsets = ak.index.Index64(np.append(whole.starts, whole.n))
    lists = ak.Array(ak.contents.ListOffsetArray(offsets, ak.contents.NumpyArray(np.arange(whole.n))))
    legs = tuple(ak.to_numpy(ak.flatten(leg)) for leg in ak.unzip(ak.combinations(lists, n, axis=1)))
    chosen = Positions(len(legs[0]), whole.parents, whole.outer[legs[0]], legs=legs)
    particles = len(leaf_axes(axis)) == 1  # then different positions are different particles
    return chosen if particles else _disjoint(run, (axis,) * n, chosen)


def _product(node: Node, run: Evaluation) -> Positions:
    """Number the combinations of each parent position in mixed radix, the first axis slowest."""
    shared = parent(node)
    axes = [run.positions(a) for a in node.args]
    lists = [run.spread(a.counts, shared, parent(x)) for a, x in zip(axes, node.args, strict=True)]
    positions = listed(reduce(np.multiply, lists))
    outer, rest, legs = positions.outer, positions.local, []
    for axis, x, counts in reversed(list(zip(axes, node.args, lists, strict=True))):
        rest, digit = np.divmod(rest, counts[outer])
        legs.append(run.spread(axis.starts, shared, parent(x))[outer] + digit)
    return _disjoint(run, node.args, Positions(positions.n, positions.parents, outer, legs=tuple(legs[::-1])))


def _disjoint(run: Evaluation, axes: tuple[Node, ...], combined: Positions) -> Positions:
    """Return the combinations in which no two legs share a particle."""
    kept = np.ones(combined.n, np.bool_)
    for (a, leg_a), (b, leg_b) in combinations(zip(axes, combined.legs, strict=True), 2):
        for leaf_a, leaf_b in shared_leaves(run, a, b):
            kept &= leaf_a[leg_a] != leaf_b[leg_b]
    legs = tuple(leg[kept] for leg in combined.legs)
    return Positions(len(legs[0]), combined.parents, combined.outer[kept], legs=legs)


def _per(node: Node, run: Evaluation) -> Positions:
    inner = run.positions(node.args[0])
    above = parent(node.args[0])
    positions = listed(run.spread(inner.counts, node.args[1], above))
    starts = run.spread(inner.starts, node.args[1], above)
    within = starts[positions.outer] + positions.local
    return Positions(positions.n, positions.parents, positions.outer, legs=(within,))


AXES: MappingProxyType[str, Row] = MappingProxyType(
    {
        "event": _event,
        "collection": _collection,
        "filter": _filter,
        "slice": _slice,
        "sort": _sort,
        "choose": _choose,
        "product": _product,
        "per": _per,
    }
)
