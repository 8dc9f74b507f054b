"""One histogram alone: a step line with statistical errors, and its numbers of entries."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from hzdsl.plot.figure import draw_header, draw_steps, label_axes, name_bins, new_figure
from hzdsl.plot.marks import draw_marks
from hzdsl.plot.merging import merged
from hzdsl.plot.model import Header, inner_of
from hzdsl.plot.room import Skyline, box_of_numbers, information, make_room
from hzdsl.plot.stack import MANY_BINS, MORE_THAN_PIXELS, centres_of, limit_x, scale_y
from hzdsl.plot.statistics import poisson_errors
from hzdsl.plot.text import axis_label, count, events_label, title_and_region
from hzdsl.results.result import HistogramResult

LINE, FILL, DENSE = "#1f4e9e", "#d6e4f5", "#4a78bf"


def draw_single(h: HistogramResult, header: Header, label: str, log: str) -> Figure:
    """Return the figure of a one-dimensional histogram."""
    figure, axes, _ = new_figure()
    h = merged(h, "x" in log)
    axis = h.axes[0]
    values, variances = inner_of(h)
    down, up = poisson_errors(values, variances)
    few = len(values) <= MANY_BINS
    limit_x(axes, axis.edges, "x" in log)
    if len(values) > MORE_THAN_PIXELS:  # the upright lines between the bins would cover everything
        draw_steps(axes, values, axis.edges, facecolor=DENSE, linewidth=0, gid="histogram")
    else:
        draw_steps(axes, values, axis.edges, facecolor=FILL, linewidth=0)
        draw_steps(axes, values, axis.edges, fill=False, edgecolor=LINE, linewidth=2 if few else 1, gid="histogram")
    seen = values != 0
    if few:
        axes.errorbar(
            centres_of(axis.edges, "x" in log)[seen], values[seen], yerr=(down[seen], up[seen]), fmt="none",
            ecolor=LINE, elinewidth=1.5,
        )  # fmt: skip
    tops = np.where(seen & few, values + up, values)
    scale_y(axes, values, tops, "y" in log)
    draw_header(axes, header)
    name_bins(axes, "x", axis)
    label_axes(axes, axes, axis_label(axis), events_label(axis, per_event=h.per_event, weighted=h.weighted))
    skyline = Skyline(axes, axis.edges, tops)
    placed = make_room(
        axes,
        skyline,
        box_of_numbers(axes, numbers_of(h)),
        information(axes, [*title_and_region(h.title, h.region), label]),
    )
    draw_marks(axes, skyline, h.marks, placed)
    return figure


def numbers_of(h: HistogramResult) -> list[str]:
    """Return the lines about the contents: entries, sum of weights where they are weighted, and the flow."""
    contents = h.values if h.weighted else h.counts
    lines = [f"Entries {count(float(h.counts.sum()))}"] if h.counts.any() or not h.weighted else []
    if h.weighted:
        lines.append(f"Sum of weights {count(float(h.values[np.isfinite(h.values)].sum()))}")
    lines += [f"Underflow {count(float(contents[0]))}", f"Overflow {count(float(contents[-1]))}"]
    return [*lines, f"of which NaN {count(h.nan)}"] if h.nan else lines
