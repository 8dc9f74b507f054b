"""Objects and collections of the text form, as ADL writes them: ``jets[0]``, ``Z.leg1``, sums, names of blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any

from hzdsl.io.schema import Schema
from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.write.adl_shapes import SELECTING, Shapes, is_number
from hzdsl.text.write.adl_tables import LookUp


class Unsayable(Exception):  # noqa: N818 (no error of the user's)
    """What ADL has no words for."""


@dataclass(frozen=True)
class Element:
    """The current element: of which collections it is one, how it is called, and its legs.

    A bare attribute means that of ``this``; a chosen candidate is always named.
    """

    numbers: frozenset[int] = frozenset()
    name: str = "this"
    legs: Mapping[str, str] = field(default_factory=dict)


NOWHERE = Element()


class ObjectSpeaker:
    """Writes objects.

    Parameters
    ----------
    shapes : Shapes
        Which expressions are the same.
    schema : Schema
        The input.
    names : mapping of str to str
        What definitions are called in ADL.
    collected : callable
        Gives the name of a collection, or of what is chosen of one, which then has a block of its own.
    tabled : callable
        Gives the name of a table, likewise.

    Attributes
    ----------
    unsayable : dict of str to str
        Why the definitions of parts cannot be said, for what needs them.
    """

    def __init__(
        self,
        shapes: Shapes,
        schema: Schema,
        names: Mapping[str, str],
        collected: Callable[[s.Expr], str],
        tabled: Callable[[LookUp], str],
    ) -> None:
        self.shapes, self.schema, self.names = shapes, schema, names
        self.collected, self.tabled = collected, tabled
        self.unsayable: dict[str, str] = {}

    def object(self, e: s.Expr, element: Element = NOWHERE) -> str:
        """Return the text of an object or collection; sums of objects without brackets.

        Raises
        ------
        Unsayable
            For what ADL has no words for.
        """
        if self.shapes.number(e) in element.numbers:
            return element.name
        handler = _OBJECTS.get(type(e))
        return self.collected(e) if handler is None or self.is_collected(e) else handler(self, e, element)

    def _named(self, e: Any, element: Element) -> str:
        return self.names.get(e.name, str(e.name))

    def _part(self, e: Any, element: Element) -> str:
        if isinstance(e.owner, s.Name) and e.owner.name == "ev":
            return str(e.name)
        if e.name in element.legs and self.shapes.number(e.owner) in element.numbers:
            return element.legs[e.name]
        if e.name == "p4":
            return self.object(e.owner, element)
        if not is_leg(e.name):
            raise Unsayable(f"what '{e.name}' of an object points to")
        return f"{self.object(e.owner, element)}.{e.name}"

    def _element(self, e: Any, element: Element) -> str:
        return f"{self.object(e.owner)}[{_whole(e.key)}]"

    def _slice(self, e: Any, element: Element) -> str:
        low, high = ("" if x is None else _whole(x) for x in (e.low, e.high))
        return f"{self.object(e.owner)}[{low}:{high}]"

    def _sum(self, e: Any, element: Element) -> str:
        if any(op != "+" for op, _ in e.rest):
            return self.collected(e)
        return " + ".join(self.object(x, element) for x in (e.first, *(x for _, x in e.rest)))

    def _of_call(self, e: Any, element: Element) -> str:
        if isinstance(e.function, s.Attribute) and e.function.name == "per":
            if len(e.arguments) == 1 and self.shapes.number(e.arguments[0]) in element.numbers:
                return self.object(e.function.owner)
            raise Unsayable("all elements of one collection for each of another, outside of its block")
        if isinstance(e.function, s.Name) and e.function.name == "sum":
            return f"sum({self.object(e.arguments[0], element)})"
        return self.collected(e)

    def is_collected(self, e: s.Expr) -> bool:
        """Return whether an expression, or what a name stands for, has a block of its own."""
        return is_collection(self.shapes.looked_up(e))

    def _single(self, name: str) -> bool:
        return name not in self.names and name in self.schema.objects and self.schema.objects[name].single

    def _stored(self, e: s.Expr) -> bool:
        name = e.name if isinstance(e, s.Name | s.Attribute) else ""
        return name in self.schema.objects and not self.schema.objects[name].single


def _whole(e: s.Expr) -> str:
    if not (isinstance(e, s.Number) and isinstance(e.value, int)):
        raise Unsayable("elements counted from the end")
    return str(e.value)


def is_collection(e: s.Expr) -> bool:
    """Return whether an expression needs a block of its own: a selection, union, combination, or a choice of one."""
    if isinstance(e, s.Index):
        return not is_number(e.key)
    if isinstance(e, s.Chain):
        return any(op == "|" for op, _ in e.rest)
    if isinstance(e, s.Call) and isinstance(e.function, s.Attribute):
        return e.function.name in COLLECTED
    return isinstance(e, s.Call) and isinstance(e.function, s.Name) and e.function.name in COMBINING


COMBINING = frozenset({"pair", "triple", "combinations"})
CHOOSING = frozenset({"nearest", "argmin", "argmax", "leading"})
COLLECTED = frozenset({*SELECTING, "excluding", *CHOOSING})


def is_leg(name: str) -> bool:
    """Return whether an attribute is a leg of a candidate."""
    return name.startswith("leg") and name[3:].isdigit()


_OBJECTS: Mapping[type, Callable[[ObjectSpeaker, Any, Element], str]] = MappingProxyType(
    {
        s.Name: ObjectSpeaker._named,
        s.Attribute: ObjectSpeaker._part,
        s.Index: ObjectSpeaker._element,
        s.Slice: ObjectSpeaker._slice,
        s.Chain: ObjectSpeaker._sum,
        s.Call: ObjectSpeaker._of_call,
    }
)
