"""What the surface expands, written as the surface writes it.

Each recogniser proposes a spelling of a node and proves it by rebuilding the node through the function that makes the
expansion; what does not give the very node is not proposed.
"""

from __future__ import annotations

from collections.abc import Callable

from hzdsl.ir import sugar_attributes as attributes
from hzdsl.ir import sugar_objects as objects
from hzdsl.ir import sugar_space as space
from hzdsl.ir import sugar_vectors as vectors
from hzdsl.ir.literals import CALL, POWER
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.spelling import (
    COMPARISON,
    Slot,
    Spelling,
    call,
    infix,
    is_literal,
    owner,
    plainest,
    same,
    scales,
    stripped,
    tried,
)
from hzdsl.ir.templates import turned
from hzdsl.ir.templates_tables import random_normal
from hzdsl.ir.walk import bare

__all__ = ["recognised"]


def recognised(node: Node) -> Spelling | None:
    """Return the surface's spelling of an expansion, or None."""
    for recogniser in _BY_OP.get(node.op, ()):
        found = recogniser(node)
        if found is not None:
            return found
    return None


def _all(node: Node) -> Spelling | None:
    """``not any(not x)``, where x may have been given a meaning for missing."""
    from hzdsl.ir.members import every

    inner = node.args[0]
    if inner.op != "any" or inner.args[0].op != "not":
        return None
    x = inner.args[0].args[0]
    for condition in (x.args[0] if x.op == "otherwise" else x, x):
        if same(every, (condition,), node):
            return Spelling(call("all", condition), CALL)
    return None


def _chain(node: Node) -> Spelling | None:
    """``a < x and x < b``."""
    from hzdsl.ir import build

    first, second = (bare(x) for x in node.args)
    symbols = {"lt": "<", "le": "<="}
    if first.op not in symbols or second.op not in symbols:
        return None
    if is_literal(stripped(first.args[1])[0]):
        return None

    def read(low: Node, x: Node, high: Node) -> Node:
        return build.logic("and", build.compare(first.op, low, x), build.compare(second.op, x, high))

    operands = tried(read, (first.args[0], first.args[1], second.args[1]), node)
    if operands is None:
        operands = tried(read, (first.args[0], second.args[0], second.args[1]), node)
    if operands is None:
        return None
    a, x, b = (Slot(p, COMPARISON) for p in operands)
    return Spelling((a, f" {symbols[first.op]} ", x, f" {symbols[second.op]} ", b), COMPARISON)


def _not_equal(node: Node) -> Spelling | None:
    """``(a == b) == false`` or ``not (a == b)``, as `build.not_equal` says it."""
    from hzdsl.ir.build import not_equal

    inner = node.args[0]
    if not OPS[inner.op].compares:
        return None
    operands = tried(lambda a, b: not_equal(*turned(a, b)), inner.args, node)
    return None if operands is None else infix(" != ", COMPARISON, operands[0], operands[1], first_as_value=True)


def _labelled(node: Node) -> Spelling | None:
    """``kind == "4mu"``, of a category."""
    from hzdsl.ir.members import is_label

    for _, x in plainest(node.args[0]):
        for label in x.type.labels:
            if same(lambda x, label=label: is_label(x, label), (x,), node):
                quote = "'" if '"' in label else '"'
                return Spelling((Slot(x, COMPARISON), f" == {quote}{label}{quote}"), COMPARISON)
    return None


def _flipped(node: Node) -> Spelling | None:
    """A constant or parameter on the left reads better on the right."""
    from hzdsl.ir.build import compare

    operands = tried(lambda a, b: compare(node.op, a, b), node.args, node)
    if operands is None:
        return None
    a, b = operands
    if not OPS[a.op].fixed or OPS[b.op].fixed:
        return None
    return infix(" > " if node.op == "lt" else " >= ", COMPARISON, b, a)


def _power(node: Node) -> Spelling | None:
    """A product of one thing with itself."""
    from hzdsl.ir.build import const, power

    base, n, at = node.args[1], 1, node
    while at.op == "mul" and at.args[1] is base and n < 64:
        at, n = at.args[0], n + 1
    if at is not base or n < 2:
        return None
    operands = tried(lambda x: power(x, const(n)), (base,), node)
    if operands is None or is_literal(operands[0]):
        return None
    return Spelling((Slot(operands[0], POWER), f"**{n}"), POWER)


def _in_unit(node: Node) -> Spelling | None:
    """A value brought to another unit of its dimension."""
    from hzdsl.ir.build import to_unit

    if not scales(node):
        return None
    unit = node.type.unit
    operands = tried(lambda x: to_unit(x, unit), node.args[:1], node)
    if operands is None or is_literal(operands[0]):
        return None
    return Spelling((owner(operands[0]), f'.in_unit("{unit}")'), CALL)


_BY_OP: dict[str, tuple[Callable[[Node], Spelling | None], ...]] = {
    "not": (_not_equal, _all),
    "and": (_chain,),
    "eq": (_labelled, _not_equal),
    "lt": (_flipped,),
    "le": (_flipped,),
    "mul": (vectors.component, vectors.in_frame, vectors.derived, _in_unit, _power, random_normal),
    "div": (space.direction, vectors.derived, _in_unit),
    "add": (vectors.summed, vectors.in_frame, space.product),
    "where": (vectors.derived, objects.of_two_objects, objects.of_values),
    "math": (vectors.component, objects.of_two_objects, vectors.derived),
    "atan2": (vectors.derived,),
    "abs": (attributes.flavor,),
    "cast": (attributes.place, objects.of_two_objects, vectors.component),
    "filter": (objects.without, objects.of_pairs),
    "pick": (objects.choice,),
    "pick_truncated": (objects.truncated,),
}
