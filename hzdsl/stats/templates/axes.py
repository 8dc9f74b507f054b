"""The axes of a binned model, and the columns that its graph reads: what is data, and along what."""

from __future__ import annotations

from hzdsl.ir.node import Node, make
from hzdsl.stats.lists import collection, numbers

CHANNELS = collection("channels")
BINS = collection("bins", CHANNELS)
PROCESSES = collection("processes", CHANNELS)
#: For each bin all processes of its channel.
CELLS = make("per", PROCESSES, BINS)
#: The process of a cell.
OF_CELL = make("under", CELLS)
COUNTS = numbers(BINS, "bins.count")


def effects(name: str) -> Node:
    """Return the list of one kind of effects of each process."""
    return collection(name, PROCESSES)


def in_cells(effect: Node) -> Node:
    """Return the axis of the effects of the process of each cell."""
    return make("at", OF_CELL, effect)
