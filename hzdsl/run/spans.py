"""Ranges of entries: ascending, none empty, none touching another."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]
Ranges = tuple[Span, ...]


def joined(a: Ranges, b: Ranges) -> Ranges:
    """Return ranges together; an entry that is in both is a mistake of hzdsl.

    Examples
    --------
    >>> joined(((0, 10), (20, 30)), ((10, 20), (40, 50)))
    ((0, 30), (40, 50))
    >>> joined(((0, 10),), ((9, 20),))
    Traceback (most recent call last):
      ...
    AssertionError: the entries from 9 to 10 are counted twice
    """
    made: list[Span] = []
    for start, stop in sorted((*a, *b)):
        if made and start < made[-1][1]:
            raise AssertionError(f"the entries from {start} to {min(stop, made[-1][1])} are counted twice")
        if made and start == made[-1][1]:
            made[-1] = made[-1][0], stop
        elif start < stop:
            made.append((start, stop))
    return tuple(made)


def common(a: Ranges, b: Ranges) -> Ranges:
    """Return the entries that are in both.

    Examples
    --------
    >>> common(((0, 10), (20, 30)), ((5, 25),))
    ((5, 10), (20, 25))
    """
    found = ((max(s, start), min(e, stop)) for s, e in a for start, stop in b)
    return tuple((s, e) for s, e in sorted(found) if s < e)


def without(a: Ranges, b: Ranges) -> Ranges:
    """Return the entries of `a` that are not in `b`.

    Examples
    --------
    >>> without(((0, 10), (20, 30)), ((5, 25),))
    ((0, 5), (25, 30))
    """
    made: list[Span] = []
    for start, stop in a:
        at = start
        for s, e in b:
            if at < s < stop:
                made.append((at, s))
            if s < stop and e > at:
                at = e
        if at < stop:
            made.append((at, stop))
    return tuple(made)


def count(ranges: Iterable[Span]) -> int:
    """Return how many entries there are in ranges."""
    return sum(stop - start for start, stop in ranges)
