"""The templates of tables, random numbers and variations."""

from __future__ import annotations

from collections.abc import Callable

from hzdsl.ir.axes import EVENT, parent
from hzdsl.ir.literals import CALL, literal, plain_labels
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.spelling import Slot, Spelling, listed, plainest, same, tried
from hzdsl.ir.sugar_attributes import object_of, with_attribute
from hzdsl.ir.units import NONE, Unit
from hzdsl.ir.walk import behind


def numbers(row: Numbers, unit: Unit) -> str:
    """Return a row of numbers in a unit as a tuple of literals, each with all its digits."""
    from hzdsl.ir.build import const

    texts = [literal(const(x, unit))[0] for x in row.values()]
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _row(node: Node, name: str) -> Numbers:
    row = node.attr(name)
    assert isinstance(row, Numbers)
    return row


def _search(node: Node) -> Spelling:
    """``search(x, edges = (…))``, with the edges in the unit of x."""
    from hzdsl.ir import tables

    edges, unit = _row(node, "edges"), node.args[0].type.unit

    def read(x: Node) -> Node:
        assert x.type.unit == unit
        return tables.search(x, edges)

    (x,) = tried(read, node.args, node) or node.args
    return Spelling(("search(", Slot(x), f", edges = {numbers(edges, unit)})"), CALL)


def _entry(node: Node) -> Spelling:
    from hzdsl.ir import tables

    shorter = _by_keys(node)
    if shorter is not None:
        return shorter
    values, unit = _row(node, "values"), node.type.unit
    (index,) = tried(lambda i: tables.entry(i, values, unit), node.args, node) or node.args
    return Spelling(("entry(", Slot(index), f", values = {numbers(values, unit)})"), CALL)


def _by_keys(node: Node) -> Spelling | None:
    """``table(x, keys = (…), values = (…))``, and of a particle's id ``x.charge``."""
    from hzdsl.ir import particles, tables

    counts = [n for n in topological(node.args) if n.op == "search" and n.type.axis is node.type.axis]
    if node.args[0].op != "where" or not counts:
        return None
    count = counts[-1]
    for _, x in plainest(count.args[0]):
        if same(particles.charge, (x,), node) and (pieces := object_of(x, "pdgId")) is not None:
            return with_attribute(pieces, "charge")
    keys, values, unit = _row(count, "edges"), _row(node, "values"), node.type.unit
    outside = len(values) == len(keys) + 1

    def read(x: Node) -> Node:
        return tables.by_keys(x, keys.values(), values, unit, outside)

    found = tried(read, count.args, node)
    if found is None:
        return None
    first, rest = (values.values()[:1], values.values()[1:]) if outside else ((), values.values())
    more = f", outside = {numbers(Numbers.of(first), unit)[1:-2]}" if outside else ""
    row = f", keys = {numbers(keys, NONE)}, values = {numbers(Numbers.of(rest, values.dtype), unit)}{more})"
    return Spelling(("table(", Slot(found[0]), row), CALL)


def _random(node: Node) -> Spelling:
    from hzdsl.ir import tables

    seed = node.number("seed")
    keys = tried(lambda *keys: tables.random(keys, seed), node.args, node) or node.args
    return Spelling(("random(", *listed([Slot(k) for k in keys]), f", seed = {seed})"), CALL)


def random_normal(node: Node) -> Spelling | None:
    """``random_normal(keys, seed = …)``, known by the first of its two uniform numbers."""
    from hzdsl.ir import tables

    radius, angle = node.args
    if (dict(radius.attrs).get("name"), dict(angle.attrs).get("name")) != ("sqrt", "cos"):
        return None
    first = next((n for n in topological([radius]) if n.op == "random"), None)
    if first is None:
        return None
    seed = tables.seed_of_normal(first.number("seed"))
    keys = tried(lambda *keys: tables.random_normal(keys, seed), first.args, node)
    return (
        None
        if keys is None
        else Spelling(("random_normal(", *listed([Slot(k) for k in keys]), f", seed = {seed})"), CALL)
    )


def _vary(node: Node) -> Spelling:
    """``vary(x, jes = (up, down))``; other labels stand before their alternatives: ``jes = ("high", x, "low", y)``."""
    from hzdsl.ir import build

    name, labels = node.text("name"), node.attr("labels")
    assert isinstance(labels, tuple)
    if len(labels) > 1 and (listed_values := _replicas_of(node)) is not None:
        x, values = listed_values
        return Spelling(("vary(", Slot(x), f", {name} = ", Slot(values), ")"), CALL)
    operands = tried(lambda x, *others: build.vary(x, others, name, labels), node.args, node) or node.args
    pieces: list[str | Slot] = []
    for label, x in zip(labels, operands[1:], strict=True):
        said = "" if labels == plain_labels(len(labels)) else f"{quoted(label)}, "
        pieces += [f"{', ' if pieces else ''}{said}", Slot(x)]
    end = ",))" if len(pieces) == len(("", operands)) and not pieces[0] else "))"
    return Spelling(("vary(", Slot(operands[0]), f", {name} = (", *pieces, end), CALL)


def _replicas_of(node: Node) -> tuple[Node, Node] | None:
    """Return a nominal value and the list per event whose elements are its alternatives, or None."""
    from hzdsl.ir import build

    name, labels = node.text("name"), node.attr("labels")
    assert isinstance(labels, tuple)
    taken = behind(node.args[1], "cast", "otherwise")
    if taken.op != "take" or taken.args[1].op != "nth" or labels != tuple(map(str, range(len(labels)))):
        return None
    for _, x in plainest(node.args[0]):
        others = tuple(replicas(taken.args[0], x))
        if len(others) != len(labels):
            continue
        if same(lambda x, *others: build.vary(x, others, name, labels), (x, *others), node):
            return x, taken.args[0]
    return None


def replicas(values: Node, nominal: Node) -> list[Node]:
    """Return the values along the first positions of a list per event, as so many values per event."""
    from hzdsl.ir.build import otherwise
    from hzdsl.ir.members import take

    axis = values.type.axis
    if axis is None or axis.op != "slice" or parent(axis) is not EVENT or not isinstance(axis.attr("stop"), int):
        return []
    n = axis.number("stop") - axis.number("start")
    return [otherwise(take(values, make("nth", axis, i=k)), nominal) for k in range(n)]


def quoted(text: str) -> str:
    """Return a text between quotes that it does not hold."""
    return f"'{text}'" if '"' in text else f'"{text}"'


TABLES: dict[str, Callable[[Node], Spelling | None]] = {
    "search": _search,
    "entry": _entry,
    "random": _random,
    "vary": _vary,
}
