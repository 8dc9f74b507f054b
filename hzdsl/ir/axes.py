"""The algebra of axes: parents, supersets, lineages, and the stored elements behind a position.

Every axis but the event axis has a *parent*, per position of which it lists its own; a selected or reordered axis has
a *superset* too. `up` is the superset if there is one, else the parent; B *sees* A where A is in the lineage of B.
"""

from __future__ import annotations

from itertools import zip_longest

from hzdsl.ir.node import Node, interned
from hzdsl.ir.types import DType, Type

#: The one axis without a parent. (Held here so that the weak table never drops it.)
EVENT = interned("event", (), (), lambda: Type(DType.AXIS, lo=1, hi=1))

SELECTIONS = ("filter", "sort", "slice")
CHOICES = ("choose", "product")
#: Axes whose positions are made of nothing else: each is an item of its own, as a stored particle is.
ITEMS = ("collection", "row")
#: Axes whose positions stand for elements of another one, by `under`: all of B, a mother's mothers, nested elements.
STANDING = ("per", "chain", "at")

#: One of the particles that a position is made of: the stored collections (or rows) it may come from. Unions have
#: several; none where some members of a union are made of fewer particles.
Slot = tuple[Node, ...]


def parent(axis: Node) -> Node:
    """Return the axis per position of which `axis` lists its own."""
    assert axis.type.axis is not None, "the event axis has no parent"
    return axis.type.axis


def superset(axis: Node) -> Node | None:
    """Return the axis of which `axis` holds a selection or another order, or None."""
    return axis.args[0] if axis.op in SELECTIONS else None


def up(axis: Node) -> Node | None:
    """Return the next axis of the lineage, None above the event axis."""
    return superset(axis) or axis.type.axis


def lineage(axis: Node) -> list[Node]:
    """Return the chain from `axis` to the event axis, both included."""
    chain: list[Node] = []
    at: Node | None = axis
    while at is not None:
        chain.append(at)
        at = up(at)
    return chain


def sees(fine: Node, coarse: Node) -> bool:
    """Return True where a value along `coarse` can be restricted or broadcast to `fine`."""
    at: Node | None = fine
    while at is not None and at is not coarse:
        at = up(at)
    return at is not None


def finer(a: Node, b: Node) -> Node | None:
    """Return the one of two axes that sees the other, or None where neither does."""
    if sees(a, b):
        return a
    return b if sees(b, a) else None


def stored(axis: Node) -> Node:
    """Return the axis whose elements the positions of a selection are: `axis` without its selections."""
    while (above := superset(axis)) is not None:
        axis = above
    return axis


def leaf_axes(axis: Node) -> tuple[Slot, ...]:
    """Return the particles one position is made of, in order of the legs: for each, the collections it may come from.

    A muon is made of one muon, a pair of two, `B.per(A)` of what B is made of, `mu | el` of a muon or an electron.
    """
    axis = stored(axis)
    if axis.op in ITEMS:
        return ((axis,),)
    if axis.op in CHOICES:
        return tuple(slot for leg in leg_axes(axis) for slot in leaf_axes(leg))
    if axis.op in STANDING:
        return leaf_axes(stands_for(axis))
    if axis.op == "union":
        a, b = (leaf_axes(x) for x in axis.args)
        return tuple(tuple(dict.fromkeys((*x, *y))) for x, y in zip_longest(a, b, fillvalue=()))
    return (tuple(dict.fromkeys(c for r in axis.args for c in leaf_axes(target(r))[0])),) if axis.op == "legs" else ()


def collections_of(axis: Node) -> set[Node]:
    """Return the stored collections whose elements positions of `axis` can be made of."""
    return {c for slot in leaf_axes(axis) for c in slot}


def stands_for(axis: Node) -> Node:
    """Return the axis whose elements the positions of `B.per(A)`, of a chain or of nested elements are."""
    if axis.op == "per":
        return axis.args[0]
    return target(axis.args[0]) if axis.op == "chain" else axis.args[1]


def target(reference: Node) -> Node:
    """Return the axis that an object refers into."""
    assert reference.type.target is not None
    return reference.type.target


def leg_axes(axis: Node) -> tuple[Node, ...]:
    """Return the axes that the legs of a choice or product refer into; empty for anything else."""
    base = stored(axis)
    if base.op == "choose":
        return (base.args[0],) * base.number("n")
    return base.args if base.op == "product" else ()
