"""What a worker process does: it holds compiled programs and open files, and turns errands into sums."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace

from hzdsl.backends.base import Kernel
from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.run.cluster.messages import Broadcast, Errand, Lost, Returned
from hzdsl.run.inputs.traffic import Traffic
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.options import Options
from hzdsl.run.parts.packing import from_bytes, to_bytes
from hzdsl.run.parts.partials import together
from hzdsl.run.plan.items import WorkItem
from hzdsl.run.program.backend import backend_of
from hzdsl.run.watch import Event, Watch
from hzdsl.run.work.attempts import Means, attempt
from hzdsl.run.work.done import Done

#: So many files stay open, the least recently used are closed.
KEPT_OPEN = 8


@dataclass
class _Held:
    """A tree, and how many of the bytes fetched for it have been told."""

    tree: InputTree
    told: int = 0


class Workshop:
    """What one process needs for the errands of one run; used from any number of threads.

    Parameters
    ----------
    broadcast : bytes
        A packed `hzdsl.run.cluster.messages.Broadcast`.
    """

    def __init__(self, broadcast: bytes) -> None:
        self._told = Broadcast.unpacked(broadcast)
        backend = backend_of(self._told.backend)
        self._options = Options(backend, tables=self._told.tables, retry=self._told.retry)
        self._kernels: dict[int, Kernel] = {}
        self._held: OrderedDict[int, _Held] = OrderedDict()
        self._lock, self._compiling = threading.Lock(), threading.Lock()

    def work(self, errand: Errand) -> Returned:
        """Do the items of an errand; what is wrong with its file is brought back, too."""
        held = self._hold(errand)
        items = [WorkItem(errand.sample, held.tree, start, stop) for start, stop in errand.ranges]
        told: list[Event] = []
        options = replace(self._options, watch=Watch(told.append))
        try:
            means = Means(self._kernel(errand.program), self._told.values, options)
            done = [attempt(item, means) for item in items]
        except HzdslError as error:
            return Returned(None, error=error, told=tuple(told))
        return self._returned(errand, done, self._newly_fetched(held))._replace(told=tuple(told))

    def merge(self, program: int, returned: Iterable[Returned]) -> Returned:
        """Return what several errands for one sample brought as if it had been one."""
        given = list(returned)
        parts = [from_bytes(r.part) for r in given if r.part is not None]
        return Returned.together(to_bytes(together(self._told.programs[program], parts)) if parts else None, given)

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            while self._held:
                self._held.popitem()[1].tree.close()

    def _returned(self, errand: Errand, done: list[Done], fetched: Traffic) -> Returned:
        parts = [p for d in done for p in d.parts]
        lost = [Lost(errand.file, x.item.start, x.item.stop, x.error, x.attempts) for d in done for x in d.losses]
        return Returned(
            to_bytes(together(self._told.programs[errand.program], parts)) if parts else None,
            tuple(lost),
            fetched=((errand.file, fetched),) if fetched.served_by else (),
            seconds=sum(d.seconds for d in done),
        )

    def _kernel(self, program: int) -> Kernel:
        with self._compiling:
            if program not in self._kernels:
                self._kernels[program] = self._options.backend.compile(self._told.programs[program])
            return self._kernels[program]

    def _hold(self, errand: Errand) -> _Held:
        """Return the tree of an errand, open or not, and close one that has long not been asked for."""
        with self._lock:
            if errand.file not in self._held:
                self._held[errand.file] = _Held(self._tree(errand))
            self._held.move_to_end(errand.file)
            while len(self._held) > KEPT_OPEN:
                self._held.popitem(last=False)[1].tree.close()
            return self._held[errand.file]

    def _tree(self, errand: Errand) -> InputTree:
        told = self._told
        return InputTree(
            "",
            errand.path,
            errand.name,
            told.remote,
            told.trust,
            errand.fingerprint.entries,
            errand.first,
            errand.fingerprint,
            reads=told.reads[errand.reads],
            folder=told.folder,
        )

    def _newly_fetched(self, held: _Held) -> Traffic:
        with self._lock:
            record = held.tree.record()
            before, held.told = held.told, record.bytes_fetched
            return Traffic(held.told - before, record.served_by, record.failures)
