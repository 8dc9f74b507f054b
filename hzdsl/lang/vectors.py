"""Three-vectors as expressions: differences of directions, decay planes, angles in rest frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hzdsl.errors import HzdslError, UnknownName
from hzdsl.ir import formulas_space as space
from hzdsl.ir.node import Node
from hzdsl.lang.components import Components
from hzdsl.lang.places import user_place
from hzdsl.lang.synonyms import of_attribute
from hzdsl.lang.values import Value, to_node
from hzdsl.records import dataclass

_NAMES = ("x", "y", "z")


@dataclass(frozen=True, repr=False, eq=False)
class Vec3(Components):
    """A three-vector (x, y, z), each an f64 value along one axis."""

    _kind = "a three-vector"
    _products = "dot(a, b) or cross(a, b)"
    x: Value
    y: Value
    z: Value

    def mapped(self, move: Callable[[Node], Node]) -> Vec3:
        """Return the vector with every component moved along the axes."""
        return Vec3(*(Value(move(c.node)) for c in self.components))

    @property
    def components(self) -> tuple[Value, Value, Value]:
        """x, y and z."""
        return self.x, self.y, self.z

    @property
    def nodes(self) -> tuple[Node, Node, Node]:
        """The components as nodes."""
        return self.x.node, self.y.node, self.z.node

    @property
    def mag(self) -> Value:
        """The length √(x²+y²+z²)."""
        return Value(space.length(*self.nodes))

    def attribute(self, name: str) -> Value:
        """Return a component or the length, by name."""
        found = {"x": self.x, "y": self.y, "z": self.z}.get(name)
        if found is not None or name == "mag":
            return self.mag if found is None else found
        fix = of_attribute(name, [*_NAMES, "mag"]) or "it has x, y, z and mag"
        raise UnknownName("attribute", f"a three-vector has no attribute '{name}'", fix=fix, place=user_place())

    def __getattr__(self, name: str) -> Value:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.attribute(name)

    def __add__(self, other: Any) -> Vec3:
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Vec3:
        return self._with(other, lambda a, b: a - b)

    def _scaled(self, operation: Callable[[Any], Any]) -> Vec3:
        return Vec3(*map(operation, self.components))

    def _names(self) -> tuple[str, ...]:
        return (*_NAMES, "mag")

    def _with(self, other: Any, operation: Callable[[Value, Value], Value]) -> Vec3:
        if not isinstance(other, Vec3):
            raise self._not_added(other)
        return Vec3(*(operation(a, b) for a, b in zip(self.components, other.components, strict=True)))

    def __repr__(self) -> str:
        return f"<three-vector : {self.x.node.type}>"


def _vector(x: Any, name: str) -> Vec3:
    if not isinstance(x, Vec3):
        raise HzdslError("arguments", f"{name} takes three-vectors, not {x!r}", fix="e.g. z.p3, vec3(0, 0, 1)")
    return x


def vec3(x: Any, y: Any, z: Any) -> Vec3:
    """Return a three-vector of three numbers, in f64."""
    return Vec3(*map(Value, space.components("vec3", *(to_node(c) for c in (x, y, z)))))


def dot(a: Any, b: Any) -> Value:
    """Return the scalar product, summed from x to z."""
    return Value(space.dot(*_vector(a, "dot").nodes, *_vector(b, "dot").nodes))


def cross(a: Any, b: Any) -> Vec3:
    """Return the vector product."""
    return Vec3(*map(Value, space.cross(_vector(a, "cross").nodes, _vector(b, "cross").nodes)))


def unit(a: Any) -> Vec3:
    """Return the vector divided by its length; NaN for the null vector."""
    return Vec3(*map(Value, space.unit(_vector(a, "unit").nodes)))
