"""Rows of tables and keyed random numbers."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from hzdsl.backends.base import NUMPY
from hzdsl.backends.interpret.evaluation import Evaluation, Row
from hzdsl.backends.interpret.values import Data, Value, both, canonical
from hzdsl.ir.node import Node
from hzdsl.ir.numbers import Numbers

_QUIET_NAN = np.uint64(0x7FF8000000000000)


def _row(node: Node, name: str) -> Data:
    numbers = node.attr(name)
    assert isinstance(numbers, Numbers)
    return np.frombuffer(numbers.data, NUMPY[numbers.dtype])


def _search(node: Node, run: Evaluation) -> Value:
    """NumPy sorts NaN behind everything; here it is below all edges."""
    x = run.value(node.args[0])
    found = np.searchsorted(_row(node, "edges"), x.data, side="right")
    return canonical(np.where(x.data == x.data, found, 0).astype(np.int64), x.valid)


def _entry(node: Node, run: Evaluation) -> Value:
    index, values = run.value(node.args[0]), _row(node, "values")
    inside = (index.data >= 0) & (index.data < len(values))
    found = values[np.where(inside, index.data, 0)]
    return canonical(found, both(index.valid, inside) if node.type.optional else None)


def _random(node: Node, run: Evaluation) -> Value:
    """SplitMix64's finaliser over the seed, each key in turn, and the sum once more; the highest 53 bits."""
    keys = [run.value(a) for a in node.args]
    state = _mixed(np.full(len(keys[0].data), node.number("seed"), np.uint64))
    for key in keys:
        state = _mixed(state ^ key.data)
    data = (_mixed(state) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return canonical(data, both(*(k.valid for k in keys)))


def _mixed(z: Data) -> Data:
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    last: Data = z ^ (z >> np.uint64(31))
    return last


def _float_bits(node: Node, run: Evaluation) -> Value:
    x = run.value(node.args[0])
    bits = np.ascontiguousarray(x.data).view(np.uint64)
    return canonical(np.where(x.data == x.data, bits, _QUIET_NAN), x.valid)


TABLES: MappingProxyType[str, Row] = MappingProxyType(
    {"search": _search, "entry": _entry, "random": _random, "float_bits": _float_bits}
)
