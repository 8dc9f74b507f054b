"""Two-dimensional histograms: a colour per bin and its scale beside."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from hzdsl.plot.figure import draw_header, label_axes, log_ticks, name_bins, new_figure, number_format, plain_ticks
from hzdsl.plot.model import Header, inner_of
from hzdsl.plot.room import information
from hzdsl.plot.text import axis_label, counted, title_and_region
from hzdsl.results.result import Floats, HistogramResult

COLOURS = "viridis"


def draw_mesh(h: HistogramResult, header: Header, label: str, log: str) -> Figure:
    """Return the figure of a two-dimensional histogram; empty bins are white."""
    figure, axes, _ = new_figure(right=0.83)
    x, y = h.axes
    contents = inner_of(h)[0].T
    shown = np.ma.masked_where(contents <= 0 if "z" in log else contents == 0, contents)
    mesh = axes.pcolormesh(x.edges, y.edges, shown, cmap=COLOURS, norm=_norm(shown, "z" in log), rasterized=True)
    _limit(axes, "x", x.edges, "x" in log)
    _limit(axes, "y", y.edges, "y" in log)
    bar = figure.colorbar(mesh, cax=axes.inset_axes((1.03, 0.0, 0.045, 1.0)))
    bar.ax.set_ylabel(f"{counted(per_event=h.per_event, weighted=h.weighted)} / bin")
    if not isinstance(mesh.norm, LogNorm):
        bar.formatter = number_format(upper=4)
        bar.update_ticks()
    bar.ax.yaxis.get_offset_text().set_position((3.0, 0.0))
    draw_header(axes, header)
    name_bins(axes, "x", x)
    name_bins(axes, "y", y)
    label_axes(axes, axes, axis_label(x), axis_label(y))
    info = information(axes, [*title_and_region(h.title, h.region), label])
    if info is not None:
        info.set_bbox({"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 4})
    return figure


def _norm(shown: np.ma.MaskedArray[tuple[int, int], np.dtype[np.float64]], log: bool) -> Normalize:
    if not shown.count():
        return Normalize(0.0, 1.0)
    low, high = float(shown.min()), float(shown.max())
    if log:
        return LogNorm(low, high if high > low else 10 * low)
    return Normalize(min(low, 0.0), high if high > min(low, 0.0) else 0.0)


def _limit(axes: Axes, which: str, edges: Floats, log: bool) -> None:
    positive = edges[edges > 0]
    if log and len(positive) > 1:
        log_ticks(axes, which, float(positive[0]), float(positive[-1]))
        return
    plain_ticks(axes, which)
    (axes.set_xlim if which == "x" else axes.set_ylim)(edges[0], edges[-1])
