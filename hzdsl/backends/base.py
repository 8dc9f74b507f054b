"""The protocol both backends speak: a program in, one partial result per chunk of entries out.

Everything here is data. A backend shares no evaluation code with the other; what they share is this description of
the work and of its result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hzdsl.ir.node import Node, topological
from hzdsl.ir.types import DType

Number = bool | int | float
#: In a dump of references, what separates the collections that a particle of a union may come from.
SLOT = 2**32
Array = npt.NDArray[np.generic]
Counts = npt.NDArray[np.int64]
#: Sums that are exact: ``WORDS`` 64-bit words each, along the last axis.
Sums = npt.NDArray[np.uint64]

#: An exact sum is a whole number of units of 2**-256: 512 bits in two's complement, least word first, and a word of
#: flags. A summand is rounded to the nearest unit, half to even; nothing else is ever rounded. The order of the
#: summands, and how they are grouped into chunks and threads, cannot show.
WORDS, FRACTION_BITS = 9, 256
#: Where the fixed point ends: a summand of this size or more sets a flag instead, as infinities and NaN do.
TOO_LARGE = 2.0**223
NAN, PLUS_INFINITY, MINUS_INFINITY = 1, 2, 4

#: NumPy's dtype of each scalar type of the graph.
NUMPY: dict[DType, np.dtype[np.generic]] = {
    DType.BOOL: np.dtype(np.bool_),
    DType.I32: np.dtype(np.int32),
    DType.I64: np.dtype(np.int64),
    DType.U32: np.dtype(np.uint32),
    DType.U64: np.dtype(np.uint64),
    DType.F32: np.dtype(np.float32),
    DType.F64: np.dtype(np.float64),
    DType.LABEL: np.dtype(np.int32),
}


def add_sums(total: Sums, new: Sums) -> None:
    """Add exact sums to others in place, carrying from word to word; flags of either stay.

    Examples
    --------
    >>> total = np.array([[2**64 - 1, 0, 0, 0, 0, 0, 0, 0, 1]], np.uint64)
    >>> add_sums(total, np.array([[3, 0, 0, 0, 0, 0, 0, 0, 2]], np.uint64))
    >>> total.tolist()
    [[2, 1, 0, 0, 0, 0, 0, 0, 3]]
    """
    carry = np.zeros(total.shape[:-1], np.uint64)
    for k in range(WORDS - 1):
        with_carry = new[..., k] + carry
        total[..., k] += with_carry
        carry = ((with_carry < carry) | (total[..., k] < with_carry)).astype(np.uint64)
    total[..., WORDS - 1] |= new[..., WORDS - 1]


def is_stored(node: Node) -> bool:
    """Return whether a node stands for something of the file: a column, or a collection by its lengths."""
    return node.op == "column" or (node.is_axis and node.op == "collection")


@dataclass(frozen=True)
class Regular:
    """`bins` equal bins between `low` and `high`."""

    bins: int
    low: float
    high: float


@dataclass(frozen=True)
class Variable:
    """Bins between ascending edges."""

    edges: tuple[float, ...]

    @property
    def bins(self) -> int:
        """Number of bins between the edges."""
        return len(self.edges) - 1


Binning = Regular | Variable


@dataclass(frozen=True)
class Fill:
    """A histogram filled for the events of region number `region` (None: every event).

    `values` are f64, all along one axis: one fill per position, skipped where a value is missing. `weights` are f64
    per event and always there; of each the sum and the sum of squares is kept per bin, of one search for the bin.
    """

    values: tuple[Node, ...]
    binnings: tuple[Binning, ...]
    region: int | None = None
    weights: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Selection:
    """The cuts of a region, in order, the values (along the event axis) of its table, and weights as of a fill.

    `listed` says whether there is a table at all, where tables are asked for.
    """

    cuts: tuple[Node, ...]
    outputs: tuple[Node, ...] = ()
    weights: tuple[Node, ...] = ()
    listed: bool = True


@dataclass(frozen=True)
class Program:
    """What a backend executes.

    Parameters
    ----------
    selections, fills
        Regions and histograms.
    dumps : tuple of Node
        Values along any axis, read out at every position, gate or not (tests, `peek`).
    gate : Node or None
        A condition on events: those that fail it (a luminosity mask) are not seen by selections and fills.
    apart : tuple of (int, int)
        Pairs of selections that no event may pass both of: events that do are counted.
    """

    selections: tuple[Selection, ...] = ()
    fills: tuple[Fill, ...] = ()
    dumps: tuple[Node, ...] = ()
    gate: Node | None = None
    apart: tuple[tuple[int, int], ...] = ()

    def roots(self) -> list[Node]:
        """Return every node that is to be evaluated."""
        gate = [] if self.gate is None else [self.gate]
        cuts = [n for s in self.selections for n in (*s.cuts, *s.outputs, *s.weights)]
        return [*gate, *cuts, *(v for f in self.fills for v in (*f.values, *f.weights)), *self.dumps]

    @cached_property
    def _nodes(self) -> tuple[Node, ...]:
        """Every node; columns and collections are asked for once per file."""
        return tuple(topological(self.roots()))

    def columns(self) -> list[Node]:
        """Return the columns that are needed."""
        return [n for n in self._nodes if n.op == "column"]

    def collections(self) -> list[Node]:
        """Return the stored collections whose lengths are needed."""
        return [n for n in self._nodes if n.op == "collection"]

    def parameters(self) -> list[Node]:
        """Return the parameters that the kernel takes, in a fixed order."""
        return sorted({n for n in self._nodes if n.op == "param"}, key=lambda n: n.text("name"))


@dataclass(frozen=True)
class Chunk:
    """Consecutive entries in memory.

    Parameters
    ----------
    entries : int
        How many.
    columns : mapping of str to array
        By branch name: one value per entry, or per element of its collection, of the dtype the graph says, all of them
        in the machine's order of bytes, or all in the other one.
    offsets : mapping of str to int64 array
        By collection name: ``entries + 1`` numbers; entry i owns elements ``offsets[i]`` to ``offsets[i+1] - 1``.
    """

    entries: int
    columns: Mapping[str, Array]
    offsets: Mapping[str, npt.NDArray[np.int64]]

    @property
    def swapped(self) -> bool:
        """Whether the columns are in the other order of bytes: ROOT's files are big-endian."""
        return any(not c.dtype.isnative for c in self.columns.values())


@dataclass
class Table:
    """The selected events of a region: entry numbers within the chunk, and a (values, valid) pair per output.

    `valid` is None where every value is present; values under an invalid position are zero.
    """

    entry: npt.NDArray[np.int64]
    columns: list[tuple[Array, npt.NDArray[np.bool_] | None]]


@dataclass
class Dump:
    """A value at every position of its axis: per-event counts, the values in order, and which are present.

    A reference gives one row per position with the index, inside its event, of every particle it is made of; of a
    particle that may come from several collections, `SLOT` times the number of its collection is added.
    Values under an invalid position are zero (-1 for references).
    """

    counts: npt.NDArray[np.int64]
    values: Array
    valid: npt.NDArray[np.bool_]


@dataclass
class Partial:
    """What one chunk contributes.

    Parameters
    ----------
    entries : int
        Entries seen.
    passed : list of int64 array
        Per region, how many events pass each cut (and all cuts before it).
    counts : list of int64 array
        Per fill, the contents with underflow and overflow at the ends of each axis.
    nans : list of int
        Per fill, how many entries had a NaN (they are in the overflow, too).
    tables : list of Table
        Per region (without rows where it is not listed); empty where no tables were asked for.
    dumps : list of Dump
        Per dump.
    accepted : int
        Entries that pass the gate.
    flows : list of Sums, shape (1 + cuts, weights, 2, WORDS)
        Per region, for all events and after each cut, per weight: its sum and the sum of its squares (in f64).
    sums : list of Sums, shape (bins + 2, ..., weights, 2, WORDS)
        Per fill, the same per bin.
    overlaps : int64 array, shape (pairs, 2)
        Per pair of `apart`, how many events pass both, and the first of them (-1: none).
    """

    entries: int
    passed: list[Counts]
    counts: list[Counts]
    nans: list[int]
    tables: list[Table]
    dumps: list[Dump]
    accepted: int
    flows: list[Sums]
    sums: list[Sums]
    overlaps: Counts


class Kernel(Protocol):
    """A program ready to run, on any number of chunks and from any number of threads."""

    def run(self, chunk: Chunk, parameters: Mapping[str, Number], tables: bool = False) -> Partial:
        """Execute the program on one chunk."""
        ...

    def working_bytes(self, longest: Mapping[str, int]) -> int | None:
        """Return how many bytes a call takes beside its chunk and its result; None where nobody knows.

        `longest` says of collections how many elements one of their lists has at most.
        """
        ...


class Backend(Protocol):
    """Makes kernels."""

    name: str

    def compile(self, program: Program) -> Kernel:
        """Return the program made ready."""
        ...
