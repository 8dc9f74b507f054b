"""Values of expressions over rows, in NumPy: for toys, plots and checks (fits have compiled likelihoods)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import Backend, Chunk, Program
from hzdsl.errors import HzdslError
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, bits_float
from hzdsl.lang.values import Value
from hzdsl.stats.densities.quadrature import constants
from hzdsl.stats.observable import ROWS
from hzdsl.stats.parameters import Vector


class RowEvaluator:
    """Expressions made ready: one event whose lists are the rows.

    Parameters
    ----------
    values : sequence of Value
        Along the event axis, or that of rows.
    backend : Backend, optional
        What evaluates them: the interpreter, unless another one is given.

    Examples
    --------
    >>> import hzdsl as hz
    >>> x, mean = hz.observable("x", 0, 10), hz.parameter("mean", 5.0)
    >>> RowEvaluator([(x - mean)**2])({"x": np.array([4.0, 7.0])}, {"mean": 6.0})
    [array([4., 1.])]
    """

    def __init__(self, values: Sequence[Value], backend: Backend | None = None) -> None:
        if backend is None:
            from hzdsl.backends.interpret import InterpretBackend

            backend = InterpretBackend()
        self._nodes = tuple(v.node for v in values)
        self._program = Program(dumps=tuple(dict.fromkeys(self._nodes)))
        self._kernel = backend.compile(self._program)
        self._constants = constants(self._nodes)

    def __call__(self, columns: Mapping[str, Vector], parameters: Mapping[str, float] | None = None) -> list[Vector]:
        """Return each value: one number per row, or one alone (shape (1,)).

        Parameters
        ----------
        columns : mapping of str to array
            By name; all that are along one axis have one length.
        parameters : mapping of str to float
            Where they differ from where they start.
        """
        chunk = chunk_of(self._program, {**columns, **self._constants})
        values = {n.text("name"): bits_float(n.number("bits")) for n in self._program.parameters()}
        unknown = set(parameters or {}) - set(values)
        known = {name: float(x) for name, x in (parameters or {}).items() if name not in unknown}
        with np.errstate(all="ignore"):
            dumps = self._kernel.run(chunk, {**values, **known}).dumps
        found = dict(zip(self._program.dumps, dumps, strict=True))
        return [np.where(found[n].valid, found[n].values, np.nan).astype(float) for n in self._nodes]

    def scalars(self, parameters: Mapping[str, float] | None = None) -> list[float]:
        """Return values that depend on no rows."""
        assert all(n.type.axis is EVENT for n in self._nodes)
        return [float(v[0]) for v in self({}, parameters)]


def chunk_of(program: Program, columns: Mapping[str, Vector]) -> Chunk:
    """Return the columns that a program reads as one event, whose lists are as long as they are.

    Raises
    ------
    HzdslError
        ``name-unknown`` for a column that is not given, ``arguments`` for columns of one axis that differ in length.
    """
    needed: dict[str, Any] = {}
    lengths: dict[Node, int] = {}
    for node in program.columns():
        name, axis = node.text("name"), node.args[0]
        if name not in columns:
            given = ", ".join(columns) or "none at all"
            raise HzdslError("name-unknown", f"there is no column '{name}'", fix=f"given: {given}")
        needed[name] = np.ascontiguousarray(columns[name], float)
        if lengths.setdefault(axis, len(needed[name])) != len(needed[name]):
            what = f"column '{name}' has {len(needed[name])} rows, others beside it {lengths[axis]}"
            raise HzdslError("arguments", what, fix="give columns of equal length")
    for axis in program.collections():
        if axis not in lengths:  # of a uniform density no column is asked for, and there is a value for each row
            lengths[axis] = _rows(axis, columns)
    offsets = {a.text("name"): np.array([0, n], np.int64) for a, n in lengths.items() if a is not EVENT}
    return Chunk(1, needed, offsets)


def _rows(axis: Node, columns: Mapping[str, Vector]) -> int:
    """Return how many rows an axis has of whose columns none is needed: as many as any of them has."""
    prefix = "" if axis is ROWS else f"{axis.text('name')}."
    return next((len(column) for name, column in columns.items() if name.startswith(prefix)), 0)


def as_array(x: Any, what: str) -> npt.NDArray[np.float64]:
    """Return one number for each row as f64.

    Raises
    ------
    HzdslError
        ``dtype`` where it is something else, or has another shape than (rows,).
    """
    fix = "give one number for each row, in one list"
    try:
        values = None if np.iscomplexobj(x) else np.asarray(x, float)
    except (TypeError, ValueError):
        values = None
    if values is None:
        raise HzdslError("dtype", f"{what} is not a column of numbers: {x!r:.60}", fix=fix)
    if values.ndim != 1:
        shape = f"has the shape {values.shape}, not (rows,)" if values.ndim else "is a single number"
        raise HzdslError("dtype", f"{what} {shape}", fix=fix)
    return values
