"""Adding values to what they refer to, in memory: one sum, or one for each lane."""

from __future__ import annotations

from hzdsl.backends.passes.contexts import Context
from hzdsl.backends.passes.lanes import I64, LANES, VF64, is_vector
from hzdsl.backends.passes.structure import axis_of, loops, outside
from hzdsl.backends.passes.values import Values
from hzdsl.ir.node import Node
from hzdsl.native.ir import Value


def scatter(values: Values, node: Node, at: Context) -> None:
    """Add the values at a position to what is collected where it refers to."""
    b = values.b
    x, where = values.value(node.args[0], at), values.index(node.args[1], at)
    array = values.memory.collected(b, node, lanes=at.lanes and not is_vector(where))
    if at.lanes and not is_vector(where):
        x = _masked_by(values, at, b.spread(x))
        place = b.mul(where, I64(LANES))
        b.write(b.plus(b.read(array, place, VF64), x), array, place)
    elif not at.lanes:
        b.write(b.plus(b.read(array, where), x), array, where)
    else:
        x = _masked_by(values, at, b.spread(x))
        for k in range(LANES):
            i = b.lane(where, k)
            b.write(b.plus(b.read(array, i), b.lane(x, k)), array, i)


def _masked_by(values: Values, at: Context, x: Value) -> Value:
    mask = next((c.mask for c in at.chain() if c.mask is not None), None)
    assert mask is not None
    return values.b.select(mask, x, VF64(0.0))


def add_lanes(values: Values, node: Node, at: Context) -> None:
    """Add up the lanes of what was collected, for all positions inside of the loop that one is in."""
    b = values.b
    first, last = _span(values, axis_of(node), at)
    lanes, whole = values.memory.collected(b, node, lanes=True), values.memory.array(b, node)
    with b.loop(first, last) as (i, _):
        b.write(b.summed(b.read(lanes, b.mul(i, I64(LANES)), VF64)), whole, i)


def _span(values: Values, axis: Node, at: Context) -> tuple[Value, Value]:
    """Return the first position of an axis inside of the open loops, and the one after its last."""
    inside = [a for a in loops(axis) if not at.is_open(a)]
    above = outside(inside[0])
    first = values.position(above, at)
    last = values.b.add(first, I64(1))
    for a in inside:
        if a.op == "row":
            return I64(0), I64(a.number("n"))
        first, last = (values.memory.start(values.b, a, x) for x in (first, last))
    return first, last
