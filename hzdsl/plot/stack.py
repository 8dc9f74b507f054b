"""Stacks: simulated processes on top of each other, data points, the statistical uncertainty, and a panel below."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from hzdsl.plot.figure import draw_header, draw_steps, label_axes, log_ticks, name_bins, new_figure, plain_ticks
from hzdsl.plot.legend import Handles, draw_legend
from hzdsl.plot.marks import draw_marks
from hzdsl.plot.model import Header, Layer, Stack
from hzdsl.plot.panel import draw_panel
from hzdsl.plot.room import Skyline, information, limits_y, make_room
from hzdsl.plot.statistics import poisson_errors
from hzdsl.plot.text import axis_label, count, equal_bins, events_label, number, title_and_region, wrapped
from hzdsl.results.result import Floats

BACKGROUNDS = (
    "#99ccff",
    "#ffa90e",
    "#94a4a2",
    "#9c6fc4",
    "#b9ac70",
    "#e76300",
    "#92dadd",
    "#a96b59",
    "#717581",
)
HATCHES = (None, "..", "xx")
SIGNALS = ("#e0232e", "#1f3fbf", "#0a7d2c", "#b3009e")
MANY_BINS = 200  # from here on no outlines and no error bars, which would hide the contents
MORE_THAN_PIXELS = 2000  # from here on no upright lines between the bins at all
VISIBLE = 0.01  # of the highest content, or on a logarithmic axis 4 times this of what is below
LONGEST_LINE = 30  # letters of a process in the legend


def draw_stack(stack: Stack, header: Header, panel: str, log: str) -> Figure:
    """Return the figure of a stack."""
    compared = panel != "none" and stack.data is not None and bool(stack.layers) and not stack.absent
    figure, axes, lower = new_figure(panel=compared)
    edges = stack.axis.edges
    limit_x(axes, edges, "x" in log)
    handles = [*_draw_layers(axes, stack, "y" in log), *_draw_uncertainty(axes, stack)]
    tops = _tops(stack)
    drawn = np.concatenate([stack.prediction, stack.data.values if stack.data else []])
    scale_y(axes, drawn, tops, "y" in log)
    if stack.data is not None:
        handles = [draw_data(axes, stack, stack.data, "x" in log), *handles]
    draw_header(axes, header if stack.data else _simulated(header))
    name_bins(axes, "x", stack.axis)
    if lower is not None:
        name_bins(lower, "x", stack.axis)
    expected = stack.data is not None or header.luminosity is not None  # scaled to what an experiment counts
    weighted = stack.shape.weighted and not expected
    y_label = events_label(stack.axis, per_event=stack.shape.per_event, weighted=weighted)
    label_axes(axes, lower or axes, axis_label(stack.axis), y_label)
    if lower is not None:
        axes.tick_params(labelbottom=False)
        draw_panel(lower, stack, panel, centres_of(edges, "x" in log))
    skyline = Skyline(axes, edges, tops)
    absent = [f"without {name}" for name in stack.absent]
    info = information(axes, [*title_and_region(stack.shape.title, stack.shape.region), *absent])
    placed = make_room(axes, skyline, draw_legend(axes, handles), info)
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


def _draw_layers(axes: Axes, stack: Stack, log_y: bool) -> Handles:
    """Draw the layers from the bottom up and return their entries of the legend from the top down."""
    bottom = np.zeros(len(stack.axis.edges) - 1)
    handles: Handles = []
    for layer in stack.layers:
        top = bottom + layer.values
        fill, line = _look(layer)
        draw_steps(axes, top, stack.axis.edges, baseline=bottom, linewidth=0, gid="layer", **fill)
        if layer.role == "signal":
            least = 4 * VISIBLE * bottom if log_y else VISIBLE * float(stack.prediction.max(initial=0.0))
            _draw_outline(axes, stack.axis.edges, (bottom, top), top - bottom > least, line)
        elif len(top) <= MANY_BINS:
            draw_steps(axes, top, stack.axis.edges, baseline=None, fill=False, zorder=1.6, **line)
        handles.append((Patch(**fill, **line), _entry(layer)))
        bottom = top
    return handles[::-1]


def _draw_outline(
    axes: Axes, edges: Floats, between: tuple[Floats, Floats], seen: npt.NDArray[np.bool_], line: dict[str, Any]
) -> None:
    """Draw the line of a signal over the bins where it is seen, down to what lies below it at their ends."""
    bottom, top = between
    ends = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(int)))
    x, y = [np.zeros(0)], [np.zeros(0)]
    for start, stop in ends.reshape(-1, 2):
        x += [np.repeat(edges[start : stop + 1], 2), np.array([np.nan])]
        y += [bottom[start : start + 1], np.repeat(top[start:stop], 2), bottom[stop - 1 : stop], np.array([np.nan])]
    look = {"color": line["edgecolor"], "linewidth": line["linewidth"], "solid_capstyle": "butt"}
    axes.plot(np.concatenate(x), np.concatenate(y), zorder=1.65, gid="signal", scalex=False, scaley=False, **look)


def _look(layer: Layer) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the looks of area and line: signals as in df103, a coloured line above white.

    Where the colours of backgrounds are used up they come again, hatched.
    """
    if layer.role == "signal":
        return {"facecolor": "white"}, {"edgecolor": SIGNALS[layer.place % len(SIGNALS)], "linewidth": 2.5}
    again, colour = divmod(layer.place, len(BACKGROUNDS))
    fill = {"facecolor": BACKGROUNDS[colour], "hatch": HATCHES[again % len(HATCHES)]}
    return fill, {"edgecolor": "black", "linewidth": 1.0}


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
    draw_steps(axes, top, stack.axis.edges, baseline=bottom, gid="uncertainty", zorder=1.7, **look)
    return [(Patch(**look), "Stat. uncertainty" if stack.errors is None else "Uncertainty")]


def draw_data(axes: Axes, stack: Stack, data: Layer, log_x: bool) -> tuple[Any, str]:
    """Draw data as points with errors (empty bins have neither), as a line or bare points where there are many."""
    edges = stack.axis.edges
    if len(data.values) > MORE_THAN_PIXELS:
        full = data.values != 0
        look: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 2, "color": "black"}
        made = axes.plot(centres_of(edges, log_x)[full], data.values[full], zorder=5, gid="data", **look)
        return made[0], _entry(data)
    if len(data.values) > MANY_BINS:
        return draw_steps(axes, data.values, edges, fill=False, zorder=5, gid="data"), _entry(data)
    down, up = poisson_errors(data.values, data.variances)
    x, seen = centres_of(edges, log_x), data.values != 0
    across = None if equal_bins(stack.axis) else np.array([x - edges[:-1], edges[1:] - x])[:, seen]
    points = axes.errorbar(
        x[seen], data.values[seen], yerr=(down[seen], up[seen]), xerr=across, fmt="o", color="black",
        markersize=8, elinewidth=1.5, zorder=5, label="Data",
    )  # fmt: skip
    return points, _entry(data)
