"""Collections: objects along their own axis, to select, order, combine and choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build, formulas, members
from hzdsl.ir.axes import parent, target
from hzdsl.ir.node import Node, make
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.units import GEV
from hzdsl.lang.combined import UnionRecord, legs_record
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.objects import Object, Particle, is_function, number_of_attribute, one_object
from hzdsl.lang.places import located
from hzdsl.lang.records import AssignedRecord, CandidateRecord, Record, SelectedRecord, UnderRecord, restricted
from hzdsl.lang.synonyms import of_attribute
from hzdsl.lang.values import Value, to_node
from hzdsl.lang.verbs import verb


class Collection(Object):
    """The elements of an axis, to select, order, combine and choose from."""

    def __init__(self, record: Record) -> None:
        super().__init__(record, make("self", record.axis))

    @property
    def axis(self) -> Node:
        """The index space."""
        assert self.record is not None
        return self.record.axis

    def attribute(self, name: str) -> Any:
        assert self.record is not None
        return self._legs() if name == "legs" and self.record.leg_names() else self.record.attribute(name)

    def element(self) -> Object:
        """Return the current element."""
        assert self.record is not None
        return Object(self.record, self.reference)

    def _instead(self, owner: str, name: str) -> str:
        return f"{owner} = {owner}.assign({name}=…)"

    def _with_axis(self, axis: Node) -> Collection:
        assert self.record is not None
        whole = self.record.base if isinstance(self.record, SelectedRecord) else self.record
        return Collection(SelectedRecord(whole, axis))  # of a selection: what it selects from, however deep

    def _value(self, x: Any) -> Node:
        return to_node(x(self) if is_function(x) else x)

    @located
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self.attribute(key)
        if isinstance(key, bool | float):
            raise HzdslError("arguments", f"{self!r}[{key!r}] is neither a position nor a condition")
        if isinstance(key, int):
            assert self.record is not None
            return Object(self.record, make("nth", self.axis, i=key))
        if isinstance(key, slice):
            return self._with_axis(make("slice", self.axis, **slice_bounds(key)))
        return self._with_axis(members.select(self.axis, self._value(key)))

    @verb(scoped=True)
    @located
    def sort(self, *keys: Any) -> Collection:
        """Return the collection ordered by ascending keys (stable; NaN and missing last)."""
        return self._with_axis(members.order(self.axis, tuple(self._value(k) for k in keys)))

    def _picked(self, keys: Sequence[Any], direction: str) -> Object:
        assert self.record is not None
        nodes = tuple(self._value(k) for k in keys)
        return Object(self.record, members.pick(self.axis, nodes, direction))

    @verb(scoped=True)
    @located
    def argmin(self, *keys: Any) -> Object:
        """Return the element with the least keys, the first at ties; missing where there is none."""
        return self._picked(keys, "argmin")

    @verb(scoped=True)
    @located
    def argmax(self, *keys: Any) -> Object:
        """Return the element with the greatest keys, the first at ties; missing where there is none."""
        return self._picked(keys, "argmax")

    @verb()
    @located
    def leading(self) -> Object:
        """Return the element of greatest pt."""
        return self._picked([self.attribute("pt")], "argmax")

    @verb(slot=True)
    @located
    def nearest(self, mass: Any) -> Object:
        """Return the element whose mass is nearest; a bare number is in GeV."""
        if isinstance(mass, Particle):
            fix = of_attribute("nearest_to", ())
            raise HzdslError("arguments", f"nearest takes a mass, not {mass!r}", fix=fix)
        target = build.in_slot(to_node(mass), GEV, "nearest(m)")
        return self._picked([Value(formulas.distance(self.attribute("mass").node, target))], "argmin")

    @verb(slot=True)
    @located
    def nearest_mass_truncated(self, mass: Any) -> Object:
        """Return ROOT df103's choice: nearest to `mass`, with the best mass so far kept in a C++ int."""
        assert self.record is not None
        target = build.in_slot(to_node(mass), GEV, "nearest_mass_truncated(m)")
        value = build.to_unit(self.attribute("mass").node, GEV)  # the int is in GeV, whatever the file holds
        return Object(self.record, members.pick_truncated(self.axis, value, build.to_unit(target, GEV)))

    @verb(scoped=True)
    @located
    def pick_truncated(self, value: Any, target: Any) -> Object:
        """Return df103's choice by any value along the collection, in f64."""
        assert self.record is not None
        node = members.seen_by(self._value(value), self.axis, "order")
        return Object(self.record, members.pick_truncated(self.axis, node, self._value(target)))

    @verb()
    @located
    def leg(self, k: int) -> Object:
        """Return leg number `k`, counted from 1, of each candidate."""
        assert self.record is not None
        names = self.record.leg_names()
        if not isinstance(k, int) or not 1 <= k <= len(names):
            raise HzdslError(
                "attribute", f"{self!r} has no leg {k!r}", fix="use it on pair(…): legs are counted from 1"
            )
        return Object(self.record.leg(names[k - 1]).record, make("leg", self.axis, k=k - 1))

    @verb()
    @located
    def under(self) -> Object:
        """Return for each position of ``B.per(A)``, of a chain or of nested elements, the element it stands for."""
        if not isinstance(self.record, UnderRecord):
            raise HzdslError("attribute", f"{self!r} does not stand for other elements", fix="B.per(A).under()")
        return Object(self.record.base, make("under", self.axis))

    @verb(scoped=True)
    @located
    def assign(self, **values: Any) -> Collection:
        """Return the collection with attributes added or replaced."""
        assert self.record is not None
        made = {n: self._assigned(n, v(self) if is_function(v) else v) for n, v in values.items()}
        return Collection(AssignedRecord(self.record, made))

    def _assigned(self, name: str, x: Any) -> Any:
        if isinstance(x, Vec4):
            return restricted(x, self.axis)
        if isinstance(x, Particle):
            return one_object(name, x).mapped(lambda r: members.seen_by(r, self.axis, f"be attribute '{name}' of"))
        assert self.record is not None
        return Value(members.seen_by(number_of_attribute(name, x, self.record), self.axis, f"be attribute '{name}' of"))

    @verb()
    @located
    def per(self, other: Collection) -> Collection:
        """Return, for each element of `other`, all of this collection."""
        if not isinstance(other, Collection):
            fix = "B.per(A): for each of A, all of B"
            raise HzdslError("arguments", f"per takes a collection, not {other!r}", fix=fix)
        assert self.record is not None
        axis = make("per", self.axis, other.axis)
        return Collection(UnderRecord(self.record, axis))

    @located
    def __or__(self, other: Any) -> Collection:
        if not isinstance(other, Collection):
            raise HzdslError(
                "dtype", f"{self!r} | {other!r}: a union is of collections", fix="conditions: (a > x) | (b > y)"
            )
        assert self.record is not None
        assert other.record is not None
        axis = members.union(self.axis, other.axis)
        return self if axis is self.axis else Collection(UnionRecord(axis, (self.record, other.record)))

    def mapped(self, move: Callable[[Node], Node]) -> Collection:
        """Return nested elements, or a chain, of an object that moves along the axes."""
        assert self.record is not None
        axis = rebased(self.axis, move)
        if axis is self.axis:
            return self
        base = self.record.base if isinstance(self.record, UnderRecord) else self.record
        return Collection(UnderRecord(base, axis))

    @located
    def __sub__(self, other: Any) -> Collection:
        if not isinstance(other, Particle):
            said = spell(other.node, 60) if isinstance(other, Value) else repr(other)
            raise HzdslError(
                "dtype",
                f"{axis_name(self.axis)} - {said}: only objects can be excluded",
                fix="an object or a collection: A - z; numbers: A.pt - x",
            )
        references = other.references()
        if not references:
            return self
        clash = None
        for reference in references:
            found = members.clash(self.axis, reference)
            clash = found if clash is None else build.logic("or", clash, found)
        assert clash is not None
        if len(references) > 1:  # of a sum with a missing leg there is nothing to exclude
            clash = build.logic("and", other.exists.node, clash)
        return self._with_axis(members.select(self.axis, make("not", clash)))

    # ---- pairs ----

    def _leg_attributes(self, name: str) -> list[Value]:
        assert self.record is not None
        names = self.record.leg_names()
        if not names:
            raise HzdslError("attribute", f"{self!r} has no legs", fix="use it on pair(…)")
        return [self.record.leg(n).attribute(name) for n in names[:2]]

    @verb()
    @located
    def opposite_charge(self) -> Collection:
        """Return the pairs whose charges multiply to less than 0."""
        a, b = self._leg_attributes("charge")
        return self[a * b < 0]  # type: ignore[no-any-return]

    @verb()
    @located
    def same_charge(self) -> Collection:
        """Return the pairs whose charges multiply to more than 0."""
        a, b = self._leg_attributes("charge")
        return self[a * b > 0]  # type: ignore[no-any-return]

    @verb()
    @located
    def same_flavor(self) -> Collection:
        """Return the pairs of one flavour."""
        a, b = self._leg_attributes("flavor")
        return self[a == b]  # type: ignore[no-any-return]


def rebased(axis: Node, move: Callable[[Node], Node]) -> Node:
    """Return the axis of nested elements (or of a chain) after what they belong to has moved."""
    if axis.op == "collection":
        return members.nested(move(make("self", parent(axis))), axis)
    if axis.op in ("at", "chain"):
        reference = move(axis.args[0])
        return make(axis.op, members.as_stored(reference, target(axis.args[0])), axis.args[1])
    raise HzdslError(
        "unsupported", f"{axis_name(axis)} is a selection, and cannot be an attribute", fix="select it later"
    )


def legs(x: Particle) -> Collection:
    """Return the particles that an object is made of, left to right."""
    return Collection(legs_record(x))


def slice_bounds(key: slice) -> dict[str, int | None]:
    """Return the attributes of a `slice` axis, or refuse one that counts from the end."""
    start, stop = key.start or 0, key.stop
    if (
        key.step not in (None, 1)
        or not isinstance(start, int)
        or start < 0
        or not (stop is None or (isinstance(stop, int) and stop >= 0))
    ):
        raise HzdslError(
            "arguments",
            f"[{key.start}:{key.stop}] counts from the end or in steps",
            fix="sort first, then [i:j] with i, j >= 0",
        )
    return {"start": start, "stop": stop}


def combinations(collection: Collection, n: int) -> Collection:
    """Return the unordered choices of n elements, legs `leg1` to `leg<n>`."""
    axis = make("choose", collection.axis, n=n)
    assert collection.record is not None
    return Collection(CandidateRecord(axis, _legs(axis, {f"leg{k + 1}": collection for k in range(n)})))


def product(named: Mapping[str, Collection]) -> Collection:
    """Return one element of each collection, disjoint, with the given leg names."""
    axis = make("product", *(c.axis for c in named.values()))
    return Collection(CandidateRecord(axis, _legs(axis, named)))


def _legs(axis: Node, named: Mapping[str, Collection]) -> dict[str, Object]:
    legs = {}
    for k, (name, collection) in enumerate(named.items()):
        assert collection.record is not None
        legs[name] = Object(collection.record, make("leg", axis, k=k))
    return legs
