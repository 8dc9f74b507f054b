"""`table`, `search`, `entry`, `random` and `random_normal`, in Python and text."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.backends.base import Backend, Chunk, Program
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import make
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType
from hzdsl.ir.units import GEV, NONE, parse_unit
from hzdsl.lang.values import Value
from hzdsl.text import loads

X = [-1.0, 19.999, 20.0, 29.0, 30.0, 49.5, 50.0, 1e9, math.nan, math.inf, -math.inf]


def column(name: str, dtype: DType = DType.F64, unit: Any = NONE) -> Value:
    return Value(make("column", EVENT, name=name, attr=name, dtype=dtype, unit=unit))


def values(backend: Backend, node: Value, /, **columns: Any) -> list[Any]:
    """Return the value for each event, None where it is missing."""
    arrays = {k: np.asarray(v) for k, v in columns.items()}
    chunk = Chunk(len(next(iter(arrays.values()))), arrays, {})
    (dump,) = backend.compile(Program(dumps=(node.node,))).run(chunk, {}).dumps
    return [v if ok else None for v, ok in zip(dump.values.tolist(), dump.valid.tolist(), strict=True)]


# ---- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outside", "below", "above"), [("missing", None, None), ("clamp", 0.9, 0.95), (1, 1.0, 1.0), (0.5, 0.5, 0.5)]
)
def test_bins(backend: Backend, outside: Any, below: Any, above: Any) -> None:
    """A bin includes its lower edge; NaN is above all."""
    found = hz.table(column("x"), edges=[20, 30, 50], values=[0.9, 0.95], outside=outside)
    assert values(backend, found, x=X) == [below, below, 0.9, 0.9, 0.95, 0.95, above, above, above, above, below]
    assert found.node.type.optional is (outside == "missing")


def test_a_grid(backend: Backend) -> None:
    x, y = np.meshgrid([-1.0, 0.0, 1.1, 1.2, 2.5], [10.0, 20.0, 35.0, 60.0])
    eta, pt = column("eta"), column("pt", unit=GEV)
    grid = [[1, 2], [3, 4]]
    for outside in ("missing", "clamp", 9):
        found = hz.table((eta, [0, 1.2, 2.4]), (pt, [20, 30, 50]), values=grid, outside=outside)
        inside = [[0 <= a < 2.4, 20 <= b < 50] for a, b in zip(x.ravel(), y.ravel(), strict=True)]
        right = [grid[int(a >= 1.2)][int(b >= 30)] for a, b in zip(x.ravel(), y.ravel(), strict=True)]
        spare = {"missing": None, 9: 9}
        expected = [r if all(i) or outside == "clamp" else spare[outside] for i, r in zip(inside, right, strict=True)]
        assert values(backend, found, eta=x.ravel(), pt=y.ravel()) == expected


def test_keys(backend: Backend) -> None:
    ids = np.array([-11, 0, 11, 12, 13, 14], np.int32)
    code = column("id", DType.I32)
    found = hz.table(code, keys=[13, 11], values=[0.9, 0.7])
    assert values(backend, found, id=ids) == [None, None, 0.7, None, 0.9, None]
    found = hz.table(code, keys=[13, 11], values=[3, 1], outside=0)
    assert values(backend, found, id=ids) == [0, 0, 1, 0, 3, 0]
    assert (found.node.type.dtype, found.node.type.optional) == (DType.I64, False)


def test_integers_are_looked_up_as_integers(backend: Backend) -> None:
    """2**53 + 1 is no f64."""
    n = np.array([2**53, 2**53 + 1, 2**53 + 2])
    found = hz.table(column("n", DType.I64), edges=[2**53, 2**53 + 1, 2**53 + 2], values=[1, 2])
    assert values(backend, found, n=n) == [1, 2, None]


def test_units(backend: Backend) -> None:
    """Edges are a slot: bare numbers are in GeV, whatever the file holds; values may have a unit."""
    mev = column("x", unit=parse_unit("MeV"))
    bare, quantities = ([20, 30, 50], [20_000 * hz.MeV, 30 * hz.GeV, 0.05 * hz.TeV])
    found = hz.table(mev, edges=bare, values=[1.5 * hz.GeV, 0])
    assert found.node is hz.table(mev, edges=quantities, values=[1.5 * hz.GeV, 0.0]).node
    assert values(backend, found, x=1000 * np.array(X[:7])) == values(
        backend, hz.table(column("x", unit=GEV), edges=quantities, values=[1.5, 0.0]), x=X[:7]
    )
    assert str(found.node.type.unit) == "GeV"
    assert (found < 2 * hz.GeV).node.type.dtype is DType.BOOL


def test_what_is_missing_stays_missing(backend: Backend) -> None:
    x = hz.entry(column("n", DType.I64), [1.0, 2.0])
    for outside in ("missing", "clamp", 7):
        found = hz.table(x, edges=[0, 5], values=[3], outside=outside)
        assert values(backend, found, n=np.array([0, 1, 2, -1])) == [3, 3, None, None]


def test_numpy_arrays_are_lists() -> None:
    x = column("x")
    a = hz.table(x, edges=np.array([0.0, 1.0, 2.0]), values=np.array([1.0, 2.0]))
    assert a.node is hz.table(x, edges=[0.0, 1.0, 2.0], values=[1.0, 2.0]).node


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        (lambda x: hz.table(x, edges=[1, 1], values=[1]), "binning", "have to ascend"),
        (lambda x: hz.table(x, edges=[1, math.nan], values=[1]), "binning", "have to ascend"),
        (lambda x: hz.table(x, edges=[1], values=[]), "binning", "at least two edges"),
        (lambda x: hz.table(x, edges=[1, 2, 3], values=[1]), "binning", "1 values for 2 bins"),
        (lambda x: hz.table((x, [1, 2]), (x, [1, 2, 3]), values=[[1]]), "binning", "1 values for 2 bins"),
        (lambda x: hz.table((x, [1, 2]), (x, [1, 2]), values=[1]), "arguments", "takes a list of numbers, not 1"),
        (lambda x: hz.table(x, values=[1]), "arguments", "needs the edges"),
        (lambda x: hz.table(x, x, edges=[1, 2], values=[1]), "arguments", "edges= go with one value"),
        (lambda x: hz.table(x, edges=[1, 2], values=[1], outside="clmp"), "arguments", "did you mean clamp?"),
        (lambda x: hz.table(x, edges=[1, 2], values=[1], outside=None), "arguments", "which is no number"),
        (lambda x: hz.table(x, edges=[1, 2 * hz.cm], values=[1]), "unit", "2.0 cm is not"),
        (lambda x: hz.table(x, edges=[1, 2, 3], values=[1, 2 * hz.cm]), "unit", "values mix cm with"),
        (lambda x: hz.table(x, edges=[1, 2], values=["a"]), "arguments", "'a', which is no number"),
        (lambda x: hz.table(x, keys=[1], values=[1]), "dtype", "keys are of an integer"),
        (lambda x: hz.table(column("n", DType.I64), keys=[1, 1], values=[1, 2]), "arguments", "different whole"),
        (lambda x: hz.table(column("n", DType.I64), keys=[1], values=[]), "binning", "0 values for 1 keys"),
        (lambda x: hz.table(hz.events("nanoaod").Muon, edges=[1, 2], values=[1]), "dtype", "is an object"),
        (lambda x: hz.table(x, edges=[1, 2]), "arguments", "values"),
        (lambda x: hz.entry(x, [1, 2]), "dtype", "an index is an integer"),
        (lambda x: hz.entry(column("n", DType.I64), []), "arguments", "at least one value"),
        (lambda x: hz.search(x, [2, 1]), "binning", "have to ascend"),
        (lambda x: hz.random(x, seed=1), "dtype", "float_bits"),
        (lambda x: hz.random(seed=1), "arguments", "need keys"),
        (lambda x: hz.random(column("n", DType.I64)), "arguments", "seed"),
        (lambda x: hz.random(column("n", DType.I64), seed=0.5), "arguments", "a whole number, not 0.5"),
        (lambda x: hz.random(column("n", DType.I64), seed=-1), "arguments", "not in 0"),
        (lambda x: hz.random(hz.events("nanoaod").Muon, seed=1), "dtype", "is an object"),
        (lambda x: hz.table(column("n", DType.I64), keys=[2**63], values=[1]), "dtype", "64 bits"),
    ],
)  # fmt: skip
def test_refusals(call: Any, code: str, said: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        call(column("x"))
    assert error.value.code == code, error.value
    assert said in str(error.value)
    assert error.value.place is not None


TEXT = """define = '''
a = table(MET.pt, edges = (20, 30, 50 GeV), values = (0.9, 0.95), outside = "clamp")
b = table((abs(Muon.eta), (0, 1.2, 2.4)), (Muon.pt, (20, 30, 50)), values = ((1, 2), (3, 4)), outside = 1.5)
c = table(Muon.charge, keys = (-1, 1), values = (0.5 GeV, 2.5 GeV))
d = random(run, event, seed = 42)
e = random_normal(run, luminosityBlock, event, float_bits(Muon.pt), seed = 1)
f = entry(search(MET.pt, edges = (20, 30)), values = (1, 2, 3))
'''"""


def test_text() -> None:
    text, ev = loads(TEXT), hz.events("nanoaod")
    mu = ev.Muon
    two = hz.table((abs(mu.eta), [0, 1.2, 2.4]), (mu.pt, [20, 30, 50]), values=[[1, 2], [3, 4]], outside=1.5)
    assert text.a.node is hz.table(ev.MET.pt, edges=[20, 30, 50], values=[0.9, 0.95], outside="clamp").node
    assert text.b.node is two.node
    assert text.c.node is hz.table(mu.charge, keys=[-1, 1], values=[0.5 * hz.GeV, 2.5 * hz.GeV]).node
    assert text.d.node is hz.random(ev.run, ev.event, seed=42).node
    keys = (ev.run, ev.luminosityBlock, ev.event, hz.float_bits(mu.pt))
    assert text.e.node is hz.random_normal(*keys, seed=1).node
    assert text.f.node is hz.entry(hz.search(ev.MET.pt, [20, 30]), [1, 2, 3]).node


@pytest.mark.parametrize("name", ["a", "c", "d", "f"])
def test_the_text_of_a_table_reads_back(name: str) -> None:
    node = getattr(loads(TEXT), name).node
    again = loads(f"define = '''\nx = {spell(node)}\n'''").x.node
    assert again is node


# ---- random numbers ------------------------------------------------------------------------------------------------


def splitmix64(state: int) -> int:
    z = (state + 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def test_the_mixer_is_splitmix64() -> None:
    """The first numbers of the published generator (Steele, Lea, Flood, OOPSLA 2014) for seed 1234567."""
    state, found = 1234567, []
    for _ in range(3):
        found.append(splitmix64(state))
        state += 0x9E3779B97F4A7C15
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("seed", [0, 42, 2**64 - 1])
def test_numbers_by_the_formula(backend: Backend, seed: int) -> None:
    """Recorded in the documentation: the state is the mixed seed, then mixed with each key, then once more."""
    a, b = [0, 1, -1, 2**63 - 1, -(2**63)], [7, 0, 3, 5, -9]
    found = values(backend, hz.random(column("a", DType.I64), column("b", DType.I64), seed=seed), a=a, b=b)

    def expected(*keys: int) -> float:
        state = splitmix64(seed)
        for key in keys:
            state = splitmix64(state ^ key % 2**64)
        return (splitmix64(state) >> 11) / 2**53

    assert found == [expected(*pair) for pair in zip(a, b, strict=True)]


def uniform(n: int, seed: int = 1, **shift: int) -> Any:
    from hzdsl.run import backend_of

    keys = np.arange(n)
    x = hz.random(column("a", DType.I64), column("b", DType.I64), seed=seed)
    chunk = Chunk(n, {"a": keys + shift.get("a", 0), "b": np.full(n, 5 + shift.get("b", 0))}, {})
    return backend_of("interpret").compile(Program(dumps=(x.node,))).run(chunk, {}).dumps[0].values


N = 200_000


def test_numbers_are_uniform() -> None:
    """χ² of 1024 bins, and of the lowest bits that the mantissa holds; each within 5 standard deviations."""
    u = uniform(N)
    assert u.min() >= 0
    assert u.max() < 1
    for x in (u, (u * 2.0**43) % 1.0):
        counts = np.histogram(x, 1024, (0, 1))[0]
        chi2 = float(((counts - N / 1024) ** 2).sum() / (N / 1024))
        assert abs(chi2 - 1023) < 5 * math.sqrt(2 * 1023)


@pytest.mark.parametrize("other", [{"a": 1}, {"b": 1}, {"seed": 2}, {"a": 2**32}, {"seed": 0}])
def test_neighbours_are_independent(other: dict[str, int]) -> None:
    """Neighbouring keys and seeds: no correlation, every one of 400 cells of both as full as it should be."""
    u, v = uniform(N), uniform(N, **other)
    assert abs(float(np.corrcoef(u, v)[0, 1])) < 5 / math.sqrt(N)
    counts = np.histogram2d(u, v, 20, [(0, 1), (0, 1)])[0]
    chi2 = float(((counts - N / 400) ** 2).sum() / (N / 400))
    assert abs(chi2 - 399) < 5 * math.sqrt(2 * 399)
    assert len(np.intersect1d(u, v)) < (N if "a" in other else 2)


def test_normal_numbers(backend: Backend) -> None:
    n = 50_000
    found = np.array(values(backend, hz.random_normal(column("a", DType.I64), seed=3), a=np.arange(n)))
    assert abs(found.mean()) < 5 / math.sqrt(n)
    assert abs(found.std() - 1) < 5 / math.sqrt(2 * n)
    assert abs((found**4).mean() - 3) < 5 * math.sqrt(96 / n)
    assert (np.abs(found) < 1).mean() == pytest.approx(0.6827, abs=5 * math.sqrt(0.22 / n))


def test_an_index_of_many_terms() -> None:
    """Whether it is in range is found without recursion, and each part of the expression is looked at once."""
    x = hz.search(hz.events("nanoaod").MET.pt, edges=[10, 20])
    doubled, long = x, x
    for _ in range(40):
        doubled = doubled + doubled
    for _ in range(5000):
        long = long + x
    for index in (doubled, long):
        assert hz.entry(index, values=[1.0, 2.0]).node.type.optional
