"""Doing a unit of work in spite of faults: again after a while, the file opened anew; what stays bad is lost, no more.

Faults of inputs may pass (a server, a disk of a network) or stay (a damaged basket). Whatever is wrong with the
analysis is never tried again. Of a unit that stays bad, every basket is tried for itself: which entries are lost
depends on the file, not on chunks and threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from hzdsl.errors import HzdslError
from hzdsl.run.files import LOSABLE
from hzdsl.run.partials import Part
from hzdsl.run.units import Means, Unit

#: Errors after which the same is tried again.
PASSING = ("remote", "file-missing", "file-truncated")


@dataclass(frozen=True)
class Loss:
    """Entries of a unit's tree that could not be read."""

    unit: Unit
    error: HzdslError
    attempts: int


@dataclass(frozen=True)
class Done:
    """What became of units: parts and losses, which cover them, or nothing where the run was stopped.

    `seconds` is how long it took.
    """

    units: tuple[Unit, ...]
    parts: tuple[Part, ...] = ()
    losses: tuple[Loss, ...] = ()
    seconds: float = 0.0


def attempt(unit: Unit, means: Means) -> Done:
    """Do a unit of work, several times if need be.

    Raises
    ------
    HzdslError
        For what no repetition mends: `branch-type`, say.
    """
    start = perf_counter()
    if means.options.stop.asked:
        return Done((unit,))
    found = tuple(_done(unit, means))
    parts = tuple(x for x in found if isinstance(x, Part))
    return Done((unit,), parts, tuple(x for x in found if isinstance(x, Loss)), perf_counter() - start)


def _done(unit: Unit, means: Means) -> Iterator[Part | Loss]:
    if unit.tree.bad is not None:  # given up already: it is not opened for every further unit
        yield Loss(unit, unit.tree.bad, 0)
        return
    error: HzdslError | None = None
    tried, options = 0, means.options
    while error is None or (error.code in PASSING and tried <= options.retry.times):
        if error is not None:
            options.watch.retry(unit, error, tried)
            if options.stop.wait(options.retry.delay * 2 ** (tried - 1)):
                return  # stopped: these entries are not lost, they have not been read
        tried += 1
        try:
            yield means.part(unit, anew=tried > 1)
        except HzdslError as e:
            if e.code not in LOSABLE:
                raise
            error = e
        else:
            return
    edges = _edges(unit, error)
    if len(edges) > 2:
        yield from _pieces(unit, edges, means, tried)
    else:
        yield Loss(unit, error, tried)


def _edges(unit: Unit, error: HzdslError) -> Sequence[int]:
    """Return where the pieces begin and end that are tried one by one; a file that cannot be opened is given up."""
    try:
        edges = unit.tree.edges(unit.start, unit.stop)
    except HzdslError as e:
        if e.code not in LOSABLE:
            raise
        unit.tree.bad = error
        return ()
    return edges if error.code == "file-truncated" else ()


def _pieces(unit: Unit, edges: Sequence[int], means: Means, tried: int) -> Iterator[Part | Loss]:
    """Yield what can be read of a damaged unit, and what cannot: halves, until one is whole or a single basket."""
    middle = len(edges) // 2
    for half in (edges[: middle + 1], edges[middle:]):
        piece = replace(unit, start=half[0], stop=half[-1])
        try:
            yield means.part(piece)
        except HzdslError as e:
            if e.code not in LOSABLE:
                raise
            if len(half) > 2:
                yield from _pieces(piece, half, means, tried)
            else:
                yield Loss(piece, e, tried)
