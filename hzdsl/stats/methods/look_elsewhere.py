"""The look-elsewhere effect: from local to global significance (E. Gross, O. Vitells, EPJC 70 (2010) 525).

P(q0 > u anywhere) ≤ P(χ²₁ > u)/2 + <N(c)> exp(-(u - c)/2), N(c) being the number of upcrossings of a low level c.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import exp, sqrt

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.methods.interest import Progress, poi_of, silent
from hzdsl.stats.methods.probabilities import ToyPValue, failures, p_from_toys, significance_of, upper_tail
from hzdsl.stats.methods.statistics import needed, physical, quick
from hzdsl.stats.methods.toys import How, Origin, Source, ToyFailed, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record

#: The level whose upcrossings are counted, q0 of ½σ²: low enough for many.
LEVEL = 0.5


@dataclass(frozen=True, eq=False)
class LocalScan(Record):
    """q0 along a parameter that has no meaning without signal, such as a mass; NaN where a fit failed."""

    parameter: str
    grid: Vector
    q0: Vector
    failed: int

    @property
    def z(self) -> Vector:
        """The local significances."""
        return np.sqrt(self.q0)

    @property
    def peak(self) -> tuple[float, float]:
        """Where q0 is largest, and its value there."""
        k = int(np.nanargmax(self.q0))
        return float(self.grid[k]), float(self.q0[k])

    def tables(self) -> tuple[TextTable, ...]:
        """Return the scan."""
        rows = tuple((f"{m:.6g}", f"{q:.4f}", f"{z:.4f}") for m, q, z in zip(self.grid, self.q0, self.z, strict=True))
        note = failures(self.failed, len(rows), "points")
        return (TextTable(f"local significance along {self.parameter}", (self.parameter, "q0", "Z"), rows, note=note),)


def local_scan(
    likelihood: Likelihood,
    parameter: str,
    grid: Sequence[float] | Vector,
    poi: str | None = None,
    *,
    start: Vector | None = None,
    progress: Progress = silent,
) -> LocalScan:
    """Return q0 along a parameter that stands at each value in turn.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    parameter : str
        Such as a mass or width; without signal nothing depends on it.
    grid : array
        Its values: fine enough that q0 hardly changes from one to the next.
    poi : str, optional
        The signal's strength.
    start : array, optional
        Parameters of the background's fit, where they are known nearly.
    progress : callable
        Told of each point.
    """
    poi = poi_of(likelihood, poi)
    values, bounds = np.asarray(grid, float), physical(likelihood, poi)
    first = {poi: 0.0, parameter: float(values[0])}
    without = quick(likelihood, likelihood.parameters.values if start is None else start, first)
    q0, x = np.full(len(values), np.nan), without.x
    for k, value in enumerate(values):
        try:
            best = quick(likelihood, x, {parameter: float(value)}, bounds)
        except ToyFailed:
            x = without.x
        else:
            q0[k], x = max(0.0, 2 * (without.value - best.value)), best.x
        progress(k + 1, len(values), f"points along {parameter}")
    return LocalScan(parameter, values, q0, int(np.isnan(q0).sum()))


def upcrossings(q0: Vector, level: float = LEVEL) -> int:
    """Return how often a scan rises through a level; a scan that begins above it does not count there.

    Examples
    --------
    >>> upcrossings(np.array([0.1, 0.9, 0.2, 0.4, 3.0, 0.0])), upcrossings(np.array([1.0, 0.2]))
    (2, 0)
    """
    known = q0[~np.isnan(q0)]
    return int(((known[:-1] <= level) & (known[1:] > level)).sum())


@dataclass(frozen=True, eq=False)
class Global(Record):
    """The global significance of the largest local one.

    Parameters
    ----------
    parameter : str
        Along which was looked.
    at : float
        Where q0 is largest.
    local_z, local_p : float
        The significance there.
    upcrossings, upcrossings_error : float
        <N> of `level`.
    level : float
        Of q0.
    p, error : float
        The global p-value, by Gross and Vitells, and its error from that of <N>.
    toys : ToyPValue, optional
        The part of toys whose largest q0 is as large.
    """

    parameter: str
    at: float
    local_z: float
    local_p: float
    upcrossings: float
    upcrossings_error: float
    level: float
    p: float
    error: float
    toys: ToyPValue | None = None

    @property
    def z(self) -> float:
        """The global significance."""
        return significance_of(self.p)

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = [
            (f"largest at {self.parameter}", f"{self.at:.6g}"),
            ("local significance", f"{self.local_z:.3f}"),
            ("local p-value", f"{self.local_p:.4g}"),
            (f"upcrossings of q0 = {self.level:g}", f"{self.upcrossings:.3g} ± {self.upcrossings_error:.2g}"),
            ("global p-value", f"{self.p:.4g} ± {self.error:.2g}"),
            ("global significance", f"{self.z:.3f}"),
            ("trial factor", f"{self.p / self.local_p:.3g}"),
        ]
        if self.toys:
            rows.append(("global p-value from toys", f"{self.toys.p:.4g} ± {self.toys.error:.2g}"))
        return (TextTable("look-elsewhere effect", ("", "value"), tuple(rows)),)


def global_significance(
    found: LocalScan, mean_upcrossings: tuple[float, float] | None = None, level: float = LEVEL
) -> Global:
    """Return the global significance of a scan.

    Parameters
    ----------
    found : LocalScan
        Of the data.
    mean_upcrossings : (float, float), optional
        <N> of the level with its error, from toys without signal; else the number that the data themselves have, with
        its square root.
    level : float
        The level whose upcrossings are counted.
    """
    at, top = found.peak
    n, error = mean_upcrossings or (upcrossings(found.q0, level), sqrt(max(upcrossings(found.q0, level), 1)))
    local, falls = upper_tail(sqrt(top)), exp(-0.5 * (top - level))
    p = min(1.0, local + n * falls)
    return Global(found.parameter, at, sqrt(top), local, float(n), float(error), level, p, float(error * falls))


@dataclass(frozen=True, eq=False)
class Scans(Record):
    """Scans of toys without signal: q0 of each along the grid."""

    parameter: str
    grid: Vector
    q0: Matrix
    failures: Mapping[str, int]

    def mean_upcrossings(self, level: float = LEVEL) -> tuple[float, float]:
        """Return <N> with its statistical error."""
        counts = np.array([upcrossings(row, level) for row in self.q0], float)
        spread = float(counts.std(ddof=1)) if len(counts) > 1 else sqrt(max(counts.sum(), 1.0))
        return float(counts.mean()), max(spread, 1 / sqrt(len(counts))) / sqrt(len(counts))

    def p(self, top: float) -> ToyPValue:
        """Return the part of toys whose largest q0 is at least this."""
        return p_from_toys(top, np.nanmax(self.q0, axis=1), sum(self.failures.values()))

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        n, error = self.mean_upcrossings()
        rows = (("toys", str(len(self.q0))), (f"upcrossings of q0 = {LEVEL:g}", f"{n:.3g} ± {error:.2g}"))
        note = failures(sum(self.failures.values()), len(self.q0) + sum(self.failures.values()))
        return (TextTable(f"scans of toys along {self.parameter}", ("", "value"), rows, note=note),)


def toy_scans(
    likelihood: Likelihood,
    parameter: str,
    grid: Sequence[float] | Vector,
    poi: str | None = None,
    how: How | None = None,
    *,
    source: Source | None = None,
) -> Scans:
    """Scan toys without signal, thrown where the background alone fits the data."""
    poi, values = poi_of(likelihood, poi), np.asarray(grid, float)
    if not len(values):
        raise HzdslError("arguments", f"the grid of {parameter} is empty", fix="give its values")
    x = needed(likelihood, "of the background alone", fixed={poi: 0.0, parameter: float(values[0])})
    work = partial(_scanned, parameter=parameter, grid=values, poi=poi)
    toys = thrown(source or likelihood, x, work, how or How(), "scans of toys")
    return Scans(parameter, values, toys.array.reshape(-1, len(values)), toys.failures)


def _scanned(likelihood: Likelihood, origin: Origin, parameter: str, grid: Vector, poi: str) -> Vector:
    found = local_scan(likelihood, parameter, grid, poi, start=origin.x)
    if found.failed:
        raise ToyFailed(f"a fit along {parameter} did not converge")
    return found.q0
