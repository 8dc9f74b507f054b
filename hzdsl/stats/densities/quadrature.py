"""Integrals by Gauss-Legendre rules: sums over a constant axis of nodes, so that a loop stays a loop.

The axis ``gauss_legendre_N`` has N positions, and columns with the nodes on [-1, 1] and their weights, which whoever
evaluates a graph adds to the data (`constants`). Where an integral is wanted for each position of another axis (an
observable's rows), the sum runs over all nodes per position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.types import DType
from hzdsl.lang.values import Value, to_node

_PREFIX = "gauss_legendre_"
Columns = dict[str, npt.NDArray[np.float64]]


def integral(f: Callable[[Value], Value], low: Any, high: Any, nodes: int, *others: Any) -> Value:
    """Return the integral of a function of a value from low to high.

    Parameters
    ----------
    f : callable
        The integrand, made for a value along the axis of nodes.
    low, high : Value
        Along the event axis or that of rows.
    nodes : int
        How many; the rule is exact for polynomials of degree 2N - 1.
    others : Value
        What else the integrand is made of, where it may vary along rows.
    """
    outer = build.common_axis(tuple(to_node(v) for v in (low, high, *others)))
    axis = make("collection", EVENT, name=f"{_PREFIX}{nodes}")
    place, weight = (_along(_column(axis, part), outer) for part in ("node", "weight"))
    half = (high - low) * 0.5
    x = (low + high) * 0.5 + half * place
    result: Value = Value(members.reduce("sum", (f(x) * weight).node)) * half
    return result


def _column(axis: Node, part: str) -> Node:
    name = f"{axis.text('name')}.{part}"
    return make("column", axis, name=name, attr=part, dtype=DType.F64, unit=build.const(1.0).type.unit)


def _along(column: Node, outer: Node) -> Value:
    """Return a column of the nodes, for each position of an outer axis all of them."""
    if outer is EVENT:
        return Value(column)
    each = make("per", build.axis_of(column), outer)
    return Value(members.take(column, make("under", each)))


def constants(roots: Iterable[Node]) -> Columns:
    """Return the columns of all rules that values use, by name."""
    found: Columns = {}
    for node in topological(roots):
        if node.op == "collection" and node.text("name").startswith(_PREFIX):
            name = node.text("name")
            found[f"{name}.node"], found[f"{name}.weight"] = rule(int(name.removeprefix(_PREFIX)))
    return found


@lru_cache(maxsize=32)
def rule(nodes: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the nodes and weights of the rule on [-1, 1]."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    return np.ascontiguousarray(x), np.ascontiguousarray(w)
