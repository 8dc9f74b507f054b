"""Rows of references and identity, of what they read, and of values moved along the axes."""

from __future__ import annotations

from hzdsl.backends.codegen.emitter import Emitter, Row
from hzdsl.backends.codegen.lltypes import I1, I64, REGISTER
from hzdsl.backends.codegen.loops import bounds, over_positions
from hzdsl.backends.codegen.particles import all_among, legs_of, particles_of, safe, same_particle
from hzdsl.backends.codegen.positions import NO_POSITIONS, Env, Position, Val, axis_of, whole_width, width
from hzdsl.backends.codegen.rows_reductions import accumulate
from hzdsl.backends.codegen.rows_scalar import cast
from hzdsl.ir.axes import EVENT, parent, target
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.ir.walk import bare
from hzdsl.native import ir


def _column(e: Emitter, node: Node, env: Env) -> Val:
    """Load a value in the order of bytes that the chunk has: a file's columns come as they are stored."""
    axis, dtype = node.args[0], node.type.dtype
    index = e.entry if axis is EVENT else env.at(axis)[0]
    pointer = e.slot("column", node.text("name"))
    if dtype is DType.BOOL:
        return Val((e.load_element(pointer, index, dtype),))
    bits = ir.IntType(dtype.bits)
    stored = e.b.load(e.element(pointer, index, bits), typ=bits)
    value = e.b.select(_swapped(e), e.b.bswap(stored), stored)
    return Val((e.b.bitcast(value, REGISTER[dtype]),))


def _swapped(e: Emitter) -> ir.Value:
    """Return whether the columns are in the other order of bytes."""
    found: ir.Value | None = e.find(("swapped",))
    if found is None:
        found = e.b.icmp_signed("!=", e.slot("swapped", number=True), I64(0))
        e.remember(("swapped",), found)
    return found


def _self(e: Emitter, node: Node, env: Env) -> Val:
    return Val(env.whole(node.args[0]))


def _under(e: Emitter, node: Node, env: Env) -> Val:
    """Return the reference to what a position of B.per(A), of a chain or of nested elements stands for.

    B's parent is seen by A; what a chain or nested elements belong to is what their object refers to.
    """
    axis = node.args[0]
    if axis.op == "per":
        return Val((*env.whole(parent(axis.args[0])), *env.at(axis)))
    owner = safe(e, axis.args[0], e.eval(axis.args[0], env), env)
    return Val((*(owner[:-1] if axis.op == "chain" else owner), *env.at(axis)))


def _leg(e: Emitter, node: Node, env: Env) -> Val:
    leg, position = legs_of(node.args[0], env)[node.number("k")]
    return Val((*env.whole(parent(leg)), *position))


def _lift(e: Emitter, node: Node, env: Env) -> Val:
    return e.eval(node.args[0], env)


def _take(e: Emitter, node: Node, env: Env) -> Val:
    """Evaluate the value where the reference points; where it is missing, at element 0, and call that missing."""
    value, reference = node.args
    axis = value.type.axis
    assert axis is not None
    r = e.eval(reference, env)
    inner = env.enter(axis, safe(e, reference, r, env), certain=r.present is None)
    v = e.eval(value, inner)
    return Val(v.parts, e.both(r.present, v.present))


def _shares(e: Emitter, node: Node, env: Env) -> Val:
    a, b = (e.eval(x, env) for x in node.args)
    mine, theirs = (particles_of(e, x, v, env) for x, v in zip(node.args, (a, b), strict=True))
    found: ir.Value = I1(0)
    for p in mine:
        for q in theirs:
            found = e.b.or_(found, same_particle(e, p, q))
    present = e.both(a.present, b.present)
    return Val((found if present is None else e.b.and_(present, found),))


def _same(e: Emitter, node: Node, env: Env) -> Val:
    a, b = (e.eval(x, env) for x in node.args)
    mine, theirs = (particles_of(e, x, v, env) for x, v in zip(node.args, (a, b), strict=True))
    return Val((e.b.and_(all_among(e, mine, theirs), all_among(e, theirs, mine)),), e.both(a.present, b.present))


def _link(e: Emitter, node: Node, env: Env) -> Val:
    """The index counts from the first element of the list in which it is looked up.

    Outside of it a link that is said to be sure reads what one that is missing reads.
    """
    index, axis = e.eval(node.args[0], env), node.args[1]
    first, last = bounds(e, axis, env)
    number = index.value
    length = e.b.sub(last, first)
    inside = e.b.icmp_unsigned("<", number, length)  # a negative one is beyond any length
    at = e.b.add(first, number)
    if not node.type.optional:
        return Val((*env.whole(parent(axis)), e.b.select(inside, at, I64(0))))
    return Val((*env.whole(parent(axis)), at), e.both(index.present, inside))


def _collect(e: Emitter, node: Node, env: Env) -> Val:
    """Look at every value of the event: a reference may come from any position of the lists that it is kept in."""
    value, reference = node.args
    axis, dtype = axis_of(value), node.type.dtype
    wanted, total = env.whole(axis_of(node)), e.variable(REGISTER[dtype], e.zero(dtype))

    def visit(inner: Env, out: ir.Block) -> None:
        at = e.eval(reference, inner)
        here = e.present(at)
        for mine, theirs in zip(wanted, at.parts, strict=True):
            here = e.b.and_(here, e.b.icmp_signed("==", mine, theirs))
        with e.when(here):
            accumulate(e, node, total, e.eval(value, inner))

    kept = _kept_by(node)
    if kept is not None:  # at most one refers to the position: itself
        with e.when(_all_hold(e, kept, env)):
            accumulate(e, node, total, e.eval(value, env))
    elif axis is EVENT:
        visit(NO_POSITIONS, e.b.block)
    else:
        over_positions(e, axis, NO_POSITIONS, visit, node.args)
    return Val((e.get(total, REGISTER[dtype]),))


def _all_hold(e: Emitter, conditions: list[Node], env: Env) -> ir.Value:
    holds: ir.Value = I1(1)
    for condition in conditions:
        holds = e.b.and_(holds, e.truth(e.eval(condition, env)))
    return holds


def _kept_by(collect: Node) -> list[Node] | None:
    """Return the conditions of the filters, outermost first, that select what values go back to; None of all else."""
    value, reference = collect.args
    if bare(reference).op != "self":
        return None
    found: list[Node] = []
    at = axis_of(value)
    while at.op == "filter" and at is not axis_of(collect):
        found.insert(0, at.args[1])
        at = at.args[0]
    return found if at is axis_of(collect) else None


def _cast(e: Emitter, node: Node, env: Env) -> Val:
    """Of an element its place in its list; of a number another type."""
    reference = node.args[0]
    if reference.type.target is None:
        return cast(e, node, env)
    found = e.eval(reference, env)
    axis = target(reference)
    first, _ = bounds(e, axis, env.enter(axis, safe(e, reference, found, env), certain=False))
    return Val((e.b.sub(found.parts[-1], first),), found.present)


def _stack(e: Emitter, node: Node, env: Env) -> Val:
    axis = node.args[-1]
    return _of_member(e, node, env) if axis.op == "union" else _of_place(e, node, env)


def _of_member(e: Emitter, node: Node, env: Env) -> Val:
    """Evaluate the value of the member that the position is of, and of no other."""
    *values, axis = node.args
    member, position = env.at(axis)[0], env.at(axis)[1:]
    held = _Held(e, node)
    for k, (value, part) in enumerate(zip(values, axis.args, strict=True)):
        with e.when(e.b.icmp_signed("==", member, I64(k))):
            inner = env.bind(part, position[: width(part)])
            held.store(_into(e, value, e.eval(value, inner), node))
    return held.load()


def _of_place(e: Emitter, node: Node, env: Env) -> Val:
    """Choose among the values of all legs (places of a row), which do not depend on the one that a loop is at."""
    *values, axis = node.args
    which = env.at(axis)[0]
    found = [_into(e, value, e.eval(value, env), node) for value in values]
    parts, present = list(found[0].parts), e.present(found[0])
    for k, v in enumerate(found[1:], 1):
        here = e.b.icmp_signed("==", which, I64(k))
        parts = [e.b.select(here, new, old) for new, old in zip(v.parts, parts, strict=True)]
        present = e.b.select(here, e.present(v), present)
    return Val(tuple(parts), present if node.type.optional else None)


def _into(e: Emitter, value: Node, found: Val, node: Node) -> Val:
    """Return a reference as one into the union that the stacked ones refer into."""
    union = node.type.target
    if union is None or union is value.type.target:
        return found
    own = target(value)
    parents = len(found.parts) - width(own)
    return Val((*found.parts[:parents], *_member_position(own, union, found.parts[parents:])), found.present)


def _member_position(part: Node, union: Node, position: Position) -> Position:
    for k, member in enumerate(union.args):
        if member is part or (member.op == "union" and _has(member, part)):
            inner = position if member is part else _member_position(part, member, position)
            padding = (I64(0),) * (width(union) - 1 - len(inner))
            return (I64(k), *inner, *padding)
    raise AssertionError("a part that the union does not have")


def _has(union: Node, part: Node) -> bool:
    return any(a is part or (a.op == "union" and _has(a, part)) for a in union.args)


class _Held:
    """Local variables for a value that branches store."""

    def __init__(self, e: Emitter, node: Node) -> None:
        self._e, t = e, node.type
        if t.target is None:
            self._types = [REGISTER[t.dtype]]
        else:
            self._types = [I64] * whole_width(t.target)
        self._parts = [e.variable(x, ir.Constant(x, 0)) for x in self._types]
        self._present = e.variable(I1, I1(0)) if t.optional else None

    def store(self, value: Val) -> None:
        for address, part in zip(self._parts, value.parts, strict=True):
            self._e.b.store(part, address)
        if self._present is not None:
            self._e.b.store(self._e.present(value), self._present)

    def load(self) -> Val:
        parts = tuple(self._e.get(a, x) for a, x in zip(self._parts, self._types, strict=True))
        return Val(parts, None if self._present is None else self._e.get(self._present, I1))


REFERENCE_ROWS: dict[str, Row] = {
    "column": _column,
    "self": _self,
    "under": _under,
    "leg": _leg,
    "lift": _lift,
    "take": _take,
    "shares": _shares,
    "same": _same,
    "link": _link,
    "collect": _collect,
    "cast": _cast,
    "stack": _stack,
}
