"""Doing the same thing to many chunks, on threads, and getting the results in the order of the chunks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(work: Callable[[T], R], items: Iterable[T], threads: int) -> Generator[tuple[T, R], None, None]:
    """Yield (item, work(item)) in the order of the items, computed by `threads` threads.

    At most two items per thread are under way, so memory stays bounded. An error of an item is raised when
    its turn comes, so it is the same whatever the threads did; then, or when the consumer stops (Ctrl-C),
    nothing further is started and what runs is waited for.

    Examples
    --------
    >>> [square for _, square in in_order(lambda n: n * n, range(5), threads=3)]
    [0, 1, 4, 9, 16]
    """
    if threads <= 1:
        for item in items:
            yield item, work(item)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="hzdsl")
    waiting: deque[tuple[T, Future[R]]] = deque()
    try:
        for item in items:
            waiting.append((item, pool.submit(work, item)))
            if len(waiting) >= 2 * threads:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
