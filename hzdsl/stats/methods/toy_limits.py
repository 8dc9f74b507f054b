"""CLs limits from toys: Combine's HybridNew with ``--LHCmode LHC-limits`` (STATS §3.5).

The statistic is the bounded qμ. Toys are frequentist: of the fit at μ, and of the fit without signal, both to the data;
their global observables are drawn around these. CLs+b and CLb are the parts of toys as extreme as the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import hypot, inf, isfinite, isnan, log, nan, sqrt

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.asymptotic import limits
from hzdsl.stats.methods.interest import poi_of
from hzdsl.stats.methods.probabilities import QUANTILES, as_extreme, confidence
from hzdsl.stats.methods.statistics import needed, q_mu
from hzdsl.stats.methods.toys import How, Origin, Source, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record

#: Where CLs is found from toys, where no points are given: so many values from below the least to above the largest
#: of the asymptotic limits.
POINTS, BEYOND = 8, 1.3
#: Points whose log CLs is farther from that wanted, by more than two of its errors, are left out of the line.
NEAR = 1.6


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

    def cls(self, observed: float | None = None) -> tuple[float, float]:
        """Return CLs with its binomial error, of the data or another value of the statistic."""
        q = self.observed if observed is None else observed
        if isnan(q):
            return nan, nan
        above, below = _part(self.with_signal, q), _part(self.without, q)
        if below[0] == 0:
            return 0.0, 0.0
        value = above[0] / below[0]
        relative = hypot(above[1] / above[0] if above[0] else 0.0, below[1] / below[0])
        return value, value * relative if above[0] else above[1] / below[0]

    def expected(self, quantile: float) -> tuple[float, float]:
        """Return CLs where background alone gives a quantile: more signal-like, a higher limit."""
        return self.cls(float(np.quantile(self.without, 1 - quantile, method="higher")))

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = [] if isnan(self.observed) else [("statistic", f"{self.observed:.5g}"), ("CLs", _cls(*self.cls()))]
        rows += [(f"expected {100 * q:.1f} %", _cls(*self.expected(q))) for q in self.quantiles]
        note = f"{len(self.with_signal)} and {len(self.without)} toys, {self.failed} failed"
        return (TextTable(f"μ = {self.mu:g}", ("", "value"), tuple(rows), note=note),)


def _cls(value: float, error: float) -> str:
    return f"{value:.4g} ± {error:.2g}"


def _part(values: Vector, q: float) -> tuple[float, float]:
    """Return the part of toys with a statistic of at least q, and its error (of no toys or all: that of one)."""
    n = len(values)
    p = float(as_extreme(values, q).mean())
    inside = min(max(p, 1 / (n + 1)), n / (n + 1))
    return p, sqrt(inside * (1 - inside) / n)


@dataclass(frozen=True, eq=False)
class ToyLimits(Record):
    """Limits from toys, (value, error) each: infinite errors where points do not bracket it, NaN of no use at all.

    Where only what is expected is wanted the observed limit and its error are NaN; else there may be nothing expected.
    """

    poi: str
    level: float
    observed: tuple[float, float]
    expected: tuple[tuple[float, float], ...]
    points: tuple[ToyTest, ...]

    def tables(self) -> tuple[TextTable, ...]:
        """Return the limits, and the points."""
        seen, quantiles = not isnan(self.observed[1]), QUANTILES if self.expected else ()
        rows = [("observed", *_shown(*self.observed))] if seen else []
        rows += [(f"expected {100 * q:.1f} %", *_shown(*e)) for q, e in zip(quantiles, self.expected, strict=True)]
        title = f"limits at {100 * self.level:g} % CLs from toys"
        head = TextTable(title, ("", f"{self.poi} <", "±"), tuple(rows))
        found = [(t, *(t.cls() if seen else t.expected(0.5))) for t in self.points]
        lines = tuple((f"{t.mu:.5g}", f"{cls:.4f}", f"± {error:.4f}", str(t.failed)) for t, cls, error in found)
        return (head, TextTable("points", (self.poi, "CLs" if seen else "expected CLs", "±", "failed toys"), lines))


def _shown(value: float, error: float) -> tuple[str, str]:
    return (f"{value:.4f}", f"± {error:.4f}") if isfinite(error) else ("not found", "")


def toy_limits(
    likelihood: Likelihood,
    poi: str | None = None,
    how: How | None = None,
    *,
    level: float = 0.95,
    points: Sequence[float] | None = None,
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
        Values that are tested; else some around the asymptotic limits.
    source : function that makes the likelihood, optional
        Where work goes to other processes and the likelihood cannot be pickled.
    """
    how = how or How()
    poi, alpha = poi_of(likelihood, poi), 1 - confidence(level)
    if points is None:
        around = limits(likelihood, poi, level=level)
        every = (around.observed, *around.expected)
        most = min(BEYOND * max(every), likelihood.parameters[poi].high)
        points = list(np.geomspace(min(every) / BEYOND, most, POINTS))
    tested = tuple(
        tried_with_toys(likelihood, float(mu), poi, replace(how, stream=2 * k), source) for k, mu in enumerate(points)
    )
    observed = _crossing({t.mu: t.cls() for t in tested}, alpha)
    expected = tuple(_crossing({t.mu: t.expected(q) for t in tested}, alpha) for q in QUANTILES)
    return ToyLimits(poi, level, observed, expected, tested)


def tried_with_toys(likelihood: Likelihood, mu: float, poi: str, how: How, source: Source | None = None) -> ToyTest:
    """Test one value with toys of two seeds: stream k with signal, k + 1 without."""
    with_signal = needed(likelihood, f"at {poi} = {mu:g}", fixed={poi: mu})
    without = needed(likelihood, "without signal", fixed={poi: 0.0})
    observed = q_mu(likelihood, Origin(with_signal), poi, mu)
    work = partial(q_mu, poi=poi, mu=mu)
    one = thrown(source or likelihood, with_signal, work, how, f"toys at {poi} = {mu:.4g}")
    other = thrown(source or likelihood, without, work, how.of_stream(how.stream + 1), "toys without signal")
    return ToyTest(mu, observed, one.array, other.array, one.failed + other.failed)


def _crossing(found: Mapping[float, tuple[float, float]], alpha: float) -> tuple[float, float]:
    """Return where a line through log CLs, weighted by errors, meets log α; points far from it are left out."""
    known = [(mu, log(cls), error / cls) for mu, (cls, error) in found.items() if cls > 0 and error > 0]
    near = [k for k in known if abs(k[1] - log(alpha)) < NEAR + 2 * k[2]]
    if len(near) < 2:
        return nan, inf
    mu, y, sigma = (np.array(column) for column in zip(*near, strict=True))
    weight = 1 / sigma**2
    middle = float((weight * mu).sum() / weight.sum())
    spread = float((weight * (mu - middle) ** 2).sum())
    slope = float((weight * (mu - middle) * y).sum()) / spread
    height = float((weight * y).sum() / weight.sum())
    if slope >= 0:
        return nan, inf
    at = middle + (log(alpha) - height) / slope
    bracketed = min(found) <= at <= max(found)
    error = sqrt(1 / weight.sum() + (at - middle) ** 2 / spread) / abs(slope)
    return at, error if bracketed else inf
