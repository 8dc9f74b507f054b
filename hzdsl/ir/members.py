"""Building what joins axes: unions, legs, chains, links, categories, and the values stacked along them.

Like `hzdsl.ir.build`, this brings operands that still differ in dtype or unit to what the operations' rules want.
"""

from __future__ import annotations

from collections.abc import Sequence

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir import build
from hzdsl.ir.axes import finer, parent, stored
from hzdsl.ir.node import Node, make
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.types import DType, arithmetic_dtype


def union(a: Node, b: Node) -> Node:
    """Return the axis of A's positions, then those of B that are not in it; A itself where both are one."""
    if a is b:
        return a
    if finer(parent(a), parent(b)) is None:
        raise HzdslError(
            "axis",
            f"{axis_name(a)} is a list per {axis_name(parent(a))}, {axis_name(b)} one per {axis_name(parent(b))}",
            fix="bring both to one parent first, e.g. with .per(…)",
        )
    return make("union", a, b)


def stack(values: Sequence[Node], axis: Node) -> Node:
    """Return one value along a union or legs, of a value per member: in their common dtype, the unit of the first."""
    if all(v.type.target is not None for v in values):
        return make("stack", *values, axis)
    kinds = {v.type.dtype for v in values}
    if len({v.type.labels for v in values}) > 1:
        raise HzdslError("dtype", "these are labels of different categories", fix="make one category for all")
    if len(kinds) > 1:
        if not all(d.numeric for d in kinds):
            said = ", ".join(f"{spell(v, 60)} ({v.type.dtype.value})" for v in values)
            raise HzdslError("dtype", f"these have no common type: {said}", fix="assign one meaning to all first")
        dtype = values[0].type.dtype
        for v in values[1:]:
            dtype = arithmetic_dtype(dtype, v.type.dtype)
        values = [build.cast(v, dtype) for v in values]
    values = build.same_unit("|", tuple(values))
    if len({v.type.dtype for v in values}) > 1:  # rescaled ones are f64
        values = [build.cast(v, DType.F64) for v in values]
    return make("stack", *values, axis)


def legs(references: Sequence[Node]) -> Node:
    """Return the axis of the particles that an object is made of."""
    return make("legs", *build.on_common_axis(*references))


def link(index: Node, axis: Node) -> Node:
    """Return the elements of a list that stored indices point to."""
    if not index.type.dtype.integer:
        raise HzdslError("dtype", f"{spell(index)} is no integer: it points to nothing", fix="name an index branch")
    return make("link", build.cast(index, DType.I64), axis)


def chain(reference: Node, step: Node) -> Node:
    """Return the axis of what the link `step` leads to from an object, and on from there."""
    assert step.type.axis is not None
    return make("chain", as_stored(reference, step.type.axis), step)


def nested(reference: Node, axis: Node) -> Node:
    """Return the axis of the nested elements of what an object refers to."""
    whole = as_stored(reference, parent(axis))
    return axis if whole.op == "self" else make("at", whole, axis)


def as_stored(reference: Node, collection: Node) -> Node:
    """Return an object as an element of the stored collection that its selection is of."""
    if reference.type.target is collection:
        return reference
    assert reference.type.target is not None
    assert stored(reference.type.target) is collection
    return build.take(make("self", collection), reference)


def place(reference: Node) -> Node:
    """Return the number of an element in its list, from 0."""
    return make("cast", reference, dtype=DType.I64)


# ---- categories ----------------------------------------------------------------------------------------------------


def category(conditions: Sequence[tuple[str, Node]]) -> Node:
    """Return the label of the first condition that holds."""
    if not conditions:
        raise HzdslError("arguments", "a category needs at least one label", fix='e.g. {"few": n < 2, "many": n >= 2}')
    for label, node in conditions:
        if not isinstance(label, str) or not label.strip():
            raise HzdslError("arguments", f"the label {label!r} is not a name", fix='write a text such as "4mu"')
        if node.type.dtype is not DType.BOOL:
            raise HzdslError(
                "dtype", f"label '{label}' needs a condition, and {spell(node)} is {node.type.dtype.value}"
            )
    labels = tuple(label for label, _ in conditions)
    return make("category", *build.on_common_axis(*(node for _, node in conditions)), labels=labels)


def is_label(node: Node, label: str) -> Node:
    """Return whether a value of a category has this label; missing where it has none."""
    if node.type.dtype is not DType.LABEL:
        sign = label.strip()[:1] in ("+", "-")
        fix = f"a charge is a number: {'-1' if '-' in label else '1'}" if sign else "only categories have labels"
        raise HzdslError("dtype", f"{spell(node)} is {node.type.dtype.value}, and '{label}' a text", fix=fix)
    if label not in node.type.labels:
        fix = did_you_mean(label, node.type.labels) or f"its labels are {', '.join(node.type.labels)}"
        raise HzdslError("name-unknown", f"{spell(node)} has no label '{label}'", fix=fix)
    return build.compare("eq", build.cast(node, DType.I64), build.const(node.type.labels.index(label)))
