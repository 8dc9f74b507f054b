"""Doing an item of work in spite of faults: again after a while, the file opened anew; what stays bad is lost, no more.

Faults of inputs may pass (a server, a disk of a network) or stay (a damaged basket). Whatever is wrong with the
analysis is never tried again. Of an item that stays bad, every basket is tried for itself: which entries are lost
depends on the file, not on chunks and threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter

from hzdsl.backends.base import Kernel, Number
from hzdsl.errors import HzdslError
from hzdsl.io.remote.away import ServerAway
from hzdsl.records import dataclass
from hzdsl.run.inputs.chunks import read_chunk
from hzdsl.run.inputs.tree import LOSABLE
from hzdsl.run.options import Options
from hzdsl.run.parts.partials import Part, placed
from hzdsl.run.plan.items import WorkItem
from hzdsl.run.work.done import Done, Loss
from hzdsl.run.work.outages import Outages
from hzdsl.run.work.progress import tell_retry

#: Errors after which the same is tried again.
PASSING = ("remote", "file-missing", "file-truncated", "file-changed")


@dataclass(frozen=True)
class Means:
    """What the items of a sample are done with; `outages` are those of the run."""

    kernel: Kernel
    values: Mapping[str, Number]
    options: Options
    outages: Outages

    def part(self, item: WorkItem, *, anew: bool = False) -> Part:
        """Read the entries, from a file opened `anew` if need be, and execute the program on them."""
        with item.tree.reading(anew=anew) as source:
            chunk = read_chunk(source, item.tree.reads, item.start, item.stop)
        partial = self.kernel.run(chunk, self.values, self.options.tables)
        return placed(item.number, item.tree.first + item.start, partial)


def attempt(item: WorkItem, means: Means) -> Done:
    """Do an item of work, several times if need be.

    Raises
    ------
    HzdslError
        For what no repetition mends: `branch-type`, say.
    """
    start = perf_counter()
    if means.options.stop.asked:
        return Done((item,))
    found = tuple(_done(item, means))
    parts = tuple(x for x in found if isinstance(x, Part))
    return Done((item,), parts, tuple(x for x in found if isinstance(x, Loss)), perf_counter() - start)


def _done(item: WorkItem, means: Means) -> Iterator[Part | Loss]:
    path, outages = item.tree.path, means.outages
    given_up = item.tree.bad or outages.given_up(path)  # it is not opened for every further item
    if given_up is not None:
        yield Loss(item, given_up, 0)
        return
    error: HzdslError | None = None
    tried, options = 0, means.options
    while error is None or (error.code in PASSING and tried <= options.retry.times):
        if error is not None:
            tell_retry(options.watch, item, error, tried)
            if options.stop.wait(options.retry.delay * 2 ** (tried - 1)):
                return  # stopped: these entries are not lost, they have not been read
        tried += 1
        try:
            yield means.part(item, anew=tried > 1)
        except HzdslError as e:
            if e.code not in LOSABLE:
                raise
            error = e
            outages.failed(path, e)
        else:
            outages.answered(path)
            return
    edges = _edges(item, error)
    if len(edges) > 2:
        yield from _pieces(item, edges, means, tried)
    else:
        yield Loss(item, error, tried)


def _edges(item: WorkItem, error: HzdslError) -> Sequence[int]:
    """Return where the pieces begin and end that are tried one by one; a file that cannot be opened is given up."""
    if isinstance(error, ServerAway):
        return ()
    try:
        edges = item.tree.edges(item.start, item.stop)
    except HzdslError as e:
        if e.code not in LOSABLE:
            raise
        item.tree.bad = error
        return ()
    return edges if error.code == "file-truncated" else ()


def _pieces(item: WorkItem, edges: Sequence[int], means: Means, tried: int) -> Iterator[Part | Loss]:
    """Yield what can be read of a damaged item, and what cannot: halves, until one is whole or a single basket."""
    middle = len(edges) // 2
    for half in (edges[: middle + 1], edges[middle:]):
        piece = replace(item, start=half[0], stop=half[-1])
        try:
            yield means.part(piece)
        except HzdslError as e:
            if e.code not in LOSABLE:
                raise
            if len(half) > 2:
                yield from _pieces(piece, half, means, tried)
            else:
                yield Loss(piece, e, tried)
