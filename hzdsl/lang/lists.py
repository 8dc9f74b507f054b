"""Lists of bare numbers per event (`LHEPdfWeight`): values with positions to choose, and no attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.node import Node, make
from hzdsl.lang.collections import rebased, slice_bounds
from hzdsl.lang.places import located
from hzdsl.lang.values import Value, to_node


class Numbers(Value):
    """A list of numbers per event: a value along its own axis, of which some can be chosen.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> ev.LHEPdfWeight[:100]
    <LHEPdfWeight[:100] : f32 @ LHEPdfWeight[:100]>
    >>> ev.LHEPdfWeight[0]
    <LHEPdfWeight[0] : f32 @ event ?>
    """

    @property
    def axis(self) -> Node:
        """The index space."""
        axis = self.node.type.axis
        assert axis is not None
        return axis

    @located
    def __getitem__(self, key: Any) -> Value:  # type: ignore[override]
        if isinstance(key, slice):
            return self._at(make("slice", self.axis, **slice_bounds(key)))
        if isinstance(key, int) and not isinstance(key, bool):
            return Value(members.take(self.node, make("nth", self.axis, i=key)))
        if isinstance(key, Value):
            return self._at(members.select(self.axis, to_node(key)))
        raise HzdslError("arguments", f"{self!r}[{key!r}] is neither a position nor a condition", fix="[i], [i:j]")

    def mapped(self, move: Callable[[Node], Node]) -> Numbers:
        """Return the numbers of an element that moves along the axes."""
        axis = rebased(self.axis, move)
        if axis is self.axis:
            return self
        column = self.node.args[0] if self.node.op == "take" else self.node
        return Numbers(members.take(column, make("under", axis)))

    def _at(self, axis: Node) -> Numbers:
        return Numbers(build.lift(self.node, axis))
