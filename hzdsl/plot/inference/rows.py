"""Plots with one row per name: names on the left in a margin of their own, panels beside each other, pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import AutoMinorLocator, MaxNLocator, NullLocator

from hzdsl.plot.figure import StyledFigure, bare, box_of, draw_header, fit_width, number_format
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.legend import Handles
from hzdsl.plot.text import drawable, parameter

#: Rows of one page.
PAGE = 30
#: Inches: the width of a figure, the height of a row where there are many and where there are few, what is below and
#: above the rows, between panels and at the edge.
WIDTH, ROW, HIGHEST_ROW, BOTTOM, TOP, BETWEEN, EDGE = 11.0, 0.33, 0.62, 0.95, 0.62, 0.14, 0.3
BARE_TOP = 0.2
#: Few rows fill this height.
FEW = 4.0
#: The part of the width that names may take.
NAMES = 0.4
LEGEND_LINE = 0.36
#: Letters of names, in points: where there are few rows and where there are many, and where names are long.
LARGE, USUAL, SMALLEST = 16.0, 13.0, 8.5
T = TypeVar("T")


def pages_of(items: Sequence[T], most: int = PAGE) -> Iterator[tuple[str, tuple[T, ...]]]:
    """Yield pages of about equal length, with what names them: ``""`` where there is one.

    Examples
    --------
    >>> [(name, len(page)) for name, page in pages_of(range(61))]
    [('_1', 20), ('_2', 21), ('_3', 20)]
    """
    pages = max(1, -(-len(items) // most))
    ends = [round(k * len(items) / pages) for k in range(pages + 1)]
    for k, (start, stop) in enumerate(pairwise(ends), 1):
        yield ("" if pages == 1 else f"_{k}"), tuple(items[start:stop])


def rows(
    names: Sequence[str], widths: Sequence[float], subject: Subject, handles: Handles, title: str = ""
) -> tuple[Figure, list[Axes]]:
    """Return a figure with one row per name, and its panels from left to right.

    Row k is at y = k, the first at the top. The legend and the title stand between the header and the panels.

    Parameters
    ----------
    names : sequence of str
        What the rows are called; long ones are cut.
    widths : sequence of float
        Of the panels, relative to each other.
    subject : Subject
        For the header.
    handles : list of (artist, str)
        Entries of the legend.
    title : str
        A line above the panels, on the left.
    """
    count = max(len(names), 1)
    step = min(HIGHEST_ROW, max(ROW, FEW / count))
    columns = min(len(handles), 4)
    top = top_of(subject)
    above = top + LEGEND_LINE * (bool(title) + -(-len(handles) // 4)) + (0.08 if title or handles else 0.0)
    height = BOTTOM + step * count + above
    figure = StyledFigure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    texts, left = fitting(figure, names, LARGE if step > 0.45 else USUAL, NAMES * WIDTH)
    room = WIDTH - left - EDGE - BETWEEN * (len(widths) - 1)
    panels, start = [], left
    for width in widths:
        share = room * width / sum(widths)
        panels.append(figure.add_axes((start / WIDTH, BOTTOM / height, share / WIDTH, step * count / height)))
        start += share + BETWEEN
    for axes in panels:
        _prepare(axes, count)
    for k, text in enumerate(texts):
        text.set(x=-0.12 * figure.dpi / panels[0].bbox.width, y=k, transform=panels[0].get_yaxis_transform())
    _head(figure, panels[0], subject, height)
    if title:
        line = figure.text(left / WIDTH, 1 - (top + 0.06) / height, drawable(title), ha="left", va="top", size=16)
        line.set_gid("information")
        fit_width(line, (WIDTH - left - EDGE) * figure.dpi)
    if handles:
        y = 1 - (top + 0.06 + LEGEND_LINE * bool(title)) / height
        figure.legend(*zip(*handles, strict=True), loc="upper left", bbox_to_anchor=(left / WIDTH, y), ncols=columns,
                      fontsize=14, borderaxespad=0.0, handletextpad=0.5, columnspacing=1.2, frameon=False,
                      borderpad=0.0)  # fmt: skip
    return figure, panels


def top_of(subject: Subject) -> float:
    """Return the inches that the header takes, and a margin where there is none."""
    return BARE_TOP if bare(subject.header) else TOP


def fitting(figure: Figure, names: Sequence[str], size: float, inches: float) -> tuple[list[Text], float]:
    """Return names as texts in letters of one size, and the inches they need, at most so many: long ones are cut."""
    look: dict[str, Any] = {"ha": "right", "va": "center", "gid": "name"}
    texts = [figure.text(0, 0, parameter(name), size=size, **look) for name in names]
    room = (inches - 0.35) * figure.dpi
    widest = max((box_of(t).width for t in texts), default=0.0)
    if widest > room:
        size = max(SMALLEST, size * room / widest)
        for text in texts:
            text.set_fontsize(size)
            _shorten(text, room)
        widest = room
    return texts, max(widest / figure.dpi + 0.35, 1.0)


def _shorten(text: Text, room: float) -> None:
    whole = text.get_text()
    kept = len(whole)
    while box_of(text).width > 1.02 * room and kept > 8 and "$" not in whole:
        kept -= 1
        text.set_text(shortened(whole, kept))


def shortened(name: str, letters: int = 30) -> str:
    """Return a name without letters from its middle: what tells names apart is often at their ends.

    Examples
    --------
    >>> shortened("CMS_htt_tt_tauTau_vbf_8TeV_ZTT_bin_7", 20)
    'CMS_htt_t…ZTT_bin_7'
    """
    if len(name) <= letters:
        return name
    half = letters // 2
    return f"{name[: half - 1]}…{name[len(name) - (letters - half) + 1 :]}"


def _prepare(axes: Axes, count: int) -> None:
    axes.set_ylim(count - 0.5, -0.5)
    axes.yaxis.set_major_locator(NullLocator())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="x", labelsize=14, length=6)
    axes.tick_params(axis="x", which="minor", length=3)
    for k in range(0, count, 2):
        axes.axhspan(k - 0.5, k + 0.5, color="0.955", zorder=0, linewidth=0)


def _head(figure: Figure, first: Axes, subject: Subject, height: float) -> None:
    """Write the header along the whole figure: on an invisible pair of axes as wide as all panels."""
    box = first.get_position()
    line = figure.add_axes((box.x0, 0.0, 1 - EDGE / WIDTH - box.x0, 1 - (top_of(subject) - 0.08) / height))
    line.set_axis_off()
    line.set_gid("header")
    draw_header(line, subject.header)


def reach(axes: Axes, values: Any, *, symmetric: bool, least: float = 0.0, label: str = "") -> float:
    """Give a panel limits that hold all finite values, ticks at round numbers and a label; return the upper one."""
    known = np.asarray(values, float).ravel()
    known = known[np.isfinite(known)]
    if symmetric:
        far = max(least, float(np.max(np.abs(known), initial=0.0)) * 1.12) or 1.0
        axes.set_xlim(-far, far)
    else:
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        margin = 0.08 * (high - low) or 0.5 * abs(high) or 1.0
        axes.set_xlim(low - margin, high + margin)
    wide = axes.bbox.width / (axes.figure.dpi if axes.figure else 100.0)
    axes.xaxis.set_major_locator(
        MaxNLocator(max(3, int(wide * 1.1)), steps=[1, 2, 5, 10], symmetric=symmetric, prune="both")
    )
    axes.xaxis.set_minor_locator(AutoMinorLocator())
    axes.xaxis.set_major_formatter(number_format(4))
    axes.set_xlabel(label, fontsize=17, loc="right")
    fit_width(axes.xaxis.label, axes.bbox.width)
    return float(axes.get_xlim()[1])
