"""Scans of one parameter, and envelopes of several models: -2 Δ ln L with the lines of 68 and 95 %."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hzdsl.errors import HzdslError
from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import BLUE, CURVES, DASHES, canvas, finish, scale
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.words import asymmetric
from hzdsl.plot.legend import Handles
from hzdsl.plot.text import drawable, parameter
from hzdsl.results.result import Floats
from hzdsl.stats.fits.crossing import Interval
from hzdsl.stats.methods.envelope import Envelope
from hzdsl.stats.methods.scans import LEVELS, Scan

#: What is called how, at which rise of -2 ln L.
LINES = {"68%": 2 * LEVELS[1][0], "95%": 2 * LEVELS[1][1]}
#: A scan is shown up to here, however far it rises; the lines always are.
HIGHEST, LEAST = 10.0, 4.8
#: Fewer points are marked as such.
MARKED = 40
Y = r"$-2\,\Delta\ln L$"
#: What a scan is called in which all that is constrained stays at its best fit.
STATISTICAL = "Stat. only"


def plot_scan(
    found: Scan, others: Mapping[str, Scan] | None = None, *, label: str = "", subject: Subject | None = None
) -> Figure:
    r"""Draw the scan of one parameter.

    Parameters
    ----------
    found : Scan
        Of one parameter; its intervals are drawn, at -2 Δ ln L = 1 and 3.84. Points that failed are gaps. Beside it is
        that of statistical uncertainties alone, where it has one.
    others : mapping of str to Scan
        Further scans of the same parameter by their name in the legend, such as one without systematic uncertainties.
    label : str
        What the legend calls `found`, where there are others; else whether it is observed.
    subject : Subject, optional
        Unit and meaning of the parameter, and the header.

    Raises
    ------
    HzdslError
        ``arguments`` for a scan of two parameters (see `plot_plane`), or without a point that did not fail.

    Examples
    --------
    >>> x = np.linspace(0.0, 2.0, 21)
    >>> interval = Interval("r", 1.0, 0.5, 1.5)
    >>> found = Scan(("r",), (x,), 4 * (x - 1) ** 2, (1.0,), 0, (interval,), np.zeros((21, 1)))
    >>> axes = plot_scan(found).axes[0]
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('r', '$-2\\,\\Delta\\ln L$')
    """
    alone = {} if found.statistical is None else {STATISTICAL: found.statistical}
    about = subject or Subject()
    curves = {label or about.observed: found, **alone, **(others or {})}
    for scan in curves.values():
        if len(scan.names) != 1 or scan.names != found.names:
            raise HzdslError("arguments", f"a scan of {', '.join(scan.names)} is no scan of one parameter, or another")
    drawn = {name: (scan.grid[0], scan.minus_2_delta_ln_l) for name, scan in curves.items()}
    name = found.names[0]
    lines = [_said(name, scan.intervals, "" if len(curves) == 1 else which) for which, scan in curves.items()]
    with style():
        figure, axes = canvas(about)
        handles = _draw(axes, drawn)
        _ends(axes, found.intervals)
        finish(axes, (about.label(name), Y), handles if len(curves) > 1 else [], [s for s in lines if s])
    return figure


def plot_envelope(found: Envelope, *, subject: Subject | None = None) -> Figure:
    """Draw the profiles of several models and their envelope, with its interval.

    Examples
    --------
    >>> x = np.linspace(-1.0, 1.0, 11)
    >>> curves = {"exp": 2 * x**2, "power law": 2 * (x - 0.2) ** 2 + 0.2}
    >>> found = Envelope("r", x, curves, "exp", Interval("r", 0.0, -0.7, 0.75), {})
    >>> [t.get_text() for t in plot_envelope(found).axes[0].get_legend().get_texts()]
    ['Envelope', 'exp', 'power law']
    """
    about = subject or Subject()
    curves = {name: (found.grid, rise) for name, rise in found.curves.items()}
    with style():
        figure, axes = canvas(about)
        handles = _draw(axes, curves, thin=True)
        look: dict[str, Any] = {
            "color": "0.75",
            "linewidth": 7,
            "zorder": 1.5,
            "gid": "envelope",
            "solid_capstyle": "round",
        }
        (line,) = axes.plot(found.grid, found.minus_2_delta_ln_l, **look)
        _ends(axes, (found.interval,))
        said = [f"best: {found.best}", _said(found.poi, (found.interval,), "")]
        finish(axes, (about.label(found.poi), Y), [(line, "Envelope"), *handles], said)
    return figure


def _draw(axes: Axes, curves: Mapping[str, tuple[Floats, Floats]], thin: bool = False) -> Handles:
    """Draw the curves and the two lines; the axes end where the lowest of the curves' ends are."""
    every = np.concatenate([y[np.isfinite(y)] for _, y in curves.values()])
    if not len(every):
        raise HzdslError("arguments", "the scan has no point whose fit converged", fix="see hzdsl fit first")
    top = float(np.clip(every.max(), LEAST, HIGHEST))
    scale(axes, _across(curves, top), (min(0.0, float(every.min()) * 1.1), top))
    handles: Handles = []
    for k, (name, (x, y)) in enumerate(curves.items()):
        look: dict[str, Any] = {
            "color": CURVES[k % len(CURVES)],
            "linestyle": DASHES[k % len(DASHES)],
            "linewidth": 1.8 if thin else 2.5,
        }
        marker = "o" if len(x) < MARKED and not thin else ""
        (line,) = axes.plot(x, y, marker=marker, markersize=5, gid="scan", **look)
        line.set_clip_path(Rectangle((x[0], -top), x[-1] - x[0], 2 * top, transform=axes.transData))
        handles.append((line, drawable(name)))
    for words, level in LINES.items():
        axes.axhline(level, color="0.45", linewidth=1.2, linestyle=(0, (6, 4)), zorder=1, gid="level")
        text = axes.text(0.965, level, words, transform=axes.get_yaxis_transform(), ha="right", va="bottom", size=16)
        text.set(color="0.35", bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1})
    return handles


def _across(curves: Mapping[str, tuple[Floats, Floats]], top: float) -> tuple[float, float]:
    """Return from where to where any curve is below the top, with the points beyond."""
    ends = []
    for x, y in curves.values():
        seen = np.flatnonzero(y <= top)
        if len(seen):
            ends += [x[max(seen[0] - 1, 0)], x[min(seen[-1] + 1, len(x) - 1)]]
    return float(min(ends)), float(max(ends))


def _ends(axes: Axes, intervals: tuple[Interval, ...]) -> None:
    for interval, level in zip(intervals, LINES.values(), strict=False):
        for at, state in ((interval.low, interval.low_state), (interval.high, interval.high_state)):
            if state == "crossed":
                axes.plot([at, at], [0, level], color=BLUE, linewidth=1.2, linestyle=":", gid="end", zorder=1)


def _said(name: str, intervals: tuple[Interval, ...], which: str) -> str:
    if not intervals:
        return ""
    words = f"{which}: " if which else ""
    return f"{words}{parameter(name)} = {asymmetric(intervals[0])}"
