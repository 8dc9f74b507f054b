"""How data lie in memory: lists that begin at multiples of the lanes, tiles, columns that are replaced or written to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest

from hzdsl.backends.passes.data import Bound, Lists
from hzdsl.backends.passes.lanes import LANES
from hzdsl.backends.passes.program import Compiled, compile_graph
from hzdsl.backends.passes.structure import wide_axes
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from tests.backends.passes.graphs import (
    BINS,
    CELLS,
    CHANNELS,
    EFFECTS,
    PARAMETERS,
    PARTS,
    POINTS,
    PROCESSES,
    THETA,
    P,
    column,
    link,
)

COUNTS = {
    CHANNELS: np.array([4]),
    PARAMETERS: np.array([6]),
    POINTS: np.array([2 * LANES + 1]),
    BINS: np.array([LANES + 1, 0, 1, 2 * LANES]),
    PROCESSES: np.array([2, 1, 3, 0]),
    EFFECTS: np.array([1, 0, LANES, 2, 5, 0]),
}
WIDE = wide_axes([BINS, EFFECTS, POINTS, PARAMETERS, PARTS])
LISTS = Lists(COUNTS, WIDE)


def total(axis: Node) -> int:
    """Return how many positions an axis has, counted by hand."""
    bins, processes = COUNTS[BINS], COUNTS[PROCESSES]
    by_process = np.split(COUNTS[EFFECTS], np.cumsum(processes)[:-1])
    if axis is CELLS:
        return int(np.sum(bins * processes))
    if axis is PARTS:
        return int(sum(n * e.sum() for n, e in zip(bins, by_process, strict=True)))
    return int(np.sum(COUNTS[axis]))


@pytest.mark.parametrize("axis", [CHANNELS, PROCESSES, POINTS, PARAMETERS, BINS, EFFECTS, CELLS, PARTS])
def test_what_is_laid_out_is_found_again(axis: Node) -> None:
    assert LISTS.total(axis) == total(axis)
    values = np.arange(1.0, total(axis) + 1)
    held = LISTS.laid_out(values, axis, DType.F64)
    assert len(held) >= LISTS.room(axis)
    assert np.array_equal(LISTS.in_order(held, axis), values)


@pytest.mark.parametrize("axis", [POINTS, BINS, EFFECTS])
def test_lists_begin_at_multiples_of_the_lanes(axis: Node) -> None:
    starts = LISTS.starts(axis)
    assert np.all(starts % LANES == 0)
    assert np.all(np.diff(starts) >= COUNTS[axis])
    assert np.all(np.diff(starts) - COUNTS[axis] < LANES)


def test_what_fills_up_lanes_repeats_the_last_number() -> None:
    """Neither logarithms nor divisions meet a 0 there that no data have; an index stays inside."""
    held = LISTS.laid_out(np.arange(5.0, 5 + total(BINS)), BINS, DType.F64)
    for start, count, end in zip(LISTS.starts(BINS), COUNTS[BINS], LISTS.starts(BINS)[1:], strict=False):
        assert np.all(held[start + count : end] == (held[start + count - 1] if count else 0))
    tiles = LISTS.laid_out(np.arange(5.0, 5 + total(CELLS)), CELLS, DType.F64)
    assert np.min(tiles.astype(float)) >= 5


def test_tiles_hold_the_lanes_of_one_process_after_the_other() -> None:
    """Of the first channel: LANES bins of process 0, of process 1, then the last bin."""
    values = np.arange(float(total(CELLS)))
    held = LISTS.laid_out(values, CELLS, DType.F64)
    assert np.array_equal(held[:LANES], 2.0 * np.arange(LANES))
    assert np.array_equal(held[LANES : 2 * LANES], 2.0 * np.arange(LANES) + 1)
    assert np.all(held[2 * LANES : 3 * LANES] == 2 * LANES)
    first, per_lanes = LISTS.tiles(CELLS)
    assert first.tolist() == [0, 4, 4, 7, 7]
    assert per_lanes.tolist() == [2, 1, 3, 0]


# ---- a function with data -----------------------------------------------------------------------------------------------

X, Y = column(POINTS, "a"), column(POINTS, "b")
AT = link(POINTS, PARAMETERS)
SHIFTED = make("sub", X, make("take", THETA, AT))
RESULT = make("sum", make("mul", make("math", SHIFTED, name="exp"), make("add", Y, make("lift", P, POINTS))))
SLOPES = make("collect", make("mul", SHIFTED, Y), AT)


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_graph([RESULT, SLOPES])


def data(seed: int) -> dict[Node, npt.NDArray[np.generic]]:
    rng, n = np.random.default_rng(seed), total(POINTS)
    return {
        X: rng.normal(0, 1, n),
        Y: rng.normal(0, 1, n),
        THETA: rng.normal(0, 1, 6),
        AT.args[0]: rng.integers(0, 6, n),
    }


def found(bound: Bound, p: float = 0.5) -> list[float]:
    """Return the result and what was collected."""
    return [float(bound([p])[0]), *bound.along(SLOPES).tolist()]


def test_other_columns_are_another_function(compiled: Compiled) -> None:
    first, second = data(1), data(2)
    bound = Bound(compiled, first, COUNTS)
    before = found(bound)
    other = bound.with_columns({X: second[X]})
    assert found(other) == found(Bound(compiled, {**first, X: second[X]}, COUNTS))
    assert found(bound) == before
    assert found(other, 0.25) != found(other)


def test_a_column_that_is_written_to(compiled: Compiled) -> None:
    """What one writes to its own copy is not seen by the other; what is shared is."""
    columns, theta = data(3), np.linspace(-1, 1, 6)
    bound = Bound(compiled, columns, COUNTS)
    before = found(bound)
    own, shared = bound.with_columns({}, [THETA]), bound.with_columns({})
    place = own.place(THETA)
    assert place is not None
    assert place.shape == (6,)
    place[:] = theta
    wanted = found(Bound(compiled, {**columns, THETA: theta}, COUNTS))
    assert found(own) == wanted
    assert found(bound) == found(shared) == before
    assert bound.place(column(BINS, "a")) is None


def test_the_same_bits_each_time_and_in_each_thread(compiled: Compiled) -> None:
    columns = data(4)
    points = np.linspace(-1, 1, 300)
    alone = Bound(compiled, columns, COUNTS)
    wanted = [found(alone, p) for p in points]

    def work(_: int) -> list[list[float]]:
        own = Bound(compiled, columns, COUNTS)
        return [found(own, p) for p in points]

    with ThreadPoolExecutor(4) as pool:
        assert all(bits == wanted for bits in pool.map(work, range(4)))
    assert [found(alone, p) for p in points] == wanted
