"""exp, log, powers, remainders and sums of logarithms, many lanes at a time, against NumPy with 64 bits of mantissa."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from hzdsl.backends.passes.data import Bound
from hzdsl.backends.passes.program import compile_graph
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops import MATH
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE

Vector = npt.NDArray[np.float64]

ROWS = make("collection", EVENT, name="rows")
X, Y = (make("column", ROWS, name=f"rows.{n}", attr=n, dtype=DType.F64, unit=NONE) for n in "xy")
LEAST, TINY, HUGE = 5e-324, 2.2250738585072014e-308, np.finfo(float).max
#: Where ranges begin and end: of exp, of normal numbers, of sums of logarithms, of the mantissa that log takes.
EDGES = (709.782712893384, -708.3964185322641, -745.2, TINY, 1e300, np.sqrt(0.5), np.sqrt(2.0), 1.0, 0.5, 2.5, 3.0)
pytestmark = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="long double of this machine is no more precise than f64"
)


def specials() -> Vector:
    """Return the numbers at which functions change their ways, of both signs."""
    beside = [x for v in EDGES for x in (v, np.nextafter(v, 0), np.nextafter(v, 1e9))]
    found = np.array([0.0, LEAST, 1e-310, np.nextafter(TINY, 0), 1e-300, 1e5, 1e16, 1e308, HUGE, np.inf, *beside])
    return np.concatenate([found, -found, [np.nan]])


def along(node: Node, x: Vector, y: Vector | None = None) -> Vector:
    """Return a value along rows."""
    bound = Bound(compile_graph([node]), {X: x, Y: x if y is None else y}, {ROWS: np.array([len(x)])})
    bound(())
    return bound.along(node).copy()


def errors(found: Vector, wanted: npt.NDArray[np.longdouble]) -> float:
    """Return the greatest error in units of the last place of an f64."""
    return float(np.max(np.abs(found - wanted) / np.spacing(np.abs(wanted).astype(float))))


def assert_same(found: Vector, wanted: Vector, given: object) -> None:
    """Compare with 4 ulp; infinities, NaN and zeros with their sign."""
    alike = (found == wanted) & (np.signbit(found) == np.signbit(wanted))
    alike |= np.isnan(found) & np.isnan(wanted)
    with np.errstate(all="ignore"):
        alike |= (found != 0) & (np.abs(found - wanted) <= 4 * np.spacing(np.abs(wanted)))
    assert np.all(alike), [(given, f, w) for f, w, ok in zip(found, wanted, alike, strict=True) if not ok][:5]


def function(name: str) -> Node:
    return make("math", X, name=name)


@pytest.mark.parametrize(
    ("name", "numpy_function", "values", "bound"),
    [
        ("exp", np.exp, lambda rng: rng.uniform(-708.3, 709.7, 100_000), 1.0),
        ("exp", np.exp, lambda rng: rng.normal(0, 1, 100_000), 1.0),
        ("exp", np.exp, lambda rng: 10 ** rng.uniform(-320, 0, 100_000), 1.0),
        ("log", np.log, lambda rng: 10 ** rng.uniform(-323, 308, 100_000), 1.0),
        ("log", np.log, lambda rng: rng.uniform(0.5, 2, 100_000), 1.0),
        ("log1p", np.log1p, lambda rng: rng.choice([-1, 1], 100_000) * 10 ** rng.uniform(-320, -0.001, 100_000), 3.0),
        ("log1p", np.log1p, lambda rng: 10 ** rng.uniform(0, 308, 100_000), 3.0),
        ("expm1", np.expm1, lambda rng: rng.uniform(-50, 709.7, 100_000), 3.0),
        ("expm1", np.expm1, lambda rng: rng.choice([-1, 1], 100_000) * 10 ** rng.uniform(-320, 1, 100_000), 3.0),
        ("log", np.log, lambda rng: 1 + rng.choice([-1, 1], 100_000) * 10 ** rng.uniform(-16, -1, 100_000), 1.0),
    ],
)
def test_errors_in_units_of_the_last_place(
    name: str,
    numpy_function: Callable[[npt.NDArray[np.longdouble]], npt.NDArray[np.longdouble]],
    values: Callable[[np.random.Generator], Vector],
    bound: float,
) -> None:
    x = values(np.random.default_rng(5))
    x = x[x != 1.0] if name == "log" else x
    assert errors(along(function(name), x), numpy_function(x.astype(np.longdouble))) < bound


@pytest.mark.parametrize("name", ["log", "log1p", "expm1", "sqrt", "floor", "ceil", "round", "sign"])
def test_special_values(name: str) -> None:
    x = specials()
    with np.errstate(all="ignore"):
        wanted = getattr(np, {"round": "rint"}.get(name, name))(x)
    if name == "sign":
        wanted = np.where(x == 0, 0.0, wanted)
    assert_same(along(function(name), x), wanted, name)


def test_exp_of_special_values_is_zero_below_the_least_normal_number() -> None:
    x = specials()
    with np.errstate(all="ignore"):
        wanted = np.exp(x)
    assert_same(along(function("exp"), x), np.where(wanted < TINY, 0.0, wanted), "exp")


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0, -3.0, 17.25])
def test_powers(exponent: float) -> None:
    """Of exp(y ln x) the rounding of y ln x stays: as many ulp as that is large, and 2 more."""
    rng = np.random.default_rng(6)
    x = 10 ** rng.uniform(-12, 12, 100_000)
    y = np.full_like(x, exponent) + rng.choice([0.0, 0.125], x.size)
    found, wanted = along(make("pow", X, Y), x, y), np.power(x.astype(np.longdouble), y.astype(np.longdouble))
    size = np.abs(y * np.log(x))
    assert np.all(np.abs(found / wanted - 1) <= (size + 2) * 2.0**-52)
    assert np.max(np.abs(found / wanted - 1)) < 1e-12


@pytest.mark.parametrize("op", ["pow", "mod", "div", "atan2", "hypot"])
def test_special_pairs(op: str) -> None:
    """Every special value with every other; remainders also of huge quotients, with the sign of the divisor."""
    few = specials()
    x, y = (v.ravel() for v in np.meshgrid(few, few))
    known = {"pow": np.power, "mod": np.mod, "div": np.divide, "atan2": np.arctan2, "hypot": np.hypot}
    with np.errstate(all="ignore"):
        wanted = known[op](x, y)
    found = along(make(op, X, Y), x, y)
    if op == "mod":
        assert_same(found, wanted, op)
        return
    with np.errstate(all="ignore"):
        close = np.isclose(found, wanted, rtol=1e-12, atol=TINY, equal_nan=True)
    signs = np.isnan(wanted) | (np.signbit(found) == np.signbit(wanted))
    bad = ~(close & signs)
    assert not np.any(bad), list(zip(x[bad], y[bad], found[bad], wanted[bad], strict=True))[:5]


def test_remainders_are_exact() -> None:
    rng = np.random.default_rng(7)
    x, y = rng.normal(0, 1, 100_000) * 10 ** rng.uniform(-5, 20, 100_000), rng.normal(0, 3, 100_000)
    assert np.array_equal(along(make("mod", X, Y), x, y), np.mod(x, y))


@pytest.mark.parametrize("name", sorted(set(MATH) - {"sign", "isfinite"}))
def test_every_function_of_the_language_is_there(name: str) -> None:
    """Rows and numbers per event alike: one is the other's lanes."""
    x = np.linspace(0.05, 0.95, 13) + (1.0 if name == "acosh" else 0.0)
    p = make("param", name="p", value=0.5, dtype=DType.F64, unit=NONE)
    single = compile_graph([make("math", p, name=name)])
    bound = Bound(single, {}, {})
    each = np.array([bound([v])[0] for v in x])
    np.testing.assert_allclose(along(function(name), x), each, rtol=4e-16)


def test_whether_a_number_is_finite() -> None:
    x = specials()
    one = make("const", bits=int(np.float64(1).view(np.int64)), dtype=DType.F64, unit=NONE)
    zero = make("const", bits=0, dtype=DType.F64, unit=NONE)
    node = make("where", function("isfinite"), make("lift", one, ROWS), make("lift", zero, ROWS))
    assert np.array_equal(along(node, x), np.isfinite(x).astype(float))


# ---- sums of logarithms ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sum_of_logs() -> Callable[[Vector], float]:
    compiled = compile_graph([make("sum", function("log"))])
    return lambda x: float(Bound(compiled, {X: x}, {ROWS: np.array([len(x)])})(())[0])


@pytest.mark.parametrize("n", [0, 1, 3, 4, 5, 8, 9, 1000, 100_001])
def test_sums_of_logarithms(sum_of_logs: Callable[[Vector], float], n: int) -> None:
    """As a product of mantissas half an ulp of each factor is lost; of the sum itself one ulp."""
    rng = np.random.default_rng(n)
    for x in (10 ** rng.uniform(-320, 308, n), rng.uniform(0.9, 1.1, n), np.full(n, 1e300), np.full(n, TINY)):
        logs = np.log(x.astype(np.longdouble))
        error = abs(sum_of_logs(x) - float(logs.sum()))
        assert error <= 1.2e-16 * n + 2.3e-16 * float(np.abs(logs).sum())


@pytest.mark.parametrize("special", [LEAST, 1e-310, 1e301, HUGE, 0.0, -0.0, -1.0, np.inf, -np.inf, np.nan])
def test_sums_of_logarithms_of_special_values(sum_of_logs: Callable[[Vector], float], special: float) -> None:
    for n, place in ((m, k) for m in (4, 5, 11) for k in range(m)):
        x = np.linspace(0.5, 3, n)
        x[place] = special
        with np.errstate(all="ignore"):
            wanted = float(np.log(x).sum())
        np.testing.assert_allclose(sum_of_logs(x), wanted, rtol=1e-15)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("n", [0, 3, 4, 5, 1001])
def test_sums_of_weighted_logarithms(n: int, swapped: bool) -> None:
    """Weights of 1 are not multiplied with; others of any sign, and numbers without an exponent, are taken apart."""
    factors = (function("log"), Y) if swapped else (Y, function("log"))
    compiled = compile_graph([make("sum", make("mul", *factors))])
    rng = np.random.default_rng(n)
    x, few = 10 ** rng.uniform(-320, 308, n), np.array([0.0, 1.0, -1.0, 2.5])
    for weights in (np.ones(n), rng.choice(few, n), rng.normal(0, 1, n), np.where(rng.random(n) < 0.9, 1.0, 0.25)):
        terms = np.log(x.astype(np.longdouble)) * weights
        found = float(Bound(compiled, {X: x, Y: weights}, {ROWS: np.array([n])})(())[0])
        assert abs(found - float(terms.sum())) <= 3e-16 * (n + float(np.abs(terms).sum()))


def test_a_weighted_logarithm_of_nothing_is_infinite_or_nan() -> None:
    compiled = compile_graph([make("sum", make("mul", Y, function("log")))])
    for x, weight, wanted in ((0.0, 1.0, -np.inf), (0.0, -2.0, np.inf), (0.0, 0.0, np.nan), (-1.0, 3.0, np.nan)):
        columns = {X: np.array([2.0, x, 3.0, 4.0, 5.0]), Y: np.array([1.0, weight, 1.0, 1.0, 1.0])}
        found = float(Bound(compiled, columns, {ROWS: np.array([5])})(())[0])
        np.testing.assert_equal(found, wanted)
