"""Words of a figure: inside of it, and apart from each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

#: Boxes may touch by so many pixels: they have a margin above and below the letters.
TOUCH = 3.0


def apart(figure: Figure) -> None:
    """Assert that all words are inside of the figure and none is on another."""
    figure.draw_without_rendering()
    found = [(t.get_text(), t.get_window_extent()) for t in _texts(figure) if t.get_visible() and t.get_text().strip()]
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in found:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + TOUCH
        assert inside, f"{text!r} leaves the figure: {box}"
    for (a, first), (b, second) in combinations(found, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        up = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across <= TOUCH or up <= TOUCH, f"{a!r} is on {b!r}"


def _texts(figure: Figure) -> Iterator[Text]:
    yield from figure.texts
    for legend in figure.legends:
        yield from legend.get_texts()
    for axes in figure.axes:
        for one in (axes, *axes.child_axes):
            yield from _of_axes(one)


def _of_axes(axes: Axes) -> Iterator[Text]:
    yield from axes.texts
    if axes.get_legend() is not None:
        yield from axes.get_legend().get_texts()
    if not axes.axison:
        return
    for axis in (axes.xaxis, axes.yaxis):
        yield from (axis.label, axis.offsetText)
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * (high - low)
        for tick in axis.get_major_ticks():
            if low - slack <= tick.get_loc() <= high + slack:
                yield from (tick.label1, tick.label2)
