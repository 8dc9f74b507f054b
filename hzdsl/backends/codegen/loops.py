"""Loops over the positions of an axis: selections are tests inside them.

Where positions are visited many times (the legs of a combination) or in another order (sort), they are written to a
list first (`hzdsl.backends.codegen.listing`). Candidates themselves are never stored, unless they are sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lists import Body, list_of, over_list
from hzdsl.backends.codegen.lltypes import I64
from hzdsl.backends.codegen.positions import Env
from hzdsl.ir.axes import EVENT, parent
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.native import ir


@dataclass(frozen=True)
class Uses:
    """The nodes that a body evaluates: at every position, and those behind a test.

    What the former need of values kept per event is found before the loop; the latter find it when they come to it.
    """

    always: tuple[Node, ...]
    behind: tuple[Node, ...] = ()

    @property
    def all(self) -> tuple[Node, ...]:
        """Both."""
        return self.always + self.behind


#: The row of an operation that makes an axis: emits a body at every position, and before the loop what it uses always.
LoopRow = Callable[[Emitter, Node, Env, Body, Uses], None]


def for_each(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node] = ()) -> None:
    """Emit `body` for every position of `axis`, in order; `uses` are the nodes it will evaluate."""
    walk(e, axis, env, body, Uses(tuple(uses)))


def walk(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    """Emit `body` for every position of `axis`, in order."""
    e.hoist(uses.all, env)
    found = list_of(e, axis, env)
    if found is not None:
        e.prepare(uses.always, env)
        over_list(e, axis, found, env, body)
    else:
        e.rows[axis.op](e, axis, env, body, uses)


def over_positions(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node]) -> None:
    """Emit `body` for every position of `axis` in the event (not the event's own), in a loop over its parents'."""
    above = parent(axis)
    if above is EVENT:
        for_each(e, axis, env, body, uses)
    else:
        over_positions(e, above, env, lambda inner, _: for_each(e, axis, inner, body, uses), uses)


def bounds(e: Emitter, collection: Node, env: Env) -> tuple[ir.Value, ir.Value]:
    """Return the first and one-past-last numbers of the elements of a stored collection, or of a row."""
    if collection.op == "row":
        return I64(0), I64(collection.number("n"))
    key = ("bounds", collection, env.outer_key(collection))
    found: tuple[ir.Value, ir.Value] | None = e.find(key)
    if found is None:
        outer = collection.type.axis
        index = e.entry if outer is EVENT or outer is None else env.at(outer)[0]
        offsets = e.slot("offsets", collection.text("name"))
        first = e.load_element(offsets, index, DType.I64)
        found = first, e.load_element(offsets, e.b.add(index, I64(1)), DType.I64)
        e.remember(key, found)
    return found


def _over_events(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    with e.loop(I64(0), e.entry) as (i, out):
        body(env.bind(axis, (i,)), out)


def _over_items(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    e.prepare(uses.always, env)
    first, last = bounds(e, axis, env)
    with e.loop(first, last) as (i, out):
        body(env.bind(axis, (i,)), out)


def _over_filter(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    """Test the conditions of a filter of filters one inside the other, in one loop, however many there are."""
    conditions: list[Node] = []
    base = axis
    while base.op == "filter" and (base is axis or list_of(e, base, env) is None):
        base, condition = base.args
        conditions.insert(0, condition)

    def tested(inner: Env, out: ir.Block) -> None:
        with ExitStack() as tests:
            for condition in conditions:
                tests.enter_context(e.when(e.truth(e.eval(condition, inner))))
            body(inner, out)

    walk(e, base, env, tested, Uses((conditions[0],), (*conditions[1:], *uses.all)))


def _over_slice(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    start, stop = axis.number("start"), axis.attr("stop")
    seen = e.variable(I64, I64(0))

    def counted(inner: Env, out: ir.Block) -> None:
        number = e.get(seen, I64)
        e.b.store(e.b.add(number, I64(1)), seen)
        if stop is not None:
            go_on = e.block("within")
            e.b.cbranch(e.b.icmp_signed("<", number, I64(int(str(stop)))), go_on, out)
            e.b.position_at_end(go_on)
        with e.when(e.b.icmp_signed(">=", number, I64(start))):
            body(inner, out)

    walk(e, axis.args[0], env, counted, uses)


def _over_per(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    walk(e, axis.args[0], env, lambda inner, out: body(_as_per(env, inner, axis), out), uses)


def _as_per(outer: Env, inner: Env, axis: Node) -> Env:
    """Return `outer` with `axis` bound to the position of B; B itself keeps what it was bound to outside."""
    return outer.bind(axis, inner.at(axis.args[0]))


LOOP_ROWS: dict[str, LoopRow] = {
    "event": _over_events,
    "collection": _over_items,
    "row": _over_items,
    "filter": _over_filter,
    "slice": _over_slice,
    "per": _over_per,
}
