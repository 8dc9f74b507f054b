"""Blocks that define collections: ``object`` and ``composite``."""

from __future__ import annotations

import re
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.collections import Collection
from hzdsl.lang.functions import described
from hzdsl.lang.objects import Particle
from hzdsl.text import operators
from hzdsl.text import syntax as s
from hzdsl.text.adl.combinations import Combination, added, combination, is_combination, legs_of
from hzdsl.text.adl.lines import Block, Line
from hzdsl.text.adl.nodes import Beside, Denied
from hzdsl.text.adl.references import named
from hzdsl.text.adl.registry import Registry, define_of, expression, walk
from hzdsl.text.adl.translate import Translator
from hzdsl.text.at import at as at_place
from hzdsl.text.names import Entry, Steps
from hzdsl.text.scope import Scope, attribute_names
from hzdsl.text.source import Source

_HEAD = re.compile(r"\s*([^\W\d]\w*)(\s*:|\s+(?:take|using)\b)?", re.IGNORECASE)
_REGION = re.compile(r"\s*([^\W\d][\w-]*)(\s*:)?")


def header(block: Block) -> tuple[str, int, int, int | None]:
    """Return the name of a block, where it begins and ends, and where what follows its ``:`` or ``take`` begins."""
    text = block.head.blanked()
    match = (_REGION if block.kind == "region" else _HEAD).match(text, block.head.start)
    if match is None or (text[match.end() :].strip() and not match.group(2)):
        word = block.head.word
        fix = f"{word} NAME" if block.kind != "object" else f"{word} NAME : JET, or {word} NAME and take JET below"
        raise HzdslError("syntax", f"'{word}' is followed by one name", fix=fix, place=block.head.after())
    return match.group(1), match.start(1), match.end(1), match.end() if match.group(2) else None


class ObjectBlock:
    """One ``object`` or ``composite`` block.

    Attributes
    ----------
    entry : Entry
        Its name, ready for the elaborator.
    """

    def __init__(self, registry: Registry, block: Block) -> None:
        self.registry, self.block = registry, block
        self.name, start, end, base = header(block)
        self.entry = Entry(self.name, block.head.source, start, end, steps=self.steps)
        self._aliases: dict[str, tuple[s.Expr, Source]] = {}
        self._sources: list[tuple[Line, s.Expr]] = []
        self._this = {"this", self.name}
        heads = [(block.head, base)] if base is not None else []
        for line, at in [*heads, *((x, None) for x in block.lines if x.keyword == "take")]:
            self._sources.append((line, self._source(expression(line, at))))
        if not self._sources:
            what = f"{block.head.word} '{self.name}' is made of nothing"
            raise HzdslError("syntax", what, fix="take JET", place=self.entry.place())
        self._combination: Combination | None = None
        self._combine()
        taken = self._sources[0][1]
        single = registry.words.object(taken.name) if isinstance(taken, s.Name) and len(self._sources) == 1 else None
        if single is not None and registry.words.schema.objects[single].single:
            registry.singles[self.name] = single

    def _source(self, e: s.Expr) -> s.Expr:
        """Return what is taken; a name behind it is another name of the element: ``Jet j``, ``comb(…) alias z``."""
        if isinstance(e, Beside) and all(isinstance(x, s.Name) for x in e.items[1:]) and len(e.items) in (2, 3):
            names = [x.name for x in e.items[1:] if isinstance(x, s.Name)]
            if len(names) == 1 or names[0].casefold() == "alias":
                self._this.add(names[-1])
                return e.items[0]
        return e

    def _combine(self) -> None:
        """Note what a combination calls its parts, so that every line of the file can speak of them."""
        for line, e in self._sources:
            if is_combination(e):
                assert isinstance(e, s.Call)
                if len(self._sources) > 1:
                    place = line.source.place(e.start, e.end)
                    raise HzdslError("unsupported", "a combination is taken alone", place=place)
                self.registry.legs[self.name] = legs_of(e)
                self.registry.members.update(
                    x.items[1].name
                    for x in e.arguments
                    if isinstance(x, Beside) and len(x.items) == 2 and isinstance(x.items[1], s.Name)
                )

    # ---- evaluation ----

    def steps(self, scope: Scope) -> Steps:
        """Return the collection: what is taken, with its new attributes, selected and ordered."""
        base = yield from self._base(scope)
        self._find_this()
        if not isinstance(base, Collection):
            return self._single(base)
        for line in self.block.lines:
            if line.keyword == "define":
                define = define_of(line)
                value = yield self._translator(line, base).definition(define.tree), self._scope(line, base, scope)
                with at_place(line.source.place(define.start, define.end)):
                    base = base.assign(**{define.name: value})
            elif line.keyword == "object":
                self._alias(line)
        selected = yield from self._selected(base, scope)
        return (yield from self._ordered(selected, scope))

    def _base(self, scope: Scope) -> Steps:
        base = None
        for line, e in self._sources:
            translator = Translator(self.registry, line.source)
            if is_combination(e):
                assert isinstance(e, s.Call)
                self._combination = combination(e, translator)
                tree = self._combination.candidates
            else:
                tree = self._taken(e, translator)
            taken = yield tree, Scope(line.source, chain=scope.chain)
            with at_place(line.after()):
                base = taken if base is None else operators.binary("|", base, taken)
        if self._combination is not None and isinstance(base, Collection):
            members = {n: base.attribute(leg) for n, leg in self._combination.members.items()}
            base = base.assign(**members) if members else base
        return base

    def _taken(self, e: s.Expr, translator: Translator) -> s.Expr:
        """Return what is taken; ``object Jet`` that takes ``Jet`` takes that of the input."""
        if isinstance(e, s.Name) and e.name == self.name and self.registry.words.object(e.name):
            return s.Attribute(e.start, e.end, 1, named(e, "ev"), self.registry.words.object(e.name) or "")
        return translator.object(e)

    def _find_this(self) -> None:
        """Note under which names the lines of the block speak of the element: those of what is taken."""
        if len(self._sources) != 1 or not isinstance(self._sources[0][1], s.Name):
            return
        taken = self._sources[0][1].name
        kind = self.registry.resolve(taken)
        self._this.add(taken)
        for line in self.block.lines:
            if line.keyword in ("select", "reject"):
                names = {x.name for x in walk(expression(line)) if isinstance(x, s.Name)}
                self._this.update(n for n in names if self.registry.resolve(n) == kind)

    def _single(self, base: Any) -> Any:
        lines = [x for x in self.block.lines if x.keyword != "take"]
        if not isinstance(base, Particle):
            what = f"'{self.name}' takes {described(base)}, no collection"
            raise HzdslError("arguments", what, fix="take JET")
        if lines:
            what = f"{described(base)} is one object per event, and nothing is selected from it"
            raise HzdslError("arguments", what, place=lines[0].place())
        return base

    def _alias(self, line: Line) -> None:
        define = define_of(line)
        members = set(self._combination.members) if self._combination is not None else set()
        names = [x.name for x in added(define.tree) if isinstance(x, s.Name)]
        if members and len(names) == len(added(define.tree)) == len(members) and set(names) == members:
            self._this.add(define.name)
        else:
            self._aliases[define.name] = (define.tree, define.source)

    def _selected(self, base: Collection, scope: Scope) -> Steps:
        condition = None
        for line in self.block.lines:
            if line.keyword not in ("select", "reject"):
                continue
            translator, e = self._translator(line, base, refusing=line.keyword == "reject"), expression(line)
            tree = translator.value(e)
            if line.keyword == "reject":
                tree = Denied(e.start, e.end, e.depth, tree)
            holds = yield tree, self._scope(line, base, scope)
            if holds is not True:
                with at_place(line.after()):
                    base[holds]  # says so where it selects nothing here
                    condition = holds if condition is None else operators.logic("and", condition, holds)
        return base if condition is None else base[condition]

    def _ordered(self, selected: Collection, scope: Scope) -> Steps:
        for line in self.block.lines:
            if line.keyword == "sort":
                e = expression(line)
                translator = self._translator(line, selected)
                if not isinstance(e, Beside) or len(e.items) != 2:
                    raise translator.error("syntax", "what to sort by, and ascend or descend", e, "sort pT descend")
                key, direction = e.items
                tree = translator.sorted(e, named(e, "this"), e, key, direction)
                selected = yield tree, self._scope(line, selected, scope)
        return selected

    def _translator(self, line: Line, base: Collection, refusing: bool = False) -> Translator:
        legs = {} if self._combination is None else self._combination.legs
        return Translator(
            self.registry,
            line.source,
            this=frozenset(self._this),
            attributes=frozenset(attribute_names(base)),
            legs=legs,
            aliases=self._aliases,
            refusing=refusing,
        )

    def _scope(self, line: Line, base: Collection, scope: Scope) -> Scope:
        return Scope(line.source, bindings={"this": base}, chain=scope.chain)
