"""The events of `tests.backends.ragged` as text reads them, so that any graph over them can be read back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from hzdsl.io.schema import Schema
from hzdsl.ir.node import Node
from hzdsl.lang.collections import Collection
from hzdsl.lang.events import Events
from hzdsl.lang.objects import Object
from hzdsl.lang.records import Record
from hzdsl.lang.values import Value, to_node
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.names import Entry, Names
from hzdsl.text.parser import parse_block, parse_expression
from hzdsl.text.scope import Scope
from hzdsl.text.source import Source
from tests.backends.ragged import COLLECTIONS, NESTED, attributes, collection, column


class RaggedRecord(Record):
    def __init__(self, name: str) -> None:
        self.axis, self._owner = collection(name), name

    def meaning(self) -> Hashable:
        return "ragged", self._owner

    def stored(self) -> Sequence[str]:
        return [*attributes(), *([NESTED] if self._owner == "Jet" else [])]

    def own(self, name: str) -> Any:
        if name == NESTED:
            return Collection(RaggedRecord(NESTED))
        return Value(column(self._owner, name))


class RaggedEvents(Events):
    def lookup(self, name: str) -> Any | None:
        if name in COLLECTIONS:
            return Collection(RaggedRecord(name))
        return Value(column("", name)) if name in attributes() else None


def read(definitions: Sequence[tuple[str, str]], text: str, parameters: Mapping[str, Node]) -> Any:
    """Return what a text stands for, after definitions."""
    names = Names(RaggedEvents(Schema("ragged")))
    for name, node in parameters.items():
        names.add(Entry(name, Source("parameters", name), value=Value(node)))
    block = Source("definitions", "\n".join(f"{n} = {t}" for n, t in definitions))
    for d in parse_block(block):
        names.add(Entry(d.name, block, d.start, d.end, formula=d))
    source = Source("expression", text)
    return Elaborator(names).run(parse_expression(source), Scope(source))


def node_of(x: Any, like: Node) -> Node:
    """Return the node of a surface value; of a collection the axis, where an axis is asked for."""
    if isinstance(x, Collection) and like.is_axis:
        return x.axis
    return x.reference if isinstance(x, Object) else to_node(x)
