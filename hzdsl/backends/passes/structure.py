"""Which loops a value lives in, and how much of them what it refers to has in common with it."""

from __future__ import annotations

from collections.abc import Iterable

from hzdsl.ir.axes import ITEMS, STANDING, parent, target
from hzdsl.ir.node import Node

#: The axes that are loops here; others (selections, combinations) have no place in likelihoods yet.
LOOPS = frozenset({*ITEMS, *STANDING}) - {"chain"}


def loops(axis: Node) -> tuple[Node, ...]:
    """Return the axes of the loops in which a position of `axis` is reached, outermost first; () for the event."""
    found: list[Node] = []
    while axis.op != "event":
        found.append(axis)
        axis = outside(axis)
    return tuple(reversed(found))


def outside(axis: Node) -> Node:
    """Return the axis in whose loop that of `axis` lies."""
    if axis.op == "at":
        return axis_of(axis.args[0])
    return axis.args[1] if axis.op == "per" else parent(axis)


def listed(axis: Node) -> Node:
    """Return the collection or row that a loop runs over: B for `B.per(A)`, N for nested elements."""
    return {"per": axis.args[0], "at": axis.args[-1]}.get(axis.op, axis)


def stored_apart(axis: Node) -> bool:
    """Return whether positions of an axis are not those of one list: (bin, process), (bin, process, effect)."""
    return axis.op in LOOPS and axis.op not in ITEMS


def axis_of(node: Node) -> Node:
    """Return the axis of a value."""
    assert node.type.axis is not None
    return node.type.axis


def shared(reference: Node) -> int:
    """Return in how many loops, from the outermost, a position surely is with what it refers to.

    What `under` gives lies in the same process, channel, …; what a link gives, in the same parent of the list it names.
    """
    reference = reference.args[0] if reference.op == "lift" else reference
    if reference.op == "self":
        return len(loops(reference.args[0]))
    if reference.op == "under":
        axis = reference.args[0]
        if axis.op == "per":
            return len(loops(parent(axis.args[0])))
        within = shared(axis.args[0])
        return within if within < len(loops(target(axis.args[0]))) else len(loops(parent(axis.args[1])))
    return len(loops(parent(target(reference))))


def wide_axes(axes: Iterable[Node]) -> frozenset[Node]:
    """Return the collections whose loops take many positions at a time: the innermost ones that are stored as lists.

    Of bins in channels the bins, of effects in processes in channels the effects; the processes of a bin (`per`) are
    taken one after the other, for all bins at once.
    """
    used = {a for axis in axes for a in loops(axis)}
    lists = {listed(a) for a in used}  # also those that only `at` goes through
    return frozenset(a for a in used if a.op == "collection" and not any(parent_is(b, a) for b in lists))


def parent_is(axis: Node, above: Node) -> bool:
    """Return whether `axis` is a collection or row nested in another one."""
    return axis.op in ITEMS and parent(axis) is above
