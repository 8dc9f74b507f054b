"""Derivatives where a rule alone would give NaN: branches not taken, tips, zeros, ties, and what is missing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hzdsl.backends.base import Chunk
from hzdsl.ir import build, members
from hzdsl.ir.autodiff import gradient, second
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from tests.ir.smooth import evaluated

P, Q = build.param("p", 0.0), build.param("q", 0.0)
X = make("collection", EVENT, name="X")
VALUES = make("column", X, name="X_x", attr="x", dtype=DType.F64, unit=build.const(1.0).type.unit)
ZERO, ONE = build.const(0.0), build.const(1.0)
POSITIVE = build.compare("lt", ZERO, P)
NAN = float("nan")


def events(*lists: list[float]) -> Chunk:
    offsets = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    return Chunk(len(lists), {"X_x": np.array([x for one in lists for x in one], np.float64)}, {"X": offsets})


def slopes(result: Node, p: float, q: float = 0.0, xs: tuple[float, ...] = ()) -> tuple[float, float]:
    """Return the derivatives by p and q."""
    dumps = evaluated(gradient(result, [P, Q]), {"p": p, "q": q}, events(list(xs)))
    assert all(d.valid.all() for d in dumps)
    return tuple(float(d.values[0]) for d in dumps)  # type: ignore[return-value]


def by_elements(result: Node, xs: list[float], p: float = 0.0, q: float = 0.0) -> list[float]:
    (dump,) = evaluated(gradient(result, [VALUES]), {"p": p, "q": q}, events(xs))
    assert dump.valid.all()
    found: list[float] = dump.values.tolist()
    return found


def root(x: Node) -> Node:
    return build.function("sqrt", x)


def log(x: Node) -> Node:
    return build.function("log", x)


def mul(a: Node, b: Node) -> Node:
    return build.arithmetic("mul", a, b)


def add(a: Node, b: Node) -> Node:
    return build.arithmetic("add", a, b)


# ---- branches that are not taken -------------------------------------------------------------------------------------

#: The branch that is not taken at p <= 0: its value or its slope is infinite or NaN there.
UNTAKEN: dict[str, Node] = {
    "root at 0": root(P),
    "root below": root(build.arithmetic("sub", P, ONE)),
    "log": log(P),
    "inverse": build.arithmetic("div", ONE, P),
    "power": build.power(P, build.const(0.5)),
    "power of both": build.power(P, add(P, Q)),
    "root of a square": root(mul(P, P)),
    "deep": build.function("exp", mul(build.const(3.0), log(root(P)))),
    "inverse sine": build.function("asin", add(ONE, P)),
    "of f32": build.cast(root(build.cast(P, DType.F32)), DType.F64),
    "varied": build.vary(root(P), (ONE,), "jes", ("up",)),
}


@pytest.mark.parametrize("name", sorted(UNTAKEN))
def test_a_branch_that_is_not_taken_has_no_say(name: str) -> None:
    bad = UNTAKEN[name]
    chosen = build.where(POSITIVE, mul(bad, Q), mul(build.const(3.0), P))
    assert slopes(chosen, 0.0, 2.0) == (3.0, 0.0)
    assert slopes(build.where(build.compare("le", P, ZERO), P, bad), 0.0) == (1.0, 0.0)


@pytest.mark.parametrize("name", sorted(UNTAKEN))
def test_nor_behind_another_operation_or_choice(name: str) -> None:
    inner = build.where(POSITIVE, UNTAKEN[name], mul(P, P))
    outer = build.where(build.compare("lt", Q, ONE), mul(inner, inner), log(inner))
    assert slopes(add(outer, P), 0.0) == (1.0, 0.0)
    assert slopes(build.function("exp", inner), 0.0) == (0.0, 0.0)


def test_nor_in_second_derivatives() -> None:
    chosen = build.where(POSITIVE, root(P), mul(build.const(3.0), mul(P, P)))
    ((curved,),) = second(chosen, [P])
    at_0, at_4 = (evaluated([curved], {"p": p}, events([]))[0].values[0] for p in (0.0, 4.0))
    assert at_0 == 6.0
    assert at_4 == pytest.approx(-0.25 * 4.0**-1.5, rel=1e-14)


def test_nor_inside_a_sum() -> None:
    p, x = build.lift(P, X), VALUES
    positive = build.compare("lt", ZERO, x)
    per_element = build.where(positive, mul(p, root(x)), mul(p, x))
    result = members.reduce("sum", per_element)
    assert slopes(result, 2.0, xs=(4.0, -1.0, 0.0)) == (1.0, 0.0)
    assert by_elements(result, [4.0, -1.0, 0.0], p=2.0) == [0.5, 2.0, 2.0]
    assert by_elements(members.reduce("sum", build.where(positive, log(x), ZERO)), [0.0, -1.0, 2.0]) == [0, 0, 0.5]


def test_nor_where_the_choice_stands_outside_of_the_sum() -> None:
    """The conditions are carried to the elements, and back."""
    inside = members.reduce("sum", root(VALUES))
    result = build.where(POSITIVE, inside, mul(P, P))
    assert by_elements(result, [0.0, 4.0]) == [0.0, 0.0]
    assert by_elements(result, [1.0, 4.0], p=1.0) == [0.5, 0.25]
    lifted = members.reduce("sum", mul(build.lift(root(P), X), VALUES))
    assert slopes(build.where(POSITIVE, lifted, P), 0.0, xs=(1.0, 2.0)) == (1.0, 0.0)
    condition = build.lift(POSITIVE, X)
    each = build.where(condition, build.lift(root(P), X), build.lift(P, X))
    assert slopes(members.reduce("sum", each), 0.0, xs=(1.0, 2.0)) == (2.0, 0.0)


def test_nor_behind_a_selection_or_the_first_of_a_list() -> None:
    positive = members.select(X, build.compare("lt", ZERO, VALUES))
    assert by_elements(members.reduce("sum", build.lift(root(VALUES), positive)), [4.0]) == [0.25]
    first = members.take(root(VALUES), make("nth", X, i=0))
    assert by_elements(build.where(POSITIVE, build.otherwise(first, ONE), ONE), [0.0, 1.0]) == [0.0, 0.0]


def test_a_condition_that_is_missing_chooses_neither() -> None:
    low = build.compare("lt", members.take(VALUES, make("nth", X, i=0)), ONE)
    result = build.otherwise(build.where(low, mul(P, P), log(P)), mul(build.const(5.0), P))
    assert slopes(result, 0.0) == (5.0, 0.0)
    assert slopes(result, 3.0, xs=(0.5,)) == (6.0, 0.0)
    assert slopes(result, 2.0, xs=(1.5,)) == (0.5, 0.0)


def test_a_branch_that_is_taken_keeps_its_infinite_slope() -> None:
    assert slopes(root(P), 0.0)[0] == math.inf
    assert slopes(build.where(build.compare("le", ZERO, P), root(P), P), 0.0)[0] == math.inf
    assert math.isnan(slopes(mul(log(P), Q), -1.0)[1])


# ---- tips, zeros, ties -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "slope"), [(0.0, 1.0), (-0.0, 1.0), (2.0, 1.0), (-2.0, -1.0)])
def test_the_absolute_value_at_0_rises(p: float, slope: float) -> None:
    assert slopes(build.absolute(P), p)[0] == slope


def test_the_tip_of_a_cone_is_flat() -> None:
    assert slopes(build.function2("hypot", P, Q), 0.0, 0.0) == (0.0, 0.0)
    assert slopes(build.function2("hypot", P, Q), 3.0, 4.0) == (0.6, 0.8)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (0.0, 2.0, (0.0, 0.0)),
        (0.0, 1.0, (1.0, 0.0)),
        (0.0, 0.0, (0.0, 0.0)),
        (0.0, 0.5, (math.inf, 0.0)),
        (2.0, 0.0, (0.0, math.log(2))),
        (-2.0, 3.0, (12.0, NAN)),
        (-2.0, 0.5, (NAN, NAN)),
    ],
)
def test_powers_of_what_is_not_positive(x: float, y: float, expected: tuple[float, float]) -> None:
    assert slopes(build.power(P, Q), x, y) == pytest.approx(expected, rel=1e-15, nan_ok=True)


@pytest.mark.parametrize(("n", "slope"), [(2.0, 0.0), (1.0, 1.0), (0.0, 0.0), (3.0, 0.0)])
def test_fixed_powers_of_0(n: float, slope: float) -> None:
    assert slopes(make("pow", P, build.const(n)), 0.0)[0] == slope


@pytest.mark.parametrize("xs", [[2.0, 3.0, 5.0], [0.0, 3.0, 5.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0], [7.0], []])
def test_products_with_zeros(xs: list[float]) -> None:
    expected = [math.prod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))]
    assert by_elements(members.reduce("prod", VALUES), xs) == expected


def test_second_derivatives_of_a_product_with_a_zero() -> None:
    """By p and q of p·q·x: x, whatever p and q are."""
    row = make("row", EVENT, n=3)
    product = members.reduce("prod", members.stack([P, Q, build.const(7.0)], row))
    rows = second(product, [P, Q])
    dumps = evaluated([g for one in rows for g in one], {"p": 0.0, "q": 0.0}, events([]))
    assert [d.values[0] for d in dumps] == [0.0, 7.0, 0.0]


@pytest.mark.parametrize(
    ("op", "xs", "expected"),
    [
        ("min", [2.0, 1.0, 1.0], [0.0, 1.0, 0.0]),
        ("max", [2.0, 2.0, 1.0], [1.0, 0.0, 0.0]),
        ("max", [NAN, 2.0], [0.0, 1.0]),
        ("min", [NAN], [0.0]),
        ("min", [], []),
    ],
)
def test_of_equal_extremes_the_first_moves(op: str, xs: list[float], expected: list[float]) -> None:
    least = members.reduce(op, VALUES)
    assert by_elements(build.otherwise(least, ONE), xs) == expected


def test_positions_of_two_orders_are_two() -> None:
    """Of (a, b) and (b, a), which are of the same particles, one is the first least one; a product has both."""
    both = make("product", X, X)
    a, b = (members.take(VALUES, make("leg", both, k=k)) for k in (0, 1))
    assert by_elements(build.otherwise(members.reduce("min", mul(a, a)), ONE), [3.0, 2.0]) == [0.0, 4.0]
    weighted = add(a, mul(build.const(2.0), b))  # (x + 2y)(y + 2x)
    assert by_elements(members.reduce("prod", weighted), [3.0, 1.0]) == [7.0 + 10.0, 14.0 + 5.0]


# ---- what is missing -------------------------------------------------------------------------------------------------


def second_element() -> Node:
    return members.take(VALUES, make("nth", X, i=1))


@pytest.mark.parametrize(("xs", "expected"), [((1.0, 2.0), (2.0, 0.0)), ((1.0,), (0.0, 1.0)), ((), (0.0, 1.0))])
def test_nothing_follows_what_is_missing(xs: tuple[float, ...], expected: tuple[float, float]) -> None:
    result = build.otherwise(mul(P, second_element()), Q)
    assert slopes(result, 3.0, 0.0, xs) == expected
    assert by_elements(result, list(xs), p=3.0) == [0.0, 3.0][: len(xs)]


def test_sums_leave_it_out() -> None:
    """Also where what is added to it is there, and where it comes from a coarser axis."""
    terms = add(build.lift(second_element(), X), build.lift(P, X))
    assert slopes(members.reduce("sum", terms), 1.0, 0.0, (1.0,)) == (0.0, 0.0)
    assert slopes(members.reduce("sum", terms), 1.0, 0.0, (1.0, 2.0)) == (2.0, 0.0)
    product = build.lift(mul(mul(second_element(), P), P), X)
    assert slopes(members.reduce("sum", product), 1.0, 0.0, (1.0,)) == (0.0, 0.0)
    singular = build.lift(add(root(P), second_element()), X)
    assert slopes(members.reduce("sum", singular), 0.0, 0.0, (1.0,)) == (0.0, 0.0)


def test_a_value_that_is_missing_has_no_slope() -> None:
    assert slopes(mul(P, second_element()), 3.0, 0.0, (1.0,)) == (0.0, 0.0)
    assert slopes(add(P, second_element()), 3.0, 0.0, ()) == (0.0, 0.0)


def test_it_does_not_hide_what_is_there() -> None:
    """P is used where something is missing, and where nothing is."""
    both = add(build.otherwise(mul(P, second_element()), ZERO), mul(P, Q))
    assert slopes(both, 3.0, 5.0, ()) == (5.0, 3.0)
    to_first = members.collect(P, make("nth", X, i=0))
    assert slopes(add(members.reduce("sum", to_first), mul(P, Q)), 3.0, 5.0, ()) == (5.0, 3.0)
    legs = members.legs([make("nth", X, i=0), make("nth", X, i=1)])
    each = members.reduce("sum", members.stack([P, Q], legs))
    assert slopes(add(each, P), 3.0, 5.0, (1.0,)) == (1.0, 0.0)
    assert slopes(add(each, P), 3.0, 5.0, (1.0, 2.0)) == (2.0, 1.0)


def test_sums_over_nothing_are_flat() -> None:
    x: Any = mul(build.lift(P, X), VALUES)
    assert slopes(members.reduce("sum", x), 2.0) == (0.0, 0.0)
    assert slopes(members.reduce("sum", build.lift(log(P), X)), 2.0) == (0.0, 0.0)
