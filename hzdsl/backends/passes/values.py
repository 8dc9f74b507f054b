"""The instructions for values and references at one position, whose operands are known or found on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hzdsl.backends.passes.contexts import Context
from hzdsl.backends.passes.lanes import F64, I1, I64, LANES, VI64, Lanes
from hzdsl.backends.passes.memory import Memory
from hzdsl.backends.passes.needs import Needs
from hzdsl.backends.passes.rows import ROWS
from hzdsl.backends.passes.structure import axis_of, listed, loops
from hzdsl.ir.axes import parent, target
from hzdsl.ir.node import Node, bits_float
from hzdsl.ir.types import DType
from hzdsl.native.ir import Value


class Values(Needs):
    """Writes values where they are needed."""

    def __init__(self, b: Lanes, memory: Memory) -> None:
        super().__init__(memory)
        self.b = b
        #: How many positions loops inside of lanes have passed since the lanes began, and how many before these lanes.
        self.passed = {axis: b.local(I64) for axis in memory.apart}
        self.before: dict[Node, Value] = {}

    def value(self, node: Node, at: Context) -> Value:
        """Return the value of a node in a loop, writing what is needed for it."""
        found = at.find(node)
        if found is not None:
            return found
        for n in self.closure([node], at):
            if at.find(n) is None and n.op not in REFERENCES and self.is_open(n, at):
                at.values[n] = self._one(n, at)
        return at.values[node] if node in at.values else self.index(node, at)

    def _one(self, node: Node, at: Context) -> Value:
        """Return the value of a node whose operands are known."""
        if node in self.memory.done:
            return self.memory.read(self, node, at)
        own = OWN.get(node.op)
        if own is not None:
            return own(self, node, at)
        return ROWS[node.op](self.b, node, tuple(self._given(a, at) for a in node.args))

    def _given(self, node: Node, at: Context) -> Value:
        found = at.find(node)
        if found is None:
            assert node.type.target is not None, f"{node.op} was not found before it was needed"
            return self.index(node, at)
        return found

    def _const(self, node: Node, at: Context) -> Value:
        dtype, bits = node.type.dtype, node.number("bits")
        if dtype is DType.BOOL:
            return I1(int(bool(bits)))
        return F64(bits_float(bits)) if dtype.floating else I64(bits)

    def _count(self, node: Node, at: Context) -> Value:
        first, last = self.bounds(at, node.args[0])
        return self.b.sub(last, first)

    def _stack(self, node: Node, at: Context) -> Value:
        """Return the value that belongs to the position of the row that one is at."""
        b = self.b
        *values, row = node.args
        index, found = self.position(row, at), self._given(values[0], at)
        for k, value in enumerate(values[1:], 1):
            found = b.chosen(b.icmp_signed("==", index, I64(k)), self._given(value, at), found)
        return found

    def _take(self, node: Node, at: Context) -> Value:
        value, reference = node.args
        if at.is_open(axis_of(value)) and self.is_here(reference):
            return self._given(value, at)
        return self.memory.read_at(self.b, value, self.index(reference, at))

    # ---- references --------------------------------------------------------------------------------------------

    def index(self, reference: Node, at: Context) -> Value:
        """Return where in its list an object is; one number per lane where the lanes are its positions."""
        bare = reference.args[0] if reference.op == "lift" else reference
        found = at.find(bare)
        if found is None:
            found = at.values[bare] = REFERENCES[bare.op](self, bare, at)
        return found

    def _under(self, bare: Node, at: Context) -> Value:
        return self.position(bare.args[0], at)

    def _self(self, bare: Node, at: Context) -> Value:
        loop = at.of(bare.args[0])
        index = self.position(bare.args[0], at)
        return self.b.add(self.b.spread(index), iota()) if loop is not None and loop.wide else index

    def _first_of(self, bare: Node, at: Context) -> Value:
        """Return the first position of the list that an object is of."""
        into = target(bare)
        where = self.position(parent(into), at)
        return I64(0) if into.op == "row" else self.memory.bounds(self.b, into, where)[0]

    def _nth(self, bare: Node, at: Context) -> Value:
        return self.b.add(self._first_of(bare, at), I64(bare.number("i")))

    def _link(self, bare: Node, at: Context) -> Value:
        number, first = self.value(bare.args[0], at), self._first_of(bare, at)
        return number if first.text == "0" else self.b.add(*self.b.alike(number, first))

    # ---- positions ---------------------------------------------------------------------------------------------

    def is_open(self, node: Node, at: Context) -> bool:
        """Return whether one is at a position of the axis of a value: others are read by reference."""
        return all(at.is_open(a) for a in loops(axis_of(node)))

    def bounds(self, at: Context, axis: Node) -> tuple[Value, Value]:
        """Return the first position of a loop and the one after its last."""
        over = listed(axis)
        if over.op == "row":
            return I64(0), I64(over.number("n"))
        above = parent(over)
        where = self.index(axis.args[0], at) if axis.op == "at" else self.position(above, at)
        return self.memory.bounds(self.b, over, where)

    def position(self, axis: Node, at: Context) -> Value:
        """Return the position of an axis that one is at, as one number."""
        if axis.op == "event":
            return I64(0)
        found = at.of(axis)
        assert found is not None, f"no loop over {axis!r} is open"
        assert found.index is not None
        return found.index


def iota() -> Value:
    """Return the numbers of the lanes."""
    return Value(VI64, "<" + ", ".join(f"i64 {k}" for k in range(LANES)) + ">")


_Rule = Callable[[Values, Node, Context], Value]
#: How objects are found: where in their lists they are.
REFERENCES: Mapping[str, _Rule] = MappingProxyType(
    {"self": Values._self, "under": Values._under, "link": Values._link, "nth": Values._nth}
)
#: How what is no arithmetic is found; arithmetic is in `rows.ROWS`, sums and what is collected come of loops.
OWN: Mapping[str, _Rule] = MappingProxyType(
    {
        "const": Values._const,
        "param": lambda v, n, at: v.memory.param(v.b, n),
        "count": Values._count,
        "column": lambda v, n, at: v.memory.read(v, n, at),
        "lift": lambda v, n, at: v._given(n.args[0], at),
        "take": Values._take,
        "exists": lambda v, n, at: I1(1),
        "otherwise": lambda v, n, at: v._given(n.args[0], at),
        "stack": Values._stack,
    }
)
