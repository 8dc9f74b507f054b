"""Scans of the profile likelihood over a grid of one or two parameters, and contours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable, rounded
from hzdsl.stats.fits.blas import one_thread
from hzdsl.stats.fits.crossing import DEEPER, Interval, interval
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
#: What is tabulated and drawn: twice the rise of -ln L, of which 1 is one standard deviation.
RISE = "-2ΔlnL"
#: So often a scan is begun again where it meets a deeper minimum than its best fit.
AGAIN = 3
#: So many errors to both sides are scanned where nothing else is said.
ERRORS = 3.0
#: A range begins so far from an end at which the likelihood is 0, as a part of itself.
CLOSE = 1e-3


@dataclass(frozen=True, eq=False)
class Scan(Record):
    """-2ΔlnL over a grid of parameters, all others profiled.

    Parameters
    ----------
    names : tuple of str
        The one or two parameters.
    grid : tuple of arrays
        Their values.
    minus_2_delta_ln_l : array of shape (len(grid[0]), …)
        -2 ln L above its minimum, never negative; NaN where a fit failed.
    best : tuple of float
        The best fit.
    failed : int
        How many points failed.
    intervals : tuple of Interval
        At 68.3 % and 95 %, of one parameter.
    profiled : array of shape (…, n)
        All parameters at each point.
    statistical : Scan, optional
        The same while what is constrained stays at its best fit: statistical uncertainties alone.
    deeper : int
        How often a minimum was met that is deeper than the best fit known by then, and the scan begun again from there.
    """

    names: tuple[str, ...]
    grid: tuple[Vector, ...]
    minus_2_delta_ln_l: Matrix
    best: tuple[float, ...]
    failed: int
    intervals: tuple[Interval, ...]
    profiled: Vector
    statistical: Scan | None = None
    deeper: int = 0

    def tables(self) -> tuple[TextTable, ...]:
        """Return the grid of one parameter; of two the best point on it."""
        title, note = f"scan of {', '.join(self.names)}", "; ".join(self._remarks())
        if len(self.names) == 1:
            scans = [self] if self.statistical is None else [self, self.statistical]
            columns = (grid_texts(self.grid[0]), *([_risen(d) for d in s.minus_2_delta_ln_l] for s in scans))
            header = (self.names[0], RISE, "statistical alone")[: 1 + len(scans)]
            return (TextTable(title, header, tuple(zip(*columns, strict=True)), note=note),)
        header, best = ("", *self.names, RISE), ("best fit", *(f"{b:.5g}" for b in self.best), "0")
        if self.failed == self.minus_2_delta_ln_l.size:
            return (TextTable(title, header, (best,), note=note),)
        at = np.unravel_index(np.nanargmin(self.minus_2_delta_ln_l), self.minus_2_delta_ln_l.shape)
        cells = tuple(f"{g[k]:.5g}" for g, k in zip(self.grid, at, strict=True))
        lowest = ("lowest point", *cells, _risen(float(self.minus_2_delta_ln_l[at])))
        return (TextTable(title, header, (best, lowest), note=note),)

    def _remarks(self) -> Iterator[str]:
        for found, words in zip(self.intervals, ("68.3 %", "95 %"), strict=False):
            low, high = f"{found.low:.5g}", f"{found.high:.5g}"
            said = f" ({found.words()})" if not found.complete else ""
            yield f"{found.name} in [{low}, {high}] at {words}{said}"
        if self.deeper:
            yield "a minimum deeper than the first best fit was met: the scan was begun again from there"
        if self.failed:
            yield failures(self.failed, self.minus_2_delta_ln_l.size, "points")


def _risen(rise: float) -> str:
    return "failed" if np.isnan(rise) else f"{rise:.4f}"


def grid_texts(values: Vector) -> list[str]:
    """Return the values of a grid with three digits of its step.

    Examples
    --------
    >>> grid_texts(np.array([0.0, 0.057914, 0.115828])), grid_texts(np.array([120.0, 130.0]))
    (['0', '0.0579', '0.1158'], ['120.0', '130.0'])
    """
    steps = np.diff(np.sort(values))
    step = float(np.median(steps)) if len(steps) else 0.0
    return [rounded(float(v), step, 3) for v in values]


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


def usual_range(likelihood: Likelihood, best: Vector, name: str) -> tuple[float, float]:
    """Return the range of a parameter that is worth a scan: three errors to both sides, within its bounds.

    Errors are those of the profile, below and above; where it has no end, those of the second derivatives.
    """
    profile = Profile(likelihood, best)
    found, spread, (least, most) = interval(profile, name), profile.spread(name), profile.bounds(name)
    below = found.minus if found.low_state == "crossed" else spread
    above = found.plus if found.high_state == "crossed" else spread
    ends = max(least, found.value - ERRORS * below), min(most, found.value + ERRORS * above)
    low, high = (
        end if profile.at({name: end}).valid else end + CLOSE * (found.value - end)  # ln L may be -∞ at a bound
        for end in ends
    )
    return low, high


@one_thread()
def scan(
    likelihood: Likelihood,
    grid: Mapping[str, Sequence[float] | Vector],
    *,
    best: Vector | None = None,
    fixed: Mapping[str, float] | None = None,
    bounds: Bounds | None = None,
    with_best: bool = False,
    statistical: bool = False,
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
    with_best : bool
        Whether the best fit of one parameter is a point of its own, where it is in the range of the grid.
    statistical : bool
        Whether one parameter is also scanned while all that is constrained stays at its best fit.
    progress : callable
        Told of each point.

    Raises
    ------
    HzdslError
        ``fit`` where the fit itself does not converge; points that do not are NaN, and counted.
    """
    if not 1 <= len(grid) <= 2:
        raise HzdslError("arguments", f"a scan is over one or two parameters, not {len(grid)}", fix="leave some out")
    if best is None:
        best = needed(likelihood, "before the scan", fixed=fixed, bounds=bounds)
    axes = {name: np.asarray(values, float) for name, values in grid.items()}
    for deeper in range(AGAIN + 1):
        profile = Profile(likelihood, best, fixed, bounds)
        points = {n: _joined(a, profile, n) for n, a in axes.items()} if with_best and len(axes) == 1 else axes
        found, lowest = _scanned(profile, points, progress)
        if lowest is None or deeper == AGAIN:
            break
        best = needed(likelihood, "from a deeper minimum", start=lowest, fixed=fixed, bounds=bounds)
    if not statistical or len(grid) > 1:
        return replace(found, deeper=deeper)
    held = _constrained(likelihood, profile, tuple(grid))
    if not (held or likelihood.profiled):
        return replace(found, deeper=deeper)
    known = Profile(likelihood.with_simulation_frozen(best), best, {**(fixed or {}), **held}, bounds)
    return replace(found, statistical=_scanned(known, points, silent)[0], deeper=deeper)


def _joined(values: Vector, profile: Profile, name: str) -> Vector:
    """Return the values of a grid with the best fit, where it is not more than a step away from them."""
    best = float(profile.x[profile.likelihood.parameters.index(name)])
    if len(values) < 2:
        return values
    away, step = np.abs(values - best).min(), float(np.ptp(values)) / (len(values) - 1)
    if away > step or away < 1e-9 * step:
        return values
    return np.sort(np.append(values, best))


def _constrained(likelihood: Likelihood, profile: Profile, names: tuple[str, ...]) -> dict[str, float]:
    """Return all that is constrained and was fitted, at its best fit."""
    free = {likelihood.parameters.names[k] for k in profile.objective.free}
    return {
        p.name: float(x)
        for p, x in zip(likelihood.parameters, profile.x, strict=True)
        if p.constraint is not None and p.name in free and p.name not in names
    }


def _scanned(profile: Profile, grid: Mapping[str, Vector], progress: Progress) -> tuple[Scan, Vector | None]:
    """Return a scan around a best fit, and the parameters of its lowest point where that is deeper."""
    names, axes = tuple(grid), tuple(grid.values())
    rise = np.full([len(a) for a in axes], np.nan)
    profiled = np.full([*rise.shape, len(profile.x)], np.nan)
    near: ProfilePoint | None = None
    for done, at in enumerate(_meandering(rise.shape), 1):
        wanted = {name: float(a[k]) for name, a, k in zip(names, axes, at, strict=True)}
        point = profile.at(wanted, near)
        if point.valid:
            near = point
            rise[at], profiled[at] = 2 * (point.value - profile.minimum), point.x
        progress(done, rise.size, "points of the scan")
    below = rise < -2 * DEEPER * max(1.0, 1e-9 * abs(profile.minimum))
    lowest = profiled[np.unravel_index(np.nanargmin(rise), rise.shape)].copy() if below.any() else None
    rise = np.where(below, np.nan, np.maximum(rise, 0.0))
    best = tuple(float(profile.x[profile.likelihood.parameters.index(name)]) for name in names)
    return Scan(names, axes, rise, best, int(np.isnan(rise).sum()), _intervals(profile, names), profiled), lowest


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
    """Points (x, y) of a closed line on which -2 ln L has risen by so much; how many directions failed."""

    names: tuple[str, str]
    minus_2_delta_ln_l: float
    best: tuple[float, float]
    points: Matrix
    failed: int

    def tables(self) -> tuple[TextTable, ...]:
        """Return the points."""
        columns = [[rounded(v, float(np.ptp(c)), 5) for v in c] for c in self.points.T]
        rows = tuple(zip(*columns, strict=True))
        note = failures(self.failed, len(rows) + self.failed, "directions")
        return (TextTable(f"{RISE} = {self.minus_2_delta_ln_l:.4g}", self.names, rows, note=note),)


@one_thread()
def contour(
    likelihood: Likelihood,
    names: tuple[str, str],
    level: float = LEVELS[2][0],
    points: int = 40,
    best: Vector | None = None,
) -> Contour:
    """Return a contour of two parameters: for equal angles from the best fit, where -ln L has risen by the level.

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
    return Contour(names, 2 * level, (float(center[0]), float(center[1])), np.array(found).reshape(-1, 2), failed)


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
