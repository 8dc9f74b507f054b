"""Building what lies along axes: selections, choices, reductions; unions, legs, chains, links, stacked values.

Like `hzdsl.ir.build`, this brings operands that still differ in dtype or unit to what the operations' rules want.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir import build
from hzdsl.ir.axes import EVENT, finer, parent, sees, stored
from hzdsl.ir.identity import disjoint
from hzdsl.ir.node import Node, make
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.types import DType, arithmetic_dtype
from hzdsl.ir.walk import bare

# ---- selecting, choosing, reducing -----------------------------------------------------------------------------------


def seen_by(value: Node, axis: Node, what: str) -> Node:
    """Return `value` lifted to `axis`, or raise ``axis``: what selects or orders C must be seen by C."""
    assert value.type.axis is not None
    if not sees(axis, value.type.axis):
        raise HzdslError(
            "axis",
            f"{spell(value)} is along {axis_name(value.type.axis)} and cannot {what} {axis_name(axis)}",
            fix=f"build it from {axis_name(axis)} itself, or select {axis_name(value.type.axis)}",
        )
    return build.lift(value, axis)


def select(axis: Node, condition: Node) -> Node:
    """Return the axis of the positions where the condition holds."""
    if condition.type.dtype is not DType.BOOL:
        raise HzdslError(
            "dtype", f"{axis_name(axis)}[…] takes a condition, and {spell(condition)} is {build.kind_of(condition)}"
        )
    return make("filter", axis, seen_by(condition, axis, "select"))


def clash(axis: Node, reference: Node) -> Node:
    """Return whether each element shares a particle with this object, or with any along an axis it does not see."""
    mine, along = make("self", axis), build.axis_of(reference)
    if sees(axis, along):
        return make("shares", mine, build.lift(reference, axis))
    if not sees(axis, parent(along)):
        raise HzdslError("axis", f"{axis_name(axis)} cannot exclude objects along {axis_name(along)}")
    every = make("per", along, axis)
    theirs = take(reference, make("under", every))
    return make("any", make("shares", build.lift(mine, every), theirs))


def without(axis: Node, reference: Node) -> Node:
    """Return the axis without the elements that share a particle with an object."""
    return select(axis, make("not", clash(axis, reference)))


def order(axis: Node, keys: tuple[Node, ...]) -> Node:
    """Return the axis sorted by ascending keys."""
    return make("sort", axis, *(_key(axis, k) for k in keys))


def pick(axis: Node, keys: tuple[Node, ...], direction: str) -> Node:
    """Return the object with the least or greatest keys."""
    return make("pick", axis, *(_key(axis, k) for k in keys), direction=direction)


def _key(axis: Node, key: Node) -> Node:
    key = seen_by(key, axis, "order")
    return build.cast(key, DType.I32) if key.type.dtype is DType.BOOL else key


def pick_truncated(axis: Node, mass: Node, target: Node) -> Node:
    """Return df103's choice among the positions of `axis`."""
    target = seen_by(target, parent(axis), "be a target at")
    mass, target = build.same_unit("nearest_mass_truncated", (mass, target))
    return make(
        "pick_truncated", axis, build.cast(mass, DType.F64), build.lift(build.cast(target, DType.F64), parent(axis))
    )


def take(value: Node, reference: Node) -> Node:
    """Return `value` (along the reference's target or coarser) at the position referred to."""
    target = reference.type.target
    assert target is not None
    value = build.lift(value, target)
    if bare(reference).op == "self":
        return build.lift(value, build.axis_of(reference))
    return make("take", value, reference)


def taken_at(value: Node, reference: Node) -> Node:
    """Return `value` at the position referred to, or raise ``axis`` where it is not along the reference's target."""
    target = reference.type.target
    if target is None:
        raise HzdslError("dtype", f"{spell(reference)} is a value, not an object", fix="give an object: Muon[0]")
    seen_by(value, target, "be taken at an element of")
    return take(value, reference)


def count(what: Node) -> Node:
    """Return how many positions an axis has, or at how many a condition holds."""
    if what.is_axis:
        return make("count", what)
    assert what.type.axis is not None
    if what.type.dtype is not DType.BOOL:
        raise HzdslError(
            "dtype", f"count takes a collection or a condition, and {spell(what)} is {build.kind_of(what)}"
        )
    if what.type.axis is EVENT:
        raise HzdslError("axis", f"{spell(what)} is one value per event: nothing to count")
    return make("count", make("filter", what.type.axis, what))


def reduce(op: str, what: Node) -> Node:
    """Return sum, prod, min, max or any over the innermost axis."""
    build.need_numbers(op, (what,))
    return make(op, build.plain(what) if op == "prod" else what)


def mean(what: Node) -> Node:
    """Return the sum over the innermost axis divided by how many values there are; missing where there is none."""
    build.need_numbers("mean", (what,))
    total, axis = make("sum", what), build.axis_of(what)
    here = make("filter", axis, make("exists", what)) if what.type.optional else axis
    value = build.arithmetic("div", total, make("count", here))
    return take(build.lift(value, here), make("nth", here, i=0))


def every(what: Node) -> Node:
    """Return whether a condition holds everywhere (true of nothing); a missing one counts as false."""
    if what.type.dtype is not DType.BOOL:
        raise HzdslError("dtype", f"all takes a condition, and {spell(what)} is {build.kind_of(what)}")
    return make("not", make("any", make("not", decided(what))))


def decided(condition: Node) -> Node:
    """Return the condition with missing as false."""
    if not condition.type.optional:
        return condition
    return make("otherwise", condition, build.lift(build.const(False), build.axis_of(condition)))


# ---- joining --------------------------------------------------------------------------------------------------------


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
    """Return one value along a union, legs or a row, of one per member: in their common dtype, the first's unit."""
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


def prove_disjoint(pairs: Iterable[tuple[Node, Node]], present: Iterable[Node]) -> None:
    """Raise ``identity`` where two objects might share a particle, wherever those `present` exist (rule R5)."""
    known = list(present)
    for a, b in pairs:
        if not disjoint(a, b, known):
            raise HzdslError(
                "identity",
                f"{spell(a, 120)} and {spell(b, 120)} might be, or share, the same particle",
                fix="take one from a selection without the other (A - x), or add four-vectors: a.p4 + b.p4",
            )


def legs(references: Sequence[Node]) -> Node:
    """Return the axis of the particles that an object is made of: no two of them may be the same."""
    prove_disjoint(combinations(references, 2), references)
    return make("legs", *build.on_common_axis(*references))


def link(index: Node, axis: Node, sure: bool = False) -> Node:
    """Return the elements of a list that stored indices point to; `sure` promises that each points to one."""
    if not index.type.dtype.integer:
        raise HzdslError("dtype", f"{spell(index)} is no integer: it points to nothing", fix="name an index branch")
    return make("link", build.cast(index, DType.I64), axis, **({"sure": True} if sure else {}))


def collect(value: Node, reference: Node) -> Node:
    """Return for each element that objects refer to the sum of the values that those objects have."""
    if not value.type.dtype.numeric:
        raise HzdslError("dtype", f"collect adds numbers, and {spell(value)} is {build.kind_of(value)}")
    return make("collect", *build.on_common_axis(value, reference))


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
    return take(make("self", collection), reference)


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
