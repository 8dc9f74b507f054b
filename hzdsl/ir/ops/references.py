"""References and identity, and moving values along the axes."""

from __future__ import annotations

from dataclasses import replace

from hzdsl.ir.axes import ITEMS, STANDING, collections_of, leg_axes, sees, stands_for
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops.declare import (
    MOST_POSITIONS,
    STILL,
    Args,
    Attributes,
    Declarations,
    accumulator,
    any_optional,
    axis_of,
    fail,
    need_keys,
    need_number,
    parent_of,
    same_axis,
    shared_unit,
    target_of,
)
from hzdsl.ir.ops.derivatives import COLLECT, LIFT, STACK, TAKE
from hzdsl.ir.types import DType, Type

_moving_values = Declarations("moving values")
_references = Declarations("references")


@_references("self", "{0}", "Each position of an axis as an object.", "Muon", STILL, precedence=13, in_place=True)
def _self(args: Args, attrs: Attributes) -> Type:
    axis = axis_of(args[0])
    return Type(DType.REF, axis, target=axis)


@_references(
    "under",
    "{0}.under()",
    "What each position of `B.per(A)`, of a chain or of nested elements stands for.",
    "Muon.per(Jet).under()",
    STILL,
    in_place=True,
    within=True,
)
def _under(args: Args, attrs: Attributes) -> Type:
    axis = axis_of(args[0])
    assert axis.op in STANDING, "only the positions of per, chain and at stand for another axis' elements"
    return Type(DType.REF, axis, target=stands_for(axis))


@_references(
    "leg", "{0}.leg{k1}", "One leg of each choice or product.", "pair(Muon).leg1", STILL, in_place=True, within=True
)
def _leg(args: Args, attrs: Attributes) -> Type:
    k = attrs["k"]
    assert isinstance(k, int)
    legs = leg_axes(axis_of(args[0]))
    if not 0 <= k < len(legs):
        raise fail("attribute", f"there is no leg {k + 1}: the axis has {len(legs)}", "pair(…) and triple(…) have legs")
    return Type(DType.REF, args[0], target=legs[k])


@_references(
    "nth",
    "{0}[{i}]",
    "The i-th position (from 0); missing where there is none.",
    "Muon[0]",
    STILL,
    may_miss=True,
    in_place=True,
)
def _nth(args: Args, attrs: Attributes) -> Type:
    axis, i = axis_of(args[0]), attrs["i"]
    assert isinstance(i, int)
    if i < 0:
        raise fail("arguments", f"position {i} counts from the end, which has no meaning here", "sort the other way")
    if i >= MOST_POSITIONS:
        raise fail("arguments", f"no list has a position {i}", "positions are counted from 0")
    return Type(DType.REF, parent_of(axis), optional=axis.type.lo <= i, target=axis)


@_references(
    "pick",
    "{0}.{direction}({keys})",
    "The position with the least (greatest) keys, the first at ties; NaN and missing keys never.",
    "pair(Muon).argmin(abs(mass - 91.2 GeV))",
    STILL,
    may_miss=True,
    elsewhere=True,
    in_place=True,
)
def _pick(args: Args, attrs: Attributes) -> Type:
    axis, direction = axis_of(args[0]), attrs["direction"]
    assert direction in ("argmin", "argmax")
    need_keys(axis, args[1:], str(direction))
    certain = axis.type.lo > 0 and all(k.type.dtype.integer and not k.type.optional for k in args[1:])
    return Type(DType.REF, parent_of(axis), optional=not certain, target=axis)


@_references(
    "pick_truncated",
    "{0}.pick_truncated({1}, {2})",
    "ROOT df103's choice: nearest to a target, the best value so far kept in a C++ int starting at -1.",
    "pair(Muon).nearest_mass_truncated(91.2 GeV)",
    STILL,
    may_miss=True,
    elsewhere=True,
    in_place=True,
)
def _pick_truncated(args: Args, attrs: Attributes) -> Type:
    axis, value, target = axis_of(args[0]), args[1], args[2]
    assert value.type.axis is axis
    assert target.type.axis is parent_of(axis)
    assert value.type.dtype is target.type.dtype is DType.F64
    return Type(DType.REF, parent_of(axis), optional=True, target=axis)


@_references(
    "shares",
    "shares({0}, {1})",
    "Whether two objects share a particle; false if one is missing.",
    "Muon - z",
    STILL,
)
def _shares(args: Args, attrs: Attributes) -> Type:
    for a in args:
        target_of(a)
    return Type(DType.BOOL, same_axis(args))


@_references(
    "same",
    "{0} == {1}",
    "Whether two objects are the same particles.",
    "z.leg1 == Muon[0]",
    STILL,
    precedence=4,
    strict=True,
    compares=True,
)
def _same(args: Args, attrs: Attributes) -> Type:
    for a in args:
        target_of(a)
    return Type(DType.BOOL, same_axis(args), optional=any_optional(args))


@_moving_values(
    "lift",
    "{0}.along({1})",
    "A value restricted or broadcast along the lineage to a finer axis.",
    "MET.pt.along(Muon)",
    LIFT,
    strict=True,
    implied=True,
)
def _lift(args: Args, attrs: Attributes) -> Type:
    value, axis = args
    t = value.type
    assert t.axis is not None
    assert t.axis is not axis
    assert sees(axis, t.axis)
    return replace(t, axis=axis)


@_moving_values(
    "take",
    "{0}.at({1})",
    "A value of an axis at the position that an object refers to.",
    "z.leg1.pt",
    TAKE,
    strict=True,
    elsewhere=True,
)
def _take(args: Args, attrs: Attributes) -> Type:
    value, reference = args
    assert value.type.axis is target_of(reference)
    t, r = value.type, reference.type
    return replace(t, axis=r.axis, optional=t.optional or r.optional)


@_moving_values(
    "collect",
    "collect({0}, {1})",
    "For each position that objects refer to, the sum of the values of those that do, in their order.",
    "collect(Muon.pt, Muon.jet)",
    COLLECT,
    elsewhere=True,
)
def _collect(args: Args, attrs: Attributes) -> Type:
    value, reference = args
    assert value.type.axis is reference.type.axis
    need_number(value, "collect")
    return Type(accumulator(value.type), target_of(reference), value.type.unit)


@_references(
    "link",
    "link({0}, {1})",
    "The element of a list with a stored index; missing where the index is outside (`sure`: it never is).",
    "Muon.jet",
    STILL,
    strict=True,
    may_miss=True,
)
def _link(args: Args, attrs: Attributes) -> Type:
    index, axis = args[0], axis_of(args[1])
    assert axis.op in ITEMS
    assert index.type.dtype is DType.I64
    assert index.type.axis is not None
    if not sees(index.type.axis, parent_of(axis)):
        raise fail("axis", "an index branch points into a list of its own event")
    certain = attrs.get("sure", False) and not index.type.optional
    return Type(DType.REF, index.type.axis, optional=not certain, target=axis)


@_moving_values(
    "stack",
    "stack({args})",
    "One value for each member of a union, for each leg, or for each position of a row.",
    "(Muon | Electron).pt",
    STACK,
    may_miss=True,
    elsewhere=True,
)
def _stack(args: Args, attrs: Attributes) -> Type:
    *values, axis = args
    axis_of(axis)
    many = axis.number("n") if axis.op == "row" else len(axis.args)
    along = axis.args if axis.op == "union" else (parent_of(axis),) * many
    assert tuple(v.type.axis for v in values) == along
    first = values[0].type
    assert all(v.type.dtype is first.dtype and v.type.labels == first.labels for v in values)
    return Type(
        first.dtype,
        axis,
        shared_unit(tuple(values)),
        any_optional(tuple(values)),
        _stacked_target(values),
        labels=first.labels,
    )


def _stacked_target(values: list[Node]) -> Node | None:
    """Return what stacked references refer into: one axis, or the union of axes of different particles."""
    targets = list(dict.fromkeys(v.type.target for v in values))
    union = targets[0]
    for other in targets[1:]:
        assert union is not None
        assert other is not None
        if collections_of(union) & collections_of(other) or parent_of(union) is not parent_of(other):
            raise fail("dtype", "these objects refer into different selections of one collection")
        union = make("union", union, other)
    return union


TABLE = {**_moving_values, **_references}
