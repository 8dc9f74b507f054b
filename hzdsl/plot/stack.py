"""Stacks: simulated processes on top of each other, data points, the statistical uncertainty, and a panel below."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import Patch

from hzdsl.plot.figure import SMALLEST_FONT, box_of, draw_header, label_axes, log_ticks, new_figure, plain_ticks
from hzdsl.plot.marks import draw_marks
from hzdsl.plot.model import Header, Layer, Stack
from hzdsl.plot.panel import draw_pulls, draw_ratio
from hzdsl.plot.room import Skyline, information, limits_y, make_room
from hzdsl.plot.statistics import poisson_errors
from hzdsl.plot.text import axis_label, count, equal_bins, events_label, number, wrapped
from hzdsl.results.result import Floats

BACKGROUNDS = ("#99ccff", "#ffa90e", "#94a4a2", "#9c6fc4", "#b9ac70", "#e76300", "#92dadd", "#a96b59", "#717581")
SIGNALS = ("#e0232e", "#1f3fbf", "#0a7d2c", "#b3009e")
MANY_BINS = 200  # from here on no outlines and no error bars, which would hide the contents
ENTRIES_PER_COLUMN = 6
LONGEST_LINE = 30  # letters of a process in the legend
Handles = list[tuple[Any, str]]


def draw_stack(stack: Stack, header: Header, panel: str, log: str) -> Figure:
    """Return the figure of a stack."""
    compared = panel != "none" and stack.data is not None and bool(stack.layers)
    figure, axes, lower = new_figure(panel=compared)
    edges = stack.axis.edges
    limit_x(axes, edges, "x" in log)
    handles = [*_draw_layers(axes, stack), *_draw_uncertainty(axes, stack)]
    tops = _tops(stack)
    drawn = np.concatenate([stack.prediction, stack.data.values if stack.data else []])
    scale_y(axes, drawn, tops, "y" in log)
    if stack.data is not None:
        handles = [_draw_data(axes, stack, stack.data, "x" in log), *handles]
    draw_header(axes, header if stack.data else _simulated(header))
    label_axes(axes, lower or axes, axis_label(stack.axis), events_label(stack.axis))
    if lower is not None:
        axes.tick_params(labelbottom=False)
        if panel == "pull":
            draw_pulls(lower, stack)
        else:
            draw_ratio(lower, stack, centres_of(edges, "x" in log))
    skyline = Skyline(axes, edges, tops)
    info = information(axes, [stack.shape.title, stack.shape.region or ""])
    placed = make_room(axes, skyline, _legend(axes, handles), info)
    draw_marks(axes, skyline, stack.shape.marks, placed)
    return figure


def _simulated(header: Header) -> Header:
    return Header(f"{header.experiment} Simulation".strip(), header.energy, header.luminosity)


def limit_x(axes: Axes, edges: Floats, log: bool) -> None:
    """Set the limits of the x axis, on a logarithmic one from the first edge above 0."""
    positive = edges[edges > 0]
    if log and len(positive) > 1:
        log_ticks(axes, "x", float(positive[0]), float(positive[-1]))
    else:
        plain_ticks(axes, "x")
        axes.set_xlim(edges[0], edges[-1])


def scale_y(axes: Axes, contents: Floats, tops: Floats, log: bool) -> None:
    """Choose scale, ticks and first limits of the y axis."""
    low, high = limits_y(contents, tops, log)
    if log:
        log_ticks(axes, "y", low, high)
    else:
        plain_ticks(axes, "y")
        axes.set_ylim(low, high)
    if low < 0:
        axes.axhline(0, color="black", linewidth=1, zorder=1.8)


def centres_of(edges: Floats, log: bool) -> Floats:
    """Return the middle of every bin as it is seen on the axis."""
    low, high = edges[:-1], edges[1:]
    middle: Floats = (low + high) / 2
    if log:
        middle = np.sqrt(low * high, out=middle, where=low > 0)
    return middle


def _tops(stack: Stack) -> Floats:
    """Return the upper edge of everything drawn."""
    tops = stack.prediction + np.sqrt(stack.variance)
    if stack.data is None:
        return tops
    _, up = poisson_errors(stack.data.values, stack.data.variances)
    return np.maximum(tops, np.where(stack.data.values != 0, stack.data.values + up, 0.0))


def _draw_layers(axes: Axes, stack: Stack) -> Handles:
    """Draw the layers from the bottom up and return their entries of the legend from the top down."""
    bottom = np.zeros(len(stack.axis.edges) - 1)
    handles: Handles = []
    for layer in stack.layers:
        top = bottom + layer.values
        face, edge, width = _look(layer)
        axes.stairs(top, stack.axis.edges, baseline=bottom, fill=True, facecolor=face, linewidth=0, gid="layer")
        signal = layer.role == "signal"
        if signal or len(top) <= MANY_BINS:  # lines of backgrounds on top: no colour where there is no signal
            order = 1.5 if signal else 1.6
            axes.stairs(top, stack.axis.edges, baseline=None, color=edge, linewidth=width, zorder=order)
        handles.append((Patch(facecolor=face, edgecolor=edge, linewidth=width), _entry(layer)))
        bottom = top
    return handles[::-1]


def _look(layer: Layer) -> tuple[str, str, float]:
    """Return the colours of face and edge and the width of the line: signals as in df103, a coloured line."""
    if layer.role == "signal":
        return "white", SIGNALS[layer.place % len(SIGNALS)], 2.5
    return BACKGROUNDS[layer.place % len(BACKGROUNDS)], "black", 1.0


def _entry(layer: Layer) -> str:
    """Return the text of the legend: the number of events, for simulation to three digits."""
    shown = count(layer.total) if layer.role == "data" else number(layer.total, keep_zeros=True)
    return f"{wrapped(layer.label, LONGEST_LINE)} ({shown})"


def _draw_uncertainty(axes: Axes, stack: Stack) -> Handles:
    if not stack.layers or not stack.variance.any():
        return []
    error = np.sqrt(stack.variance)
    look: dict[str, Any] = {"facecolor": "none", "edgecolor": "0.35", "hatch": "////", "linewidth": 0}
    top, bottom = stack.prediction + error, stack.prediction - error
    axes.stairs(top, stack.axis.edges, baseline=bottom, fill=True, gid="uncertainty", zorder=1.7, **look)
    return [(Patch(**look), "Stat. uncertainty")]


def _draw_data(axes: Axes, stack: Stack, data: Layer, log_x: bool) -> tuple[Any, str]:
    """Draw data as points with their errors (empty bins have neither), as a line where there are many."""
    edges = stack.axis.edges
    if len(data.values) > MANY_BINS:
        return axes.stairs(data.values, edges, color="black", linewidth=1, gid="data"), _entry(data)
    down, up = poisson_errors(data.values, data.variances)
    x, seen = centres_of(edges, log_x), data.values != 0
    across = None if equal_bins(stack.axis) else np.array([x - edges[:-1], edges[1:] - x])[:, seen]
    points = axes.errorbar(
        x[seen], data.values[seen], yerr=(down[seen], up[seen]), xerr=across, fmt="o", color="black",
        markersize=8, elinewidth=1.5, zorder=5, label="data",
    )  # fmt: skip
    return points, _entry(data)


def _legend(axes: Axes, handles: Handles) -> Legend | None:
    if not handles:
        return None
    columns = 1 + (len(handles) > ENTRIES_PER_COLUMN)
    legend = axes.legend(
        [h for h, _ in handles], [text for _, text in handles], ncols=columns, loc="upper right", handletextpad=0.6,
        columnspacing=1.0, borderaxespad=0.5,
    )  # fmt: skip
    _fit_legend(axes, legend, 0.62 if columns == 1 else 0.95)
    return legend


def _fit_legend(axes: Axes, legend: Legend, share: float) -> None:
    """Shrink the letters of a legend that is wider than its share of the axes."""
    room = share * axes.bbox.width
    width = box_of(legend).width
    for text in legend.get_texts():
        text.set_fontsize(max(SMALLEST_FONT, float(text.get_fontsize()) * min(1.0, room / width)))
