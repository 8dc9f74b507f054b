"""Feldman-Cousins intervals: toys ordered by the likelihood ratio within physical bounds (PRD 57 (1998) 3873).

At each point of a grid toys are thrown with the nuisance parameters as fitted there to the data; the point belongs to
the interval where not more toys have a larger ratio than allowed: p = (n + 1)/(N + 1) > 1 - CL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, rounded, value_and_error
from hzdsl.stats.fits.crossing import DEEPER
from hzdsl.stats.fits.fit import Bounds
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.probabilities import ONE_SIGMA, ToyPValue, confidence, p_from_toys
from hzdsl.stats.methods.scans import RISE, grid_texts
from hzdsl.stats.methods.statistics import compared, needed
from hzdsl.stats.methods.toys import How, Origin, Source, thrown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record

#: The confidence level where none is asked for, in commands, too; the paper's tables are at 0.9.
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
    critical : mapping of tuple to tuple of float
        Per point the statistic that 68.27 % and `level` of its toys do not exceed: the acceptance belt.
    """

    names: tuple[str, ...]
    grid: tuple[Vector, ...]
    level: float
    best: tuple[float, ...]
    p: Mapping[tuple[float, ...], ToyPValue]
    critical: Mapping[tuple[float, ...], tuple[float, float]] = field(default_factory=dict)

    @property
    def accepted(self) -> tuple[tuple[float, ...], ...]:
        """The points that belong to the region."""
        return tuple(point for point, found in self.p.items() if found.p > 1 - self.level)

    @property
    def levels(self) -> tuple[float, ...]:
        """The confidence levels that are told: one standard deviation, and that which is asked for."""
        return tuple(sorted({ONE_SIGMA, self.level}))

    @property
    def intervals(self) -> tuple[tuple[float, float], ...]:
        """Of one parameter: the pieces of the region."""
        return self.pieces(self.level)

    def pieces(self, level: float) -> tuple[tuple[float, float], ...]:
        """Return, of one parameter, from where to where p is above 1 - CL; several where it is below that in between.

        Between points of the grid p is on a straight line. An end at that of the grid is one that was not found.

        There may be none, and several: toys are few, or -ln L has several minima.
        """
        if len(self.names) != 1:
            raise HzdslError("arguments", "a region of two parameters is no interval", fix="see its accepted points")
        x = np.sort(self.grid[0])
        over = np.array([self.p[(float(v),)].p for v in x]) - (1 - level)
        inside = np.flatnonzero(over > 0)
        parts = np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1) if len(inside) else []
        return tuple((_end(x, over, int(piece[0]), -1), _end(x, over, int(piece[-1]), 1)) for piece in parts)

    def tables(self) -> tuple[TextTable, ...]:
        """Return the points, and what is accepted."""
        texts = [dict(zip(map(float, axis), grid_texts(axis), strict=True)) for axis in self.grid]
        rows = tuple(
            (*(of[v] for of, v in zip(texts, point, strict=True)), rounded(t.observed, 1.0),
             *value_and_error(t.p, t.error), "in" if t.p > 1 - self.level else "out", str(t.failed))
            for point, t in self.p.items()
        )  # fmt: skip
        title = f"Feldman-Cousins at {100 * self.level:g} %"
        note = "; ".join(self.words(level) for level in self.levels) if len(self.names) == 1 else ""
        return (TextTable(title, (*self.names, RISE, "p", "±", "region", "failed toys"), rows, note=note),)

    def words(self, level: float) -> str:
        """Return in words what is accepted of one parameter."""
        pieces = self.pieces(level)
        step = float(np.ptp(self.grid[0])) / max(len(self.grid[0]) - 1, 1)
        each = [f"[{rounded(low, step, 3)}, {rounded(high, step, 3)}]" for low, high in pieces]
        where = f"{self.names[0]} in {' or '.join(each)}" if each else f"no {self.names[0]} of the grid"
        first, last = float(self.grid[0].min()), float(self.grid[0].max())
        open_ends = pieces and (pieces[0][0] == first or pieces[-1][1] == last)
        return f"{where} at {100 * level:.4g} %" + (", as far as the grid goes" if open_ends else "")

    def data(self) -> dict[str, Any]:
        """Return all fields as plain values, and the intervals of one parameter."""
        pieces = {f"{level:.4g}": self.pieces(level) for level in self.levels} if len(self.names) == 1 else {}
        return {**super().data(), "intervals": pieces}


def _end(x: Vector, over: Vector, inside: int, side: int) -> float:
    """Return where p crosses the level beside a point that is accepted; the end of the grid where that is met first."""
    outside = inside + side
    if not 0 <= outside < len(x):
        return float(x[inside])
    return _zero(x[[inside, outside]], over[[inside, outside]])


def _zero(x: Vector, y: Vector) -> float:
    return float(x[0] + (x[1] - x[0]) * y[0] / (y[0] - y[1]))


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
        Confidence level.
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
    p, critical = {}, {}
    for k, point in enumerate(product(*(map(float, a) for a in axes))):
        wanted = dict(zip(names, point, strict=True))
        x = needed(likelihood, f"at {wanted}", start=best, fixed=wanted, bounds=bounds)
        if likelihood.value(x) < likelihood.value(best) - DEEPER:
            fix = "start near it"
            raise HzdslError("fit", f"the fit at {wanted} is deeper than the best fit", fix=fix)
        observed = max(0.0, 2 * (likelihood.value(x) - likelihood.value(best)))
        work = partial(_ratio, wanted=wanted, bounds=dict(bounds or {}))
        toys = thrown(source or likelihood, x, work, how.of_stream(k), f"toys at {wanted}")
        p[point] = p_from_toys(observed, toys.array, toys.failed)
        low, high = np.quantile(toys.array, [ONE_SIGMA, level], method="higher")
        critical[point] = float(low), float(high)
    at = tuple(float(best[likelihood.parameters.index(name)]) for name in names)
    return Region(names, axes, level, at, p, critical)


def _ratio(likelihood: Likelihood, origin: Origin, wanted: Mapping[str, float], bounds: Bounds) -> float:
    return compared(likelihood, origin, wanted, bounds)[1]
