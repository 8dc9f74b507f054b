"""What a compiled kernel is called with: one array of 64-bit slots, numbered when the code is emitted.

A slot is an address or a number. The emitter asks for slots by what they hold; `hzdsl.backends.codegen.memory` fills
them for each chunk.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import field

from hzdsl.ir.node import Node
from hzdsl.records import dataclass

Slot = tuple[Hashable, ...]
#: How many weights are added at a time.
LANES = 4
#: The base of a sum without summands, which no number is near to; that of no weight, to whose 1.0 it is near.
NO_BASE, PADDING = -1.0, 2.0**-5


def padded(weights: int) -> int:
    """Return for how many weights there is memory."""
    return -(-weights // LANES) * LANES


def near_size(weights: int) -> int:
    """Return how many 64-bit words stand beside the sums of a row: two for each sum, and a count; rows stay aligned."""
    return 4 * padded(weights) + LANES


@dataclass(frozen=True)
class Scratch:
    """Memory for one list or cache: elements of `size` bytes, as many as the axes can have positions per parent."""

    axes: tuple[Node, ...]
    size: int


@dataclass
class Layout:
    """The slots of a kernel, in order, the scratch memory it needs, and how many things are done once per event."""

    slots: dict[Slot, int] = field(default_factory=dict)
    scratch: list[Scratch] = field(default_factory=list)
    collections: dict[Node, int] = field(default_factory=dict)
    once: int = 0

    def index(self, *slot: Hashable) -> int:
        """Return the number of a slot, a new one for a new request."""
        return self.slots.setdefault(slot, len(self.slots))

    def collection_number(self, collection: Node) -> int:
        """Return the number by which particles of a stored collection are told from those of others."""
        return self.collections.setdefault(collection, len(self.collections))

    def new_once(self) -> int:
        """Return the number of something that is done once per event."""
        self.once += 1
        return self.once - 1

    def new_scratch(self, axes: tuple[Node, ...], size: int) -> int:
        """Return the number of a new piece of scratch memory."""
        self.scratch.append(Scratch(axes, size))
        return len(self.scratch) - 1
