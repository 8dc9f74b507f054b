"""Four-vectors of the surface, around the formulae of `hzdsl.ir.formulas`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError, UnknownName
from hzdsl.io.schema.model import with_unit
from hzdsl.ir import build, formulas
from hzdsl.ir.formulas_space import BOOST
from hzdsl.ir.node import Node
from hzdsl.ir.units import NONE, Unit
from hzdsl.lang.components import Components
from hzdsl.lang.places import located, user_place
from hzdsl.lang.synonyms import of_attribute
from hzdsl.lang.values import Value, to_node
from hzdsl.lang.vectors import Vec3
from hzdsl.lang.verbs import verb
from hzdsl.records import dataclass


@dataclass(frozen=True, repr=False, eq=False)
class Vec4(Components):
    """A four-vector (px, py, pz, energy), each an f64 value."""

    _kind = "a four-vector"
    _products = "a.energy*b.energy - dot(a.p3, b.p3)"
    px: Value
    py: Value
    pz: Value
    energy: Value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self if name == "p4" else self._derived(name)

    def _derived(self, name: str) -> Value:
        if name not in DERIVED:
            fix = of_attribute(name, dir(self)) or f"it has {', '.join(dir(self))}"
            raise UnknownName("attribute", f"a four-vector has no attribute '{name}'", fix=fix, place=user_place())
        return derived(self, name)

    def __dir__(self) -> list[str]:
        return [*COMPONENTS, *DERIVED, "p3", "in_frame", "otherwise", "exists"]

    def __repr__(self) -> str:
        return f"<four-vector : {self.px.node.type}>"

    def __add__(self, other: Any) -> Vec4:
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Vec4:
        return self._with(other, lambda a, b: a - b)

    def _with(self, other: Any, operation: Callable[[Any, Any], Any]) -> Vec4:
        if not isinstance(other, Vec4):
            raise self._not_added(other)
        return Vec4(*(operation(a, b) for a, b in zip(self.components, other.components, strict=True)))

    def _scaled(self, operation: Callable[[Any], Any]) -> Vec4:
        return Vec4(*map(operation, self.components))

    def _names(self) -> tuple[str, ...]:
        return (*COMPONENTS, "mass", "pt")

    @property
    def components(self) -> tuple[Value, Value, Value, Value]:
        """px, py, pz and energy."""
        return self.px, self.py, self.pz, self.energy

    @property
    def p3(self) -> Vec3:
        """The momentum as a three-vector."""
        return Vec3(self.px, self.py, self.pz)

    @property
    def exists(self) -> Value:
        """Whether the vector is there."""
        return self.energy.exists

    def attribute(self, name: str) -> Any:
        """Return a component or what derives from them, by name."""
        if name in (*COMPONENTS, "p3", "exists"):
            return getattr(self, name)
        return self if name == "p4" else self._derived(name)

    def mapped(self, move: Callable[[Node], Node]) -> Vec4:
        """Return the vector with every component moved along the axes."""
        return Vec4(*(Value(move(c.node)) for c in self.components))

    @verb()
    @located
    def otherwise(self, other: Any) -> Vec4:
        """Return the vector, or another one where it is missing; 0 is the null vector."""
        if not isinstance(other, Vec4) and not (isinstance(other, int | float) and other == 0):
            raise HzdslError("dtype", f"a four-vector cannot be replaced by {other!r}", fix="use 0 or a four-vector")
        instead = [getattr(other, c) if isinstance(other, Vec4) else 0.0 for c in COMPONENTS]
        return Vec4(*(getattr(self, c).otherwise(y) for c, y in zip(COMPONENTS, instead, strict=True)))

    @verb()
    @located
    def in_frame(self, other: Any) -> Vec4:
        """Return the vector in the rest frame of another object: a pure boost, axes kept."""
        if not isinstance(other, Vec4) and not hasattr(other, "attribute"):
            raise HzdslError("arguments", f"in_frame takes an object, not {other!r}", fix="x.in_frame(z)")
        frame = other if isinstance(other, Vec4) else other.attribute("p4")
        given = [c.node for c in (*self.components, *frame.components)]
        return Vec4(*(Value(boosted(*given)) for boosted in BOOST.values()))


def function(name: str, x: object) -> Value:
    """Return a function of the `math` table."""
    return Value(build.function(name, to_node(x)))


def sqrt(x: object) -> Value:
    """Return the square root."""
    return function("sqrt", x)


def where(condition: Value, x: object, y: object) -> Value:
    """Return x where the condition holds, else y."""
    return Value(build.where(condition.node, to_node(x), to_node(y)))


def from_coordinates(space: Mapping[str, Value], last: str, rest: Value) -> Vec4:
    """Return the Cartesian four-vector of (pt, eta, phi) or (px, py, pz) with a mass or an energy.

    The formulae are those of PtEtaPhiM4D, PtEtaPhiE4D, PxPyPzM4D and PxPyPzE4D.
    """
    given = {**{name: x.node for name, x in space.items()}, last: rest.node}
    made = formulas.SYSTEMS[(*space, last)]
    return Vec4(*(Value(formula(*(given[n] for n in names))) for formula, names in made.values()))


def _derived(name: str) -> Callable[[Vec4], Value]:
    return lambda v: Value(formulas.DERIVED[name](v.px.node, v.py.node, v.pz.node, v.energy.node))


#: Attributes of anything with a four-vector, beside px, py, pz and energy.
DERIVED = {name: _derived(name) for name in formulas.DERIVED}
#: The components of a four-vector, and what they mean.
COMPONENTS = MappingProxyType(
    {
        "px": "momentum along x",
        "py": "momentum along y",
        "pz": "momentum along the beam",
        "energy": "energy",
    }
)


def derived_meaning(name: str) -> str:
    """Return what a component or a derived attribute means.

    Examples
    --------
    >>> derived_meaning("theta")
    'the polar angle'
    """
    if name in COMPONENTS:
        return COMPONENTS[name]
    text = (formulas.DERIVED[name].__doc__ or "").splitlines()[0]
    return text.removeprefix("Return ").rstrip(".")


def derived(v: Vec4, name: str) -> Value:
    """Return a component of a four-vector, or what derives from it."""
    found = getattr(v, name) if name in COMPONENTS else DERIVED[name](v)
    return Value(found.node, with_unit(derived_meaning(name), found.node.type.unit))


def zero_like(value: Value, unit: Unit = NONE) -> Value:
    """Return 0 in f64 along the axis of `value`."""
    axis = value.node.type.axis
    assert axis is not None
    return Value(build.lift(build.const(0.0, unit), axis))
