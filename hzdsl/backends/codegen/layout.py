"""What a compiled kernel is called with: one array of 64-bit slots, numbered when the code is emitted.

A slot is an address or a number. The emitter asks for slots by what they hold; `hzdsl.backends.codegen.kernel` fills
them for each chunk.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from hzdsl.ir.node import Node

Slot = tuple[Hashable, ...]


@dataclass(frozen=True)
class Scratch:
    """Memory for one list or cache: elements of `size` bytes, as many as the axes can have positions per parent."""

    axes: tuple[Node, ...]
    size: int


@dataclass
class Layout:
    """The slots of a kernel, in order, the scratch memory it needs, and how many values it keeps per event."""

    slots: dict[Slot, int] = field(default_factory=dict)
    scratch: list[Scratch] = field(default_factory=list)
    collections: dict[Node, int] = field(default_factory=dict)
    shared: int = 0

    def index(self, *slot: Hashable) -> int:
        """Return the number of a slot, a new one for a new request."""
        return self.slots.setdefault(slot, len(self.slots))

    def collection_number(self, collection: Node) -> int:
        """Return the number by which particles of a stored collection are told from those of others."""
        return self.collections.setdefault(collection, len(self.collections))

    def new_scratch(self, axes: tuple[Node, ...], size: int) -> int:
        """Return the number of a new piece of scratch memory."""
        self.scratch.append(Scratch(axes, size))
        return len(self.scratch) - 1
