"""The state of one run over one chunk: what has been evaluated, and how positions map onto each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hzdsl.backends.base import Chunk, Number
from hzdsl.backends.interpret.libm import Library
from hzdsl.backends.interpret.values import NOWHERE, Data, Indices, Mask, Positions, Value
from hzdsl.ir.axes import ITEMS, STANDING, leaf_axes, leg_axes, parent, stands_for, stored, superset
from hzdsl.ir.node import Node

#: Bits of an element's number in the number of a particle.
_SHIFT = 40


class Evaluation:
    """Results by node, for one chunk, in one thread; thrown away when the chunk is done.

    Parameters
    ----------
    chunk : Chunk
        The entries.
    parameters : mapping of str to number
        Values that replace the defaults of the program's parameters.
    library : Library, optional
        That of the thread.
    """

    def __init__(self, chunk: Chunk, parameters: Mapping[str, Number], library: Library | None = None) -> None:
        self.chunk, self.parameters = chunk, parameters
        self.library = Library() if library is None else library
        self._results: dict[Node, Value | Positions] = {}
        self._seen: dict[tuple[Node, Node], Indices | None] = {}
        self._leaves: dict[Node, tuple[Indices, ...]] = {}
        self._numbers: dict[Node, int] = {}

    def over(self, chunk: Chunk) -> Evaluation:
        """Return the beginning of another evaluation, in the same thread."""
        return Evaluation(chunk, self.parameters, self.library)

    def __contains__(self, node: object) -> bool:
        """Return True for a node that has been evaluated, and not been forgotten."""
        return node in self._results

    def record(self, node: Node, result: Value | Positions) -> None:
        """Keep the result of a node."""
        self._results[node] = result

    def release(self, node: Node) -> None:
        """Forget a value that nothing needs any more."""
        del self._results[node]

    def value(self, node: Node) -> Value:
        """Return the evaluated column of a node."""
        found = self._results[node]
        assert isinstance(found, Value)
        return found

    def positions(self, axis: Node) -> Positions:
        """Return the evaluated positions of an axis."""
        found = self._results[axis]
        assert isinstance(found, Positions)
        return found

    def seen(self, fine: Node, coarse: Node) -> Indices | None:
        """Return the position of `coarse` on which each of `fine` stands; None for one and the same axis."""
        if (fine, coarse) not in self._seen:
            self._seen[fine, coarse] = self._walk(fine, coarse)
        return self._seen[fine, coarse]

    def _walk(self, fine: Node, coarse: Node) -> Indices | None:
        """Compose the steps of the lineage: through supersets if that leads there, else to the parent."""
        at, found = fine, None
        while at is not coarse:
            above, step = superset(at), self.positions(at).index
            if above is None or not _selects_from(at, coarse):
                above, step = parent(at), self.positions(at).outer
            assert step is not None
            at, found = above, step if found is None else step[found]
        return found

    def spread(self, data: Data, fine: Node, coarse: Node) -> Data:
        """Return a column along `coarse` restricted or broadcast to `fine`."""
        at = self.seen(fine, coarse)
        return data if at is None else data[at]

    def leaves(self, axis: Node) -> tuple[Indices, ...]:
        """Return the particles each position of `axis` is made of, one array per `leaf_axes(axis)`.

        A particle is a number of its own: that of its collection (`collection_of`) above that of the element. Where
        there is none (a member of a union that is made of fewer) it is -1.
        """
        if axis not in self._leaves:
            self._leaves[axis] = self._find_leaves(axis)
        return self._leaves[axis]

    def _find_leaves(self, axis: Node) -> tuple[Indices, ...]:
        base = stored(axis)
        if base is not axis:
            return tuple(self.spread(leaf, axis, base) for leaf in self.leaves(base))
        held = self.positions(axis)
        if axis.op in ITEMS:
            return (np.arange(held.n) + (self._number(axis) << _SHIFT),)
        if axis.op == "union":
            return self._leaves_of_union(axis, held)
        if axis.op == "legs":
            return (held.legs[1],)
        inner = (stands_for(axis),) if axis.op in STANDING else leg_axes(axis)
        legs = zip(inner, held.legs, strict=True)
        return tuple(leaf[leg] for leg_axis, leg in legs for leaf in self.leaves(leg_axis))

    def _leaves_of_union(self, axis: Node, held: Positions) -> tuple[Indices, ...]:
        member, at = held.legs
        found = np.full((len(leaf_axes(axis)), held.n), NOWHERE)
        for k, part in enumerate(axis.args):
            mine = member == k
            for slot, leaf in enumerate(self.leaves(part)):
                found[slot, mine] = leaf[at[mine]]
        return tuple(found)

    def _number(self, collection: Node) -> int:
        return self._numbers.setdefault(collection, len(self._numbers))

    def collection_of(self, particles: Indices, collection: Node) -> Mask:
        """Return which of some particles are elements of a stored collection."""
        found: Mask = (particles != NOWHERE) & (particles >> _SHIFT == self._number(collection))
        return found

    @staticmethod
    def element_of(particles: Indices) -> Indices:
        """Return the element numbers of particles within their collections."""
        return particles & ((1 << _SHIFT) - 1)


def _selects_from(axis: Node, whole: Node) -> bool:
    """Return True where `whole` is among the supersets of `axis`."""
    at = superset(axis)
    while at is not None and at is not whole:
        at = superset(at)
    return at is whole


def shared_leaves(run: Evaluation, a: Node, b: Node) -> list[tuple[Indices, Indices]]:
    """Return, for two axes, the leaves of each that can be elements of one and the same stored collection."""
    return [
        (run.leaves(a)[i], run.leaves(b)[k])
        for i, of_a in enumerate(leaf_axes(a))
        for k, of_b in enumerate(leaf_axes(b))
        if set(of_a) & set(of_b)
    ]


def same_particle(a: Indices, b: Indices) -> Mask:
    """Return where two columns hold one and the same particle; no particle is not the same as none."""
    equal: Mask = (a == b) & (a != NOWHERE)
    return equal


#: How the interpreter evaluates one operation.
Row = Callable[[Node, Evaluation], Value | Positions]
