"""One value per channel against the common one: are channels compatible?"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import GREEN
from hzdsl.plot.inference.rows import reach, rows
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.words import asymmetric, p_value
from hzdsl.plot.text import number, parameter
from hzdsl.stats.fits.crossing import Interval
from hzdsl.stats.methods.compatibility import Compatibility


def plot_compatibility(found: Compatibility, *, subject: Subject | None = None) -> Figure:
    """Draw the value of each channel with its error, the common one as a line with a band, and χ² with its p-value.

    Examples
    --------
    >>> channels = {"ee": Interval("r_ee", 1.2, 0.7, 1.8), "mumu": Interval("r_mumu", 0.8, 0.5, 1.2)}
    >>> found = Compatibility("r", Interval("r", 0.95, 0.7, 1.2), channels, 0.3, 1, 0.58, None, "valid")
    >>> [t.get_text() for t in plot_compatibility(found).texts if t.get_gid() == "name"]
    ['ee', 'mumu']
    """
    about, common = subject or Subject(), found.common
    names, every = list(found.channels), [common, *found.channels.values()]
    p = f"$p$ = {number(found.p, 2)}" if found.toys is None else f"{p_value(found.toys)} (toys)"
    title = f"$\\chi^2$ / ndf = {number(found.chi2)} / {found.ndf},  {p}"
    handles = [
        (Line2D([], [], color="black", marker="o", markersize=7), "Channel"),
        (Patch(facecolor=GREEN, alpha=0.4), f"Common {parameter(found.poi)} = {asymmetric(common)}"),
    ]
    with style():
        figure, (axes,) = rows(names, (3.0,), about, handles, title)
        axes.axvspan(common.low, common.high, color=GREEN, alpha=0.4, linewidth=0, zorder=0.5, gid="common")
        axes.axvline(common.value, color=GREEN, linewidth=2.5, zorder=1)
        ends = [e for i in every for e in (i.low, i.high)]
        low, high = min(ends), max(ends)
        reach(axes, [low, high + 0.42 * (high - low)], symmetric=False, label=about.label(found.poi))
        for k, interval in enumerate(found.channels.values()):
            _point(axes, k, interval)
            axes.text(0.985, k, asymmetric(interval), transform=axes.get_yaxis_transform(), ha="right", va="center",
                      size=14, gid="value")  # fmt: skip
    return figure


def _point(axes: Axes, k: int, i: Interval) -> None:
    """Draw a value with its errors; an end that was not found has no cap."""
    axes.plot([i.low, i.high], [k, k], color="black", linewidth=1.8, zorder=3)
    axes.plot([i.value], [k], "o", color="black", markersize=8, zorder=3, gid="channel")
    for at, state in ((i.low, i.low_state), (i.high, i.high_state)):
        if state == "crossed":
            axes.plot([at], [k], "|", color="black", markersize=10, markeredgewidth=1.8, zorder=3)
