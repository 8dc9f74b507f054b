"""Random programs: grown nodes, cuts that keep some events and reject some, fills that are not empty.

Thresholds and bins are chosen by looking at what the interpreter gives for candidate expressions: quantiles, and
values that occur, so that comparisons and bin edges tie.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from hzdsl.backends.base import Chunk, Dump, Fill, Program, Regular, Selection, Variable
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.types import DType
from tests.backends.ragged import column, random_chunk
from tests.fuzz.choosers import Chooser, drawn, seeded
from tests.fuzz.pool import Pool
from tests.fuzz.strategies import GROW, grow

#: What the parameters of a random program are set to (`b` keeps its default).
PARAMETERS: dict[str, Any] = {"p": 4.25, "n": -3}
MAX_NODES = 60
AXES = tuple(name for name, op in OPS.items() if op.family == "axes")
#: What a program may grow by; an operation of many variants stands there more often, so that each of them occurs.
TICKETS = tuple(op for op in sorted(OPS) for _ in range(1 + len(GROW[op].variants) // 12))
#: How many different chunks there are.
CHUNKS = 2**16

chunk_of = lru_cache(maxsize=64)(random_chunk)


@dataclass(frozen=True)
class Case:
    """A program and the events to run it on: `entries` of `random_chunk(seed, entries)`."""

    program: Program
    seed: int
    entries: int

    @property
    def chunk(self) -> Chunk:
        """The events."""
        return chunk_of(self.seed, self.entries)


@st.composite
def cases(draw: Any) -> Case:
    """Draw a random program with its events."""
    return random_case(drawn(draw))


def random_nodes(seed: int, steps: int = 80) -> list[Node]:
    """Return what a random pool has grown in so many steps, to be dumped."""
    choose = seeded(seed)
    pool = Pool(choose, chunk_of(seed, 40))
    for _ in range(steps):
        grow(pool, pool.pick(TICKETS))
    return list(dict.fromkeys(n for n in pool.made if not n.is_axis))


def random_case(choose: Chooser) -> Case:
    """Return a random program with its events."""
    seed, size = choose(CHUNKS), choose(40)
    entries = {37: 3, 38: 1, 39: 0}.get(size, 40)
    pool = Pool(choose, chunk_of(seed, entries))
    grow(pool, pool.pick(AXES))
    for _ in range(4 + choose(8)):
        grow(pool, pool.pick(TICKETS))
    return Case(_program(pool), seed, entries)


def _program(pool: Pool) -> Program:
    dumps = _sinks(pool.made)
    look = Look(pool)
    gate, seen = _gate(pool, look)
    cuts, alive = _cuts(pool, look, seen)
    selections = [Selection(tuple(cuts), tuple(_outputs(pool)), _weights(pool))]
    if pool.chance(50):
        fewer = tuple(cuts[: pool.choose(len(cuts))])
        selections.append(Selection(fewer, tuple(_outputs(pool)), _weights(pool), listed=not pool.chance(20)))
    if pool.chance(20):
        selections.append(Selection((*cuts[:1], pool.condition(EVENT))))
    fills = [_fill(pool, look, alive, region=0)]
    if pool.chance(50):
        fills.append(_fill(pool, look, seen, region=None))
    if pool.chance(30) and len(selections) > 1:
        fills.append(_fill(pool, look, alive, region=1))
    apart = ((0, len(selections) - 1),) if len(selections) > 1 and pool.chance(30) else ()
    return Program(tuple(selections), tuple(fills), tuple(dumps), gate, apart)


def _weights(pool: Pool) -> tuple[Node, ...]:
    """Return up to two numbers per event that are always there."""
    found = []
    for _ in range(pool.pick((0, 0, 1, 2))):
        weight = build.cast(pool.value(EVENT, pool.pick((DType.F64, DType.F32, DType.I32))), DType.F64)
        found.append(build.otherwise(weight, build.const(-0.5)) if weight.type.optional else weight)
    return tuple(found)


def _gate(pool: Pool, look: Look) -> tuple[Node | None, Any]:
    """Return a condition on what is seen at all, or none, and which events pass it."""
    everything = np.ones(pool.chunk.entries, np.bool_)
    if not pool.chance(20):
        return None, everything
    condition = pool.condition(EVENT)
    holds = _holds(look.dumps([condition])[0])
    return (condition, holds) if np.count_nonzero(holds) > len(holds) // 3 else (None, everything)


def _holds(dump: Dump) -> Any:
    return dump.valid & dump.values.astype(np.bool_)


def _sinks(made: list[Node]) -> list[Node]:
    """Return the nodes that no other one uses, the latest first, until the graph is large enough."""
    nodes = list(dict.fromkeys(n for n in made if not n.is_axis))
    used = {a for n in nodes for a in n.args}
    found: list[Node] = []
    size = 0
    for node in reversed(nodes):
        if node not in used and size <= MAX_NODES:
            found.append(node)
            size = len(topological(found))
    return found


class Look:
    """What the interpreter gives for candidates."""

    def __init__(self, pool: Pool) -> None:
        self._chunk = pool.chunk

    def dumps(self, nodes: list[Node]) -> list[Dump]:
        """Return the values of nodes."""
        return InterpretBackend().compile(Program(dumps=tuple(nodes))).run(self._chunk, PARAMETERS).dumps


# ---- cuts ------------------------------------------------------------------------------------------------------------


def _cuts(pool: Pool, look: Look, alive: Any) -> tuple[list[Node], Any]:
    """Return up to three conditions of the event, and which events pass all of them: some, not all."""
    candidates = _of_event(pool, 1 + pool.choose(3))
    candidates.append(column("", pool.pick(("f32_s", "f64_s"))))
    cuts: list[Node] = []
    for node, dump in zip(candidates, look.dumps(candidates), strict=True):
        made = _cut(pool, node, dump, alive)
        if made is not None:
            cuts.append(made[0])
            alive = alive & made[1]
        if cuts and not pool.chance(60):
            break
    return cuts or [pool.condition(EVENT)], alive


def _of_event(pool: Pool, n: int) -> list[Node]:
    """Return values of the event: grown ones, reduced where they vary within it."""
    usable = [v for v in pool.values if v.type.dtype is not DType.LABEL][::-1]
    found = []
    for _ in range(n if usable else 0):
        node = pool.pick(usable[:6])
        while node.type.axis is not EVENT:
            if node.type.dtype is DType.BOOL:
                node = members.reduce("any", node)
            else:
                node = members.reduce(pool.pick(("max", "min", "sum")), node)
        found.append(node)
    return found


def _cut(pool: Pool, node: Node, dump: Dump, alive: Any) -> tuple[Node, Any] | None:
    """Return a condition on a value of the event that splits the events still alive, and where it holds."""
    if node.type.dtype is DType.BOOL:
        holds = _holds(dump)
        return (node, holds) if _splits(alive, holds) else None
    with np.errstate(all="ignore"):
        fine = dump.valid & (dump.values == dump.values)
        seen = np.unique(dump.values[fine & alive])
        if len(seen) < 2:
            return None
        threshold = seen[1 + pool.choose(len(seen) - 1)].item()
        if isinstance(threshold, int) and threshold >= 2**63:
            return None
        below = fine & (dump.values < threshold)
        above = fine & (dump.values >= threshold)
    constant = build.const(threshold)
    made = [(build.compare("lt", node, constant), below), (build.compare("le", constant, node), above)]
    return pool.pick([m for m in made if _splits(alive, m[1])] or [None])  # type: ignore[list-item]


def _splits(alive: Any, holds: Any) -> bool:
    return bool(np.any(alive & holds) and np.any(alive & ~holds))


def _outputs(pool: Pool) -> list[Node]:
    flat = [v for v in pool.values if v.type.axis is EVENT][::-1]
    return list(dict.fromkeys(pool.pick(flat) for _ in range(pool.choose(4)))) if flat else []


# ---- histograms ------------------------------------------------------------------------------------------------------


def _fill(pool: Pool, look: Look, alive: Any, region: int | None) -> Fill:
    """Return a fill of one or two dimensions, with bins where values of events alive are."""
    numbers = [v for v in pool.values if v.type.dtype is not DType.LABEL][::-1]
    first = pool.pick(numbers[:8]) if numbers and pool.chance(85) else column("Muon", "f32_s")
    values = [first]
    if pool.chance(35):
        values.append(pool.value(first.type.axis or EVENT, pool.pick((DType.F32, DType.F64, DType.I32))))
    wide = tuple(build.cast(v, DType.F64) for v in build.on_common_axis(*values))
    dumps = look.dumps(list(wide))
    present = np.logical_and.reduce([d.valid for d in dumps])
    here = present & np.repeat(alive, dumps[0].counts)
    if not np.any(np.isfinite(np.where(here, dumps[0].values, np.nan))):
        plain = (_always(),)
        return Fill(plain, (_bins(pool, look.dumps(list(plain))[0].values),), region, _weights(pool))
    return Fill(wide, tuple(_bins(pool, d.values[here]) for d in dumps), region, _weights(pool))


def _always() -> Node:
    """A value of the event that always fills something."""
    return column("", "f64_s")


def _bins(pool: Pool, values: Any) -> Regular | Variable:
    """Return bins whose edges are values that occur."""
    finite = values[np.isfinite(values) & (np.abs(values) < 1e300)]
    seen = np.unique(finite) + 0.0  # -0.0 and 0.0 are one edge
    if len(seen) < 2:
        low = float(seen[0]) if len(seen) else 0.0
        return Regular(1 + pool.choose(4), low, low + max(1.0, abs(low)))
    if pool.chance(40):
        picked = sorted({float(seen[pool.choose(len(seen))]) for _ in range(2 + pool.choose(4))})
        if len(picked) > 1:
            return Variable(tuple(picked))
    i = pool.choose(len(seen) - 1)
    k = i + 1 + pool.choose(len(seen) - 1 - i)
    return Regular(1 + pool.choose(8), float(seen[i]), float(seen[k]))
