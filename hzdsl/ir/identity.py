"""Proofs that two objects share no particle (rule R5).

A proof rests on how the objects were built: they stem from different collections; they are different legs of one
candidate; different positions of one list of particles; or one was taken from a selection that excludes the other.

An exclusion of an x that varies (``near - muon`` for each muon) holds between an element and the x of *its own*
position. It proves nothing of an element that was carried elsewhere by a stored reference (``other.partner``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hzdsl.ir.axes import (
    CHOICES,
    EVENT,
    SELECTIONS,
    STANDING,
    collections_of,
    leaf_axes,
    parent,
    sees,
    stands_for,
    stored,
    superset,
    target,
)
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.walk import bare, operands

#: What a selection excludes (an object, or every element of an axis), and what must exist for the exclusion to hold.
Exclusions = dict[Node, frozenset[Node]]


def disjoint(a: Node, b: Node, present: Iterable[Node] = ()) -> bool:
    """Return True where the references `a` and `b` provably share no particle.

    `present` are references known to exist wherever the question matters: the parts of the sum that is being built.
    """
    a, b = bare(a), bare(b)
    known = frozenset({a, b, *map(bare, present)})
    return (
        not collections_of(target(a)) & collections_of(target(b))
        or _different_legs(a, b)
        or _different_positions(a, b)
        or _excluded(a, b, known)
        or _excluded(b, a, known)
    )


def _single(reference: Node) -> bool:
    """Return True where an object is one particle."""
    return len(leaf_axes(target(reference))) == 1


def _leg_of(reference: Node) -> tuple[Node, int] | None:
    """Return (whole, k) where `reference` is leg k of a candidate: the object taken from, or the axis itself."""
    if reference.op == "leg":
        return reference.args[0], reference.number("k")
    if reference.op == "take":
        leg = bare(reference.args[0])
        if leg.op == "leg":
            return bare(reference.args[1]), leg.number("k")
    return None


def _climb(reference: Node) -> Iterator[tuple[Node, int]]:
    """Yield (whole, leg number) from the object up through the candidates that it is part of."""
    at: Node | None = reference
    while at is not None and (leg := _leg_of(at)) is not None:
        yield leg
        at = None if leg[0].is_axis else leg[0]


def _different_legs(a: Node, b: Node) -> bool:
    of_b = dict(_climb(b))
    return any(whole in of_b and of_b[whole] != k for whole, k in _climb(a))


def _different_positions(a: Node, b: Node) -> bool:
    same_list = a.op == b.op == "nth" and a.args[0] is b.args[0]
    return same_list and a.number("i") != b.number("i") and _single(a)


def _excluded(a: Node, b: Node, known: frozenset[Node]) -> bool:
    """Return True where `a` comes from a selection that drops what shares a particle with `b` or a whole around it."""
    around = {b, *(whole for whole, _ in _climb(b) if not whole.is_axis)}
    kin = {axis for x in around for axis in _made_of(target(x))}
    for x, needed in _exclusions(target(a)).items():
        if not needed <= known:
            continue
        if x.is_axis:
            if x in kin:
                return True
        elif x in around and _in_place(a, x):
            return True
    return False


def _made_of(axis: Node) -> Iterator[Node]:
    """Yield the axes that every position of `axis` is a position of: what it selects from, or stands for."""
    at: Node | None = axis
    while at is not None:
        yield at
        at = superset(at) or (stands_for(at) if at.op in STANDING else None)


def _in_place(reference: Node, excluded: Node) -> bool:
    """Return True where the object comes from the list that excludes the x of the very position it is asked for at.

    Not so where a stored reference points, nor where one was chosen per event from a list along which x varies.
    """
    while (leg := _leg_of(reference)) is not None and not leg[0].is_axis:
        reference = leg[0]
    at, along = reference.type.axis, excluded.type.axis
    assert at is not None
    assert along is not None
    return along is EVENT or (OPS[reference.op].in_place and sees(at, along))


def _exclusions(axis: Node) -> Exclusions:
    """Return what no position of `axis` can share a particle with."""
    found: Exclusions = {}
    while axis.op in SELECTIONS:
        if axis.op == "filter":
            found |= _excluded_by(axis.args[1])
        axis = axis.args[0]
    base = stored(axis)
    if base.op in STANDING:
        found |= _exclusions(stands_for(base))
    elif base.op in (*CHOICES, "union"):
        parts = [_exclusions(part) for part in dict.fromkeys(base.args)]
        found |= {x: needed for x, needed in parts[0].items() if all(other.get(x) == needed for other in parts)}
    return found


def _excluded_by(condition: Node) -> Exclusions:
    """Return the exclusions that are conjuncts of a condition."""
    found: Exclusions = {}
    for conjunct in operands(condition, "and"):
        if conjunct.op == "not":
            found |= _denied(conjunct.args[0])
    return found


def _denied(clash: Node) -> Exclusions:
    """Return what ``not clash`` excludes, for ``shares or shares …``, under the conditions ``exists and …``."""
    factors = operands(clash, "and")
    needed = frozenset(bare(f.args[0]) for f in factors if f.op == "exists")
    others = [f for f in factors if f.op != "exists"]
    if len(others) != 1:
        return {}
    found: Exclusions = {}
    for at in operands(others[0], "or"):
        if at.op == "shares" and bare(at.args[0]).op == "self":
            found[bare(at.args[1])] = needed
        elif at.op == "any" and (axis := _every_element(bare(at.args[0]))) is not None:
            found[axis] = needed
    return found


def _every_element(clash: Node) -> Node | None:
    """Return X where `clash` is ``shares(self, each element of X)``, X being a list of the event."""
    if clash.op != "shares" or bare(clash.args[0]).op != "self":
        return None
    theirs = clash.args[1]
    axis = target(theirs)
    plain = theirs.op == "under" or (theirs.op == "take" and bare(theirs.args[0]).op == "self")
    return axis if plain and parent(axis) is EVENT else None
