"""What a file of events looks like to the rest of hzdsl: named columns of numbers over a range of entries.

A `Source` is one open tree (TTree, RNTuple) or table (Parquet). It tells the columns without reading them
and reads any range of entries of any of them as plain NumPy arrays: one flat array of values and, for columns
with several values per entry, the offsets at which each entry begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass


@dataclass(frozen=True)
class ColumnInfo:
    """One column of a tree, before any of it is read.

    Attributes
    ----------
    name : str
        The branch, `branch.leaf` for a branch with several leaves, `field.subfield` for nested fields.
    dtype : numpy.dtype
        Type of one value in native byte order: bool, int8 to uint64, float32 or float64.
    depth : int
        0 for one value per entry, 1 for a list per entry, 2 for a list of lists per entry.
    counter : str or None
        The column that holds the length of each list (`nMuon`), where the file names one.
    title : str
        The description stored in the file.
    """

    name: str
    dtype: np.dtype[Any]
    depth: int
    counter: str | None = None
    title: str = ""


class Column(NamedTuple):
    """The values of one column over a range of n entries.

    Attributes
    ----------
    content : numpy.ndarray
        All values, one-dimensional, contiguous; in the machine's order of bytes, unless read as stored.
    offsets : numpy.ndarray or None
        int64, length n + 1, starting at 0: entry i holds `content[offsets[i]:offsets[i + 1]]` (at depth 2 the
        inner lists `offsets[i]` to `offsets[i + 1]`). None for a flat column. Columns of one collection share
        this array: do not write into it.
    inner_offsets : numpy.ndarray or None
        Depth 2 only: int64, inner list j holds `content[inner_offsets[j]:inner_offsets[j + 1]]`.
    counted : numpy.ndarray or None
        Of a counter whose lists were read, the offsets that its lengths add up to: the very array that these have.
    """

    content: NDArray[Any]
    offsets: NDArray[np.int64] | None = None
    inner_offsets: NDArray[np.int64] | None = None
    counted: NDArray[np.int64] | None = None


class Pieces(NamedTuple):
    """What of one column is unpacked at a time, before any of it is read.

    Attributes
    ----------
    edges : numpy.ndarray
        int64: the entries at which pieces (baskets, clusters, row groups) begin, and the number of entries.
    sizes : numpy.ndarray
        int64: about how many bytes of memory each takes, rather too many than too few.
    """

    edges: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def within(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the bytes of all pieces that have entries of each of several ranges.

        Examples
        --------
        >>> pieces = Pieces(np.array([0, 10, 20, 30]), np.array([100, 200, 400]))
        >>> pieces.within(np.array([0, 5, 20]), np.array([10, 15, 30])).tolist()
        [100, 300, 400]
        """
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.sizes)])
        first = np.clip(np.searchsorted(self.edges, starts, side="right") - 1, 0, len(self.sizes))
        last = np.minimum(np.searchsorted(self.edges, stops, side="left"), len(self.sizes))
        found: NDArray[np.int64] = sums[np.maximum(first, last)] - sums[first]
        return found


class Source(Protocol):
    """One open tree of one file; usable from several threads."""

    @property
    def path(self) -> str:
        """The path or URL as given."""

    @property
    def tree(self) -> str:
        """The name of the tree inside the file (empty for Parquet)."""

    @property
    def entries(self) -> int:
        """How many entries the tree has; may be 0."""

    @property
    def columns(self) -> Mapping[str, ColumnInfo]:
        """Every column that can be read, in the order of the file."""

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Every other column (strings, objects) with its type as the file names it."""

    @property
    def bytes_fetched(self) -> int:
        """Bytes that travelled over the network so far; 0 for a local file."""

    @property
    def served_by(self) -> tuple[str, ...]:
        """The URLs that bytes have come from, in order; none for a local file."""

    @property
    def failures(self) -> tuple[str, ...]:
        """What was wrong with places that failed before another took over."""

    @property
    def retained(self) -> int:
        """Bytes of memory, at most, that stay taken between reads."""

    @property
    def file_bytes(self) -> int:
        """Size of the whole file."""

    @property
    def identity(self) -> str | None:
        """The UUID stored in the file, or None where the format has none."""

    def read(self, names: Sequence[str], start: int, stop: int, as_stored: bool = False) -> dict[str, Column]:
        """Read the entries from `start` up to, not including, `stop` of the named columns.

        Parameters
        ----------
        names : sequence of str
            The columns.
        start, stop : int
            The entries.
        as_stored : bool
            Leave values in the order of bytes of the file, where that saves turning them round.

        Raises
        ------
        HzdslError
            `branch-missing`, `branch-type` (not a column of numbers), `file-truncated` (damaged), `remote`.
        """

    def prefetch(self, names: Sequence[str], start: int = 0, stop: int | None = None) -> None:
        """Begin to fetch what reading these columns will need, in few requests; nothing to do for a local file."""

    def stored_bytes(self, name: str) -> int:
        """Return how many compressed bytes of the file a column takes.

        Raises
        ------
        HzdslError
            `branch-missing`, `branch-type`.
        """

    def pieces(self, name: str) -> Pieces:
        """Return what of a column is unpacked at a time, and what memory that takes while it is read.

        Raises
        ------
        HzdslError
            `branch-missing`, `branch-type`.
        """

    def boundaries(self, names: Sequence[str]) -> list[int]:
        """Return entry numbers, from 0 to `entries`, at which a range is read without waste."""

    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        """Return this source."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""


def check_range(entries: int, start: int, stop: int) -> None:
    """Refuse a range of entries that the tree does not have (a mistake of the caller, not of the user).

    Examples
    --------
    >>> check_range(10, 0, 10)
    >>> check_range(10, 0, 11)
    Traceback (most recent call last):
      ...
    ValueError: entries 0 to 11 of a tree with 10
    """
    if not 0 <= start <= stop <= entries:
        raise ValueError(f"entries {start} to {stop} of a tree with {entries}")


def find_column(name: str, columns: Mapping[str, ColumnInfo], unreadable: Mapping[str, str], where: str) -> ColumnInfo:
    """Return the column called `name`, or say why there is none.

    Raises
    ------
    HzdslError
        `branch-missing` with the nearest names, `branch-type` with the type as the file names it.

    Examples
    --------
    >>> columns = {"Muon_pt": ColumnInfo("Muon_pt", np.dtype("f4"), 1, "nMuon")}
    >>> find_column("Muon_ptt", columns, {}, "tree Events of a.root")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[branch-missing]: tree Events of a.root has no branch Muon_ptt among its 1
      fix: did you mean Muon_pt?
    """
    if name in columns:
        return columns[name]
    if name in unreadable:
        raise HzdslError(
            "branch-type",
            f"the branch {name} in {where} has the type {unreadable[name]}, which is not a column of numbers",
            fix="use a branch of numbers, lists of numbers or lists of lists of numbers",
        )
    known = [*columns, *unreadable]
    raise HzdslError(
        "branch-missing",
        f"{where} has no branch {name} among its {len(known)}",
        fix=did_you_mean(name, known) or _list_names(known),
    )


def _list_names(names: Sequence[str], count: int = 10) -> str | None:
    if not names:
        return None
    return "its branches are " + ", ".join(names[:count]) + (", …" if len(names) > count else "")
