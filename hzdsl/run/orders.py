"""What travels between a run and its workers: the order, told once; errands, a task each; what is brought back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import NamedTuple

from hzdsl.backends.base import Number, Program
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.packed import pack, unpack
from hzdsl.run.columns import Reads
from hzdsl.run.files import Stored
from hzdsl.run.graphs import PROGRAM
from hzdsl.run.plan import Retry
from hzdsl.run.spans import Ranges
from hzdsl.run.traffic import Traffic
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
    trust : bool
        Whether checks of baskets are left out, but for a sample.
    retry : Retry
        How often what failed is tried again.
    """

    version: str
    backend: str
    programs: tuple[Program, ...]
    reads: tuple[Reads, ...]
    values: Mapping[str, Number]
    tables: bool
    remote: RemoteOptions | None
    trust: bool
    retry: Retry

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
        order = unpack(data, (Order, Reads, RemoteOptions, Retry, *PROGRAM))
        if not isinstance(order, Order) or order.version != __version__:
            raise HzdslError(
                "graph-format",
                f"the run is of hzdsl {getattr(order, 'version', '?')}, its workers have {__version__}",
                fix="use the same version of hzdsl on both sides",
            )
        return order


class Errand(NamedTuple):
    """Units of one tree, done one after the other by one worker.

    Attributes
    ----------
    number : int
        Among those whose sums are brought back together.
    sample, first : int
        The number of the sample, and how many of its entries come before the tree.
    file : int
        The number of the tree in the run.
    path, name, stored
        The file by its full path or URL, its tree, and what it was, see `hzdsl.run.files.InputTree`.
    program, reads : int
        In the order.
    ranges : tuple of (int, int)
        The entries of each unit, from the first up to, not including, the last.
    """

    number: int
    sample: int
    first: int
    file: int
    path: str
    name: str | None
    stored: Stored
    program: int
    reads: int
    ranges: Ranges

    def packed(self) -> bytes:
        """Return the errand as bytes.

        Examples
        --------
        >>> errand = Errand(0, 0, 0, 0, "/data/a.root", None, Stored("Events", 20), 0, 0, ((0, 10), (10, 20)))
        >>> Errand.unpacked(errand.packed()) == errand
        True
        """
        return json.dumps(self._replace(stored=astuple(self.stored))).encode()  # type: ignore[arg-type]

    @classmethod
    def unpacked(cls, data: bytes) -> Errand:
        """Return the errand that bytes hold."""
        errand = cls(*json.loads(data))
        return errand._replace(
            stored=Stored(*errand.stored),  # type: ignore[misc]
            ranges=tuple((start, stop) for start, stop in errand.ranges),
        )


class Lost(NamedTuple):
    """Entries of a tree that could not be read."""

    file: int
    start: int
    stop: int
    error: HzdslError
    attempts: int


class Returned(NamedTuple):
    """What is brought back from errands for one sample.

    Attributes
    ----------
    part : bytes or None
        What was read contributes (`hzdsl.run.packing`); None where nothing was.
    lost : tuple of Lost
        What could not be read, in the order of the errands.
    error : HzdslError or None
        What no repetition mends: the first in their order.
    fetched : tuple of (int, Traffic)
        By number of the tree, what travelled over the network.
    seconds : float
        How long it took.
    """

    part: bytes | None
    lost: tuple[Lost, ...] = ()
    error: HzdslError | None = None
    fetched: tuple[tuple[int, Traffic], ...] = ()
    seconds: float = 0.0

    @classmethod
    def together(cls, part: bytes | None, given: Iterable[Returned]) -> Returned:
        """Return what several errands brought, whose sum is `part`, as if they had been one."""
        several = list(given)
        fetched: defaultdict[int, Traffic] = defaultdict(Traffic)
        for r in several:
            for file, traffic in r.fetched:
                fetched[file].join(traffic)
        return cls(
            part,
            tuple(x for r in several for x in r.lost),
            next((r.error for r in several if r.error is not None), None),
            tuple(sorted(fetched.items())),
            sum(r.seconds for r in several),
        )
