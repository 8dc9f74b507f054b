"""All parameters of a likelihood as a list in its graph, for expressions that refer to them by number."""

from __future__ import annotations

from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE


def collection(name: str, parent: Node = EVENT) -> Node:
    """Return a list of a model, per position of another one."""
    return make("collection", parent, name=name)


def numbers(axis: Node, name: str) -> Node:
    """Return a column of f64 along an axis."""
    return make("column", axis, name=name, attr=name.rpartition(".")[2], dtype=DType.F64, unit=NONE)


def reference(axis: Node, name: str, into: Node) -> Node:
    """Return the elements of a list that a column of numbers along an axis names; it surely does."""
    index = make("column", axis, name=name, attr=name.rpartition(".")[2], dtype=DType.I64, unit=NONE)
    return make("link", index, into, sure=True)


def of(reference_: Node, value: Node) -> Node:
    """Return a value at what is referred to."""
    return make("take", value, reference_)


#: All parameters, in their order, and one more that is always 1.
PARAMETERS = collection("parameters")
THETA = numbers(PARAMETERS, "parameters.value")


def parameter(axis: Node, name: str) -> Node:
    """Return the value of the parameter that a column along an axis names."""
    return of(reference(axis, name, PARAMETERS), THETA)
