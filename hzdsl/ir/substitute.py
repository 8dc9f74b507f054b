"""The same expression of something else: nodes replaced by others, and what is made of them made anew."""

from __future__ import annotations

from collections.abc import Mapping

from hzdsl.ir.node import Node, make, topological


def substituted(root: Node, replaced: Mapping[Node, Node]) -> Node:
    """Return an expression with other nodes in the place of some; all the rest is the same objects.

    Examples
    --------
    >>> from hzdsl.ir.build import arithmetic, const, param
    >>> x, y = param("x", 1.0), param("y", 2.0)
    >>> substituted(arithmetic("add", x, const(1.0)), {x: y})
    <add y + 1.0 : f64 @ event>
    """
    made: dict[Node, Node] = {}
    for node in topological([root]):
        if node in replaced:
            made[node] = replaced[node]
        elif any(made[a] is not a for a in node.args):
            args = [made[a] for a in node.args]
            lifted = node.op == "lift" and args[0].type.axis is args[1]
            made[node] = args[0] if lifted else make(node.op, *args, **dict(node.attrs))
        else:
            made[node] = node
    return made[root]
