"""How many candidates an event can have, along every axis of combinations of a program: from lengths of lists alone."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np
from numpy.typing import NDArray

from hzdsl.backends.base import Chunk, Program
from hzdsl.ir.axes import EVENT, STANDING, stands_for, superset
from hzdsl.ir.node import Node, topological
from hzdsl.ir.print import spell
from hzdsl.records import dataclass

Floats = NDArray[np.float64]
#: What makes many of few, and is worth a line.
COMBINING = ("choose", "product", "per", "chain")
LONGEST_NAME = 70


@dataclass(frozen=True)
class Combinations:
    """Candidates per event along one axis, at most: before anything is required of what they are made of.

    Attributes
    ----------
    axis : str
        The axis, as it is written, definitions by their names.
    mean, most : float
        Of the events of the sample.
    """

    axis: str
    mean: float
    most: float


def combinations(program: Program, chunk: Chunk, names: Mapping[Node, str]) -> list[Combinations]:
    """Return what every axis of combinations can come to, most candidates first.

    Parameters
    ----------
    program : Program
        Whose axes.
    chunk : Chunk
        The lengths of its lists, of a sample of events; its columns are not looked at.
    names : mapping of Node to str
        Definitions.
    """
    axes = [n for n in topological(program.roots()) if n.is_axis and n.op in COMBINING]
    counter = _Counter(chunk)
    found: dict[str, Combinations] = {}
    for axis in axes:
        n = counter.per_event(axis)
        name = names.get(axis) or spell(axis, LONGEST_NAME, names)
        found.setdefault(name, Combinations(name, float(n.mean()) if n.size else 0.0, float(n.max(initial=0))))
    return sorted(found.values(), key=lambda c: -c.mean)


class _Counter:
    """Positions per event of axes, for all events of a chunk."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._known: dict[Node, Floats] = {EVENT: np.ones(chunk.entries)}

    def per_event(self, axis: Node) -> Floats:
        """Return how many positions an axis has at most, per event."""
        for node in topological([axis]):
            if node.is_axis and node not in self._known:
                self._known[node] = self._counted(node)
        return self._known[axis]

    def _counted(self, axis: Node) -> Floats:
        known = self._known
        if axis.op == "collection":
            return self._stored(axis)
        parent = known[axis.type.axis] if axis.type.axis is not None else known[EVENT]
        above = superset(axis)
        if above is not None:
            found = known[above]
        elif axis.op in STANDING:
            found = parent * self.per_event(stands_for(axis))
        else:
            found = self._made(axis, parent)
        return found if axis.type.hi is None else np.minimum(found, axis.type.hi * parent)

    def _made(self, axis: Node, parent: Floats) -> Floats:
        """Return the positions of an axis of several: where its parent has several too, as if each had as many."""
        if axis.op in ("row", "legs"):
            return parent * (axis.number("n") if axis.op == "row" else len(axis.args))
        some = np.maximum(parent, 1)
        parts = [self._known[a] / some for a in axis.args if a.is_axis]
        if axis.op == "choose":
            return parent * chosen(parts[0], axis.number("n"))
        if axis.op == "product":
            return parent * prod(parts, start=np.ones_like(parent))
        if axis.op == "union":
            return parent * sum(parts, np.zeros_like(parent))
        return parent * parts[0]

    def _stored(self, collection: Node) -> Floats:
        """Return the elements per event of a stored collection; of a nested one, those of all lists of an event."""
        offsets = self._chunk.offsets[collection.text("name")]
        around = collection.args[0]
        while around is not EVENT:
            offsets, around = offsets[self._chunk.offsets[around.text("name")]], around.args[0]
        return np.diff(offsets).astype(np.float64)


def chosen(n: Floats, k: int) -> Floats:
    """Return in how many ways `k` of `n` are chosen.

    Examples
    --------
    >>> chosen(np.array([0.0, 2.0, 4.0]), 2).tolist()
    [0.0, 1.0, 6.0]
    """
    found = np.ones_like(n)
    for i in range(k):
        found *= np.maximum(n - i, 0) / (i + 1)
    return found
