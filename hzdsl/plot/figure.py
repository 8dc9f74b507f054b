"""Figures in the style of the field, without touching the user's matplotlib: no pyplot, no rcParams left behind."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from matplotlib.text import Text
from matplotlib.ticker import (
    AutoMinorLocator,
    FixedFormatter,
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    ScalarFormatter,
)
from matplotlib.transforms import Bbox

from hzdsl.plot.model import Header
from hzdsl.plot.text import conditions_text, drawable, power_of_ten
from hzdsl.results.result import AxisResult, Floats

DPI = 120
SMALLEST_FONT = 11.0
#: Where subplots end without a header above them.
BARE = 0.975
OURS = {
    "font.family": ["TeX Gyre Heros", "DejaVu Sans"],  # the second for letters that the first lacks
    "font.size": 22,
    "mathtext.fallback": "stixsans",
    "axes.unicode_minus": True,
    "axes.linewidth": 1.5,
    "axes.labelsize": 24,
    "xtick.labelsize": 20,
    "ytick.labelsize": 20,
    "xtick.major.size": 10,
    "xtick.minor.size": 5,
    "ytick.major.size": 10,
    "ytick.minor.size": 5,
    "legend.fontsize": 20,
    "hatch.linewidth": 0.8,
    "figure.dpi": DPI,
    "svg.hashsalt": "hzdsl",
    "pdf.fonttype": 42,
}


@contextmanager
def style() -> Iterator[None]:
    """Use the style of CMS (mplhep) for the block, whatever the user's own settings are.

    Inside of such a block there is nothing to do: to set all of it again takes a tenth of the time of a plot.
    """
    if matplotlib.rcParams["svg.hashsalt"] == OURS["svg.hashsalt"]:
        yield
        return
    import mplhep

    with (
        matplotlib.style.context([dict(mplhep.style.CMS), OURS], after_reset=True),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)  # shown as a box: no reason to stop
        yield


class StyledFigure(Figure):
    """A figure that is drawn in its own style, wherever and whenever that happens."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw the figure."""
        with style():
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        """Return the picture for a notebook."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=DPI / 2)
        return buffer.getvalue()


def new_figure(panel: bool = False, right: float = 0.965) -> tuple[Figure, Axes, Axes | None]:
    """Return a figure, its axes and, if asked for, a lower panel of the same x axis."""
    figure = StyledFigure(figsize=(10, 10) if panel else (10, 9))
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.14, right=right, top=0.94, bottom=0.1 if panel else 0.11, hspace=0.05)
    if not panel:
        return figure, figure.subplots(), None
    main, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
    return figure, main, lower


def bare(header: Header) -> bool:
    """Return whether nothing stands above a plot."""
    return not (header.experiment.strip() or conditions_text(header.energy, header.luminosity))


def draw_header(axes: Axes, header: Header) -> None:
    """Write the experiment above the axes on the left, energy and luminosity on the right.

    Where there is nothing to write, subplots begin at the top.
    """
    if bare(header) and axes.figure is not None:
        axes.figure.subplots_adjust(top=BARE)
    conditions = axes.text(1.0, 1.012, conditions_text(header.energy, header.luminosity), ha="right", va="bottom")
    conditions.set_transform(axes.transAxes)
    conditions.set_gid("conditions")
    experiment = axes.text(
        0.0,
        1.012,
        drawable(header.experiment),
        ha="left",
        va="bottom",
        weight="bold",
        transform=axes.transAxes,
    )
    experiment.set_gid("experiment")
    room = axes.bbox.width
    fit_width(conditions, 0.6 * room)
    fit_width(experiment, 0.97 * room - box_of(conditions).width)


def label_axes(axes: Axes, bottom: Axes, x: str, y: str) -> None:
    """Label the x axis (of the lowest panel) and the y axis, in letters that fit."""
    bottom.set_xlabel(x)
    fit_width(bottom.xaxis.label, 0.97 * axes.bbox.width)
    axes.set_ylabel(y)
    axes.yaxis.set_label_coords(-0.105, 1.0)
    fit_width(axes.yaxis.label, 0.97 * axes.bbox.height, upright=True)


def name_bins(axes: Axes, which: str, axis: AxisResult) -> None:
    """Write the names of the bins in the place of numbers, where they have names."""
    if axis.categories:
        scale = axes.xaxis if which == "x" else axes.yaxis
        scale.set_major_locator(FixedLocator([k + 0.5 for k in range(len(axis.categories))]))
        scale.set_minor_locator(NullLocator())
        scale.set_major_formatter(FixedFormatter([drawable(name) for name in axis.categories]))


def box_of(artist: Artist) -> Bbox:
    """Return the box around an artist in pixels, while its figure is being drawn on."""
    assert artist.figure is not None
    canvas: Any = artist.figure.canvas
    box: Bbox = artist.get_window_extent(canvas.get_renderer())
    return box


def fit_width(text: Text, room: float, *, upright: bool = False) -> None:
    """Shrink a text that is wider than `room` pixels (for upright text: higher); cut it where that is not enough."""

    def length() -> float:
        return float(box_of(text).height if upright else box_of(text).width)

    if length() > room:
        text.set_fontsize(max(SMALLEST_FONT, float(text.get_fontsize()) * room / length()))
    while length() > room and len(text.get_text()) > 2 and "$" not in text.get_text():
        text.set_text(text.get_text().rstrip("…")[:-1].rstrip() + "…")


def plain_ticks(axes: Axes, which: str) -> None:
    """Give a linear axis ticks at round numbers, with a common power of ten where they are long."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_formatter(number_format())
    axis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axis.set_minor_locator(AutoMinorLocator())
    offset = axis.get_offset_text()
    offset.set_horizontalalignment("left" if which == "x" else "right")
    offset.set_x(0.0 if which == "x" else -0.01)


def draw_steps(axes: Axes, values: Floats, edges: Floats, **look: Any) -> StepPatch:
    """Draw one content per bin as steps, filled or as a line.

    `Axes.stairs` would do, but looks for the limits of the axes edge by edge: a second for 30000 bins.
    """
    patch = StepPatch(values, edges, **look)
    axes.add_artist(patch)
    return patch


class _Numbers(ScalarFormatter):
    """Numbers as plain text: parsed as mathematics, every one of them, they took a third of the time of a plot."""

    def get_offset(self) -> str:
        """Return the common power of ten, which is mathematics."""
        self.set_useMathText(True)
        try:
            return super().get_offset()
        finally:
            self.set_useMathText(False)


def number_format(upper: int = 5) -> ScalarFormatter:
    """Return the format of tick labels with a common power of ten from ``10**upper`` on."""
    formatter = _Numbers(useOffset=False, useMathText=False)
    formatter.set_powerlimits((-3, upper))
    return formatter


def log_ticks(axes: Axes, which: str, low: float, high: float) -> None:
    """Make an axis logarithmic between limits; along x numbers are written out, 2 and 5 between few powers."""
    (axes.set_xlim if which == "x" else axes.set_ylim)(low, high)
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if which == "x" else axes.yaxis
    narrow = high < 60 * low
    axis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0) if narrow else (1.0,), numticks=12))
    if high < 5 * low:
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axis.set_minor_locator(LogLocator(10, subs=tuple(range(2, 10)), numticks=12))
    axis.set_minor_formatter(NullFormatter())
    if which == "x" or narrow:
        axis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))
