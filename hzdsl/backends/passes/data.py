"""Data laid out as loops read them: lists that begin at multiples of the lanes, tiles, and room for results."""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Mapping, Sequence
from copy import copy

import numpy as np
import numpy.typing as npt

from hzdsl.backends.passes.lanes import LANES
from hzdsl.backends.passes.memory import COLUMN, COUNTS, KEPT, LANE_SUMS, STARTS, SUMS, TILE_COUNTS, TILES, Slot
from hzdsl.backends.passes.program import Compiled
from hzdsl.backends.passes.structure import axis_of, listed, loops, outside, stored_apart
from hzdsl.ir.axes import parent
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType

Array = npt.NDArray[np.generic]
Integers = npt.NDArray[np.int64]
Vector = npt.NDArray[np.float64]


class Lists:
    """How many positions each list has, and where lists begin in memory.

    Parameters
    ----------
    counts : mapping of Node to int64 array
        For each collection how many positions there are per position of its parent.
    wide : set of Node
        Collections whose lists begin at a multiple of the lanes.
    """

    def __init__(self, counts: Mapping[Node, Integers], wide: frozenset[Node]) -> None:
        self._counts, self._wide = counts, wide
        self._tiles: dict[Node, tuple[Integers, Integers]] = {}
        self._starts: dict[Node, Integers] = {}
        self._where: dict[Node, Integers] = {}

    def counts(self, collection: Node) -> Integers:
        """Return the lengths of the lists."""
        if collection.op == "row":
            return np.full(self.total(parent(collection)), collection.number("n"))
        return self._counts[collection]

    def starts(self, collection: Node) -> Integers:
        """Return where each list begins, and where one after the last would."""
        if collection not in self._starts:
            counts = self.counts(collection)
            if collection in self._wide:
                counts = -(-counts // LANES) * LANES
            self._starts[collection] = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return self._starts[collection]

    def total(self, axis: Node) -> int:
        """Return how many positions an axis has, without what fills up lanes."""
        if axis.op == "event":
            return 1
        if stored_apart(axis):
            wide, parents = self._lanes(axis)
            return int(np.sum(self.counts(wide) * [len(self.inside(axis, c)) for c in range(parents)]))
        return int(np.sum(self.counts(axis)))

    def room(self, axis: Node) -> int:
        """Return how many numbers the values along an axis take in memory."""
        if axis.op == "event":
            return 1
        if stored_apart(axis):
            return int(self._last_tile(axis)) * LANES
        return int(self.starts(axis)[-1])

    def _lanes(self, axis: Node) -> tuple[Node, int]:
        wide = next(a for a in loops(axis) if a in self._wide)
        return wide, len(self.counts(wide))

    def inside(self, axis: Node, group: int) -> Integers:
        """Return the elements that a loop inside of lanes meets, for each position of the lanes of a group alike."""
        over, outer = listed(axis), outside(axis)
        starts, counts = self.starts(over), self.counts(over)
        if axis.op == "per":
            wide, _ = self._lanes(axis)
            where = group if parent(wide) is parent(over) else 0
            own = np.arange(starts[where], starts[where] + counts[where])
            return own if not stored_apart(outer) else np.tile(own, len(self.inside(outer, group)))
        elements = self.inside(outer, group)
        parts = [np.arange(starts[e], starts[e] + counts[e]) for e in elements]
        return np.concatenate([*parts, np.zeros(0, np.int64)]).astype(np.int64)

    def tiles(self, axis: Node) -> tuple[Integers, Integers]:
        """Return the first tile of each group of lanes, and how many each eight of its lanes have."""
        if axis not in self._tiles:
            wide, parents = self._lanes(axis)
            per_lanes = np.array([len(self.inside(axis, c)) for c in range(parents)], np.int64)
            groups = -(-self.counts(wide) // LANES)
            starts = np.concatenate([[0], np.cumsum(groups * per_lanes)]).astype(np.int64)
            self._tiles[axis] = starts, per_lanes
        return self._tiles[axis]

    def _last_tile(self, axis: Node) -> int:
        return int(self.tiles(axis)[0][-1])

    # ---- values -----------------------------------------------------------------------------------------------

    def laid_out(self, values: Array, axis: Node, dtype: DType) -> Array:
        """Return values, given in the order of the positions of an axis, as they lie in memory."""
        kind = np.float64 if dtype.floating else np.int64
        given = np.asarray(values, kind)
        assert given.shape == (self.total(axis),), f"{given.shape} values for {self.total(axis)} positions"
        if stored_apart(axis):
            return self._tiled(given, axis)
        if axis.op == "event" or axis not in self._wide:
            return np.ascontiguousarray(given)
        found = np.zeros(self.room(axis) + LANES, kind)
        found[self.where(axis)] = given
        for start, count, end in zip(self.starts(axis), self.counts(axis), self.starts(axis)[1:], strict=False):
            found[start + count : end] = found[start + count - 1] if count else 0  # harmless numbers beyond the end
        return found

    def where(self, axis: Node) -> Integers:
        """Return where in memory each position of a list lies."""
        if axis not in self._where:
            starts, counts = self.starts(axis), self.counts(axis)
            first = np.repeat(starts[:-1] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
            self._where[axis] = first + np.arange(int(counts.sum()))
        return self._where[axis]

    def _tiled(self, given: Array, axis: Node) -> Array:
        wide, parents = self._lanes(axis)
        found, begin = [], 0
        for group in range(parents):
            rows, columns = int(self.counts(wide)[group]), int(self.tiles(axis)[1][group])
            block = given[begin : begin + rows * columns].reshape(rows, columns)
            begin += rows * columns
            full = np.pad(block, ((0, -rows % LANES), (0, 0)), mode="edge") if rows else block
            found.append(full.reshape(-(-rows // LANES), LANES, columns).transpose(0, 2, 1).ravel())
        return np.concatenate(found) if found else given

    def in_order(self, held: Array, axis: Node) -> Vector:
        """Return values as they lie in memory in the order of the positions: the way back of `laid_out`."""
        if stored_apart(axis):
            return self._untiled(held, axis)
        counts = self.counts(axis)
        found: Vector = held[: int(counts[0])] if len(counts) == 1 else held[self.where(axis)]  # type: ignore[assignment]
        return found

    def _untiled(self, held: Array, axis: Node) -> Vector:
        wide, parents = self._lanes(axis)
        starts, per_lanes = self.tiles(axis)
        found: list[Array] = [np.zeros(0)]
        for group in range(parents):
            rows, columns = int(self.counts(wide)[group]), int(per_lanes[group])
            groups = -(-rows // LANES)
            block = held[starts[group] * LANES : starts[group + 1] * LANES].reshape(groups, columns, LANES)
            found.append(block.transpose(0, 2, 1).reshape(groups * LANES, columns)[:rows].ravel())
        return np.concatenate(found)


class Bound:
    """A compiled function with its data: called with parameters, any number of times, from one thread.

    Parameters
    ----------
    compiled : Compiled
        The function.
    columns : mapping of Node to array
        The values of each column, in the order of the positions of its axis.
    counts : mapping of Node to int64 array
        For each collection how many positions there are per position of its parent.
    """

    def __init__(self, compiled: Compiled, columns: Mapping[Node, Array], counts: Mapping[Node, Integers]) -> None:
        self._compiled = compiled
        self.lists = Lists(counts, compiled.wide)
        self._slots = {slot: k for k, slot in enumerate(compiled.slots)}
        self._arrays: list[Array] = [np.zeros(0)] * len(compiled.slots)
        for slot, k in self._slots.items():
            self._arrays[k] = self._filled(slot.purpose, slot.node, columns, self._arrays[k])
        self._begin()

    def with_columns(self, columns: Mapping[Node, Array], own: Collection[Node] = ()) -> Bound:
        """Return the same function with other values of some columns, of the same number; all else is shared.

        Columns in `own` are copied: what is written to them by one is not seen by the other.
        """
        made = copy(self)
        made._arrays = list(self._arrays)
        for slot, k in self._slots.items():
            if slot.purpose == COLUMN and slot.node in columns:
                made._arrays[k] = self.lists.laid_out(columns[slot.node], axis_of(slot.node), slot.node.type.dtype)
            elif slot.purpose == COLUMN and slot.node in own:
                made._arrays[k] = self._arrays[k].copy()
        made._begin()
        return made

    @property
    def params(self) -> tuple[Node, ...]:
        """The parameters per event that a call takes, in their order."""
        return self._compiled.params

    def _begin(self) -> None:
        """Make what a call writes to."""
        self._call = self._compiled.function()
        self._cleared = self._make_room()
        self._table = (ctypes.c_void_p * max(1, len(self._arrays)))(*(a.ctypes.data for a in self._arrays))
        self._results = np.zeros(max(1, len(self._compiled.outputs)))
        self._params = np.zeros(max(1, len(self._compiled.params)))
        self._addresses = (ctypes.addressof(self._table), self._params.ctypes.data, self._results.ctypes.data)

    def _make_room(self) -> Vector:
        """Make the arrays that are written; those that sums are collected in lie together, to be cleared at once."""
        sizes = {}
        for slot, k in self._slots.items():
            if slot.purpose in (SUMS, LANE_SUMS):
                many = LANES if slot.purpose == LANE_SUMS else 1
                sizes[k] = -(-self.lists.room(axis_of(slot.node)) * many // LANES) * LANES + LANES
            elif slot.purpose == KEPT:
                self._arrays[k] = np.zeros(self.lists.room(axis_of(slot.node)) + LANES)
        together, begin = np.zeros(sum(sizes.values())), 0
        for k, size in sizes.items():
            self._arrays[k] = together[begin : begin + size]
            begin += size
        return together

    def _filled(self, purpose: str, node: Node, columns: Mapping[Node, Array], room: Array) -> Array:
        if purpose == COLUMN:
            return self.lists.laid_out(columns[node], axis_of(node), node.type.dtype)
        if purpose in (TILES, TILE_COUNTS):
            return self.lists.tiles(node)[purpose == TILE_COUNTS]
        if purpose == STARTS:
            return self.lists.starts(node)
        return self.lists.counts(node).astype(np.int64) if purpose == COUNTS else room

    def place(self, column: Node) -> Vector | None:
        """Return the memory of a column that is one list, to be written to; None where nothing reads it."""
        k = self._slots.get(Slot(COLUMN, column))
        return None if k is None else self._arrays[k][: self.lists.total(axis_of(column))]  # type: ignore[return-value]

    def __call__(self, params: Sequence[float] | Vector) -> Vector:
        """Return the results per event, in the order of the outputs; those along axes are asked for by `along`."""
        self._cleared.fill(0)
        if len(params):
            self._params[: len(params)] = params
        self._call(*self._addresses)  # type: ignore[operator]
        return self._results

    def along(self, output: Node) -> Vector:
        """Return the values of an output along its axis, as the last call left them; a view where it is one list."""
        purpose = {"collect": SUMS, "column": COLUMN}.get(output.op, KEPT)
        axis = axis_of(output)
        return self.lists.in_order(self._arrays[self._slots[Slot(purpose, output)]], axis)
