"""Looking at the trees of a run by the workers of a cluster, some trees a task: what they see is as if seen here."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from distributed import Future, KilledWorker

from hzdsl.errors import HzdslError
from hzdsl.run.cluster.dask import AHEAD, Tools, pieces_per_task, survey
from hzdsl.run.cluster.inquiry import inquiry, packed_trees
from hzdsl.run.cluster.surveyor import Surveyor
from hzdsl.run.cluster.workers import Workers, ended_again
from hzdsl.run.inputs.facts import Facts
from hzdsl.run.inputs.survey import Question
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.options import Options

#: Tasks per thread of the workers at least, where there are enough trees.
SHARE = 4


def trees_per_task(trees: int, threads: int) -> int:
    """Return how many trees one task looks at: few enough for all threads, many where the scheduler had too many tasks.

    Examples
    --------
    >>> [trees_per_task(trees, threads=10) for trees in (3, 1000, 10**6)]
    [1, 25, 32]
    """
    return pieces_per_task(trees, SHARE * threads)


class ClusterSurvey:
    """Looks at trees as `hzdsl.run.inputs.survey.survey_here` does, and finds the same, on the workers of a client."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._workers = Workers(options.client, options.watch)

    def __call__(self, trees: Sequence[InputTree], question: Question) -> Generator[Facts | HzdslError, None, None]:
        """Yield what is found of each tree, in their order.

        Raises
        ------
        HzdslError
            `cluster` where the connection is lost, or workers end again and again; `graph-format` where they have
            another version of hzdsl.
        """
        if not trees:
            return
        told = inquiry(question, (tree.sample for tree in trees), self._options)
        with self._workers.told(Tools(told.packed(), Surveyor)) as run:
            yield from self._seen(run, trees)

    def _seen(self, run: str, trees: Sequence[InputTree]) -> Iterator[Facts | HzdslError]:
        threads = self._workers.threads()
        size = trees_per_task(len(trees), threads)
        sent: deque[tuple[Future[Any], Sequence[InputTree]]] = deque()
        for number, at in enumerate(range(0, len(trees), size)):
            some = trees[at : at + size]
            key = f"survey-{run}", 0, 0, number
            sent.append((self._workers.send({key: (survey, run, packed_trees(some))}, key, -number), some))
            if len(sent) >= AHEAD * threads:
                yield from self._next(*sent.popleft())
        while sent:
            yield from self._next(*sent.popleft())

    def _next(self, future: Future[Any], trees: Sequence[InputTree]) -> Iterator[Facts | HzdslError]:
        self._workers.wait(future)
        try:
            seen = future.result()
        except KilledWorker as error:
            what = f"looked at {trees[0].path} and {len(trees) - 1} more files"
            raise ended_again(error, what, "leave these out") from None
        if isinstance(seen, HzdslError):
            raise seen
        for tree, (found, traffic) in zip(trees, seen, strict=True):
            tree.read_elsewhere(traffic)
            yield found
