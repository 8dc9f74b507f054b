"""What a worker process does: it holds compiled programs and open files, and turns errands into sums."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from hzdsl.backends.base import Kernel
from hzdsl.errors import HzdslError
from hzdsl.run.chunks import read_chunk
from hzdsl.run.engines import backend_of
from hzdsl.run.files import InputTree
from hzdsl.run.orders import Errand, Fault, Order, Returned, fetched_together
from hzdsl.run.packing import from_bytes, to_bytes
from hzdsl.run.partials import placed, together

#: So many files stay open, the least recently used are closed.
KEPT_OPEN = 8


class Workshop:
    """What one process needs for the errands of one order; used from any number of threads.

    Parameters
    ----------
    order : bytes
        A packed `hzdsl.run.orders.Order`.
    """

    def __init__(self, order: bytes) -> None:
        self._order = Order.unpacked(order)
        self._backend = backend_of(self._order.backend)
        self._kernels: dict[int, Kernel] = {}
        self._trees: OrderedDict[int, InputTree] = OrderedDict()
        self._lock, self._compiling = threading.Lock(), threading.Lock()

    def work(self, errand: Errand) -> Returned:
        """Read and execute one unit. What is wrong with its file is brought back, too."""
        order, tree = self._order, self._tree(errand)
        try:
            chunk = read_chunk(tree.open(), tree.reads, errand.start, errand.stop)
            partial = self._kernel(errand.program).run(chunk, order.values, order.tables)
        except HzdslError as error:
            return Returned(None, (Fault(errand.number, error),))
        return Returned(to_bytes(placed(errand.sample, errand.first + errand.start, partial)))

    def merge(self, program: int, returned: Iterable[Returned]) -> Returned:
        """Return what several errands for one sample brought as if it had been one."""
        given = list(returned)
        parts = [from_bytes(r.part) for r in given if r.part is not None]
        part = to_bytes(together(self._order.programs[program], parts)) if parts else None
        return Returned(part, tuple(f for r in given for f in r.faults), fetched_together(given))

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            while self._trees:
                self._trees.popitem()[1].close()

    def _kernel(self, program: int) -> Kernel:
        with self._compiling:
            if program not in self._kernels:
                self._kernels[program] = self._backend.compile(self._order.programs[program])
            return self._kernels[program]

    def _tree(self, errand: Errand) -> InputTree:
        with self._lock:
            if errand.file not in self._trees:
                reads = self._order.reads[errand.reads]
                self._trees[errand.file] = InputTree("", errand.path, errand.name, self._order.remote, reads=reads)
            self._trees.move_to_end(errand.file)
            while len(self._trees) > KEPT_OPEN:
                self._trees.popitem(last=False)[1].close()
            return self._trees[errand.file]
