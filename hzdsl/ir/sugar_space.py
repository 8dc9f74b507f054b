"""Expansions that are written with three-vectors: products, lengths, directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hzdsl.ir import formulas_space as space
from hzdsl.ir.literals import ATOM, CALL
from hzdsl.ir.node import Node
from hzdsl.ir.patterns import given_to
from hzdsl.ir.spelling import Slot, Spelling, same, stripped
from hzdsl.ir.sugar_attributes import Pieces, enclosed
from hzdsl.ir.sugar_vectors import vector_of

NAMES = ("x", "y", "z")


def product(node: Node) -> Spelling | None:
    """``dot(a, b)``, where at least one of them is no mere triple of numbers."""
    for given in given_to(space.dot, 6, node):
        u, v = given[:3], given[3:]
        known = [_known(x) for x in (u, v)]
        texts = [text or _triple(x) for text, x in zip(known, (u, v), strict=True)]
        if any(known) and all(texts):
            a, b = (enclosed(t or ()) for t in texts)
            return Spelling(("dot(", *a, ", ", *b, ")"), CALL)
    return None


def direction(node: Node) -> Spelling | None:
    """``unit(a).x`` and its like: a component divided by the length."""
    for given in given_to(space.length, 3, node.args[1]) if node.op == "div" else ():
        for i, name in enumerate(NAMES):
            if same(lambda *v, i=i: space.unit(v)[i], given, node):
                text = _known(given)
                return None if text is None else Spelling(("unit(", *enclosed(text), f").{name}"), ATOM)
    return None


def _known(v: Sequence[Node]) -> Pieces | None:
    """Return how a three-vector with these components is written; None for any three numbers."""
    if all(x.op == "neg" for x in v):
        inner = _known([x.args[0] for x in v])
        return None if inner is None else ("-", *inner)
    return _direction(v) or _normal(v) or _momentum(v)


def _momentum(v: Sequence[Node]) -> Pieces | None:
    found = vector_of((*v, None))
    exact = found is not None and all(a is b for a, b in zip(found.nodes[:3], v, strict=True))
    return (*found.whole(), ".p3") if found is not None and exact else None


def _direction(v: Sequence[Node]) -> Pieces | None:
    if any(x.op != "div" for x in v):
        return None
    for given in given_to(space.length, 3, v[0].args[1]):
        if _are(space.unit, (given,), v) and (text := _known(given)) is not None:
            return ("unit(", *enclosed(text), ")")
    return None


def _normal(v: Sequence[Node]) -> Pieces | None:
    """``cross(a, b)``: each component holds the other two of both."""
    for zx in given_to(space.minor, 4, v[1]):  # the second holds z and x
        uz, ux, vz, vx = zx
        for uy, _, vy, _ in given_to(space.minor, 4, v[0]):
            a, b = (ux, uy, uz), (vx, vy, vz)
            texts = [_known(x) or _triple(x) for x in (a, b)]
            if _are(space.cross, (a, b), v) and all(texts):
                return ("cross(", *enclosed(texts[0] or ()), ", ", *enclosed(texts[1] or ()), ")")
    return None


def _triple(v: Sequence[Node]) -> Pieces | None:
    """``vec3(x, y, z)``, of any three numbers."""
    bare = tuple(s if (s := stripped(x)[0]).op == "const" else x for x in v)
    for given in (bare, v):
        if _are(space.components, ("vec3", *given), v):
            return ("vec3(", Slot(given[0]), ", ", Slot(given[1]), ", ", Slot(given[2]), ")")
    return None


def _are(function: Callable[..., Sequence[Node]], args: Sequence[Any], v: Sequence[Node]) -> bool:
    """Return whether a function of the graph gives these very components."""
    return all(same(lambda *a, i=i: function(*a)[i], tuple(args), x) for i, x in enumerate(v))
