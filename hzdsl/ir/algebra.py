"""Arithmetic on nodes that passes write, with what is known of 0 and 1, along the coarsest axis that operands allow.

Nobody sees these nodes but backends that promise 1e-12 (likelihoods): unlike `hzdsl.ir.build` they may be rearranged.
"""

from __future__ import annotations

from hzdsl.ir.axes import EVENT, finer, sees
from hzdsl.ir.building.leaves import const_value, plain_const
from hzdsl.ir.node import Node, float_bits, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, NONE
from hzdsl.ir.walk import bare


def number(value: float) -> Node:
    """Return a constant (per event); 0 fits every unit."""
    if value == 0:
        return make("const", bits=float_bits(0.0), dtype=DType.F64, unit=ANY)
    return plain_const(float(value))


def together(*operands: Node) -> tuple[Node, ...]:
    """Return operands on the coarsest axis that all of them can be brought to."""
    found = [bare(x) for x in operands]
    axis = EVENT
    for x in found:
        assert x.type.axis is not None
        common = finer(axis, x.type.axis)
        assert common is not None, "operands of one operation are on one lineage"
        axis = common
    return tuple(along(x, axis) for x in found)


def along(x: Node, axis: Node) -> Node:
    """Return a value broadcast to an axis."""
    x = bare(x)
    return x if x.type.axis is axis else make("lift", x, axis)


def apply(op: str, *operands: Node, **attrs: object) -> Node:
    """Return an operation on operands wherever they vary, no further; constants have the dtype of the others."""
    found = together(*operands)
    others = {x.type.dtype for x in found if x.type.dtype.floating and const_value(x) is None}
    if len(others) == 1:
        (dtype,) = others
        found = tuple(make("cast", x, dtype=dtype) if _to_cast(x, dtype) else x for x in found)
    return make(op, *found, **attrs)


def _to_cast(x: Node, dtype: DType) -> bool:
    return x.type.dtype.floating and x.type.dtype is not dtype


def plus(a: Node, b: Node) -> Node:
    """Return a + b."""
    if is_number(a, 0):
        return b
    if is_number(b, 0):
        return a
    if b.op == "neg":
        return minus(a, b.args[0])
    return apply("add", a, b) if a.op != "neg" else minus(b, a.args[0])


def minus(a: Node, b: Node) -> Node:
    """Return a - b."""
    if is_number(b, 0):
        return a
    if is_number(a, 0):
        return negative(b)
    return plus(a, b.args[0]) if b.op == "neg" else apply("sub", a, b)


def negative(a: Node) -> Node:
    """Return -a."""
    value = const_value(a)
    if value is not None and a.type.dtype is DType.F64 and bare(a).type.unit in (NONE, ANY):
        return number(-value)
    if a.op == "neg":
        return a.args[0]
    return apply("sub", a.args[1], a.args[0]) if a.op == "sub" else apply("neg", a)


def times(a: Node, b: Node) -> Node:
    """Return a b."""
    for x, y in ((a, b), (b, a)):
        if is_number(x, 1):
            return y
        if is_number(x, -1):
            return negative(y)
        if is_number(x, 0):
            return x
        if x.op == "neg":
            return negative(times(x.args[0], y))
    return apply("mul", a, b)


def over(a: Node, b: Node) -> Node:
    """Return a / b; along an axis by the reciprocal of b, which others share, or which does not vary there."""
    if is_number(b, 1) or is_number(a, 0):
        return a
    if a.op == "neg":
        return negative(over(a.args[0], b))
    if bare(a).type.axis is EVENT or is_number(a, 1):
        return apply("div", a, b)
    return times(a, apply("div", number(1), b))


def squared(a: Node) -> Node:
    """Return a²."""
    return times(a, a)


def function(name: str, a: Node) -> Node:
    """Return a function of the `math` table."""
    return apply("math", a, name=name)


def power(a: Node, b: Node) -> Node:
    """Return a to the power b."""
    return a if is_number(b, 1) else apply("pow", a, b)


def less(a: Node, b: Node) -> Node:
    """Return whether a < b."""
    return apply("lt", a, b)


def opposite(condition: Node) -> Node:
    """Return where a condition does not hold; missing where it is."""
    if condition.op == "not":
        return condition.args[0]
    if not condition.type.optional:
        return make("not", condition)
    return apply("eq", condition, make("const", bits=0, dtype=DType.BOOL, unit=NONE))


def chosen(condition: Node, a: Node, b: Node) -> Node:
    """Return a where a condition holds, else b."""
    return a if a is b else apply("where", condition, a, b)


def total(a: Node, axis: Node) -> Node:
    """Return the sum of a value over an axis, per position of its parent; it may be one that does not vary there."""
    a = bare(a)
    assert axis.type.axis is not None
    assert a.type.axis is not None
    if sees(axis.type.axis, a.type.axis):
        many = make("cast", make("count", axis), dtype=a.type.dtype)
        return times(many, a)
    return make("sum", along(a, axis))


def is_number(a: Node, value: float) -> bool:
    """Return whether a node is this constant."""
    found = const_value(a)
    if found is None and a.op == "cast":
        found = const_value(a.args[0])
    return found is not None and found == value and (value == 0 or bare(a).type.unit in (NONE, ANY))
