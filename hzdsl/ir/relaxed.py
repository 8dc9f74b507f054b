"""The same value with fewer operations, where the last bit does not matter: what likelihoods are made of before slopes.

Every operation moves to the coarsest axis that its operands allow, so that what does not vary along rows is found once;
divisions along rows become products with one reciprocal, which others share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hzdsl.ir.algebra import along, apply, chosen, minus, negative, over, plus, times, total
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.ops import OPS

_REWRITTEN: Mapping[str, Callable[..., Node]] = MappingProxyType(
    {"add": plus, "sub": minus, "mul": times, "div": over, "neg": negative, "where": chosen}
)
#: Families of operations at one position, which move to where their operands vary.
_POINTWISE = frozenset({"arithmetic", "decisions", "functions", "tables"})


def relaxed(node: Node) -> Node:
    """Return a value that is the same but for rounding.

    Examples
    --------
    >>> from hzdsl.ir.build import arithmetic, const, param
    >>> relaxed(arithmetic("mul", const(1.0), param("a", 2.0)))
    <param a : f64 @ event>
    """
    found: dict[Node, Node] = {}
    for n in topological([node]):
        found[n] = _one(n, tuple(found[a] for a in n.args))
    return found[node]


def _one(node: Node, args: tuple[Node, ...]) -> Node:
    if node.op in _REWRITTEN and node.type.dtype.floating:
        return _REWRITTEN[node.op](*args)
    if OPS[node.op].family in _POINTWISE:
        return apply(node.op, *args, **dict(node.attrs))
    if node.op == "lift":
        return args[0]  # whoever needs it along an axis brings it there
    if node.op == "sum":
        axis = node.args[0].type.axis
        assert axis is not None
        return total(args[0], axis)
    if args == node.args:
        return node
    return make(node.op, *_as_before(node, args), **dict(node.attrs))


def _as_before(node: Node, args: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return operands along the axes that those of the node had."""
    return tuple(
        a if a.is_axis or was.type.axis is None else along(a, was.type.axis)
        for a, was in zip(args, node.args, strict=True)
    )
