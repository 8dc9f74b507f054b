"""The axes of a binned model, and the columns that its graph reads: what is data, and along what."""

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


#: All parameters, in their order, and one more that is always 1.
PARAMETERS = collection("parameters")
THETA = numbers(PARAMETERS, "parameters.value")
CHANNELS = collection("channels")
BINS = collection("bins", CHANNELS)
PROCESSES = collection("processes", CHANNELS)
#: For each bin all processes of its channel.
CELLS = make("per", PROCESSES, BINS)
#: The process of a cell.
OF_CELL = make("under", CELLS)
COUNTS = numbers(BINS, "bins.count")
NORMALS = collection("normals")
COUNTED = collection("counted")


def effects(name: str) -> Node:
    """Return the list of one kind of effects of each process."""
    return collection(name, PROCESSES)


def in_cells(effect: Node) -> Node:
    """Return the axis of the effects of the process of each cell."""
    return make("at", OF_CELL, effect)
