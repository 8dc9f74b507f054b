"""The memory that a kernel is called with: one address or number per slot, for one chunk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import comb, prod
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import Array, Chunk
from hzdsl.backends.codegen.layout import NO_BASE, PADDING, Layout, Scratch, Slot, near_size, padded
from hzdsl.errors import HzdslError
from hzdsl.ir.axes import STANDING, stands_for, superset
from hzdsl.ir.node import Node
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.print import axis_name

#: Bytes of one list of positions, at most.
MOST_SCRATCH = 2**31
_ALIGNED = 64


class Memory:
    """A kernel's context, and what its addresses lead to.

    Parameters
    ----------
    layout : Layout
        What the slots are.
    chunk : Chunk
        The columns and offsets.
    results : mapping of str to array or (nested) list of arrays
        What the kernel writes, by kind of slot; the other keys of a slot are indices into the lists.
    numbers : mapping of str to int
        Slots that hold a number themselves.
    """

    def __init__(self, layout: Layout, chunk: Chunk, results: Mapping[str, Any], numbers: Mapping[str, int]) -> None:
        self._chunk, self._results = chunk, results
        self._kept: list[Array] = []
        room = Room(self._longest)
        sizes = [room.bytes(need) for need in layout.scratch]
        starts = np.cumsum([0, *sizes]).tolist()
        scratch = self._address(np.zeros(starts[-1] or 1, np.uint8))  # what was never written reads as missing
        content = [0] * (len(layout.slots) or 1)
        for slot, index in layout.slots.items():
            kind = slot[0]
            if kind in numbers:
                content[index] = numbers[str(kind)]
            elif kind == "scratch":
                content[index] = scratch + starts[slot[1]]
            elif kind != "param":
                content[index] = self._address(self._array(slot))
        self.context: npt.NDArray[np.int64] = np.array(content, np.int64)

    def _array(self, slot: Slot) -> Array:
        kind, *keys = slot
        if kind == "column":
            return _padded(self._chunk.columns[str(keys[0])], 1)
        if kind == "offsets":
            return _padded(self._chunk.offsets[str(keys[0])], 2)
        if kind == "numbers":
            assert isinstance(keys[0], Numbers)
            return np.frombuffer(keys[0].data, np.uint8)
        if kind == "weights":
            weights = _aligned(padded(int(str(keys[1]))))
            weights[:] = 1
            return weights
        if kind in ("near", "bases"):
            return self._beside(str(kind), self._result(keys))
        return self._result([kind, *keys])

    def _result(self, keys: list[Any]) -> Array:
        found = self._results[keys[0]]
        for key in keys[1:]:
            if not len(found):  # tables that nobody asked for
                return np.zeros(1, np.uint8)
            found = found[key]
        assert isinstance(found, np.ndarray)
        return found

    def _beside(self, kind: str, sums: Array) -> Array:
        """Return what stands beside sums of weights: see `hzdsl.backends.codegen.near`."""
        *rows, weights, _, _ = sums.shape
        if kind == "near":
            return _aligned(prod(rows) * near_size(weights))
        bases = _aligned(2 * padded(weights))
        lanes = bases.reshape(2, padded(weights))
        lanes[:], lanes[:, weights:] = NO_BASE, PADDING
        return bases

    def _longest(self, collection: str) -> int:
        offsets = self._chunk.offsets[collection]
        return int((offsets[1:] - offsets[:-1]).max(initial=0))

    def _address(self, array: Array) -> int:
        self._kept.append(array)
        return address_of(array)


class Room:
    """How much scratch memory pieces take where lists are of these lengths at most.

    Parameters
    ----------
    longest : callable
        Says of the name of a collection how many elements one of its lists has at most.
    """

    def __init__(self, longest: Callable[[str], int]) -> None:
        self._elements = longest
        self._longest: dict[Node, int] = {}

    def bytes(self, need: Scratch) -> int:
        """Return the size of a piece of scratch memory, or refuse a list that is beyond reason."""
        number = sum(map(self._capacity, need.axes)) + 1  # there is always a first one to read
        if number * need.size > MOST_SCRATCH:
            axes = " and ".join(map(axis_name, need.axes))
            raise HzdslError(
                "unsupported",
                f"{axes} can have {number:.2g} positions in one event: too many to sort or keep",
                fix="select fewer elements before combining them, or choose with argmin instead of sort",
            )
        return -(-number * need.size // _ALIGNED) * _ALIGNED

    def _capacity(self, axis: Node) -> int:
        """Return how many positions `axis` can have, per position of its parent, in this chunk."""
        found = self._longest.get(axis)
        if found is None:
            found = self._longest[axis] = self._counted(axis)
        return found

    def _counted(self, axis: Node) -> int:
        while axis.type.hi is None and (above := superset(axis)) is not None:
            axis = above
        if axis.type.hi is not None:
            return axis.type.hi
        if axis.op == "collection":
            return self._elements(axis.text("name"))
        if axis.op in STANDING:
            return self._capacity(stands_for(axis))
        parts = [self._capacity(a) for a in axis.args if a.is_axis]
        if axis.op == "choose":
            return comb(parts[0], axis.number("n"))
        if axis.op == "union":
            return sum(parts)
        return prod(parts) if axis.op == "product" else parts[0]


def address_of(array: Array) -> int:
    """Return where an array's numbers are."""
    address: int = array.__array_interface__["data"][0]  # `array.ctypes` costs ten times as much
    return address


def _aligned(size: int) -> npt.NDArray[np.float64]:
    """Return zeros that begin where a line of the cache does: vectors in two lines cost twice as much."""
    room = np.zeros(size + _ALIGNED // 8)
    skipped = -address_of(room) % _ALIGNED // 8
    return room[skipped : skipped + size]


def _padded(array: Array, least: int) -> Array:
    """Return a contiguous array of at least `least` elements: a missing reference reads element 0."""
    if len(array) >= least:
        return np.ascontiguousarray(array)
    return np.concatenate([array, np.zeros(least - len(array), dtype=array.dtype)])
