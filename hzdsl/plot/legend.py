"""Legends: in letters that leave room for the plot."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.legend import Legend

from hzdsl.plot.figure import box_of

ENTRIES_PER_COLUMN = 6
LEGEND_SIZES = (20, 18, 16, 14, 12, 10)
#: Shares of the width of the axes for one and for two columns, and of its height.
WIDEST, HIGHEST = (0.62, 0.95), 0.6
Handles = list[tuple[Any, str]]


def draw_legend(axes: Axes, handles: Handles) -> Legend | None:
    """Return the legend, in two columns if it is long, or None where there is nothing to explain."""
    if not handles:
        return None
    columns = 1 + (len(handles) > ENTRIES_PER_COLUMN)
    width, height = WIDEST[columns - 1] * axes.bbox.width, HIGHEST * axes.bbox.height
    look: dict[str, Any] = {
        "ncols": columns,
        "handletextpad": 0.6,
        "columnspacing": 1.0,
        "borderaxespad": 0.5,
    }
    symbols, words = zip(*handles, strict=True)
    for size in LEGEND_SIZES:
        legend = axes.legend(symbols, words, loc="upper right", fontsize=size, **look)
        box = box_of(legend)
        if box.width <= width and box.height <= height:
            break
    return legend
