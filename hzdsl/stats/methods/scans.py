"""Scans of the profile likelihood over a grid of one or two parameters, and contours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.fits.blas import one_thread
from hzdsl.stats.fits.crossing import Interval, interval
from hzdsl.stats.fits.fit import Bounds
from hzdsl.stats.fits.profile import Profile, ProfilePoint
from hzdsl.stats.likelihood import Likelihood, Matrix
from hzdsl.stats.methods.interest import Progress, silent
from hzdsl.stats.methods.probabilities import failures
from hzdsl.stats.methods.statistics import needed
from hzdsl.stats.parameters import Vector
from hzdsl.stats.record import Record

#: Rises of -ln L for 68.3 % and 95 % of one parameter, and of two.
LEVELS = {1: (0.5, 1.9207), 2: (1.1479, 2.9957)}


@dataclass(frozen=True, eq=False)
class Scan(Record):
    """ΔNLL over a grid of parameters, all others profiled.

    Parameters
    ----------
    names : tuple of str
        The one or two parameters.
    grid : tuple of arrays
        Their values.
    delta : array of shape (len(grid[0]), …)
        -ln L above its minimum; NaN where a fit failed.
    best : tuple of float
        The best fit.
    failed : int
        How many points failed.
    intervals : tuple of Interval
        At 68.3 % and 95 %, of one parameter.
    profiled : array of shape (…, n)
        All parameters at each point.
    """

    names: tuple[str, ...]
    grid: tuple[Vector, ...]
    delta: Matrix
    best: tuple[float, ...]
    failed: int
    intervals: tuple[Interval, ...]
    profiled: Vector

    def tables(self) -> tuple[TextTable, ...]:
        """Return the grid of one parameter; of two the best point on it."""
        title, note = f"scan of {', '.join(self.names)}", failures(self.failed, self.delta.size, "points")
        if len(self.names) == 1:
            points = tuple((f"{x:.6g}", f"{d:.5f}") for x, d in zip(self.grid[0], self.delta, strict=True))
            return (TextTable(title, (self.names[0], "ΔNLL"), points, note=note),)
        at = np.unravel_index(np.nanargmin(self.delta), self.delta.shape)
        cells = tuple(f"{g[k]:.6g}" for g, k in zip(self.grid, at, strict=True))
        rows = (
            ("best fit", *(f"{b:.6g}" for b in self.best), "0"),
            ("lowest point", *cells, f"{self.delta[at]:.5f}"),
        )
        return (TextTable(title, ("", *self.names, "ΔNLL"), rows, note=note),)


def centers_of_bins(low: float, high: float, points: int) -> Vector:
    """Return the centres of equal bins, where Combine's MultiDimFit puts its grid.

    Examples
    --------
    >>> centers_of_bins(0, 2, 4).tolist()
    [0.25, 0.75, 1.25, 1.75]
    """
    if points < 1 or not low < high:
        raise HzdslError("binning", f"{points} points from {low:g} to {high:g} are no grid", fix="give low < high")
    edges = np.linspace(low, high, points + 1)
    return np.asarray(0.5 * (edges[:-1] + edges[1:]))


@one_thread()
def scan(
    likelihood: Likelihood,
    grid: Mapping[str, Sequence[float] | Vector],
    *,
    best: Vector | None = None,
    fixed: Mapping[str, float] | None = None,
    bounds: Bounds | None = None,
    progress: Progress = silent,
) -> Scan:
    """Scan the profile likelihood.

    Parameters
    ----------
    likelihood : Likelihood
        Given the data.
    grid : mapping of str to array
        One or two parameters and their values; see `centers_of_bins`.
    best : array, optional
        The best fit, where it is known.
    fixed, bounds : mapping, optional
        As of the fit: parameters that stay at a value; other bounds.
    progress : callable
        Told of each point.

    Raises
    ------
    HzdslError
        ``fit`` where the fit itself does not converge; points that do not are NaN, and counted.
    """
    if not 1 <= len(grid) <= 2:
        raise HzdslError("arguments", f"a scan is over one or two parameters, not {len(grid)}", fix="leave some out")
    names = tuple(grid)
    axes = tuple(np.asarray(grid[name], float) for name in names)
    if best is None:
        best = needed(likelihood, "before the scan", fixed=fixed, bounds=bounds)
    profile = Profile(likelihood, best, fixed, bounds)
    delta = np.full([len(a) for a in axes], np.nan)
    profiled = np.full([*delta.shape, len(best)], np.nan)
    near: dict[int, ProfilePoint] = {}
    for done, at in enumerate(_meandering(delta.shape), 1):
        wanted = {name: float(a[k]) for name, a, k in zip(names, axes, at, strict=True)}
        point = profile.at(wanted, near.get(0))
        if point.valid:
            near[0] = point
            delta[at], profiled[at] = point.value - profile.minimum, point.x
        progress(done, delta.size, "points of the scan")
    found = _intervals(profile, names)
    values = tuple(float(best[likelihood.parameters.index(name)]) for name in names)
    return Scan(names, axes, delta, values, int(np.isnan(delta).sum()), found, profiled)


def _intervals(profile: Profile, names: tuple[str, ...]) -> tuple[Interval, ...]:
    if len(names) > 1:
        return ()
    return tuple(interval(profile, names[0], level) for level in LEVELS[1])


def _meandering(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the places of a grid so that each is beside the last: a warm start for the next."""
    if len(shape) == 1:
        return [(k,) for k in range(shape[0])]
    rows = range(shape[0])
    return [(i, j) for i in rows for j in (range(shape[1]) if i % 2 == 0 else range(shape[1] - 1, -1, -1))]


@dataclass(frozen=True, eq=False)
class Contour(Record):
    """Points (x, y) of a closed line on which the profile has risen by a level; how many directions failed."""

    names: tuple[str, str]
    level: float
    best: tuple[float, float]
    points: Matrix
    failed: int

    def tables(self) -> tuple[TextTable, ...]:
        """Return the points."""
        rows = tuple((f"{x:.6g}", f"{y:.6g}") for x, y in self.points)
        note = failures(self.failed, len(rows) + self.failed, "directions")
        return (TextTable(f"ΔNLL = {self.level:g}", self.names, rows, note=note),)


@one_thread()
def contour(
    likelihood: Likelihood,
    names: tuple[str, str],
    level: float = LEVELS[2][0],
    points: int = 40,
    best: Vector | None = None,
) -> Contour:
    """Return a contour of two parameters: for equal angles from the best fit, where the profile meets the level.

    Angles are those in which the ellipse of the covariance is a circle. Parameters stay within their bounds: where a
    bound is met first, the point is on it.
    """
    if best is None:
        best = needed(likelihood, "before the contour")
    profile = Profile(likelihood, best)
    places = [likelihood.parameters.index(name) for name in names]
    center = best[places]
    axes = _axes(profile, names)
    found, failed = [], 0
    for angle in np.linspace(0, 2 * np.pi, points, endpoint=False):
        direction = axes @ np.array([np.cos(angle), np.sin(angle)])
        there = _along(profile, names, center, direction, level)
        if there is None:
            failed += 1
        else:
            found.append(there)
    return Contour(names, level, (float(center[0]), float(center[1])), np.array(found).reshape(-1, 2), failed)


def _axes(profile: Profile, names: tuple[str, str]) -> Matrix:
    """Return the Cholesky factor of the covariance of two parameters, from the second derivatives."""
    try:
        return np.asarray(np.linalg.cholesky(profile.covariance(names)))
    except np.linalg.LinAlgError:
        return np.diag([profile.spread(name) for name in names])


def _along(profile: Profile, names: tuple[str, str], center: Vector, direction: Vector, level: float) -> Vector | None:
    """Return where the profile meets a level along a line, by Newton's method on √(2Δ); at a bound, there."""
    bounds = np.array([profile.bounds(name) for name in names])
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(direction > 0, (bounds[:, 1] - center) / direction, (bounds[:, 0] - center) / direction)
    most = float(np.nanmin(np.where(direction == 0, np.inf, room)))
    target, low, high = np.sqrt(2 * level), 0.0, np.inf
    t = min(float(target), most)
    for _ in range(40):
        point = profile.at(dict(zip(names, center + t * direction, strict=True)))
        if not point.valid:
            return None
        root = np.sqrt(max(0.0, 2 * (point.value - profile.minimum)))
        if abs(root - target) < 1e-4 * target or (root < target and t >= most):
            return center + t * direction
        low, high = (t, high) if root < target else (low, t)
        rate = float(point.slopes @ direction) / root if root > 0 else 0.0
        step = t - (root - target) / rate if rate > 0 else np.inf
        if not low < step < high:
            step = 0.5 * (low + high) if np.isfinite(high) else 2 * t
        t = min(step, most, 4 * t)
    return None
