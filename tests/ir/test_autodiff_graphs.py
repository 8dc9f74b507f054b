"""What derivatives are as graphs: their size, units, dtypes and axes; no depth is too deep."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.ir import build, members
from hzdsl.ir.algebra import along, how_many, minus, negative, number, over, plus, times, total
from hzdsl.ir.autodiff import gradient, hessian_vector, second, tangents
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.ops import MATH, OPS
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, GEV, parse_unit
from tests.ir.smooth import AXES, CHUNK, HARD, MUON, P, Q, column, evaluated, value

MEV = parse_unit("MeV")
MASS, MEAN = column("", "u", unit=GEV), build.param("mean", 0.5, GEV)


def size(nodes: list[Node]) -> int:
    return len(topological(nodes))


# ---- size ------------------------------------------------------------------------------------------------------------


def chain(n: int) -> Node:
    """A sum of n terms, of two parameters."""
    total_ = P
    for i in range(n):
        total_ = build.arithmetic("add", total_, build.arithmetic("mul", Q, build.const(float(i + 2))))
    return total_


@pytest.mark.parametrize("n", [100, 10_000])
def test_a_long_sum_stays_linear(n: int) -> None:
    slopes = gradient(chain(n), [P, Q])
    assert size(slopes) <= 3 * n
    assert size(tangents(slopes, {P: build.param("v", 1.0), Q: build.param("w", 1.0)})) <= 10


def test_many_parameters_cost_one_pass() -> None:
    """On Σ f(x_i) the gradient has a few nodes per parameter, and so has its product with a vector."""
    xs = [build.param(f"x{i}", 0.5) for i in range(400)]
    terms = [build.function("exp", build.arithmetic("mul", x, x)) for x in xs]
    result = terms[0]
    for t in terms[1:]:
        result = build.arithmetic("add", result, t)
    whole = size([result])
    assert size(gradient(result, xs)) <= 2 * whole
    assert size(hessian_vector(result, {x: build.param(f"v{i}", 1.0) for i, x in enumerate(xs)})) <= 6 * whole


@pytest.mark.parametrize("depth", [2000])
def test_no_depth_is_too_deep(depth: int) -> None:
    x, signs, products = P, P, P
    for _ in range(depth):
        x, signs, products = build.function("sin", x), make("neg", signs), build.arithmetic("mul", products, Q)
    result = build.arithmetic("mul", build.arithmetic("add", x, products), signs)
    assert size(gradient(result, [P, Q])) < 20 * depth
    assert tangents([result], {P: Q})[0].type.axis is EVENT


def test_many_branches_in_one_another() -> None:
    """A table of pieces, as interpolations write them."""
    found = P
    for k in reversed(range(200)):
        found = build.where(
            build.compare("lt", P, build.const(k / 200)), build.arithmetic("mul", P, build.const(float(k))), found
        )
    (slope,) = gradient(found, [P])
    (dump,) = evaluated([slope], {"p": 0.5})
    assert dump.values[0] == 101.0
    assert size([slope]) < 10 * 200


def test_equal_parts_stand_once() -> None:
    """Of a Gaussian the exponential is there already: nothing costly is added."""
    z = build.arithmetic("div", build.arithmetic("sub", column("", "u"), P), Q)
    gauss = build.function("exp", build.neg(build.arithmetic("mul", z, z)))
    nodes = topological([gauss, *gradient(gauss, [P, Q])])
    assert sum(n.op == "math" for n in nodes) == 1
    assert sum(n.op == "div" for n in nodes) == 2


# ---- simplification --------------------------------------------------------------------------------------------------


def test_arithmetic_knows_0_and_1() -> None:
    one, zero = number(1), number(0)
    assert times(P, one) is P is plus(P, zero) is minus(P, zero) is over(P, one) is times(one, P)
    assert times(P, zero) is zero is over(zero, P) is plus(zero, zero)
    assert times(P, number(-1)) is negative(P)
    assert negative(negative(P)) is P is minus(zero, negative(P))
    assert plus(P, negative(Q)) is make("sub", P, Q) is minus(P, Q) is negative(minus(Q, P))
    assert times(negative(P), negative(Q)) is times(P, Q)
    assert over(negative(P), Q) is negative(over(P, Q))
    assert times(number(2), number(3)) is number(6)
    assert minus(number(2), number(3)) is number(-1)


def test_factors_that_do_not_vary_stand_before_a_sum() -> None:
    u = column("Muon", "u")
    assert total(number(1), MUON) is how_many(MUON)
    assert total(P, MUON) is times(P, how_many(MUON))
    assert total(times(P, u), MUON) is times(P, make("sum", u))
    assert total(times(times(u, Q), negative(P)), MUON) is negative(times(times(Q, P), make("sum", u)))
    assert total(u, MUON) is make("sum", u)
    assert how_many(make("row", EVENT, n=3)) is number(3)
    assert total(along(number(0), MUON), MUON) is number(0)


def test_products_keep_what_varies_less_far_outside() -> None:
    """However a product is written, what varies along the muons is one node, which others share."""
    u, v = column("Muon", "u"), column("Muon", "v")
    both = times(u, v)
    assert times(times(P, u), v) is times(P, both)
    assert times(u, times(P, v)) is times(P, both)
    assert times(times(P, u), times(Q, v)) is times(times(P, Q), both)
    assert times(times(P, u), Q) is times(times(P, Q), u)


def test_the_slope_of_a_sum_of_data_is_a_sum_of_data() -> None:
    """Σ p·x_i: its slope does not depend on p, and can be found once."""
    result = members.reduce("sum", build.arithmetic("mul", P, column("Muon", "u")))
    assert gradient(result, [P]) == [make("sum", column("Muon", "u"))]


# ---- what is not followed --------------------------------------------------------------------------------------------


def test_what_is_not_followed_has_the_constant_0() -> None:
    by_q, by_muons = gradient(build.arithmetic("mul", P, P), [Q, column("Muon", "u")])
    assert by_q is number(0)
    assert by_muons.type.axis is MUON
    assert not evaluated([by_muons])[0].values.any()
    assert gradient(P, [P]) == [number(1)]


def test_conditions_and_choices_of_positions_stay() -> None:
    softer = members.select(MUON, build.compare("lt", column("Muon", "u"), P))
    first = build.otherwise(
        members.take(column("Muon", "v"), members.pick(softer, (build.lift(column("Muon", "u"), softer),), "argmax")), Q
    )
    n = build.cast(make("count", softer), DType.F64)
    by_p, by_u = gradient(build.arithmetic("mul", build.arithmetic("add", first, n), Q), [P, column("Muon", "u")])
    assert by_p is number(0)
    assert not evaluated([by_u])[0].values.any()


def test_what_is_computed_is_held_where_it_is_asked_for() -> None:
    square = build.arithmetic("mul", P, P)
    result = build.arithmetic("mul", square, P)
    by_square, by_p = gradient(result, [square, P])
    assert by_square is P
    assert by_p is square


# ---- units, dtypes, axes ---------------------------------------------------------------------------------------------


def gaussian(x: Node, mean: Node, width: Node) -> Node:
    z = build.arithmetic("div", build.arithmetic("sub", x, mean), width)
    return build.arithmetic("mul", build.const(-0.5), build.arithmetic("mul", z, z))


def test_a_gradient_is_per_unit() -> None:
    width = build.param("width", 0.2, GEV)
    result = gaussian(MASS, MEAN, width)
    slopes = gradient(result, [MEAN, width, MASS])
    assert {s.type.unit for s in slopes} == {GEV**-1}
    rows = second(result, [MEAN, width])
    assert {g.type.unit for row in rows for g in row} == {GEV**-2}
    u = CHUNK.columns["u"]
    np.testing.assert_allclose(evaluated(slopes)[0].values, (u - 0.5) / 0.04, rtol=1e-13)


def test_of_columns_in_other_units() -> None:
    """A column in MeV against a mean in GeV: per MeV and per GeV."""
    stored = column("", "u", unit=MEV)
    result = gaussian(stored, MEAN, build.param("width", 0.2, GEV))
    by_column, by_mean = gradient(result, [stored, MEAN])
    assert (by_column.type.unit, by_mean.type.unit) == (result.type.unit / MEV, result.type.unit / GEV)
    column_, mean = (d.values for d in evaluated([by_column, by_mean]))
    np.testing.assert_allclose(column_, -mean / 1000, rtol=1e-13)


UNITS = {
    "hypot": lambda: build.function2("hypot", MASS, MEAN),
    "abs": lambda: build.absolute(build.arithmetic("sub", MASS, MEAN)),
    "sqrt": lambda: build.function("sqrt", MEAN),
    "pow": lambda: make("pow", MEAN, build.const(2.5)),
    "square": lambda: make("pow", MEAN, build.const(2.0)),
    "mod": lambda: build.arithmetic("mod", MEAN, MASS),
    "where": lambda: build.where(build.compare("lt", MEAN, MASS), MEAN, build.const(0)),
    "otherwise": lambda: build.otherwise(build.arithmetic("mul", P, MEAN), MASS),
    "max": lambda: build.otherwise(members.reduce("max", build.arithmetic("mul", MEAN, column("Jet", "u"))), MASS),
    "sum": lambda: members.reduce("sum", build.arithmetic("mul", MEAN, column("Jet", "u"))),
    "stack": lambda: members.reduce("sum", members.stack([MEAN, MASS], make("row", EVENT, n=2))),
}


@pytest.mark.parametrize("name", sorted(UNITS))
def test_every_rule_keeps_units(name: str) -> None:
    result = UNITS[name]()
    (slope,) = gradient(result, [MEAN])
    (bent,) = hessian_vector(build.arithmetic("mul", slope, MEAN), {MEAN: build.param("v", 1.0, GEV)})
    assert slope.type.unit == result.type.unit / GEV
    assert bent.type.unit in (result.type.unit / GEV, ANY)  # a straight line has the 0 of every unit


@pytest.mark.parametrize("op", ["add", "mul", "div", "mod"])
def test_f32_stays_f32(op: str) -> None:
    """The slope of an f32 column is f32, and so is arithmetic on the way to it; what is f64 stays so."""
    x = column("Muon", "f", DType.F32)
    mixed = build.arithmetic("mul", build.arithmetic(op, x, x), build.lift(P, MUON))
    by_x, by_p = gradient(members.reduce("sum", mixed), [x, P])
    assert (by_x.type.dtype, by_p.type.dtype) == (DType.F32, DType.F64)
    wide = build.cast(x, DType.F64)
    exact = gradient(members.reduce("sum", build.arithmetic("mul", build.arithmetic(op, wide, wide), P)), [x, P])
    for found, expected in zip(evaluated([by_x, by_p]), evaluated(exact), strict=True):
        np.testing.assert_allclose(found.values, expected.values, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", sorted(n for n, f in MATH.items() if f.slope is not None))
def test_functions_of_f32(name: str) -> None:
    x = column("Muon", "f", DType.F32)
    shifted = build.arithmetic("add", x, build.cast(build.const(1.5), DType.F32)) if name == "acosh" else x
    result = members.reduce("sum", build.function(name, shifted))
    wide = members.reduce("sum", build.function(name, build.cast(shifted, DType.F64)))
    narrow, exact = (evaluated(gradient(r, [x]))[0].values for r in (result, wide))
    assert narrow.dtype == exact.dtype == np.float32
    np.testing.assert_allclose(narrow, exact, rtol=1e-5)


@pytest.mark.parametrize("name", [n for n, a in AXES.items() if a is not EVENT])
def test_a_derivative_lies_along_what_it_is_of(name: str) -> None:
    result = members.reduce("sum", value(AXES[name], "u"))
    while result.type.axis is not EVENT:
        result = members.reduce("sum", result)
    for by in (P, column("Muon", "u"), column("Jet", "u"), column("Track", "u")):
        (slope,) = gradient(result, [by])
        assert slope.type.axis is by.type.axis
        assert not slope.type.optional


def test_a_selection_hands_back_to_what_it_is_of() -> None:
    """In one step, however many selections; what it does not hold has 0."""
    twice = members.select(HARD, build.lift(build.compare("lt", column("Muon", "v"), build.const(0.8)), HARD))
    result = members.reduce("sum", build.lift(build.function("exp", column("Muon", "u")), twice))
    (slope,) = gradient(result, [column("Muon", "u")])
    assert sum(n.op == "collect" for n in topological([slope])) == 1
    u, v, w = (CHUNK.columns[f"Muon_{k}"] for k in "uvw")
    np.testing.assert_allclose(evaluated([slope])[0].values, np.where((w < 0.75) & (v < 0.8), np.exp(u), 0), rtol=1e-14)


def test_every_operation_says_one_kind_of_derivative() -> None:
    for op in OPS.values():
        d = op.derivative
        kinds = [d.partials, d.choice, d.weights, d.transpose, d.refused or None]
        assert sum(k is not None for k in kinds) <= 1, op.name
        assert (d.forward is None) == (d.transpose is None), op.name
