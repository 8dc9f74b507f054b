"""Running a program on a chunk: every node once, operands first, values forgotten after their last use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from hzdsl.backends.base import Chunk, Number, Partial, Program
from hzdsl.backends.interpret import sinks
from hzdsl.backends.interpret.evaluation import Evaluation, Row
from hzdsl.ir.node import Node, topological


@dataclass(frozen=True)
class Step:
    """One node to evaluate, and the values that nothing needs afterwards."""

    node: Node
    row: Row
    released: tuple[Node, ...]


def schedule(roots: list[Node], rows: Mapping[str, Row]) -> tuple[Step, ...]:
    """Return the steps that evaluate `roots`."""
    order, needed = topological(roots), set(roots)
    steps: list[Step] = []
    for node in reversed(order):
        last_used = [a for a in dict.fromkeys(node.args) if a not in needed and not a.is_axis]
        needed.update(last_used)
        steps.append(Step(node, rows[node.op], tuple(last_used)))
    return tuple(reversed(steps))


class InterpretKernel:
    """A program and the order in which its nodes are evaluated; holds nothing that a run changes."""

    def __init__(self, program: Program, rows: Mapping[str, Row]) -> None:
        self._program = program
        without_tables = replace(program, selections=tuple(replace(s, outputs=()) for s in program.selections))
        self._steps = {False: schedule(without_tables.roots(), rows), True: schedule(program.roots(), rows)}

    def run(self, chunk: Chunk, parameters: Mapping[str, Number], tables: bool = False) -> Partial:
        """Execute the program on one chunk."""
        run = Evaluation(chunk, parameters)
        with np.errstate(all="ignore"):
            for step in self._steps[tables]:
                run.record(step.node, step.row(step.node, run))
                for node in step.released:
                    run.release(node)
            return self._collect(run, tables)

    def _collect(self, run: Evaluation, tables: bool) -> Partial:
        program = self._program
        seen = sinks.gate(program, run)
        selected = [sinks.select(s, seen, run) for s in program.selections]
        passing = [seen if f.region is None else selected[f.region][0] for f in program.fills]
        filled = [sinks.fill(f, alive, run) for f, alive in zip(program.fills, passing, strict=True)]
        pairs = zip(program.selections, selected, strict=True) if tables else ()
        return Partial(
            entries=run.chunk.entries,
            passed=[passed for _, passed, _ in selected],
            counts=[counts for counts, _, _ in filled],
            nans=[nans for _, nans, _ in filled],
            tables=[sinks.tabulate(s, alive, run) for s, (alive, _, _) in pairs],
            dumps=[sinks.dump(d, run) for d in program.dumps],
            accepted=run.chunk.entries if seen is None else int(np.count_nonzero(seen)),
            flows=[flow for _, _, flow in selected],
            sums=[sums for _, _, sums in filled],
            overlaps=sinks.overlaps(program, [alive for alive, _, _ in selected]),
        )
