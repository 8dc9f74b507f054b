"""Histograms of a result as objects of the `hist` package."""

from __future__ import annotations

from typing import Any

from hzdsl.results.result import AxisResult, HistogramResult


def to_hist(histogram: HistogramResult) -> Any:
    """Return a `hist.Hist` with weight storage: values and variances, flow included.

    Examples
    --------
    >>> import numpy as np
    >>> axis = AxisResult("m", "GeV", "mass", np.array([0.0, 1.0, 2.0]), regular=True)
    >>> contents = np.array([0.0, 3.0, 1.0, 2.0])
    >>> h = HistogramResult("m", None, (axis,), contents.astype(int), contents, contents)
    >>> to_hist(h).values()
    array([3., 1.])
    """
    import hist

    made = hist.Hist(*map(_axis, histogram.axes), storage=hist.storage.Weight(), name=histogram.key)
    view: Any = made.view(flow=True)
    inner = tuple(slice(1, None) if a.categories else slice(None) for a in histogram.axes)  # no underflow of names
    view.value, view.variance = histogram.values[inner], histogram.variances[inner]
    return made


def _axis(axis: AxisResult) -> Any:
    import hist

    label = axis.label or axis.name
    label = f"{label} [{axis.unit}]" if axis.unit else label
    if axis.categories:
        return hist.axis.StrCategory(list(axis.categories), name=axis.name, label=label)
    if axis.regular:
        low, high = float(axis.edges[0]), float(axis.edges[-1])
        return hist.axis.Regular(len(axis.edges) - 1, low, high, name=axis.name, label=label)
    return hist.axis.Variable(axis.edges.tolist(), name=axis.name, label=label)
