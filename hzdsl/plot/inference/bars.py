"""Parts of an uncertainty by source: bars to both sides of zero."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from hzdsl.plot.figure import style
from hzdsl.plot.inference.canvas import BLUE, GREY
from hzdsl.plot.inference.rows import reach, rows
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.inference.words import asymmetric
from hzdsl.plot.legend import Handles
from hzdsl.plot.text import number, parameter
from hzdsl.stats.fits.crossing import Interval
from hzdsl.stats.methods.breakdown import Breakdown, Sides

PALE = "#a9c4e6"
TOTAL = "total"


def plot_breakdown(found: Breakdown, *, subject: Subject | None = None) -> Figure:
    """Draw the uncertainty of a parameter by source: alone, and in turn, which adds up to the total in quadrature.

    Examples
    --------
    >>> parts = {"theory": (0.1, 0.2), "statistical": (0.4, 0.4)}
    >>> found = Breakdown("r", 1.0, (0.41, 0.45), {"theory": (0.1, 0.2)}, parts, ())
    >>> [t.get_text() for t in plot_breakdown(found).texts if t.get_gid() == "name"]
    ['theory', 'statistical', 'total']
    """
    about = subject or Subject()
    low, high = found.total
    names = [*found.in_turn, TOTAL]
    title = f"{parameter(found.poi)} = {asymmetric(Interval('', found.value, found.value - low, found.value + high))}"
    handles: Handles = [
        (Patch(facecolor=BLUE), "in turn"),
        (Patch(facecolor=PALE), "alone"),
        (Patch(facecolor=GREY), "total"),
    ]
    sides = [*found.alone.values(), *found.in_turn.values(), found.total]
    with style():
        figure, (axes,) = rows(names, (1.0,), about, handles, title)
        axes.axvline(0, color="black", linewidth=1, zorder=3)
        for k, name in enumerate(names):
            if name in found.alone:
                _bar(axes, k, found.alone[name], colour=PALE, height=0.7, gid="alone")
            if name in found.in_turn:
                _bar(axes, k, found.in_turn[name], colour=BLUE, height=0.36, gid="in-turn")
        _bar(axes, len(names) - 1, found.total, colour=GREY, height=0.7, gid="total")
        _limit(axes, sides, about.named("Uncertainty of", found.poi))
        _numbers(axes, [*found.in_turn.values(), found.total])
    return figure


def plot_sources(found: Mapping[str, Sides], label: str, title: str, subject: Subject) -> Figure:
    """Draw one pair of bars per source, the largest first."""
    ranked = dict(sorted(found.items(), key=lambda item: -max(item[1])))
    with style():
        figure, (axes,) = rows(list(ranked), (1.0,), subject, [], title)
        axes.axvline(0, color="black", linewidth=1, zorder=3)
        for k, sides in enumerate(ranked.values()):
            _bar(axes, k, sides, colour=BLUE, height=0.62, gid="alone")
        _limit(axes, list(ranked.values()), label)
        _numbers(axes, list(ranked.values()))
    return figure


def _bar(axes: Axes, k: int, sides: Sides, *, colour: str, height: float, gid: str) -> None:
    axes.barh(k, sides[0] + sides[1], left=-sides[0], height=height, color=colour, zorder=2, gid=gid)


def _limit(axes: Axes, sides: list[Sides], label: str) -> None:
    """Leave room for the numbers at both ends."""
    reach(axes, [1.3 * max((s for pair in sides for s in pair), default=1.0)], symmetric=True, label=label)


def _numbers(axes: Axes, sides: list[Sides]) -> None:
    for k, (low, high) in enumerate(sides):
        for x, words, where in (
            (0.012, f"−{number(low, 2, keep_zeros=True)}", "left"),
            (0.988, f"+{number(high, 2, keep_zeros=True)}", "right"),
        ):
            axes.text(x, k, words, transform=axes.get_yaxis_transform(), ha=where, va="center", size=13, gid="number")
