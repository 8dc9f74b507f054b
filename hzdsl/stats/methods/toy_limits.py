"""CLs limits from toys: Combine's HybridNew with ``--LHCmode LHC-limits`` (STATS §3.5).

Toys are thrown at points around the asymptotic limits. CLs falls about exponentially there, so a limit is where a line
through log CLs crosses that of 1 - CL. Where limits are not known well, more toys are thrown next to them, at most as
many as at first: that bounds the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import hypot, inf, log, sqrt
from typing import Any

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, value_and_error
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.asymptotic import limits
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.probabilities import QUANTILES, confidence
from hzdsl.stats.methods.toy_tests import Tail, ToyTest, ToyTests
from hzdsl.stats.methods.toys import How, Source
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record

#: Where CLs is found from toys, where no points are given: so many values from below the least to above the largest
#: of the asymptotic limits.
POINTS, BEYOND = 8, 1.3
#: Points whose log CLs is farther from that wanted, by more than two of its errors, are left out of the line.
NEAR = 1.6
MOST_STEPS = 50
#: Limits are known well whose error is this part of them, or where CLs at the nearest point has this error (Combine's
#: rRelAcc and clsAcc).
ACCURACY, CLS_ACCURACY = 0.05, 0.005
#: A point that is nearer to a limit than this part of it gets more toys; else there is a new one at the limit.
SAME_POINT = 0.1
#: So often toys are thrown for a limit that is still not found then.
TRIES = 2
#: The error of the observed limit counts so many times as much as those of others.
OBSERVED = 3.0
#: An error that is a larger part of the limit is remarked on.
LARGE = 0.1
NOT_FOUND = "not found"


@dataclass(frozen=True)
class ToyLimit:
    """A limit and its error; neither where it was not found: where points do not enclose it, or toys are too few."""

    value: float | None = None
    error: float | None = None

    @property
    def relative(self) -> float:
        """The error as a part of the limit, infinite where it was not found."""
        return inf if self.value is None or self.error is None or self.value <= 0 else self.error / self.value

    def words(self) -> tuple[str, str]:
        """Return both as text.

        Examples
        --------
        >>> ToyLimit(1.5, 0.25).words(), ToyLimit().words()
        (('1.50', '± 0.25'), ('not found', ''))
        """
        if self.value is None or self.error is None:
            return NOT_FOUND, ""
        return value_and_error(self.value, self.error)


@dataclass(frozen=True, eq=False)
class ToyLimits(Record):
    """Limits from toys; `observed` is None where only what is expected is wanted, or there is nothing expected."""

    poi: str
    level: float
    observed: ToyLimit | None
    expected: tuple[ToyLimit, ...]
    points: tuple[ToyTest, ...]

    @property
    def said(self) -> tuple[str, ...]:
        """Remarks: limits that were not found, or have large errors."""
        every = {} if self.observed is None else {"observed": self.observed}
        every |= {f"expected {100 * q:g} %": e for q, e in zip(QUANTILES, self.expected, strict=False)}
        lost = [name for name, limit in every.items() if limit.value is None]
        rough = [f"{n} ({100 * e.relative:.0f} %)" for n, e in every.items() if LARGE < e.relative < inf]
        found = [f"{NOT_FOUND}: {', '.join(lost)}"] if lost else []
        found += [f"errors of more than {100 * LARGE:.0f} % of the limit: {', '.join(rough)}"] if rough else []
        return (*found, "other points or more toys are needed") if found else ()

    def tables(self) -> tuple[TextTable, ...]:
        """Return the limits, and the points."""
        quantiles = QUANTILES if self.expected else ()
        rows = [] if self.observed is None else [("observed", *self.observed.words())]
        rows += [(f"expected {100 * q:.1f} %", *e.words()) for q, e in zip(quantiles, self.expected, strict=True)]
        title = f"limits at {100 * self.level:g} % CLs from toys"
        head = TextTable(title, ("", f"{self.poi} <", "±"), tuple(rows), note="; ".join(self.said))
        seen = self.observed is not None
        found = [(t, *(t.cls() if seen else t.expected(0.5))) for t in self.points]
        lines = tuple(
            (f"{t.mu:.5g}", *value_and_error(cls, error), str(len(t.with_signal)), str(t.failed))
            for t, cls, error in found
        )
        header = (self.poi, "CLs" if seen else "expected CLs", "±", "toys", "failed toys")
        return (head, TextTable("points", header, lines))

    def data(self) -> dict[str, Any]:
        """Return all fields, and the remarks."""
        return {**super().data(), "said": list(self.said)}


def toy_limits(
    likelihood: Likelihood,
    poi: str | None = None,
    how: How | None = None,
    *,
    level: float = 0.95,
    points: Sequence[float] | None = None,
    accuracy: float = ACCURACY,
    cls_accuracy: float = CLS_ACCURACY,
    source: Source | None = None,
) -> ToyLimits:
    """Return limits from toys, by a line through log CLs of several points.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    poi : str, optional
        The parameter that is limited.
    how : How, optional
        Toys per point, with and without signal each.
    level : float
        Confidence level.
    points : array, optional
        Values that are tested, and no others; else some around the asymptotic limits.
    accuracy : float
        Limits whose error is a larger part of them get more toys, all of them together as many as there were at first.
    cls_accuracy : float
        No more toys where CLs has a smaller error; 0: not more toys than `how` says at any point.
    source : function that makes the likelihood, optional
        Where work goes to other processes and the likelihood cannot be pickled.

    Raises
    ------
    HzdslError
        ``fit`` where a fit to the data does not converge.
    """
    poi, how, level = poi_of(likelihood, poi), how or How(), confidence(level)
    guessed: dict[float | None, float] = {}
    if points is None:
        around = limits(likelihood, poi, level=level)
        guessed = {None: around.observed, **dict(zip(QUANTILES, around.expected, strict=True))}
        least, most = min(guessed.values()) / BEYOND, BEYOND * max(guessed.values())
        tested = [float(mu) for mu in np.geomspace(least, min(most, likelihood.parameters[poi].high), POINTS)]
    else:
        tested = [float(mu) for mu in points]
    tester = ToyTests(likelihood, poi, how, source)
    for mu in tested:
        tester.throw(mu)
    search = _Search(tester, 1 - level, guessed)
    if cls_accuracy > 0:
        search.refine(accuracy, cls_accuracy, len(tested))
    expected = tuple(search.limit(q) for q in QUANTILES)
    return ToyLimits(poi, level, search.limit(None), expected, tuple(t for _, t in sorted(tester.tests.items())))


class _Search:
    """What has been tested, and the limits that follow: that of the data, called None, and quantiles."""

    def __init__(self, tester: ToyTests, alpha: float, guessed: Mapping[float | None, float]) -> None:
        self._tester, self._alpha, self._guessed = tester, alpha, guessed
        self._tries: Counter[float | None] = Counter()

    def limit(self, which: float | None) -> ToyLimit:
        """Return a limit."""
        return crossing({mu: self._tail(test, which) for mu, test in self._tester.tests.items()}, self._alpha)

    def refine(self, accuracy: float, cls_accuracy: float, budget: int) -> None:
        """Throw more toys where they help most, at most so many times."""
        for _ in range(budget):
            wanted = self._worst(accuracy, cls_accuracy)
            if wanted is None:
                return
            self._tester.throw(wanted)

    def _worst(self, accuracy: float, cls_accuracy: float) -> float | None:
        """Return the point next to the limit with the largest error; None where all are known well enough."""
        every = [(which, self.limit(which)) for which in (None, *QUANTILES)]
        every = [one for one in every if one[1].value is not None or self._tries[one[0]] < TRIES]
        poor = [(which, limit) for which, limit in every if limit.relative > accuracy]
        for which, limit in sorted(poor, key=lambda one: _urgency(*one), reverse=True):
            mu = self._next_to(limit, which)
            test = None if mu is None else self._tester.tests.get(mu)
            if mu is not None and (test is None or self._tail(test, which).cls[1] > cls_accuracy):
                self._tries[which] += 1
                return mu
        return None

    def _next_to(self, limit: ToyLimit, which: float | None) -> float | None:
        """Return the tested point nearest to a limit, or a new one at it; those that are given are not added to.

        None where points do not enclose it, and more toys would not help.
        """
        at = limit.value if limit.value is not None else self._between(which)
        if at is None:
            return None
        nearest = min(self._tester.tests, key=lambda mu: abs(mu - at))
        return nearest if not self._guessed or abs(nearest - at) < SAME_POINT * at else at

    def _between(self, which: float | None) -> float | None:
        """Return the middle of the points between which CLs falls below that of the limit, else a guess not tested.

        Where points are given it is the upper of both, at which fewer toys are as extreme.
        """
        tails = {mu: self._tail(test, which) for mu, test in self._tester.tests.items()}
        low, high = _enclosing(tails, self._alpha)
        if low < high:
            return 0.5 * (low + high) if self._guessed else high
        guess = self._guessed.get(which)
        return None if guess in self._tester.tests else guess

    @staticmethod
    def _tail(test: ToyTest, which: float | None) -> Tail:
        return test.tail(test.observed if which is None else test.at(which))


def crossing(tails: Mapping[float, Tail], alpha: float) -> ToyLimit:
    """Return where log CLs, a straight line next to the limit, is log α; not found where it is outside of the points.

    How many toys with signal are as extreme is a Poisson number around N CLb exp(a + b μ), of which a and b are found
    by Fisher scoring: points at which there is none count as well. The error of CLb counts as a further spread.
    """
    around = _enclosing(tails, alpha)
    near = {mu: tail for mu, tail in tails.items() if tail.clb > 0 and (mu in around or _is_near(tail, alpha))}
    points = sorted(near.items())
    if sum(tail.extreme > 0 for _, tail in points) < 2:
        return ToyLimit()
    mu, extreme, toys, clb, spread = np.array([(m, t.extreme, t.toys, t.clb, t.clb_error) for m, t in points]).T
    middle = float(np.average(mu, weights=extreme))
    design = np.stack([np.ones_like(mu), mu - middle])
    height, slope = _started(mu - middle, extreme / toys / clb, extreme)
    for _ in range(MOST_STEPS):
        mean = toys * clb * np.exp(np.clip(height + slope * (mu - middle), -50, 50))
        weight = mean**2 / (mean + (mean * spread) ** 2)
        information = (design * weight) @ design.T
        if not np.linalg.det(information) > 0:
            return ToyLimit()
        step = np.linalg.solve(information, design @ (weight * (extreme - mean) / mean))
        height, slope = height + step[0], slope + step[1]
        if np.abs(step[0]) < 1e-9 and np.abs(step[1]) * (mu[-1] - mu[0]) < 1e-9:
            break
    else:
        return ToyLimit()
    if not slope < 0:
        return ToyLimit()
    distance = (log(alpha) - height) / slope
    at, along = middle + distance, np.array([1.0, distance])
    error = sqrt(along @ np.linalg.inv(information) @ along) / abs(slope)
    return ToyLimit(float(at), float(error)) if min(tails) <= at <= max(tails) else ToyLimit()


def _enclosing(tails: Mapping[float, Tail], alpha: float) -> tuple[float, float]:
    """Return the two points between which CLs first falls below α; twice the same number where there are none."""
    for low, high in pairwise(sorted(tails)):
        if tails[low].cls[0] > alpha >= tails[high].cls[0]:
            return low, high
    return inf, inf


def _urgency(which: float | None, limit: ToyLimit) -> float:
    return min(limit.relative, 1.0) * (OBSERVED if which is None else 1.0)


def _is_near(tail: Tail, alpha: float) -> bool:
    p = max(tail.extreme, 0.5) / tail.toys
    error = hypot(1 / sqrt(max(tail.extreme, 0.5)), tail.clb_error)
    return abs(log(p / tail.clb / alpha)) < NEAR + 2 * error


def _started(x: Vector, cls: Vector, extreme: Vector) -> tuple[float, float]:
    """Return a line through the logarithms of what is not 0."""
    some = extreme > 0
    slope, height = np.polyfit(x[some], np.log(cls[some]), 1, w=np.sqrt(extreme[some]))
    return float(height), float(slope)
