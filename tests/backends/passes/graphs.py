"""Random graphs of likelihoods over every kind of loop, random data for them, and their values by the interpreter.

The lists are those of binned models, with others beside them: channels of bins and of processes, effects of processes;
all processes of each bin (cells), the effects of each cell; parameters that anything refers to by number; a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import Array, Chunk, Program
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.backends.passes.data import Bound, Lists
from hzdsl.backends.passes.program import compile_graph
from hzdsl.backends.passes.structure import wide_axes
from hzdsl.ir import build
from hzdsl.ir.axes import EVENT, stands_for
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE
from tests.fuzz.choosers import Chooser

T = TypeVar("T")
Vector = npt.NDArray[np.float64]


def collection(name: str, parent: Node = EVENT) -> Node:
    return make("collection", parent, name=name)


CHANNELS, PARAMETERS, POINTS = (collection(n) for n in ("channels", "parameters", "points"))
BINS, PROCESSES = (collection(n, CHANNELS) for n in ("bins", "processes"))
EFFECTS = collection("effects", PROCESSES)
CELLS = make("per", PROCESSES, BINS)
OF_CELL = make("under", CELLS)
PARTS = make("at", OF_CELL, EFFECTS)
OF_PART = make("under", PARTS)
ROW = make("row", EVENT, n=3)
STORED = (CHANNELS, PARAMETERS, POINTS, BINS, PROCESSES, EFFECTS)
#: Which axes are summed over from where, and which values an axis can be given from outside.
INSIDE: Mapping[Node, tuple[Node, ...]] = {
    EVENT: (CHANNELS, PARAMETERS, POINTS, ROW),
    CHANNELS: (BINS, PROCESSES),
    BINS: (CELLS,),
    PROCESSES: (EFFECTS,),
    CELLS: (PARTS,),
}
OUTSIDE: Mapping[Node, Node] = {inner: outer for outer, found in INSIDE.items() for inner in found}
P, Q = build.param("p", 0.5), build.param("q", 0.5)


def column(axis: Node, attr: str, dtype: DType = DType.F64) -> Node:
    name = {CELLS: "cells", PARTS: "parts", EVENT: "event", ROW: "row"}.get(axis) or axis.text("name")
    return make("column", axis, name=f"{name}.{attr}", attr=attr, dtype=dtype, unit=NONE)


def link(axis: Node, into: Node) -> Node:
    """Return the parameter, the position of the row, or the process of the same channel that a column names."""
    name = {ROW: "k", PROCESSES: "process"}.get(into, "parameter")
    return make("link", column(axis, name, DType.I64), into, sure=True)


THETA = column(PARAMETERS, "value")


class Grower:
    """Grows values along axes: numbers between about -2 and 2, smooth in what they are made of."""

    #: A condition per event.
    _fixed = make("lt", P, Q)

    def __init__(self, pick: Chooser) -> None:
        self._pick = pick

    def value(self, axis: Node, depth: int) -> Node:
        """Return a value along an axis, made of at most so many others in one another."""
        if depth <= 0:
            return self._leaf(axis)
        ways = [self._sum_or_difference, self._product, self._function, self._where, self._from_outside]
        ways += [self._summed, self._summed] if axis in INSIDE else []
        ways += [self._taken, self._taken] if axis not in (EVENT, ROW) else []
        ways += [self._collected] if axis in (PARAMETERS, PROCESSES, EFFECTS, ROW) else []
        return self._of(ways)(axis, depth - 1)

    def _of(self, choices: Sequence[T]) -> T:
        return choices[self._pick(len(choices))]

    def _leaf(self, axis: Node) -> Node:
        if axis is EVENT:
            return self._of([P, Q, build.const(0.75)])
        if axis is ROW:
            return make("stack", P, Q, build.const(-0.5), ROW)
        own = [column(axis, "a"), column(axis, "b"), make("lift", self._of([P, Q]), axis)]
        own += [make("cast", make("count", inner), dtype=DType.F64) for inner in INSIDE.get(axis, ())]
        return self._of([*own, THETA] if axis is PARAMETERS else own)

    def _sum_or_difference(self, axis: Node, depth: int) -> Node:
        return make(self._of(["add", "sub"]), self.value(axis, depth), self.value(axis, depth))

    def _product(self, axis: Node, depth: int) -> Node:
        return make("mul", self.value(axis, depth), self.value(axis, depth))

    def _function(self, axis: Node, depth: int) -> Node:
        """Sines, and what exp, log and pow are of them: all stays of the order of 1."""
        x = make("math", self.value(axis, depth), name="sin")
        two = make("lift", build.const(2.0), axis) if axis is not EVENT else build.const(2.0)
        positive = make("add", two, x)
        ways = [x, make("math", x, name="exp"), make("math", positive, name="log"), make("div", x, positive)]
        return self._of([*ways, make("pow", positive, x), make("math", positive, name="sqrt")])

    def _where(self, axis: Node, depth: int) -> Node:
        return make("where", self._condition(axis), self.value(axis, depth), self.value(axis, depth))

    def _condition(self, axis: Node) -> Node:
        """Return a condition that does not follow parameters: there are no kinks."""
        if axis in (EVENT, ROW):
            return make("lift", self._fixed, axis) if axis is ROW else self._fixed
        ways = [make("lt", column(axis, "a"), column(axis, "b")), make("lift", self._fixed, axis)]
        ways.append(make("eq", column(axis, "k", DType.I64), make("lift", build.const(1), axis)))
        if axis in (CELLS, PARTS):
            ways.append(make("take", self._condition(stands_for(axis)), make("under", axis)))
        return self._of(ways)

    def _from_outside(self, axis: Node, depth: int) -> Node:
        return make("lift", self.value(OUTSIDE[axis], depth), axis) if axis is not EVENT else self._leaf(EVENT)

    def _summed(self, axis: Node, depth: int) -> Node:
        return make("sum", self.value(self._of(INSIDE[axis]), depth))

    def _taken(self, axis: Node, depth: int) -> Node:
        references = [link(axis, PARAMETERS), link(axis, ROW)]
        references += {CELLS: [OF_CELL] * 3, PARTS: [OF_PART] * 3, BINS: [link(BINS, PROCESSES)]}.get(axis, [])
        reference = self._of(references)
        assert reference.type.target is not None
        return make("take", self.value(reference.type.target, depth), reference)

    def _collected(self, axis: Node, depth: int) -> Node:
        if axis in (PARAMETERS, ROW):
            source = self._of([POINTS, BINS, EFFECTS, CELLS, PROCESSES, PARTS, CHANNELS])
            return make("collect", self.value(source, depth), link(source, axis))
        source, reference = (CELLS, OF_CELL) if axis is PROCESSES else (PARTS, OF_PART)
        return make("collect", self.value(source, depth), reference)


# ---- data ------------------------------------------------------------------------------------------------------------


def counts_for(rng: np.random.Generator) -> dict[Node, npt.NDArray[np.int64]]:
    """Return lengths of lists: none, one, exactly and not exactly as many as there are lanes."""
    lengths = [0, 1, 1, 2, 3, 4, 5, 8, 9, 13]
    channels = int(rng.choice([1, 2, 3]))
    bins = rng.choice(lengths, channels)
    processes = np.where(bins > 0, rng.choice([1, 2, 3], channels), rng.choice([0, 1], channels))
    return {
        CHANNELS: np.array([channels]),
        PARAMETERS: np.array([int(rng.choice([1, 4, 5, 11]))]),
        POINTS: np.array([int(rng.choice([*lengths, 33]))]),
        BINS: bins,
        PROCESSES: processes,
        EFFECTS: rng.choice([0, 1, 2, 5], int(processes.sum())),
    }


def data_for(nodes: Sequence[Node], seed: int) -> tuple[dict[Node, Array], dict[Node, npt.NDArray[np.int64]]]:
    """Return columns for graphs, and the lengths of lists."""
    rng = np.random.default_rng(seed)
    counts = counts_for(rng)
    lists = Lists(counts, wide_axes([*STORED, PARTS]))
    columns: dict[Node, Array] = {}
    for n in topological(nodes):
        if n.op == "column":
            size = lists.total(n.args[0])
            into = {"k": 3, "parameter": int(counts[PARAMETERS][0])}.get(n.text("attr"))
            columns[n] = rng.uniform(-1, 1, size) if into is None else rng.integers(0, into, size)
            if n.text("attr") == "process":
                columns[n] = rng.integers(0, np.repeat(counts[PROCESSES], counts[BINS]))
    return columns, counts


# ---- values ----------------------------------------------------------------------------------------------------------


def interpreted(
    nodes: Sequence[Node],
    columns: Mapping[Node, Array],
    counts: Mapping[Node, npt.NDArray[np.int64]],
    params: Mapping[str, float],
) -> list[Vector]:
    """Return what the interpreter finds: one event."""
    offsets = {c.text("name"): np.concatenate([[0], np.cumsum(n)]).astype(np.int64) for c, n in counts.items()}
    chunk = Chunk(1, {c.text("name"): v for c, v in columns.items()}, offsets)
    kernel = InterpretBackend().compile(Program(dumps=tuple(nodes)))
    return [np.asarray(d.values, float) for d in kernel.run(chunk, dict(params)).dumps]


def compiled(
    nodes: Sequence[Node],
    columns: Mapping[Node, Array],
    counts: Mapping[Node, npt.NDArray[np.int64]],
    params: Mapping[str, float],
) -> list[Vector]:
    """Return what passes find."""
    function = compile_graph(nodes)
    bound = Bound(function, columns, counts)
    for _ in range(2):  # whatever a call leaves behind, the next one does not see it
        results = bound([params[p.text("name")] for p in function.params])
    per_event = {n: results[k : k + 1] for k, n in enumerate(nodes)}
    return [per_event[n] if n.type.axis is EVENT else bound.along(n) for n in nodes]
