"""Servers are far: what comes next is asked for, and the next file opened, while something else is done."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from typing import Protocol, TypeVar

from hzdsl.errors import HzdslError


class Openable(Protocol):
    """A tree, for all that matters here."""

    @property
    def is_far(self) -> bool:
        """Whether it is, or may be, on a server."""

    def open(self) -> object:
        """Open it, unless it is open."""


class Announced(Protocol):
    """A range of entries of a tree that will be read."""

    @property
    def tree(self) -> Openable:
        """The tree."""

    def announce(self) -> None:
        """Begin to fetch what reading it will need."""


T = TypeVar("T", bound=Announced)


@contextmanager
def _pool(threads: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Give threads; at the end, what has not begun never will."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def read_ahead(items: Iterable[T], trees: Sequence[Openable]) -> Iterator[Iterator[T]]:
    """Give items one after the other, each announced when the one before it is given.

    So at most one item more is in memory than those that are worked on. When a tree begins, the next one is opened.
    """
    with _pool(2, "hzdsl-ahead") as pool, closing(_announced(items, trees, pool)) as announced:
        yield announced


def _announced(items: Iterable[T], trees: Sequence[Openable], pool: ThreadPoolExecutor) -> Generator[T, None, None]:
    following = {id(tree): after for tree, after in pairwise(trees)}
    before: tuple[T, Future[None] | None] | None = None
    for item in items:
        begun = before is None or before[0].tree is not item.tree
        after = following.get(id(item.tree)) if begun else None
        request = pool.submit(_quietly, item.announce) if item.tree.is_far else None
        if after is not None and after.is_far:
            pool.submit(_quietly, after.open)
        if before is not None:
            yield _given(*before)
        before = item, request
    if before is not None:
        yield _given(*before)


def _given(item: T, request: Future[None] | None) -> T:
    """Return an item; from now on it is too late to announce it."""
    if request is not None:
        request.cancel()
    return item


def _quietly(action: Callable[[], object]) -> None:
    """Do something ahead of time; what is wrong with it will be said when its time comes."""
    with suppress(HzdslError):
        action()
