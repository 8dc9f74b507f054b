"""Feldman-Cousins intervals: the p-value at each point of the grid, and which points are accepted."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import BLUE, RED, canvas, finish, over_points, scale, widened
from hzdsl.plot.inference.plane import plot_region
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.words import percent
from hzdsl.plot.text import drawable, number
from hzdsl.stats.methods.feldman_cousins import Region

ACCEPTED = "#d6e4f5"


def plot_belt(found: Region, *, subject: Subject | None = None) -> Figure:
    """Draw a Feldman-Cousins interval: p-values of toys with their errors, the line 1 - CL, and what is accepted.

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
    about, name, x = subject or Subject(), found.names[0], np.sort(found.grid[0])
    each = [found.p[(float(v),)] for v in x]
    p, errors = np.array([t.p for t in each]), np.array([t.error for t in each])
    lines = [f"Feldman-Cousins, {percent(found.level)} CL"]
    with style():
        figure, axes = canvas(about)
        scale(axes, widened(float(x[0]), float(x[-1]), 0.02), (0.0, 1.02 * float((p + errors).max())))
        pieces = found.intervals
        if pieces:
            said = " or ".join(f"[{number(low)}, {number(high)}]" for low, high in pieces)
            lines.append(f"{drawable(name)} in {said}")
        for low, high in pieces:
            axes.axvspan(low, high, ymax=1.0, color=ACCEPTED, zorder=0, linewidth=0, gid="accepted")
        axes.errorbar(x, p, yerr=errors, fmt="o-", color=BLUE, markersize=6, linewidth=1.5, gid="p")
        axes.axhline(1 - found.level, color=RED, linewidth=2, gid="level")
        axes.axvline(found.best[0], color="black", linewidth=1.5, linestyle=":", gid="best")
        handles = [
            (Line2D([], [], marker="o", color=BLUE, markersize=6), "Toys"),
            (Line2D([], [], color=RED, linewidth=2), f"{number(1 - found.level)}"),
            (Line2D([], [], color="black", linestyle=":", linewidth=1.5), "Best fit"),
        ]
        labels = (about.label(name), "$p$-value")
        finish(axes, labels, handles, lines, over_points(axes, x, p + errors))
    return figure
