"""What an expression of ADL is, seen from where it stands: an object, a collection, or of the current element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.adl import words as w
from hzdsl.text.adl.nodes import Beside
from hzdsl.text.adl.registry import Registry, children, negative, walk
from hzdsl.text.source import Source

_OBJECT_CALLS = frozenset({"union", "sort", "daughters", *w.QUANTIFIERS})
_LEGS = frozenset(f"leg{i + 1}" for i in range(16))


@dataclass(frozen=True)
class Kinds:
    """Where an expression stands.

    Parameters
    ----------
    registry : Registry
        The names of the file.
    source : Source
        The line.
    this : frozenset of str
        The names of the current element: ``this``, and those that its block gives it.
    attributes : frozenset of str
        The attributes of the current element.
    legs : mapping
        In a ``comb`` block, the leg that ``collection[-i]`` is.
    aliases : mapping
        In a composite, the names of what is built from its members: tree and line.
    bound : mapping
        In a region, the names that were sorted or chosen: what the elaborator calls them, and if it is a collection.
    """

    registry: Registry
    source: Source
    this: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    legs: Mapping[tuple[str, int], str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[s.Expr, Source]] = field(default_factory=dict)
    bound: Mapping[str, tuple[str, bool]] = field(default_factory=dict)

    def is_object(self, e: s.Expr) -> bool:
        """Return whether an expression is an object or collection, not a number or condition."""
        if isinstance(e, s.Name):
            return self._named_object(e, frozenset())
        return self._object(e, frozenset())

    def _object(self, e: s.Expr, seen: frozenset[str]) -> bool:
        if isinstance(e, s.Name):
            return self._named_object(e, seen)
        if isinstance(e, s.Index | s.Slice):
            return self._object(e.owner, seen)
        if isinstance(e, s.Attribute):
            return (e.name in self.registry.members or e.name in _LEGS) and self._object(e.owner, seen)
        if isinstance(e, s.Chain):
            parts = (e.first, *(x for _, x in e.rest))
            values = all(self.is_single(x) for x in parts)  # MET + MET adds numbers
            return not values and all(op == "+" for op, _ in e.rest) and all(self._object(x, seen) for x in parts)
        if isinstance(e, s.Call):
            assert isinstance(e.function, s.Name)
            name = e.function.name.casefold()
            return name in _OBJECT_CALLS or (name == "sum" and len(e.arguments) == 1 and self._summed(e, seen))
        return isinstance(e, Beside)

    def _summed(self, e: s.Call, seen: frozenset[str]) -> bool:
        """Return whether a sum is one of objects: ``sum(jets)``; that of ``MET`` is of numbers."""
        return self._object(e.arguments[0], seen) and not self.is_single(e.arguments[0])

    def _named_object(self, e: s.Name, seen: frozenset[str]) -> bool:
        if e.name in self.this or e.name in self.aliases:
            return True
        if self.registry.words.attribute(e.name) in self.attributes:
            return e.name in self.registry.members
        found = self.registry.resolve(e.name)
        if found is None:
            split = self.registry.split(e)
            return split is not None and self._object(split, seen)
        if found.kind != "define":
            return found.kind != "value"
        if e.name not in self.registry.object_defines and e.name not in seen:
            tree = self.registry.defines[e.name].tree
            outside = Kinds(self.registry, self.source)
            found_object = not outside.is_single(tree) and outside._object(tree, seen | {e.name})
            self.registry.object_defines[e.name] = found_object
        return self.registry.object_defines.get(e.name, False)

    def is_single(self, e: s.Expr) -> bool:
        """Return whether an expression is the name of a single object of the event: MET."""
        if not isinstance(e, s.Name) or e.name in self.this:
            return False
        found = self.registry.resolve(e.name)
        return found is not None and found.kind == "single"

    def is_collection(self, e: s.Expr) -> bool:
        """Return whether an expression is a collection other than the current element's own."""
        return self._collection(e, frozenset())

    def _collection(self, e: s.Expr, seen: frozenset[str]) -> bool:
        if isinstance(e, s.Call):
            assert isinstance(e.function, s.Name)
            name = e.function.name.casefold()
            return name in ("union", "sort") or (name in w.QUANTIFIERS and self._collection(e.arguments[0], seen))
        if not isinstance(e, s.Name):
            return isinstance(e, s.Slice)
        own = e.name in self.this or e.name in self.aliases
        if own or e.name in seen or self.registry.words.attribute(e.name) in self.attributes:
            return False
        return self._named_collection(e, seen)

    def _named_collection(self, e: s.Name, seen: frozenset[str]) -> bool:
        found = self.registry.resolve(e.name)
        if found is None:
            split = self.registry.split(e)
            return isinstance(split, s.Name) and self._collection(split, seen)
        if found.name in self.bound:
            return self.bound[found.name][1]
        if found.kind == "define":
            tree = self.registry.defines[e.name].tree
            return Kinds(self.registry, self.source)._collection(tree, seen | {e.name})
        return found.kind in ("object", "collection")

    def unreduced(self, e: s.Expr) -> list[s.Expr]:
        """Return the other collections of which an expression has a value each, outside of ``sum(…)`` and the like."""
        found: list[s.Expr] = []
        todo = [e]
        while todo:
            x = todo.pop()
            if self.is_collection(x):
                found.append(x)
            elif isinstance(x, s.Index) or (isinstance(x, s.Call) and _reduces(x)):
                continue
            else:
                todo.extend(y for child in children(x) for y in _expressions(child))
        return found

    def mixes(self, e: s.Expr) -> bool:
        """Return whether an expression speaks of the current element."""
        for x in walk(e):
            if isinstance(x, s.Name) and (x.name in self.this or x.name in self.aliases):
                return True
            if isinstance(x, s.Name) and self.registry.words.attribute(x.name) in self.attributes:
                return True
            if negative(x) in self.legs:
                return True
        return False

    def quantifier(self, e: s.Expr) -> str | None:
        """Return ``any`` or ``all`` where the expression says which: ``anyof(jets)``."""
        for x in walk(e):
            if isinstance(x, s.Call) and isinstance(x.function, s.Name):
                said = w.QUANTIFIERS.get(x.function.name.casefold())
                if said is not None:
                    return said
        return None


def _reduces(e: s.Call) -> bool:
    assert isinstance(e.function, s.Name)
    name = e.function.name.casefold()
    return name in w.COUNTS or name in w.SUMS or (name in w.REDUCERS and len(e.arguments) == 1)


def _expressions(child: object) -> list[s.Expr]:
    if isinstance(child, s.Expr):
        return [child]
    return [x for item in child for x in _expressions(item)] if isinstance(child, tuple) else []
