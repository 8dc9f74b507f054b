"""The interpreting backend: whole columns at a time, the living definition of every operation.

NumPy does what IEEE 754 or the width of an integer decides, numexpr the functions of the C library, awkward
the combinations of particles, boost-histogram the bins.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hzdsl.backends.base import Kernel, Program
from hzdsl.backends.interpret.axes import AXES
from hzdsl.backends.interpret.columns import COLUMNS
from hzdsl.backends.interpret.elementwise import ELEMENTWISE
from hzdsl.backends.interpret.evaluation import Evaluation, Row
from hzdsl.backends.interpret.kernel import InterpretKernel
from hzdsl.backends.interpret.reductions import REDUCTIONS
from hzdsl.backends.interpret.references import REFERENCES
from hzdsl.backends.interpret.tables import TABLES

__all__ = ["ROWS", "Evaluation", "InterpretBackend", "Row"]

#: How each operation of `hzdsl.ir.ops.OPS` is evaluated.
ROWS: Mapping[str, Row] = MappingProxyType({**COLUMNS, **AXES, **REFERENCES, **REDUCTIONS, **ELEMENTWISE, **TABLES})


class InterpretBackend:
    """Evaluates the graph column by column.

    Parameters
    ----------
    rows : mapping of str to Row, optional
        Replaces `ROWS`; for tests, which inject a fault and see whether anyone notices.

    Examples
    --------
    >>> import numpy as np
    >>> from hzdsl.backends.base import Chunk, Program
    >>> from hzdsl.ir.build import arithmetic, const
    >>> kernel = InterpretBackend().compile(Program(dumps=(arithmetic("add", const(1), const(2)),)))
    >>> kernel.run(Chunk(2, {}, {}), {}).dumps[0].values
    array([3, 3])
    """

    name = "interpret"

    def __init__(self, rows: Mapping[str, Row] | None = None) -> None:
        self._rows = ROWS if rows is None else MappingProxyType(dict(rows))

    def compile(self, program: Program) -> Kernel:
        """Return the program with its order of evaluation."""
        return InterpretKernel(program, self._rows)
