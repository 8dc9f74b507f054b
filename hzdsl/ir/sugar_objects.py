"""Expansions that are written with objects: functions of two objects, selections, choices and exclusions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from hzdsl.ir import build, formulas, members
from hzdsl.ir.axes import leg_axes
from hzdsl.ir.literals import CALL
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.patterns import arguments, written
from hzdsl.ir.spelling import Slot, Spelling, call, owner, plainest, same, spelling, tried
from hzdsl.ir.sugar_attributes import enclosed, object_of, together
from hzdsl.ir.units import GEV

ADD = OPS["add"].precedence


# ---- functions of objects and of values ----------------------------------------------------------------------------


def of_two_objects(node: Node) -> Spelling | None:
    """``delta_r(a, b)`` and its like."""
    for name, (formula, names) in formulas.OF_TWO_OBJECTS.items():
        found = arguments(formula, 2 * len(names), node)
        if found is None or any(x is None for x in found):
            continue
        given = [x for x in found if x is not None]
        first = list(together(given[: len(names)], names))
        second = list(together(given[len(names) :], names))
        for (a, of_a), (b, of_b) in product(first, second):
            if same(formula, (*of_a, *of_b), node):
                return Spelling((f"{name}(", *enclosed(a), ", ", *enclosed(b), ")"), CALL)
    return None


def of_values(node: Node) -> Spelling | None:
    """``minimum(a, b)`` and its like."""
    for name, formula in formulas.OF_VALUES.items():
        count = 2 if name.endswith("imum") else 3
        found = arguments(formula, count, node)
        if found is None:
            continue
        operands = tried(formula, tuple(x for x in found if x is not None), node)
        if operands is not None:
            return Spelling(call(name, *operands), CALL)
    return None


# ---- selections and choices ----------------------------------------------------------------------------------------


def without(node: Node) -> Spelling | None:
    """``A - x``, for x of which A sees the axis."""
    axis, condition = node.args
    if condition.op != "not" or condition.args[0].op != "shares":
        return None
    for _, reference in plainest(condition.args[0].args[1]):
        if reference.op != "self" and same(members.without, (axis, reference), node):
            return Spelling((Slot(axis, ADD), " - ", Slot(reference, ADD, right=True)), ADD)
    return None


def of_pairs(node: Node) -> Spelling | None:
    """``C.opposite_charge()``, ``C.same_charge()`` and ``C.same_flavor()``."""
    axis, condition = node.args
    if condition.op == "eq" and len(leg_axes(axis)) > 1:
        return _of_one_flavor(node)
    if condition.op != "lt" or len(leg_axes(axis)) < 2:
        return None
    for verb, at in (("opposite_charge", 0), ("same_charge", 1)):
        charges, zero = condition.args[at], written(condition.args[1 - at])
        charges = written(charges)
        if charges.op != "mul" or zero.op != "const":
            continue
        for nodes in product(*([x for _, x in plainest(c)] for c in charges.args)):
            of_legs = [_leg_with(x, axis, "charge") for x in nodes]
            if of_legs == ["leg1", "leg2"] and same(_by_charge(verb, axis), nodes, node):
                return Spelling((owner(axis), f".{verb}()"), CALL)
    return None


def _of_one_flavor(node: Node) -> Spelling | None:
    axis, condition = node.args
    for nodes in product(*([x for _, x in plainest(x)] for x in condition.args)):
        of_legs = [_leg_with(x, axis, "flavor") for x in nodes]
        if of_legs == ["leg1", "leg2"] and same(
            lambda a, b: members.select(axis, build.compare("eq", a, b)), nodes, node
        ):
            return Spelling((owner(axis), ".same_flavor()"), CALL)
    return None


def _by_charge(verb: str, axis: Node) -> Callable[[Node, Node], Node]:
    def read(a: Node, b: Node) -> Node:
        charges = build.arithmetic("mul", a, b)
        ends = (charges, build.const(0)) if verb == "opposite_charge" else (build.const(0), charges)
        return members.select(axis, build.compare("lt", *ends))

    return read


def _leg_with(node: Node, axis: Node, name: str) -> str | None:
    """Return the leg of the candidates along `axis` of which a node is an attribute."""
    pieces = object_of(node, name)
    if pieces is None or not isinstance(pieces[0], Slot):
        return None
    known = spelling(pieces[0].node)
    return known.attribute if known.owner is axis else None


def choice(node: Node) -> Spelling | None:
    """``C.leading()`` and ``C.nearest(m)``."""
    axis, *keys = node.args
    if len(keys) != 1:
        return None
    direction = node.text("direction")
    if direction == "argmax" and _is(keys[0], axis, "pt") and same(_by(axis, direction), (keys[0],), node):
        return Spelling((owner(axis), ".leading()"), CALL)
    found = arguments(formulas.distance, 2, keys[0]) if direction == "argmin" else None
    if found is None or found[0] is None or found[1] is None:
        return None

    def nearest(mass: Node, target: Node) -> Node:
        return members.pick(axis, (formulas.distance(mass, build.in_slot(target, GEV, "nearest")),), direction)

    for mass, target in product(*([x for _, x in plainest(x)] for x in found if x is not None)):
        if _is(mass, axis, "mass") and same(nearest, (mass, target), node):
            return Spelling((owner(axis), ".nearest(", Slot(target), ")"), CALL)
    return None


def _is(node: Node, axis: Node, name: str) -> bool:
    known = spelling(node)
    return known.owner is axis and known.attribute == name


def _by(axis: Node, direction: str) -> Callable[[Node], Node]:
    return lambda key: members.pick(axis, (key,), direction)


def truncated(node: Node) -> Spelling | None:
    """``C.nearest_mass_truncated(m)``."""
    axis, value, target = node.args

    def read(mass: Node, to: Node) -> Node:
        wanted = build.to_unit(build.in_slot(to, GEV, "nearest_mass_truncated"), GEV)
        return members.pick_truncated(axis, build.to_unit(mass, GEV), wanted)

    for mass, to in product(*([x for _, x in plainest(x)] for x in (value, target))):
        if _is(mass, axis, "mass") and same(read, (mass, to), node):
            return Spelling((owner(axis), ".nearest_mass_truncated(", Slot(to), ")"), CALL)
    return None
