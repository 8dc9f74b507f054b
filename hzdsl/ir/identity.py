"""Proofs that two objects share no particle (rule R5).

A proof rests on how the objects were built: they stem from different collections; they are different legs of one
candidate; different positions of one list of particles; or one was taken from a selection that excludes the other.
"""

from __future__ import annotations

from hzdsl.ir.axes import SELECTIONS, leaf_axes, stored
from hzdsl.ir.node import Node


def disjoint(a: Node, b: Node) -> bool:
    """Return True where the references `a` and `b` provably share no particle."""
    a, b = _bare(a), _bare(b)
    return (
        not set(_leaves(a)) & set(_leaves(b))
        or _different_legs(a, b)
        or _different_positions(a, b)
        or _excluded(a, b)
        or _excluded(b, a)
    )


def _bare(reference: Node) -> Node:
    while reference.op == "lift":
        reference = reference.args[0]
    return reference


def _target(reference: Node) -> Node:
    assert reference.type.target is not None
    return reference.type.target


def _leaves(reference: Node) -> tuple[Node, ...]:
    return leaf_axes(_target(reference))


def _leg_of(reference: Node) -> tuple[Node, int] | None:
    """Return (whole, k) where `reference` is leg k of a candidate: the object taken from, or the axis itself."""
    if reference.op == "leg":
        return reference.args[0], reference.number("k")
    if reference.op == "take":
        leg = _bare(reference.args[0])
        if leg.op == "leg":
            return _bare(reference.args[1]), leg.number("k")
    return None


def _different_legs(a: Node, b: Node) -> bool:
    leg_a, leg_b = _leg_of(a), _leg_of(b)
    return leg_a is not None and leg_b is not None and leg_a[0] is leg_b[0] and leg_a[1] != leg_b[1]


def _different_positions(a: Node, b: Node) -> bool:
    same_list = a.op == b.op == "nth" and a.args[0] is b.args[0]
    return same_list and a.number("i") != b.number("i") and len(_leaves(a)) == 1


def _excluded(a: Node, b: Node) -> bool:
    """Return True where `a` comes from a selection that drops what shares a particle with `b` or a whole around it."""
    around = {b}
    while (leg := _leg_of(b)) is not None and not leg[0].is_axis:
        b = leg[0]
        around.add(b)
    return any(x in around for x in _exclusions(_target(a)))


def _exclusions(axis: Node) -> set[Node]:
    """Return the objects that no position of `axis` can share a particle with."""
    found: set[Node] = set()
    while axis.op in SELECTIONS:
        if axis.op == "filter":
            found |= _excluded_by(axis.args[1])
        axis = axis.args[0]
    base = stored(axis)
    if base.op == "per":
        found |= _exclusions(base.args[0])
    elif base.op in ("choose", "product"):
        legs = [base.args[0]] if base.op == "choose" else base.args
        found |= set.intersection(*(_exclusions(leg) for leg in legs))
    return found


def _excluded_by(condition: Node) -> set[Node]:
    """Return x for every conjunct ``not shares(self, x)`` of a condition, and of ``not (shares … or shares …)``."""
    condition = _bare(condition)
    if condition.op == "and":
        return _excluded_by(condition.args[0]) | _excluded_by(condition.args[1])
    if condition.op != "not":
        return set()
    alternatives, found = [condition.args[0]], set()
    while alternatives:
        at = _bare(alternatives.pop())
        if at.op == "or":
            alternatives += at.args
        elif at.op == "shares" and _bare(at.args[0]).op == "self":
            found.add(_bare(at.args[1]))
    return found
