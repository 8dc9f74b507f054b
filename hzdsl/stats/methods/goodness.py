"""Goodness of fit: saturated, Kolmogorov-Smirnov, Anderson-Darling, with p-values from toys (STATS §3.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from math import nan
from typing import Literal

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, number, value_and_error
from hzdsl.stats.fits.yields import TOTAL, contents
from hzdsl.stats.likelihood import Likelihood, Rows
from hzdsl.stats.methods.probabilities import ToyPValue, p_from_toys
from hzdsl.stats.methods.statistics import needed, quick
from hzdsl.stats.methods.toys import How, Origin, Source, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record

Statistic = Literal["saturated", "ks", "ad"]
NAMES = {"saturated": "saturated", "ks": "Kolmogorov-Smirnov", "ad": "Anderson-Darling"}
ALL = "all"
#: Where bins expect less than that, the saturated statistic is no χ².
LEAST = 5.0
#: A row is so far inside of its distribution.
TINY = 1e-15


@dataclass(frozen=True, eq=False)
class Goodness(Record):
    """How far data are from a fitted model.

    Parameters
    ----------
    statistic : {"saturated", "ks", "ad"}
        Which distance.
    observed : mapping of str to float
        That of the data, of one channel or ``all``.
    p : mapping of str to ToyPValue
        From toys, where these were thrown.
    toys : mapping of str to array
        Their distances.
    failures : mapping of str to int
        Why toys failed, and how many.
    ndf : int
        Of the saturated statistic: bins less parameters that nothing constrains, if it is χ² distributed; else 0.
    asymptotic : float
        The p-value of that χ²; NaN where there is none.
    """

    statistic: Statistic
    observed: Mapping[str, float]
    p: Mapping[str, ToyPValue]
    toys: Mapping[str, Vector]
    failures: Mapping[str, int]
    ndf: int = 0
    asymptotic: float = nan

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        header = ("channel", "statistic", *(("p-value", "±") if self.p else ()))
        rows = tuple((name, number(round(float(v), 5)), *self._p(name)) for name, v in self.observed.items())
        title = f"goodness of fit, {NAMES[self.statistic]}"
        return (TextTable(title, header, rows, note="; ".join(self._remarks())),)

    def _remarks(self) -> Iterator[str]:
        if self.ndf:
            yield f"asymptotic p-value {self.asymptotic:.4g}: χ² of {self.ndf} degree{'s' * (self.ndf != 1)} of freedom"
        elif self.statistic == "saturated":
            yield f"no χ²: a bin expects less than {LEAST:g}, or there are no more bins than free parameters"
        if not self.p:
            yield "--toys N throws toys for a p-value"
        yield from (f"{n} toys failed: {why}" for why, n in self.failures.items())

    def _p(self, name: str) -> tuple[str, ...]:
        found = self.p.get(name)
        return () if found is None else value_and_error(found.p, found.error)


def goodness(
    likelihood: Likelihood,
    statistic: Statistic = "saturated",
    how: How | None = None,
    *,
    fixed: Mapping[str, float] | None = None,
    source: Source | None = None,
) -> Goodness:
    """Return how well a model describes the data.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    statistic : {"saturated", "ks", "ad"}
        2[NLL(best) - NLL(λ = data)] of all channels; or per channel the largest difference of the cumulative
        distributions of data and fitted model, or Σ (F_d - F_m)²/(F_m(1 - F_m)) dF_m, of rows an integral.
    how : How, optional
        Toys for the p-value, thrown at the best fit; without it there is none.
    fixed : mapping of str to float, optional
        Parameters that stay at a value, such as r = 1.
    source : function that makes the likelihood, optional
        Where work goes to other processes and the likelihood cannot be pickled.
    """
    from scipy.stats import chi2

    if statistic not in NAMES:
        raise HzdslError(
            "options", f"there is no test '{statistic}'", fix=did_you_mean(statistic, NAMES) or f"{', '.join(NAMES)}"
        )
    x = needed(likelihood, "of the data", fixed=fixed)
    observed = statistic_of(likelihood, x, statistic)
    ndf = degrees(likelihood, x, fixed) if statistic == "saturated" else 0
    asymptotic = float(chi2.sf(max(0.0, observed[ALL]), ndf)) if ndf else nan
    if how is None:
        return Goodness(statistic, observed, {}, {}, {}, ndf, asymptotic)
    work = partial(_refitted, statistic=statistic, fixed=dict(fixed or {}))
    toys = thrown(source or likelihood, x, work, how, "toys of the fitted model")
    values = {name: np.array([t[name] for t in toys.results], float) for name in observed}
    p = {name: p_from_toys(observed[name], values[name], toys.failed) for name in observed}
    return Goodness(statistic, observed, p, values, toys.failures, ndf, asymptotic)


def _refitted(
    likelihood: Likelihood, origin: Origin, statistic: Statistic, fixed: Mapping[str, float]
) -> dict[str, float]:
    return statistic_of(likelihood, quick(likelihood, origin.x, fixed, information=origin.information).x, statistic)


def statistic_of(likelihood: Likelihood, x: Vector, statistic: Statistic) -> dict[str, float]:
    """Return the statistic at a best fit, of ``all`` channels or of each."""
    if statistic == "saturated":
        return {ALL: 2 * (likelihood.value(x) - likelihood.saturated())}
    expected, found = contents(likelihood, x, fitted=True), dict[str, float]()
    below: Mapping[str, Vector] = {}
    for channel in likelihood.shown(x):
        data = likelihood.observation.channels[channel]
        if isinstance(data, Rows):
            below = below or likelihood.cumulative(x)
            weights = np.ones(len(below[channel])) if data.weights is None else data.weights
            found[channel] = distance_of_rows(below[channel], weights, statistic)
        else:
            found[channel] = distance(data, expected[channel][TOTAL], statistic)
    return found


def degrees(likelihood: Likelihood, x: Vector, fixed: Mapping[str, float] | None = None) -> int:
    """Return the degrees of freedom of the saturated statistic at a best fit; 0 where it is not χ² distributed.

    These are bins that expect anything, less free parameters: what is constrained has a measurement of its own, and
    neither an index of functions is one nor what belongs to functions that are not chosen. Each bin has to expect some
    events, and there have to be more bins than parameters.
    """
    shown, expected = likelihood.shown(x), contents(likelihood, x, fitted=True)
    bins = np.concatenate([np.zeros(0), *(expected[channel][TOTAL] for channel in shown)])
    bins = bins[bins > 0]
    parameters = likelihood.parameters
    floats, idle = parameters.free, parameters.idle(x)
    counting = [p for k, p in enumerate(parameters) if floats[k] and k not in idle]
    free = sum(p.constraint is None and p.name not in (fixed or {}) for p in counting)
    return max(0, len(bins) - free) if len(bins) and bins.min() >= LEAST else 0


def distance(data: Vector, model: Vector, statistic: Statistic) -> float:
    """Return the distance of two binned distributions, each normalised to 1; 0 where there are no data.

    Examples
    --------
    >>> d, m = np.array([1.0, 3.0]), np.array([2.0, 2.0])
    >>> distance(d, m, "ks"), distance(d, m, "ad")
    (0.25, 0.125)
    """
    if not data.sum() > 0 or not model.sum() > 0:
        return 0.0
    density = model / model.sum()
    of_data, of_model = np.cumsum(data) / data.sum(), np.cumsum(density)
    off = np.abs(of_data - of_model)
    if statistic == "ks":
        return float(off.max())
    inside = (of_model > 0) & (of_model < 1 - 1e-12)
    weight = of_model[inside] * (1 - of_model[inside])
    return float((off[inside] ** 2 / weight * density[inside]).sum())


def distance_of_rows(below: Vector, weights: Vector, statistic: Statistic) -> float:
    """Return the distance of rows from a distribution, of which a part lies below each; 0 where there are no rows.

    Anderson-Darling is ∫ (F_d - F_m)²/(F_m(1 - F_m)) dF_m, found exactly: F_d is constant between rows.

    Examples
    --------
    >>> below, weights = np.array([0.2, 0.6]), np.ones(2)
    >>> f"{distance_of_rows(below, weights, 'ks'):.2f}, {distance_of_rows(below, weights, 'ad'):.4f}"
    '0.40, 0.1819'
    """
    if not weights.sum() > 0:
        return 0.0
    order = np.argsort(below, kind="stable")
    u, steps = below[order], np.concatenate([[0.0], np.cumsum(weights[order]) / weights.sum()])
    if statistic == "ks":
        return float(np.max(np.maximum(steps[1:] - u, u - steps[:-1])))
    u = np.clip(u, TINY, 1 - TINY)
    low, high = np.concatenate([[TINY], u]), np.concatenate([u, [1 - TINY]])
    logs, others = np.log(high / low), np.log((1 - high) / (1 - low))
    return float((steps**2 * logs - (1 - steps) ** 2 * others - (high - low)).sum())
