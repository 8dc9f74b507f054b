"""What a formula makes of its arguments, and which arguments a node was made of.

The pattern of a formula is had by calling it on stand-ins; there is no second description of it to keep in step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, bits_float, make
from hzdsl.ir.ops import OPS
from hzdsl.ir.spelling import plainest, same
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE

STAND_IN = "\0"


def arguments(formula: Callable[..., Node], count: int, node: Node) -> tuple[Node | None, ...] | None:
    """Return what a formula of `count` arguments may have been given to make the node; None where it has not made it.

    An argument is as it stands in the node, with what the graph put around it; one that leaves no trace is None.
    """
    for pattern in _patterns(formula, count):
        if pattern.op == node.op and pattern.type.dtype is node.type.dtype:
            bound: dict[str, Node] = {}
            if _matches(pattern, node, bound):
                return tuple(bound.get(str(i)) for i in range(count))
    return None


def given_to(formula: Callable[..., Node], count: int, node: Node) -> Iterator[tuple[Node, ...]]:
    """Yield arguments of which a formula makes the very node, those first that are written with the fewest verbs."""
    found = [x for x in arguments(formula, count, node) or () if x is not None]
    if len(found) < count:
        return
    yield from dict.fromkeys(
        given
        for given in (
            tuple(plainest(x)[0][1] for x in found),
            tuple(x.args[0] if x.op == "lift" else x for x in found),
            tuple(found),
        )
        if same(formula, given, node)
    )


@cache
def _patterns(formula: Callable[..., Node], count: int) -> tuple[Node, ...]:
    """Return the nodes made of f32 and of f64 arguments."""
    return tuple(dict.fromkeys(formula(*(_stand_in(i, d) for i in range(count))) for d in (DType.F32, DType.F64)))


def _stand_in(i: int, dtype: DType) -> Node:
    return make("column", EVENT, name=f"{STAND_IN}{i}", attr="", dtype=dtype, unit=NONE)


def written(node: Node) -> Node:
    """Return the node without what the graph put around it: restrictions and casts."""
    while OPS[node.op].implied:
        node = node.args[0]
    return node


def _matches(pattern: Node, node: Node, bound: dict[str, Node]) -> bool:
    """Return whether a node has the shape of a pattern; formulae are small, so the recursion is shallow."""
    inner = written(pattern)
    if inner.op == "column":
        known = bound.setdefault(inner.text("name")[len(STAND_IN) :], node)
        return written(known) is written(node)
    at = written(node)
    if inner.op != at.op or len(inner.args) != len(at.args):
        return False
    if inner.op == "const":
        return _number(inner) == _number(at)
    if dict(inner.attrs).get("name") != dict(at.attrs).get("name"):
        return False
    return all(_matches(p, n, bound) for p, n in zip(inner.args, at.args, strict=True))


def _number(node: Node) -> float:
    bits = node.number("bits")
    return bits_float(bits) if node.type.dtype is DType.F64 else float(bits)
