"""Histograms of more bins than entries: neighbours are added for the plot, which would be single lines otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hzdsl.results.result import HistogramResult

#: Bins of a plot of few entries; what has no more is drawn as it is.
SHOWN, ENOUGH = 100, 200


def merged(h: HistogramResult, log: bool) -> HistogramResult:
    """Return a one-dimensional histogram with about a hundred bins where it has more bins than entries.

    They are of equal width on the axis, linear or logarithmic, as far as the edges of its bins allow.

    Examples
    --------
    >>> from hzdsl.results import AxisResult
    >>> axis, counts = AxisResult("m", "GeV", "", np.linspace(0.0, 10.0, 1001), True), np.zeros(1002, int)
    >>> counts[[5, 6, 900]] = 1
    >>> shown = merged(HistogramResult("m", None, (axis,), counts, counts * 1.0, counts * 1.0), log=False)
    >>> len(shown.axes[0].edges), shown.counts[[1, 90]].tolist(), int(shown.counts.sum())
    (101, [2, 1], 3)
    """
    axis = h.axes[0]
    bins = len(axis.edges) - 1
    if bins <= ENOUGH or axis.categories or int(h.counts[1:-1].sum()) >= bins:
        return h
    log = log and axis.edges[-1] > 0
    low = axis.edges[axis.edges > 0][0] if log else axis.edges[0]
    wanted = (np.geomspace if log else np.linspace)(low, axis.edges[-1], SHOWN + 1)
    first = np.unique([0, *np.searchsorted((axis.edges[1:] + axis.edges[:-1]) / 2, wanted), bins])  # nearest edges

    def summed(contents: NDArray[Any]) -> NDArray[Any]:
        inner = np.add.reduceat(contents[1:-1], first[:-1])
        return np.concatenate([contents[:1], inner, contents[-1:]])

    return replace(
        h,
        axes=(replace(axis, edges=axis.edges[first], regular=False),),
        counts=summed(h.counts),
        values=summed(h.values),
        variances=summed(h.variances),
    )
