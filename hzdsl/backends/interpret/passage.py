"""The events of a chunk on their way through the cuts of all regions, and what is found of them on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hzdsl.backends.base import WORDS, Chunk, Counts, Number, Partial, Program, Sums, Table, add_sums
from hzdsl.backends.interpret import sinks
from hzdsl.backends.interpret.evaluation import Evaluation, Row
from hzdsl.backends.interpret.narrowing import narrowed
from hzdsl.backends.interpret.stages import Stage, steps
from hzdsl.backends.interpret.values import Indices, Mask


class Passage:
    """One run over one chunk.

    Where the cuts so far leave less than half of the events, to whatever region, the others are left out of the
    columns, and what follows is evaluated of the rest alone: no value depends on other events.
    """

    def __init__(
        self, program: Program, rows: Mapping[str, Row], chunk: Chunk, parameters: Mapping[str, Number], tables: bool
    ) -> None:
        self._program, self._rows, self._tabulated = program, rows, tables
        self._run = Evaluation(chunk, parameters)
        self._entries = self._accepted = chunk.entries
        self._entry: Indices = np.arange(chunk.entries)  # in the chunk, of each event that is left
        self._alive: dict[int | None, Mask] = {}  # by region; None: those that the gate lets through
        self._passed = [np.zeros(len(s.cuts), np.int64) for s in program.selections]
        self._flows = [np.zeros((len(s.cuts) + 1, len(s.weights), 2, WORDS), np.uint64) for s in program.selections]
        self._passing: dict[int, Indices] = {}
        self._tables: dict[int, Table] = {}
        self._filled: dict[int, tuple[Counts, int, Sums]] = {}

    def through(self, stages: Sequence[Stage]) -> Partial:
        """Go through all stages."""
        opening, *others = stages
        self._evaluate(opening)
        dumps = [sinks.dump(d, self._run) for d in self._program.dumps]
        self._open()
        self._narrow(opening)
        for number, stage in enumerate(others):
            self._evaluate(stage)
            self._finish(stage, number)
            self._alive = {i: self._cut(i, number) for i in stage.cuts}
            self._narrow(stage)
        filled = [self._filled[k] for k in range(len(self._program.fills))]
        return Partial(
            entries=self._entries,
            passed=self._passed,
            counts=[counts for counts, _, _ in filled],
            nans=[nans for _, nans, _ in filled],
            tables=[self._tables[i] for i in range(len(self._tables))],
            dumps=dumps,
            accepted=self._accepted,
            flows=self._flows,
            sums=[sums for _, _, sums in filled],
            overlaps=sinks.overlaps(self._program, self._passing),
        )

    def _evaluate(self, stage: Stage) -> None:
        run = self._run
        for step in steps(stage.roots, stage.later, run, self._rows):
            run.record(step.node, step.row(step.node, run))
            for node in step.released:
                run.release(node)

    def _open(self) -> None:
        """Every region begins with the events that the gate lets through."""
        seen = np.ones(self._entries, np.bool_)
        if self._program.gate is not None:
            seen = self._alive[None] = self._run.value(self._program.gate).data
            self._accepted = int(np.count_nonzero(seen))
        self._alive |= dict.fromkeys(range(len(self._program.selections)), seen)

    def _finish(self, stage: Stage, number: int) -> None:
        """Fill the histograms and tables of the regions that have no more cuts."""
        for i in stage.ends:
            selection, passing = self._program.selections[i], self._alive[i]
            self._weigh(i, number, passing)
            self._passing[i] = self._entry[passing]
            if self._tabulated:
                self._tables[i] = sinks.tabulate(selection, passing, self._entry, self._run)
        for k in stage.fills:
            fill = self._program.fills[k]
            self._filled[k] = sinks.fill(fill, self._alive.get(fill.region), self._run)

    def _cut(self, i: int, number: int) -> Mask:
        """Return which events pass the next cut of a region; note how many, and the weights of the others."""
        cut = self._run.value(self._program.selections[i].cuts[number]).data  # false where missing
        passing: Mask = self._alive[i] & cut
        self._passed[i][number] = np.count_nonzero(passing)
        self._weigh(i, number, self._alive[i] & ~cut)
        return passing

    def _weigh(self, i: int, number: int, ending: Mask) -> None:
        """Add the weights of the events that get no further than a number of cuts to the flow up to there."""
        for k, weight in enumerate(self._program.selections[i].weights):
            here = self._run.value(weight).data[ending]
            sums = sinks.weight_sums(here, np.zeros(len(here), np.int64), 1)
            add_sums(self._flows[i][: number + 1, k], np.broadcast_to(sums[0], (number + 1, 2, WORDS)))

    def _narrow(self, stage: Stage) -> None:
        """Leave out the events that no region has any more, if they are many."""
        if not self._alive:
            return
        left = np.logical_or.reduce(list(self._alive.values()))
        if 2 * np.count_nonzero(left) < len(left):
            self._run = self._run.over(narrowed(self._run.chunk, left, stage.inputs))
            self._entry = self._entry[left]
            self._alive = {i: alive[left] for i, alive in self._alive.items()}
