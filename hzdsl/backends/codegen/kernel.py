"""Running a compiled program on a chunk: fill the context, call, collect."""

from __future__ import annotations

from collections.abc import Mapping
from ctypes import c_int64, c_void_p
from math import comb, prod

import numpy as np

from hzdsl.backends.base import NUMPY, WORDS, Array, Chunk, Dump, Number, Partial, Program, Sums, Table, add_sums
from hzdsl.backends.codegen.layout import Layout, Scratch
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import default_of
from hzdsl.ir.axes import STANDING, leaf_axes, stands_for, superset
from hzdsl.ir.node import Node, float_bits
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.print import axis_name
from hzdsl.ir.types import DType
from hzdsl.native import Native

#: Bytes of one list of positions, at most.
MOST_SCRATCH = 2**31
_FIRST_GUESS = 8  # positions per entry that a dump's arrays are made for at first


class CompiledKernel:
    """A program as native code."""

    def __init__(self, program: Program, native: Native, layout: Layout) -> None:
        self._program, self._layout = program, layout
        self._native, self._call = native, native.function("kernel", None, c_int64, c_void_p)
        self._parameters = {n.text("name"): n for n in program.parameters()}

    def run(self, chunk: Chunk, parameters: Mapping[str, Number], tables: bool = False) -> Partial:
        """Execute the program on one chunk."""
        capacity = max(64, _FIRST_GUESS * chunk.entries)
        while True:
            run = _Run(self._program, self._layout, chunk, capacity, tables)
            run.set_parameters(self._parameters, parameters)
            self._call(chunk.entries, run.context.ctypes.data)
            needed = int(run.dump_total.max(initial=0))
            if needed <= capacity:
                return run.partial()
            capacity = needed


class _Run:
    """The memory of one call."""

    def __init__(self, program: Program, layout: Layout, chunk: Chunk, capacity: int, tables: bool) -> None:
        self.program, self.chunk, self.tables, self.capacity = program, chunk, tables, capacity
        self.context = np.zeros(len(layout.slots) or 1, dtype=np.int64)
        self._slots, self._layout = layout.slots, layout
        self._kept: list[Array] = []
        rows = [chunk.entries if tables and s.listed else 1 for s in program.selections]
        self.passed = np.zeros(sum(len(s.cuts) for s in program.selections) or 1, dtype=np.int64)
        self.nans = np.zeros(len(program.fills) or 1, dtype=np.int64)
        self.counts = [np.zeros([b.bins + 2 for b in f.binnings], dtype=np.int64) for f in program.fills]
        self.open, self.accepted = np.zeros(1, np.bool_), np.zeros(1, np.int64)
        self.inside = np.zeros(len(program.selections) or 1, np.bool_)
        self.overlaps = np.full((len(program.apart), 2), (0, -1), np.int64)
        self.flows = [_no_sums((len(s.cuts) + 1,), len(s.weights)) for s in program.selections]
        self.sums = [_no_sums(c.shape, len(f.weights)) for c, f in zip(self.counts, program.fills, strict=True)]
        self.table_rows = np.zeros(len(program.selections) or 1, dtype=np.int64)
        self.table_entry = [np.empty(n, dtype=np.int64) for n in rows]
        self.table_columns = [
            [np.empty(n, NUMPY[o.type.dtype]) for o in s.outputs] for n, s in zip(rows, program.selections, strict=True)
        ]
        self.table_valid = [
            [np.empty(n, np.bool_) for _ in s.outputs] for n, s in zip(rows, program.selections, strict=True)
        ]
        self.dump_total = np.zeros(len(program.dumps) or 1, dtype=np.int64)
        self.dump_counts = [np.zeros(chunk.entries or 1, dtype=np.int64) for _ in program.dumps]
        self.dump_values = [np.zeros(*_dump_shape(n, capacity)) for n in program.dumps]
        self.dump_valid = [np.zeros(capacity, dtype=np.bool_) for _ in program.dumps]
        for slot, index in layout.slots.items():
            if slot[0] != "param":
                self.context[index] = self._content(slot)

    def _content(self, slot: tuple[object, ...]) -> int:
        kind, keys = slot[0], slot[1:]
        if kind in ("tables", "dump_capacity", "swapped"):
            return {"tables": int(self.tables), "dump_capacity": self.capacity, "swapped": int(self.chunk.swapped)}[
                kind
            ]
        if kind == "column":
            return self._address(_padded(self.chunk.columns[str(keys[0])], 1))
        if kind == "offsets":
            return self._address(_padded(self.chunk.offsets[str(keys[0])], 2))
        if kind == "scratch":
            assert isinstance(keys[0], int)
            need = self._layout.scratch[keys[0]]
            return self._address(np.empty(_bytes(need, self.chunk), dtype=np.uint8))
        if kind == "numbers":
            assert isinstance(keys[0], Numbers)
            return self._address(np.frombuffer(keys[0].data, np.uint8))
        return self._address(self._result(str(kind), keys))

    def _result(self, kind: str, keys: tuple[object, ...]) -> Array:
        """Return one of the arrays that the kernel writes."""
        arrays = {
            "passed": self.passed, "nans": self.nans, "counts": self.counts, "table_rows": self.table_rows,
            "table_entry": self.table_entry, "table_column": self.table_columns, "table_valid": self.table_valid,
            "dump_total": self.dump_total, "dump_counts": self.dump_counts, "dump_values": self.dump_values,
            "dump_valid": self.dump_valid, "open": self.open, "accepted": self.accepted, "inside": self.inside,
            "overlaps": self.overlaps, "flows": self.flows, "sums": self.sums,
        }  # fmt: skip
        found = arrays[kind]
        for key in keys:
            found = found[key]  # type: ignore[index]
        assert isinstance(found, np.ndarray)
        return found

    def _address(self, array: Array) -> int:
        self._kept.append(array)
        return int(array.ctypes.data)

    def set_parameters(self, nodes: Mapping[str, Node], values: Mapping[str, Number]) -> None:
        """Write the parameters' values, defaults where none is given."""
        for name, node in nodes.items():
            index = self._slots.get(("param", name))
            if index is not None:
                value = values.get(name, default_of(node))
                self.context[index] = float_bits(float(value)) if node.type.dtype is DType.F64 else int(value)

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
        """Return the weights after each cut: of events that end at a cut, those at later ones are added."""
        totals: dict[tuple[Node, ...], Sums] = {}
        for selection, flow in zip(self.program.selections, self.flows, strict=True):
            flow[0] = totals.setdefault(selection.weights, flow[0])
            for k in reversed(range(1, len(flow) - 1)):
                add_sums(flow[k], flow[k + 1])
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


def _padded(array: Array, least: int) -> Array:
    """Return a contiguous array of at least `least` elements: a missing reference reads element 0."""
    if len(array) >= least:
        return np.ascontiguousarray(array)
    return np.concatenate([array, np.zeros(least - len(array), dtype=array.dtype)])


def _bytes(need: Scratch, chunk: Chunk) -> int:
    """Return the size of a piece of scratch memory, or refuse a list that is beyond reason."""
    size = _capacity(need.axis, chunk) * need.size + 8
    if size > MOST_SCRATCH:
        raise HzdslError(
            "unsupported",
            f"{axis_name(need.axis)} can have {size // need.size:.2g} positions in one event: too many to sort or keep",
            fix="select fewer elements before combining them, or choose with argmin instead of sort",
        )
    return size


def _capacity(axis: Node, chunk: Chunk) -> int:
    """Return how many positions `axis` can have, per position of its parent, in this chunk."""
    while axis.type.hi is None and (above := superset(axis)) is not None:
        axis = above
    if axis.type.hi is not None:
        return axis.type.hi
    if axis.op == "collection":
        return int(np.diff(chunk.offsets[axis.text("name")]).max(initial=0))
    if axis.op in STANDING:
        return _capacity(stands_for(axis), chunk)
    parts = [_capacity(a, chunk) for a in axis.args if a.is_axis]
    if axis.op == "choose":
        return comb(parts[0], axis.number("n"))
    if axis.op == "union":
        return sum(parts)
    return prod(parts) if axis.op == "product" else parts[0]
