"""Objects: references to the elements of a collection, single objects of the event, and sums of objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, ClassVar, NoReturn

from hzdsl.errors import HzdslError, UnknownName, did_you_mean
from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT, target
from hzdsl.ir.members import prove_disjoint
from hzdsl.ir.node import Node, make
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.units import GEV, NONE
from hzdsl.lang import python_code
from hzdsl.lang.at_once import AtOnce, no_call
from hzdsl.lang.components import Components
from hzdsl.lang.immutable import Immutable
from hzdsl.lang.kinematics import COMPONENTS, DERIVED, Vec4, derived
from hzdsl.lang.places import located, user_place
from hzdsl.lang.records import ENERGIES, AssignedRecord, Record, summed_charge, summed_p4, taken
from hzdsl.lang.stored import StoredRecord
from hzdsl.lang.synonyms import of_attribute
from hzdsl.lang.values import Value, axis_node, object_node, to_node
from hzdsl.lang.verbs import INTERNAL, verb


def _no_operator(symbol: str) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        if user_place() is None:
            return NotImplemented  # text says it in its own words
        raise _does_not_apply(symbol, self)

    return located(method)


def _no_sign(symbol: str) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        raise _does_not_apply(symbol, self)

    return located(method)


def _does_not_apply(symbol: str, x: Any) -> HzdslError:
    fix = "use one of its attributes, e.g. its pt"
    return HzdslError("dtype", f"'{symbol}' does not apply to {x!r}", fix=fix)


class Particle(AtOnce, Immutable):
    """What objects, collections and sums have in common: attributes, identity, addition."""

    _fields: ClassVar[frozenset[str]] = frozenset({"record", "reference", "members"})
    record: Record | None = None

    def attribute(self, name: str) -> Any:
        """Return the attribute `name`, along the axis of this object."""
        raise NotImplementedError

    def attributes(self) -> list[str]:
        """Return the names of the attributes, stored and derived."""
        record = self.record
        return [] if record is None else [*record.attributes(), *(["legs"] if record.leg_names() else [])]

    def _legs(self) -> Any:
        """Return the particles that a candidate is made of, left to right, as a collection."""
        from hzdsl.lang.collections import legs

        return legs(self)

    def references(self) -> list[Node]:
        """Return references to the particles this object is made of (a candidate's as one)."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in self._fields:
            raise AttributeError(name)
        try:
            return located(self.attribute)(name)
        except UnknownName as error:
            verb = did_you_mean(name, (v for v in dir(type(self)) if not v.startswith("_") and v not in INTERNAL))
            if verb and error.vague:
                error.fix = verb
            raise

    def _ipython_key_completions_(self) -> list[str]:
        return self.attributes()

    def __dir__(self) -> list[str]:
        verbs = (n for n in super().__dir__() if not n.startswith("_") and n not in INTERNAL)
        return sorted({*verbs, *self.attributes()})

    @located
    def __add__(self, other: Any) -> Sum:
        if not isinstance(other, Particle):
            raise HzdslError("dtype", f"{self!r} + {other!r}: an object can only be added to an object")
        return Sum({"leg1": self, "leg2": other})

    @located
    def __sub__(self, other: Any) -> Any:
        fix = "of two objects: a difference of attributes (a.pt - b.pt); to exclude: a collection minus an object"
        raise HzdslError("dtype", f"{self!r} - {other!r}: an object has no difference", fix=fix)

    __neg__, __abs__, __invert__ = _no_sign("-"), _no_sign("abs"), _no_sign("~")
    __radd__ = _no_operator("+")
    __mul__ = __rmul__ = _no_operator("*")
    __truediv__ = __rtruediv__ = _no_operator("/")
    __pow__, __and__, __or__ = _no_operator("**"), _no_operator("&"), _no_operator("|")
    __rpow__, __rand__, __ror__ = _no_operator("**"), _no_operator("&"), _no_operator("|")
    __mod__ = __rmod__ = _no_operator("%")
    __rsub__ = _no_operator("-")
    __xor__, __lshift__, __rshift__ = _no_operator("^"), _no_operator("<<"), _no_operator(">>")
    __lt__, __le__ = _no_operator("<"), _no_operator("<=")
    __gt__, __ge__ = _no_operator(">"), _no_operator(">=")

    @property
    def exists(self) -> Value:
        """Whether the object is there."""
        references = self.references()
        if not references:  # a single object of the event
            return Value(build.lift(build.const(True), EVENT))
        nodes = build.on_common_axis(*(make("exists", r) for r in references))
        found = nodes[0]
        for node in nodes[1:]:
            found = build.logic("and", found, node)
        return Value(found)

    @verb()
    @located
    def in_frame(self, other: Any) -> Vec4:
        """Return the four-vector in the rest frame of another object: a pure boost, axes kept."""
        if not isinstance(other, Particle | Vec4):
            raise HzdslError("arguments", f"in_frame takes an object, not {other!r}", fix="e.g. z.leg1.in_frame(z)")
        p4: Vec4 = self.attribute("p4")
        return p4.in_frame(other)

    def _compared(self, other: Any) -> tuple[Node, Node]:
        mine, theirs = self.references(), other.references() if isinstance(other, Particle) else []
        if len(mine) != 1 or len(theirs) != 1:
            raise HzdslError(
                "dtype",
                f"{self!r} == {other!r}: == compares objects of collections",
                fix="compare their legs",
            )
        return mine[0], theirs[0]

    @located
    def __eq__(self, other: object) -> Value:  # type: ignore[override]
        return Value(build.compare("eq", *self._compared(other)))

    @located
    def __ne__(self, other: object) -> Value:  # type: ignore[override]
        return Value(build.not_equal(*self._compared(other)))

    __hash__ = object.__hash__

    @located
    def __bool__(self) -> NoReturn:
        raise HzdslError(
            "python-logic",
            f"{self!r} stands for an object of every event, not for a truth value",
            fix="use .exists, & | ~ and hz.where",
        )

    @located
    def __iter__(self) -> NoReturn:
        fix = python_code.loop(user_place()) or "use hz.any, hz.sum, hz.count, or C[i]"
        raise HzdslError("python-logic", f"{self!r} cannot be looped over", fix=fix)

    @located
    def __len__(self) -> NoReturn:
        fix = python_code.loop(user_place()) or "use hz.count(x)"
        raise HzdslError("python-logic", "len() is Python's; the number per event is hz.count(…)", fix=fix)

    @located
    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        raise no_call(repr(self), "an object")

    @located
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self.attribute(key)
        raise HzdslError("dtype", f"{self!r} is one object, and has no elements", fix="use its attributes or its legs")


class Object(Particle):
    """A reference to an element of a record's axis."""

    def __init__(self, record: Record | None, reference: Node) -> None:
        self.record, self.reference = record, reference

    def attribute(self, name: str) -> Any:
        assert self.record is not None
        if name == "legs" and self.record.leg_names():
            return self._legs()
        return taken(self.record.attribute(name), self.reference)

    def references(self) -> list[Node]:
        return [self.reference]

    def element(self) -> Object:
        """Return the object alone: of a collection its current element."""
        return self

    @verb()
    @located
    def along(self, collection: Any) -> Object:
        """Return the object for each element of a collection, restricted or broadcast to it."""
        return Object(self.record, members.seen_by(self.reference, axis_node(collection, "along"), "be spread along"))

    @verb()
    @located
    def at(self, element: Any) -> Object:
        """Return what the object is for the element that another object stands for."""
        return Object(self.record, members.taken_at(self.reference, object_node(element, "at")))

    @verb()
    @located
    def as_i64(self) -> Value:
        """Return the place of an element in its stored list, from 0."""
        if target(self.reference).op != "collection":
            raise HzdslError("dtype", f"{self!r} is no element of a stored collection", fix="use one of its attributes")
        return Value(members.place(self.reference))

    def mapped(self, move: Callable[[Node], Node]) -> Object:
        """Return the same kind of object with its reference moved along the axes."""
        assert self.record is not None
        return Object(self.record, move(self.reference))

    def _instead(self, owner: str, name: str) -> str:
        return f"assign to the collection, then choose: C = C.assign({name}=…)"

    def __repr__(self) -> str:
        return f"<{spell(self.reference, 400)} : {self.reference.type}>"


class Single(Particle):
    """An object of the event itself (MET): attributes, no identity."""

    def __init__(self, record: Record) -> None:
        self.record = record

    @verb(scoped=True)
    @located
    def assign(self, **values: Any) -> Single:
        """Return the object with attributes added or replaced."""
        assert self.record is not None
        made = {n: self._assigned(n, v(self) if is_function(v) else v) for n, v in values.items()}
        return Single(AssignedRecord(self.record, made))

    def _assigned(self, name: str, x: Any) -> Any:
        assert self.record is not None
        if isinstance(x, Vec4 | Single):
            return x
        what = f"be attribute '{name}' of"
        if isinstance(x, Particle):
            axis = self.record.axis
            return one_object(name, x).mapped(lambda r: members.seen_by(r, axis, what))
        return Value(members.seen_by(number_of_attribute(name, x, self.record), self.record.axis, what))

    def attribute(self, name: str) -> Any:
        assert self.record is not None
        return self.record.attribute(name)

    def references(self) -> list[Node]:
        return []

    def __repr__(self) -> str:
        assert self.record is not None
        return f"<{self.record.name} @ {axis_name(self.record.axis)}>"


def one_object(name: str, x: Particle) -> Object:
    """Return what is to be an attribute, where it is an element of a collection."""
    if isinstance(x, Object):
        return x.element()
    fix = "assign its four-vector (.p4), or its attributes one by one"
    raise HzdslError("dtype", f"attribute '{name}' is {x!r}, which is no element of a collection", fix=fix)


def number_of_attribute(name: str, x: Any, of: Record) -> Node:
    """Return what a number is as an attribute: a momentum or energy of 0, which fits every unit, is one in GeV.

    Raises
    ------
    HzdslError
        ``unit`` for a bare number in place of a stored one that has a unit.
    """
    node = to_node(x)
    if name in ENERGIES and node.type.unit.anything:
        return build.in_slot(node, GEV, f"'{name}'")
    if (number := build.const_value(node)) is not None and node.type.unit == NONE and name in of.stored():
        known = of.own(name)
        unit = known.node.type.unit if isinstance(known, Value) else NONE
        if not unit.dimensionless:
            fix = f"write the unit: {name}={number}*{unit.natural()} (text: {name} = {number} {unit.natural()})"
            raise HzdslError("unit", f"'{name}' is in {unit}, and {number} is a plain number", fix=fix)
    return node


def is_function(x: Any) -> bool:
    """Return whether an argument is a function of the user's, to be called with the collection."""
    return callable(x) and not isinstance(x, Value | Particle | Components | type)


def _singles(x: Particle) -> list[StoredRecord]:
    """Return the objects of the event that an object is made of."""
    if isinstance(x, Sum):
        return [record for leg in x.members.values() for record in _singles(leg)]
    record = x.record if isinstance(x, Single) else None
    while isinstance(record, AssignedRecord):
        record = record.base
    return [record] if isinstance(record, StoredRecord) else []


class Sum(Particle):
    """The candidate that an addition gives: legs, and the sums of four-vectors and charges.

    Raises
    ------
    HzdslError
        ``identity`` where the legs are not provably disjoint.
    """

    _fields: ClassVar[frozenset[str]] = frozenset({"members"})

    def __init__(self, members: Mapping[str, Particle]) -> None:
        self.members = dict(members)
        first, second = self.members.values()
        mine, theirs = first.references(), second.references()
        prove_disjoint(product(mine, theirs), [*mine, *theirs])
        for one in _singles(first):
            if any(one.schema == other.schema for other in _singles(second)):
                fix = f"add four-vectors: {one.name}.p4 + {one.name}.p4"
                raise HzdslError("identity", f"{one.name} is added to itself", fix=fix)

    def attribute(self, name: str) -> Any:
        if name in self.members:
            return self.members[name]
        if name == "legs":
            return self._legs()
        legs = list(self.members.values())
        if name == "charge":
            return summed_charge(legs)
        p4 = summed_p4(legs)
        if name in ("p4", "p3"):
            return p4 if name == "p4" else p4.p3
        if name in COMPONENTS or name in DERIVED:
            return derived(p4, name)
        meant = of_attribute(name, self.attributes())
        fix = meant or f"it has {', '.join(self.attributes())}"
        raise UnknownName("attribute", f"a sum of objects has no attribute '{name}'", fix=fix, vague=meant is None)

    def attributes(self) -> list[str]:
        return [*self.members, "legs", "charge", "p4", "p3", *COMPONENTS, *DERIVED]

    def references(self) -> list[Node]:
        return [r for leg in self.members.values() for r in leg.references()]

    def __repr__(self) -> str:
        return f"<{' + '.join(repr(leg) for leg in self.members.values())}>"
