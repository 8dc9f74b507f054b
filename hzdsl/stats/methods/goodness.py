"""Goodness of fit: saturated, Kolmogorov-Smirnov, Anderson-Darling, with p-values from toys (STATS §3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, number
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


@dataclass(frozen=True, eq=False)
class Goodness(Record):
    """The statistic of the data, of one channel or ``all``, and its p-value from toys where these were thrown."""

    statistic: Statistic
    observed: Mapping[str, float]
    p: Mapping[str, ToyPValue]
    toys: Mapping[str, Vector]
    failures: Mapping[str, int]

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = tuple((name, number(float(v)), self._p(name)) for name, v in self.observed.items())
        note = "; ".join(f"{n} toys failed: {why}" for why, n in self.failures.items())
        return (
            TextTable(
                f"goodness of fit, {NAMES[self.statistic]}", ("channel", "statistic", "p-value"), rows, note=note
            ),
        )

    def _p(self, name: str) -> str:
        found = self.p.get(name)
        return "" if found is None else f"{found.p:.4f} ± {found.error:.4f}"


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
        distributions of data and fitted model, or Σ (F_d - F_m)²/(F_m(1 - F_m)) dF_m.
    how : How, optional
        Toys for the p-value, thrown at the best fit; without it there is none.
    fixed : mapping of str to float, optional
        Parameters that stay at a value, such as r = 1.
    source : function that makes the likelihood, optional
        Where work goes to other processes and the likelihood cannot be pickled.
    """
    if statistic not in NAMES:
        raise HzdslError(
            "options", f"there is no test '{statistic}'", fix=did_you_mean(statistic, NAMES) or f"{', '.join(NAMES)}"
        )
    x = needed(likelihood, "of the data", fixed=fixed)
    observed = statistic_of(likelihood, x, statistic)
    if how is None:
        return Goodness(statistic, observed, {}, {}, {})
    work = partial(_refitted, statistic=statistic, fixed=dict(fixed or {}))
    toys = thrown(source or likelihood, x, work, how, "toys of the fitted model")
    values = {name: np.array([t[name] for t in toys.results], float) for name in observed}
    p = {name: p_from_toys(observed[name], values[name], toys.failed) for name in observed}
    return Goodness(statistic, observed, p, values, toys.failures)


def _refitted(
    likelihood: Likelihood, origin: Origin, statistic: Statistic, fixed: Mapping[str, float]
) -> dict[str, float]:
    return statistic_of(likelihood, quick(likelihood, origin.x, fixed, information=origin.information).x, statistic)


def statistic_of(likelihood: Likelihood, x: Vector, statistic: Statistic) -> dict[str, float]:
    """Return the statistic at a best fit, of ``all`` channels or of each."""
    if statistic == "saturated":
        return {ALL: 2 * (likelihood.value(x) - likelihood.saturated())}
    expected, found = contents(likelihood, x, fitted=True), {}
    for channel in likelihood.shown(x):
        counts = likelihood.observation.channels[channel]
        if isinstance(counts, Rows):
            raise HzdslError(
                "arguments", f"channel '{channel}' has no bins, which {NAMES[statistic]} needs here", fix="bin it"
            )
        found[channel] = distance(counts, expected[channel][TOTAL], statistic)
    return found


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
