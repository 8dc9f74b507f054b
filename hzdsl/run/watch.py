"""What is told of a run while it goes on: events as plain data, for progress bars and logs.

Every event is a mapping with a key ``event``, and

``start``
    ``analysis``, ``hash``, ``backend``, ``threads``, ``hzdsl`` (the version)
``plan``
    ``samples``, ``files``, ``entries``, ``done`` (entries known from before, of a resumed run), ``bytes``
``unit``
    ``sample``, ``file``, ``tree``, ``start``, ``stop`` (entries of the tree), ``ms``, ``bytes``, ``done`` and ``total``
    (entries of the run), ``files_done``, ``files``
``retry``
    ``file``, ``start``, ``stop``, ``attempt`` (how many have failed), ``code``, ``error``
``lost``
    ``sample``, ``file``, ``tree``, ``start``, ``stop``, ``attempts``, ``code``, ``error``
``checkpoint``
    ``entries`` (kept so far), ``bytes`` (written now)
``end``
    ``status`` (``done``, ``stopped``, ``lost``, ``failed``), ``entries``, ``missing``, ``seconds``, ``error``

``bytes`` of units and plans are compressed bytes of the columns that are read, in proportion to the entries. Units are
told in the order of their entries (those of a cluster as groups of them come), repetitions when they happen (those of a
cluster are not told).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING

from hzdsl.errors import HzdslError

if TYPE_CHECKING:
    from hzdsl.run.attempts import Loss
    from hzdsl.run.ledger import Ledger
    from hzdsl.run.plan import Plan
    from hzdsl.run.units import Unit

Event = Mapping[str, object]
Listener = Callable[[Event], None]


class Watch:
    """Tells listeners what happens; they may be called from several threads."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners
        self._since = perf_counter()
        self._left: dict[int, int] = {}
        self._files = self._files_done = 0

    def start(self, **about: object) -> None:
        """Tell that a run begins."""
        self._since = perf_counter()
        self._tell("start", **about)

    def plan(self, plan: Plan, ledger: Ledger) -> None:
        """Tell what is to be read."""
        if not self._listeners:
            return
        self._left = {id(t): ledger.left_of(number, t) for number, job in enumerate(plan.jobs) for t in job.trees}
        self._files, self._files_done = len(self._left), sum(not left for left in self._left.values())
        size = sum(t.bytes_of(self._left[id(t)]) for t in plan.trees)
        self._tell(
            "plan", samples=len(plan.jobs), files=self._files, entries=ledger.planned, done=ledger.done, bytes=size
        )

    def unit(self, unit: Unit, seconds: float, ledger: Ledger) -> None:
        """Tell that a unit is done."""
        if not self._listeners:
            return
        tree, entries = unit.tree, unit.stop - unit.start
        self._left[id(tree)] -= entries
        self._files_done += not self._left[id(tree)]
        self._tell(
            "unit",
            **_place(unit),
            ms=round(1000 * seconds, 3),
            bytes=tree.bytes_of(entries),
            done=ledger.done,
            total=ledger.planned,
            files_done=self._files_done,
            files=self._files,
        )

    def retry(self, unit: Unit, error: HzdslError, attempt: int) -> None:
        """Tell that a unit is tried again."""
        at = {k: v for k, v in _place(unit).items() if k in ("file", "start", "stop")}
        self._tell("retry", **at, attempt=attempt, code=error.code, error=error.message)

    def lost(self, loss: Loss) -> None:
        """Tell that entries are lost."""
        error = loss.error
        self._tell("lost", **_place(loss.unit), attempts=loss.attempts, code=error.code, error=error.message)

    def checkpoint(self, entries: int, size: int) -> None:
        """Tell that what was done so far is kept."""
        self._tell("checkpoint", entries=entries, bytes=size)

    def end(self, status: str, entries: int = 0, missing: int = 0, error: str = "") -> None:
        """Tell how a run has ended."""
        said = {"error": error} if error else {}
        seconds = round(perf_counter() - self._since, 3)
        self._tell("end", status=status, entries=entries, missing=missing, seconds=seconds, **said)

    def _tell(self, event: str, **said: object) -> None:
        for listener in self._listeners:
            listener({"event": event, **said})


def _place(unit: Unit) -> dict[str, object]:
    tree = unit.tree
    name = tree.stored.tree if tree.stored is not None else ""
    return {"sample": tree.sample, "file": tree.path, "tree": name, "start": unit.start, "stop": unit.stop}
