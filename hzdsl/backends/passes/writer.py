"""A graph as loops: which values are found in which pass over an axis, and the instructions for them.

A *pass* is a loop over an axis inside of others. What a sum over bins needs of effects must be complete before it
begins: passes have *levels*. All that can be found in one pass is; what another pass needs is found there again, unless
it came from a loop of its own: then it is kept (`memory.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hzdsl.backends.passes.contexts import Context
from hzdsl.backends.passes.lanes import F64, I1, I64, LANES, VF64, VI1, VI64, Lanes, is_vector
from hzdsl.backends.passes.memory import Memory
from hzdsl.backends.passes.rows import ROWS
from hzdsl.backends.passes.structure import axis_of, listed, loops, outside, shared, stored_apart
from hzdsl.backends.passes.sums import LogSum, PlainSum, within
from hzdsl.ir.axes import parent, target
from hzdsl.ir.node import Node, bits_float
from hzdsl.ir.types import DType
from hzdsl.native.ir import Value

#: What loops produce; everything else is found where it is needed.
PRODUCTS = ("sum", "collect")
_REFERENCES = ("self", "under", "link", "nth")


class Writer:
    """Writes the loops of one program."""

    def __init__(self, b: Lanes, memory: Memory, wide: frozenset[Node]) -> None:
        self.b, self.memory, self._wide = b, memory, wide
        #: How many positions loops inside of lanes have passed since the lanes began, and how many before these lanes.
        self.passed = {axis: b.local(I64) for axis in memory.apart}
        self.before: dict[Node, Value] = {}

    # ---- what is needed ----------------------------------------------------------------------------------------

    def _operands(self, node: Node, at: Context) -> tuple[Node, ...]:
        """Return what has to be found before a node, inside of a loop; nothing of what is known or kept."""
        if self._known(node, at):
            return ()
        if node.op in _REFERENCES:
            return (node.args[0],) if node.op == "link" else ()
        if node.op == "lift":
            return (node.args[0],)
        if node.op == "stack":
            return node.args[:-1]
        return tuple(a for a in node.args if not a.is_axis)

    def _known(self, node: Node, at: Context) -> bool:
        return node.op in ("const", "param", "count", "column") or at.find(node) is not None or node in self.memory.done

    def _closure(self, roots: Iterable[Node], at: Context) -> list[Node]:
        """Return roots and all that is needed for them, operands first."""
        order: list[Node] = []
        seen: set[Node] = set()
        stack = [(r, False) for r in roots]
        while stack:
            node, expanded = stack.pop()
            if expanded:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack += [(a, False) for a in self._operands(node, at) if a not in seen]
        return order

    # ---- passes ------------------------------------------------------------------------------------------------

    def run(self, at: Context, wanted: Sequence[Node], kept: Sequence[Node] = ()) -> None:
        """Find nodes: values here, what is collected or summed inside, and what is to be kept of inner loops."""
        schedule = Schedule(self, at, wanted, kept)
        for level in schedule.levels():
            for axis, sinks in schedule.passes(level):
                self._loop(at, axis, sinks, schedule)
            self._complete(at, schedule.sinks(level))
        for node in wanted:
            if len(loops(axis_of(node))) <= at.depth and node.op != "collect":
                self.value(node, at)

    def _complete(self, at: Context, sinks: Iterable[Node]) -> None:
        """Mark what is whole now; what was collected lane by lane is added up."""
        for node in sinks:
            if node.op == "collect" and shared(node.args[1]) == at.depth:
                if node in self.memory.by_lanes:
                    self._add_lanes(node, at)
                self.memory.done.add(node)

    def _loop(self, at: Context, axis: Node, sinks: Sequence[Node], schedule: Schedule) -> None:
        """Write one pass over an axis for some sinks."""
        b = self.b
        here = [s for s in sinks if schedule.home(s) is axis]
        deeper = [s for s in sinks if schedule.home(s) is not axis]
        values = [x for s in here for x in (self._sources(s, schedule, at))]
        self._prepare(at, [*values, *deeper])
        sums = [s for s in here if s.op == "sum" and s not in schedule.kept]
        lanes = at.lanes or axis in self._wide
        totals = {s: (LogSum if self._logs_of(s, at) else PlainSum)(b, lanes) for s in sums}
        if stored_apart(axis):
            self._restart(axis, at)
        first, last = self._bounds(at, axis)
        with b.loop(first, last, LANES if axis in self._wide else 1) as (index, _):
            inner = Context(axis, at, index, self._mask(index, last) if axis in self._wide else None)
            if inner.wide:
                self._begin_lanes(axis, first, index, at)
            if stored_apart(axis):
                inner.begun = {a: b.load(p, I64) for a, p in self.passed.items() if a is not axis and axis in loops(a)}
            self.run(
                inner,
                [*values, *(s for s in deeper if s not in schedule.kept)],
                [s for s in deeper if s in schedule.kept],
            )
            added = [(s, self.value(n, inner)) for s in totals for n in self._added(s, at)]
            if inner.mask is not None and added:
                kept = within(b, index, last, inner.mask, [(x, totals[s].nothing) for s, x in added])
                added = [(s, x) for (s, _), x in zip(added, kept, strict=True)]
            for s, total in totals.items():
                total.add(*(x for t, x in added if t is s))
            for s in here:
                if s in schedule.kept:
                    self.memory.write(self, s, self.value(s, inner), inner)
                elif s.op == "collect":
                    self._scatter(s, inner)
            if stored_apart(axis):
                passed = self.passed[axis]
                b.store(b.add(b.load(passed, I64), I64(1)), passed)
        for s, total in totals.items():
            at.values[s] = total.result(whole=not at.lanes)
        self.memory.done |= {s for s in here if s in schedule.kept}

    def _sources(self, sink: Node, schedule: Schedule, at: Context) -> tuple[Node, ...]:
        if sink in schedule.kept:
            return (sink,)
        return sink.args if sink.op == "collect" else self._added(sink, at)

    def _logs_of(self, node: Node, at: Context) -> tuple[Node, ...]:
        """Return what a sum over many lanes is the logarithms of, and a weight of each; () of another sum."""
        (x,) = node.args
        if at.lanes or axis_of(x) not in self._wide:
            return ()
        parts = x.args if x.op == "mul" else (x,)
        logs = [p for p in parts if p.op == "math" and p.text("name") == "log"]
        weights = [p for p in parts if p.op == "column"]
        return (*logs[0].args, *weights) if len(logs) == 1 and len(logs) + len(weights) == len(parts) else ()

    def _added(self, node: Node, at: Context) -> tuple[Node, ...]:
        """Return what a sum adds up in each position: a value, or that of a logarithm and a weight."""
        return self._logs_of(node, at) or node.args

    def _prepare(self, at: Context, roots: Sequence[Node]) -> None:
        """Find before a loop begins what does not change in it."""
        for node in self._closure(roots, at):
            if self._is_open(node, at) and node.op not in PRODUCTS:
                self.value(node, at)

    def _is_open(self, node: Node, at: Context) -> bool:
        """Return whether one is at a position of the axis of a value: others are read by reference."""
        return all(at.is_open(a) for a in loops(axis_of(node)))

    # ---- loops -------------------------------------------------------------------------------------------------

    def _bounds(self, at: Context, axis: Node) -> tuple[Value, Value]:
        """Return the first position of a loop and the one after its last."""
        over = listed(axis)
        if over.op == "row":
            return I64(0), I64(over.number("n"))
        above = parent(over)
        where = self.index(axis.args[0], at) if axis.op == "at" else self._position(above, at)
        return self.memory.bounds(self.b, over, where)

    def _position(self, axis: Node, at: Context) -> Value:
        """Return the position of an axis that one is at, as one number."""
        if axis.op == "event":
            return I64(0)
        found = at.of(axis)
        assert found is not None, f"no loop over {axis!r} is open"
        assert found.index is not None
        return found.index

    def _mask(self, index: Value, last: Value) -> Value:
        b = self.b
        mask: Value = b.compared("<", b.add(b.spread(index), _iota()), b.spread(last))
        assert mask.type == VI1
        return mask

    def _restart(self, axis: Node, at: Context) -> None:
        """Count again from the first position that these lanes, or the position around, have in loops inside."""
        for inner, address in self.passed.items():
            if axis in loops(inner):
                self.b.store(at.begun.get(inner, I64(0)), address)

    def _begin_lanes(self, axis: Node, first: Value, index: Value, at: Context) -> None:
        """Find where the lanes begin in what is stored apart: so many groups of lanes are before them."""
        b = self.b
        group = self._position(parent(axis), at)
        groups = b.ashr(b.sub(index, first), I64(LANES.bit_length() - 1))
        for inner in self.memory.apart:
            if axis in loops(inner):
                start, count = self.memory.apart_bounds(b, inner, group)
                self.before[inner] = b.add(start, b.mul(groups, count))

    # ---- values ------------------------------------------------------------------------------------------------

    def value(self, node: Node, at: Context) -> Value:
        """Return the value of a node in a loop, writing what is needed for it."""
        found = at.find(node)
        if found is not None:
            return found
        for n in self._closure([node], at):
            if at.find(n) is None and n.op not in _REFERENCES and self._is_open(n, at):
                at.values[n] = self._one(n, at)
        return at.values[node] if node in at.values else self.index(node, at)

    def _one(self, node: Node, at: Context) -> Value:
        """Return the value of a node whose operands are known."""
        if node in self.memory.done:
            return self.memory.read(self, node, at)
        own = {
            "const": self._const,
            "param": lambda n, at: self.memory.param(self.b, n),
            "count": self._count,
            "column": lambda n, at: self.memory.read(self, n, at),
            "lift": lambda n, at: self._given(n.args[0], at),
            "take": self._take,
            "exists": lambda n, at: I1(1),
            "otherwise": lambda n, at: self._given(n.args[0], at),
            "stack": self._stack,
        }.get(node.op)
        if own is not None:
            return own(node, at)
        return ROWS[node.op](self.b, node, tuple(self._given(a, at) for a in node.args))

    def _given(self, node: Node, at: Context) -> Value:
        found = at.find(node)
        if found is None:
            assert node.op in (*_REFERENCES, "lift"), f"{node.op} was not found before it was needed"
            return self.index(node, at)
        return found

    def _const(self, node: Node, at: Context) -> Value:
        dtype, bits = node.type.dtype, node.number("bits")
        if dtype is DType.BOOL:
            return I1(int(bool(bits)))
        return F64(bits_float(bits)) if dtype.floating else I64(bits)

    def _count(self, node: Node, at: Context) -> Value:
        first, last = self._bounds(at, node.args[0])
        return self.b.sub(last, first)

    def _stack(self, node: Node, at: Context) -> Value:
        """Return the value that belongs to the position of the row that one is at."""
        b = self.b
        *values, row = node.args
        index, found = self._position(row, at), self._given(values[0], at)
        for k, value in enumerate(values[1:], 1):
            found = b.chosen(b.icmp_signed("==", index, I64(k)), self._given(value, at), found)
        return found

    def _take(self, node: Node, at: Context) -> Value:
        value, reference = node.args
        if at.is_open(axis_of(value)) and self._is_here(reference, at):
            return self._given(value, at)
        return self.memory.read_at(self.b, value, self.index(reference, at))

    def _is_here(self, reference: Node, at: Context) -> bool:
        bare = reference.args[0] if reference.op == "lift" else reference
        return bare.op == "self"

    # ---- references --------------------------------------------------------------------------------------------

    def index(self, reference: Node, at: Context) -> Value:
        """Return where in its list an object is; one number per lane where the lanes are its positions."""
        bare = reference.args[0] if reference.op == "lift" else reference
        found = at.find(bare)
        if found is None:
            found = at.values[bare] = self._index(bare, at)
        return found

    def _index(self, bare: Node, at: Context) -> Value:
        b = self.b
        if bare.op == "under":
            loop = at.of(bare.args[0])
            assert loop is not None
            assert loop.index is not None
            return loop.index
        if bare.op == "self":
            loop = at.of(bare.args[0])
            assert loop is not None
            assert loop.index is not None
            return b.add(b.spread(loop.index), _iota()) if loop.wide else loop.index
        into = target(bare)
        where = self._position(parent(into), at)
        first = I64(0) if into.op == "row" else self.memory.bounds(b, into, where)[0]
        if bare.op == "nth":
            return b.add(first, I64(bare.number("i")))
        assert bare.op == "link", bare.op
        number = self.value(bare.args[0], at)
        return number if first.text == "0" else b.add(*b.alike(number, first))

    # ---- collecting --------------------------------------------------------------------------------------------

    def _scatter(self, node: Node, at: Context) -> None:
        """Add the values at a position to what is collected where it refers to."""
        b = self.b
        x, where = self.value(node.args[0], at), self.index(node.args[1], at)
        array = self.memory.collected(b, node, lanes=at.lanes and not is_vector(where))
        if at.lanes and not is_vector(where):
            x = self._masked_by(at, b.spread(x))
            place = b.mul(where, I64(LANES))
            b.write(b.plus(b.read(array, place, VF64), x), array, place)
        elif not at.lanes:
            b.write(b.plus(b.read(array, where), x), array, where)
        else:
            x = self._masked_by(at, b.spread(x))
            for k in range(LANES):
                i = b.lane(where, k)
                b.write(b.plus(b.read(array, i), b.lane(x, k)), array, i)

    def _masked_by(self, at: Context, x: Value) -> Value:
        mask = next((c.mask for c in at.chain() if c.mask is not None), None)
        assert mask is not None
        return self.b.select(mask, x, VF64(0.0))

    def _add_lanes(self, node: Node, at: Context) -> None:
        """Add up the lanes of what was collected, for all positions inside of the loop that one is in."""
        b = self.b
        first, last = self._span(axis_of(node), at)
        lanes, whole = self.memory.collected(b, node, lanes=True), self.memory.array(b, node)
        with b.loop(first, last) as (i, _):
            b.write(b.summed(b.read(lanes, b.mul(i, I64(LANES)), VF64)), whole, i)

    def _span(self, axis: Node, at: Context) -> tuple[Value, Value]:
        """Return the first position of an axis inside of the open loops, and the one after its last."""
        inside = [a for a in loops(axis) if not at.is_open(a)]
        above = outside(inside[0])
        first = self._position(above, at)
        last = self.b.add(first, I64(1))
        for a in inside:
            if a.op == "row":
                return I64(0), I64(a.number("n"))
            first, last = (self.memory.start(self.b, a, x) for x in (first, last))
        return first, last


class Schedule:
    """What is done inside of one loop, in which pass over which inner axis."""

    def __init__(self, writer: Writer, at: Context, wanted: Sequence[Node], kept: Sequence[Node]) -> None:
        self._writer, self._at, self._depth = writer, at, at.depth
        self.kept: set[Node] = set(kept)
        self._level: dict[Node, int] = {}
        self._sinks: list[Node] = []
        self._find([*wanted, *kept])

    def _find(self, roots: Sequence[Node]) -> None:
        """Find the sinks and their levels; what a later pass needs of an earlier one is kept."""
        order = self._writer._closure(roots, self._at)
        for node in order:
            self._level[node] = self._of(node)
        products = [n for n in order if self._is_sink(n) and not self._writer._known(n, self._at)]
        self._sinks = list(dict.fromkeys([*products, *self.kept]))
        for sink in list(self._sinks):
            self._keep_for(sink)
        for node in order:
            if node.op == "take":
                self._keep_target(node)

    def _is_sink(self, node: Node) -> bool:
        """Return whether passes over inner axes produce a node: a sum for here, or what is collected."""
        if node.op == "collect":
            return self._child(axis_of(node.args[0])) is not None
        return node.op == "sum" and len(loops(axis_of(node))) == self._depth

    def _child(self, axis: Node) -> Node | None:
        """Return the axis of the loop just inside of this one in which an axis lies; None where it does not."""
        path = loops(axis)
        if len(path) <= self._depth or not all(self._at.is_open(a) for a in path[: self._depth]):
            return None
        return path[self._depth]

    def _of(self, node: Node) -> int:
        """Return the level of a node whose operands' are known."""
        w = self._writer
        if w._known(node, self._at):
            return 0
        operands = [self._level.get(a, 0) for a in w._operands(node, self._at)]
        level = max(operands, default=0)
        if node.op == "sum" and len(loops(axis_of(node))) == self._depth:
            return level + 1
        if node.op == "collect" and shared(node.args[1]) <= self._depth:
            return level + 1
        if node.op == "take":
            value, reference = node.args
            if not w._is_here(reference, self._at) and self._child(axis_of(value)) and shared(reference) <= self._depth:
                return max(level, self._level.get(value, 0) + (value.op != "collect" and not w._known(value, self._at)))
        return level

    def _keep_target(self, node: Node) -> None:
        """Keep a value that others read by reference, unless it is kept anyway."""
        value, reference = node.args
        w = self._writer
        if w._is_here(reference, self._at) or w._known(value, self._at) or value.op == "collect":
            return
        if self._child(axis_of(value)) is not None and shared(reference) <= self._depth and value not in self.kept:
            self.kept.add(value)
            self._sinks.append(value)
            self._keep_for(value)

    def _keep_for(self, sink: Node) -> None:
        """Keep the sums of inner loops that a sink needs and that an earlier pass has found."""
        level = self.level(sink)
        w = self._writer
        stack = list(w._operands(sink, self._at))
        seen: set[Node] = set()
        while stack:
            node = stack.pop()
            if node in seen or node in self.kept or w._known(node, self._at):
                continue
            seen.add(node)
            if node.op == "sum" and self._child(axis_of(node)) is not None and self._level[node] < level:
                self.kept.add(node)
                self._sinks.append(node)
                self._keep_for(node)
                continue
            if node.op != "collect":
                stack += w._operands(node, self._at)

    def home(self, sink: Node) -> Node:
        """Return the axis in whose loop a sink is done: that of its operand, or its own where it is kept."""
        return axis_of(sink.args[0]) if sink.op in PRODUCTS and sink not in self.kept else axis_of(sink)

    def level(self, sink: Node) -> int:
        """Return in which pass a sink is done: as soon as its operands are there."""
        if sink in self.kept:
            return self._level[sink]
        operands = [self._level.get(a, 0) for a in self._writer._operands(sink, self._at)]
        return max(operands, default=0)

    def levels(self) -> list[int]:
        """Return the levels at which there is something to do."""
        return sorted({self.level(s) for s in self._sinks})

    def sinks(self, level: int) -> list[Node]:
        """Return what is done at a level."""
        return [s for s in self._sinks if self.level(s) == level]

    def passes(self, level: int) -> list[tuple[Node, list[Node]]]:
        """Return the axes to loop over at a level, and what for."""
        found: dict[Node, list[Node]] = {}
        for sink in self.sinks(level):
            child = self._child(self.home(sink))
            assert child is not None
            found.setdefault(child, []).append(sink)
        return list(found.items())


def _iota() -> Value:
    return Value(VI64, "<" + ", ".join(f"i64 {k}" for k in range(LANES)) + ">")
