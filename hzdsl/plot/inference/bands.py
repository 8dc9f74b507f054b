"""Upper limits with the bands expected without signal, and CLs along a parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from hzdsl.errors import HzdslError
from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import GREEN, RED, YELLOW, canvas, finish, over_points, scale, widened
from hzdsl.plot.inference.rows import reach, rows
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.words import percent
from hzdsl.plot.legend import Handles
from hzdsl.plot.text import drawable
from hzdsl.records import dataclass
from hzdsl.results.result import Floats
from hzdsl.stats.methods.asymptotic import HypothesisTest, Limits
from hzdsl.stats.methods.toy_limits import ToyLimit, ToyLimits

#: Limits that differ by such a factor are shown on a logarithmic axis.
LOGARITHMIC = 20.0
#: The axis of CLs ends here.
HIGHEST_CLS = 1.05
CLS = "CL$_s$"
#: Where nothing is expected.
NONE = [nan] * 5


@dataclass(frozen=True, eq=False)
class Band:
    """What is observed, with errors of toys, and five quantiles of what is expected, at each of several places."""

    observed: Floats
    errors: Floats
    expected: Floats

    @property
    def every(self) -> Floats:
        """All finite numbers."""
        numbers = np.concatenate([self.observed, self.expected.ravel()])
        return np.asarray(numbers[np.isfinite(numbers)])


def plot_limits(
    found: Mapping[float, Limits | ToyLimits] | Mapping[str, Limits | ToyLimits],
    x_label: str = "",
    *,
    excluded: float | None = None,
    subject: Subject | None = None,
) -> Figure:
    """Draw upper limits: observed, expected, and the bands that hold 68 and 95 % of what is expected without signal.

    Parameters
    ----------
    found : mapping of float or str to Limits or ToyLimits
        By mass or another number: bands along it. By name: a row for each.
    x_label : str
        What the numbers are, with their unit.
    excluded : float, optional
        A line: where it is above the observed limit, this much is excluded.
    subject : Subject, optional
        Unit of the parameter that is limited, and the header.

    Raises
    ------
    HzdslError
        ``arguments`` where there is no limit, or limits are of different parameters or levels.

    Examples
    --------
    >>> limits = {m: Limits("r", 0.95, 1.1, (0.5, 0.7, 1.0, 1.4, 2.0)) for m in (120.0, 125.0, 130.0)}
    >>> plot_limits(limits, "mass [GeV]").axes[0].get_ylabel()
    '95% CL upper limit on r'
    """
    kinds = {(limit.poi, limit.level) for limit in found.values()}
    if len(kinds) != 1:
        what = "there are no limits" if not kinds else f"limits are of {', '.join(sorted(k[0] for k in kinds))}"
        raise HzdslError("arguments", what, fix="draw limits of one parameter and level together")
    about, (poi, level) = subject or Subject(), kinds.pop()
    label = about.named(f"{percent(level)} CL upper limit on", poi)
    band = _limits(list(found.values()))
    places: list[float | str] = list(found)
    with style():
        numbers = [float(place) for place in places if not isinstance(place, str)]
        if len(numbers) > 1:
            return _along(np.array(numbers), band, (drawable(x_label), label), excluded, about)
        names = [place if isinstance(place, str) else f"{x_label} = {place:g}".lstrip("= ") for place in places]
        return _rows_of(names, band, label, excluded, about)


def plot_cls(
    found: Sequence[HypothesisTest] | ToyLimits, *, level: float = 0.95, subject: Subject | None = None
) -> Figure:
    """Draw CLs along the parameter of interest, and the line below which values are excluded.

    Parameters
    ----------
    found : sequence of HypothesisTest, or ToyLimits
        Values that were tested.
    level : float
        Confidence level of the line, where `found` has none of its own.
    subject : Subject, optional
        Unit and meaning of the parameter, and the header.

    Examples
    --------
    >>> band = (0.1, 0.2, 0.4, 0.6, 0.8)
    >>> tests = [HypothesisTest("r", mu, mu, mu, 1 / (1 + mu), 0.1, 0.5, band) for mu in (1.0, 2.0)]
    >>> plot_cls(tests).axes[0].get_ylabel()
    'CL$_s$'
    """
    if not isinstance(found, ToyLimits) and not found:
        raise HzdslError("arguments", "no value was tested", fix="give tests of one value or more")
    about = subject or Subject()
    poi, mu, band = _of_toys(found) if isinstance(found, ToyLimits) else _of_tests(found)
    alpha = 1 - (found.level if isinstance(found, ToyLimits) else level)
    with style():
        if len(mu) == 1:
            return _rows_of([f"{poi} = {mu[0]:g}"], band, CLS, alpha, about)
        figure, axes = canvas(about)
        order = np.argsort(mu)
        scale(axes, widened(float(mu.min()), float(mu.max()), 0.03), (0.0, HIGHEST_CLS))
        handles = _bands(axes, mu[order], band, order)
        axes.axhline(alpha, color=RED, linewidth=2, gid="level")
        handles.append((Line2D([], [], color=RED, linewidth=2), f"{percent(1 - alpha)} CL"))
        tops = np.nanmax(np.column_stack([band.expected, band.observed]), axis=1)[order]
        finish(axes, (about.label(poi), CLS), handles, [], over_points(axes, mu[order], tops))
    return figure


def _limits(limits: Sequence[Limits | ToyLimits]) -> Band:
    observed, errors, expected = [], [], []
    for limit in limits:
        if isinstance(limit, ToyLimits):
            seen = limit.observed or ToyLimit()
            observed.append(_number(seen.value))
            errors.append(seen.error or 0.0)
            expected.append([_number(e.value) for e in limit.expected] or NONE)
        else:
            observed.append(limit.observed)
            errors.append(0.0)
            expected.append(list(limit.expected) or NONE)
    return Band(np.array(observed), np.array(errors), np.array(expected))


def _number(value: float | None) -> float:
    return nan if value is None else value


def _of_tests(tests: Sequence[HypothesisTest]) -> tuple[str, Floats, Band]:
    mu = np.array([t.mu for t in tests])
    band = Band(np.array([t.cls for t in tests]), np.zeros(len(mu)), np.array([t.expected for t in tests]))
    return tests[0].poi, mu, band


def _of_toys(found: ToyLimits) -> tuple[str, Floats, Band]:
    observed = np.array([t.cls() for t in found.points])
    expected = np.array([[t.expected(q)[0] for q in t.quantiles] or NONE for t in found.points])
    return found.poi, np.array([t.mu for t in found.points]), Band(observed[:, 0], observed[:, 1], expected)


def _along(x: Floats, band: Band, labels: tuple[str, str], excluded: float | None, about: Subject) -> Figure:
    """Draw bands along numbers."""
    figure, axes = canvas(about)
    order = np.argsort(x)
    every = band.every if excluded is None else np.append(band.every, excluded)
    low, high = float(every.min()), float(every.max())
    log = low > 0 and high > LOGARITHMIC * low
    across = widened(float(x.min()), float(x.max()), 0.03)
    scale(axes, across, (0.7 * low, 1.4 * high) if log else (min(0.0, low), 1.08 * high), log_y=log)
    handles = _bands(axes, x[order], band, order)
    if excluded is not None:
        handles.append((axes.axhline(excluded, color=RED, linewidth=2, gid="excluded"), f"{excluded:g}"))
    line = np.full(len(x), -np.inf if excluded is None else excluded)
    tops = np.nanmax(np.column_stack([band.expected, band.observed, line]), axis=1)[order]
    finish(axes, labels, handles, [], over_points(axes, x[order], tops))
    return figure


def _bands(axes: Axes, x: Floats, band: Band, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Handles:
    """Draw expectation and observation at places in rising order."""
    expected, observed, errors = band.expected[order], band.observed[order], band.errors[order]
    axes.fill_between(x, expected[:, 0], expected[:, 4], color=YELLOW, linewidth=0, gid="95%", zorder=1)
    axes.fill_between(x, expected[:, 1], expected[:, 3], color=GREEN, linewidth=0, gid="68%", zorder=1.1)
    axes.plot(x, expected[:, 2], color="black", linestyle="--", linewidth=2, gid="expected", zorder=2)
    marker = "o" if len(order) < 40 else ""
    axes.errorbar(x, observed, yerr=errors if errors.any() else None, color="black", marker=marker, markersize=6,
                  linewidth=2, gid="observed", zorder=3)  # fmt: skip
    return _entries(Line2D([], [], color="black", marker=marker, markersize=6, linewidth=2), band)


def _entries(observed: Line2D, band: Band) -> Handles:
    """Return what the legend says, of what is there."""
    seen: Handles = [(observed, "Observed")] if np.isfinite(band.observed).any() else []
    if not np.isfinite(band.expected).any():
        return seen
    return [
        *seen,
        (Line2D([], [], color="black", linestyle="--", linewidth=2), "Median expected"),
        (Patch(facecolor=GREEN), "68% expected"),
        (Patch(facecolor=YELLOW), "95% expected"),
    ]


def _rows_of(names: list[str], band: Band, label: str, excluded: float | None, about: Subject) -> Figure:
    look = Line2D([], [], color="black", marker="o", linestyle="none", markersize=7)
    figure, (axes,) = rows(names, (1.0,), about, _entries(look, band))
    for k, (low2, low, middle, high, high2) in enumerate(band.expected):
        axes.barh(k, high2 - low2, left=low2, height=0.62, color=YELLOW, zorder=1, gid="95%")
        axes.barh(k, high - low, left=low, height=0.62, color=GREEN, zorder=1.1, gid="68%")
        axes.plot([middle, middle], [k - 0.31, k + 0.31], color="black", linestyle="--", linewidth=2, gid="expected")
    errors = band.errors if band.errors.any() else None
    axes.errorbar(band.observed, range(len(names)), xerr=errors, fmt="o", color="black", markersize=8, gid="observed")
    if excluded is not None:
        axes.axvline(excluded, color=RED, linewidth=2, gid="excluded")
    reach(axes, [0.0, *band.every, *([] if excluded is None else [excluded])], symmetric=False, label=label)
    axes.set_xlim(left=0.0 if band.every.min() >= 0 else None)
    return figure
