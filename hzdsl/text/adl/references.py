"""Objects and collections as ADL writes them, translated: ``jets[0]``, ``jets_0``, ``Muo[0] Muo[1]``, ``union(…)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Self

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.adl import words as w
from hzdsl.text.adl.kinds import Kinds
from hzdsl.text.adl.nodes import Beside, Elsewhere
from hzdsl.text.adl.registry import negative
from hzdsl.text.scope import Scope


def at(e: s.Expr) -> tuple[int, int, int]:
    """Return the place and depth of a node."""
    return e.start, e.end, e.depth


def named(e: s.Expr, name: str) -> s.Name:
    """Return a name that stands where `e` stands."""
    return s.Name(e.start, e.end, 1, name)


def call(e: s.Expr, name: str, *arguments: s.Expr) -> s.Call:
    """Return a call that stands where `e` stands."""
    return s.Call(*at(e), named(e, name), arguments, ())


def method(e: s.Expr, owner: s.Expr, name: str, *arguments: s.Expr) -> s.Call:
    """Return the call of a method that stands where `e` stands."""
    return s.Call(*at(e), s.Attribute(*at(e), owner, name), arguments, ())


@dataclass(frozen=True)
class References(Kinds):
    """Translates objects and collections.

    Parameters
    ----------
    per : bool
        Whether another collection means all its elements for each element of this one.
    reduced : bool
        Whether the expression stands in ``any``, ``sum`` and the like.
    refusing : bool
        Whether it says what is rejected.
    inlined : tuple of str
        Definitions being put in place of their names.
    """

    per: bool = False
    reduced: bool = False
    refusing: bool = False
    inlined: tuple[str, ...] = ()

    def error(self, code: str, message: str, e: s.Expr, fix: str | None = None) -> HzdslError:
        """Return an error with the place of a node."""
        return HzdslError(code, message, fix=fix, place=self.source.place(e.start, e.end))

    def check_root(self, e: s.Expr) -> None:
        """Raise ``name-unknown`` where the object that an expression begins with is not known."""
        while isinstance(e, s.Index | s.Slice | s.Attribute):
            e = e.owner
        if isinstance(e, s.Name) and not self.is_object(e) and self.registry.resolve(e.name) is None:
            raise self.unknown(e)

    def value(self, e: s.Expr) -> s.Expr:
        """Return the translation of an expression where a number or condition stands."""
        raise NotImplementedError

    def defined(self, e: s.Name) -> s.Expr:
        """Return what a name of ``define`` stands for."""
        raise NotImplementedError

    def unknown(self, e: s.Name) -> HzdslError:
        error = self.registry.names.unknown(e.name, Scope(self.source))
        if e.name.casefold() in w.MATHEMATICS or e.name.casefold() in w.ATTRIBUTES:
            error.fix = f"write {e.name}(…) of something"
        return error.at(self.source.place(e.start, e.end))

    def object(self, e: s.Expr) -> s.Expr:
        """Return the translation of an expression where an object or collection stands."""
        handler = _OBJECTS.get(type(e))
        if handler is None or not self.is_object(e):
            self.check_root(e)
            raise self.error("arguments", "an object or collection is expected here", e, "jets, jets[0], Muo[0] Muo[1]")
        return handler(self, e)

    def _object_name(self, e: s.Name) -> s.Expr:
        if e.name in self.aliases or e.name in self.this or e.name in self.attributes:
            return self._own(e)
        found = self.registry.resolve(e.name)
        if found is None:
            split = self.registry.split(e)
            assert split is not None
            return self.object(split)
        if found.name in self.bound:
            return self._each(e, named(e, self.bound[found.name][0]))
        if found.kind == "define":
            return self._each(e, self.defined(e))
        own = found.kind == "object"
        return self._each(e, e if own else s.Attribute(*at(e), named(e, "ev"), found.name))

    def _own(self, e: s.Name) -> s.Expr:
        """Return the current element, one of its members, or what is built from them."""
        if e.name in self.aliases:
            tree, source = self.aliases[e.name]
            return Elsewhere(*at(e), replace(self, source=source, aliases={}).object(tree), source)
        return named(e, "this") if e.name in self.this else s.Attribute(*at(e), named(e, "this"), e.name)

    def _each(self, e: s.Expr, collection: s.Expr) -> s.Expr:
        """Return all elements of another collection for each of this one, where that is what is meant."""
        return method(e, collection, "per", named(e, "this")) if self.per and self.is_collection(e) else collection

    def _itself(self) -> Self:
        """Return the translator outside of the element: ``Jet[0]`` is that of the collection, whichever this is."""
        return replace(self, this=frozenset({"this"}) & self.this, per=False)

    def _index(self, e: s.Index) -> s.Expr:
        open_index = negative(e)
        if open_index is not None and open_index in self.legs:
            return s.Attribute(*at(e), named(e, "this"), self.legs[open_index])
        if open_index is not None:
            fix = "define Z = Muo[-1] Muo[-1], and in the region: select m(Z) ~= 91.2"
            raise self.error("unsupported", "an index that is to be found has no meaning here", e, fix)
        if not isinstance(e.key, s.Number) or not isinstance(e.key.value, int):
            raise self.error("unsupported", "an index is a whole number: which element cannot be computed", e.key)
        if self.is_single(e.owner) and e.key.value == 0:
            return self.object(e.owner)
        return s.Index(*at(e), self._itself().object(e.owner), e.key)

    def _slice(self, e: s.Slice) -> s.Expr:
        for bound in (e.low, e.high):
            if bound is not None and not (isinstance(bound, s.Number) and isinstance(bound.value, int)):
                raise self.error("arguments", "the bounds of [i:j] are whole numbers", bound)
        return self._each(e, s.Slice(*at(e), self._itself().object(e.owner), e.low, e.high))

    def _added(self, e: Any) -> s.Expr:
        items = e.items if isinstance(e, Beside) else (e.first, *(x for _, x in e.rest))
        first, *rest = (self.object(x) for x in items)
        return s.Chain(*at(e), first, tuple(("+", x) for x in rest)) if rest else first

    def _object_attribute(self, e: s.Attribute) -> s.Expr:
        return s.Attribute(*at(e), self.object(e.owner), e.name)

    def _object_call(self, e: s.Call) -> s.Expr:
        assert isinstance(e.function, s.Name)
        name = e.function.name.casefold()
        if name == "union":
            first, *rest = (self.object(x) for x in e.arguments)
            return s.Chain(*at(e), first, tuple(("|", x) for x in rest)) if rest else first
        if name == "sort":
            return self._sorted(e)
        if name == "daughters":
            return self._daughter(e)
        if name == "sum":
            return call(e, name, self.object(e.arguments[0]))
        return self.object(e.arguments[0])  # anyof, allof

    def _sorted(self, e: s.Call) -> s.Expr:
        if len(e.arguments) not in (2, 3):
            raise self.error("arguments", "sort takes a collection, what to sort by, and ascend or descend", e)
        direction = e.arguments[2] if len(e.arguments) > 2 else named(e, "ascend")
        return self.sorted(e, self.object(e.arguments[0]), e.arguments[0], e.arguments[1], direction)

    def sorted(self, e: s.Expr, made: s.Expr, collection: s.Expr, key: s.Expr, direction: s.Expr) -> s.Expr:
        """Return a collection, ordered by an attribute (``pT``) or an expression (``pT(jets)``)."""
        word = direction.name.casefold() if isinstance(direction, s.Name) else ""
        if word not in ("ascend", "descend"):
            raise self.error("arguments", "a collection is sorted 'ascend' or 'descend'", direction)
        if isinstance(key, s.Name) and self.registry.resolve(key.name) is None:
            by: s.Expr = s.Attribute(*at(key), made, self.registry.words.attribute(key.name))
        else:
            by = replace(self, reduced=True).value(key)
        return method(e, made, "sort", s.Unary(*at(key), "-", by) if word == "descend" else by)

    def _daughter(self, e: s.Call) -> s.Expr:
        fix = "daughters(Z[0], muons[-1]), where Z is comb(muons[-1] …)"
        if len(e.arguments) == 2:
            candidate, which = e.arguments
            names = [x.name for x in (candidate, getattr(candidate, "owner", None)) if isinstance(x, s.Name)]
            open_index = negative(which)
            legs = self.registry.legs.get(names[0], {}) if names else {}
            if open_index in legs:
                return s.Attribute(*at(e), self.object(candidate), legs[open_index])
        if len(e.arguments) == 1:
            raise self.error("unsupported", "daughters of a particle of the input are not in this version", e)
        raise self.error("arguments", "daughters takes a candidate and one of its parts", e, fix)


_Handler = Callable[[Any, Any], s.Expr]
_OBJECTS: Mapping[type, _Handler] = {
    s.Name: References._object_name,
    s.Index: References._index,
    s.Slice: References._slice,
    s.Chain: References._added,
    Beside: References._added,
    s.Attribute: References._object_attribute,
    s.Call: References._object_call,
}
