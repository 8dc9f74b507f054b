"""The engine of many machines: the items of a plan as errands for workers, and what these bring as what was done."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import TypeVar

from hzdsl.backends.base import Number, Program
from hzdsl.run.cluster.dask import Cluster, Tools, group_size, pieces_per_task
from hzdsl.run.cluster.messages import Broadcast, Errand, Returned
from hzdsl.run.cluster.workers import Workers
from hzdsl.run.inputs.columns import Reads
from hzdsl.run.inputs.facts import Fingerprint
from hzdsl.run.options import Options
from hzdsl.run.parts.packing import from_bytes
from hzdsl.run.plan.items import WorkItem, item_size, work_items
from hzdsl.run.plan.plan import Plan
from hzdsl.run.spans import Ranges, count
from hzdsl.run.work.done import Done, Loss
from hzdsl.version import __version__

#: Errands per thread of the workers at least, where there are enough of them.
SHARE = 8
T = TypeVar("T")


def on_cluster(plan: Plan, values: Mapping[str, Number], options: Options, left: Sequence[Ranges]) -> Iterator[Done]:
    """Yield what became of the items that are left, in groups as they are done.

    Raises
    ------
    HzdslError
        What no repetition mends; `cluster`.
    """
    wire = Wire(plan, values, options)
    workers = Workers(options.client, options.watch, options.stop)
    cluster = Cluster(workers, Tools(wire.broadcast().packed()))
    options = replace(options, threads=workers.threads())
    per_errand = items_per_errand(sum(map(count, left)), item_size(options, left), options.threads)
    errands = wire.errands(work_items(plan, options, left), per_errand)
    for group, returned in cluster.returned(wire.groups(errands, group_size(options.threads))):
        for event in returned.told:
            options.watch.pass_on(event)
        if returned.error is not None:
            raise returned.error
        yield wire.done(group, returned)


def items_per_errand(entries: int, size: int, threads: int) -> int:
    """Return how many items one task does: few enough for all threads, many where the scheduler had too many tasks.

    Examples
    --------
    >>> [items_per_errand(entries, 200_000, threads=100) for entries in (10**6, 10**9, 10**12)]
    [1, 6, 32]
    """
    return pieces_per_task(entries // size, SHARE * threads)


def runs(items: Iterable[T], key: Callable[[T], Hashable], most: int) -> Iterator[list[T]]:
    """Yield consecutive items of one key, at most so many at a time; `items` are taken as they are needed.

    Examples
    --------
    >>> list(runs("aaabba", str.upper, 2))
    [['a', 'a'], ['a'], ['b', 'b'], ['a']]
    """
    for _, same in groupby(items, key):
        while batch := list(islice(same, most)):
            yield batch


class Wire:
    """What a plan is called on the way to workers and back: programs, files and what is read of them have numbers."""

    def __init__(self, plan: Plan, values: Mapping[str, Number], options: Options) -> None:
        self._values, self._options = values, options
        self._trees = plan.trees
        self._files = {id(tree): i for i, tree in enumerate(self._trees)}
        self._programs: dict[int, int] = {}
        self._reads: dict[str, int] = {}
        self._executed: list[Program] = []
        self._read: list[Reads] = []
        self._of_sample = [self._program(job.bound.program) for job in plan.jobs]
        self._of_file = [self._reading(tree.reads) for tree in self._trees]

    def broadcast(self) -> Broadcast:
        """Return what all workers are told."""
        options = self._options
        executed, read = tuple(self._executed), tuple(self._read)
        name, tables = options.backend.name, options.tables
        how = options.remote, options.trust_files, options.retry
        return Broadcast(__version__, name, executed, read, self._values, tables, os.getcwd(), *how)

    def errands(self, items: Iterable[WorkItem], most: int) -> Iterator[Errand]:
        """Yield items of work as errands, each of one tree and at most so many."""
        for some in runs(items, lambda item: self._files[id(item.tree)], most):
            tree, sample = some[0].tree, some[0].number
            file = self._files[id(tree)]
            ranges = tuple((item.start, item.stop) for item in some)
            about = tree.path, tree.name, tree.fingerprint or Fingerprint()
            yield Errand(0, sample, tree.first, file, *about, self._of_sample[sample], self._of_file[file], ranges)

    def groups(self, errands: Iterable[Errand], most: int) -> Iterator[list[Errand]]:
        """Yield errands for one sample in groups, numbered."""
        for some in runs(errands, lambda e: e.sample, most):
            yield [e._replace(number=i) for i, e in enumerate(some)]

    def done(self, errands: list[Errand], returned: Returned) -> Done:
        """Return what was brought back as what was done."""
        for file, traffic in returned.fetched:
            self._trees[file].read_elsewhere(traffic)
        sample, trees = errands[0].sample, self._trees
        losses = [Loss(WorkItem(sample, trees[x.file], x.start, x.stop), x.error, x.attempts) for x in returned.lost]
        tried = [WorkItem(sample, trees[e.file], start, stop) for e in errands for start, stop in e.ranges]
        parts = () if returned.part is None else (from_bytes(returned.part),)
        return Done(tuple(tried), parts, tuple(losses), returned.seconds)

    def _program(self, program: Program) -> int:
        if id(program) not in self._programs:
            self._programs[id(program)] = len(self._executed)
            self._executed.append(program)
        return self._programs[id(program)]

    def _reading(self, reads: Reads) -> int:
        said = repr(reads)
        if said not in self._reads:
            self._reads[said] = len(self._read)
            self._read.append(reads)
        return self._reads[said]
