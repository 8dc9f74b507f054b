"""Rows of the leaves, and of moving a value to another axis: along the lineage, or through a reference."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from hzdsl.backends.base import NUMPY, Number
from hzdsl.backends.interpret.evaluation import Evaluation, Row
from hzdsl.backends.interpret.values import NOWHERE, Data, Value, uniform
from hzdsl.ir.node import Node, bits_float
from hzdsl.ir.types import DType

# ---- leaves ------------------------------------------------------------------------------------------------


def _const(node: Node, run: Evaluation) -> Value:
    return _repeated(node, run, _default(node))


def _param(node: Node, run: Evaluation) -> Value:
    return _repeated(node, run, run.parameters.get(node.text("name"), _default(node)))


def _default(node: Node) -> Number:
    bits = node.number("bits")
    return bits_float(bits) if node.type.dtype.floating else bits


def _repeated(node: Node, run: Evaluation, number: Number) -> Value:
    return Value(np.broadcast_to(np.array(number, NUMPY[node.type.dtype]), (run.chunk.entries,)))


def _column(node: Node, run: Evaluation) -> Value:
    positions = run.positions(node.args[0])
    data = run.chunk.columns[node.text("name")][positions.first : positions.first + positions.n]
    data = data.astype(data.dtype.newbyteorder("="), copy=False)
    assert data.dtype == NUMPY[node.type.dtype], f"{node!r} is read as {data.dtype}"
    assert len(data) == positions.n, f"{node!r} has {len(data)} values for {positions.n} positions"
    return Value(data)


# ---- moving values -----------------------------------------------------------------------------------------


def _lift(node: Node, run: Evaluation) -> Value:
    """Restrict or broadcast; what repeats one number goes on repeating it."""
    node_value, axis = node.args
    value, coarse = run.value(node_value), node_value.type.axis
    assert coarse is not None
    if value.valid is None and uniform(value.data):
        return Value(np.broadcast_to(value.data[:1], (run.positions(axis).n,)))
    valid = None if value.valid is None else run.spread(value.valid, axis, coarse)
    return Value(run.spread(value.data, axis, coarse), valid)


def _take(node: Node, run: Evaluation) -> Value:
    value, at = (run.value(a) for a in node.args)
    if at.valid is None:
        return Value(value.data[at.data], None if value.valid is None else value.valid[at.data])
    blank = NOWHERE if node.type.dtype is DType.REF else 0
    data = _fetch(value.data, at, blank)
    return Value(data, at.valid if value.valid is None else _fetch(value.valid, at, 0))


def _fetch(data: Data, at: Value, blank: int) -> Data:
    """Return the items referred to, `blank` where the reference is missing."""
    found: Data = np.full(len(at.data), blank, data.dtype)
    found[at.present] = data[at.data[at.present]]
    return found


COLUMNS: MappingProxyType[str, Row] = MappingProxyType(
    {"const": _const, "param": _param, "column": _column, "lift": _lift, "take": _take}
)
