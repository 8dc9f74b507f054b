"""What travels between a run and its workers: the order, told once; errands, one per unit; what is brought back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hzdsl.backends.base import Number, Program
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.packed import pack, unpack
from hzdsl.run.columns import Reads
from hzdsl.run.graphs import PROGRAM
from hzdsl.version import __version__


@dataclass(frozen=True)
class Order:
    """What is the same for all units of a run.

    Attributes
    ----------
    version : str
        Of hzdsl; another one may give other numbers.
    backend : str
        Its name.
    programs, reads
        What errands call by number: what is executed, what is read of a file.
    values : mapping of str to number
        Parameters in their own units.
    tables : bool
        Whether outputs of selected events are kept.
    remote : RemoteOptions or None
        How to talk to servers.
    """

    version: str
    backend: str
    programs: tuple[Program, ...]
    reads: tuple[Reads, ...]
    values: Mapping[str, Number]
    tables: bool
    remote: RemoteOptions | None

    def packed(self) -> bytes:
        """Return the order as bytes."""
        return pack(self)

    @classmethod
    def unpacked(cls, data: bytes) -> Order:
        """Return the order that bytes hold.

        Raises
        ------
        HzdslError
            `graph-format` where they are damaged, or of another version of hzdsl.
        """
        order = unpack(data, (Order, Reads, RemoteOptions, *PROGRAM))
        if not isinstance(order, Order) or order.version != __version__:
            raise HzdslError(
                "graph-format",
                f"the run is of hzdsl {getattr(order, 'version', '?')}, its workers have {__version__}",
                fix="use the same version of hzdsl on both sides",
            )
        return order


class Errand(NamedTuple):
    """Chunks of one tree, done one after the other by one worker.

    Attributes
    ----------
    number : int
        Among those whose sums are brought back together.
    sample, first : int
        The number of the sample, and how many of its entries come before the tree.
    file : int
        The number of the tree in the run.
    path, name
        The file by its full path or URL, and its tree, see `hzdsl.run.files.InputTree`.
    program, reads : int
        In the order.
    ranges : tuple of (int, int)
        The entries of each chunk, from the first up to, not including, the last.
    """

    number: int
    sample: int
    first: int
    file: int
    path: str
    name: str | None
    program: int
    reads: int
    ranges: tuple[tuple[int, int], ...]

    def packed(self) -> bytes:
        """Return the errand as bytes.

        Examples
        --------
        >>> errand = Errand(0, 0, 0, 0, "/data/a.root", None, 0, 0, ((0, 10), (10, 20)))
        >>> Errand.unpacked(errand.packed()) == errand
        True
        """
        return json.dumps(self).encode()

    @classmethod
    def unpacked(cls, data: bytes) -> Errand:
        """Return the errand that bytes hold."""
        *others, ranges = json.loads(data)
        return cls(*others, tuple((start, stop) for start, stop in ranges))


class Fault(NamedTuple):
    """Which errand could not be done, and why."""

    number: int
    error: HzdslError


class Returned(NamedTuple):
    """What is brought back from errands for one sample.

    Attributes
    ----------
    part : bytes or None
        What those that could be done contribute (`hzdsl.run.packing`); None where none could.
    faults : tuple of Fault
        What the others met, in their order.
    fetched : tuple of (int, int)
        By number of the tree, bytes that travelled over the network.
    """

    part: bytes | None
    faults: tuple[Fault, ...] = ()
    fetched: tuple[tuple[int, int], ...] = ()


def fetched_together(returned: Iterable[Returned]) -> tuple[tuple[int, int], ...]:
    """Return the bytes fetched, by number of the tree, of several errands."""
    total: Counter[int] = Counter()
    for r in returned:
        total.update(dict(r.fetched))
    return tuple(sorted(total.items()))
