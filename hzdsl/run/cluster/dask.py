"""Many machines: errands as tasks of dask.distributed, summed by the workers in groups laid out beforehand.

One task is an errand: some items of work of one file. What it needs besides (programs, parameters, what is read) is
told to every worker once, by a plugin, which new workers and those that come back get, too. The tasks of a group are
summed in steps of `FAN`, so that the run receives one sum per group. What a file is to blame for is data, not an
exception of a task: dask repeats only what is lost with its worker.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from distributed import CancelledError, Client, Future, KilledWorker, WorkerPlugin, as_completed, get_worker

from hzdsl.errors import HzdslError
from hzdsl.run.cluster.messages import Errand, Returned
from hzdsl.run.cluster.workshop import Workshop

#: How many sums are made one at a time, and of how many errands a group is at most.
FAN, GROUP = 8, 64
#: Errands on their way per thread of the workers: one that is done, others that wait for it.
AHEAD = 3
Key = tuple[str, int, int, int]


class Tools(WorkerPlugin):
    """Gives every worker a `Workshop`; one that is never asked opens and compiles nothing.

    Parameters
    ----------
    broadcast : bytes
        A packed `hzdsl.run.cluster.messages.Broadcast`.
    """

    def __init__(self, broadcast: bytes) -> None:
        self._broadcast = broadcast
        self._workshop: Workshop | None = None

    def setup(self, worker: Any) -> None:
        """Prepare for the threads of a worker."""
        self._lock = threading.Lock()

    def teardown(self, worker: Any) -> None:
        """Close the files."""
        if self._workshop is not None:
            self._workshop.close()

    @property
    def workshop(self) -> Workshop:
        """The workshop, made for the first errand."""
        with self._lock:
            if self._workshop is None:
                self._workshop = self.made()
            return self._workshop

    def made(self) -> Workshop:
        """Return a workshop."""
        return Workshop(self._broadcast)


def _workshop(run: str) -> Workshop:
    tools = get_worker().plugins[run]
    assert isinstance(tools, Tools)
    return tools.workshop


def work(run: str, errand: bytes) -> Returned:
    """Do one errand (on a worker)."""
    try:
        workshop = _workshop(run)
    except HzdslError as error:  # of another version, say
        return Returned(None, error=error)
    return workshop.work(Errand.unpacked(errand))


def merge(run: str, program: int, *returned: Returned) -> Returned:
    """Sum up what neighbouring errands brought (on a worker)."""
    if any(r.error is not None for r in returned):
        return Returned.together(None, returned)
    return _workshop(run).merge(program, returned)


def group_graph(run: str, group: int, errands: Sequence[Errand]) -> tuple[dict[Key, Any], Key]:
    """Return the tasks of one group by key, and the key of their sum.

    Which are summed with which is decided here, not by which comes first.

    Examples
    --------
    >>> from hzdsl.run.inputs.tree import Fingerprint
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
    client : distributed.Client
        Connected; it stays so.
    tools : Tools
        What every worker is given.
    """

    def __init__(self, client: Client, tools: Tools) -> None:
        self._client, self._tools = client, tools
        self._run = f"hzdsl-{uuid.uuid4().hex[:12]}"
        self._groups: dict[Future[Any], list[Errand]] = {}
        self._sent = 0

    def group_size(self) -> int:
        """Return how many errands are summed before anything is brought back: fewer where there are few workers."""
        return max(2, min(GROUP, self.threads()))

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
        with _reported(self._client), self._told():
            done = as_completed(loop=self._client.loop)
            for group in groups:
                done.add(self._submitted(group))
                while len(self._groups) > 1 and self._under_way() >= AHEAD * self.threads():
                    yield self._received(next(done))
            while self._groups:
                yield self._received(next(done))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell all workers the broadcast; at the end nothing is left with them."""
        self._client.register_plugin(self._tools, name=self._run)
        try:
            yield
        finally:
            with suppress(Exception):  # the client may be closed, and why is being told
                self._client.cancel(list(self._groups), force=True)
                self._client.unregister_worker_plugin(self._run)

    def _submitted(self, errands: list[Errand]) -> Future[Any]:
        graph, last = group_graph(self._run, self._sent, errands)
        future: Future[Any] = self._client.get(graph, [last], sync=False, priority=-self._sent)[0]
        self._groups[future] = errands
        self._sent += 1
        return future

    def _received(self, future: Future[Any]) -> tuple[list[Errand], Returned]:
        errands = self._groups.pop(future)
        try:
            return errands, future.result()
        except KilledWorker as error:
            raise _killed(error, errands) from None

    def _under_way(self) -> int:
        return sum(map(len, self._groups.values()))

    def threads(self) -> int:
        """Return how many threads the workers have together, now; 1 where there is none yet."""
        with _reported(self._client):
            threads: int = sum(self._client.nthreads().values())
        return max(1, threads)


@contextmanager
def _reported(client: Client) -> Iterator[None]:
    """Say what it means for a run that a connection ends, by whatever dask raises then."""
    try:
        if client.status != "running":
            raise ConnectionError(f"the client is {client.status}")
        yield
    except HzdslError:
        raise
    except ImportError as error:
        raise _error(f"the workers cannot run hzdsl: {error}", "install the same hzdsl where the workers run") from None
    except Exception as error:
        if client.status == "running" and not isinstance(error, OSError | CancelledError):
            raise
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise _error(f"the connection to the dask scheduler has ended ({reason})") from None


def _error(message: str, fix: str = "see the logs of scheduler and workers, and run again") -> HzdslError:
    return HzdslError("cluster", message, fix=fix)


def _killed(error: KilledWorker, errands: list[Errand]) -> HzdslError:
    """Return what is said where worker after worker ended with the same task."""
    key: Any = error.task
    reading = [e for e in errands if key[0].startswith("unit-") and e.number == key[-1]]
    what = "added up results"
    for e in reading:
        what = f"read entries {e.ranges[0][0]} to {e.ranges[-1][1]} of {e.path}"
    return _error(
        f"{error.allowed_failures + 1} workers ended one after the other while they {what}",
        "they may lack memory: give them more, or use smaller chunks (--chunk-size)",
    )
