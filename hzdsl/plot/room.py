"""Room for words: the upper limit of an axis is raised until legend and texts stand clear of what is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.text import Text

from hzdsl.plot.figure import box_of, fit_width
from hzdsl.plot.text import wrapped
from hzdsl.results.result import Floats

FILLED = 0.9  # of the height of the axes, where no words ask for more room
GAP = 14.0  # pixels between words and curves
LEFT, RIGHT = 0.035, 0.965
LOWEST_WORDS = 0.3  # the curve keeps this much of the height whatever the words want
DECADES = 7.0  # at most so many on a logarithmic y axis


class Skyline:
    """The upper edge of everything drawn in a histogram: a height per bin, in the numbers of the axes."""

    def __init__(self, axes: Axes, edges: Floats, tops: Floats) -> None:
        self.axes, self.edges = axes, edges
        self.tops = np.where(np.isfinite(tops), tops, -np.inf)

    def above(self, left: float, right: float) -> float:
        """Return the greatest height between two places given in pixels."""
        to_data = self.axes.transData.inverted()
        low, high = to_data.transform([(left, 0.0), (right, 0.0)])[:, 0]
        inside = (self.edges[1:] > low) & (self.edges[:-1] < high)
        return float(self.tops[inside].max(initial=-np.inf))


def limits_y(contents: Floats, tops: Floats, log: bool) -> tuple[float, float]:
    """Return the first limits of the y axis: from 0 (or the most negative content), or from below the least one."""
    highest = float(np.max(tops[np.isfinite(tops)], initial=0.0))
    if not log:
        return 1.4 * float(np.min(contents, initial=0.0)), highest / FILLED if highest > 0 else 1.0
    positive = contents[contents > 0]
    if not len(positive):
        return 0.1, 10.0
    lowest = max(float(positive.min()) / 2, highest / 10**DECADES)
    return lowest, max(highest * 2, lowest * 10)


def make_room(axes: Axes, skyline: Skyline, main: Artist | None, info: Text | None) -> list[Artist]:
    """Put `main` (a legend or box) into the upper right corner and `info` on the left, or the other way round.

    The side is the one that needs less height; the upper limit of the y axis is raised for it. Returns what
    was placed.
    """
    placed = [a for a in (main, info) if a is not None]

    def needed(right: bool) -> float:
        if main is not None:
            _put(main, right)
        if info is not None:
            _put(info, not right)
        if isinstance(main, Legend) and info is not None:
            _below(axes, main, info)
        return max([axes.get_ylim()[1], *(_needed(axes, skyline, a) for a in placed)])

    right, left = needed(True), needed(False)
    axes.set_ylim(top=needed(_scaled(axes, right) <= _scaled(axes, left) * 1.1 + 1e-12))
    return placed


def _put(artist: Artist, right: bool) -> None:
    if isinstance(artist, Legend):
        artist.set_loc("upper right" if right else "upper left")
    elif isinstance(artist, Text):
        artist.set_x(RIGHT if right else LEFT)
        artist.set_horizontalalignment("right" if right else "left")


def _below(axes: Axes, legend: Legend, info: Text) -> None:
    """Hang a legend below the information where there is no room beside it."""
    box = box_of(info)
    if box_of(legend).width + box.width > (RIGHT - LEFT) * axes.bbox.width - GAP:
        top = (box.y0 - axes.bbox.y0) / axes.bbox.height
        legend.set_bbox_to_anchor((0.0, 0.0, 1.0, top), axes.transAxes)


def _needed(axes: Axes, skyline: Skyline, words: Artist) -> float:
    """Return the upper limit with which the curve passes below the words."""
    box = box_of(words)
    frame = axes.bbox
    share = max((box.y0 - GAP - frame.y0) / frame.height, LOWEST_WORDS)
    top = skyline.above(box.x0 - GAP, box.x1 + GAP)
    return _unscaled(axes, _scaled(axes, top) / share)


def raise_limit(axes: Axes, pixels: float) -> None:
    """Raise the upper limit so that the highest point of a full axis sinks by about so many pixels."""
    height = axes.bbox.height
    axes.set_ylim(top=_unscaled(axes, _scaled(axes, axes.get_ylim()[1]) * height / max(height - pixels, height / 2)))


def _scaled(axes: Axes, y: float) -> float:
    """Return the height above the lower limit, on the scale of the axis."""
    low = axes.get_ylim()[0]
    if axes.get_yscale() == "log":
        return math.log10(max(y, low) / low)
    return max(y - low, 0.0)


def _unscaled(axes: Axes, height: float) -> float:
    low = axes.get_ylim()[0]
    return float(low * 10**height if axes.get_yscale() == "log" else low + height)


def information(axes: Axes, lines: Sequence[str]) -> Text | None:
    """Write lines (title, region, process) into the upper left corner; `make_room` may move them."""
    given = [wrapped(line, 34) for line in lines if line.strip()]
    if not given:
        return None
    text = axes.text(LEFT, 0.96, "\n".join(given), ha="left", va="top", size=20, transform=axes.transAxes)
    text.set_gid("information")
    fit_width(text, 0.45 * axes.bbox.width)
    return text


def box_of_numbers(axes: Axes, lines: Sequence[str]) -> Text:
    """Write small lines of numbers into the upper right corner."""
    text = axes.text(RIGHT, 0.96, "\n".join(lines), ha="right", va="top", size=16, transform=axes.transAxes)
    text.set_linespacing(1.35)
    text.set_gid("numbers")
    return text
