"""How much the slopes of -ln L vary from one measurement to the next: the middle of the covariance of a weighted fit.

Rows of weight w that come at random (a Poisson process) make slopes whose covariance is Σ w² g gᵀ, g being the slopes
of the logarithm of a row's density, n included. Everything else -- counts of bins, measurements of parameters -- is
not weighted, and its slopes vary as its second derivatives say.

C. Langenbruch, Eur. Phys. J. C 82 (2022) 393 (arXiv:1911.01303), sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, reduce

import numpy as np

from hzdsl.ir.algebra import plus
from hzdsl.ir.node import Node
from hzdsl.ir.relaxed import relaxed
from hzdsl.stats.compiled import Code, Graph
from hzdsl.stats.constraints import Constraints
from hzdsl.stats.likelihood import Matrix
from hzdsl.stats.lists import THETA
from hzdsl.stats.part import Part, Values


class Variability:
    """The covariance of slopes for any data of one model; likelihoods of the same model share it.

    Parameters
    ----------
    parts : iterable of Part
        Channels: of rows, or of bins.
    constraints : Constraints
        What else is in -ln L.
    names : tuple of str
        All parameters.
    """

    def __init__(self, parts: Iterable[Part], constraints: Constraints, names: tuple[str, ...]) -> None:
        self._parts, self._constraints, self._names = tuple(parts), constraints, names

    @cached_property
    def _scores(self) -> tuple[Mapping[str, Node], ...]:
        return tuple(s for p in self._parts for s in p.scores())

    @cached_property
    def code(self) -> Code | None:
        """What is not of rows: the terms whose second derivatives say how much their slopes vary."""
        binned = [p.result for p in self._parts if next(p.scores(), None) is None]
        terms = [*binned, *self._constraints.terms()]
        return Code(Graph(relaxed(reduce(plus, terms)), self._names, THETA)) if terms else None

    def of_rows(self, values: Values) -> Matrix:
        """Return Σ w² g gᵀ over the rows of all channels, shape (n, n)."""
        found: Matrix = np.zeros((len(self._names), len(self._names)))
        for channel in self._scores:
            places = [self._names.index(name) for name in channel]
            slopes = np.array(values(*channel.values()))
            found[np.ix_(places, places)] += slopes @ slopes.T
        return found
