"""What is found out about a tree before the first event is read, as plain data: whoever opens it, here or elsewhere."""

from __future__ import annotations

from dataclasses import field

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.run.inputs.columns import Reads
from hzdsl.run.inputs.kinds import Evidence


@dataclass(frozen=True)
class Fingerprint:
    """What a tree is, as it lies in its file: by this it is known again when the file is opened another time.

    `changed` is when a local file was last written to, in ns since 1970 (0: on a server).
    """

    tree: str = ""
    entries: int = 0
    identity: str | None = None
    file_bytes: int = 0
    changed: int = 0


@dataclass(frozen=True)
class Facts:
    """What looking at a tree has shown.

    Attributes
    ----------
    fingerprint : Fingerprint
        What it is.
    where : str
        How messages call it.
    identified : bool
        Whether it has a column that says which event it is.
    reads : Reads
        What is read of it.
    column_bytes : int
        How many bytes of the file these columns take.
    marks : tuple of int
        The entries at which their baskets begin.
    evidence : Evidence, optional
        Whether it looks like data or simulation.
    generated : tuple of float, or HzdslError
        The sums of generator weights of its file, where they are asked for, or why they are not known.
    wrong : HzdslError, optional
        What is wrong with its branches.
    """

    fingerprint: Fingerprint
    where: str
    identified: bool = False
    reads: Reads = field(default_factory=lambda: Reads({}, {}, {}))
    column_bytes: int = 0
    marks: tuple[int, ...] = ()
    evidence: Evidence | None = None
    generated: tuple[float, ...] | HzdslError = ()
    wrong: HzdslError | None = None
