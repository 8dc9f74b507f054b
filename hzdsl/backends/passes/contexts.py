"""Where one is while writing: which loops are open, at which positions, and what is known there."""

from __future__ import annotations

from collections.abc import Iterator

from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node
from hzdsl.native.ir import Value


class Context:
    """One open loop, inside others.

    Parameters
    ----------
    axis : Node
        Whose positions the loop runs over; EVENT outside of all loops.
    outer : Context, optional
        The loop around it.
    index : Value, optional
        The number of the position in its list; where `wide`, of the first of the lanes.
    mask : Value, optional
        Where `wide`: which lanes hold a position.
    """

    def __init__(
        self,
        axis: Node = EVENT,
        outer: Context | None = None,
        index: Value | None = None,
        mask: Value | None = None,
    ) -> None:
        self.axis, self.outer, self.index, self.mask = axis, outer, index, mask
        self.values: dict[Node, Value] = {}
        #: How many positions loops inside of lanes had passed when this position of such a loop was reached.
        self.begun: dict[Node, Value] = {}
        self.depth: int = 0 if outer is None else outer.depth + 1
        #: Whether this loop, or one around it, takes many positions at a time.
        self.lanes: bool = mask is not None or (outer is not None and outer.lanes)

    @property
    def wide(self) -> bool:
        """Whether this loop takes many positions at a time."""
        return self.mask is not None

    def chain(self) -> Iterator[Context]:
        """Yield this loop and those around it, innermost first."""
        at: Context | None = self
        while at is not None:
            yield at
            at = at.outer

    def find(self, node: Node) -> Value | None:
        """Return what is known of a node here or further out."""
        for at in self.chain():
            if node in at.values:
                return at.values[node]
        return None

    def of(self, axis: Node) -> Context | None:
        """Return the loop over an axis, None where it is not open."""
        return next((at for at in self.chain() if at.axis is axis), None)

    def is_open(self, axis: Node) -> bool:
        """Return whether one is at a position of an axis."""
        return self.of(axis) is not None
