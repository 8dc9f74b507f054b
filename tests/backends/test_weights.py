"""Weighted sums are exact: both backends give the sum of the rounded summands, whatever its order and grouping."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from hzdsl.backends.base import Chunk, Fill, Program, Regular, Selection, Variable, add_sums
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir import build, members
from hzdsl.ir.types import DType
from tests.backends.compare import differences
from tests.backends.operations import missing, muon
from tests.backends.ragged import column, random_chunk

BACKENDS = [CodegenBackend(), InterpretBackend()]
UNIT = Fraction(1, 2**256)
X = column("", "f64_a")


def sums(backend, numbers):
    """The words of the sums of weights and of squares of all events."""
    program = Program((Selection((), (), (X,)),))
    chunk = Chunk(len(numbers), {"f64_a": np.asarray(numbers, np.float64)}, {})
    return backend.compile(program).run(chunk, {}).flows[0][0, 0]


def value(words):
    return Fraction(int.from_bytes(words[:8].tobytes(), "little", signed=True)) * UNIT


def rounded(x: float) -> Fraction:
    return round(Fraction(x) / UNIT) * UNIT  # Python rounds half to even


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.name)
def test_sums_are_those_of_fractions(backend) -> None:
    rng = np.random.default_rng(7)
    small = rng.normal(size=400) * 2.0 ** rng.integers(-190, 90, 400)
    edges = [s * f * 2.0**k for s in (1, -1) for f in (1.0, 1.5, 2.5, 1 + 2**-52) for k in range(-135, -70)]
    numbers = np.array(
        [*small, *edges, 5e-324, -5e-324, 0.0, -0.0, np.nextafter(2.0**223, 0), 2.0**-257, 3 * 2.0**-257]
    )
    words = sums(backend, numbers)
    assert value(words[0]) == sum(map(rounded, numbers.tolist()))
    squares = numbers * numbers
    finite = squares[squares < 2.0**223]
    assert value(words[1]) == sum(map(rounded, finite.tolist()))
    assert words[:, 8].tolist() == [0, 2]


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.name)
@pytest.mark.parametrize(
    ("special", "flags"),
    [([np.nan], 1), ([np.inf], 2), ([-np.inf], 4), ([1e300], 2), ([-(2.0**223)], 4), ([np.inf, -np.inf, np.nan], 7)],
    ids=str,
)
def test_what_does_not_fit_sets_a_flag(backend, special: list[float], flags: int) -> None:
    words = sums(backend, [1.5, *special, -0.25])
    assert int(words[0, 8]) == flags
    assert value(words[0]) == Fraction(5, 4)


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.name)
def test_order_does_not_show(backend) -> None:
    numbers = np.random.default_rng(3).normal(size=1000) * 10.0 ** np.arange(1000) ** 0.3
    assert np.array_equal(sums(backend, numbers), sums(backend, numbers[::-1]))


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.name)
def test_sums_around_zero_carry_through_all_words(backend) -> None:
    numbers = [2.0**-256, -(2.0**-255), 2.0**222, -(2.0**222), 2.0**-256, -0.0, -(2.0**-258), 2.0**-64, -(2.0**-64)]
    for n in range(1, len(numbers) + 1):
        words = sums(backend, numbers[:n])
        assert value(words[0]) == sum(map(rounded, numbers[:n])), n


def test_chunks_add_up() -> None:
    rng = np.random.default_rng(9)
    numbers = rng.normal(size=64) * 2.0 ** rng.integers(-140, 60, 64)
    whole = sums(BACKENDS[0], numbers)
    parts = sums(BACKENDS[0], numbers[:20])
    add_sums(parts, sums(BACKENDS[0], numbers[20:]))
    assert np.array_equal(whole, parts)


def weighted_program() -> Program:
    """Fills of every kind with several weights, two regions that overlap, and a gate."""
    few = build.cast(build.where(column("", "bool_a"), column("", "f32_t"), build.const(-2.5)), DType.F64)
    weights = (X, few)
    cuts = (build.compare("lt", build.const(1), members.count(muon("pt").type.axis)), column("", "bool_b"))
    wide = build.cast(muon("pt"), DType.F64)
    fills = (
        Fill((X,), (Regular(36, 70, 180),), None, weights),
        Fill((wide, muon("f64_t")), (Regular(7, 0, 50), Variable((-1.0, 0.5, 2))), 0, weights),
        Fill((missing("f64_s"),), (Regular(5, -3, 3),), 1, weights[:1]),
        Fill((X,), (Regular(5, -3, 3),), 1),
    )
    selections = (
        Selection(cuts, (), weights),
        Selection(cuts[1:], (), weights[1:]),
        Selection(cuts),
        Selection((), (), weights),
        Selection((*cuts, build.compare("lt", X, few)), (), weights),
    )
    return Program(selections, fills, (), missing("bool_a"), ((0, 1), (0, 2)))


@pytest.mark.parametrize("entries", [0, 1, 2000])
def test_backends_agree(entries: int) -> None:
    program, chunk = weighted_program(), random_chunk(5, entries)
    a, b = (backend.compile(program).run(chunk, {}) for backend in BACKENDS)
    assert differences(program, a, b) == []
    if entries == 2000:
        assert 0 < a.accepted < entries
        assert 0 < a.passed[0][-1] < a.accepted
        assert a.overlaps[0].tolist() == [a.passed[0][-1], a.overlaps[0, 1]]
        assert a.overlaps[0, 1] >= 0
        assert all(s.any() for s in (*a.flows[:2], *a.flows[3:], *a.sums[:3]))


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.name)
def test_bins_hold_the_weights_of_their_entries(backend) -> None:
    x = np.array([0.5, 1.5, 1.5, np.nan, -1.0, 9.0])
    w = np.array([1.0, 2.0, -0.5, 4.0, 8.0, 16.0])
    fill = Fill((X,), (Regular(2, 0, 2),), None, (column("", "f64_b"),))
    partial = backend.compile(Program(fills=(fill,))).run(Chunk(6, {"f64_a": x, "f64_b": w}, {}), {})
    assert [float(value(words)) for words in partial.sums[0][:, 0, 0]] == [8.0, 1.0, 1.5, 20.0]
    assert [float(value(words)) for words in partial.sums[0][:, 0, 1]] == [64.0, 1.0, 4.25, 272.0]


def many_weights(n: int) -> Program:
    """A region with a cut, a fill per event and one per muon, each with `n` weights."""
    scales = [build.const((-1) ** k * 1.3**k) for k in range(n)]
    weights = tuple(build.arithmetic("mul", X, scale) for scale in scales)
    cut = build.compare("lt", build.const(1), members.count(muon("pt").type.axis))
    fills = (
        Fill((X,), (Regular(5, -3, 3),), 0, weights),
        Fill((build.cast(muon("pt"), DType.F64),), (Regular(4, 0, 50),), 0, weights),
    )
    return Program((Selection((cut,), (), weights),), fills)


@pytest.mark.parametrize("n", [1, 3, 4, 5, 9])
@pytest.mark.parametrize("spread", [0, 3, 30, 300])
def test_weights_near_and_far_from_one_another(n: int, spread: int) -> None:
    """Whether a summand is near to the others of its sum or not, whatever comes first: the same bits."""
    rng = np.random.default_rng(n + spread)
    chunk = random_chunk(11, 600)
    numbers = rng.normal(size=600) * 2.0 ** rng.integers(-spread, spread + 1, 600)
    numbers[rng.random(600) < 0.05] = rng.choice([0.0, -0.0, np.nan, np.inf, 5e-324, 2.0**-257, -(2.0**222)])
    chunk = Chunk(600, {**chunk.columns, "f64_a": numbers}, chunk.offsets)
    program = many_weights(n)
    a, b = (backend.compile(program).run(chunk, {}) for backend in BACKENDS)
    assert differences(program, a, b) == []


def test_sums_that_are_full_are_emptied(monkeypatch) -> None:
    """After many additions what is beside a sum is added to it, and goes on from zero."""
    program, chunk = many_weights(5), random_chunk(12, 500)
    monkeypatch.setattr("hzdsl.backends.codegen.near._FULL", 3)
    a, b = (backend.compile(program).run(chunk, {}) for backend in BACKENDS)
    assert differences(program, a, b) == []
