"""The blocks ``[objects]`` and ``[derived]``: other ways to write definitions, read in both dialects.

A pair is chosen among candidates of positive, finite mass, in pt order of the legs except for
`nearest_mass_truncated`; `exclude` takes away the legs of other candidates; `combine` adds candidates.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.collections import Collection
from hzdsl.lang.functions import FUNCTIONS, described
from hzdsl.lang.objects import Particle
from hzdsl.lang.verbs import verbs_of
from hzdsl.text import operators
from hzdsl.text.file import DocumentFile, dotted
from hzdsl.text.names import Names, Steps, entry_at
from hzdsl.text.nano.candidates import add_particles, conditional, leaves, pair_attributes, total
from hzdsl.text.parser import parse_expression
from hzdsl.text.positions import Path
from hzdsl.text.scope import Element, Scope


def add_blocks(names: Names, file: DocumentFile, *within: str | int) -> None:
    """Add a definition for every table of ``[objects]`` and ``[derived]`` (of a channel)."""
    for block, made in (("objects", _Object), ("derived", _Derived), ("derived_objects", _Derived)):
        for name, table in (file.get(*within, block) or {}).items():
            path: Path = (*within, block, name)
            names.add(entry_at(file, path, steps=made(file, names, path, table).steps))


class _Block:
    """One table that defines a name."""

    def __init__(self, file: DocumentFile, names: Names, path: Path, table: Mapping[str, Any]) -> None:
        self.file, self.names, self.path, self.table = file, names, path, table
        self.name, self.title = str(path[-1]), dotted(path)

    def steps(self, scope: Scope) -> Steps:
        raise NotImplementedError

    def _text(self, scope: Scope, text: str, *path: str | int, element: Element | None = None) -> Steps:
        """Return the value of an expression of the table, perhaps in the scope of an element."""
        source = self.file.source(text, *self.path, *path)
        elements = () if element is None else (element,)
        return (yield parse_expression(source), Scope(source, elements, self._own_name(element), scope.chain))

    def _own_name(self, element: Element | None) -> Mapping[str, Any]:
        """Return what the name that is being defined means in its own conditions: nothing, or there the element."""
        return {self.name: element.particle} if self.names.nano_spec and element is not None else {}

    def _all(self, scope: Scope, key: str, element: Element) -> Steps:
        """Return the conjunction of a list of conditions, None of an empty one."""
        result = None
        for i, text in enumerate(self.table.get(key, ())):
            holds = yield from self._text(scope, text, key, i, element=element)
            result = holds if result is None else operators.logic("and", result, holds)
        return result

    def _only(self, *keys: str) -> None:
        for key in self.table:
            if key not in ("kind", "filters", *keys):
                what = f"{self.title}: '{key}' has no meaning for kind '{self.table['kind']}'"
                raise HzdslError("spec-key", what, place=self.file.key_place(*self.path, key))

    def _lacks(self, key: str, why: str) -> HzdslError:
        place = self.file.key_place(*self.path)
        return HzdslError("spec-key", f"{self.title} lacks the key '{key}'", fix=f"add {key} = …: {why}", place=place)


class _Object(_Block):
    """``[objects.X]``: a collection and its cuts."""

    def steps(self, scope: Scope) -> Steps:
        collection = yield from self._source(scope, self.table["source"])
        if not isinstance(collection, Collection):
            raise HzdslError("arguments", f"the source of {self.title} is {self.table['source']!r}, no collection")
        for change in self.names.changes(self.name):
            collection = yield from change(collection)
        condition = yield from self._all(scope, "cuts", Element(collection))
        return collection if condition is None else collection[condition]

    def _source(self, scope: Scope, name: str) -> Steps:
        """Return the collection of the input, or what another definition makes of it; there, always the former."""
        if name == self.name or (self.names.nano_spec and isinstance(self.names.input(name), Collection)):
            return self.names.input(name)
        return (yield from self._text(scope, name, "source"))


class _Derived(_Block):
    """``[derived.X]``: a pair, or a combination."""

    def steps(self, scope: Scope) -> Steps:
        return (yield from (self._pair(scope) if self.table["kind"] == "pair" else self._combination(scope)))

    # ---- pairs ----

    def _pair(self, scope: Scope) -> Steps:
        self._only("object", "constraints", "selection", "target", "exclude")
        if "object" not in self.table:
            raise self._lacks("object", "what the pairs are made of")
        objects = yield from self._text(scope, self.table["object"], "object")
        if not isinstance(objects, Collection):
            raise HzdslError("arguments", f"{described(objects)} is no collection to make pairs of")
        for i, name in enumerate(self.table.get("exclude", ())):
            objects = objects - (yield from self._text(scope, name, "exclude", i))
        selection = self.table.get("selection", "leading_pt")
        if selection != "nearest_mass_truncated":
            objects = objects.sort(-objects.attribute("pt"))
        pairs = yield from self._candidates(scope, objects)
        return (yield from self._chosen(scope, pairs, selection))

    def _candidates(self, scope: Scope, objects: Collection) -> Steps:
        pairs = FUNCTIONS["pair"](objects)
        for name in self.table.get("constraints", ()):
            if name == "same_flavor" and self.names.nano_spec and "flavor" not in objects.attributes():
                continue  # there, what has no flavour is of one
            pairs = verbs_of(Collection)[name](pairs)
        mass = pairs.attribute("mass")
        pairs = pairs[operators.logic("and", mass > 0, FUNCTIONS["isfinite"](mass))]
        pairs = pairs.assign(**pair_attributes(pairs))
        condition = yield from self._all(scope, "filters", Element(pairs))
        return pairs if condition is None else pairs[condition]

    def _chosen(self, scope: Scope, pairs: Collection, selection: str) -> Steps:
        if selection == "leading_pt":
            self._refuse_target()
            return pairs[0]
        if "target" not in self.table:
            raise self._lacks("target", "the mass that the pair is nearest to")
        target = self.table["target"]
        if isinstance(target, str):
            target = yield from self._text(scope, target, "target")
        return pairs.nearest(target) if selection == "nearest_mass" else pairs.nearest_mass_truncated(target)

    def _refuse_target(self) -> None:
        """Refuse a mass that nothing is compared with: the pair would be another one than was meant."""
        if "target" in self.table:
            what = f"{self.title}: 'target' has no meaning for the selection 'leading_pt'"
            place = self.file.key_place(*self.path, "target")
            raise HzdslError("spec-key", what, fix='selection = "nearest_mass"', place=place)

    # ---- combinations ----

    def _combination(self, scope: Scope) -> Steps:
        self._only("items")
        if "items" not in self.table:
            raise self._lacks("items", "what is added")
        parts: list[Particle] = []
        for i, name in enumerate(self.table["items"]):
            item = yield from self._text(scope, name, "items", i)
            if isinstance(item, Collection):
                item = item[self.table["items"][:i].count(name)]
            if not isinstance(item, Particle):
                raise HzdslError("arguments", f"{self.title} adds {name!r}, no object")
            parts.append(item)
        return (yield from self._filtered(scope, parts))

    def _filtered(self, scope: Scope, parts: Sequence[Particle]) -> Steps:
        add = add_particles if self.names.nano_spec else operator.add
        whole = total(parts, add)
        members = [x for part in parts for x in leaves(part)]
        condition = yield from self._all(scope, "filters", Element(whole, pair_attributes(members)))
        return whole if condition is None else total(conditional(parts, condition, add), add)
