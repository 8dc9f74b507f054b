"""How much memory a run takes, before anything is read: a bound, and the chunks and threads that keep it below a limit.

Columns are counted as the files say what they hold (`Source.pieces`); exact sums by the bins of the program; lists of
a kernel by the longest lists of a sample. Rows of selected events are not counted: nobody knows how many there will be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from hzdsl.backends.base import NUMPY, WORDS, Chunk, Kernel, Program
from hzdsl.errors import HzdslError
from hzdsl.io.source import Source
from hzdsl.ir.types import STORED
from hzdsl.records import dataclass
from hzdsl.run.inputs.chunks import TARGET, read_chunk, target_size
from hzdsl.run.inputs.columns import Reads
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.options import Options
from hzdsl.run.plan.plan import Job, Plan
from hzdsl.run.spans import count
from hzdsl.sizes import size_text

Numbers = NDArray[np.int64]
#: Python, the libraries, compiling, writing results: 160 to 240 MB were seen.
START = 300_000_000
#: Entries of a sample from which lengths of lists are told, and how much longer others may be.
SAMPLE, LONGER = 20_000, 1.5
#: The smallest chunks that are tried: below, more time goes into chunks than into events.
LEAST = 1_000
_PER_ENTRY = 16  # offsets of a collection, as they are added up and from 0


@dataclass(frozen=True)
class Memory:
    """What a run takes at most, in bytes.

    Attributes
    ----------
    entries : int
        Of the largest chunk.
    threads : int
        How many chunks are worked on at a time.
    columns : int
        Of one chunk, as they are stored and unpacked.
    outputs : int
        Room for the rows of one chunk.
    kernel : int
        Lists of the compiled event loop, and sums not yet added.
    histograms : int
        One set of counts and exact sums, of all variations.
    sets : int
        How many sets there are: of chunks that wait to be added, of samples, of the result.
    ahead : int
        Packed bytes from servers that wait to be read, and what is kept between reads.
    start : int
        What a process takes before it reads anything.
    """

    entries: int
    threads: int
    columns: int
    outputs: int
    kernel: int
    histograms: int
    sets: int
    ahead: int
    start: int = START

    @property
    def per_thread(self) -> int:
        """Bytes that each thread needs."""
        return self.columns + self.outputs + self.kernel

    @property
    def total(self) -> int:
        """Bytes in all."""
        return self.start + self.threads * self.per_thread + self.sets * self.histograms + self.ahead


def result_bytes(program: Program) -> int:
    """Return how many bytes one set of the counts and exact sums of a program takes."""
    rows = [(prod(b.bins + 2 for b in f.binnings), len(f.weights)) for f in program.fills]
    rows += [(len(s.cuts) + 1, len(s.weights)) for s in program.selections]
    return sum(8 * n * (1 + 2 * WORDS * weights) for n, weights in rows)


def output_bytes(program: Program, tables: bool) -> int:
    """Return how many bytes are made ready for the rows that an entry may give."""
    if not tables:
        return 0
    listed = [s for s in program.selections if s.listed]
    return sum(8 + sum(NUMPY[o.type.dtype].itemsize + 1 for o in s.outputs) for s in listed)


class _Tree:
    """What ranges of entries of one tree take."""

    def __init__(self, tree: InputTree, source: Source) -> None:
        self._tree = tree
        self._pieces = [source.pieces(name) for name in tree.reads.names]
        self._converted = [source.pieces(n) for n, t in tree.reads.columns.items() if _is_converted(source, n, t.value)]
        collections = {c for path in tree.reads.owners.values() for c in path} | set(tree.reads.lengths)
        defaults = sum(NUMPY[dtype].itemsize for dtype, _ in tree.reads.defaults.values())
        self._per_entry = _PER_ENTRY * len(collections) + defaults
        held = sum(int(p.sizes.sum()) for p in self._pieces)
        self.retained = min(source.retained, held)

    def ranges(self, size: int, align: bool) -> tuple[Numbers, Numbers]:
        """Return where the chunks begin and end."""
        found = np.array(self._tree.ranges(size, align), np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def columns(self, starts: Numbers, stops: Numbers) -> int:
        """Return the bytes of the columns of the chunk that takes most."""
        sizes = self._per_entry * (stops - starts)
        for pieces in self._pieces:
            sizes = sizes + pieces.within(starts, stops)
        for pieces in self._converted:
            sizes = sizes + 2 * pieces.within(starts, stops)
        return int(sizes.max(initial=0))

    def packed(self, starts: Numbers, stops: Numbers) -> int:
        """Return about how many bytes of the file the largest chunk is, where it comes from a server."""
        return 2 * self._tree.bytes_of(int((stops - starts).max(initial=0))) if self._tree.is_far else 0


def _is_converted(source: Source, name: str, wanted: str) -> bool:
    stored = STORED.get(str(source.columns[name].dtype))
    return stored is None or stored.value != wanted


class Needs:
    """What a plan needs for chunks of any size on any number of threads."""

    def __init__(self, plan: Plan, options: Options, kernels: Mapping[int, Kernel]) -> None:
        self._trees: list[_Tree] = []
        for tree in plan.trees:
            if tree.entries:
                with tree.looked_at() as source:
                    self._trees.append(_Tree(tree, source))
        self._plan, self._align = plan, options.chunk_size is None
        self._programs = list({id(job.bound): job.bound.program for job in plan.jobs if job.trees}.values())
        self._tables = options.tables
        self._kernel = max((_working(job, kernels[id(job.bound)]) for job in plan.jobs if job.entries), default=0)

    def memory(self, size: int, threads: int) -> Memory:
        """Return what chunks of about so many entries need."""
        entries = columns = ahead = retained = 0
        for tree in self._trees:
            starts, stops = tree.ranges(size, self._align)
            entries = max(entries, int((stops - starts).max(initial=0)))
            columns = max(columns, tree.columns(starts, stops))
            ahead = max(ahead, tree.packed(starts, stops))
            retained = max(retained, tree.retained)
        histograms = max(map(result_bytes, self._programs), default=0)
        rows = max((output_bytes(p, self._tables) for p in self._programs), default=0)
        sets = 2 * threads + len(self._plan.jobs) + 1
        beside = (threads + 1) * ahead + 2 * retained
        return Memory(entries, threads, columns, rows * entries, self._kernel, histograms, sets, beside)


def read_first(job: Job, most: int, names: Reads | None = None) -> tuple[InputTree, Chunk]:
    """Return the first entries of a sample, at most so many, all columns of them unless others are named."""
    tree = next(t for t in job.trees if t.entries)
    with tree.reading() as source:
        return tree, read_chunk(source, names or tree.reads, 0, min(most, tree.entries))


def lengths_of(job: Job) -> Chunk:
    """Return the offsets of the lists of the first entries of a sample: of the columns only counters are read."""
    tree = next(t for t in job.trees if t.entries)
    reads = tree.reads
    kept: dict[str, str] = {}
    for name, path in reads.owners.items():
        if path[-1] not in reads.lengths:
            kept.setdefault(path[-1], name)
    some = {name: reads.columns[name] for name in kept.values()}
    owners = {name: reads.owners[name] for name in kept.values()}
    return read_first(job, SAMPLE, Reads(some, owners, reads.lengths))[1]


def _working(job: Job, kernel: Kernel) -> int:
    """Return what the event loop of a sample takes, told from a sample of its lists."""
    longest = {c: int(LONGER * int(np.diff(o).max(initial=0))) for c, o in lengths_of(job).offsets.items()}
    found = kernel.working_bytes(longest)
    if found is None:
        raise HzdslError(
            "options",
            "the memory of the backend 'interpret' is not planned: it holds whole columns of all candidates",
            fix="leave out --backend, or --max-memory and choose --chunk-size",
        )
    return found


def within(needs: Needs, options: Options, left: Sequence[tuple[tuple[int, int], ...]]) -> Options:
    """Return options whose chunks, and if need be threads, keep a run below its limit.

    Raises
    ------
    HzdslError
        `memory`, where not even the smallest chunks on one thread do.
    """
    if options.max_memory is None:
        return options
    smallest = None
    for threads, size in _tried(options, sum(map(count, left))):
        found = needs.memory(size, threads)
        if found.total <= options.max_memory:
            return replace(options, threads=threads, chunk_target=size)
        smallest = found if smallest is None or found.total < smallest.total else smallest
    assert smallest is not None
    raise too_large(smallest, options.max_memory, options.chunk_size is not None)


def _tried(options: Options, entries: int) -> Iterator[tuple[int, int]]:
    """Yield threads and sizes of chunks, what is faster first: large chunks, then all threads, then fewer."""
    for threads in range(options.threads, 0, -1):
        size = options.chunk_size or min(TARGET, target_size(entries, threads))
        yield threads, size
        while options.chunk_size is None and size > LEAST:
            size = max(LEAST, size // 2)
            yield threads, size


def too_large(least: Memory, limit: int, chosen: bool) -> HzdslError:
    """Return the error of a run that needs more than it may have, the smallest way to do it given."""
    parts = {
        "the process before it reads": least.start,
        f"the columns of {least.entries} entries": least.columns,
        "room for outputs": least.outputs,
        "the event loop": least.kernel,
        f"{least.sets} sets of histograms with their exact sums": least.sets * least.histograms,
        "what is read ahead": least.ahead,
    }
    lines = "".join(f"\n    {megabytes(n):>9}  {what}" for what, n in parts.items() if n >= 10**5)
    fixes = [f"give it {megabytes(least.total, up=True)}"]
    fixes += ["take a smaller --chunk-size"] * chosen
    fixes += ["use fewer bins or variations"] * (least.sets * least.histograms > limit // 4)
    chunks = "chunks of this size" if chosen else "the smallest chunks that baskets allow"
    return HzdslError(
        "memory",
        f"{megabytes(limit)} of memory is not enough: with one thread and {chunks}, the run needs up to "
        f"{megabytes(least.total, up=True)}:{lines}",
        fix=", or ".join(fixes),
    )


def megabytes(n: int, up: bool = False) -> str:
    """Return bytes in MB, rounded up where they are asked for.

    Examples
    --------
    >>> megabytes(1_234_567), megabytes(1_234_567, up=True), megabytes(2_000_000_000), megabytes(1000)
    ('1.2 MB', '2 MB', '2000 MB', '1.0 kB')
    """
    if up:
        return f"{-(-n // 10**6)} MB"
    return f"{n / 1e6:.0f} MB" if n >= 10**7 else size_text(n)
