"""Scopes: what a bare name means at one place of a document.

Innermost first: attributes of the collections whose brackets enclose the place, parameters of the function being
expanded, definitions, the input, constants, units.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field, replace
from types import MappingProxyType
from typing import Any

from hzdsl.lang.kinematics import COMPONENTS, DERIVED
from hzdsl.lang.objects import Particle
from hzdsl.lang.records import has_four_vector
from hzdsl.records import dataclass
from hzdsl.text.source import Source

#: Names that no definition can take.
CONSTANTS: Mapping[str, Any] = MappingProxyType(
    {"true": True, "false": False, "True": True, "False": False, "pi": math.pi, "inf": math.inf, "nan": math.nan}
)


@dataclass(frozen=True)
class Element:
    """The current element of a collection, or a candidate: bare names are its attributes, and `extra` ones."""

    particle: Particle
    extra: Mapping[str, Any] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return every name that the element gives a meaning."""
        return [*self.extra, *attribute_names(self.particle)]

    def lookup(self, name: str) -> Any:
        """Return the attribute called `name`."""
        return self.extra[name] if name in self.extra else self.particle.attribute(name)


@dataclass(frozen=True)
class Scope:
    """Where an expression stands.

    Parameters
    ----------
    source : Source
        The text it is part of.
    elements : tuple of Element
        The current elements, innermost first.
    bindings : mapping
        The parameters of the function being expanded.
    chain : tuple of str
        The definitions being evaluated, outermost first: a name met again is a cycle.
    """

    source: Source
    elements: tuple[Element, ...] = ()
    bindings: Mapping[str, Any] = field(default_factory=dict)
    chain: tuple[str, ...] = ()

    def inside(self, element: Element) -> Scope:
        """Return the scope within the brackets of a collection."""
        return replace(self, elements=(element, *self.elements))

    def element_with(self, name: str) -> Element | None:
        """Return the innermost element that has an attribute `name`."""
        return next((e for e in self.elements if name in e.names()), None)


def attribute_names(particle: Particle) -> list[str]:
    """Return the attributes of an object: stored, and the kinematics where it has a four-vector."""
    record = particle.record
    if record is None:
        return particle.attributes()
    stored = list(record.stored())
    legs = ["legs"] if record.leg_names() else []
    if not (has_four_vector(stored) or legs):
        return stored
    return [*stored, *legs, "p4", "p3", *COMPONENTS, *DERIVED]
