"""What was measured of parameters elsewhere: the terms of -ln L, global observables and random ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hzdsl.ir.algebra import apply, chosen, function, less, minus, number, over, squared, times, total
from hzdsl.ir.node import Node
from hzdsl.stats.compiled import Array
from hzdsl.stats.lists import PARAMETERS, collection, numbers, parameter, reference
from hzdsl.stats.parameters import Counted, Normal, Parameters, Vector, offset_of, random_center
from hzdsl.stats.products import Integers

NORMALS, COUNTED = collection("normals"), collection("counted")
_CENTERS, _COUNTS = numbers(NORMALS, "normals.center"), numbers(COUNTED, "counted.count")


def poisson(count: Node, mean: Node) -> Node:
    """Return (mean - count) - count ln(mean / count); where nothing was counted, the mean, also where that is 0.

    That is 0 where the mean is the count: no large numbers cancel, and -ln L resolves what data of any size tell. Near
    it the logarithm is that of 1 + their difference, as a ratio that is rounded would be wrong by 10⁻¹⁶ count; far from
    it that of the ratio, as the difference is rounded where the mean is small.
    """
    some = less(number(0), count)
    below = chosen(some, count, number(1))
    excess = over(minus(mean, count), below)
    near = less(apply("abs", excess), number(0.5))
    close = function("log1p", chosen(near, excess, number(0)))
    far = function("log", chosen(near, number(1), over(mean, below)))
    return minus(minus(mean, count), times(count, chosen(some, chosen(near, close, far), number(0))))


class Constraints:
    """The constrained parameters of a likelihood.

    Parameters
    ----------
    parameters : Parameters
        All parameters, in the order of the list in the graph.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        found = [(k, p.constraint) for k, p in enumerate(parameters) if p.constraint is not None]
        self._all = found
        self._normals = [(k, c) for k, c in found if isinstance(c, Normal)]
        self._counted = [(k, c) for k, c in found if isinstance(c, Counted)]
        self._constant = sum(offset_of(c, c.center) for _, c in self._normals)

    def terms(self) -> Iterator[Node]:
        """Yield what they add to -ln L, up to constants."""
        if self._normals:
            yield self._normal_term()
        if self._counted:
            x = times(numbers(COUNTED, "counted.scale"), parameter(COUNTED, "counted.parameter"))
            yield total(poisson(_COUNTS, x), COUNTED)

    def _normal_term(self) -> Node:
        x = parameter(NORMALS, "normals.parameter")
        precision = numbers(NORMALS, "normals.precision")
        if any(c.sigma_low is not None for _, c in self._normals):
            low = numbers(NORMALS, "normals.precision_low")
            precision = chosen(less(x, _CENTERS), low, precision)
        return total(times(number(0.5), squared(times(minus(x, _CENTERS), precision))), NORMALS)

    def columns(self) -> dict[Node, Array]:
        """Return what the terms read."""
        found: dict[Node, Array] = self.observed(self._parameters.centers)
        for axis, name, some in ((NORMALS, "normals", self._normals), (COUNTED, "counted", self._counted)):
            places = np.array([k for k, _ in some], np.int64)
            found[reference(axis, f"{name}.parameter", PARAMETERS).args[0]] = places
        found[numbers(NORMALS, "normals.precision")] = np.array([1 / c.sigma for _, c in self._normals])
        found[numbers(NORMALS, "normals.precision_low")] = np.array([1 / c.below for _, c in self._normals])
        found[numbers(COUNTED, "counted.scale")] = np.array([c.scale for _, c in self._counted], float)
        return found

    def counts(self) -> dict[Node, Integers]:
        """Return the lengths of the lists."""
        return {
            PARAMETERS: np.array([len(self._parameters) + 1]),
            NORMALS: np.array([len(self._normals)]),
            COUNTED: np.array([len(self._counted)]),
        }

    def observed(self, centers: Vector) -> dict[Node, Array]:
        """Return the columns of global observables."""
        return {
            _CENTERS: centers[[k for k, _ in self._normals]] if self._normals else np.zeros(0),
            _COUNTS: centers[[k for k, _ in self._counted]] if self._counted else np.zeros(0),
        }

    def offset(self, centers: Vector) -> float:
        """Return what they add to -ln L whatever the values of parameters."""
        return self._constant + sum(offset_of(c, float(centers[k])) for k, c in self._counted)

    def centers(self, x: Vector) -> Vector:
        """Return the global observables that are exactly as expected, NaN where there are none."""
        found = np.full(len(x), np.nan)
        for k, c in self._all:
            found[k] = x[k] if isinstance(c, Normal) else c.scale * x[k]
        return found

    def drawn(self, x: Vector, rng: np.random.Generator) -> Vector:
        """Return random global observables."""
        found = self.centers(x)
        for k, c in self._all:
            found[k] = random_center(c, float(x[k]), rng)
        return found
