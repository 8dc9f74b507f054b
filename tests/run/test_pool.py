"""Work on threads: results in order, bounded, concurrent; the first error of the order."""

from __future__ import annotations

import threading

import pytest

from hzdsl.run.pool import in_order

#: Seconds after which a thread that waits for another one gives up, and the test fails.
PATIENCE = 60


def test_results_come_in_order_however_work_ends():
    """Of every two items the second ends before the first."""
    ended = [threading.Event() for _ in range(30)]

    def work(n):
        if n % 2 == 0:
            assert ended[n + 1].wait(PATIENCE)
        ended[n].set()
        return n

    assert [r for _, r in in_order(work, range(30), threads=3)] == list(range(30))


def test_as_many_items_as_threads_are_worked_on():
    together, running, most = threading.Barrier(3, timeout=PATIENCE), 0, 0
    lock = threading.Lock()

    def work(n):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait()  # which three pass together, or none
        with lock:
            running -= 1

    assert len(list(in_order(work, range(30), threads=3))) == 30
    assert most == 3


def test_no_more_is_begun_than_threads_need():
    started = []
    results = in_order(started.append, iter(range(10_000)), threads=3)
    next(results)
    results.close()  # as Ctrl-C does
    assert len(started) <= 6


@pytest.mark.parametrize("threads", [1, 4])
def test_the_first_error_of_the_order_is_raised(threads):
    later = threading.Event()

    def work(n):
        if n == 2 and threads > 1:
            assert later.wait(PATIENCE)
        if n == 3:
            later.set()
        if n in (2, 3):
            raise ValueError(n)
        return n

    with pytest.raises(ValueError, match="2"):
        list(in_order(work, range(10), threads))
