"""One value of a parameter tested with toys: CLs of the data, and of what is expected without signal (STATS §3.5).

The statistic is the bounded qμ. Toys are frequentist: of the fit at μ, and of the fit without signal, both to the data;
their global observables are drawn around these. CLs+b and CLb are the parts of toys as extreme as the data.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from math import hypot, isnan, nan, sqrt
from typing import Any

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.probabilities import QUANTILES, as_extreme
from hzdsl.stats.methods.statistics import needed, q_mu
from hzdsl.stats.methods.toys import How, Origin, Source, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record

#: At most so many times the toys that are asked for are thrown to reach an accuracy that is asked for.
MOST_TIMES = 20


@dataclass(frozen=True)
class Tail:
    """How many of so many toys with signal are as extreme, and CLb of the same with its relative error."""

    extreme: int
    toys: int
    clb: float
    clb_error: float

    @property
    def cls(self) -> tuple[float, float]:
        """CLs with its binomial error; of no or all toys the error is that of one."""
        if not self.clb:
            return 0.0, 0.0
        p, inside = self.extreme / self.toys, _inside(self.extreme, self.toys)
        error = sqrt(inside * (1 - inside) / self.toys) / self.clb
        return p / self.clb, hypot(error, p / self.clb * self.clb_error)


def _inside(some: int, of: int) -> float:
    return min(max(some / of, 1 / (of + 1)), of / (of + 1))


@dataclass(frozen=True, eq=False)
class ToyTest(Record):
    """One value tested with toys: the statistic of the data and of toys with and without signal.

    `observed` is NaN where only what is expected is wanted; `quantiles` are those of it that are shown.
    """

    mu: float
    observed: float
    with_signal: Vector
    without: Vector
    failed: int
    quantiles: tuple[float, ...] = QUANTILES

    def tail(self, q: float) -> Tail:
        """Return how many toys are as extreme as a value of the statistic."""
        of, below = len(self.without), int(as_extreme(self.without, q).sum())
        inside = _inside(below, of)
        error = sqrt(inside * (1 - inside) / of) / inside
        return Tail(int(as_extreme(self.with_signal, q).sum()), len(self.with_signal), below / of, error)

    def at(self, quantile: float) -> float:
        """Return the statistic where background alone gives a quantile: more signal-like, a higher limit."""
        return float(np.quantile(self.without, 1 - quantile, method="higher"))

    def cls(self) -> tuple[float, float]:
        """Return CLs of the data with its error, NaN where only what is expected is wanted."""
        return (nan, nan) if isnan(self.observed) else self.tail(self.observed).cls

    def expected(self, quantile: float) -> tuple[float, float]:
        """Return CLs, with its error, where background alone gives a quantile."""
        return self.tail(self.at(quantile)).cls

    def with_more(self, other: ToyTest) -> ToyTest:
        """Return the same with further toys."""
        one, none = (np.concatenate(p) for p in ((self.with_signal, other.with_signal), (self.without, other.without)))
        return replace(self, with_signal=one, without=none, failed=self.failed + other.failed)

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = [] if isnan(self.observed) else [("statistic", f"{self.observed:.5g}"), ("CLs", _cls(*self.cls()))]
        rows += [(f"expected {100 * q:.1f} %", _cls(*self.expected(q))) for q in self.quantiles]
        note = f"{len(self.with_signal)} and {len(self.without)} toys, {self.failed} failed"
        return (TextTable(f"μ = {self.mu:g}", ("", "value"), tuple(rows), note=note),)

    def data(self) -> dict[str, Any]:
        """Return all fields, and CLs with its error: of the data, and expected."""
        seen = None if isnan(self.observed) else list(self.cls())
        expected = [list(self.expected(q)) for q in self.quantiles]
        return {**super().data(), "cls": seen, "expected_cls": expected}


def _cls(value: float, error: float) -> str:
    return f"{value:.4g} ± {error:.2g}"


class ToyTests:
    """What throws toys at values of a parameter, each value having random numbers of its own.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    poi : str
        The parameter.
    how : How
        How toys are thrown.
    source : function that makes the likelihood, optional
        Where work goes to other processes and the likelihood cannot be pickled.

    Raises
    ------
    HzdslError
        ``fit`` where the fit without signal does not converge.
    """

    def __init__(self, likelihood: Likelihood, poi: str, how: How, source: Source | None = None) -> None:
        self._likelihood, self._poi, self._how, self._source = likelihood, poi, how, source or likelihood
        self._without = needed(likelihood, "without signal", fixed={poi: 0.0})
        self._fits: dict[float, tuple[int, Vector, float]] = {}
        self._times: Counter[float] = Counter()
        self.tests: dict[float, ToyTest] = {}

    def throw(self, mu: float) -> ToyTest:
        """Throw toys with and without signal at a value, further ones where there are some."""
        poi, before = self._poi, self.tests.get(mu)
        if mu not in self._fits:
            x = needed(self._likelihood, f"at {poi} = {mu:g}", fixed={poi: mu})
            self._fits[mu] = len(self._fits), x, q_mu(self._likelihood, Origin(x), poi, mu)
        number, with_signal, observed = self._fits[mu]
        how = replace(self._how.of_stream(2 * number), first=self._times[mu] * self._how.toys)
        work = partial(q_mu, poi=poi, mu=mu)
        one = thrown(self._source, with_signal, work, how, f"toys at {poi} = {mu:.4g}")
        other = thrown(self._source, self._without, work, how.of_stream(2 * number + 1), "toys without signal")
        more = ToyTest(mu, observed, one.array, other.array, one.failed + other.failed)
        self._times[mu] += 1
        self.tests[mu] = more if before is None else before.with_more(more)
        return self.tests[mu]

    def throw_until(self, mu: float, accuracy: float) -> ToyTest:
        """Throw toys at a value until CLs of the data is known so well, or there are `MOST_TIMES` as many."""
        found = self.throw(mu)
        for _ in range(MOST_TIMES - 1):
            if found.cls()[1] <= accuracy:
                break
            found = self.throw(mu)
        return found
