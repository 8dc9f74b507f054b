"""What channels of one kind bring to a likelihood: their part of the graph, and what data of them are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from hzdsl.ir.node import Node
from hzdsl.stats.compiled import Array
from hzdsl.stats.likelihood import Flags, Observation, Rows, Simulated
from hzdsl.stats.parameters import Vector
from hzdsl.stats.products import Integers
from hzdsl.stats.sparsity import Home

Channels = dict[str, Vector | Rows]
#: Observations by channel, and global observables of what is profiled by bins.
Made = tuple[Channels, dict[str, Vector]]


class Values(Protocol):
    """Evaluates expressions of the graph where parameters have some values."""

    def __call__(self, *nodes: Node) -> Sequence[Vector]:
        """Return values per event, or along axes in the order of their positions."""


class Part(Protocol):
    """Some channels of a likelihood."""

    @property
    def records(self) -> tuple[Any, ...]:
        """The channels as they were declared: `Channel`, `UnbinnedChannel` or `BinnedChannel`."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Their names."""

    @property
    def result(self) -> Node:
        """-ln L of the channels, up to constants."""

    @property
    def columns(self) -> Mapping[Node, Array]:
        """Numbers that the graph reads whatever was measured."""

    @property
    def counts(self) -> Mapping[Node, Integers]:
        """Lengths of lists that are the same whatever was measured."""

    def homes(self) -> Iterator[tuple[str, Home]]:
        """Yield where parameters act: (channel,), or (channel, bin) where in a single bin."""

    def scores(self) -> Iterator[Mapping[str, Node]]:
        """Yield per channel of rows the slopes of each row's part of ln L, weighted; nothing where there are bins."""

    def observed(self, observation: Observation) -> tuple[Mapping[Node, Array], Mapping[Node, Integers]]:
        """Return the columns, and lengths of lists, of an observation; refuse what does not fit."""

    def offset(self, observation: Observation) -> float:
        """Return what an observation adds to -ln L whatever the parameters."""

    def shown(self, x: Mapping[str, float]) -> tuple[str, ...]:
        """Return the channels that count where parameters have some values: all that are not masked."""

    def least(self) -> float:
        """Return the least that -ln L without `offset` can be: where every expectation is what was seen."""

    def expected(self, x: Mapping[str, float], values: Values) -> Mapping[str, Mapping[str, Vector]]:
        """Return what is expected per channel and process."""

    def remarks(self, x: Mapping[str, float]) -> tuple[str, ...]:
        """Return what is to be said of the model where parameters have some values: integrals that are not accurate."""

    @property
    def profiled(self) -> Mapping[str, Flags]:
        """Which bins have a parameter that is profiled by itself, of channels with such bins."""

    def shifts(self, values: Values) -> Mapping[str, Vector]:
        """Return these parameters at their best values, of channels with such bins."""

    def held(self, shifts: Mapping[str, Vector]) -> Mapping[Node, Array]:
        """Return the columns that freeze them: by channel where they stay, NaN where they are profiled."""

    def simulated(self, values: Values, fitted: bool) -> Mapping[str, Simulated]:
        """Return what is profiled bin by bin, of channels with such bins."""

    def cumulative(self, x: Mapping[str, float], observation: Observation) -> Mapping[str, Vector]:
        """Return per channel of rows what part of its density lies below each; nothing where there are bins."""

    def asimov(self, x: Mapping[str, float], values: Values, profiled: bool) -> Made:
        """Return observations that are exactly as expected, and global observables of what is profiled by bins."""

    def toy(self, x: Mapping[str, float], values: Values, rng: np.random.Generator, profiled: bool) -> Made:
        """Return random observations."""


class NotSimulated:
    """What parts are without statistics of simulation: nothing of them is profiled bin by bin."""

    @property
    def profiled(self) -> Mapping[str, Flags]:
        """Nothing."""
        return {}

    def shifts(self, values: Values) -> Mapping[str, Vector]:
        """Return nothing."""
        return {}

    def held(self, shifts: Mapping[str, Vector]) -> Mapping[Node, Array]:
        """Return nothing."""
        return {}

    def simulated(self, values: Values, fitted: bool) -> Mapping[str, Simulated]:
        """Return nothing."""
        return {}


class WithoutRows:
    """What parts are that have bins, or no channels at all."""

    def scores(self) -> Iterator[Mapping[str, Node]]:
        """Yield nothing: there are no rows."""
        yield from ()

    def cumulative(self, x: Mapping[str, float], observation: Observation) -> Mapping[str, Vector]:
        """Return nothing: there are no rows."""
        return {}

    def remarks(self, x: Mapping[str, float]) -> tuple[str, ...]:
        """Return nothing: there are no integrals, either, unless bins are of densities."""
        return ()
