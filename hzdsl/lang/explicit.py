"""Functions that say explicitly what the language does by itself: printing needs them, and now and then an author.

Each is one operation of the core, on surface values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT, leaf_axes, parent, stored, target
from hzdsl.ir.node import Node, make
from hzdsl.ir.units import NONE, parse_unit
from hzdsl.lang.collections import Collection
from hzdsl.lang.combined import LegsRecord, RowRecord, chain_record, linked, stacked
from hzdsl.lang.objects import Object, Particle
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.records import UnderRecord
from hzdsl.lang.values import Value, to_node


def _objects(name: str, *given: Any) -> list[Object]:
    for x in given:
        if not isinstance(x, Object):
            raise HzdslError("arguments", f"{name} takes objects of collections, not {x!r}", fix="e.g. Muon[0]")
    return list(given)


def _collection(name: str, x: Any) -> Collection:
    if not isinstance(x, Collection):
        raise HzdslError("arguments", f"{name} takes a collection, not {x!r}", fix="e.g. Muon")
    return x


def value(x: Any) -> Value:
    """Return a number as a value: arithmetic of plain numbers happens at once, that of values per event."""
    return Value(to_node(x))


def quantity(number: Any, unit: str) -> Quantity | Value:
    """Return a number in a unit that no name stands for, such as ``quantity(3, "1e-4*GeV*cm")``.

    ``quantity(0, "1")`` is a plain number, while 0 fits every unit.
    """
    if isinstance(number, bool) or not isinstance(number, int | float) or not isinstance(unit, str):
        raise HzdslError("arguments", f"quantity takes a number and a unit, not {number!r}, {unit!r}")
    found = parse_unit(unit)
    return Value(build.plain_const(number)) if found == NONE else Quantity(float(number), found)


def xor(a: Any, b: Any) -> Value:
    """Return the bits that are set in one of two integers and not in the other."""
    return Value(build.bits("xor", to_node(a), to_node(b)))


def shares(a: Any, b: Any) -> Value:
    """Return whether two objects share a particle; false where one is missing."""
    x, y = _objects("shares", a, b)
    return Value(make("shares", *build.on_common_axis(x.reference, y.reference)))


def legs(*objects: Any) -> Collection:
    """Return particles as a collection: one list of them, in this order, for each position of their axis."""
    leaves = _objects("legs", *objects)
    if not leaves:
        raise HzdslError("arguments", "legs takes at least one object", fix="legs(z.leg1, z.leg2)")
    for x in leaves:
        if len(leaf_axes(target(x.reference))) != 1:
            raise HzdslError(
                "arguments", f"legs takes particles, and {x!r} is a candidate", fix="x.legs are its particles"
            )
    axis = members.legs([x.reference for x in leaves])
    whole = axis.type.axis
    assert whole is not None
    return Collection(LegsRecord(axis, [Object(x.record, build.lift(x.reference, whole)) for x in leaves]))


def stack(*parts: Any) -> Any:
    """Return a value along a union, legs or a row, the last argument, of a value (or object) for each member."""
    *given, last = parts or (None,)
    axis = _collection("stack", last).axis
    if len(given) != _members(axis):
        fix = "stack(a, b, A | B): a along A, b along B"
        raise HzdslError("arguments", f"stack takes a value for each member of {last!r}", fix=fix)
    return stacked([x if isinstance(x, Particle) else Value(to_node(x)) for x in given], axis)


def _members(axis: Node) -> int | None:
    """Return of how many values one along an axis is stacked; None where it cannot be."""
    if axis.op == "row":
        return axis.number("n")
    return len(axis.args) if axis.op in ("union", "legs") else None


def row(n: int) -> Collection:
    """Return a collection of n elements that every event has: what ``stack`` puts values of the event in a list on."""
    if isinstance(n, bool) or not isinstance(n, int):
        raise HzdslError("arguments", f"row takes a number of elements, not {n!r}", fix="e.g. row(3)")
    return Collection(RowRecord(make("row", EVENT, n=n)))


def link(index: Any, collection: Any, sure: bool = False) -> Object:
    """Return the elements of a stored collection that an index branch points to; missing where it is outside.

    With ``sure = True`` the author promises that it never is: then nothing is missing, and what is read outside is
    arbitrary.
    """
    elements = _collection("link", collection)
    assert elements.record is not None
    if not isinstance(sure, bool):
        raise HzdslError(
            "arguments", f"link takes sure = True or False, not {sure!r}", fix="link(index, Jet, sure=True)"
        )
    return linked(Value(to_node(index)), elements.record, sure)


def collect(x: Any, objects: Any) -> Value:
    """Return for each element that objects refer to the sum of the values that those objects have.

    ``collect(Muon.pt, Muon.jet)`` is, per jet, the sum over the muons that point to it; 0 where none does.
    """
    (reference,) = _objects("collect", objects)
    return Value(members.collect(to_node(x), reference.reference))


def chain(start: Any, step: Any) -> Collection:
    """Return what a link leads to from an object, and on from there, until there is none or one comes again."""
    first, second = _objects("chain", start, step)
    return Collection(chain_record(first.reference, second))


def nested(element: Any, collection: Any) -> Collection:
    """Return the nested elements of what an object refers to; none where it is missing."""
    (whole,), inner = _objects("nested", element), _collection("nested", collection)
    if inner.axis.op != "collection" or stored(target(whole.reference)) is not parent(inner.axis):
        raise HzdslError("axis", f"{inner!r} is not nested in {whole!r}", fix="nested(jet, Jet.tracks)")
    assert inner.record is not None
    axis = members.nested(whole.reference, inner.axis)
    return inner if axis is inner.axis else Collection(UnderRecord(inner.record, axis))


#: By their names on the surface.
EXPLICIT: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "value": value,
        "quantity": quantity,
        "xor": xor,
        "shares": shares,
        "legs": legs,
        "stack": stack,
        "row": row,
        "link": link,
        "collect": collect,
        "chain": chain,
        "nested": nested,
    }
)
