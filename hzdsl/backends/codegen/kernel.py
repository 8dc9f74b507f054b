"""Running a compiled program on a chunk: fill the context, call, collect."""

from __future__ import annotations

from collections.abc import Mapping
from ctypes import c_int64, c_void_p
from typing import Any

import numpy as np

from hzdsl.backends.base import NUMPY, WORDS, Chunk, Dump, Number, Partial, Program, Sums, Table, add_sums
from hzdsl.backends.codegen.layout import Layout
from hzdsl.backends.codegen.memory import Memory, address_of
from hzdsl.ir.analysis import default_of
from hzdsl.ir.axes import leaf_axes
from hzdsl.ir.node import Node, float_bits
from hzdsl.ir.types import DType
from hzdsl.native import Native

_FIRST_GUESS = 8  # positions per entry that a dump's arrays are made for at first


class CompiledKernel:
    """A program as native code."""

    def __init__(self, program: Program, native: Native, layout: Layout, parameters: list[Node]) -> None:
        self._program, self._layout = program, layout
        self._native, self._call = native, native.function("kernel", None, c_int64, c_void_p)
        self._parameters = [
            _Parameter(n, i) for n in parameters if (i := layout.slots.get(("param", n.text("name")))) is not None
        ]

    def run(self, chunk: Chunk, parameters: Mapping[str, Number], tables: bool = False) -> Partial:
        """Execute the program on one chunk."""
        capacity = max(64, _FIRST_GUESS * chunk.entries)
        while True:
            run = _Run(self._program, self._layout, chunk, capacity, tables)
            for parameter in self._parameters:
                run.context[parameter.index] = parameter.bits(parameters)
            self._call(chunk.entries, address_of(run.context))
            needed = int(run.dump_total.max(initial=0))
            if needed <= capacity:
                return run.partial()
            capacity = needed


class _Parameter:
    """A parameter of the kernel: its slot, and how its value is written there."""

    def __init__(self, node: Node, index: int) -> None:
        self.index, self._name = index, node.text("name")
        self._floating, self._default = node.type.dtype is DType.F64, default_of(node)

    def bits(self, values: Mapping[str, Number]) -> int:
        """Return the 64 bits of the value, the default where none is given."""
        value = values.get(self._name, self._default)
        return float_bits(float(value)) if self._floating else int(value)


class _Run:
    """The memory of one call."""

    def __init__(self, program: Program, layout: Layout, chunk: Chunk, capacity: int, tables: bool) -> None:
        self.program, self.chunk, self.tables = program, chunk, tables
        self.passed = np.zeros(sum(len(s.cuts) for s in program.selections) or 1, dtype=np.int64)
        self.nans = np.zeros(len(program.fills) or 1, dtype=np.int64)
        self.counts = [np.zeros([b.bins + 2 for b in f.binnings], dtype=np.int64) for f in program.fills]
        self.accepted = np.zeros(1, np.int64)
        self.overlaps = np.full((len(program.apart), 2), (0, -1), np.int64)
        self.flows = [_no_sums((len(s.cuts) + 1,), len(s.weights)) for s in program.selections]
        self.sums = [_no_sums(c.shape, len(f.weights)) for c, f in zip(self.counts, program.fills, strict=True)]
        self.table_rows = np.zeros(len(program.selections) or 1, dtype=np.int64)
        listed = [(chunk.entries if s.listed else 1, s.outputs) for s in program.selections] if tables else []
        self.table_entry = [np.empty(n, dtype=np.int64) for n, _ in listed]
        self.table_columns = [[np.empty(n, NUMPY[o.type.dtype]) for o in outputs] for n, outputs in listed]
        self.table_valid = [[np.empty(n, np.bool_) for _ in outputs] for n, outputs in listed]
        self.dump_total = np.zeros(len(program.dumps) or 1, dtype=np.int64)
        self.dump_counts = [np.zeros(chunk.entries or 1, dtype=np.int64) for _ in program.dumps]
        self.dump_values = [np.zeros(*_dump_shape(n, capacity)) for n in program.dumps]
        self.dump_valid = [np.zeros(capacity, dtype=np.bool_) for _ in program.dumps]
        numbers = {"tables": int(tables), "dump_capacity": capacity, "swapped": int(chunk.swapped)}
        results: dict[str, Any] = {
            "passed": self.passed, "nans": self.nans, "counts": self.counts, "table_rows": self.table_rows,
            "table_entry": self.table_entry, "table_column": self.table_columns, "table_valid": self.table_valid,
            "dump_total": self.dump_total, "dump_counts": self.dump_counts, "dump_values": self.dump_values,
            "dump_valid": self.dump_valid, "open": np.zeros(1, np.bool_), "accepted": self.accepted,
            "inside": np.zeros(len(program.selections) or 1, np.bool_), "overlaps": self.overlaps,
            "flows": self.flows, "sums": self.sums, "done": np.full(layout.once or 1, -1, np.int64),
        }  # fmt: skip
        self._memory = Memory(layout, chunk, results, numbers)
        self.context = self._memory.context

    def partial(self) -> Partial:
        """Return the results."""
        program, at = self.program, 0
        passed = []
        for s in program.selections:
            passed.append(self.passed[at : at + len(s.cuts)])
            at += len(s.cuts)
        nans = [int(n) for n in self.nans[: len(program.fills)]]
        tables = [self._table(r) for r in range(len(program.selections))] if self.tables else []
        return Partial(
            self.chunk.entries,
            passed,
            self.counts,
            nans,
            tables,
            [self._dump(d) for d in range(len(program.dumps))],
            self.chunk.entries if program.gate is None else int(self.accepted[0]),
            self._flows(),
            self.sums,
            self.overlaps,
        )

    def _flows(self) -> list[Sums]:
        """Return the weights after each cut: to those of events that end at a cut, those at later ones are added.

        The first region of those with the same weights has all events, the others have those that pass a cut.
        """
        totals: dict[tuple[Node, ...], Sums] = {}
        for selection, flow in zip(self.program.selections, self.flows, strict=True):
            known = selection.weights in totals
            for k in reversed(range(int(known), len(flow) - 1)) if selection.weights else ():
                add_sums(flow[k], flow[k + 1])
            flow[0] = totals.setdefault(selection.weights, flow[0])
        return self.flows

    def _table(self, r: int) -> Table:
        n = int(self.table_rows[r])
        outputs = self.program.selections[r].outputs
        columns = [
            (values[:n].copy(), valid[:n].copy() if node.type.optional else None)
            for node, values, valid in zip(outputs, self.table_columns[r], self.table_valid[r], strict=True)
        ]
        return Table(self.table_entry[r][:n].copy(), columns)

    def _dump(self, d: int) -> Dump:
        n = int(self.dump_total[d])
        return Dump(self.dump_counts[d][: self.chunk.entries], self.dump_values[d][:n], self.dump_valid[d][:n])


def _no_sums(rows: tuple[int, ...], weights: int) -> Sums:
    return np.zeros((*rows, weights, 2, WORDS), np.uint64)


def _dump_shape(node: Node, capacity: int) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    if node.type.target is not None:
        return (capacity, len(leaf_axes(node.type.target))), np.dtype(np.int64)
    return (capacity,), NUMPY[node.type.dtype]
