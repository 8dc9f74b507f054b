"""Arithmetic on nodes that passes write, with what is known of 0 and 1, along the coarsest axis that operands allow.

Nobody sees these nodes but backends that promise 1e-12 (likelihoods): unlike `hzdsl.ir.build` they may be rearranged.
"""

from __future__ import annotations

from functools import lru_cache

from hzdsl.ir.axes import EVENT, finer, sees
from hzdsl.ir.building.leaves import const_value
from hzdsl.ir.node import Node, float_bits, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, NONE, Unit
from hzdsl.ir.walk import bare

# ---- constants -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def number(value: float, unit: Unit = NONE) -> Node:
    """Return a constant (per event); 0 fits every unit."""
    if value == 0:
        return make("const", bits=float_bits(0.0), dtype=DType.F64, unit=ANY)
    return make("const", bits=float_bits(float(value)), dtype=DType.F64, unit=unit)


def is_number(a: Node, value: float) -> bool:
    """Return whether a node is this constant, in any floating type; 0 may have a unit."""
    at = a
    while at.op == "lift" or at.op == "cast":  # noqa: PLR1714 (asked of nearly every node that passes meet)
        at = at.args[0]
    if at.op != "const":
        return False
    return const_value(at) == value and (value == 0 or a.type.unit in (NONE, ANY))


def _folded(a: Node) -> float | None:
    """Return the number of a plain f64 constant, None for anything else."""
    value = const_value(a)
    return value if isinstance(value, float) and a.type.unit in (NONE, ANY) else None


# ---- operations wherever operands vary -----------------------------------------------------------------------------


def together(*values: Node) -> tuple[Node, ...]:
    """Return operands on the coarsest axis that all of them can be brought to."""
    found = tuple([bare(x) for x in values])
    axis = found[0].type.axis
    for x in found[1:]:
        if x.type.axis is not axis:
            break
    else:
        return found
    for x in found[1:]:
        assert axis is not None
        assert x.type.axis is not None
        axis = finer(axis, x.type.axis)
        assert axis is not None, "operands of one operation are on one lineage"
    assert axis is not None
    return tuple([along(x, axis) for x in found])


def along(x: Node, axis: Node) -> Node:
    """Return a value broadcast to an axis."""
    x = bare(x)
    return x if x.type.axis is axis else make("lift", x, axis)


def of_dtype(x: Node, dtype: DType) -> Node:
    """Return a value in another floating type."""
    return x if x.type.dtype is dtype else make("cast", x, dtype=dtype)


def apply(op: str, *values: Node, **attrs: object) -> Node:
    """Return an operation on operands wherever they vary, no further; constants have the dtype of the others."""
    found = together(*values)
    floating = {x.type.dtype for x in found if x.type.dtype.floating}
    if len(floating) > 1:
        varying = {x.type.dtype for x in found if x.type.dtype.floating and const_value(x) is None}
        dtype = varying.pop() if len(varying) == 1 else DType.F64
        found = tuple([of_dtype(x, dtype) if x.type.dtype.floating else x for x in found])
    return make(op, *found, **attrs)


def function(name: str, a: Node) -> Node:
    """Return a function of the `math` table."""
    return apply("math", a, name=name)


# ---- sums ----------------------------------------------------------------------------------------------------------


def _signed(a: Node) -> tuple[bool, Node]:
    """Return whether a node is the opposite of another, and that other (never recursive: signs may be many)."""
    turned = False
    while (at := bare(a)).op == "neg":
        turned, a = not turned, at.args[0]
    return turned, a


def plus(a: Node, b: Node) -> Node:
    """Return a + b."""
    if is_number(a, 0):
        return b
    if is_number(b, 0):
        return a
    x, y = _folded(a), _folded(b)
    if x is not None and y is not None:
        return number(x + y)
    (minus_a, a), (minus_b, b) = _signed(a), _signed(b)
    if minus_a and minus_b:
        return negative(apply("add", a, b))
    if minus_a or minus_b:
        return apply("sub", b, a) if minus_a else apply("sub", a, b)
    return apply("add", a, b)


def minus(a: Node, b: Node) -> Node:
    """Return a - b."""
    return plus(a, negative(b))


def negative(a: Node) -> Node:
    """Return -a."""
    value = _folded(a)
    if value is not None:
        return number(-value)
    if is_number(a, 0):
        return a
    turned, x = _signed(a)
    if turned:
        return x
    return apply("sub", a.args[1], a.args[0]) if a.op == "sub" else apply("neg", a)


def total(a: Node, axis: Node) -> Node:
    """Return the sum of a value over an axis, per position of its parent; it may be one that does not vary there.

    Factors that do not vary along the axis stand before the sum.
    """
    above = axis.type.axis
    assert above is not None
    turned, a = _signed(a)
    outside: list[Node] = []
    while (at := bare(a)).op == "mul" and any(_same_everywhere(x, above) for x in at.args):
        x, y = at.args
        factor, a = (x, y) if _same_everywhere(x, above) else (y, x)
        outside.append(bare(factor))
    if _same_everywhere(a, above):
        outside.append(bare(a))
        found = of_dtype(how_many(axis), a.type.dtype)
    else:
        found = make("sum", along(a, axis))
    for factor in reversed(outside):
        found = times(factor, found)
    return negative(found) if turned else found


def _same_everywhere(x: Node, above: Node) -> bool:
    """Return whether a value, never missing, is one for all positions that a position of the axis above has."""
    x = bare(x)
    return x.type.axis is not None and sees(above, x.type.axis) and not x.type.optional


def how_many(axis: Node) -> Node:
    """Return the number of positions of an axis, as f64."""
    if axis.type.lo == axis.type.hi:
        return number(axis.type.lo)
    return make("cast", make("count", axis), dtype=DType.F64)


# ---- products ------------------------------------------------------------------------------------------------------


def times(a: Node, b: Node) -> Node:
    """Return a b."""
    if is_number(a, 0) or is_number(b, 0):
        return number(0)
    x, y = _folded(a), _folded(b)
    if x is not None and y is not None:
        return number(x * y)
    (minus_a, a), (minus_b, b) = _signed(a), _signed(b)
    if x is not None and x < 0:
        a, minus_a = number(-x), not minus_a
    if y is not None and y < 0:
        b, minus_b = number(-y), not minus_b
    found = _product(a, b)
    return negative(found) if minus_a is not minus_b else found


def _product(a: Node, b: Node) -> Node:
    """Return c (x y) for (c x) y where c varies less far than x and y: sums and other products share x y."""
    for x, y in ((a, b), (b, a)):
        if is_number(x, 1):
            return y
    parts = [_factors(n) for n in together(a, b)]
    coarse, fine = ([n for n in pair if n is not None] for pair in zip(*parts, strict=True))
    if not coarse or not fine or len(coarse) + len(fine) == 2:
        return apply("mul", a, b)
    outer, inner = (pair[0] if len(pair) == 1 else times(*pair) for pair in (coarse, fine))
    return apply("mul", outer, inner)


def _factors(x: Node) -> tuple[Node | None, Node | None]:
    """Return what of a product varies less far than the product, and the rest; None where there is none."""
    if x.op == "lift":
        return bare(x), None
    if x.op == "mul":
        for c, fine in (x.args, x.args[::-1]):
            if c.op == "lift" and fine.op != "lift":
                return bare(c), fine
    return None, x


def over(a: Node, b: Node) -> Node:
    """Return a / b; along an axis by the reciprocal of b, which others share, or which does not vary there."""
    if is_number(b, 1) or is_number(a, 0):
        return a
    (minus_a, a), (minus_b, b) = _signed(a), _signed(b)
    if bare(a).type.axis is EVENT or is_number(a, 1):
        found = apply("div", a, b)
    else:
        found = times(a, apply("div", number(1), b))
    return negative(found) if minus_a is not minus_b else found


def squared(a: Node) -> Node:
    """Return a²."""
    return times(a, a)


def power(a: Node, b: Node) -> Node:
    """Return a to the power b."""
    if is_number(b, 0):
        return number(1)
    return a if is_number(b, 1) else apply("pow", a, b)


# ---- decisions -----------------------------------------------------------------------------------------------------


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


def decided(condition: Node, missing: bool) -> Node:
    """Return a condition with an answer where it is missing."""
    if not condition.type.optional:
        return condition
    return apply("otherwise", condition, make("const", bits=int(missing), dtype=DType.BOOL, unit=NONE))


def chosen(condition: Node, a: Node, b: Node) -> Node:
    """Return a where a condition holds, else b."""
    return a if a is b else apply("where", condition, a, b)


def larger(a: Node, b: Node) -> Node:
    """Return a, or b where a is less."""
    return chosen(less(a, b), b, a)


def smaller(a: Node, b: Node) -> Node:
    """Return a, or b where b is less."""
    return chosen(less(b, a), b, a)


def sign(x: Node) -> Node:
    """Return -1 of what is negative, else 1."""
    return chosen(less(x, number(0)), number(-1), number(1))


def present(x: Node) -> Node:
    """Return a value as 0 where it is missing."""
    return apply("otherwise", x, number(0)) if x.type.optional else x


def where_present(x: Node, value: Node) -> Node:
    """Return a value that counts where x is there, and is 0 where it is missing."""
    return chosen(make("exists", x), value, number(0)) if x.type.optional else value
