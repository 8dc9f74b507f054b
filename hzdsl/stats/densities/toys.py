"""Random rows of unbinned models, and rows that are exactly as expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node
from hzdsl.lang.values import Value
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.densities.inversion import Columns, Draws, RowsOf, Values
from hzdsl.stats.densities.model import Extended, UnbinnedChannel, UnbinnedModel
from hzdsl.stats.likelihood import Observation, Rows

#: Asimov rows are the middles of so many cells of each range.
CELLS = 4096


class RowToys:
    """Random rows of a model; what is compiled for one serves all.

    Parameters
    ----------
    model : UnbinnedModel
        Of which they are.
    observed : Observation, optional
        Channels that are not extended have as many rows as there, and those on whose columns a density is conditional
        are taken from there, at random with replacement (of an extended channel), or as they are.
    """

    def __init__(self, model: UnbinnedModel, observed: Observation | None = None) -> None:
        self._model, self._observed = model, observed
        self._rows = {c.name: [RowsOf(p, c.fitted) for _, p in _processes(c)] for c in model.channels}
        yields = [n for c in model.channels if isinstance(c.density, Extended) for n, _ in _processes(c)]
        self._yields = RowEvaluator([Value(n.node) for n in yields if n is not None])

    def draw(self, values: Values, rng: np.random.Generator) -> dict[str, Rows]:
        """Return random rows of every channel where parameters have these values (by name, else where they start).

        Parameters
        ----------
        values : mapping of str to float
            Parameters, in their own units.
        rng : numpy.random.Generator
            Where random numbers come from: the same generator in the same state draws the same.
        """
        for name in values:
            self._model.parameters.index(name)  # which refuses one that there is not
        expected = iter(self._yields.scalars(values))
        return {c.name: self._channel(c, expected, values, rng) for c in self._model.channels}

    def _channel(self, c: UnbinnedChannel, expected: Iterator[float], values: Values, rng: np.random.Generator) -> Rows:
        parts = []
        for rows in self._rows[c.name]:
            size = int(rng.poisson(_nonnegative(next(expected), c))) if isinstance(c.density, Extended) else None
            given, size = self._given(c, c.density.conditional, size, rng)
            parts.append(rows.draw(size, values, rng, given))
        columns = {n.text("name"): np.concatenate([p[n.text("name")] for p in parts]) for n in c.columns}
        return Rows(columns)

    def _given(
        self, c: UnbinnedChannel, wanted: Sequence[Node], size: int | None, rng: np.random.Generator
    ) -> tuple[Columns, int]:
        """Return the columns that a density is conditional on, and how many rows there are."""
        if size is not None and not wanted:
            return {}, size
        rows = None if self._observed is None else self._observed.channels.get(c.name)
        if not isinstance(rows, Rows):
            why = (
                "does not say how many rows there are" if size is None else "depends on what was measured for each row"
            )
            fix = "take toys of a likelihood, which has data: likelihood.toy(x, rng)"
            raise HzdslError("arguments", f"the density of channel '{c.name}' {why}", fix=fix)
        columns = c.data(rows)
        names = {n.text("name"): columns[f"{c.name}.{n.text('name')}"] for n in c.columns}
        number = len(next(iter(names.values())))
        taken = {n.text("name"): names[n.text("name")] for n in wanted}
        if size is None:
            return taken, number
        chosen = rng.integers(number, size=size)
        return {name: column[chosen] for name, column in taken.items()}, size


def _processes(channel: UnbinnedChannel) -> list[tuple[Value | None, Density]]:
    density = channel.density
    return list(density.processes.values()) if isinstance(density, Extended) else [(None, density)]


def _nonnegative(expected: float, channel: UnbinnedChannel) -> float:
    if not 0 <= expected < 2**62:
        what = f"{expected:g} rows of a process of channel '{channel.name}' are expected"
        raise HzdslError("arguments", what, fix="a yield is 0 or more where toys are made")
    return expected


def asimov_rows(channel: UnbinnedChannel, values: Values) -> Rows:
    """Return rows that are exactly as expected: the middle of each cell of a grid that has contents, weighted by them.

    Raises
    ------
    HzdslError
        ``unsupported`` for densities of several observables, or conditional ones.
    """
    density = channel.density
    if len(density.observables) > 1 or density.conditional or not isinstance(density, Extended):
        what = (
            f"channel '{channel.name}' has no Asimov data: its density is not an extended one of one observable alone"
        )
        raise HzdslError("unsupported", what, fix="take the median of toys")
    name = density.observables[0].text("name")
    middles, weights = [], []
    draws = [(n, Draws(p, channel.fitted)) for n, p in density.processes.values()]
    yields = RowEvaluator([n for n, _ in draws]).scalars(values)
    for a, b in channel.fitted[name]:
        edges = np.linspace(a, b, CELLS + 1)
        middles.append(0.5 * (edges[1:] + edges[:-1]))
        weights.append(sum(n * d.shares(edges, values) for n, (_, d) in zip(yields, draws, strict=True)))
    places, counted = np.concatenate(middles), np.concatenate(weights)
    some = counted > 0  # where nothing is expected there is nothing to be seen, and no logarithm of it
    return Rows({name: places[some]}, counted[some])
