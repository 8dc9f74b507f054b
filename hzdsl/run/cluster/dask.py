"""Many machines: errands as tasks of dask.distributed, summed by the workers in groups laid out beforehand.

One task is an errand: some items of work of one file. What it needs besides (programs, parameters, what is read) is
told to every worker once, by a plugin, which new workers and those that come back get, too. The tasks of a group are
summed in steps of `FAN`, so that the run receives one sum per group. What a file is to blame for is data, not an
exception of a task: dask repeats only what is lost with its worker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from distributed import Future, KilledWorker, WorkerPlugin, get_worker

from hzdsl.errors import HzdslError
from hzdsl.run.cluster.inquiry import Seen
from hzdsl.run.cluster.messages import Errand, Returned
from hzdsl.run.cluster.surveyor import Surveyor
from hzdsl.run.cluster.workers import Key, Workers, ended_again
from hzdsl.run.cluster.workshop import Workshop

#: How many sums are made one at a time, and of how many errands a group is at most.
FAN, GROUP = 8, 64
#: Errands on their way per thread of the workers: one that is done, others that wait for it.
AHEAD = 3
#: What one task does at most: items of work, or trees to look at.
MOST = 32


class Closable(Protocol):
    """What a worker works with."""

    def close(self) -> None:
        """Close the files."""


class Tools(WorkerPlugin):
    """Gives every worker what it works with, made when it is first asked for.

    Parameters
    ----------
    told : bytes
        What all of it is to be made of: a packed `hzdsl.run.cluster.messages.Broadcast`, say.
    make : callable
        Makes it of them.
    """

    def __init__(self, told: bytes, make: Callable[[bytes], Closable] = Workshop) -> None:
        self._told, self._make = told, make
        self._made: Closable | None = None

    def setup(self, worker: Any) -> None:
        """Prepare for the threads of a worker."""
        self._lock = threading.Lock()

    def teardown(self, worker: Any) -> None:
        """Close the files."""
        if self._made is not None:
            self._made.close()

    def given(self) -> Any:
        """Return what the worker works with."""
        with self._lock:
            if self._made is None:
                self._made = self._make(self._told)
            return self._made


def _given(run: str) -> Any:
    tools = get_worker().plugins[run]
    assert isinstance(tools, Tools)
    return tools.given()


def survey(run: str, trees: bytes) -> list[Seen] | HzdslError:
    """Look at trees (on a worker)."""
    try:
        surveyor: Surveyor = _given(run)
    except HzdslError as error:  # of another version, say
        return error
    return surveyor.survey(trees)


def work(run: str, errand: bytes) -> Returned:
    """Do one errand (on a worker)."""
    try:
        workshop: Workshop = _given(run)
    except HzdslError as error:
        return Returned(None, error=error)
    return workshop.work(Errand.unpacked(errand))


def merge(run: str, program: int, *returned: Returned) -> Returned:
    """Sum up what neighbouring errands brought (on a worker)."""
    if any(r.error is not None for r in returned):
        return Returned.together(None, returned)
    workshop: Workshop = _given(run)
    return workshop.merge(program, returned)


def group_graph(run: str, group: int, errands: Sequence[Errand]) -> tuple[dict[Key, Any], Key]:
    """Return the tasks of one group by key, and the key of their sum.

    Which are summed with which is decided here, not by which comes first.

    Examples
    --------
    >>> from hzdsl.run.inputs.facts import Fingerprint
    >>> errands = [Errand(i, 0, 0, 0, "/a.root", None, Fingerprint(), 0, 0, ((i, i + 1),)) for i in range(10)]
    >>> graph, last = group_graph("run", 5, errands)
    >>> last, graph[last][3:]
    (('sum-run', 5, 2, 0), (('sum-run', 5, 1, 0), ('sum-run', 5, 1, 1)))
    >>> graph["sum-run", 5, 1, 1][3:]
    (('unit-run', 5, 0, 8), ('unit-run', 5, 0, 9))
    """
    graph: dict[Key, Any] = {(f"unit-{run}", group, 0, e.number): (work, run, e.packed()) for e in errands}
    keys, depth = list(graph), 0
    while len(keys) > 1:
        depth += 1
        sums = [keys[at : at + FAN] for at in range(0, len(keys), FAN)]
        above = {(f"sum-{run}", group, depth, i): (merge, run, errands[0].program, *of) for i, of in enumerate(sums)}
        graph |= above
        keys = list(above)
    return graph, keys[0]


class Cluster:
    """The workers of a dask client, as what does the errands of a run.

    Parameters
    ----------
    workers : Workers
        Those of a client.
    tools : Tools
        What every worker is given.
    """

    def __init__(self, workers: Workers, tools: Tools) -> None:
        self._workers, self._tools = workers, tools
        self._groups: dict[Future[Any], list[Errand]] = {}
        self._sent = 0

    def returned(self, groups: Iterable[list[Errand]]) -> Iterator[tuple[list[Errand], Returned]]:
        """Yield groups of errands with what they brought, as they come; when it is left, nothing runs on.

        Parameters
        ----------
        groups : iterable of list of Errand
            Each for one sample.

        Raises
        ------
        HzdslError
            `cluster` where the connection is lost, or workers end again and again.
        """
        with self._workers.told(self._tools) as run:
            for group in groups:
                graph, last = group_graph(run, self._sent, group)
                self._groups[self._workers.send(graph, last, -self._sent)] = group
                self._sent += 1
                while len(self._groups) > 1 and self._under_way() >= AHEAD * self._workers.threads():
                    yield from self._received()
            while self._groups:
                yield from self._received()

    def _received(self) -> Iterator[tuple[list[Errand], Returned]]:
        """Yield the next group that comes; nothing, and no group is left, where the run stops and nobody works."""
        future = self._workers.finished()
        if future is None:
            self._groups.clear()
            return
        errands = self._groups.pop(future)
        try:
            yield errands, future.result()
        except KilledWorker as error:
            raise _killed(error, errands) from None

    def _under_way(self) -> int:
        return sum(map(len, self._groups.values()))


def pieces_per_task(pieces: int, tasks: int) -> int:
    """Return how many pieces one task does: few enough for so many tasks, many where the scheduler had too many.

    Examples
    --------
    >>> [pieces_per_task(pieces, tasks=40) for pieces in (3, 1000, 10**6)]
    [1, 25, 32]
    """
    return max(1, min(MOST, pieces // tasks))


def group_size(threads: int) -> int:
    """Return how many errands are summed before anything is brought back: fewer where there are few workers."""
    return max(2, min(GROUP, threads))


def _killed(error: KilledWorker, errands: list[Errand]) -> HzdslError:
    """Return what is said where worker after worker ended with the same task."""
    key: Any = error.task
    reading = [e for e in errands if key[0].startswith("unit-") and e.number == key[-1]]
    what = "added up results"
    for e in reading:
        what = f"read entries {e.ranges[0][0]} to {e.ranges[-1][1]} of {e.path}"
    return ended_again(error, what, "use smaller chunks (--chunk-size)")
