"""Loops over the positions of an axis, and the lists and caches that combinatorial loops run on.

Selections of a plain loop are tests inside it. Where the positions of an axis are visited many times (the legs of a
combination) or in another order (sort), they are written to a list first, once, and values along it that call the C
library are computed once per position. Candidates themselves are never stored, unless they are sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from llvmlite import ir

from hzdsl.backends.codegen.emitter import Emitter, contains_call
from hzdsl.backends.codegen.lltypes import I1, I64, SIZE
from hzdsl.backends.codegen.particles import Particles, all_among, particles_at, same_particle
from hzdsl.backends.codegen.positions import Env, Position, Val, width
from hzdsl.ir.axes import CHOICES, EVENT, collections_of, leaf_axes, leg_axes, stored
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.ir.walk import reached, values

#: Called at each position with the environment that binds it and the block to branch to for leaving the loop.
Body = Callable[[Env, ir.Block], None]
#: The row of an operation that makes an axis: emits a body at every position.
LoopRow = Callable[[Emitter, Node, Env, Body, Sequence[Node]], None]


def for_each(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node] = ()) -> None:
    """Emit `body` for every position of `axis`, in order; `uses` are the nodes it will evaluate."""
    e.hoist(list(uses), env)
    found = _list_of(e, axis, env)
    if found is not None:
        _over_list(e, axis, found, env, body)
    else:
        e.rows[axis.op](e, axis, env, body, uses)


def _over_events(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node]) -> None:
    with e.loop(I64(0), e.entry) as (i, out):
        body(env.bind(axis, (i,)), out)


def _over_sorted(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node]) -> None:
    _over_list(e, axis, listed(e, axis, env), env, body)


def _over_per(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node]) -> None:
    for_each(e, axis.args[0], env, lambda inner, out: body(_as_per(env, inner, axis), out), uses)


def _as_per(outer: Env, inner: Env, axis: Node) -> Env:
    """Return `outer` with `axis` bound to the position of B; B itself keeps what it was bound to outside."""
    return outer.bind(axis, inner.at(axis.args[0]))


def _key(env: Env, axis: Node) -> tuple[int, ...]:
    outer = stored(axis).type.axis
    return () if outer is None else env.key(outer)


def bounds(e: Emitter, collection: Node, env: Env) -> tuple[ir.Value, ir.Value]:
    """Return the first and one-past-last element numbers of a stored collection."""
    key = ("bounds", collection, _key(env, collection))
    found: tuple[ir.Value, ir.Value] | None = e.find(key)
    if found is None:
        outer = collection.type.axis
        index = e.entry if outer is EVENT or outer is None else env.at(outer)[0]
        offsets = e.slot("offsets", collection.text("name"))
        first = e.load_element(offsets, index, DType.I64)
        found = first, e.load_element(offsets, e.b.add(index, I64(1)), DType.I64)
        e.remember(key, found)
    return found


def _over_collection(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node]) -> None:
    first, last = bounds(e, axis, env)
    with e.loop(first, last) as (i, out):
        body(env.bind(axis, (i,)), out)


def _over_filter(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node]) -> None:
    """Test the conditions of a filter of filters one inside the other, in one loop, however many there are."""
    conditions: list[Node] = []
    base = axis
    while base.op == "filter" and (base is axis or _list_of(e, base, env) is None):
        base, condition = base.args
        conditions.insert(0, condition)

    def tested(inner: Env, out: ir.Block) -> None:
        with ExitStack() as tests:
            for condition in conditions:
                tests.enter_context(e.when(e.truth(e.eval(condition, inner))))
            body(inner, out)

    for_each(e, base, env, tested, [*conditions, *uses])


def _over_slice(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node]) -> None:
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

    for_each(e, axis.args[0], env, counted, uses)


# ---- combinations --------------------------------------------------------------------------------------------------


def _over_choice(e: Emitter, axis: Node, env: Env, body: Body, uses: Sequence[Node]) -> None:
    """Nested loops over the legs; what shares a particle is skipped."""
    assert axis.op in CHOICES
    legs = leg_axes(axis)
    for leg in dict.fromkeys(legs):
        if leg.op != "collection":
            listed(e, leg, env)
        _cache_leg_values(e, leg, env, uses)
    exit_block = e.block("choice_done")

    def nest(k: int, chosen: list[tuple[Position, ir.Value]]) -> None:
        def leg_body(position: Position, index: ir.Value) -> None:
            with e.when(_apart(e, axis, env, [p for p, _ in chosen], position)):
                if k + 1 < len(legs):
                    nest(k + 1, [*chosen, (position, index)])
                else:
                    parts = [p for p, _ in chosen] + [position]
                    body(env.bind(axis, tuple(x for p in parts for x in p)), exit_block)

        after = chosen[-1][1] if axis.op == "choose" and chosen else None
        _over_leg(e, legs[k], env, after, leg_body)

    nest(0, [])
    e.b.branch(exit_block)
    e.b.position_at_end(exit_block)


def _over_leg(
    e: Emitter, leg: Node, env: Env, after: ir.Value | None, body: Callable[[Position, ir.Value], None]
) -> None:
    """Loop over one leg, from the position after index `after` on."""
    if leg.op == "collection":
        first, last = bounds(e, leg, env)
        with e.loop(first if after is None else e.b.add(after, I64(1)), last) as (i, _):
            body((i,), i)
        return
    pointer, count = listed(e, leg, env)
    with e.loop(I64(0) if after is None else e.b.add(after, I64(1)), count) as (i, _):
        body(_read_position(e, pointer, i, width(leg)), i)


def _apart(e: Emitter, axis: Node, env: Env, chosen: list[Position], position: Position) -> ir.Value:
    """Return whether the new leg shares no particle with those chosen, where order does not guarantee it."""
    legs = leg_axes(axis)
    mine_axis = legs[len(chosen)]
    if axis.op == "choose" and len(leaf_axes(mine_axis)) == 1:
        return I1(1)
    apart: ir.Value = I1(1)
    mine = particles_at(e, mine_axis, env.bind(mine_axis, position)) if chosen else []
    for other_axis, other in zip(legs, chosen, strict=False):
        for theirs in particles_at(e, other_axis, env.bind(other_axis, other)):
            for particle in mine:
                apart = e.b.and_(apart, e.b.not_(same_particle(e, particle, theirs)))
    return apart


def _cache_leg_values(e: Emitter, leg: Node, env: Env, uses: Sequence[Node]) -> None:
    """Compute once per position of a leg what the loops would compute per combination, if it calls the C library."""
    base = stored(leg)
    if base.op != "collection":
        return
    for node in _leg_values(uses, leg):
        key = ("cache", node, _key(env, leg))
        if e.find(key) is not None or node.type.optional:
            continue
        first, _ = bounds(e, base, env)
        pointer = _scratch(e, base, SIZE[node.type.dtype])

        def compute(
            inner: Env, out: ir.Block, node: Node = node, pointer: ir.Value = pointer, first: ir.Value = first
        ) -> None:
            value = e.eval(node, inner)
            e.store_element(pointer, e.b.sub(inner.at(base)[0], first), value.value, node.type.dtype)

        for_each(e, leg, env, compute, [node])
        e.remember(key, (pointer, first))


def _scratch(e: Emitter, axis: Node, size: int) -> ir.Value:
    """Return the address of new scratch memory: `size` bytes for each position of `axis`."""
    return e.slot("scratch", e.layout.new_scratch(axis, size))


def _leg_values(uses: Sequence[Node], leg: Node) -> list[Node]:
    """Return the costly values along `leg` that the loop body reads through references."""
    taken = (node.args[0] for node in reached(uses, values) if node.op == "take")
    along = (v for v in dict.fromkeys(taken) if v.type.axis is leg and v.type.dtype is not DType.REF)
    return [v for v in along if contains_call(v)]


# ---- lists ---------------------------------------------------------------------------------------------------------

Listed = tuple[ir.Value, ir.Value]


def listed(e: Emitter, axis: Node, env: Env) -> Listed:
    """Return (address, count) of the list of an axis' positions, writing it where no scope has it."""
    found = _list_of(e, axis, env)
    if found is None:
        write = {"sort": _write_sorted, "union": _write_union}.get(axis.op, _write_list)
        found = write(e, axis, env)
        e.remember(("list", axis, _key(env, axis)), found)
    return found


def _list_of(e: Emitter, axis: Node, env: Env) -> Listed | None:
    """Return the list of an axis' positions, where a scope has written it."""
    found: Listed | None = e.find(("list", axis, _key(env, axis)))
    return found


def _write_list(e: Emitter, axis: Node, env: Env) -> Listed:
    pointer = _scratch(e, axis, 8 * width(axis))
    count = e.variable(I64, I64(0))

    def append(inner: Env, out: ir.Block) -> None:
        n = e.get(count, I64)
        _write_position(e, pointer, n, inner.at(axis))
        e.b.store(e.b.add(n, I64(1)), count)

    for_each(e, axis, env, append)
    return pointer, e.get(count, I64)


def _write_position(e: Emitter, pointer: ir.Value, index: ir.Value, position: Position) -> None:
    start = e.b.mul(index, I64(len(position)))
    for k, part in enumerate(position):
        e.store_element(pointer, e.b.add(start, I64(k)), part, DType.I64)


def _read_position(e: Emitter, pointer: ir.Value, index: ir.Value, size: int) -> Position:
    start = e.b.mul(index, I64(size))
    return tuple(e.load_element(pointer, e.b.add(start, I64(k)), DType.I64) for k in range(size))


def _over_list(e: Emitter, axis: Node, found: Listed, env: Env, body: Body) -> None:
    pointer, count = found
    with e.loop(I64(0), count) as (i, out):
        body(env.bind(axis, _read_position(e, pointer, i, width(axis))), out)


def _write_union(e: Emitter, axis: Node, env: Env) -> Listed:
    """List the first axis' positions, then those of the second that are not among them."""
    first, second = axis.args
    pointer = _scratch(e, axis, 8 * width(axis))
    count = e.variable(I64, I64(0))

    def append(member: int, position: Position) -> None:
        n = e.get(count, I64)
        padding = (I64(0),) * (width(axis) - 1 - len(position))
        _write_position(e, pointer, n, (I64(member), *position, *padding))
        e.b.store(e.b.add(n, I64(1)), count)

    def new(inner: Env, out: ir.Block) -> None:
        with e.when(e.b.not_(_among(e, first, env, particles_at(e, second, inner)))):
            append(1, inner.at(second))

    for_each(e, first, env, lambda inner, out: append(0, inner.at(first)))
    apart = not collections_of(first) & collections_of(second)
    for_each(e, second, env, (lambda inner, out: append(1, inner.at(second))) if apart else new)
    return pointer, e.get(count, I64)


def _among(e: Emitter, axis: Node, env: Env, wanted: Particles) -> ir.Value:
    """Return whether a position of `axis` is made of just these particles."""
    found = e.variable(I1, I1(0))

    def compare(inner: Env, out: ir.Block) -> None:
        mine = particles_at(e, axis, inner)
        with e.when(e.b.and_(all_among(e, mine, wanted), all_among(e, wanted, mine))):
            e.b.store(I1(1), found)
            e.b.branch(out)

    for_each(e, axis, env, compare)
    return e.get(found, I1)


def _write_sorted(e: Emitter, axis: Node, env: Env) -> Listed:
    """Insertion sort, which is stable: each position moves up past those with greater keys."""
    base, keys = axis.args[0], axis.args[1:]
    size = width(axis)
    pointer = _scratch(e, axis, 8 * size)
    columns = [
        (
            _scratch(e, axis, SIZE[k.type.dtype]),
            _scratch(e, axis, 1),
            k.type.dtype,
        )
        for k in keys
    ]
    count = e.variable(I64, I64(0))

    def insert(inner: Env, out: ir.Block) -> None:
        values = [e.eval(k, inner) for k in keys]
        ranked = [(v.value, usable(e, v, k.type.dtype)) for v, k in zip(values, keys, strict=True)]
        at = e.variable(I64, e.get(count, I64))
        test, move, place = (e.block(n) for n in ("test", "move", "place"))
        e.b.branch(test)
        e.b.position_at_end(test)
        i = e.get(at, I64)
        before = e.b.sub(i, I64(1))
        check = e.block("compare")
        e.b.cbranch(e.b.icmp_signed(">", i, I64(0)), check, place)
        e.b.position_at_end(check)
        others = [(e.load_element(p, before, d), e.load_element(f, before, DType.BOOL)) for p, f, d in columns]
        dtypes = [k.type.dtype for k in keys]
        e.b.cbranch(lexicographic(e, ranked, others, dtypes), move, place)
        e.b.position_at_end(move)
        _write_position(e, pointer, i, _read_position(e, pointer, before, size))
        for (p, f, d), (v, ok) in zip(columns, others, strict=True):
            e.store_element(p, i, v, d)
            e.store_element(f, i, ok, DType.BOOL)
        e.b.store(before, at)
        e.b.branch(test)
        e.b.position_at_end(place)
        final = e.get(at, I64)
        _write_position(e, pointer, final, inner.at(axis))
        for (p, f, d), (v, ok) in zip(columns, ranked, strict=True):
            e.store_element(p, final, v, d)
            e.store_element(f, final, ok, DType.BOOL)
        e.b.store(e.b.add(e.get(count, I64), I64(1)), count)

    for_each(e, base, env, insert, list(keys))
    return pointer, e.get(count, I64)


def usable(e: Emitter, value: Val, dtype: DType) -> ir.Value:
    """Return whether a key can win: present and not NaN."""
    ok = e.present(value)
    return e.b.and_(ok, e.b.fcmp_ordered("ord", value.value, value.value)) if dtype.floating else ok


Ranked = list[tuple[ir.Value, ir.Value]]


def lexicographic(e: Emitter, a: Ranked, b: Ranked, dtypes: Sequence[DType]) -> ir.Value:
    """Return whether keys `a` come strictly before keys `b`; an unusable key comes after every usable one."""
    before: ir.Value = I1(0)
    for (x, x_ok), (y, y_ok), dtype in reversed(list(zip(a, b, dtypes, strict=True))):
        less = e.b.select(e.b.and_(x_ok, y_ok), less_than(e, x, y, dtype), e.b.and_(x_ok, e.b.not_(y_ok)))
        more = e.b.select(e.b.and_(x_ok, y_ok), less_than(e, y, x, dtype), e.b.and_(y_ok, e.b.not_(x_ok)))
        before = e.b.or_(less, e.b.and_(e.b.not_(more), before))
    return before


def less_than(e: Emitter, x: ir.Value, y: ir.Value, dtype: DType) -> ir.Value:
    """Return x < y of a numeric dtype."""
    if dtype.floating:
        return e.b.fcmp_ordered("<", x, y)
    return (e.b.icmp_signed if dtype.signed else e.b.icmp_unsigned)("<", x, y)


LOOP_ROWS: dict[str, LoopRow] = {
    "event": _over_events,
    "collection": _over_collection,
    "filter": _over_filter,
    "sort": _over_sorted,
    "slice": _over_slice,
    "choose": _over_choice,
    "product": _over_choice,
    "per": _over_per,
    "union": _over_sorted,
}
