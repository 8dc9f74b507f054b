"""Attributes and the objects they are of, as nodes tell them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hzdsl.ir import formulas
from hzdsl.ir.literals import ATOM
from hzdsl.ir.node import Node
from hzdsl.ir.spelling import Slot, Spelling, attribute, plainest, spelling
from hzdsl.ir.types import DType
from hzdsl.ir.walk import behind

Pieces = tuple[str | Slot, ...]


def object_of(node: Node, name: str) -> Pieces | None:
    """Return how the object is written of which a node is the attribute `name`, or None."""
    pieces = spelling(node).pieces
    if name.startswith("p4.") and (names := stored_names(node)):
        system = formulas.coordinates(names)
        direct = stored_column(node).type.dtype is DType.F64 and system is not None and name[3:] in system
        name = name[3:] if direct else name
    if len(pieces) == 2 and pieces[1] == f".{name}":
        return pieces[:1]
    only = pieces[0]
    if len(pieces) == 1 and isinstance(only, str) and only.endswith(f".{name}"):
        single = only[: -len(name) - 1]  # a single object of the event
        return (single,) if single.isidentifier() else None
    return None


def together(nodes: Sequence[Node], names: Sequence[str]) -> Iterator[tuple[Pieces, tuple[Node, ...]]]:
    """Yield the objects of which nodes may be these attributes, with the nodes in their barest form."""
    levels = [[(object_of(x, name), x) for _, x in plainest(node)] for node, name in zip(nodes, names, strict=True)]
    for pieces, first in levels[0] if levels else ():
        if pieces is None:
            continue
        rest = [[x for p, x in found if p == pieces] for found in levels[1:]]
        if all(rest):
            yield pieces, (first, *(found[0] for found in rest))


def with_attribute(pieces: Pieces, name: str) -> Spelling:
    """Return ``object.name``; selections of a collection have the attribute by moving this very node."""
    (first,) = pieces
    axis = first.node if isinstance(first, Slot) and first.node.is_axis else None
    before: Pieces = pieces if isinstance(first, Slot) else (f"{first}.{name}",)
    return Spelling((*before, f".{name}") if axis or isinstance(first, Slot) else before, ATOM, axis, name, moves=True)


def stored_column(node: Node) -> Node:
    """Return the branch that an attribute of an object is read from, or what else it begins with."""
    return behind(node, "lift", "cast", "take")


def stored_names(node: Node) -> tuple[str, ...] | None:
    """Return which attributes the object has whose branch a node reads; none where no schema is known of it."""
    schema, name = _schema_of(stored_column(node))
    return None if name is None else () if schema is None else schema.stored(name)


def _schema_of(column: Node) -> tuple[Any, str | None]:
    """Return the schema that a branch is of, if one is known, and how that calls what the branch is an attribute of."""
    if column.op != "column":
        return None, None
    axis = column.args[0]
    if axis.op == "collection":
        return dict(axis.attrs).get("schema"), axis.text("name")
    return dict(column.attrs).get("schema"), column.text("attr").rpartition(".")[0]


def place(node: Node) -> Spelling | None:
    """``Muon.index``: where each element of a stored list stands, if nothing that is stored is called so."""
    if node.args[0].op != "self":
        return None
    axis = node.args[0].args[0]
    schema: Any = dict(axis.attrs).get("schema")
    known = () if schema is None else schema.stored(axis.text("name"))
    return attribute(axis, "index") if known and "index" not in known else None


def flavor(node: Node) -> Spelling | None:
    """``GenPart.flavor``, of what stores a PDG id and no flavour."""
    column = node.args[0]
    if column.op != "column" or (pieces := object_of(column, "pdgId")) is None:
        return None
    schema, name = _schema_of(column)
    if schema is None or "flavor" in schema.stored(name) or schema.flavor(name) is not None:
        return None  # of one kind, the flavour is that constant
    return with_attribute(pieces, "flavor")


def enclosed(pieces: Pieces) -> Pieces:
    return tuple(Slot(p.node) if isinstance(p, Slot) else p for p in pieces)
