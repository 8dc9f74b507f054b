"""Random events for whatever a graph reads, and which particles objects are made of in them, in plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from hzdsl.backends.base import NUMPY, Chunk
from hzdsl.ir import build
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, topological
from tests.backends.slow import Event

Particles = frozenset[tuple[str, int]]


def events_for(nodes: Iterable[Node], seed: int, entries: int) -> Chunk:
    """Return events with short lists, and columns of few different numbers: charges, indices, momenta that tie."""
    rng, offsets, columns = np.random.default_rng(seed), dict[str, Any](), dict[str, Any]()
    for n in topological(nodes):
        if n.op == "collection":
            owners = entries if n.args[0] is EVENT else int(offsets[n.args[0].text("name")][-1])
            offsets[n.text("name")] = np.concatenate([[0], np.cumsum(rng.integers(0, 6, owners))]).astype(np.int64)
        elif n.op == "column":
            size = entries if n.args[0] is EVENT else int(offsets[n.args[0].text("name")][-1])
            momentum = n.text("name").endswith("_pt")
            few = [1, 4, 8, 16, 32, 64] if momentum else [-1, -1, -1, 1, 1, 1, 0, 2]
            columns[n.text("name")] = rng.choice(few, size).astype(NUMPY[n.type.dtype])
    return Chunk(entries, columns, offsets)


def present(references: Sequence[Node], chunk: Chunk) -> Iterator[list[Particles]]:
    """Yield what objects are made of, wherever all of them are there."""
    together = build.on_common_axis(*references)
    for i in range(chunk.entries):
        event = Event(chunk, i, {})
        for found in zip(*(event.particles(r) for r in together), strict=True):
            if None not in found:
                yield list(found)
