"""The workers of a dask client: told what they need, given tasks, waited for; what dask raises is put into words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from distributed import CancelledError, Client, Future, KilledWorker, WorkerPlugin

from hzdsl.errors import HzdslError, first_line
from hzdsl.run.stop import Stop
from hzdsl.run.watch import Watch

Key = tuple[str, int, int, int]
#: Seconds between two looks at the workers while nothing comes from them, and until it is said that none is there.
LOOK, PATIENCE = 0.5, 3.0


class Workers:
    """The workers that a dask scheduler has now, and those that it will have.

    Parameters
    ----------
    client : distributed.Client
        Connected; it stays so.
    watch : Watch
        Who is told when there are no workers.
    stop : Stop
        What is asked to stop is not waited for where there is nobody to finish it.
    """

    def __init__(self, client: Client, watch: Watch | None = None, stop: Stop | None = None) -> None:
        self._client, self._watch, self._stop = client, watch or Watch(), stop or Stop()
        self._finished: SimpleQueue[Future[Any]] = SimpleQueue()
        self._under_way: set[Future[Any]] = set()
        self._alone: float | None = None
        self._said = False

    @contextmanager
    def told(self, plugin: WorkerPlugin) -> Iterator[str]:
        """Give the name under which all workers find a plugin, also those that come later.

        At the end nothing is left with them, and no task runs on.

        Raises
        ------
        HzdslError
            `cluster` where the connection is lost.
        """
        run = f"hzdsl-{uuid.uuid4().hex[:12]}"
        with self.reported():
            self._client.register_plugin(plugin, name=run)
            try:
                yield run
            finally:
                with suppress(Exception):  # the client may be closed, and why is being told
                    self._client.cancel(list(self._under_way), force=True)
                    self._client.unregister_worker_plugin(run)
                self._under_way.clear()
                self._finished = SimpleQueue()

    def send(self, graph: Mapping[Key, Any], last: Key, priority: int) -> Future[Any]:
        """Give the workers tasks, and return the future of the last of them."""
        future: Future[Any] = self._client.get(graph, [last], sync=False, priority=priority)[0]
        self._under_way.add(future)
        future.add_done_callback(self._finished.put)
        return future

    def wait(self, future: Future[Any]) -> None:
        """Wait until a future is done; others that are done before it are to be waited for later."""
        while future in self._under_way:
            self.finished()

    def finished(self) -> Future[Any] | None:
        """Return a future that is done, waiting for one; None where the run is to stop, and no worker is there."""
        while True:
            try:
                future = self._finished.get(timeout=LOOK)
            except Empty:
                if not self._there() and self._stop.asked:
                    return None
                continue
            self._under_way.discard(future)
            self._found()
            return future

    def threads(self) -> int:
        """Return how many threads the workers have together, now, waiting for the first of them.

        1 where there is none yet, and the run is to stop.

        Raises
        ------
        HzdslError
            `cluster` where the connection is lost.
        """
        with self.reported():
            while not (found := self._there()):
                if self._stop.wait(LOOK):
                    return 1
            return found

    def _there(self) -> int:
        """Return how many threads the workers have; after some patience it is told that there are none."""
        threads: int = sum(self._client.nthreads().values())
        if threads:
            self._found()
            return threads
        self._alone = self._alone or monotonic()
        if not self._said and monotonic() - self._alone >= PATIENCE:
            self._said = True
            self._watch.tell("waiting", scheduler=self._address())
        return 0

    def _found(self) -> None:
        """Note that there are workers, and tell it if the contrary was told."""
        if self._said:
            self._watch.tell("working", scheduler=self._address())
        self._alone, self._said = None, False

    def _address(self) -> str:
        scheduler: Any = self._client.scheduler
        return str(scheduler.address)

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Say what it means for a run that a connection ends, by whatever dask raises then."""
        client = self._client
        try:
            if client.status != "running":
                raise ConnectionError(f"the client is {client.status}")
            yield
        except HzdslError:
            raise
        except ImportError as error:
            fix = "install the same hzdsl where the workers run"
            raise cluster_error(f"the workers cannot run hzdsl: {error}", fix) from None
        except Exception as error:
            if client.status == "running" and not isinstance(error, OSError | CancelledError):
                raise
            reason = first_line(error)
            raise cluster_error(f"the connection to the dask scheduler has ended ({reason})") from None


def ended_again(error: KilledWorker, what: str, instead: str) -> HzdslError:
    """Return what is said where worker after worker ended with the same task."""
    return cluster_error(
        f"{error.allowed_failures + 1} workers ended one after the other while they {what}",
        f"they may lack memory: give them more, or {instead}",
    )


def cluster_error(message: str, fix: str = "see the logs of scheduler and workers, and run again") -> HzdslError:
    """Return the error of a cluster that fails."""
    return HzdslError("cluster", message, fix=fix)
