"""What travels between a run and its workers: the broadcast, told once; errands, a task each; what is brought back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from typing import NamedTuple, TypeVar

from hzdsl.backends.base import Fill, Number, Program, Regular, Selection, Variable
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.io.schema.model import Field, Link, ObjectSchema, Schema, SchemaTag
from hzdsl.ir.packed import pack, unpack
from hzdsl.records import dataclass
from hzdsl.run.inputs.columns import Reads
from hzdsl.run.inputs.facts import Fingerprint
from hzdsl.run.inputs.traffic import Traffic
from hzdsl.run.options import Retry
from hzdsl.run.spans import Ranges
from hzdsl.run.watch import Event
from hzdsl.version import __version__

T = TypeVar("T")
#: The records that a program is made of, those by which columns name their schema included.
PROGRAM = (Program, Selection, Fill, Regular, Variable, SchemaTag, Schema, ObjectSchema, Link, Field)


@dataclass(frozen=True)
class Broadcast:
    """What is the same for all items of a run.

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
    folder : str
        Where relative paths start.
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
    folder: str
    remote: RemoteOptions | None
    trust: bool
    retry: Retry

    def packed(self) -> bytes:
        """Return it as bytes."""
        return pack(self)

    @classmethod
    def unpacked(cls, data: bytes) -> Broadcast:
        """Return the broadcast that bytes hold.

        Raises
        ------
        HzdslError
            `graph-format` where they are damaged, or of another version of hzdsl.
        """
        return unpacked(cls, data, (Reads, RemoteOptions, Retry, *PROGRAM))


def unpacked(kind: type[T], data: bytes, records: Iterable[type]) -> T:
    """Return what all workers are told, a record of this kind and those that stand in it, from its bytes.

    Raises
    ------
    HzdslError
        `graph-format` where they are damaged, or of another version of hzdsl.
    """
    found = unpack(data, (kind, *records))
    if not isinstance(found, kind) or getattr(found, "version", None) != __version__:
        raise HzdslError(
            "graph-format",
            f"the run is of hzdsl {getattr(found, 'version', '?')}, its workers have {__version__}",
            fix="use the same version of hzdsl on both sides",
        )
    return found


class Errand(NamedTuple):
    """Items of one tree, done one after the other by one worker.

    Attributes
    ----------
    number : int
        Among those whose sums are brought back together.
    sample, first : int
        The number of the sample, and how many of its entries come before the tree.
    file : int
        The number of the tree in the run.
    path, name, fingerprint
        The file as the run calls it, its tree, and what it was, see `hzdsl.run.inputs.tree.InputTree`.
    program, reads : int
        In the broadcast.
    ranges : tuple of (int, int)
        The entries of each item, from the first up to, not including, the last.
    """

    number: int
    sample: int
    first: int
    file: int
    path: str
    name: str | None
    fingerprint: Fingerprint
    program: int
    reads: int
    ranges: Ranges

    def packed(self) -> bytes:
        """Return the errand as bytes.

        Examples
        --------
        >>> errand = Errand(0, 0, 0, 0, "/data/a.root", None, Fingerprint("Events", 20), 0, 0, ((0, 10), (10, 20)))
        >>> Errand.unpacked(errand.packed()) == errand
        True
        """
        return json.dumps([*self[:6], astuple(self.fingerprint), *self[7:]]).encode()

    @classmethod
    def unpacked(cls, data: bytes) -> Errand:
        """Return the errand that bytes hold."""
        number, sample, first, file, path, name, known, program, reads, pairs = json.loads(data)
        ranges = tuple((start, stop) for start, stop in pairs)
        return cls(number, sample, first, file, path, name, Fingerprint(*known), program, reads, ranges)


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
        What was read contributes (`hzdsl.run.parts.packing`); None where nothing was.
    lost : tuple of Lost
        What could not be read, in the order of the errands.
    error : HzdslError or None
        What no repetition mends: the first in their order.
    fetched : tuple of (int, Traffic)
        By number of the tree, what travelled over the network.
    seconds : float
        How long it took.
    told : tuple of mapping
        Events for those who watch the run: what was tried again.
    """

    part: bytes | None
    lost: tuple[Lost, ...] = ()
    error: HzdslError | None = None
    fetched: tuple[tuple[int, Traffic], ...] = ()
    seconds: float = 0.0
    told: tuple[Event, ...] = ()

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
            tuple(event for r in several for event in r.told),
        )
