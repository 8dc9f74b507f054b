"""Rows of the reductions: over the innermost axis, in order, skipping what is missing."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from hzdsl.backends.base import NUMPY
from hzdsl.backends.interpret.evaluation import Evaluation, Row
from hzdsl.backends.interpret.references import best_positions
from hzdsl.backends.interpret.values import NOWHERE, Positions, Value
from hzdsl.ir.node import Node


def _reduced(node: Node, run: Evaluation) -> tuple[Value, Positions]:
    axis = node.args[0].type.axis
    assert axis is not None
    return run.value(node.args[0]), run.positions(axis)


def _accumulated(ufunc: np.ufunc, start: int) -> Row:
    """Return the row of a reduction whose accumulator meets one position after the other.

    ``ufunc.at`` is unbuffered: it applies the operation in the order of the positions and in the type of the
    accumulator (``reduceat`` adds pairwise).
    """

    def row(node: Node, run: Evaluation) -> Value:
        value, positions = _reduced(node, run)
        data, outer = value.data, positions.outer
        if value.valid is not None:
            data, outer = data[value.valid], outer[value.valid]
        total = np.full(positions.parents, start, NUMPY[node.type.dtype])
        ufunc.at(total, outer, data.astype(total.dtype, copy=False))
        return Value(total)

    return row


def _extreme(least: bool) -> Row:
    """Return the row of min or max, by the first position that holds it: of 0.0 and -0.0 the first stays."""

    def row(node: Node, run: Evaluation) -> Value:
        value, positions = _reduced(node, run)
        at = best_positions(positions, [value], least)
        found = at != NOWHERE
        extreme = np.zeros(positions.parents, value.data.dtype)
        extreme[found] = value.data[at[found]]
        return Value(extreme, found if node.type.optional else None)

    return row


def _any(node: Node, run: Evaluation) -> Value:
    value, positions = _reduced(node, run)
    found = np.zeros(positions.parents, np.bool_)
    found[positions.outer[value.data]] = True  # data are false where missing
    return Value(found)


def _count(node: Node, run: Evaluation) -> Value:
    return Value(run.positions(node.args[0]).counts)


REDUCTIONS: MappingProxyType[str, Row] = MappingProxyType(
    {
        "sum": _accumulated(np.add, 0),
        "prod": _accumulated(np.multiply, 1),
        "min": _extreme(least=True),
        "max": _extreme(least=False),
        "any": _any,
        "count": _count,
    }
)
