"""What an ADL file defines, and what each name is: an object, a collection, a value."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.adl.grammar import parse
from hzdsl.text.adl.lines import Line
from hzdsl.text.adl.tables import Table
from hzdsl.text.adl.words import Words
from hzdsl.text.names import Names
from hzdsl.text.source import Source

_DEFINED = re.compile(r"\s*([^\W\d]\w*)\s*[=:](?!=)")
_INDEXED = re.compile(r"(.+)_(\d*)")


@dataclass(frozen=True)
class Define:
    """``define name = expression``: where the name stands, and the tree of the expression."""

    name: str
    source: Source
    start: int
    end: int
    tree: s.Expr


def define_of(line: Line) -> Define:
    """Return the definition that a line holds."""
    text = line.blanked()
    match = _DEFINED.match(text, line.start)
    if match is None:
        raise HzdslError("syntax", "a definition has a name", fix="define name = expression", place=line.after())
    return Define(match.group(1), line.source, match.start(1), match.end(1), expression(line, match.end()))


def expression(line: Line, start: int | None = None) -> s.Expr:
    """Return the tree of what follows the first word of a line (or an offset)."""
    return parse(line.source, line.blanked(start))


@dataclass(frozen=True)
class Named:
    """What a name is: ``object`` or ``define`` of the file; ``collection``, ``single`` or ``value`` of the input."""

    kind: str
    name: str


class Registry:
    """The names of a file.

    Attributes
    ----------
    names : Names
        Its definitions, as the elaborator sees them, and the input.
    words : Words
        The names of the input.
    defines : dict of str to Define
        What stands in ``define``.
    objects : set of str
        What ``object`` and ``composite`` blocks define.
    singles : dict of str to str
        Those of them that are one object of the input: ``object met``, ``take MissingET``.
    legs : dict
        For each ``comb``, the leg that ``collection[-i]`` is.
    members : set of str
        The names that composites give their members.
    tables : dict of str to Table
        What ``table`` blocks hold.
    """

    def __init__(self, names: Names) -> None:
        self.names, self.words = names, Words(names.events.schema)
        self.defines: dict[str, Define] = {}
        self.objects: set[str] = set()
        self.singles: dict[str, str] = {}
        self.legs: dict[str, dict[tuple[str, int], str]] = {}
        self.members: set[str] = set()
        self.tables: dict[str, Table] = {}
        #: Which definitions are objects, as far as it has been asked.
        self.object_defines: dict[str, bool] = {}
        self._floating: dict[str, frozenset[str]] = {}

    def resolve(self, name: str) -> Named | None:
        """Return what a name is, None where nothing knows it."""
        if name in self.singles:
            return Named("single", self.singles[name])
        if name in self.objects:
            return Named("object", name)
        if name in self.defines:
            return Named("define", name)
        found = self.words.object(name)
        if found is not None:
            return Named("single" if self.words.schema.objects[found].single else "collection", found)
        return Named("value", name) if self.words.schema.field(name) is not None else None

    def split(self, e: s.Name) -> s.Expr | None:
        """Return ``jets[1]`` for ``jets_1`` and ``JET`` for ``JET_`` where the name before the line is known."""
        match = _INDEXED.fullmatch(e.name)
        if match is None or self.resolve(match.group(1)) is None:
            return None
        name = replace(e, name=match.group(1))
        if not match.group(2):
            return name
        return s.Index(e.start, e.end, e.depth + 1, name, s.Number(e.start, e.end, 1, int(match.group(2)[:9])))

    def floating(self, name: str) -> frozenset[str]:
        """Return the combinations with open indices (``Muo[-1] Muo[-1]``) that a definition depends on."""
        if name not in self._floating:
            self._floating[name] = frozenset()  # a circle is found where it is evaluated
            tree = self.defines[name].tree
            if any(negative(x) is not None for x in walk(tree)):
                self._floating[name] = frozenset([name])
            else:
                self._floating[name] = self.open_in(tree)
        return self._floating[name]

    def open_in(self, tree: s.Expr) -> frozenset[str]:
        """Return the combinations with open indices that an expression depends on."""
        names = {x.name for x in walk(tree) if isinstance(x, s.Name) and x.name in self.defines}
        return frozenset(n for name in names for n in self.floating(name))


def walk(tree: s.Expr) -> list[s.Expr]:
    """Return every part of a tree, itself first."""
    found: list[s.Expr] = []
    todo: list[Any] = [tree]
    while todo:
        x = todo.pop()
        if isinstance(x, tuple):
            todo.extend(reversed(x))
        elif isinstance(x, s.Expr):
            found.append(x)
            todo.extend(reversed(children(x)))
    return found


def children(e: s.Expr) -> list[Any]:
    """Return the parts of a node; the name of a function that is called is none."""
    skipped = ("start", "end", "depth", "function")
    return [getattr(e, f.name) for f in fields(e) if f.name not in skipped]


def negative(e: s.Expr) -> tuple[str, int] | None:
    """Return (collection, index) of an open index, ``jets[-1]``; None for anything else."""
    if not (isinstance(e, s.Index) and isinstance(e.owner, s.Name) and isinstance(e.key, s.Unary) and e.key.op == "-"):
        return None
    at = e.key.operand
    return (e.owner.name, -at.value) if isinstance(at, s.Number) and isinstance(at.value, int) else None
