"""Rows of the axes: which positions there are, in which order, and what they stand for."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import combinations
from types import MappingProxyType

import awkward as ak
import numpy as np

from hzdsl.backends.interpret.evaluation import Evaluation, Row, same_particle, shared_leaves
from hzdsl.backends.interpret.references import all_among
from hzdsl.backends.interpret.values import NOWHERE, Data, Indices, Mask, Positions, Value, listed
from hzdsl.ir.axes import collections_of, leaf_axes, parent, target
from hzdsl.ir.node import Node


def _event(node: Node, run: Evaluation) -> Positions:
    """Every entry is a position of its own; the parent that it does not have has as many."""
    n = run.chunk.entries
    return Positions(n, n, np.arange(n))


def _collection(node: Node, run: Evaluation) -> Positions:
    above = run.positions(node.args[0])
    offsets = run.chunk.offsets[node.text("name")][above.first : above.first + above.n + 1]
    return listed(np.diff(offsets).astype(np.int64), first=int(offsets[0]))


def _row(node: Node, run: Evaluation) -> Positions:
    return listed(np.full(run.positions(node.args[0]).n, node.number("n")))


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
    return chosen if _one_each(axis) else _disjoint(run, (axis,) * n, chosen)


def _one_each(axis: Node) -> bool:
    """Return True where different positions, of one particle each, are different particles."""
    return len(leaf_axes(axis)) == 1


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
            kept &= ~same_particle(leaf_a[leg_a], leaf_b[leg_b])
    legs = tuple(leg[kept] for leg in combined.legs)
    return Positions(len(legs[0]), combined.parents, combined.outer[kept], legs=legs)


def _per(node: Node, run: Evaluation) -> Positions:
    inner = run.positions(node.args[0])
    above = parent(node.args[0])
    positions = listed(run.spread(inner.counts, node.args[1], above))
    starts = run.spread(inner.starts, node.args[1], above)
    within = starts[positions.outer] + positions.local
    return Positions(positions.n, positions.parents, positions.outer, legs=(within,))


# ---- unions, legs, chains, nested elements -----------------------------------------------------------------


def _union(node: Node, run: Evaluation) -> Positions:
    """List per parent position the first axis' positions, then those of the second that are not among them."""
    shared = parent(node)
    parts = [_spread_lists(run, axis, shared) for axis in node.args]
    outer = np.concatenate([lists.outer for lists in parts])
    member = np.repeat([0, 1], [lists.n for lists in parts])
    at = np.concatenate([lists.legs[0] for lists in parts])
    kept = np.concatenate([np.ones(parts[0].n, np.bool_), ~_already(run, node, *parts)])
    order = np.flatnonzero(kept)
    order = order[np.argsort(outer[order], kind="stable")]
    return Positions(len(order), run.positions(shared).n, outer[order], legs=(member[order], at[order]))


def _spread_lists(run: Evaluation, axis: Node, shared: Node) -> Positions:
    """Return the positions of an axis listed along a finer parent; `legs` holds the positions of the axis itself."""
    held, above = run.positions(axis), parent(axis)
    listed_there = listed(run.spread(held.counts, shared, above))
    starts = run.spread(held.starts, shared, above)
    return replace(listed_there, legs=(starts[listed_there.outer] + listed_there.local,))


def _already(run: Evaluation, node: Node, first: Positions, second: Positions) -> Mask:
    """Return which positions of the second axis are, for the same parent, among those of the first."""
    found = np.zeros(second.n, np.bool_)
    if not collections_of(node.args[0]) & collections_of(node.args[1]):
        return found
    pairs = first.counts[second.outer]
    mine = np.repeat(np.arange(second.n), pairs)
    begin = np.cumsum(pairs) - pairs
    theirs = first.starts[second.outer[mine]] + np.arange(len(mine)) - begin[mine]
    a = [leaf[first.legs[0][theirs]] for leaf in run.leaves(node.args[0])]
    b = [leaf[second.legs[0][mine]] for leaf in run.leaves(node.args[1])]
    found[mine[all_among(a, b) & all_among(b, a)]] = True
    return found


def _legs(node: Node, run: Evaluation) -> Positions:
    """List the particles of every object that is there; `legs` holds which of them, and its particle."""
    values, n = [run.value(a) for a in node.args], len(node.args)
    held = run.positions(parent(node)).n
    present = np.ones(held, np.bool_)
    for value in values:
        present &= value.present
    outer = np.repeat(np.flatnonzero(present), n)
    which = np.tile(np.arange(n), int(np.count_nonzero(present)))
    particles = np.full(len(outer), NOWHERE)
    for k, (value, argument) in enumerate(zip(values, node.args, strict=True)):
        (leaf,) = run.leaves(target(argument))
        particles[which == k] = leaf[value.data[outer[which == k]]]
    return Positions(len(outer), held, outer, legs=(which, particles))


def _chain(node: Node, run: Evaluation) -> Positions:
    """Follow all chains at once, a step each round, until none goes on; an element that comes again ends its chain."""
    start, step = (run.value(a) for a in node.args)
    owner = np.flatnonzero(start.present)
    met, at = [start.data[owner]], start.data[owner]
    rows, found = [], []
    while len(owner):
        going = step.present[at]
        following = step.data[at[going]]
        owner, met = owner[going], [m[going] for m in met]
        new = np.ones(len(owner), np.bool_)
        for earlier in met:
            new &= earlier != following
        owner, at, met = owner[new], following[new], [m[new] for m in (*met, following)]
        rows.append(owner)
        found.append(at)
    outer = np.concatenate([*rows, np.zeros(0, np.int64)])
    elements = np.concatenate([*found, np.zeros(0, np.int64)])
    order = np.argsort(outer, kind="stable")
    return Positions(len(outer), run.positions(parent(node)).n, outer[order], legs=(elements[order],))


def _at(node: Node, run: Evaluation) -> Positions:
    owner, nested = run.value(node.args[0]), run.positions(node.args[1])
    at = np.where(owner.present, owner.data, 0)
    counts, starts = (x[at] if nested.parents else np.zeros(len(at), np.int64) for x in (nested.counts, nested.starts))
    positions = listed(np.where(owner.present, counts, 0))
    return replace(positions, legs=(starts[positions.outer] + positions.local,))


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
        "union": _union,
        "legs": _legs,
        "row": _row,
        "chain": _chain,
        "at": _at,
    }
)
