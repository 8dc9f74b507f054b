"""Threads, ranges, the ledger, bins, comparison."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzdsl import HzdslError
from hzdsl.backends.base import Regular
from hzdsl.ir.analysis import Sample
from hzdsl.run import backend_of, of_files
from hzdsl.run.attempts import Loss
from hzdsl.run.chunks import entry_ranges
from hzdsl.run.compare import compare, spread
from hzdsl.run.files import InputTree
from hzdsl.run.ledger import Ledger
from hzdsl.run.parameters import resolve
from hzdsl.run.partials import Part, nothing
from hzdsl.run.plan import Job, Options, Plan
from hzdsl.run.pool import in_order
from hzdsl.run.program import bind, edges_of
from hzdsl.run.units import Unit
from tests.run.muons import document


@given(st.integers(1, 500), st.integers(1, 100), st.lists(st.integers(0, 500), max_size=20))
def test_ranges_cover_everything_once(stop, size, marks):
    for boundaries in ((), marks):
        ranges = entry_ranges(stop, size, boundaries)
        assert [0, *(b for _, b in ranges)] == [*(a for a, _ in ranges), stop]
        assert all(a < b for a, b in ranges)
    assert all(b - a == size for a, b in entry_ranges(stop, size)[:-1])
    ends = {stop, *(m for m in marks if 0 < m < stop)} if marks else set(range(size, stop, size)) | {stop}
    for a, b in entry_ranges(stop, size, marks):  # no basket is unpacked twice, and no mark would have been nearer
        assert b in ends
        assert all(abs(b - a - size) <= abs(e - a - size) for e in ends if e > a)


@given(st.integers(0, 1000), st.integers(1, 1200))
def test_spread_never_overlaps(entries, wanted):
    ranges = spread(entries, wanted)
    flat = [x for r in ranges for x in range(*r)]
    assert flat == sorted(set(flat))
    assert not flat or flat[-1] < entries


def test_in_order_is_ordered_bounded_and_concurrent():
    running, most, started = 0, 0, []
    lock = threading.Lock()

    def work(n):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            started.append(n)
        time.sleep(0.002 * (n % 3))
        with lock:
            running -= 1
        return n

    assert [r for _, r in in_order(work, range(30), threads=3)] == list(range(30))
    assert most == 3
    started.clear()
    results = in_order(work, iter(range(10_000)), threads=3)
    next(results)
    results.close()  # as Ctrl-C does
    assert len(started) <= 6


def test_in_order_raises_the_first_error_of_the_order():
    def work(n):
        if n == 2:
            time.sleep(0.02)
        if n in (2, 3):
            raise ValueError(n)
        return n

    for threads in (1, 4):
        with pytest.raises(ValueError, match="2"):
            list(in_order(work, range(10), threads))


def test_ledger():
    bound = bind(document(), {})

    def part(start, stop, entries=None):
        made = nothing(bound.program)
        made.entries = stop - start if entries is None else entries
        return Part(0, ((start, stop),), made)

    tree = InputTree("", "a.root", entries=10)
    job = Job(Sample(""), (tree,), bound, {})
    ledger = Ledger(Plan((job,), bound, ()), tables=False)
    ledger.enter(part(5, 8))
    for bad in (part(5, 8), part(7, 10), part(9, 12), part(0, 5, entries=4)):
        with pytest.raises(AssertionError):
            ledger.enter(bad)
    ledger.lose(Loss(Unit(0, tree, 0, 2), HzdslError("remote", "gone"), 1))
    with pytest.raises(AssertionError, match="were not to be read"):
        ledger.enter(part(1, 3))
    assert (ledger.planned, ledger.done, ledger.lost, ledger.left) == (10, 3, 2, [((2, 5), (8, 10))])
    assert ledger.left_of(0, tree) == 7
    with pytest.raises(AssertionError, match="have not been accounted for"):
        ledger.close()
    ledger.enter(part(2, 5))
    ledger.enter(part(8, 10))
    ledger.close()


@given(st.integers(1, 200), st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_edges_are_those_of_boost(bins, low, width):
    bh = pytest.importorskip("boost_histogram")
    high = low + width
    assert np.array_equal(edges_of(Regular(bins, low, high)), bh.axis.Regular(bins, low, high).edges)


def test_compare(events):
    doc = of_files(document(), (str(events),))
    pair = backend_of("interpret"), backend_of("codegen")
    found = compare(doc, resolve(doc, {}), pair, Options(pair[0], tables=True), 400)
    assert (found.entries, found.differences) == (400, ())


class Wrong:
    """The interpreter with one fault of every kind."""

    name = "wrong"

    def compile(self, program):
        kernel = backend_of("interpret").compile(program)

        class Kernel:
            def run(self, chunk, parameters, tables=False):
                partial = kernel.run(chunk, parameters, tables)
                partial.passed[0][0] += 1
                partial.counts[0][3] += 1
                partial.nans[1] += 1
                if tables:
                    table = partial.tables[1]
                    table.columns[3] = (
                        np.where(np.arange(len(table.entry)) == 2, -0.0, table.columns[3][0]),
                        table.columns[3][1],
                    )
                    partial.tables[0].entry = partial.tables[0].entry[1:]
                    partial.tables[0].columns = [
                        (v[1:], m if m is None else m[1:]) for v, m in partial.tables[0].columns
                    ]
                return partial

        return Kernel()


def test_compare_finds_and_names(events):
    doc = of_files(document(), (str(events),))
    pair = backend_of("interpret"), Wrong()
    found = compare(doc, resolve(doc, {}), pair, Options(pair[0], tables=True), 10_000)
    text = "\n".join(found.differences)
    assert "region pair, cut 'two muons': interpret 364, wrong 365 events" in text
    assert "histogram pair/mass, bin 2: interpret" in text
    assert "histogram every/n: interpret 0, wrong 1 NaNs" in text
    assert "selected by interpret only" in text
    assert len(found.differences) in (4, 5)
    assert all(d.startswith(f"{events}, entries 0 to 999: ") for d in found.differences)
