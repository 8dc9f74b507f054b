"""What has to be found before a value, inside of a loop."""

from __future__ import annotations

from collections.abc import Iterable

from hzdsl.backends.passes.contexts import Context
from hzdsl.backends.passes.memory import Memory
from hzdsl.ir.node import Node


class Needs:
    """Knows what is there: in open loops, and in memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def operands(self, node: Node, at: Context) -> tuple[Node, ...]:
        """Return what has to be found before a node, inside of a loop; nothing of what is known or kept."""
        if self.known(node, at):
            return ()
        return tuple(a for a in node.args if not a.is_axis)

    def known(self, node: Node, at: Context) -> bool:
        """Return whether nothing has to be found before a node: it has no operands but axes, or is there."""
        return all(a.is_axis for a in node.args) or at.find(node) is not None or node in self.memory.done

    def closure(self, roots: Iterable[Node], at: Context) -> list[Node]:
        """Return roots and all that is needed for them, operands first."""
        order: list[Node] = []
        seen: set[Node] = set()
        stack = [(r, False) for r in roots]
        while stack:
            node, expanded = stack.pop()
            if expanded:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack += [(a, False) for a in self.operands(node, at) if a not in seen]
        return order

    @staticmethod
    def is_here(reference: Node) -> bool:
        """Return whether an object is the very position that one is at."""
        bare = reference.args[0] if reference.op == "lift" else reference
        return bare.op == "self"
