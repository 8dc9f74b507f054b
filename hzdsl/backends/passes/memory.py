"""What a program of loops reads and writes: one table of addresses, with a place for everything that is an array.

The positions of a list begin at a multiple of the lanes, so that lanes are read at once; what is stored for each bin
and process, apart from any list, lies in *tiles*: for the lanes of a group of bins one process after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hzdsl.backends.passes.lanes import I64, LANES, VF64, VI64, WIDE, Lanes, is_vector, kind_of
from hzdsl.backends.passes.structure import axis_of, listed, loops, stored_apart
from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node, topological
from hzdsl.ir.types import DType
from hzdsl.native.ir import Type, Value
from hzdsl.records import dataclass

if TYPE_CHECKING:
    from hzdsl.backends.passes.contexts import Context
    from hzdsl.backends.passes.values import Values

#: What a place in the table is for: data of a column, the lists of a collection, tiles of an axis, room for results.
COLUMN, STARTS, COUNTS, TILES, TILE_COUNTS, SUMS, LANE_SUMS, KEPT = (
    "column",
    "starts",
    "counts",
    "tiles",
    "tile counts",
    "sums",
    "lane sums",
    "kept",
)


@dataclass(frozen=True)
class Slot:
    """A place in the table of addresses: what it is for, and of which node."""

    purpose: str
    node: Node


class Memory:
    """Gives everything its place while a program is written."""

    def __init__(self, roots: Sequence[Node], table: Value, params: Value) -> None:
        self._table, self._params = table, params
        nodes = topological(roots)
        # lists that are only counted decide, too, whether those around them are taken by lanes
        axes = [n.args[0] if n.op == "count" else axis_of(n) for n in nodes if not n.is_axis]
        self.axes = tuple(dict.fromkeys(a for axis in axes for a in loops(axis)))
        #: Axes whose values lie in tiles.
        self.apart = tuple(a for a in self.axes if stored_apart(a))
        #: Parameters per event, in the order of the argument.
        self.params = tuple(sorted({n for n in nodes if n.op == "param"}, key=lambda n: n.text("name")))
        self.slots: dict[Slot, int] = {}
        #: What is whole in memory at this point of the program.
        self.done: set[Node] = set()
        #: What is collected lane by lane.
        self.by_lanes: set[Node] = set()
        self._loaded: dict[Slot, Value] = {}
        self.entry: Lanes | None = None

    def _pointer(self, purpose: str, node: Node) -> Value:
        """Return an address of the table, loaded once, before everything."""
        slot = Slot(purpose, node)
        if slot not in self._loaded:
            place = self.slots.setdefault(slot, len(self.slots))
            assert self.entry is not None
            self._loaded[slot] = self.entry.pointer(self._table, place)
        return self._loaded[slot]

    def param(self, b: Lanes, node: Node) -> Value:
        """Return a parameter per event."""
        return b.read(self._params, I64(self.params.index(node)))

    def bounds(self, b: Lanes, collection: Node, where: Value) -> tuple[Value, Value]:
        """Return the first position of a list and the one after its last."""
        first = self.start(b, collection, where)
        count = b.read(self._pointer(COUNTS, collection), where, I64, constant=True)
        return first, b.add(first, count)

    def start(self, b: Lanes, collection: Node, where: Value) -> Value:
        """Return where the list of a position of the parent begins; also of the position after the last."""
        return b.read(self._pointer(STARTS, collection), where, I64, constant=True)

    def apart_bounds(self, b: Lanes, axis: Node, where: Value) -> tuple[Value, Value]:
        """Return the first tile of a list of lanes, and how many tiles each group of its lanes has."""
        first = b.read(self._pointer(TILES, axis), where, I64, constant=True)
        return first, b.read(self._pointer(TILE_COUNTS, axis), where, I64, constant=True)

    def array(self, b: Lanes, node: Node) -> Value:
        """Return the address of the values of a node, in the order of its list."""
        purpose = {"column": COLUMN, "collect": SUMS}.get(node.op, KEPT)
        return self._pointer(purpose, node)

    def collected(self, b: Lanes, node: Node, *, lanes: bool) -> Value:
        """Return the address of sums that are collected, for each position one or one per lane."""
        if lanes:
            self.by_lanes.add(node)
        return self._pointer(LANE_SUMS if lanes else SUMS, node)

    def read(self, values: Values, node: Node, at: Context) -> Value:
        """Return the values of a node at the position that one is at."""
        index, kind = self._place(values, node, at)
        held = values.b.read(self.array(values.b, node), index, kind, constant=node.op == "column")
        return self._from_memory(values.b, held, node.type.dtype)

    def read_at(self, b: Lanes, node: Node, index: Value) -> Value:
        """Return the values of a node at a position of its list, or at one per lane."""
        array, kind = self.array(b, node), kind_of(node.type.dtype)
        held = b.gathered(array, index, kind) if is_vector(index) else b.read(array, index, kind)
        return self._from_memory(b, held, node.type.dtype)

    def _from_memory(self, b: Lanes, held: Value, dtype: DType) -> Value:
        return b.icmp_signed("!=", held, held.type(0)) if dtype is DType.BOOL else held

    def write(self, values: Values, node: Node, value: Value, at: Context) -> None:
        """Keep the value of a node at the position that one is at."""
        index, kind = self._place(values, node, at)
        b = values.b
        x = b.spread(value) if kind in (VF64, VI64) else value
        x = b.zext(x, kind) if node.type.dtype is DType.BOOL else x
        b.write(x, self._pointer(KEPT, node), index)

    def _place(self, values: Values, node: Node, at: Context) -> tuple[Value, Type]:
        """Return where the values of a node lie at the position that one is at, and whether one per lane."""
        b, axis = values.b, axis_of(node)
        scalar = kind_of(node.type.dtype)
        vector = WIDE[scalar]
        if axis.op == "event":
            return I64(0), scalar
        if stored_apart(axis):
            if not at.lanes:
                what = (
                    f"values of {listed(axis)!r} that are stored apart from its list need a loop by lanes around them"
                )
                raise HzdslError("unsupported", what, fix="give the axis around them no nested lists")
            passed = b.add(values.before[axis], b.load(values.passed[axis], I64))
            return b.mul(passed, I64(LANES)), vector
        loop = at.of(axis)
        assert loop is not None, f"{node!r} is asked for outside of its loop"
        assert loop.index is not None
        return loop.index, vector if loop.wide else scalar
