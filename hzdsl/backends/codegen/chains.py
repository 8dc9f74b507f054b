"""Loops that start from an object: its legs, its nested elements, the chain of links that leads away from it."""

from __future__ import annotations

from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lists import Body
from hzdsl.backends.codegen.lltypes import I1, I64
from hzdsl.backends.codegen.loops import LoopRow, Uses, bounds
from hzdsl.backends.codegen.particles import safe
from hzdsl.backends.codegen.positions import Env, Val
from hzdsl.ir.axes import parent
from hzdsl.ir.node import Node
from hzdsl.native import ir


def _over_legs(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    """All legs, where the object is there."""
    e.prepare(uses.always, env)
    present: ir.Value | None = None
    for reference in axis.args:
        present = e.both(present, e.eval(reference, env).present)
    n = I64(len(axis.args))
    with e.loop(I64(0), n if present is None else e.b.select(present, n, I64(0))) as (i, out):
        body(env.bind(axis, (i,)), out)


def _over_at(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    """The nested elements of what an object refers to; none where it is missing."""
    e.prepare(uses.always, env)
    reference, nested = axis.args
    owner = e.eval(reference, env)
    position = safe(e, reference, owner, env)
    first, last = bounds(e, nested, env.enter(parent(nested), position, certain=owner.present is None))
    if owner.present is not None:
        last = e.b.select(owner.present, last, first)
    with e.loop(first, last) as (i, out):
        body(env.bind(axis, (i,)), out)


class _Walk:
    """A walk along the links of one collection, from one element."""

    def __init__(self, e: Emitter, step: Node, env: Env, start: Val) -> None:
        assert step.type.axis is not None
        self._e, self._step, self._env, self._axis = e, step, env, step.type.axis
        self._home, self.start = start.parts[:-1], start.parts[-1]

    def next(self, element: ir.Value) -> Val:
        """Return where the link of an element leads."""
        return self._e.eval(self._step, self._env.enter(self._axis, (*self._home, element), certain=False))

    def met(self, wanted: ir.Value, steps: ir.Value) -> ir.Value:
        """Return whether an element is the start or among the first `steps` after it."""
        e = self._e
        found, at = e.variable(I1, I1(0)), e.variable(I64, self.start)
        with e.loop(I64(0), e.b.add(steps, I64(1))) as (_, out):
            here = e.get(at, I64)
            with e.when(e.b.icmp_signed("==", here, wanted)):
                e.b.store(I1(1), found)
                e.b.branch(out)
            e.b.store(self.next(here).parts[-1], at)
        return e.get(found, I1)


def _over_chain(e: Emitter, axis: Node, env: Env, body: Body, uses: Uses) -> None:
    """Follow the links until there is none or one comes again. (One below all before it is new: mothers come first.)"""
    e.prepare(uses.always, env)
    begin = e.eval(axis.args[0], env)
    walk = _Walk(e, axis.args[1], env, Val(safe(e, axis.args[0], begin, env)))
    at, least = e.variable(I64, walk.start), e.variable(I64, walk.start)
    going, length = e.variable(I1, e.present(begin)), e.variable(I64, I64(0))
    with e.b.loop_while(lambda: e.get(going, I1)) as after, e.scope():
        following = walk.next(e.get(at, I64))
        number, so_far = following.parts[-1], e.get(least, I64)
        e.b.store(e.present(following), going)
        with e.when(e.b.and_(e.present(following), e.b.icmp_signed(">=", number, so_far))):
            e.b.store(e.b.not_(walk.met(number, e.get(length, I64))), going)
        e.b.store(e.b.add(e.get(length, I64), I64(1)), length)
        with e.when(e.get(going, I1)):
            e.b.store(number, at)
            e.b.store(e.b.select(e.b.icmp_signed("<", number, so_far), number, so_far), least)
            body(env.bind(axis, (number,)), after)


CHAIN_ROWS: dict[str, LoopRow] = {"legs": _over_legs, "chain": _over_chain, "at": _over_at}
