"""Toys: random observations of a model, and the same thing done with each of them, in parallel.

Toy number k has its own random generator, the k-th child of ``numpy.random.SeedSequence(seed)``. What a toy is depends
on nothing else: not on threads, processes, pieces or the order in which they end; toys 0 to 99 are the first hundred of
a thousand.

An executor is anything with ``submit(function, *arguments)`` that returns a future with ``result()``: those of
`concurrent.futures`, or a client of dask. Each piece of work has its own copy of the likelihood (`fresh`), so that
threads do not meet. Where work goes to other processes, it and the likelihood are pickled; a likelihood that cannot be
(one of compiled code) is given as a function without arguments that makes it, which is called once per piece where the
work is done.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from hzdsl.errors import HzdslError, first_line
from hzdsl.records import dataclass
from hzdsl.stats.fits.blas import one_thread
from hzdsl.stats.fits.minimise import expected_information
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.methods.interest import Progress, silent
from hzdsl.stats.methods.probabilities import reasons
from hzdsl.stats.parameters import Vector, random_value

#: So many toys are one piece of work.
PIECE = 25
#: Pieces that are under way at a time, per thread; of an executor, whose width is not known.
AHEAD, AHEAD_OF_EXECUTOR = 2, 64
#: So often a parameter is drawn until it is within its bounds.
DRAWS = 100


class Executor(Protocol):
    """What does work elsewhere: an executor of `concurrent.futures`, or a dask client."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Return a future of function(*arguments), which has a `result()`."""


class ToyFailed(Exception):  # noqa: N818 (it is no error of a user's)
    """Raised by what is done with a toy where it has no result; the toy is counted as failed, with these words."""


@dataclass(frozen=True, eq=False)
class Origin:
    """Where toys come from: all parameters, and the expected information there, from which their fits start.

    Of few parameters, or of very many, it is not worth its time, and None. It is found once for all toys of a process,
    in other processes once per piece.
    """

    x: Vector
    information: Matrix | None = None


#: What is done with a toy: called with the likelihood given it, and where it comes from.
Work = Callable[[Likelihood, Origin], Any]
#: A likelihood, or a function that makes it where it is needed.
Source = Likelihood | Callable[[], Likelihood]


@dataclass(frozen=True, eq=False)
class Toys:
    """The results of toys in their order, and how many failed, by reason."""

    results: tuple[Any, ...]
    numbers: tuple[int, ...]
    failures: dict[str, int]

    @property
    def failed(self) -> int:
        """How many failed."""
        return sum(self.failures.values())

    @property
    def array(self) -> Vector:
        """The results as an array."""
        return np.array(self.results, float)


@dataclass(frozen=True, eq=False)
class How:
    """How toys are thrown: how many, from which seed, by how many threads or which executor, and who is told.

    Parameters
    ----------
    toys : int
        How many.
    seed : int
        From which all of them follow.
    threads : int
        Used where there is no executor.
    executor : Executor, optional
        What does the work instead.
    centers : bool
        Whether global observables are drawn, too (frequentist toys), or stay.
    varied : bool
        Whether each toy has other nuisance parameters, drawn from their constraints (Combine's toys, unless
        ``--toysFrequentist``).
    progress : callable, optional
        Told (done, total, text) after each piece.
    stream : int
        Several sets of toys of one method have different ones: their seeds are independent.
    first : int
        The number of the first toy: with those before it they are the toys of one larger set.
    """

    toys: int = 1000
    seed: int = 1
    threads: int = 1
    executor: Executor | None = None
    centers: bool = True
    varied: bool = False
    progress: Progress = silent
    stream: int = 0
    first: int = 0

    def of_stream(self, stream: int) -> How:
        """Return the same with independent seeds."""
        return replace(self, stream=stream)


def seeds(how: How) -> list[np.random.SeedSequence]:
    """Return the seeds of the toys.

    Examples
    --------
    >>> first = [int(np.random.default_rng(s).integers(100)) for s in seeds(How(3, seed=1))]
    >>> first == [int(np.random.default_rng(s).integers(100)) for s in seeds(How(5, seed=1))][:3]
    True
    >>> seeds(How(2, first=3))[0].spawn_key == seeds(How(4))[3].spawn_key
    True
    """
    numbers = range(how.first, how.first + how.toys)
    return [np.random.SeedSequence(how.seed, spawn_key=(how.stream, k)) for k in numbers]


def thrown(source: Source, x: Vector, work: Work, how: How, text: str = "toys") -> Toys:
    """Throw toys at a point and do something with each.

    Parameters
    ----------
    source : Likelihood, or a function that makes one
        The model that toys are thrown from; the function is for other processes, where a likelihood of compiled code
        does not go.
    x : array of shape (n,)
        The parameters there.
    work : callable
        Called with the likelihood given the toy, and its `Origin`; returns anything, or raises `ToyFailed`.
    how : How
        How many, from which seed, on what.
    text : str
        What progress says.

    Raises
    ------
    HzdslError
        What `work` raised of that kind; ``fit`` where all toys failed.
    """
    if how.toys < 1 or how.threads < 1:
        raise HzdslError("options", f"{how.toys} toys on {how.threads} threads", fix="at least one of each")
    every = seeds(how)
    pieces = [(k, every[k : k + PIECE]) for k in range(0, len(every), PIECE)]
    results: list[Any] = []
    numbers: list[int] = []
    failures: Counter[str] = Counter()
    done = 0
    with one_thread():
        origin = Origin(x) if how.executor is not None else _informed(_made(source), x)
        for start, outcomes in _in_order(how, pieces, partial(_piece, source, origin, work, (how.centers, how.varied))):
            for k, (result, failed) in enumerate(outcomes, start):
                if failed:
                    failures[failed] += 1
                else:
                    results.append(result)
                    numbers.append(how.first + k)
            done += len(outcomes)
            how.progress(done, how.toys, text)
    if not results:
        what = f"{text}: all {how.toys} failed: {reasons(failures)}"
        raise HzdslError("fit", what, fix="do it with the data first: it may say what is wrong with the model")
    return Toys(tuple(results), tuple(numbers), dict(failures))


Piece = tuple[int, list[np.random.SeedSequence]]


def _in_order(how: How, pieces: Sequence[Piece], done: Callable[..., Any]) -> Iterator[tuple[int, list[Any]]]:
    if how.executor is None and how.threads == 1:
        for start, piece in pieces:
            yield start, done(piece)
        return
    with _executor(how) as executor:
        ahead = AHEAD_OF_EXECUTOR if how.executor is not None else AHEAD * how.threads
        waiting: deque[tuple[int, Any]] = deque()
        for start, piece in pieces:
            waiting.append((start, executor.submit(done, piece)))
            if len(waiting) >= ahead:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()


@contextmanager
def _executor(how: How) -> Iterator[Executor]:
    if how.executor is not None:
        yield how.executor
        return
    pool = ThreadPoolExecutor(how.threads, thread_name_prefix="hzdsl-toys")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _made(source: Source) -> Likelihood:
    """Return a likelihood for one thread."""
    return source() if callable(source) else source.fresh()


def _informed(likelihood: Likelihood, x: Vector) -> Origin:
    return Origin(x, expected_information(likelihood, x))


def _piece(
    source: Source, origin: Origin, work: Work, drawn: tuple[bool, bool], piece: list[np.random.SeedSequence]
) -> list[tuple[Any, str]]:
    """Return what was done with the toys of a piece: a result, or why there is none."""
    likelihood = _made(source)
    with one_thread():
        known = _informed(likelihood, origin.x) if origin.information is None else origin
        return [_outcome(likelihood, known, work, drawn, seed) for seed in piece]


def _outcome(
    likelihood: Likelihood, origin: Origin, work: Work, drawn: tuple[bool, bool], seed: np.random.SeedSequence
) -> tuple[Any, str]:
    (centers, varied), rng = drawn, np.random.default_rng(seed)
    at = varied_parameters(likelihood, origin.x, rng) if varied else origin.x
    toy = likelihood.given(likelihood.toy(at, rng, centers))
    try:
        return work(toy, origin), ""
    except ToyFailed as failed:
        return None, first_line(failed)


def varied_parameters(likelihood: Likelihood, x: Vector, rng: np.random.Generator) -> Vector:
    """Return parameters of which those that float and are constrained are drawn from their constraints."""
    found = x.copy()
    for k, p in enumerate(likelihood.parameters):
        if p.constraint is None or p.fixed:
            continue
        for _ in range(DRAWS):
            found[k] = random_value(p.constraint, rng)
            if p.low <= found[k] <= p.high:
                break
        found[k] = min(max(found[k], p.low), p.high)
    return found
