"""What a fit of bins does that is perhaps not meant, in words: it is said beside the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from hzdsl.stats.parameters import Vector
from hzdsl.stats.templates.model import Channel


def remarks(channels: Iterable[Channel]) -> Iterator[str]:
    """Yield what there is to say of negative bins, and of data where there is nothing but signal.

    Examples
    --------
    >>> from hzdsl.stats.templates.model import Process
    >>> process = Process("qcd", np.array([3.0, -0.5, 2.0]), floor=1e-9)
    >>> print(*remarks([Channel("sr", (process,), np.array([3.0, 2.0, 1.0]))]), sep="\\n")
    qcd in channel sr is negative in 1 bin: fits take 1e-9 instead
    channel sr has data, and no background, in bin 2
    """
    for channel in channels:
        for p in channel.processes:
            yield from negative(p.name, channel.name, p.rate * p.contents, p.floor)
        others = [p.rate * p.contents for p in channel.processes if not p.signal]
        yield from bare(channel.name, channel.counts, others)


def negative(process: str, channel: str, contents: Vector, floor: float | None) -> Iterator[str]:
    """Yield a remark on a process that has bins below 0, and on what fits take there."""
    count = int(np.count_nonzero(contents < 0))
    if count:
        instead = (
            f"fits take {floor:g} instead".replace("e-0", "e-") if floor is not None else "fits take them as they are"
        )
        yield f"{process} in channel {channel} is negative in {count} bin{'' if count == 1 else 's'}: {instead}"


def bare(channel: str, counts: Vector, backgrounds: Iterable[Vector]) -> Iterator[str]:
    """Yield a remark on bins with data where no background is expected."""
    some = np.zeros(len(counts), bool)
    for contents in backgrounds:
        some |= contents > 0
    empty = np.flatnonzero((counts > 0) & ~some)
    if len(empty):
        yield f"channel {channel} has data, and no background, in bin {', '.join(str(k + 1) for k in empty)}"
