"""The algebra of axes: parents, supersets, lineages, and the stored elements behind a position.

Every axis but the event axis has a *parent*, per position of which it lists its own; a selected or reordered axis has
a *superset* too. `up` is the superset if there is one, else the parent; B *sees* A where A is in the lineage of B.
"""

from __future__ import annotations

from hzdsl.ir.node import Node, make

#: The one axis without a parent. (Held here so that the weak table never drops it.)
EVENT = make("event")

SELECTIONS = ("filter", "sort", "slice")
CHOICES = ("choose", "product")


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
    return coarse in lineage(fine)


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


def leaf_axes(axis: Node) -> tuple[Node, ...]:
    """Return the stored collections whose elements one position is made of, in order of the legs.

    A muon is made of one muon, a pair of muons of two, `B.per(A)` of what B is made of.
    """
    axis = stored(axis)
    if axis.op == "collection":
        return (axis,)
    if axis.op == "choose":
        return leaf_axes(axis.args[0]) * axis.number("n")
    if axis.op == "product":
        return tuple(leaf for a in axis.args for leaf in leaf_axes(a))
    if axis.op == "per":
        return leaf_axes(axis.args[0])
    return ()


def leg_axes(axis: Node) -> tuple[Node, ...]:
    """Return the axes that the legs of a choice or product refer into; empty for anything else."""
    base = stored(axis)
    if base.op == "choose":
        return (base.args[0],) * base.number("n")
    return base.args if base.op == "product" else ()
