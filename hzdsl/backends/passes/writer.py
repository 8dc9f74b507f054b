"""A graph as loops: which values are found in which pass over an axis, and the instructions for them.

A *pass* is a loop over an axis inside of others. What a sum over bins needs of effects must be complete before it
begins: passes have *levels*. All that can be found in one pass is; what another pass needs is found there again, unless
it came from a loop of its own: then it is kept (`memory.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hzdsl.backends.passes.collecting import add_lanes, scatter
from hzdsl.backends.passes.contexts import Context
from hzdsl.backends.passes.lanes import I64, LANES, VI1, Lanes
from hzdsl.backends.passes.memory import Memory
from hzdsl.backends.passes.schedule import PRODUCTS, Schedule
from hzdsl.backends.passes.structure import axis_of, loops, shared, stored_apart
from hzdsl.backends.passes.sums import LogSum, PlainSum, within
from hzdsl.backends.passes.values import Values, iota
from hzdsl.ir.axes import parent
from hzdsl.ir.node import Node
from hzdsl.native.ir import Value


class Writer(Values):
    """Writes the loops of one program."""

    def __init__(self, b: Lanes, memory: Memory, wide: frozenset[Node]) -> None:
        super().__init__(b, memory)
        self._wide = wide

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
                    add_lanes(self, node, at)
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
        first, last = self.bounds(at, axis)
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
                    scatter(self, s, inner)
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
        for node in self.closure(roots, at):
            if self.is_open(node, at) and node.op not in PRODUCTS:
                self.value(node, at)

    # ---- loops ---------------------------------------------------------------------------------------------

    def _mask(self, index: Value, last: Value) -> Value:
        b = self.b
        mask: Value = b.compared("<", b.add(b.spread(index), iota()), b.spread(last))
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
        group = self.position(parent(axis), at)
        groups = b.ashr(b.sub(index, first), I64(LANES.bit_length() - 1))
        for inner in self.memory.apart:
            if axis in loops(inner):
                start, count = self.memory.apart_bounds(b, inner, group)
                self.before[inner] = b.add(start, b.mul(groups, count))
