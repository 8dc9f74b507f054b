"""Feldman-Cousins intervals: p-values and the acceptance belt along the grid, and which points are accepted."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from hzdsl.errors import HzdslError
from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import BLUE, RED, canvas, finish, over_points, scale, widened
from hzdsl.plot.inference.plane import plot_region
from hzdsl.plot.inference.scan import Y
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.words import percent
from hzdsl.plot.legend import Handles
from hzdsl.plot.text import number, parameter
from hzdsl.stats.methods.feldman_cousins import Region
from hzdsl.stats.methods.probabilities import ONE_SIGMA

ACCEPTED = "#d6e4f5"
#: Of the lower and the higher confidence level.
DASHES = (":", "--")


def plot_belt(found: Region, *, subject: Subject | None = None) -> Figure:
    """Draw a Feldman-Cousins interval: p-values of toys with their errors, the lines 1 - CL, and what is accepted.

    A region of two parameters is drawn by `hzdsl.plot.inference.plot_region`.

    Examples
    --------
    >>> from hzdsl.stats.methods.probabilities import ToyPValue
    >>> x = np.array([0.0, 1.0, 2.0, 3.0])
    >>> p = {(float(v),): ToyPValue(1.0, n, 99) for v, n in zip(x, (30, 90, 20, 0))}
    >>> plot_belt(Region(("mu",), (x,), 0.9, (1.1,), p)).axes[0].texts[-1].get_text()
    'Feldman-Cousins, 90% CL\\nmu in [0, 2.55]'
    """
    if len(found.names) > 1:
        return plot_region(found, subject=subject)
    about, x = subject or Subject(), np.sort(found.grid[0])
    each = [found.p[(float(v),)] for v in x]
    p, errors = np.array([t.p for t in each]), np.array([t.error for t in each])
    with style():
        figure, axes = canvas(about)
        scale(axes, widened(float(x[0]), float(x[-1]), 0.02), (0.0, 1.02 * float((p + errors).max())))
        accepted = _accepted(axes, found)
        axes.errorbar(x, p, yerr=errors, fmt="o-", color=BLUE, markersize=6, linewidth=1.5, gid="p")
        handles: Handles = [(Line2D([], [], marker="o", color=BLUE, markersize=6), "Toys"), *accepted]
        for level, dash in zip(found.levels, DASHES[-len(found.levels) :], strict=True):
            line = axes.axhline(1 - level, color=RED, linewidth=2, linestyle=dash, gid="level")
            handles.append((line, f"1 − {percent(level)}"))
        at, top = found.best[0], float(p.max())  # not through the words above
        (best,) = axes.plot([at, at], [0.0, top], color="black", linewidth=1.5, linestyle="-.", gid="best")
        handles.append((best, "Best fit"))
        labels = (about.label(found.names[0]), "$p$-value")
        finish(axes, labels, handles, _lines(found), over_points(axes, x, p + errors))
    return figure


def plot_acceptance(found: Region, *, subject: Subject | None = None) -> Figure:
    """Draw the acceptance belt of one parameter: what toys of each value do not exceed, and the data.

    A value is accepted where -2 Δ ln L of the data is below that of 68.27 % or CL of its toys; without bounds these are
    1.00 and 3.84 everywhere.

    Raises
    ------
    HzdslError
        ``arguments`` for a region of two parameters.

    Examples
    --------
    >>> from hzdsl.stats.methods.probabilities import ToyPValue
    >>> x = np.array([0.0, 1.0, 2.0, 3.0])
    >>> p = {(float(v),): ToyPValue(v, n, 99) for v, n in zip(x, (30, 90, 20, 0))}
    >>> belt = {(float(v),): (1.0, 3.0) for v in x}
    >>> figure = plot_acceptance(Region(("mu",), (x,), 0.95, (1.1,), p, belt))
    >>> [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
    ['Observed', '68.27% of toys', '95% of toys', 'Accepted']
    """
    if len(found.names) != 1 or not found.critical:
        raise HzdslError("arguments", "there is no belt of one parameter to draw", fix="see plot_region")
    about, x = subject or Subject(), np.sort(found.grid[0])
    observed = np.array([found.p[(float(v),)].observed for v in x])
    belt = np.array([found.critical[(float(v),)] for v in x])
    top = 1.6 * float(belt.max())
    with style():
        figure, axes = canvas(about)
        scale(axes, widened(float(x[0]), float(x[-1]), 0.02), (0.0, top))
        accepted = _accepted(axes, found)
        (line,) = axes.plot(x, observed, "o-", color=BLUE, markersize=6, linewidth=2, gid="observed")
        handles: Handles = [(line, about.observed)]
        for k, (level, dash) in enumerate(zip((ONE_SIGMA, found.level), DASHES, strict=True)):
            (line,) = axes.plot(x, belt[:, k], color=RED, linewidth=2, linestyle=dash, gid="critical")
            handles.append((line, f"{percent(level)} of toys"))
        finish(axes, (about.label(found.names[0]), Y), [*handles, *accepted], _lines(found))
    return figure


def _accepted(axes: Axes, found: Region) -> Handles:
    """Shade what is accepted, which may be several intervals."""
    for low, high in found.intervals:
        axes.axvspan(low, high, color=ACCEPTED, zorder=0, linewidth=0, gid="accepted")
    return [(Patch(facecolor=ACCEPTED, edgecolor="0.5"), "Accepted")] if found.intervals else []


def _lines(found: Region) -> list[str]:
    """Return what is said: the level, and the intervals."""
    pieces = [f"[{number(low)}, {number(high)}]" for low, high in found.intervals]
    where = f"{parameter(found.names[0])} in {' or '.join(pieces)}" if pieces else "no point is accepted"
    return [f"Feldman-Cousins, {percent(found.level)} CL", where]
