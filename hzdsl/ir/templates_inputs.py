"""The templates of what is not computed: constants, parameters, and what a schema says of a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hzdsl.ir.literals import ATOM, CALL, literal
from hzdsl.ir.node import Node, bits_float, make
from hzdsl.ir.spelling import INPUT, PARAMETER, Spelling, attribute, call, owner, same, spelling, supersets, tried


def _const(node: Node) -> Spelling:
    text, precedence = literal(node)
    return Spelling((text,), precedence)


def _param(node: Node) -> Spelling:
    return Spelling((PARAMETER, node.text("name")))


def _column(node: Node) -> Spelling:
    axis, name = node.args[0], node.text("attr")
    if "default" in dict(node.attrs):
        return Spelling((f'ev.get("{name}", default = {_default(node)})',), CALL)
    if axis.op == "collection":
        if name and not name.isidentifier():
            return Spelling((owner(axis), f'["{name}"]'), CALL)
        return attribute(axis, name)
    name = name or node.text("name")
    if all(part.isidentifier() for part in name.split(".")):
        return Spelling((INPUT, name) if "." not in name else (name,))
    return Spelling((f'ev["{name}"]',), CALL)


def _default(node: Node) -> str:
    """Return what an optional branch holds where a file lacks it."""
    from hzdsl.ir.build import const

    bits, dtype = node.number("default"), node.type.dtype
    if dtype.floating:
        return literal(const(bits_float(bits), node.type.unit))[0]
    return str(bits) if dtype.integer else ("true" if bits else "false")


def _collection(node: Node) -> Spelling:
    parent, name = node.args[0], node.text("name")
    if parent.op == "event":
        return Spelling((name,))
    return Spelling((owner(parent), f".{name.rpartition('.')[2]}"), ATOM)


def _at(node: Node) -> Spelling:
    """``x.tracks``; where x is no element of a selection that has them, the collection is named in full."""
    whole, nested = node.args
    owned = _belongs_to(whole, make("self", nested.args[0]))
    if owned is not None:
        return Spelling((owner(owned), f".{nested.text('name').rpartition('.')[2]}"), ATOM)
    return Spelling(call("nested", whole, nested), CALL)


def _belongs_to(element: Node, stored: Node) -> Node | None:
    """Return whose attribute a list is that belongs to `element`, where the elements of `stored` have such lists."""
    from hzdsl.ir.members import take

    if element is stored:
        return stored.args[0]
    if element.op == "lift" and element.args[0] is stored and stored.args[0] in supersets(element.args[1]):
        return element.args[1]
    if (
        element.op == "take"
        and element.args[0] is stored
        and same(lambda r: take(stored, r), element.args[1:], element)
    ):
        return element.args[1]
    return None


def schema_of(collection: Node) -> Any:
    """Return what a collection remembers of its schema; None where it was made without."""
    return dict(collection.attrs).get("schema") if collection.op == "collection" else None


def _link(node: Node) -> Spelling:
    """``mu.gen`` where the schema has a name for the link, else ``link(mu.genPartIdx, GenPart)``."""
    from hzdsl.ir.members import link

    index, target = node.args
    column = index.args[0] if index.op == "cast" else index
    axis = column.args[0]
    if column.op == "column" and (schema := schema_of(axis)) is not None:
        name = schema.link(axis.text("name"), column.text("attr"), target.text("name"))
        if name and same(link, (column, target), node):
            return attribute(axis, name)
    sure = "sure" in dict(node.attrs)
    operands = tried(lambda x: link(x, target, sure), (index,), node) or (index,)
    return Spelling(call("link", *operands, target, *(["sure = true"] if sure else [])), CALL)


def _chain(node: Node) -> Spelling:
    """``gen.ancestors`` where the schema has a name for following the link again and again."""
    start, step = node.args
    axis = step.type.axis
    known = spelling(step)
    if axis is not None and known.owner is axis and (schema := schema_of(axis)) is not None:
        name = schema.chain(axis.text("name"), known.attribute)
        owned = _belongs_to(start, make("self", axis))
        if name and owned is not None:
            return Spelling((owner(owned), f".{name}"), ATOM)
    return Spelling(call("chain", start, step), CALL)


INPUTS: dict[str, Callable[[Node], Spelling | None]] = {
    "const": _const,
    "param": _param,
    "column": _column,
    "collection": _collection,
    "at": _at,
    "link": _link,
    "chain": _chain,
}
