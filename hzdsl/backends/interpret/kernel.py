"""Running a program on a chunk: every node once for the same events, operands first.

Values are forgotten after their last use.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hzdsl.backends.base import Chunk, Number, Partial, Program
from hzdsl.backends.interpret.evaluation import Row
from hzdsl.backends.interpret.passage import Passage
from hzdsl.backends.interpret.stages import stages


class InterpretKernel:
    """A program and the stages of its evaluation; holds nothing that a run changes."""

    def __init__(self, program: Program, rows: Mapping[str, Row]) -> None:
        self._program, self._rows = program, rows
        self._stages = {tables: stages(program, tables) for tables in (False, True)}

    def run(self, chunk: Chunk, parameters: Mapping[str, Number], tables: bool = False) -> Partial:
        """Execute the program on one chunk."""
        with np.errstate(all="ignore"):
            return Passage(self._program, self._rows, chunk, parameters, tables).through(self._stages[tables])

    def working_bytes(self, longest: Mapping[str, int]) -> None:
        """Return None: columns of all candidates are as many as the events of a chunk have."""
