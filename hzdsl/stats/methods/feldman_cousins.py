"""Feldman-Cousins intervals: toys ordered by the likelihood ratio within physical bounds (PRD 57 (1998) 3873).

At each point of a grid toys are thrown with the nuisance parameters as fitted there to the data; the point belongs to
the interval where not more toys have a larger ratio than allowed: p = (n + 1)/(N + 1) > 1 - CL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.fits.crossing import DEEPER
from hzdsl.stats.fits.fit import Bounds
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.probabilities import ToyPValue, confidence, p_from_toys
from hzdsl.stats.methods.statistics import compared, needed
from hzdsl.stats.methods.toys import How, Origin, Source, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record

#: The confidence level where none is asked for, in commands, too.
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Region(Record):
    """Which points of a grid are accepted.

    Parameters
    ----------
    names : tuple of str
        The parameters.
    grid : tuple of arrays
        Their values.
    level : float
        Confidence level.
    best : tuple of float
        The best fit, within physical bounds.
    p : mapping of tuple to ToyPValue
        Per point of the grid.
    """

    names: tuple[str, ...]
    grid: tuple[Vector, ...]
    level: float
    best: tuple[float, ...]
    p: Mapping[tuple[float, ...], ToyPValue]

    @property
    def accepted(self) -> tuple[tuple[float, ...], ...]:
        """The points that belong to the region."""
        return tuple(point for point, found in self.p.items() if found.p > 1 - self.level)

    @property
    def intervals(self) -> tuple[tuple[float, float], ...]:
        """Of one parameter: the pieces of the region, whose ends are where p crosses 1 - CL on straight lines.

        There may be none, and several: toys are few, or -ln L has several minima. A piece that ends where the grid does
        may go on.
        """
        if len(self.names) != 1:
            raise HzdslError("arguments", "a region of two parameters is no interval", fix="see its accepted points")
        x = np.sort(self.grid[0])
        over = np.array([self.p[(float(v),)].p for v in x]) - (1 - self.level)
        inside = np.concatenate([[False], over > 0, [False]]).astype(int)
        begin, end = np.flatnonzero(np.diff(inside) == 1), np.flatnonzero(np.diff(inside) == -1) - 1
        return tuple((_end(x, over, int(b), -1), _end(x, over, int(e), 1)) for b, e in zip(begin, end, strict=True))

    def words(self) -> str:
        """Return the pieces of the region of one parameter as text.

        Examples
        --------
        >>> p = {(float(v),): ToyPValue(1.0, n, 99) for v, n in enumerate((30, 4, 0, 60))}
        >>> Region(("mu",), (np.arange(4.0),), 0.95, (3.0,), p).words()
        'mu in [0, 1] or [2.0667, 3], which ends with the grid at 0 and 3'
        """
        pieces, x = self.intervals, np.sort(self.grid[0])
        if not pieces:
            return "no point of the grid is accepted: take a finer one around the best fit"
        said = " or ".join(f"[{low:.5g}, {high:.5g}]" for low, high in pieces)
        ends = [f"{v:.5g}" for v, e in ((x[0], pieces[0][0]), (x[-1], pieces[-1][1])) if v == e]
        return f"{self.names[0]} in {said}" + (f", which ends with the grid at {' and '.join(ends)}" if ends else "")

    def data(self) -> dict[str, Any]:
        """Return all fields, and of one parameter the pieces."""
        return {**super().data(), **({"intervals": [list(i) for i in self.intervals]} if len(self.names) == 1 else {})}

    def tables(self) -> tuple[TextTable, ...]:
        """Return the points."""
        rows = tuple(
            (*(f"{v:.6g}" for v in point), f"{t.observed:.4f}", f"{t.p:.4f}", f"± {t.error:.4f}",
             "in" if t.p > 1 - self.level else "out", str(t.failed))
            for point, t in self.p.items()
        )  # fmt: skip
        title = f"Feldman-Cousins at {100 * self.level:g} %"
        note = self.words() if len(self.names) == 1 else ""
        return (TextTable(title, (*self.names, "statistic", "p", "±", "region", "failed toys"), rows, note=note),)


def _end(x: Vector, over: Vector, k: int, way: int) -> float:
    """Return where p - (1 - CL) crosses 0 on the way from a point to its neighbour; the point where there is none."""
    n = k + way
    if not 0 <= n < len(x):
        return float(x[k])
    return float(x[k] + (x[n] - x[k]) * over[k] / (over[k] - over[n]))


def feldman_cousins(
    likelihood: Likelihood,
    grid: Mapping[str, Sequence[float] | Vector],
    how: How | None = None,
    *,
    level: float = LEVEL,
    bounds: Bounds | None = None,
    source: Source | None = None,
) -> Region:
    """Find which points of a grid are accepted.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data. The bounds of its parameters are the physical ones: the best fit, of data and toys, stays
        within them.
    grid : mapping of str to array
        One or more parameters and their values.
    how : How, optional
        Toys per point.
    level : float
        Confidence level: 0.95 where nothing is said, as Combine's; the paper's tables are at 0.9.
    bounds : mapping, optional
        Other bounds than the parameters' own.
    source : function that makes the likelihood, optional
        Where work goes to other processes and the likelihood cannot be pickled.
    """
    how, level = how or How(), confidence(level)
    names = tuple(grid)
    axes = tuple(np.asarray(grid[name], float) for name in names)
    if not names or any(not len(a) for a in axes):
        raise HzdslError("arguments", "the grid is empty", fix="give values of one parameter or more")
    best = needed(likelihood, "of the data", bounds=bounds)
    p = {}
    for k, point in enumerate(product(*(map(float, a) for a in axes))):
        wanted = dict(zip(names, point, strict=True))
        x = needed(likelihood, f"at {wanted}", start=best, fixed=wanted)
        if likelihood.value(x) < likelihood.value(best) - DEEPER:
            fix = "start near it: --set NAME=VALUE"
            raise HzdslError("fit", f"the fit at {wanted} is deeper than the best fit", fix=fix)
        observed = max(0.0, 2 * (likelihood.value(x) - likelihood.value(best)))
        work = partial(_ratio, wanted=wanted, bounds=dict(bounds or {}))
        toys = thrown(source or likelihood, x, work, how.of_stream(k), f"toys at {wanted}")
        p[point] = p_from_toys(observed, toys.array, toys.failed)
    at = tuple(float(best[likelihood.parameters.index(name)]) for name in names)
    return Region(names, axes, level, at, p)


def _ratio(likelihood: Likelihood, origin: Origin, wanted: Mapping[str, float], bounds: Bounds) -> float:
    return compared(likelihood, origin, wanted, bounds)[1]
