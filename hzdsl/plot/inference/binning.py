"""Bins on the axis: as wide as they are, unless some would not be seen, then equally wide, with their edges written."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from hzdsl.plot.text import number
from hzdsl.results.result import AxisResult, Floats
from hzdsl.stats.densities.binned import BinnedChannel
from hzdsl.stats.templates.model import Channel

#: Bins that differ more in width are drawn equally wide.
WIDEST = 25.0
#: Bins without edges have numbers below them up to so many; edges of equally wide bins are written at so many places.
NUMBERED, WRITTEN = 12, 8
_BRACKETED = re.compile(r"[\[(]([^\[\]()]+)[\])]\s*$")


def axis_of(channel: Channel) -> AxisResult | None:
    """Return the axis of a channel, whose label ends with the unit in brackets; None where it has no edges.

    Examples
    --------
    >>> channel = Channel("sr", (), np.zeros(2), np.array([0.0, 10.0, 30.0]), "mass [GeV]")
    >>> axis_of(channel).unit, axis_of(channel).regular
    ('GeV', False)
    """
    if channel.edges is None:
        return None
    found = _BRACKETED.search(channel.label)
    edges, widths = np.asarray(channel.edges, float), np.diff(channel.edges)
    regular = bool(np.allclose(widths, widths[0], rtol=1e-6))
    return AxisResult(
        channel.name, found.group(1).strip() if found else "", channel.label or "Observable", edges, regular
    )


def axis_of_density(channel: BinnedChannel) -> AxisResult:
    """Return the axis of a channel of densities in bins: its observable."""
    (node, *_) = channel.density.observables
    widths = np.diff(channel.edges)
    regular = bool(np.allclose(widths, widths[0], rtol=1e-6))
    return AxisResult(node.text("name"), str(node.type.unit), "", np.asarray(channel.edges, float), regular)


def bare_axis(channel: str, bins: int) -> AxisResult:
    """Return the axis of a channel of which nothing is known but the number of its bins.

    Examples
    --------
    >>> bare_axis("sr", 1).categories, bare_axis("sr", 3).categories, bare_axis("sr", 50).categories
    (('sr',), ('1', '2', '3'), ())
    """
    names = (channel,) if bins == 1 else tuple(str(k + 1) for k in range(bins)) if bins <= NUMBERED else ()
    label = "Channel" if bins == 1 else "Bin"
    start = 0.0 if names else 0.5
    return AxisResult(
        channel, "", label, np.asarray(np.arange(bins + 1) + start, float), regular=True, categories=names
    )


def equally_wide(axis: AxisResult) -> AxisResult:
    """Return an axis of equally wide bins where the widths differ so much that some would not be seen."""
    widths = np.diff(axis.edges)
    if axis.categories or widths.max() <= WIDEST * widths.min():
        return axis
    return replace(axis, edges=np.arange(len(axis.edges), dtype=float), regular=False)


def write_edges(bottom: Axes, edges: Floats) -> None:
    """Write edges at some of the boundaries of equally wide bins."""
    step = -(-(len(edges) - 1) // WRITTEN)
    shown = range(0, len(edges), step)
    bottom.xaxis.set_major_locator(FixedLocator(list(shown)))
    bottom.xaxis.set_minor_locator(NullLocator() if step == 1 else FixedLocator(list(range(len(edges)))))
    bottom.xaxis.set_major_formatter(FixedFormatter([number(float(edges[k]), 4) for k in shown]))
