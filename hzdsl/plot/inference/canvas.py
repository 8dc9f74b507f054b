"""Axes of one plot of a result: header, labels, and words in a strip above the curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hzdsl.plot.figure import draw_header, label_axes, log_ticks, new_figure, plain_ticks
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.legend import Handles, draw_legend
from hzdsl.plot.room import Skyline, information, make_room
from hzdsl.results.result import Floats

#: Colours of the 68 % and the 95 % band that CMS recommends: told apart by colour-blind readers.
GREEN, YELLOW = "#607641", "#f5bb54"
BLUE, RED, GREY, ORANGE = "#1f4e9e", "#c8102e", "#717581", "#e76300"
#: Curves beside each other.
CURVES = (BLUE, RED, "#0a7d2c", ORANGE, "#9c6fc4", "#b3009e", "#a96b59", "#00798c", GREY)
DASHES = ("-", "--", "-.", ":")


def canvas(subject: Subject, right: float = 0.965) -> tuple[Figure, Axes]:
    """Return a figure with one pair of axes, under its header."""
    figure, axes, _ = new_figure(right=right)
    draw_header(axes, subject.header)
    return figure, axes


def scale(axes: Axes, x: tuple[float, float], y: tuple[float, float], *, log_y: bool = False) -> None:
    """Set the limits of linear axes, or a logarithmic y axis, with ticks at round numbers."""
    plain_ticks(axes, "x")
    axes.set_xlim(*x)
    if log_y:
        log_ticks(axes, "y", *y)
    else:
        plain_ticks(axes, "y")
        axes.set_ylim(*y)


def finish(
    axes: Axes, labels: tuple[str, str], handles: Handles, lines: Sequence[str], skyline: Skyline | None = None
) -> None:
    """Label the axes, and raise the upper limit so that legend and lines stand above what is drawn.

    Without a skyline that is a strip across the whole axes.
    """
    label_axes(axes, axes, *labels)
    if skyline is None:
        skyline = flat(axes, axes.get_ylim()[1])
    make_room(axes, skyline, draw_legend(axes, handles), information(axes, lines))


def flat(axes: Axes, top: float) -> Skyline:
    """Return a skyline of one height."""
    return Skyline(axes, np.array(axes.get_xlim()), np.array([top]))


def over_points(axes: Axes, x: Floats, tops: Floats) -> Skyline:
    """Return the skyline of a curve through points."""
    edges = edges_around(x)
    return Skyline(axes, edges, tops)


def edges_around(x: Floats) -> Floats:
    """Return bins around points: halves between neighbours.

    Examples
    --------
    >>> edges_around(np.array([1.0, 2.0, 4.0])).tolist(), edges_around(np.array([2.0])).tolist()
    ([0.5, 1.5, 3.0, 5.0], [1.5, 2.5])
    """
    if len(x) == 1:
        return np.array([x[0] - 0.5, x[0] + 0.5])
    middle = 0.5 * (x[1:] + x[:-1])
    return np.concatenate([[2 * x[0] - middle[0]], middle, [2 * x[-1] - middle[-1]]])


def widened(low: float, high: float, share: float = 0.05) -> tuple[float, float]:
    """Return a range with a margin on both sides; around one number where it is none.

    Examples
    --------
    >>> widened(0.0, 10.0), widened(2.0, 2.0), widened(0.0, 0.0)
    ((-0.5, 10.5), (1.0, 3.0), (-1.0, 1.0))
    """
    if not high > low:
        half = 0.5 * abs(low) or 1.0
        return low - half, high + half
    margin = share * (high - low)
    return low - margin, high + margin
