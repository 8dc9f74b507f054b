"""The cumulative distribution of an unbinned channel, which tests of goodness of fit compare with its rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.densities.inversion import Draws
from hzdsl.stats.densities.model import Extended, UnbinnedChannel
from hzdsl.stats.parameters import Vector


class Cumulative:
    """What part of the density of a channel lies below each row, all processes together.

    Raises
    ------
    HzdslError
        ``unsupported`` for densities of several observables, or conditional ones: their rows have no order.

    Examples
    --------
    >>> import hzdsl as hz
    >>> x = hz.observable("x", 0, 10)
    >>> both = hz.pdf.extended(a=(hz.parameter("a", 3.0), hz.pdf.uniform(x)), b=(1.0, hz.pdf.uniform(x)))
    >>> Cumulative(UnbinnedChannel("only", both))(np.array([2.5, 10.0]), {})
    array([0.25, 1.  ])
    """

    def __init__(self, channel: UnbinnedChannel) -> None:
        density = channel.density
        if len(density.observables) != 1 or density.conditional:
            what = f"rows of channel '{channel.name}' have no order: its density is of more than one number for each"
            raise HzdslError("unsupported", what, fix=f"bin it, or mask channel {channel.name}")
        processes = list(density.processes.values()) if isinstance(density, Extended) else [(None, density)]
        self._draws = [Draws(p, channel.fitted) for _, p in processes]
        self._yields = RowEvaluator([n for n, _ in processes if n is not None])

    def __call__(self, x: Vector, values: Mapping[str, float]) -> Vector:
        """Return what lies below, where parameters have these values."""
        weights = np.array(self._yields.scalars(values) or [1.0])
        below = np.array([d.below(x, values) for d in self._draws])
        found: Vector = weights @ below / weights.sum()
        return found
