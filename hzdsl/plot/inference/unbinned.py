"""Unbinned channels: data as points, the fitted density and its parts as lines, pulls or ratios beneath."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hzdsl.errors import HzdslError
from hzdsl.plot.figure import draw_header, label_axes, new_figure, style
from hzdsl.plot.inference.canvas import BLUE, CURVES, DASHES
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.legend import Handles, draw_legend
from hzdsl.plot.model import Layer, Stack
from hzdsl.plot.panel import draw_panel
from hzdsl.plot.room import Skyline, information, make_room
from hzdsl.plot.stack import centres_of, draw_data, limit_x, scale_y
from hzdsl.plot.statistics import poisson_errors
from hzdsl.plot.text import axis_label, drawable, events_label, number
from hzdsl.results.result import AxisResult, Floats, HistogramResult
from hzdsl.stats.densities.combined import Sum
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.densities.model import Extended, UnbinnedChannel
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.likelihood import Rows

BINS = 50
#: A density is averaged over so many points of each bin.
POINTS = 8


def plot_rows(
    channel: UnbinnedChannel,
    rows: Rows,
    values: Mapping[str, float] | FitResult,
    *,
    bins: int = BINS,
    panel: str = "pull",
    log: str = "",
    subject: Subject | None = None,
) -> Figure:
    """Draw an unbinned channel after a fit: its data in bins, the density times their number, its parts.

    Parts are the processes of an extended density, or the summands of a sum. Outside of the fitted ranges there is
    neither. Fits know nothing of the bins.

    Parameters
    ----------
    channel : UnbinnedChannel
        Of one observable.
    rows : Rows
        The data.
    values : mapping of str to float, or FitResult
        Parameters.
    bins : int
        Of equal width, for the points.
    panel : str
        Below: ``"pull"``, ``"ratio"`` or ``"none"``.
    log : str
        ``"y"`` for a logarithmic axis of events.
    subject : Subject, optional
        The header.

    Raises
    ------
    HzdslError
        ``unsupported`` for densities of several observables, or conditional ones.

    Examples
    --------
    >>> import hzdsl as hz
    >>> x, n = hz.observable("x", 0, 10), hz.parameter("n", 100.0, bounds=(0, None))
    >>> density = hz.pdf.extended(signal=(n, hz.pdf.gaussian(x, 4, 1)))
    >>> figure = plot_rows(UnbinnedChannel("sr", density), Rows({"x": np.array([3.0, 4.0, 5.0])}), {"n": 3.0}, bins=10)
    >>> figure.axes[1].get_xlabel(), [t.get_text() for t in figure.axes[0].get_legend().get_texts()]
    ('x', ['Data (3)', 'Fit (3.00)', 'signal (3.00)'])
    """
    values = values.named() if isinstance(values, FitResult) else values
    if not isinstance(values, Mapping):
        raise HzdslError("arguments", f"plot_rows: values are {values!r:.60}", fix="a fit, or {'mean': 125.0}")
    axis = _axis(channel, bins)
    about = subject or Subject()
    data = _binned(channel, rows, axis, about.data)
    width, total = float(axis.edges[1] - axis.edges[0]), data.total
    curves = _Curves(channel, values, total, width)
    fine = np.linspace(axis.edges[0], axis.edges[-1], POINTS * bins + 1)
    whole, parts = curves(fine)
    expected = curves.averaged(axis.edges)
    shape = HistogramResult(axis.name, channel.name, (axis,), np.zeros(bins + 2, np.int64), *_flow(expected))
    fit = Layer("fit", "background", 0, expected, np.zeros(bins))
    stack = Stack(shape, (fit,), data, errors=np.zeros(bins))
    with style():
        figure, axes, lower = new_figure(panel=panel != "none")
        limit_x(axes, axis.edges, log=False)
        _, up = poisson_errors(data.values, data.variances)
        tops = np.maximum(np.where(data.values != 0, data.values + up, 0.0), expected)
        scale_y(axes, np.concatenate([expected, data.values]), tops, "y" in log)
        draw_header(axes, about.header)
        handles = [draw_data(axes, stack, data, False), *_lines(axes, fine, whole, parts, curves.totals)]
        label_axes(axes, lower or axes, axis_label(axis), events_label(axis))
        if lower is not None:
            axes.tick_params(labelbottom=False)
            draw_panel(lower, stack, panel, centres_of(axis.edges, log=False))
        skyline = Skyline(axes, axis.edges, tops)
        make_room(axes, skyline, draw_legend(axes, handles), information(axes, [drawable(channel.name)]))
    return figure


def plot_every_row(values: Mapping[str, float], subject: Subject) -> Iterator[tuple[str, Figure]]:
    """Draw all unbinned channels of one observable that the subject has with data, where parameters have some values.

    Yields
    ------
    (str, Figure)
        ``rows_CHANNEL``, and the figure.
    """
    for name, channel in subject.unbinned.items():
        rows = subject.observation.channels.get(name) if subject.observation is not None else None
        if isinstance(rows, Rows) and len(channel.columns) == 1:
            yield f"rows_{name}", plot_rows(channel, rows, values, subject=subject)


def _axis(channel: UnbinnedChannel, bins: int) -> AxisResult:
    if len(channel.columns) != 1:
        names = ", ".join(n.text("name") for n in channel.columns)
        fix = "draw channels of one observable"
        raise HzdslError("unsupported", f"channel '{channel.name}' is of several observables: {names}", fix=fix)
    (node,) = channel.columns
    name = node.text("name")
    ranges = channel.fitted[name]
    edges = np.linspace(ranges[0][0], ranges[-1][1], bins + 1)
    return AxisResult(name, str(node.type.unit), "", edges, regular=True)


def _binned(channel: UnbinnedChannel, rows: Rows, axis: AxisResult, words: str) -> Layer:
    columns = channel.data(rows)
    x, w = columns[f"{channel.name}.{axis.name}"], columns[f"{channel.name}.weight"]
    values, variances = (np.histogram(x, axis.edges, weights=v)[0].astype(float) for v in (w, w**2))
    return Layer(words, "data", 0, values, variances)


def _flow(values: Floats) -> tuple[Floats, Floats]:
    whole = np.concatenate([[0.0], values, [0.0]])
    return whole, whole


class _Curves:
    """The density of a channel and its parts in events per bin, at values of the observable."""

    def __init__(self, channel: UnbinnedChannel, values: Mapping[str, float], total: float, width: float) -> None:
        (node,) = channel.columns
        self._name, self._values = node.text("name"), values
        self._ranges = channel.fitted[self._name]
        density = channel.density
        self._scale = width * (1.0 if isinstance(density, Extended) else total)
        parts = {name: Extended({name: part}) for name, part in _parts(channel).items()}
        self._names = tuple(parts)
        shown = [replace(channel, density=d) for d in (density, *parts.values())]
        self._evaluate = RowEvaluator([c.row_density for c in shown])
        self._width = width

    def __call__(self, x: Floats) -> tuple[Floats, dict[str, Floats]]:
        """Return the sum and the parts, NaN outside of the fitted ranges."""
        inside = np.zeros(len(x), np.bool_)
        for low, high in self._ranges:
            inside |= (x >= low) & (x <= high)
        found = [np.where(inside, self._scale * v, np.nan) for v in self._evaluate({self._name: x}, self._values)]
        return found[0], dict(zip(self._names, found[1:], strict=True))

    def averaged(self, edges: Floats) -> Floats:
        """Return what is expected in bins."""
        step = (edges[1:] - edges[:-1])[:, None] * (np.arange(POINTS) + 0.5) / POINTS
        values = self((edges[:-1, None] + step).ravel())[0]
        return np.asarray(np.nan_to_num(values).reshape(-1, POINTS).mean(axis=1))

    @property
    def totals(self) -> dict[str, float]:
        """The sum over the fitted ranges, of all and of each part."""
        found = {"": 0.0, **dict.fromkeys(self._names, 0.0)}
        for low, high in self._ranges:
            step = (high - low) / 2000
            whole, parts = self(np.asarray(low + step * (np.arange(2000) + 0.5), float))
            for name, v in {"": whole, **parts}.items():
                found[name] += float(np.sum(v)) * step / self._width
        return found


def _parts(channel: UnbinnedChannel) -> Mapping[str, tuple[Any, Density]]:
    density = channel.density
    if isinstance(density, Extended):
        return density.processes
    if not isinstance(density, Sum):
        return {}
    words = [str(p).strip("<>").partition(" of ")[0] for p in density.parts]
    names = [w if words.count(w) == 1 else f"{w} {k}" for k, w in enumerate(words, 1)]
    return dict(zip(names, zip(density.fractions, density.parts, strict=True), strict=True))


def _lines(axes: Axes, x: Floats, whole: Floats, parts: Mapping[str, Floats], totals: Mapping[str, float]) -> Handles:
    look: dict[str, Any] = {"color": BLUE, "linewidth": 2.5}
    axes.plot(x, whole, gid="fit", zorder=4, **look)
    handles: Handles = [(Line2D([], [], **look), f"Fit ({number(totals[''], keep_zeros=True)})")]
    for k, (name, y) in enumerate(parts.items(), 1):
        part: dict[str, Any] = {
            "color": CURVES[k % len(CURVES)],
            "linewidth": 2.2,
            "linestyle": DASHES[1 + (k - 1) % 3],
        }
        axes.plot(x, y, gid="part", zorder=3, **part)
        handles.append((Line2D([], [], **part), f"{drawable(name)} ({number(totals[name], keep_zeros=True)})"))
    return handles
