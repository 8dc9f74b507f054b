"""When a value is there: the conditions behind a ``?``, and what a region's requirements prove.

A type only says *that* a value may be missing. The condition is derived here, as a set of boolean nodes that must all
hold, so that a requirement such as ``count(Muon) >= 4`` discharges ``Muon[1]``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hzdsl.ir.axes import EVENT, superset
from hzdsl.ir.build import compare, const, const_value
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.walk import operands

Conditions = frozenset[Node]
Rule = Callable[[Node, dict[Node, Conditions]], Conditions]


def presence(node: Node) -> Conditions:
    """Return conditions that together suffice for `node` to be present; empty where it always is."""
    return _conditions(node, _sufficient)


def _conditions(node: Node, rule: Rule) -> Conditions:
    known: dict[Node, Conditions] = {}
    for n in topological([node]):
        known[n] = rule(n, known) if n.type.optional else frozenset()
    return known[node]


def _necessary(node: Node, known: dict[Node, Conditions]) -> Conditions:
    """What holds where a value is there: nothing of a choice or of logic, which one operand can decide."""
    op = OPS[node.op]
    return _sufficient(node, known) if op.strict or op.may_miss else frozenset()


def _sufficient(node: Node, known: dict[Node, Conditions]) -> Conditions:
    inherited = frozenset(c for a in node.args for c in known[a])
    if node.op == "nth":
        return inherited | {_at_least(node.args[0], node.number("i") + 1)}
    if node.op == "take":
        value, reference = node.args
        return known[reference] | {make("take", c, reference) for c in known[value] if c.type.axis is value.type.axis}
    if OPS[node.op].may_miss:
        return frozenset({make("exists", node)})
    if node.op == "otherwise":
        return known[node.args[1]]
    if node.op == "lift":
        return frozenset(make("lift", c, node.args[1]) if c.type.axis is not EVENT else c for c in inherited)
    return inherited


def _at_least(axis: Node, n: int) -> Node:
    return compare("lt", const(n - 1), make("count", axis))


def certain(node: Node, requirements: Iterable[Node]) -> bool:
    """Return True where the value is there whenever the requirements hold."""
    facts = list(requirements)
    return all(proved(condition, facts) for condition in presence(node))


def proved(condition: Node, requirements: Iterable[Node]) -> bool:
    """Return True where the requirements together imply `condition`."""
    facts = [f for r in requirements for f in _facts(r)]
    if condition in facts:
        return True
    bound = _count_bound(condition)
    if bound is None:
        return False
    axis, n = bound
    return any(found[1] >= n and _within(found[0], axis) for f in facts if (found := _count_bound(f)) is not None)


def _facts(requirement: Node) -> list[Node]:
    """Return the conjuncts of a requirement; what exists brings the conditions of its presence."""
    found = []
    for fact in operands(requirement, "and"):
        found += [fact, *_conditions(fact.args[0] if fact.op == "exists" else fact, _necessary)]
    return found


def _within(part: Node, whole: Node) -> bool:
    """Return True where `part` selects from `whole` without losing count: every element of it is one of `whole`."""
    at: Node | None = part
    while at is not None:
        if at is whole or (at.op == "sort" and at.args[0] is whole):
            return True
        at = superset(at)
    return whole.op == "sort" and _within(part, whole.args[0])


def _count_bound(node: Node) -> tuple[Node, int] | None:
    """Return (axis, n) where `node` says that the axis has at least n positions."""
    if not OPS[node.op].compares:
        return None
    low, high = node.args
    if node.op == "eq" and low.op == "count":
        low, high = high, low
    number = const_value(low)
    if high.op != "count" or not isinstance(number, int):
        return None
    return high.args[0], number + (node.op == "lt")
