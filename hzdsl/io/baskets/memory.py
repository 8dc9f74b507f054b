"""Memory for the values of baskets, taken again and again: the system clears new memory page by page."""

from __future__ import annotations

import threading
import weakref

import numpy as np

from hzdsl.io.baskets.tables import Bytes

#: The part of new memory that is more than is needed now: the next chunk may be a little larger.
_SPARE = 16


class _Held:
    """Memory, and what of it was given away last."""

    def __init__(self, size: int) -> None:
        self.memory: Bytes = np.empty(size, np.uint8)
        self._given: weakref.ref[Bytes] | None = None

    @property
    def is_free(self) -> bool:
        """Whether nobody looks at it any more."""
        return self._given is None or self._given() is None

    def give(self) -> Bytes:
        """Return the memory as an array that all views of it refer to: of a view, they would refer to its own base."""
        given: Bytes = np.asarray(memoryview(self.memory.data))
        self._given = weakref.ref(given)
        return given


class Memory:
    """Memory that is given again when nobody looks at it any more; may be used from several threads.

    Every column is a view of what was given, and keeps it alive.

    Examples
    --------
    >>> memory = Memory()
    >>> first = memory.take(1000)
    >>> column = first[8:16].view(">f4")
    >>> del first
    >>> np.shares_memory(memory.take(1000), column)
    False
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: list[_Held] = []

    def take(self, size: int) -> Bytes:
        """Return memory of at least so many bytes, whatever it holds; what is free and does not fit is let go."""
        with self._lock:
            for held in self._held:
                if held.is_free and size <= len(held.memory) <= 2 * size:
                    return held.give()
            # but what is far smaller: it may be for other columns
            self._held = [h for h in self._held if not (h.is_free and size <= 2 * len(h.memory))]
            self._held.append(_Held(size + size // _SPARE))
            return self._held[-1].give()
