"""Binned channels before and after a fit: processes stacked, data, the uncertainty of the sum, and a panel below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from hzdsl.errors import HzdslError
from hzdsl.plot.figure import style
from hzdsl.plot.inference.binning import equally_wide, write_edges
from hzdsl.plot.inference.subject import Subject
from hzdsl.plot.model import Layer, Stack
from hzdsl.plot.stack import draw_stack
from hzdsl.results.result import AxisResult, Floats, HistogramResult
from hzdsl.stats.fits.yields import TOTAL, Yield, Yields
from hzdsl.stats.likelihood import Rows

#: Contents that differ by such a factor between the highest and the median bin are on a logarithmic axis.
LOGARITHMIC = 100.0


def plot_shapes(
    found: Yields, *, panel: str = "ratio", log: str | None = None, subject: Subject | None = None
) -> Iterator[tuple[str, Figure]]:
    """Draw what is expected in each binned channel, with the data.

    The hatched band is the uncertainty of the sum over processes with all its correlations; of an observation of the
    subject points are data. Unbinned channels are left out (see `plot_rows`).

    Parameters
    ----------
    found : Yields
        Before or after a fit.
    panel : str
        Below: ``"ratio"`` of data and prediction, ``"pull"`` or ``"none"``.
    log : str, optional
        Logarithmic axes; default: y where contents differ much.
    subject : Subject, optional
        Data, edges and labels of channels, which processes are signal, and the header.

    Yields
    ------
    (str, Figure)
        The channel and its figure.

    Examples
    --------
    >>> expected = {"signal": Yield(np.array([1.0, 2.0]), np.array([0.1, 0.2]), 3.0, 0.3)}
    >>> found = Yields("after the fit", {"sr": {**expected, "total": expected["signal"]}})
    >>> [(name, figure.axes[0].get_xlabel()) for name, figure in plot_shapes(found)]
    [('sr', 'Bin')]
    """
    about = subject or Subject()
    places = _places(found, about)
    for channel, of in found.channels.items():
        data = _data(channel, about)
        if isinstance(data, Rows) or not of:
            continue
        stack = _stack(channel, of, data, places, about)
        stack = replace(stack, shape=replace(stack.shape, title=found.title))
        axes = _log(stack) if log is None else log
        with style():
            figure = draw_stack(stack, about.header, panel, axes)
            wide = about.axis(channel, len(stack.prediction))
            if equally_wide(wide) is not wide:
                write_edges(figure.axes[-1], wide.edges)
        yield channel, figure


def _places(found: Yields, about: Subject) -> dict[str, int]:
    """Count processes of each kind in the order in which they are met, the same in all channels."""
    places: dict[str, int] = {}
    names = dict.fromkeys(name for of in found.channels.values() for name in of if name != TOTAL)
    for name in names:
        places[name] = sum((other in about.signals) == (name in about.signals) for other in places)
    return places


def _data(channel: str, about: Subject) -> Floats | Rows | None:
    return None if about.observation is None else about.observation.channels.get(channel)


def _stack(
    channel: str, of: Mapping[str, Yield], data: Floats | None, places: Mapping[str, int], about: Subject
) -> Stack:
    """Return the channel as a stack; a bin of unequal width has its contents, not a density."""
    total = of[TOTAL]
    axis = equally_wide(about.axis(channel, len(total.values)))
    layers = [_layer(name, y, places[name], about) for name, y in of.items() if name != TOTAL]
    below = sorted((x for x in layers if x.role == "background"), key=lambda x: x.total)
    above = [x for x in layers if x.role == "signal"]
    seen = None
    if data is not None:
        if len(data) != len(total.values):
            what = f"channel '{channel}' has {len(total.values)} bins, and its data {len(data)}"
            raise HzdslError("model", what, fix="give the observation of the same model")
        seen = Layer(about.data, "data", 0, np.asarray(data, float), np.asarray(data, float))
    shape = _histogram(channel, axis, total.values)
    return Stack(shape, (*below, *above), seen, errors=total.errors)


def _layer(name: str, y: Yield, place: int, about: Subject) -> Layer:
    role = "signal" if name in about.signals else "background"
    return Layer(name, role, place, y.values, y.errors**2)


def _histogram(channel: str, axis: AxisResult, values: Floats) -> HistogramResult:
    whole = np.concatenate([[0.0], values, [0.0]])
    counts = np.round(whole).astype(np.int64)
    return HistogramResult(channel, channel, (axis,), counts, whole, whole)


def _log(stack: Stack) -> str:
    positive = stack.prediction[stack.prediction > 0]
    return "y" if len(positive) > 4 and positive.max() > LOGARITHMIC * np.median(positive) else ""
