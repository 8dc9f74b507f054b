"""Two parameters at once: scans with contours of 68 and 95 %, regions of Feldman and Cousins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hzdsl.errors import HzdslError
from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import RED, canvas, edges_around, finish, scale, widened
from hzdsl.plot.inference.scan import Y
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.words import percent
from hzdsl.plot.legend import Handles
from hzdsl.results.result import Floats
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.methods.feldman_cousins import Region
from hzdsl.stats.methods.scans import LEVELS, Contour, Scan

#: -2 Δ ln L of the lines, and how they are drawn.
LINES = {"68%": (2 * LEVELS[2][0], "-"), "95%": (2 * LEVELS[2][1], "--")}
#: Colours end at this -2 Δ ln L.
HIGHEST = 12.0
#: The lighter part of a map, on which black lines are seen.
COLOURS = LinearSegmentedColormap.from_list("pale", ["#ffffff", "#cfe1f2", "#93c4de", "#4a97c9"])
BEST: dict[str, Any] = {"marker": "P", "color": "black", "markersize": 13, "linestyle": "none", "zorder": 6}
EXPECTED: dict[str, Any] = {"marker": "*", "color": RED, "markersize": 18, "linestyle": "none", "zorder": 6}
LINE: dict[str, Any] = {"color": "black", "linewidth": 2.2}


def plot_plane(
    found: Scan,
    *,
    contours: Sequence[Contour] = (),
    prediction: tuple[float, float] | None = None,
    subject: Subject | None = None,
) -> Figure:
    """Draw the scan of two parameters: colours, the contours of 68 and 95 %, and the best fit.

    Parameters
    ----------
    found : Scan
        Of two parameters; points that failed are white.
    contours : sequence of Contour
        Lines that were found by themselves; else those of the grid.
    prediction : (float, float), optional
        What a theory says of both.
    subject : Subject, optional
        Units and meanings of the parameters, and the header.

    Raises
    ------
    HzdslError
        ``arguments`` for a scan that is not of two parameters, of two values at least each.

    Examples
    --------
    >>> x, y = np.linspace(-2.0, 2.0, 9), np.linspace(0.0, 4.0, 11)
    >>> rise = x[:, None] ** 2 + (y - 2.0) ** 2
    >>> found = Scan(("kV", "kF"), (x, y), rise, (0.0, 2.0), 0, (), np.zeros((9, 11, 2)))
    >>> [t.get_text() for t in plot_plane(found, prediction=(1, 1)).axes[0].get_legend().get_texts()]
    ['Best fit', 'Prediction', '68% CL', '95% CL']
    """
    _check(found.names, found.grid)
    about = subject or Subject()
    with style():
        figure, axes = _mesh(about, found.grid, np.minimum(found.minus_2_delta_ln_l, HIGHEST), Y)
        handles = _points(axes, found.best, prediction)
        if contours:
            handles += _given(axes, contours)
        else:
            handles += [
                (_line(axes, found.grid, found.minus_2_delta_ln_l, level, dash), f"{words} CL")
                for words, (level, dash) in LINES.items()
            ]
        finish(axes, (about.label(found.names[0]), about.label(found.names[1])), handles, [])
    return figure


def plot_contour(
    *contours: Contour, prediction: tuple[float, float] | None = None, subject: Subject | None = None
) -> Figure:
    """Draw contours of two parameters with the best fit.

    Raises
    ------
    HzdslError
        ``arguments`` where there are none, or none has points.
    """
    if not any(len(c.points) for c in contours):
        raise HzdslError("arguments", "the contours have no points", fix="give contours whose directions did not fail")
    about, best = subject or Subject(), contours[0].best
    points = np.concatenate([*(c.points for c in contours), [best, best if prediction is None else prediction]])
    (low_x, low_y), (high_x, high_y) = points.min(axis=0), points.max(axis=0)
    with style():
        figure, axes = canvas(about)
        scale(axes, widened(float(low_x), float(high_x), 0.15), widened(float(low_y), float(high_y), 0.15))
        handles = [*_points(axes, best, prediction), *_given(axes, contours)]
        names = contours[0].names
        finish(axes, (about.label(names[0]), about.label(names[1])), handles, [])
    return figure


def plot_region(
    found: Region, *, prediction: tuple[float, float] | None = None, subject: Subject | None = None
) -> Figure:
    """Draw a region of Feldman and Cousins of two parameters: p-values of the grid, and where they are 1 - CL."""
    _check(found.names, found.grid)
    about = subject or Subject()
    p = np.array([found.p[(float(x), float(y))].p for x in found.grid[0] for y in found.grid[1]])
    p = p.reshape(len(found.grid[0]), len(found.grid[1]))
    with style():
        figure, axes = _mesh(about, found.grid, p, "$p$-value from toys")
        handles = _points(axes, (found.best[0], found.best[1]), prediction)
        handles.append((_line(axes, found.grid, p, 1 - found.level, "-"), f"{percent(found.level)} CL"))
        finish(axes, (about.label(found.names[0]), about.label(found.names[1])), handles, ["Feldman-Cousins"])
    return figure


def _check(names: tuple[str, ...], grid: tuple[Floats, ...]) -> None:
    if len(names) != 2 or min(len(g) for g in grid) < 2:
        what = f"{' and '.join(names)} with {' x '.join(str(len(g)) for g in grid)} points are no plane"
        raise HzdslError("arguments", what, fix="scan two parameters, each at two values or more")


def _mesh(about: Subject, grid: tuple[Floats, ...], values: Matrix, label: str) -> tuple[Figure, Axes]:
    figure, axes = canvas(about, right=0.83)
    x, y = (edges_around(g) for g in grid)
    scale(axes, (float(x[0]), float(x[-1])), (float(y[0]), float(y[-1])))
    shown = np.ma.masked_invalid(values.T)
    mesh = axes.pcolormesh(x, y, shown, cmap=COLOURS, vmin=0.0, rasterized=True, zorder=0.5)
    bar = figure.colorbar(mesh, cax=axes.inset_axes((1.03, 0.0, 0.045, 1.0)))
    bar.ax.set_ylabel(label)
    return figure, axes


def _points(axes: Axes, best: tuple[float, ...], prediction: tuple[float, float] | None) -> Handles:
    shown = [(best, BEST, "Best fit"), (prediction, EXPECTED, "Prediction")]
    return [
        (axes.plot(at[0], at[1], gid=words.lower(), **look)[0], words) for at, look, words in shown if at is not None
    ]


def _line(axes: Axes, grid: tuple[Floats, ...], values: Matrix, level: float, dash: str) -> Line2D:
    shown = np.ma.masked_invalid(values.T)
    lines = axes.contour(grid[0], grid[1], shown, levels=[level], colors="black", linestyles=dash, linewidths=2.2)
    lines.set_gid("contour")
    return Line2D([], [], ls=dash, **LINE)


def _given(axes: Axes, contours: Sequence[Contour]) -> Handles:
    handles: Handles = []
    for k, c in enumerate(sorted(contours, key=lambda c: c.minus_2_delta_ln_l)):
        rise = c.minus_2_delta_ln_l
        words = next((w for w, (level, _) in LINES.items() if abs(rise - level) < 0.01), f"{Y} = {rise:.3g}")
        closed = np.concatenate([c.points, c.points[:1]])
        (line,) = axes.plot(closed[:, 0], closed[:, 1], linestyle=("-", "--", ":")[k % 3], gid="contour", **LINE)
        handles.append((line, f"{words} CL" if "%" in words else words))
    return handles
