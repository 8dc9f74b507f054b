"""Walking the graph without recursion: behind what moves a value, along a tree of one operation, to all that is used.

`hzdsl.ir.node.topological` is the walk that visits operands first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hzdsl.ir.node import Node
from hzdsl.ir.types import DType


def behind(node: Node, *ops: str) -> Node:
    """Return the first operand, of that the first operand, and so on, as long as the node is one of these operations.

    Examples
    --------
    >>> from hzdsl.ir.build import cast, const
    >>> from hzdsl.ir.types import DType
    >>> behind(cast(const(1), DType.F64), "lift", "cast")
    <const 1 : i64 @ event>
    """
    while node.op in ops:
        node = node.args[0]
    return node


def bare(node: Node) -> Node:
    """Return a value or reference as it was before it was lifted to the axis of others."""
    while node.op == "lift":  # (as `behind`, but asked for so often that it shows)
        node = node.args[0]
    return node


def operands(node: Node, op: str) -> list[Node]:
    """Return the operands of a tree of one operation, bare, in the order written.

    Examples
    --------
    >>> from hzdsl.ir.build import compare, const, logic, param
    >>> few, many, off = (compare("eq", param("n", 0), const(i)) for i in (1, 2, 3))
    >>> operands(logic("or", logic("or", few, many), off), "or") == [few, many, off]
    True
    """
    found, stack = [], [node]
    while stack:
        at = bare(stack.pop())
        if at.op == op:
            stack += reversed(at.args)
        else:
            found.append(at)
    return found


def reached(roots: Iterable[Node], onward: Callable[[Node], Iterable[Node]]) -> Iterator[Node]:
    """Yield every node that a walk from `roots` comes to, once; `onward` says where it goes from each.

    It is asked after the node was yielded.
    """
    seen: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            yield node
            stack += onward(node)


def values(node: Node) -> tuple[Node, ...]:
    """Return the operands of a node that are values, not axes."""
    return tuple([a for a in node.args if a.type.dtype is not DType.AXIS])  # asked for so often that it shows
