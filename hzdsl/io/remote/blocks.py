"""A cache of aligned blocks: what small reads around one place share."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from hzdsl.io.remote.transport import Piece, Range

#: How many blocks of a file are kept: those of 64 kB are 16 MB.
CACHED_BLOCKS = 256


class Blocks:
    """The blocks of one file that were read last; may be used from several threads.

    Parameters
    ----------
    size : int
        Length of a block in bytes.
    end : int
        Length of the file.
    first : bytes
        The first block.
    """

    def __init__(self, size: int, end: int, first: bytes) -> None:
        self._size, self._end = size, end
        self._lock = threading.Lock()
        self._blocks: OrderedDict[int, bytes] = OrderedDict({0: first})

    def read(self, start: int, stop: int, fetch: Callable[[Sequence[Range]], list[Piece]]) -> bytes:
        """Return the bytes from `start` to `stop`, fetching the blocks that are not there: consecutive ones at once."""
        size, numbers = self._size, self._numbers(start, stop)
        with self._lock:
            have = {n: self._blocks[n] for n in numbers if n in self._blocks}
        for first, last in _runs([n for n in numbers if n not in have]):
            data = bytes(fetch([(first * size, min(last * size, self._end))])[0])
            have.update({n: data[(n - first) * size : (n - first + 1) * size] for n in range(first, last)})
        self._remember(have)
        skip = start - numbers[0] * size
        return b"".join(have[n] for n in numbers)[skip : skip + stop - start]

    def missing(self, ranges: Iterable[Range]) -> list[Range]:
        """Return the ranges that are not wholly in blocks."""
        with self._lock:
            return [(a, b) for a, b in ranges if any(n not in self._blocks for n in self._numbers(a, b))]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._blocks.clear()

    def _numbers(self, start: int, stop: int) -> range:
        return range(start // self._size, (stop - 1) // self._size + 1)

    def _remember(self, blocks: dict[int, bytes]) -> None:
        with self._lock:
            for number, data in blocks.items():
                self._blocks[number] = data
                self._blocks.move_to_end(number)
            while len(self._blocks) > CACHED_BLOCKS:
                self._blocks.popitem(last=False)


def _runs(numbers: list[int]) -> list[Range]:
    """Join consecutive block numbers to half-open ranges.

    Examples
    --------
    >>> _runs([1, 2, 3, 7])
    [(1, 4), (7, 8)]
    """
    runs: list[Range] = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs
