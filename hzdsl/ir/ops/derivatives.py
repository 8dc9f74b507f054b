"""The derivative rules that declarations of operations name: what they mean stands in `declare.Derivative`."""

from __future__ import annotations

from functools import reduce
from math import pi

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import (
    along,
    apply,
    chosen,
    function,
    minus,
    negative,
    number,
    of_dtype,
    over,
    plus,
    power,
    present,
    sign,
    squared,
    times,
    total,
    where_present,
)
from hzdsl.ir.axes import STANDING, leaf_axes, leg_axes, parent, sees, stored, target
from hzdsl.ir.building.leaves import const_value
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops.declare import MOST_POSITIONS, Derivative, Shares

# ---- arithmetic ----------------------------------------------------------------------------------------------------


def _pow(node: Node) -> Shares:
    """The slopes y x**(y-1), 0 where y is, and x**y ln x, 0 where x is (for y > 0 it is constant there)."""
    x, y = node.args
    slope = times(y, power(x, minus(y, number(1))))
    if const_value(y) is not None:
        return slope, None
    by_exponent = times(node, function("log", chosen(_is_zero(x), number(1), x)))
    return chosen(_is_zero(y), number(0), slope), by_exponent


def _is_zero(x: Node) -> Node:
    return apply("eq", x, number(0))


def _atan2(node: Node) -> Shares:
    y, x = node.args
    square = plus(squared(x), squared(y))
    return over(x, square), negative(over(y, square))


def _hypot(node: Node) -> Shares:
    """a/h; at the tip of the cone 0 is one of its slopes."""
    tip = _is_zero(node)
    safe = chosen(tip, number(1, node.type.unit), node)
    return tuple(over(chosen(tip, number(0), a), safe) for a in node.args)


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
    return (sign(x),)


def _quotient(node: Node) -> Shares:
    inverse = over(number(1), node.args[1])  # of what is the same for many rows it is found once
    return inverse, negative(times(node, inverse))


def _mod(node: Node) -> Shares:
    """1, and -floor(x/y), written so that it has a derivative itself."""
    x, y = node.args
    return number(1), over(minus(node, x), y)


def _function(node: Node) -> Shares:
    from hzdsl.ir.ops.functions import MATH

    slope = MATH[node.text("name")].slope
    return (None if slope is None else slope(node.args[0], node),)


ADD = Derivative(partials=lambda n: (number(1), number(1)))
SUB = Derivative(partials=lambda n: (number(1), number(-1)))
MUL = Derivative(partials=lambda n: (n.args[1], n.args[0]))
DIV = Derivative(partials=_quotient)
MOD = Derivative(partials=_mod)
NEG = Derivative(partials=lambda n: (number(-1),))
ABS = Derivative(partials=_absolute)
POW = Derivative(partials=_pow)
ATAN2 = Derivative(partials=_atan2)
HYPOT = Derivative(partials=_hypot)
FADDEEVA = Derivative(partials=_faddeeva)
MATHS = Derivative(partials=_function)
CAST = Derivative(partials=lambda n: (number(1),))
#: Of the nominal value: variations are put in before a graph is differentiated.
VARY = Derivative(partials=lambda n: (number(1), *(None for _ in n.args[1:])))

# ---- choices -------------------------------------------------------------------------------------------------------

WHERE = Derivative(choice=lambda n: n.args[0])
OTHERWISE = Derivative(choice=lambda n: make("exists", n.args[0]))

# ---- along axes ----------------------------------------------------------------------------------------------------


def _axis(x: Node) -> Node:
    assert x.type.axis is not None
    return x.type.axis


def _there(x: Node | None) -> Node:
    assert x is not None, "a rule is asked where something moves"
    return x


def _lift_back(node: Node, adjoint: Node) -> Shares:
    """Sum over the positions of every axis on the way; each position of a selection is one of what it selects from."""
    value, at = node.args
    coarse = _axis(value)
    while at is not coarse:
        if stored(at) is stored(coarse):
            adjoint = make("collect", along(adjoint, at), make("lift", make("self", coarse), at))
            at = coarse
        else:
            adjoint, at = total(adjoint, at), parent(at)
    return adjoint, None


LIFT = Derivative(forward=lambda n, tangents: along(_there(tangents[0]), n.args[1]), transpose=_lift_back)


def _taken(value: Node, reference: Node, target: Node) -> Node:
    return make("take", along(value, target), reference)


def _collected(value: Node, reference: Node) -> Node:
    return make("collect", along(value, _axis(reference)), reference)


TAKE = Derivative(
    forward=lambda n, tangents: _taken(_there(tangents[0]), n.args[1], _axis(n.args[0])),
    transpose=lambda n, adjoint: (_collected(adjoint, n.args[1]), None),
)
COLLECT = Derivative(
    forward=lambda n, tangents: _collected(where_present(n.args[0], _there(tangents[0])), n.args[1]),
    transpose=lambda n, adjoint: (present(_taken(adjoint, n.args[1], _axis(n))), None),
)


def _stacked(node: Node, tangents: Shares) -> Node:
    *values, axis = node.args
    rates = [of_dtype(t or number(0), node.type.dtype) for t in tangents[:-1]]
    parts = [along(t, _axis(v)) for v, t in zip(values, rates, strict=True)]
    return make("stack", *parts, axis)


def _unstacked(node: Node, adjoint: Node) -> Shares:
    *values, axis = node.args
    if axis.op == "union":
        return *(_collected(along(adjoint, axis), _member(axis, k)) for k in range(len(values))), None
    spread = along(adjoint, axis)
    return *(present(make("take", spread, make("nth", axis, i=i))) for i in range(len(values))), None


def _member(union: Node, k: int) -> Node:
    """Return for each position of a union the position of its k-th member that it is, missing where it is none."""
    from hzdsl.ir.print import spell

    own = union.args[k]
    never = make("nth", own, i=MOST_POSITIONS - 1)
    if not all(sees(axis, parent(own)) for axis in union.args):
        what = f"a value along {spell(union)} has no derivative yet: its members have different parents"
        raise HzdslError("derivative", what, fix="bring both to one parent first, e.g. with .per(…)")
    parts = [make("self", own) if axis is own else make("lift", never, axis) for axis in union.args]
    return make("stack", *parts, union)


STACK = Derivative(forward=_stacked, transpose=_unstacked)

# ---- reductions ----------------------------------------------------------------------------------------------------


def _others(node: Node) -> Node:
    """Of a product the product of all others: no division, so that a factor may be 0."""
    (x,) = node.args
    axis = _axis(x)
    each = make("per", axis, axis)  # for each position, all positions
    other = make("under", each)
    itself = _identical(other, make("lift", make("self", axis), each), axis)
    return make("prod", chosen(itself, along(number(1), each), make("take", x, other)))


def _identical(a: Node, b: Node, axis: Node) -> Node:
    """Return whether two references into one list are to one position: to the same particles, each as the same leg."""
    parts = _parts(axis)
    if parts:
        same = [_identical(make("take", x, a), make("take", x, b), target(x)) for x in parts]
        return reduce(lambda p, q: make("and", p, q), same)
    if len(leaf_axes(axis)) != 1:
        what = "the product of a value of candidates in a union has no derivative yet"
        raise HzdslError("derivative", what, fix="take the product over each of its members")
    return make("same", a, b)


def _parts(axis: Node) -> list[Node]:
    """Return the references that tell positions of one list apart, along the axis; none of single particles."""
    base = stored(axis)
    if base.op in STANDING:
        return [along(make("under", base), axis)]
    return [make("leg", axis, k=k) for k in range(len(leg_axes(axis)))]


def _extremum(direction: str) -> Derivative:
    """The value at the position that has it, the first of several."""

    def best(node: Node) -> Node:
        (x,) = node.args
        return make("pick", _axis(x), x, direction=direction)

    return Derivative(
        forward=lambda n, tangents: _taken(_there(tangents[0]), best(n), _axis(n.args[0])),
        transpose=lambda n, adjoint: (_collected(adjoint, best(n)),),
    )


SUM = Derivative(weights=lambda n: number(1))
PROD = Derivative(weights=_others)
MIN, MAX = _extremum("argmin"), _extremum("argmax")
