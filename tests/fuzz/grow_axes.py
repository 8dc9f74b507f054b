"""Strategies of axes and objects."""

from __future__ import annotations

from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT, STANDING, finer, leaf_axes, leg_axes, parent, sees, stored
from hzdsl.ir.identity import disjoint
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from tests.backends.ragged import COLLECTIONS, NESTED, collection, column
from tests.fuzz.grow import (
    FLOATING,
    GROW,
    INTEGER,
    NUMERIC,
    keep,
    keys,
    needed,
    strategy,
)
from tests.fuzz.pool import Pool, joined

# ---- axes ------------------------------------------------------------------------------------------------------------


@strategy("collection")
def _collection(p: Pool, d: str) -> None:
    axis = p.pick(p.axes[:3])
    p.add(make("self", axis), make("count", axis))


@strategy("filter", ("bool",))
def _filter(p: Pool, d: str) -> None:
    axis = p.axis()
    keep(p, members.select(axis, p.condition(axis)))


@strategy("sort", NUMERIC)
def _sort(p: Pool, d: str) -> None:
    axis = p.axis()
    keep(p, members.order(axis, keys(p, axis, d)))


@strategy("slice")
def _slice(p: Pool, d: str) -> None:
    start = p.choose(3)
    keep(p, make("slice", p.axis(), start=start, stop=p.pick((None, start, start + 1, start + 2))))


@strategy("choose")
def _choose(p: Pool, d: str) -> None:
    keep(p, make("choose", p.axis(), n=p.pick((2, 2, 3))))


@strategy("product")
def _product(p: Pool, d: str) -> None:
    keep(p, make("product", *(p.axis() for _ in range(p.pick((2, 2, 3))))))


@strategy("per")
def _per(p: Pool, d: str) -> None:
    outer = p.axis()
    keep(p, make("per", p.pick(needed([a for a in p.axes if sees(outer, parent(a))])[::-1]), outer))


@strategy("union")
def _union(p: Pool, d: str) -> None:
    keep(p, a_union(p))


def a_union(p: Pool) -> Node:
    a = p.axis()
    b = p.pick(needed([b for b in p.axes if b is not a and finer(parent(a), parent(b)) is not None])[::-1])
    return members.union(a, b)


@strategy("legs")
def _legs(p: Pool, d: str) -> None:
    keep(p, some_legs(p))


def some_legs(p: Pool) -> Node:
    """The legs of a candidate, or several objects that share no particle."""
    at = p.reference()
    assert at.type.target is not None
    whole = at.type.target
    parts = [members.take(make("leg", whole, k=k), at) for k in range(len(leg_axes(whole)))]
    if not parts:
        firsts = [make("nth", collection(name), i=k) for name in COLLECTIONS for k in (0, 1)]
        parts = [at, *p.references[-20:], *firsts]
    single = [r for r in parts if r.type.target is not None and len(leaf_axes(r.type.target)) == 1]
    found: list[Node] = []
    for r in single:
        if all(joined(r, f) and disjoint(r, f) for f in found):
            found.append(r)
    return members.legs(needed(found)[:3])


@strategy("row")
def _row(p: Pool, d: str) -> None:
    keep(p, a_row(p))


def a_row(p: Pool) -> Node:
    return make("row", EVENT, n=1 + p.choose(3))


@strategy("chain")
def _chain(p: Pool, d: str) -> None:
    jet = collection(p.pick(COLLECTIONS))
    starts = [r for r in p.references if stored_target(r) is jet]
    keep(p, members.chain(p.pick(starts[::-1]), a_link(p, jet, jet)))


@strategy("at")
def _at(p: Pool, d: str) -> None:
    jet = collection("Jet")
    start = [r for r in p.references if stored_target(r) is jet and r.op != "self"]
    start += [make("nth", jet, i=0), a_link(p, collection("Muon"), jet)]
    keep(p, members.nested(p.pick(start[::-1]), collection(NESTED)))


def stored_target(reference: Node) -> Node:
    assert reference.type.target is not None
    return stored(reference.type.target)


# ---- objects ---------------------------------------------------------------------------------------------------------


@strategy("self")
def _self(p: Pool, d: str) -> None:
    p.add(make("self", p.axis()))


@strategy("under")
def _under(p: Pool, d: str) -> None:
    if not any(a.op in STANDING for a in p.axes):
        GROW[p.pick(STANDING)].grow(p, "-")
    axis = p.pick(needed([a for a in p.axes if a.op in STANDING]))
    p.add(make("under", axis))


@strategy("leg")
def _leg(p: Pool, d: str) -> None:
    if not any(leg_axes(a) for a in p.axes):
        GROW[p.pick(("choose", "product"))].grow(p, "-")
    axis = p.pick(needed([a for a in p.axes if leg_axes(a)])[::-1])
    p.add(make("leg", axis, k=p.choose(len(leg_axes(axis)))))


@strategy("nth")
def _nth(p: Pool, d: str) -> None:
    p.add(make("nth", p.axis(), i=p.choose(4)))


@strategy("pick", NUMERIC)
def _pick(p: Pool, d: str) -> None:
    axis = p.axis()
    p.add(members.pick(axis, keys(p, axis, d), p.pick(("argmin", "argmax"))))


@strategy("pick_truncated", ("f64",))
def _pick_truncated(p: Pool, d: str) -> None:
    axis = p.axis()
    p.add(members.pick_truncated(axis, p.along(axis, DType.F64), p.value(parent(axis), DType(p.pick(FLOATING)))))


@strategy("link", ("i64",))
def _link(p: Pool, d: str) -> None:
    where = p.any_axis()
    lists = [a for a in p.axes[:3] if sees(where, parent(a))]
    p.add(a_link(p, where, p.pick(needed(lists))) if p.chance(80) else a_sure_link(p, p.pick(p.axes[:3])))


def a_sure_link(p: Pool, into: Node) -> Node:
    """From each element to one of the same list: itself, or as far from the end."""
    place = members.place(make("self", into))
    last = build.arithmetic("sub", make("count", into), build.const(1))
    return members.link(place if p.chance(50) else build.arithmetic("sub", last, place), into, sure=True)


def a_link(p: Pool, axis: Node, into: Node) -> Node:
    """An index with few values, or any integer, as a link."""
    dtype = DType(p.pick(INTEGER))
    base = stored(axis)
    if (base is EVENT or base.op == "collection") and not p.chance(25):
        name = "" if base is EVENT else base.text("name")
        index = build.arithmetic("sub", column(name, f"{dtype.value}_t"), build.const(p.choose(2)))
    else:
        index = p.value(axis, dtype)
    return members.link(build.lift(index, axis), into)


@strategy("shares")
def _shares(p: Pool, d: str) -> None:
    p.add(make("shares", *build.on_common_axis(*two_objects(p))))


@strategy("same")
def _same(p: Pool, d: str) -> None:
    p.add(build.compare("eq", *two_objects(p)))


def two_objects(p: Pool) -> tuple[Node, Node]:
    a = p.reference()
    others = [r for r in p.references if joined(a, r)]
    return a, p.pick(others[::-1])
