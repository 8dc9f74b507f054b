"""Records: what the elements of an axis have.

Stored attributes come from the schema, from a superset, from the legs of a combination or from `assign`; kinematics
derive from them, by one rule for all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence, Set
from typing import Any

from hzdsl.errors import HzdslError, UnknownName
from hzdsl.ir import build, formulas, members
from hzdsl.ir.node import Node, make
from hzdsl.ir.print import axis_name
from hzdsl.ir.units import NONE
from hzdsl.lang import kinematics
from hzdsl.lang.kinematics import COMPONENTS, DERIVED, Vec4
from hzdsl.lang.synonyms import of_attribute
from hzdsl.lang.values import Value
from hzdsl.lang.vectors import Vec3

_POLAR, _CARTESIAN = frozenset({"pt", "eta", "phi"}), frozenset({"px", "py", "pz"})
_KINEMATIC = _POLAR | _CARTESIAN | {"mass", "energy"}
#: Of these the attributes that are momenta or energies.
ENERGIES = _KINEMATIC - {"eta", "phi"}
#: What a transverse vector lacks.
LONGITUDINAL = ("eta", "rapidity", "theta", "pz", "p", "p3")


class Record:
    """What each element along `axis` has. Subclasses say which attributes are stored; kinematics derive from them."""

    axis: Node

    def stored(self) -> Sequence[str]:
        """Return the names of the attributes that the elements have of their own."""
        raise NotImplementedError

    def own(self, name: str) -> Any:
        """Return a stored attribute, along `axis`."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """How the elements are called in messages."""
        return axis_name(self.axis)

    def meaning(self) -> Hashable:
        """Return what tells records apart: two with one meaning have the same attributes, of the same nodes."""
        return id(self)

    @property
    def transverse(self) -> bool:
        """True for an object that is known in the transverse plane only (MET)."""
        names = self.stored()
        polar = "pt" in names and "phi" in names and "eta" not in names
        cartesian = "px" in names and "py" in names and "pz" not in names and "pt" not in names
        return polar or cartesian

    def leg_names(self) -> tuple[str, ...]:
        """Return how the legs of a candidate are called; none for anything else."""
        return ()

    def leg(self, name: str) -> Any:
        """Return a leg of a candidate, along `axis`."""
        raise NotImplementedError

    def attributes(self) -> list[str]:
        """Return the names of all attributes, stored and derived."""
        derived = [n for n in (*COMPONENTS, *DERIVED, "p4", "p3") if not (self.transverse and n in LONGITUDINAL)]
        return [*dict.fromkeys([*self.stored(), *derived])]

    def four_vector(self) -> Vec4:
        """Return the four-vector along `axis`, from the coordinates that are stored; what is not stored is 0."""
        names = set(self.stored())
        found = formulas.coordinates(names)
        if found is None:
            raise UnknownName(
                "attribute", f"{self.name} has no four-vector", fix="it needs pt and phi, or px and py, at least"
            )
        *known, last = found
        first = self.own(known[0])
        energy = first.node.type.unit
        zeros = {"eta": NONE, "pz": energy}
        parts = {n: self.own(n) if n in names else kinematics.zero_like(first, zeros[n]) for n in known}
        rest = self.own(last) if last in names else kinematics.zero_like(first, energy)
        return kinematics.from_coordinates(parts, last, rest)

    def attribute(self, name: str) -> Any:
        """Return any attribute, stored or derived.

        Raises
        ------
        HzdslError
            ``attribute`` with the nearest names.
        """
        if name in self.stored():
            return self.own(name)
        if name == "p4":
            return self.four_vector()
        if name == "p3" and not self.transverse:
            return self.four_vector().p3
        if name in LONGITUDINAL and self.transverse:
            raise UnknownName(
                "attribute",
                f"{self.name} has no {name}: it is a transverse vector",
                fix="use delta_phi, transverse_mass",
            )
        if name in COMPONENTS or name in DERIVED:
            return kinematics.derived(self.four_vector(), name)
        meant = of_attribute(name, self.attributes(), self.name)
        fix = meant or f"it has {listing(self.stored())}"
        raise UnknownName("attribute", f"{self.name} has no attribute '{name}'", fix=fix, vague=meant is None)


def listing(names: Sequence[str], most: int = 30) -> str:
    """Return names for a message, the first of many.

    Examples
    --------
    >>> listing(["pt", "eta", "phi"], most=2)
    'pt, eta, …'
    """
    return ", ".join([*names[:most], *(["…"] if len(names) > most else [])])


def has_four_vector(names: Collection[str]) -> bool:
    """Return whether attributes of these names make a four-vector.

    Examples
    --------
    >>> has_four_vector(["pt", "phi"]), has_four_vector(["px", "py", "pz"]), has_four_vector(["x", "y", "z"])
    (True, True, False)
    """
    return any(pair <= set(names) for pair in ({"pt", "phi"}, {"px", "py"}, {"p4"}))


class SelectedRecord(Record):
    """The elements of a superset at the positions of a selection."""

    def __init__(self, base: Record, axis: Node) -> None:
        self.axis, self.base = axis, base

    def meaning(self) -> Hashable:
        return "selected", self.axis, self.base.meaning()

    def stored(self) -> Sequence[str]:
        return self.base.stored()

    def own(self, name: str) -> Any:
        return restricted(self.base.own(name), self.axis)

    def leg_names(self) -> tuple[str, ...]:
        return self.base.leg_names()

    def leg(self, name: str) -> Any:
        return restricted(self.base.leg(name), self.axis)

    def four_vector(self) -> Vec4:
        return restricted(self.base.four_vector(), self.axis)  # type: ignore[no-any-return]


class CandidateRecord(Record):
    """Combinations: legs, the sum of their four-vectors and charges."""

    def __init__(self, axis: Node, legs: Mapping[str, Any]) -> None:
        self.axis, self._legs = axis, dict(legs)

    def meaning(self) -> Hashable:
        return "candidate", self.axis, tuple((name, meaning(leg)) for name, leg in self._legs.items())

    def stored(self) -> Sequence[str]:
        return [*self._legs, "charge"]

    def own(self, name: str) -> Any:
        return self._legs[name] if name in self._legs else summed_charge(list(self._legs.values()))

    def leg_names(self) -> tuple[str, ...]:
        return tuple(self._legs)

    def leg(self, name: str) -> Any:
        return self._legs[name]

    def four_vector(self) -> Vec4:
        return summed_p4(list(self._legs.values()))


class AssignedRecord(Record):
    """A record with attributes added or replaced; a new pt moves all that derives from it.

    What was stored beside the coordinates of the four-vector (an energy beside a mass, px beside pt) is derived anew.
    """

    def __init__(self, base: Record, values: Mapping[str, Any]) -> None:
        self.axis, self.base, self._values = base.axis, base, dict(values)
        moved = _KINEMATIC & set(values)
        if (moved & _POLAR and moved & _CARTESIAN) or {"mass", "energy"} <= moved:
            given = ", ".join(sorted(moved))
            fix = "assign some of pt, eta, phi or of px, py, pz, and mass or energy; or p4"
            raise HzdslError("arguments", f"the momentum of {base.name} is given twice: {given}", fix=fix)
        self._coordinates = _coordinates(set(base.stored()), moved) if moved else None

    @property
    def name(self) -> str:
        return self.base.name

    def meaning(self) -> Hashable:
        return "assigned", self.base.meaning(), tuple((name, meaning(x)) for name, x in self._values.items())

    @property
    def transverse(self) -> bool:
        return self.base.transverse and not {"eta", "pz", "p4"} & set(self._values)

    def stored(self) -> Sequence[str]:
        kept = [n for n in self.base.stored() if n not in self._values]
        if "p4" in self._values:
            kept = [n for n in kept if n not in _KINEMATIC]
        elif self._coordinates is not None:
            kept = [n for n in kept if n not in _KINEMATIC or n in self._coordinates]
        return [*self._values, *kept]

    def own(self, name: str) -> Any:
        return self._values[name] if name in self._values else self.base.own(name)

    def leg_names(self) -> tuple[str, ...]:
        return self.base.leg_names()

    def leg(self, name: str) -> Any:
        return self.base.leg(name)

    def four_vector(self) -> Vec4:
        if "p4" in self._values:
            assert isinstance(self._values["p4"], Vec4)
            return self._values["p4"]
        if self._coordinates is None:
            return self.base.four_vector()
        *space, last = self._coordinates
        if {"pt", "phi"} & set(space) | {"px", "py"} & set(space) <= set(self.base.stored()):
            return super().four_vector()
        return kinematics.from_coordinates({n: self._part(n) for n in space}, last, self._part(last))

    def _part(self, name: str) -> Value:
        """Return a coordinate: as assigned, else that of the base."""
        if name in self._values:
            return self._values[name]  # type: ignore[no-any-return]
        return self.base.attribute(name)  # type: ignore[no-any-return]


def _coordinates(names: set[str], moved: Set[str]) -> tuple[str, str, str, str]:
    """Return the coordinates of a four-vector of which `names` are stored and `moved` assigned."""
    polar = bool(moved & _POLAR) or (not moved & _CARTESIAN and ({"pt", "phi"} <= names or not {"px", "py"} <= names))
    energy = "energy" in moved or ("energy" in names and "mass" not in names | moved)
    last = "energy" if energy else "mass"
    return ("pt", "eta", "phi", last) if polar else ("px", "py", "pz", last)


class UnderRecord(Record):
    """The elements that positions stand for: all of B in ``B.per(A)``, the links of a chain, nested elements."""

    def __init__(self, base: Record, axis: Node) -> None:
        self.axis, self.base = axis, base
        self._under = make("under", axis)

    def meaning(self) -> Hashable:
        return "under", self.axis, self.base.meaning()

    def stored(self) -> Sequence[str]:
        return self.base.stored()

    def own(self, name: str) -> Any:
        return taken(self.base.own(name), self._under)

    def leg_names(self) -> tuple[str, ...]:
        return self.base.leg_names()

    def leg(self, name: str) -> Any:
        return taken(self.base.leg(name), self._under)

    def four_vector(self) -> Vec4:
        return taken(self.base.four_vector(), self._under)  # type: ignore[no-any-return]


def meaning(x: Any) -> Hashable:
    """Return what tells attributes apart: the nodes of a value or vector, the reference and the record of an object."""
    if isinstance(x, Value):
        return x.node
    if isinstance(x, Vec4 | Vec3):
        return tuple(c.node for c in x.components)
    record = x.record.meaning() if x.record is not None else None
    return tuple(x.references()), record


def mapped(x: Any, move: Callable[[Node], Node]) -> Any:
    """Return an attribute (value, vector, object or nested collection) with every node moved."""
    return x.mapped(move) if hasattr(type(x), "mapped") else Value(move(x.node), x._meaning)


def restricted(x: Any, axis: Node) -> Any:
    """Return an attribute lifted to a finer axis."""
    return mapped(x, lambda node: build.lift(node, axis))


def taken(x: Any, reference: Node) -> Any:
    """Return an attribute at the position that `reference` refers to."""
    return mapped(x, lambda node: members.take(node, reference))


def summed_p4(objects: Sequence[Any]) -> Vec4:
    """Return the sum of the four-vectors of objects, left to right."""
    total: Vec4 = objects[0].attribute("p4")
    for o in objects[1:]:
        total = total + o.attribute("p4")
    return total


def summed_charge(objects: Sequence[Any]) -> Value:
    """Return the sum of the charges of objects, left to right."""
    total: Value = objects[0].attribute("charge")
    for o in objects[1:]:
        total = total + o.attribute("charge")
    return Value(total.node, "sum of the charges")
