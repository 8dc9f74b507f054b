"""What is done inside of one loop, in which pass over which inner axis: levels, sums, what is collected and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hzdsl.backends.passes.contexts import Context
from hzdsl.backends.passes.needs import Needs
from hzdsl.backends.passes.structure import axis_of, loops, shared
from hzdsl.ir.node import Node

#: What loops produce, and of which operands; everything else is found where it is needed.
PRODUCTS: Mapping[str, str] = MappingProxyType({"sum": "what is added", "collect": "values, and where they go"})


class Schedule:
    """What is done inside of one loop, in which pass over which inner axis."""

    def __init__(self, needs: Needs, at: Context, wanted: Sequence[Node], kept: Sequence[Node]) -> None:
        self._needs, self._at, self._depth = needs, at, at.depth
        #: What is kept, in the order in which it was found: what is written is the same in every process.
        self.kept: dict[Node, None] = dict.fromkeys(kept)
        self._level: dict[Node, int] = {}
        self._sinks: list[Node] = []
        self._find([*wanted, *kept])

    def _find(self, roots: Sequence[Node]) -> None:
        """Find the sinks and their levels; what a later pass needs of an earlier one is kept."""
        order = self._needs.closure(roots, self._at)
        for node in order:
            self._level[node] = self._of(node)
        products = [n for n in order if self._is_sink(n) and not self._needs.known(n, self._at)]
        self._sinks = list(dict.fromkeys([*products, *self.kept]))
        for sink in list(self._sinks):
            self._keep_for(sink)
        for node in order:
            if node.op == "take":
                self._keep_target(node)

    def _is_sink(self, node: Node) -> bool:
        """Return whether passes over inner axes produce a node: a sum for here, or what is collected."""
        if node.op == "collect":
            return self._child(axis_of(node.args[0])) is not None
        return node.op == "sum" and len(loops(axis_of(node))) == self._depth

    def _child(self, axis: Node) -> Node | None:
        """Return the axis of the loop just inside of this one in which an axis lies; None where it does not."""
        path = loops(axis)
        if len(path) <= self._depth or not all(self._at.is_open(a) for a in path[: self._depth]):
            return None
        return path[self._depth]

    def _of(self, node: Node) -> int:
        """Return the level of a node whose operands' are known."""
        w = self._needs
        if w.known(node, self._at):
            return 0
        operands = [self._level.get(a, 0) for a in w.operands(node, self._at)]
        level = max(operands, default=0)
        if node.op == "sum" and len(loops(axis_of(node))) == self._depth:
            return level + 1
        if node.op == "collect" and shared(node.args[1]) <= self._depth:
            return level + 1
        if node.op == "take":
            value, reference = node.args
            if not w.is_here(reference) and self._child(axis_of(value)) and shared(reference) <= self._depth:
                return max(level, self._level.get(value, 0) + (value.op != "collect" and not w.known(value, self._at)))
        return level

    def _keep_target(self, node: Node) -> None:
        """Keep a value that others read by reference, unless it is kept anyway."""
        value, reference = node.args
        w = self._needs
        if w.is_here(reference) or w.known(value, self._at) or value.op == "collect":
            return
        if self._child(axis_of(value)) is not None and shared(reference) <= self._depth and value not in self.kept:
            self.kept[value] = None
            self._sinks.append(value)
            self._keep_for(value)

    def _keep_for(self, sink: Node) -> None:
        """Keep the sums of inner loops that a sink needs and that an earlier pass has found."""
        level = self.level(sink)
        w = self._needs
        stack = list(w.operands(sink, self._at))
        seen: set[Node] = set()
        while stack:
            node = stack.pop()
            if node in seen or node in self.kept or w.known(node, self._at):
                continue
            seen.add(node)
            if node.op == "sum" and self._child(axis_of(node)) is not None and self._level[node] < level:
                self.kept[node] = None
                self._sinks.append(node)
                self._keep_for(node)
                continue
            if node.op != "collect":
                stack += w.operands(node, self._at)

    def home(self, sink: Node) -> Node:
        """Return the axis in whose loop a sink is done: that of its operand, or its own where it is kept."""
        return axis_of(sink.args[0]) if sink.op in PRODUCTS and sink not in self.kept else axis_of(sink)

    def level(self, sink: Node) -> int:
        """Return in which pass a sink is done: as soon as its operands are there."""
        if sink in self.kept:
            return self._level[sink]
        operands = [self._level.get(a, 0) for a in self._needs.operands(sink, self._at)]
        return max(operands, default=0)

    def levels(self) -> list[int]:
        """Return the levels at which there is something to do."""
        return sorted({self.level(s) for s in self._sinks})

    def sinks(self, level: int) -> list[Node]:
        """Return what is done at a level."""
        return [s for s in self._sinks if self.level(s) == level]

    def passes(self, level: int) -> list[tuple[Node, list[Node]]]:
        """Return the axes to loop over at a level, and what for."""
        found: dict[Node, list[Node]] = {}
        for sink in self.sinks(level):
            child = self._child(self.home(sink))
            assert child is not None
            found.setdefault(child, []).append(sink)
        return list(found.items())
