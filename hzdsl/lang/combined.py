"""What joins objects: unions of collections, the legs of a candidate, links and chains, vectors given by components.

The attributes of a union are those that its members share; a value of the union is the member's own, so that every
lepton of ``mu | el`` keeps its flavour and its isolation.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, ClassVar

from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.axes import leaf_axes, target
from hzdsl.ir.node import Node, make
from hzdsl.lang import kinematics
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.objects import Object, Particle, Single, Sum
from hzdsl.lang.records import Record, UnderRecord, meaning, taken
from hzdsl.lang.values import Value, to_node
from hzdsl.lang.vectors import Vec3


class UnionRecord(Record):
    """What the members of a union share.

    Parameters
    ----------
    axis : Node
        The union.
    parts : sequence of Record
        One per member, in order, each along the axis of its member.
    """

    def __init__(self, axis: Node, parts: Sequence[Record]) -> None:
        self.axis, self._parts = axis, tuple(parts)

    def meaning(self) -> Hashable:
        return "union", self.axis, tuple(part.meaning() for part in self._parts)

    def stored(self) -> Sequence[str]:
        return _shared([part.stored() for part in self._parts], [part.attributes() for part in self._parts])

    def own(self, name: str) -> Any:
        return stacked([part.attribute(name) for part in self._parts], self.axis)

    def leg_names(self) -> tuple[str, ...]:
        named = {part.leg_names() for part in self._parts}
        return named.pop() if len(named) == 1 else ()

    def leg(self, name: str) -> Any:
        return stacked([part.leg(name) for part in self._parts], self.axis)

    def four_vector(self) -> Vec4:
        found = stacked([part.four_vector() for part in self._parts], self.axis)
        assert isinstance(found, Vec4)
        return found


class LegsRecord(Record):
    """What the legs of an object share; each leg is an object along the axis of the whole."""

    def __init__(self, axis: Node, legs: Sequence[Any]) -> None:
        self.axis, self._legs = axis, tuple(legs)

    def meaning(self) -> Hashable:
        return "legs", self.axis, tuple(meaning(leg) for leg in self._legs)

    def stored(self) -> Sequence[str]:
        return _shared([leg.record.stored() for leg in self._legs], [leg.attributes() for leg in self._legs])

    def own(self, name: str) -> Any:
        return stacked([leg.attribute(name) for leg in self._legs], self.axis)

    def four_vector(self) -> Vec4:
        found = stacked([leg.attribute("p4") for leg in self._legs], self.axis)
        assert isinstance(found, Vec4)
        return found


class RowRecord(Record):
    """The elements of a row, which have nothing but their place."""

    def __init__(self, axis: Node) -> None:
        self.axis = axis

    def meaning(self) -> Hashable:
        return "row", self.axis

    def stored(self) -> Sequence[str]:
        return ()


class SharedRecord(Record):
    """What two records of one axis have alike, where an object may have come with either."""

    def __init__(self, a: Record, b: Record) -> None:
        self.axis, self._a, self._b = a.axis, a, b

    def meaning(self) -> Hashable:
        return "shared", self._a.meaning(), self._b.meaning()

    def stored(self) -> Sequence[str]:
        return [n for n in self._a.stored() if n in self._b.stored()]

    def own(self, name: str) -> Any:
        return _alike(name, self._a.own(name), self._b.own(name))

    def four_vector(self) -> Vec4:
        found = _alike("p4", self._a.four_vector(), self._b.four_vector())
        assert isinstance(found, Vec4)
        return found

    def leg_names(self) -> tuple[str, ...]:
        names = self._a.leg_names()
        return names if names == self._b.leg_names() else ()

    def leg(self, name: str) -> Any:
        return _alike(name, self._a.leg(name), self._b.leg(name))


def _alike(name: str, mine: Any, theirs: Any) -> Any:
    """Return an attribute that two records have alike, or refuse one that they do not."""
    if meaning(mine) != meaning(theirs):
        fix = "assign one meaning to all, or use the attributes of each member"
        raise HzdslError("attribute", f"'{name}' means something else for each of the members", fix=fix)
    return mine


class GivenRecord(Record):
    """Components given as values: what `vector(…)` stands for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        nodes = build.on_common_axis(*(to_node(x) for x in values.values()))
        self._values = {n: Value(node) for n, node in zip(values, nodes, strict=True)}
        axis = nodes[0].type.axis
        assert axis is not None
        self.axis = axis

    @property
    def name(self) -> str:
        return "the vector"

    @property
    def transverse(self) -> bool:
        return True

    def stored(self) -> Sequence[str]:
        return list(self._values)

    def own(self, name: str) -> Any:
        return self._values[name]

    def four_vector(self) -> Vec4:
        if "px" not in self._values:
            return super().four_vector()
        px, py = (self._values[n].as_f64() for n in ("px", "py"))
        none = kinematics.zero_like(px, px.node.type.unit)
        return Vec4(px, py, none, kinematics.sqrt(px * px + py * py))


def transverse_vector(components: Mapping[str, Any]) -> Single:
    """Return a massless vector in the transverse plane, from px and py or pt and phi."""
    return Single(GivenRecord(components))


def _shared(stored: Sequence[Sequence[str]], known: Sequence[Sequence[str]]) -> list[str]:
    """Return the names that one member has of its own and all others have, too."""
    every = dict.fromkeys(name for names in stored for name in names)
    return [n for n in every if all(n in names for names in known)]


# ---- values of members put together --------------------------------------------------------------------------------


def stacked(parts: Sequence[Any], axis: Node) -> Any:
    """Return one attribute along a union, legs or a row, of the attribute of each member."""
    along = axis.args if axis.op == "union" else (axis.type.axis,) * len(parts)
    if all(isinstance(p, Value) for p in parts):
        return Value(members.stack([_on(p.node, a) for p, a in zip(parts, along, strict=True)], axis))
    for vector in (Vec4, Vec3):
        if all(isinstance(p, vector) for p in parts):
            return vector(*(stacked(c, axis) for c in zip(*(p.components for p in parts), strict=True)))
    if all(isinstance(p, Object) for p in parts):
        reference = members.stack([_on(p.reference, a) for p, a in zip(parts, along, strict=True)], axis)
        return Object(_record_of([p.record for p in parts], [target(p.reference) for p in parts]), reference)
    raise HzdslError("attribute", "the members have different things under this name", fix="assign one meaning to all")


def _on(node: Node, axis: Node | None) -> Node:
    assert axis is not None
    return build.lift(node, axis)


def _record_of(records: Sequence[Record], targets: Sequence[Node]) -> Record:
    """Return the record of objects that come with any of these: of each axis what its records have alike."""
    by_axis: dict[Node, Record] = {}
    for record, axis in zip(records, targets, strict=True):
        known = by_axis.get(axis)
        alike = known is None or known.meaning() == record.meaning()
        by_axis[axis] = record if known is None else known if alike else SharedRecord(known, record)
    union, found = next(iter(by_axis.items()))
    for axis, record in list(by_axis.items())[1:]:
        union = make("union", union, axis)
        found = UnionRecord(union, (found, record))
    return found


class Either(Object):
    """One of two objects of a collection that have their attributes from different records: each its own."""

    _fields: ClassVar[frozenset[str]] = frozenset({"record", "reference", "condition", "options"})

    def __init__(self, condition: Node, x: Object, y: Object) -> None:
        assert x.record is not None
        assert y.record is not None
        super().__init__(SharedRecord(x.record, y.record), build.where(condition, x.reference, y.reference))
        self.condition, self.options = condition, (x, y)

    def attribute(self, name: str) -> Any:
        if name == "legs":
            return super().attribute(name)
        return chosen(self.condition, *(option.attribute(name) for option in self.options))

    def mapped(self, move: Callable[[Node], Node]) -> Object:
        return Either(move(self.condition), *(option.mapped(move) for option in self.options))


def chosen(condition: Node, x: Any, y: Any) -> Any:
    """Return x where a condition holds, else y: values, vectors or objects."""
    if isinstance(x, Object) and isinstance(y, Object):
        assert x.record is not None
        assert y.record is not None
        if x.record.meaning() != y.record.meaning():
            return Either(condition, x, y)
        return Object(x.record, build.where(condition, x.reference, y.reference))
    if isinstance(x, Vec4 | Vec3) and type(x) is type(y):
        return type(x)(*(chosen(condition, a, b) for a, b in zip(x.components, y.components, strict=True)))
    return Value(build.where(condition, to_node(x), to_node(y)))


# ---- legs ----------------------------------------------------------------------------------------------------------


def leaf_objects(x: Any) -> list[Object]:
    """Return the particles that an object is made of, left to right."""
    if isinstance(x, Sum):
        return [leaf for member in x.members.values() for leaf in leaf_objects(member)]
    if not isinstance(x, Object):
        return []
    assert x.record is not None
    names = x.record.leg_names()
    if names:
        return [leaf for name in names for leaf in leaf_objects(taken(x.record.leg(name), x.reference))]
    if len(leaf_axes(target(x.reference))) != 1:
        raise HzdslError("attribute", f"{x!r} has members of different numbers of legs", fix="use the legs of each")
    return [x]


def legs_record(x: Particle) -> LegsRecord:
    """Return the record of the legs of an object: its particles, along an axis of their own."""
    leaves = leaf_objects(x)
    if not leaves:
        raise HzdslError("attribute", f"{x!r} is no candidate: it has no legs", fix="use it on pair(…) or a sum")
    axis = members.legs([leaf.reference for leaf in leaves])
    whole = axis.type.axis
    assert whole is not None
    return LegsRecord(axis, [leaf.mapped(lambda r: build.lift(r, whole)) for leaf in leaves])


# ---- links ---------------------------------------------------------------------------------------------------------


def linked(index: Value, record: Record, sure: bool = False) -> Object:
    """Return the elements of a stored collection that an index branch points to; `sure` promises that it does."""
    return Object(record, members.link(index.node, record.axis, sure))


def chain_record(start: Node, step: Object) -> UnderRecord:
    """Return the record of what a link leads to from an object, and on from there."""
    assert step.record is not None
    return UnderRecord(step.record, members.chain(start, step.reference))
