"""Histograms of a result as objects of the `hist` package."""

from __future__ import annotations

from typing import Any

from hzdsl.results.result import AxisResult, HistogramResult


def to_hist(histogram: HistogramResult, *, variations: bool = False) -> Any:
    """Return a `hist.Hist` with weight storage: values and variances, flow included.

    Parameters
    ----------
    histogram : HistogramResult
        What was filled.
    variations : bool
        Whether a first axis, `variation`, has a bin for ``nominal`` and one for each variation that changes the
        histogram, such as ``jes up``.

    Examples
    --------
    >>> import numpy as np
    >>> axis = AxisResult("m", "GeV", "mass", np.array([0.0, 1.0, 2.0]), regular=True)
    >>> contents = np.array([0.0, 3.0, 1.0, 2.0])
    >>> h = HistogramResult("m", None, (axis,), contents.astype(int), contents, contents)
    >>> to_hist(h).values()
    array([3., 1.])
    >>> list(to_hist(h, variations=True).axes["variation"])
    ['nominal']
    """
    import hist

    axes = [_axis(a) for a in histogram.axes]
    if not variations:
        made = hist.Hist(*axes, storage=hist.storage.Weight(), name=histogram.key)
        _set(made.view(flow=True), histogram)
        return made
    worlds = {"nominal": histogram}
    worlds |= {f"{name} {label}": h for name, of in histogram.variations.items() for label, h in of.items()}
    names = hist.axis.StrCategory(list(worlds), name="variation", overflow=False)
    made = hist.Hist(names, *axes, storage=hist.storage.Weight(), name=histogram.key)
    for i, h in enumerate(worlds.values()):
        _set(made.view(flow=True)[i], h)
    return made


def _set(view: Any, histogram: HistogramResult) -> None:
    """Write values and variances; bins with names have no underflow."""
    inner = tuple(slice(1, None) if a.categories else slice(None) for a in histogram.axes)
    view["value"], view["variance"] = histogram.values[inner], histogram.variances[inner]


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
