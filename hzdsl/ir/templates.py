"""The templates of what is no operator or function of its operands: attributes, elements, selections, combinations."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from hzdsl.ir.axes import CHOICES, leg_axes, stored
from hzdsl.ir.literals import ATOM, CALL
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.spelling import (
    COMPARISON,
    Slot,
    Spelling,
    attribute,
    call,
    infix,
    listed,
    owner,
    same,
    spelling,
    stripped,
    supersets,
    tried,
)
from hzdsl.ir.templates_inputs import INPUTS, schema_of
from hzdsl.ir.templates_tables import TABLES, quoted

#: Words that the text form reads as operators: they stand free in declared spellings.
KEYWORDS = frozenset(word for op in OPS.values() for word in re.findall(r"([a-z]+) \{", op.text))


def _self(node: Node) -> Spelling:
    return spelling(node.args[0])


def _leg(node: Node) -> Spelling:
    axis, k = node.args[0], node.number("k") + 1
    if axis.op in CHOICES:
        return attribute(axis, f"leg{k}")
    return Spelling((owner(axis), f".leg({k})"), CALL)


def _lift(node: Node) -> Spelling:
    value, axis = node.args
    known = spelling(value)
    if known.moves and known.owner in supersets(axis):
        return attribute(axis, known.attribute)
    return Spelling((owner(value), ".along(", Slot(axis), ")"), CALL)


def _take(node: Node) -> Spelling:
    from hzdsl.ir.members import take

    value, reference = node.args
    if reference.op == "nth" and (mean := _mean(node)) is not None:
        return mean
    known = spelling(value)
    if known.owner is not None and known.owner is value.type.axis:
        moves = known.moves and reference.op == "under"
        if moves:  # the elements of B.per(A) have the attributes of B's
            return attribute(reference.args[0], known.attribute)
        if known.moves or "." not in known.attribute:  # x.p4.mass is of the vector that moved, not its mass moved
            return replace(attribute(reference, known.attribute), owner=None, attribute="", moves=False)
    operands = tried(lambda v: take(v, reference), (value,), node) or (value,)
    return Spelling((owner(operands[0]), ".at(", Slot(reference), ")"), CALL)


def _mean(node: Node) -> Spelling | None:
    """``mean(x)``: the sum over the count, at the first position, so that it is missing where there is none."""
    from hzdsl.ir.members import mean

    at = stripped(node.args[0])[0]
    total = stripped(at.args[0])[0] if at.op == "div" else at
    if total.op == "sum" and same(mean, total.args, node):
        return Spelling(call("mean", *total.args), CALL)
    return None


def _same(node: Node) -> Spelling | None:
    """``a == b``. Python turns the comparison of an object with a collection round: then b is said to be an object."""
    from hzdsl.ir.build import compare

    operands = tried(lambda a, b: compare("eq", *turned(a, b)), node.args, node)
    if operands is not None:
        return infix(" == ", COMPARISON, operands[0], operands[1])
    a, b = node.args
    axis = Slot(b.args[0] if b.op == "self" else b)
    return Spelling((Slot(a, COMPARISON), " == ", owner(axis.node), ".along(", axis, ")"), COMPARISON)


def turned(a: Node, b: Node) -> tuple[Node, Node]:
    """Return what Python compares: a collection comes before an object that is none."""
    return (b, a) if b.op == "self" and a.op != "self" else (a, b)


def _slice(node: Node) -> Spelling:
    start, stop = node.attr("start"), node.attr("stop")
    return Spelling((owner(node.args[0]), f"[{start or ''}:{'' if stop is None else stop}]"), CALL)


def _choose(node: Node) -> Spelling:
    n, of = node.number("n"), node.args[0]
    names = {2: "pair", 3: "triple"}
    return Spelling(call(names[n], of) if n in names else call("combinations", of, str(n)), CALL)


def _product(node: Node) -> Spelling:
    name = {2: "pair", 3: "triple"}.get(len(node.args), "product")
    if len(set(node.args)) == len(node.args):
        return Spelling(call(name, *node.args), CALL)
    items: list[str | Slot] = []
    for k, axis in enumerate(node.args):
        items += [f"{', ' if k else ''}leg{k + 1} = ", Slot(axis)]
    return Spelling((f"{name}(", *items, ")"), CALL)


def _scoped(verb: Callable[[Node], tuple[str, str]], build: Callable[..., Node]) -> Callable[[Node], Spelling]:
    """Return the template of a verb whose arguments are read in the scope of a collection."""

    def template(node: Node) -> Spelling:
        before, after = verb(node)
        keys = tried(lambda *keys: build(node, *keys), node.args[1:], node) or node.args[1:]
        slots = [Slot(k, scoped=True, as_value=node.op == "filter") for k in keys]
        return Spelling((owner(node.args[0]), before, *listed(slots), after), CALL)

    return template


def _filtered(node: Node, condition: Node) -> Node:
    from hzdsl.ir.members import select

    return select(node.args[0], condition)


def _ordered(node: Node, *keys: Node) -> Node:
    from hzdsl.ir.members import order

    return order(node.args[0], keys)


def _picked(node: Node, *keys: Node) -> Node:
    from hzdsl.ir.members import pick

    return pick(node.args[0], keys, node.text("direction"))


def _truncated(node: Node, value: Node, target: Node) -> Node:
    from hzdsl.ir.members import pick_truncated, seen_by

    return pick_truncated(node.args[0], seen_by(value, node.args[0], "order"), target)


_filter = _scoped(lambda node: ("[", "]"), _filtered)
_sort = _scoped(lambda node: (".sort(", ")"), _ordered)
_pick = _scoped(lambda node: (f".{node.text('direction')}(", ")"), _picked)
_pick_truncated = _scoped(lambda node: (".pick_truncated(", ")"), _truncated)


def _legs(node: Node) -> Spelling:
    """``z.legs``, or the legs one by one."""
    owners = [spelling(r).pieces for r in node.args]
    first = owners[0][0]
    expected = [(first, f".leg{k + 1}") for k in range(len(owners))]
    if isinstance(first, Slot) and owners == expected and _has_legs(first.node, len(owners)):
        return Spelling((first, ".legs"), ATOM)
    return Spelling(call("legs", *node.args), CALL)


def _has_legs(node: Node, count: int) -> bool:
    axis = node if node.is_axis else node.type.target
    return axis is not None and len(leg_axes(axis)) == count


def _stack(node: Node) -> Spelling:
    """The attribute that all members of a union have, or the values one by one."""
    from hzdsl.ir.members import stack

    *values, axis = node.args
    known = [spelling(v) for v in values]
    name = known[0].attribute
    if axis.op == "union" and name and all(k.owner is a and k.attribute == name and k.moves
                                           for k, a in zip(known, axis.args, strict=True)):  # fmt: skip
        return attribute(axis, name)
    if axis.op == "union" and all(_is_flavor(v, a) for v, a in zip(values, axis.args, strict=True)):
        return attribute(axis, "flavor")
    if axis.op == "legs" and (shared := _of_legs(values, axis)) is not None:
        return shared
    along = axis.args if axis.op == "union" else (axis.type.axis,) * len(values)

    def read(*given: Node) -> Node:
        lifted = [lift(v, a) for v, a in zip(given, along, strict=True) if a is not None]
        return stack(lifted, axis)

    from hzdsl.ir.build import lift

    return Spelling(call("stack", *(tried(read, tuple(values), node) or values), axis), CALL)


def _is_flavor(value: Node, axis: Node) -> bool:
    """Return whether a value is the |PDG id| that all elements of a collection have, by its schema."""
    from hzdsl.ir.build import const_value

    at = stored(axis)
    known = None if (schema := schema_of(at)) is None else schema.flavor(at.text("name"))
    return known is not None and const_value(value) == known and value.type.axis is axis


def _of_legs(values: list[Node], axis: Node) -> Spelling | None:
    """``z.legs.pt``: the same stored attribute of each leg."""
    if any(v.op != "take" or v.args[1] is not r for v, r in zip(values, axis.args, strict=True)):
        return None
    known = [spelling(v.args[0]) for v in values]
    name = known[0].attribute
    if not name or any(k.attribute != name or not k.moves for k in known):
        return None
    return attribute(axis, name)


def _category(node: Node) -> Spelling:
    labels = node.attr("labels")
    assert isinstance(labels, tuple)
    operands = tried(lambda *given: _labelled(labels, given), node.args, node) or node.args
    plain = all(label.isidentifier() and label not in KEYWORDS for label in labels)
    pieces: list[str | Slot] = []
    for label, x in zip(labels, operands, strict=True):
        before = f"{label} = " if plain else f"{quoted(label)}, "
        pieces += [f"{', ' if pieces else ''}{before}", Slot(x)]
    return Spelling(("category(", *pieces, ")"), CALL)


def _labelled(labels: tuple[str, ...], given: tuple[Node, ...]) -> Node:
    from hzdsl.ir.members import category

    return category(list(zip(labels, given, strict=True)))


#: Written by hand: what is no operator or function of its operands. The first group has no other way to be written.
SPECIAL: dict[str, Callable[[Node], Spelling | None]] = {
    **INPUTS,
    **TABLES,
    "self": _self,
    "leg": _leg,
    "lift": _lift,
    "take": _take,
    "same": _same,
    "legs": _legs,
    "stack": _stack,
    "category": _category,
    "slice": _slice,
    "choose": _choose,
    "product": _product,
}
SCOPED = {"filter": _filter, "sort": _sort, "pick": _pick, "pick_truncated": _pick_truncated}
