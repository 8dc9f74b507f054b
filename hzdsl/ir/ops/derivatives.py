"""The derivative rules that declarations of operations name: what they mean stands in `declare.Derivative`."""

from __future__ import annotations

from math import pi

from hzdsl.ir.algebra import (
    along,
    apply,
    chosen,
    function,
    minus,
    negative,
    number,
    opposite,
    over,
    plus,
    power,
    squared,
    times,
    total,
)
from hzdsl.ir.axes import lineage, superset
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops.declare import Derivative, Shares
from hzdsl.ir.types import DType

# ---- arithmetic -------------------------------------------------------------------------------------------------


def _pow(node: Node) -> Shares:
    """x**y: y x**(y-1), and x**y ln x, which is 0 where x is (x**y is constant there for y > 0)."""
    x, y = node.args
    positive = apply("lt", number(0), x)
    by_exponent = times(node, function("log", chosen(positive, x, number(1)))) if _plain(x) else None
    return times(y, power(x, minus(y, number(1)))), by_exponent


def _plain(x: Node) -> bool:
    """A base with a unit has a constant exponent."""
    return x.type.unit.dimensionless


def _atan2(node: Node) -> Shares:
    y, x = node.args
    square = plus(squared(x), squared(y))
    return over(x, square), negative(over(y, square))


def _hypot(node: Node) -> Shares:
    """a/h; at the tip of the cone 0 is one of its slopes."""
    tip = apply("eq", node, number(0))
    safe = chosen(tip, number(1), node)
    return tuple(chosen(tip, number(0), over(a, safe)) for a in node.args)


def _faddeeva(node: Node) -> Shares:
    """w′(z) = -2zw + 2i/√π (Abramowitz & Stegun 7.1.20); along y it is i times that."""
    x, y = node.args
    real, imag = (make("faddeeva", x, y, part=part) for part in ("real", "imag"))
    along_x = times(number(-2), minus(times(x, real), times(y, imag)))
    turned = minus(number(2 / pi**0.5), times(number(2), plus(times(x, imag), times(y, real))))
    return (along_x, negative(turned)) if node.text("part") == "real" else (turned, along_x)


def _absolute(node: Node) -> Shares:
    """1 at 0, as of everything on its right."""
    (x,) = node.args
    return (chosen(apply("lt", x, number(0)), number(-1), number(1)),)


def _quotient(node: Node) -> Shares:
    b = node.args[1]
    return over(number(1), b), negative(over(node, b))


ADD = Derivative(partials=lambda n: (number(1), number(1)))
SUB = Derivative(partials=lambda n: (number(1), number(-1)))
MUL = Derivative(partials=lambda n: (n.args[1], n.args[0]))
DIV = Derivative(partials=_quotient)
MOD = Derivative(partials=lambda n: (number(1), negative(function("floor", over(*n.args)))))
NEG = Derivative(partials=lambda n: (number(-1),))
ABS = Derivative(partials=_absolute)
POW = Derivative(partials=_pow)
ATAN2 = Derivative(partials=_atan2)
HYPOT = Derivative(partials=_hypot)
FADDEEVA = Derivative(partials=_faddeeva)


def _function(node: Node) -> Shares:
    from hzdsl.ir.ops.functions import MATH

    slope = MATH[node.text("name")].slope
    return (None if slope is None else slope(node.args[0], node),)


MATHS = Derivative(partials=_function)

# ---- choices and casts ------------------------------------------------------------------------------------------


def _zero(like: Node) -> Node:
    return along(number(0), like.type.axis or like)


def _branches(node: Node, tangents: Shares) -> Node:
    _, a, b = (x or _zero(node) for x in tangents)
    return chosen(node.args[0], a, b)


WHERE = Derivative(
    forward=_branches,
    transpose=lambda n, adjoint: (None, adjoint, adjoint),
    guards=lambda n: (None, n.args[0], opposite(n.args[0])),
)


def _otherwise(node: Node, tangents: Shares) -> Node:
    a, b = (x or _zero(node) for x in tangents)
    return chosen(make("exists", node.args[0]), a, b)


def _presence(node: Node) -> Shares:
    there = make("exists", node.args[0])
    return there, opposite(there)


OTHERWISE = Derivative(forward=_otherwise, transpose=lambda n, adjoint: (adjoint, adjoint), guards=_presence)


def _as(x: Node, dtype: DType) -> Node:
    return x if x.type.dtype is dtype else apply("cast", x, dtype=dtype)


CAST = Derivative(
    forward=lambda n, tangents: _as(_there(tangents[0]), n.type.dtype),
    transpose=lambda n, adjoint: (_as(adjoint, n.args[0].type.dtype),),
)


def _there(x: Node | None) -> Node:
    assert x is not None, "a rule is asked where something moves"
    return x


VARY = Derivative(
    forward=lambda n, tangents: tangents[0] or _zero(n),
    transpose=lambda n, adjoint: (adjoint, *(None for _ in n.args[1:])),
)

# ---- along axes -------------------------------------------------------------------------------------------------


def _lift_back(node: Node, adjoint: Node) -> Shares:
    """Sum over every axis on the way from the finer axis to the coarser one."""
    value, axis = node.args
    for at in lineage(axis):
        if at is value.type.axis:
            break
        above = superset(at)
        if above is None:
            adjoint = total(adjoint, at)
        else:  # each position of a selection is one of what it selects from
            adjoint = make("collect", along(adjoint, at), make("lift", make("self", above), at))
    return adjoint, None


LIFT = Derivative(forward=lambda n, tangents: along(_there(tangents[0]), n.args[1]), transpose=_lift_back)
TAKE = Derivative(
    forward=lambda n, tangents: make("take", along(_there(tangents[0]), _axis(n.args[0])), n.args[1]),
    transpose=lambda n, adjoint: (make("collect", along(adjoint, _axis(n)), n.args[1]), None),
)
COLLECT = Derivative(
    forward=lambda n, tangents: make("collect", along(_there(tangents[0]), _axis(n.args[0])), n.args[1]),
    transpose=lambda n, adjoint: (make("take", along(adjoint, _axis(n)), n.args[1]), None),
)


def _axis(x: Node) -> Node:
    assert x.type.axis is not None
    return x.type.axis


def _stacked(node: Node, tangents: Shares) -> Node:
    *values, axis = node.args
    parts = [along(t or number(0), _axis(v)) for v, t in zip(values, tangents[:-1], strict=True)]
    return make("stack", *parts, axis)


def _unstacked(node: Node, adjoint: Node) -> Shares:
    *values, axis = node.args
    spread = along(adjoint, axis)
    return *(make("take", spread, make("nth", axis, i=i)) for i in range(len(values))), None


STACK = Derivative(forward=_stacked, transpose=_unstacked)

# ---- reductions -------------------------------------------------------------------------------------------------


def _others(node: Node) -> Node:
    """Of a product the product of all others: no division, so that a factor may be 0."""
    (x,) = node.args
    axis = _axis(x)
    each = make("per", axis, axis)  # for each position, all positions
    other = make("under", each)
    itself = make("same", other, make("lift", make("self", axis), each))
    return make("prod", chosen(itself, along(number(1), each), make("take", x, other)))


def _extremum(direction: str) -> Derivative:
    """1 at the position that has it, the first of several."""

    def weights(node: Node) -> Node:
        (x,) = node.args
        axis = _axis(x)
        best = make("lift", make("pick", axis, x, direction=direction), axis)
        return chosen(make("same", make("self", axis), best), number(1), number(0))

    return Derivative(weights=weights)


SUM = Derivative(weights=lambda n: number(1))
PROD = Derivative(weights=_others)
MIN, MAX = _extremum("argmin"), _extremum("argmax")
