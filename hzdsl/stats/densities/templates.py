"""Densities given by numbers: steps, straight lines between points, kernels around a sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir import build, tables
from hzdsl.ir.node import Node
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.functions import clip
from hzdsl.stats.observable import Range, constant
from hzdsl.stats.parameters import Vector


@dataclass(frozen=True, eq=False, repr=False)
class Piecewise(Density):
    """Straight pieces between ascending edges: `start` at the lower end of each, rising by `slope` per unit of x.

    Parameters
    ----------
    observable : Value
        Its numbers, and those of everything else here, are in its unit.
    edges : array of shape (n + 1,)
        They enclose the observable's range.
    start, slope : array of shape (n,)
        Of each piece.
    """

    observable: Value
    edges: Vector
    start: Vector
    slope: Vector

    def at(self, x: Value) -> Value:
        """Return the height; the table of each piece is found by one search."""
        i = _piece(x, self.edges)
        above = x - self._entry(i, self.edges[:-1], x)
        unit = build.const(1.0).type.unit / self.observable.node.type.unit
        height = _looked_up(i, self.start)
        if np.any(self.slope):
            height = height + above * Value(_entry(i, self.slope, unit))
        result: Value = height
        return result

    def _entry(self, i: Node, values: Vector, x: Value) -> Value:
        return Value(_entry(i, values, x.node.type.unit))

    def mass(self, low: Value, high: Value) -> Value:
        """Return the integral."""
        result: Value = self._below(high) - self._below(low)
        return result

    def _below(self, x: Value) -> Any:
        """Return the integral from the first edge to x."""
        unit = self.observable.node.type.unit
        x = clip(x, constant(self.edges[0], unit), constant(self.edges[-1], unit))
        i = _piece(x, self.edges)
        widths = np.diff(self.edges)
        before = np.concatenate([[0.0], np.cumsum(widths * (self.start + 0.5 * self.slope * widths))])
        above = x - self._entry(i, self.edges[:-1], x)
        half = Value(_entry(i, 0.5 * self.slope, build.const(1.0).type.unit / unit))
        return self._entry(i, before[:-1], x) + above * (_looked_up(i, self.start) + above * half)


def _piece(x: Value, edges: Vector) -> Node:
    """Return the number of the piece that x is in; the last edge belongs to the last piece."""
    inner = Numbers.of(edges[1:-1].tolist(), DType.F64)
    return tables.search(x.node, inner)


def _entry(i: Node, values: Vector, unit: Any) -> Node:
    return tables.entry(i, Numbers.of(values.tolist(), DType.F64), unit)


def _looked_up(i: Node, values: Vector) -> Any:
    return Value(_entry(i, values, build.const(1.0).type.unit))


def steps(observable: Value, edges: Vector, contents: Vector) -> Piecewise:
    """Return the density of a histogram: within a bin the same everywhere."""
    heights = contents / np.diff(edges)
    return Piecewise(observable, edges, heights, np.zeros_like(heights))


def lines(observable: Value, points: Vector, heights: Vector) -> Piecewise:
    """Return straight lines between points."""
    return Piecewise(observable, points, heights[:-1].copy(), np.diff(heights) / np.diff(points))


# ---- kernels -------------------------------------------------------------------------------------------------------

#: How far from what is interpolated the sum of kernels may be, relative to its greatest value, and the most points.
_TOLERANCE, _MOST_POINTS = 1e-5, 2**15
#: On how many points the first estimate is found that decides how wide adaptive kernels are.
_PILOT = 1024


@dataclass(frozen=True, eq=False)
class Kernels:
    """A normal density around each of a sample: where, how much of the whole, how wide."""

    sample: Vector
    weights: Vector
    widths: Vector

    def at(self, x: Vector) -> Vector:
        """Return their sum, a few of the sample at a time: all together would not fit into memory."""
        result = np.zeros_like(x)
        scale = self.weights / (self.widths * np.sqrt(2 * np.pi) * self.weights.sum())
        for first in range(0, len(self.sample), 64):
            part = slice(first, first + 64)
            t = x[:, None] - self.sample[part]
            t /= self.widths[part]
            t *= t
            t *= -0.5
            result += np.exp(t, out=t) @ scale[part]
        return result


def smoothed(observable: Value, ends: Range, kernels: Kernels) -> Piecewise:
    """Return the sum of kernels, tabulated from one end to the other.

    Between points that lie as close as the narrowest kernel is wide, cells are halved until the sum itself differs from
    the table by less than 1e-5 of its greatest value in the middle of each. What kernels hold beyond the range is lost:
    the table is normalised.
    """
    narrow = float(kernels.widths.min())
    first = max(257, int(min((ends[1] - ends[0]) / narrow, _MOST_POINTS)) + 1)
    points = np.linspace(*ends, first)
    heights = kernels.at(points)
    cells = np.arange(len(points) - 1)  # those that have not been looked at
    while len(cells):
        if len(points) > _MOST_POINTS:
            what = f"kernels of a width of {narrow:.3g} take more than {_MOST_POINTS} points of this range"
            raise HzdslError("arguments", what, fix="use a greater bandwidth")
        middles = 0.5 * (points[cells] + points[cells + 1])
        between = kernels.at(middles)
        off = np.abs(between - 0.5 * (heights[cells] + heights[cells + 1])) > _TOLERANCE * heights.max()
        at = cells[off] + 1
        points, heights = np.insert(points, at, middles[off]), np.insert(heights, at, between[off])
        new = at + np.arange(len(at))  # where the middles stand now: a new cell before each, and one after it
        cells = np.sort(np.concatenate([new - 1, new]))
    if not heights.max() > 0:
        raise HzdslError("arguments", "the kernels are all outside of the range", fix="give a sample of the observable")
    return lines(observable, points, heights)


def bandwidths(sample: Vector, weights: Vector, scale: float, adaptive: bool) -> Vector:
    """Return the width of each kernel: (4/3n)^(1/5) σ, n effective; adaptive ones are wider where the sample is thin.

    B. W. Silverman, Density Estimation (1986), §3.4.2 and §5.3.1: h_i = h √(g/f(x_i)), f a first estimate with the one
    width h, and g the geometric mean of the f(x_i).
    """
    mean = np.average(sample, weights=weights)
    sigma = float(np.sqrt(np.average((sample - mean) ** 2, weights=weights)))
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    fixed = np.full(len(sample), scale * (4 / (3 * effective)) ** 0.2 * sigma)
    if not adaptive:
        return fixed
    grid = np.linspace(sample.min(), sample.max(), _PILOT)
    first = np.interp(sample, grid, Kernels(sample, weights, fixed).at(grid))
    typical = np.exp(np.average(np.log(first), weights=weights))
    result: Vector = fixed * np.sqrt(typical / first)
    return result
