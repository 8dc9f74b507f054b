"""The look-elsewhere effect: local p-values along a parameter, and the global one."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import BLUE, RED, canvas, finish, scale
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.room import Skyline
from hzdsl.plot.text import number
from hzdsl.stats.methods.look_elsewhere import Global, LocalScan
from hzdsl.stats.methods.probabilities import upper_tail

LEAST_SIGMAS = 2


def plot_local_scan(found: LocalScan, overall: Global | None = None, *, subject: Subject | None = None) -> Figure:
    """Draw local p-values along a parameter, with lines at whole numbers of standard deviations.

    Parameters
    ----------
    found : LocalScan
        Points that failed are gaps.
    overall : Global, optional
        The global significance, in words.
    subject : Subject, optional
        Unit and meaning of the parameter, and the header.

    Examples
    --------
    >>> found = LocalScan("mass", np.array([120.0, 125.0, 130.0]), np.array([0.1, 9.0, 0.3]), 0)
    >>> [t.get_text() for t in plot_local_scan(found).axes[0].texts if t.get_gid() == "sigma"]
    ['1$\\\\sigma$', '2$\\\\sigma$', '3$\\\\sigma$']
    """
    about = subject or Subject()
    p = np.array([upper_tail(z) if np.isfinite(z) else np.nan for z in found.z])
    at, top = found.peak
    sigmas = max(LEAST_SIGMAS, int(np.ceil(np.sqrt(top))))
    x = (float(found.grid.min()), float(found.grid.max()))
    lines = [f"largest at {number(at, 4)}", f"local $Z$ = {np.sqrt(top):.2f}"]
    if overall is not None:
        lines.append(f"global $Z$ = {overall.z:.2f}")
    with style():
        figure, axes = canvas(about)
        scale(axes, x, (0.4 * upper_tail(sigmas), 1.0), log_y=True)
        _sigmas(axes, sigmas)
        axes.plot(
            found.grid, p, color=BLUE, linewidth=2.5, gid="local", marker="o" if len(p) < 40 else "", markersize=5
        )
        axes.plot([at], [upper_tail(np.sqrt(top))], "o", color=BLUE, markersize=9, gid="largest")
        handles = [(Line2D([], [], color=BLUE, linewidth=2.5), "Local $p$-value")]
        labels = (about.label(found.parameter), "Local $p$-value")
        finish(axes, labels, handles, lines, Skyline(axes, np.array(x), np.array([0.7])))
    return figure


def _sigmas(axes: Axes, most: int) -> None:
    for n in range(1, most + 1):
        level = upper_tail(n)
        axes.axhline(level, color=RED, linewidth=1.2, linestyle=(0, (6, 4)), zorder=1, gid="level")
        text = axes.text(0.975, level, rf"{n}$\sigma$", transform=axes.get_yaxis_transform(), ha="right", va="bottom")
        text.set(
            color=RED, size=16, gid="sigma", bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        )
