"""Rows of references and identity: naming positions, choosing one of many, comparing particles."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from hzdsl.backends.base import NUMPY
from hzdsl.backends.interpret.casts import convert
from hzdsl.backends.interpret.evaluation import Evaluation, Row, same_particle, shared_leaves
from hzdsl.backends.interpret.values import (
    NOWHERE,
    Data,
    Indices,
    Mask,
    Positions,
    Value,
    both,
    canonical,
    reference,
)
from hzdsl.ir.axes import parent, stored
from hzdsl.ir.node import Node


def _self(node: Node, run: Evaluation) -> Value:
    return Value(np.arange(run.positions(node.args[0]).n))


def _under(node: Node, run: Evaluation) -> Value:
    return Value(run.positions(node.args[0]).legs[0])


def _leg(node: Node, run: Evaluation) -> Value:
    axis = node.args[0]
    base = stored(axis)
    return Value(run.spread(run.positions(base).legs[node.number("k")], axis, base))


# ---- choosing one ------------------------------------------------------------------------------------------


def _nth(node: Node, run: Evaluation) -> Value:
    positions, i = run.positions(node.args[0]), node.number("i")
    return reference(np.where(positions.counts > i, positions.starts + i, NOWHERE), node.type.optional)


def _pick(node: Node, run: Evaluation) -> Value:
    keys = [run.value(key) for key in node.args[1:]]
    best = best_positions(run.positions(node.args[0]), keys, least=node.attr("direction") == "argmin")
    return reference(best, node.type.optional)


def best_positions(positions: Positions, keys: list[Value], least: bool) -> Indices:
    """Return for each parent position the first with the least (greatest) keys, -1 where there is none.

    Positions with a key that is missing or NaN do not compete; each key in turn leaves those equal in it.
    """
    left = np.flatnonzero(_competing(positions, keys))
    outer = positions.outer[left]
    for key in keys:
        data, heads = key.data[left], _heads(outer)
        extreme = (np.minimum if least else np.maximum).reduceat(data, heads) if len(left) else data
        kept = data == np.repeat(extreme, np.diff(np.append(heads, len(left))))
        left, outer = left[kept], outer[kept]
    heads = _heads(outer)
    best = np.full(positions.parents, NOWHERE)
    best[outer[heads]] = left[heads]
    return best


def _competing(positions: Positions, keys: list[Value]) -> Mask:
    competing = np.ones(positions.n, np.bool_)
    for key in keys:
        competing &= key.data == key.data
        if key.valid is not None:
            competing &= key.valid
    return competing


def _heads(outer: Indices) -> Indices:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(outer, prepend=-1))


def _pick_truncated(node: Node, run: Evaluation) -> Value:
    """Walk all lists at once, one step for their first positions, one for their second, and so on.

    ROOT's df103 keeps the best mass so far in a C++ int, from -1.
    """
    positions = run.positions(node.args[0])
    value, target = run.value(node.args[1]), run.value(node.args[2])
    longest_first = np.argsort(-positions.counts, kind="stable")
    falling = -positions.counts[longest_first]
    best, chosen = np.full(positions.parents, -1, np.int32), np.full(positions.parents, NOWHERE)
    for k in range(int(positions.counts.max(initial=0))):
        parents = longest_first[: np.searchsorted(falling, -k)]
        at = positions.starts[parents] + k
        wanted = target.data[parents]
        nearer = np.abs(wanted - value.data[at]) < np.abs(wanted - best[parents])
        nearer &= value.present[at] & target.present[parents]
        best[parents[nearer]] = convert(value.data[at[nearer]], best.dtype)
        chosen[parents[nearer]] = at[nearer]
    return reference(chosen)


# ---- identity ----------------------------------------------------------------------------------------------


def _shares(node: Node, run: Evaluation) -> Value:
    a, b = (run.value(arg) for arg in node.args)
    return Value(_overlap(node, run, a.present & b.present))


def _overlap(node: Node, run: Evaluation, present: Mask) -> Mask:
    a, b = node.args
    found = np.zeros(len(present), np.bool_)
    for leaf_a, leaf_b in shared_leaves(run, _target(a), _target(b)):
        found[present] |= same_particle(leaf_a[run.value(a).data[present]], leaf_b[run.value(b).data[present]])
    return found


def _same(node: Node, run: Evaluation) -> Value:
    """Compare as sets: every particle of one is one of the other, and the other way round."""
    a, b = node.args
    valid = both(run.value(a).valid, run.value(b).valid)
    present = np.ones(len(run.value(a).data), np.bool_) if valid is None else valid
    return Value(_within(run, a, b, present) & _within(run, b, a, present), valid)


def _within(run: Evaluation, a: Node, b: Node, present: Mask) -> Mask:
    """Return where every particle of a is one of b; false where either is missing."""
    at_a, at_b = run.value(a).data[present], run.value(b).data[present]
    result = np.zeros(len(present), np.bool_)
    result[present] = all_among([x[at_a] for x in run.leaves(_target(a))], [x[at_b] for x in run.leaves(_target(b))])
    return result


def all_among(mine: list[Indices], theirs: list[Indices]) -> Mask:
    """Return where every particle of the first columns is one of those of the second."""
    inside = np.ones(len(mine[0]), np.bool_)
    for leaf in mine:
        found = leaf == NOWHERE
        for other in theirs:
            found |= same_particle(leaf, other)
        inside &= found
    return inside


def _link(node: Node, run: Evaluation) -> Value:
    """Count the index from the first element of the list in which it is looked up."""
    index, axis = run.value(node.args[0]), node.args[1]
    along = node.type.axis
    assert along is not None
    lists = run.positions(axis)
    counts, starts = (run.spread(x, along, parent(axis)) for x in (lists.counts, lists.starts))
    inside = index.present & (index.data >= 0) & (index.data < counts)
    outside = NOWHERE if node.type.optional else 0  # of a `sure` one, that it never is: somewhere safe
    return reference(np.where(inside, starts + index.data, outside), node.type.optional)


def _collect(node: Node, run: Evaluation) -> Value:
    """Add in the order of the positions: ``ufunc.at`` is unbuffered."""
    value, at = (run.value(a) for a in node.args)
    axis = node.type.axis
    assert axis is not None
    found = np.zeros(run.positions(axis).n, NUMPY[node.type.dtype])
    present = value.present & at.present
    np.add.at(found, at.data[present], value.data[present])
    return Value(found)


def _stack(node: Node, run: Evaluation) -> Value:
    """Put together the columns of the members of a union, or of the legs."""
    *parts, axis = node.args
    which, at = _members(run, axis)
    data = np.zeros(len(which), NUMPY[node.type.dtype] if node.type.target is None else np.int64)
    valid = np.ones(len(which), np.bool_) if node.type.optional else None
    for k, part in enumerate(parts):
        value, mine = run.value(part), which == k
        data[mine] = _moved(run, value.data, part, node)[at[mine]]
        if valid is not None:
            valid[mine] = value.present[at[mine]]
    return canonical(data, valid, NOWHERE if node.type.target is not None else 0)


def _members(run: Evaluation, axis: Node) -> tuple[Indices, Indices]:
    """Return for each position of a union or of legs the number of the column that has its value, and where."""
    held = run.positions(axis)
    if axis.op == "union":
        return held.legs[0], held.legs[1]
    return held.local if axis.op == "row" else held.legs[0], held.outer


def _moved(run: Evaluation, data: Data, part: Node, node: Node) -> Data:
    """Return references as positions of the union that the stacked ones refer into."""
    union = node.type.target
    if union is None or union is part.type.target:
        return data
    assert part.type.target is not None
    found, at = np.full(len(data), NOWHERE), data != NOWHERE
    found[at] = _inside(run, part.type.target, union)[data[at]]
    return found


def _inside(run: Evaluation, part: Node, union: Node) -> Indices:
    """Return where in a union the positions of a part of it are."""
    for k, member in enumerate(union.args):
        if member is part or (member.op == "union" and part in _parts(member)):
            which, at = _members(run, union)
            back = np.full(run.positions(member).n, NOWHERE)
            back[at[which == k]] = np.flatnonzero(which == k)
            return back if member is part else back[_inside(run, part, member)]
    raise AssertionError("a part that the union does not have")


def _parts(union: Node) -> list[Node]:
    return [p for a in union.args for p in (_parts(a) if a.op == "union" else [a])]


def _target(node: Node) -> Node:
    assert node.type.target is not None
    return node.type.target


REFERENCES: MappingProxyType[str, Row] = MappingProxyType(
    {
        "self": _self,
        "under": _under,
        "leg": _leg,
        "nth": _nth,
        "pick": _pick,
        "pick_truncated": _pick_truncated,
        "shares": _shares,
        "same": _same,
        "link": _link,
        "collect": _collect,
        "stack": _stack,
    }
)
