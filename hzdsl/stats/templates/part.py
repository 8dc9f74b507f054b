"""The binned channels of a likelihood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from hzdsl.ir.node import Node
from hzdsl.stats import counts as counting
from hzdsl.stats.compiled import Array
from hzdsl.stats.likelihood import Observation, Simulated
from hzdsl.stats.lists import numbers
from hzdsl.stats.masks import channels_shown
from hzdsl.stats.parameters import Vector
from hzdsl.stats.part import Made, Values, WithoutRows
from hzdsl.stats.products import Integers
from hzdsl.stats.sparsity import Home
from hzdsl.stats.templates import axes
from hzdsl.stats.templates.graph import FROZEN, HELD, expected, negative_log_likelihood, profiled_effects
from hzdsl.stats.templates.model import Channel, TemplateModel
from hzdsl.stats.templates.tables import tables
from hzdsl.stats.terms import names_in


class TemplatePart(WithoutRows):
    """Channels of a `TemplateModel`: see `hzdsl.stats.part.Part`."""

    def __init__(self, model: TemplateModel) -> None:
        self._tables = tables(model)
        self._channels = model.channels
        self.records = model.channels
        self.channels = tuple(c.name for c in model.channels)
        self.result: Node = negative_log_likelihood(self._tables.parts)
        self._expected = expected(self._tables.parts)
        self._effects = profiled_effects(self._tables.parts) if self._tables.parts.profiled else ()
        self.profiled = {c.name: c.profiled for c in model.channels if c.profiled is not None and c.profiled.any()}
        free = {name: np.full(len(flags), np.nan) for name, flags in self.profiled.items()}
        self.columns: Mapping[Node, Array] = {**self._tables.columns, **self.held(free)}
        self.counts: Mapping[Node, Integers] = self._tables.counts

    def homes(self) -> Iterator[tuple[str, Home]]:
        """Yield where parameters act."""
        for c in self._channels:
            yield from ((name, (c.name,)) for name in dict.fromkeys(_of_whole(c)))
            yield from ((name, (c.name, b)) for b, name in dict.fromkeys(_of_bins(c)))

    # ---- observations -------------------------------------------------------------------------------------------

    def observed(self, observation: Observation) -> tuple[Mapping[Node, Array], Mapping[Node, Integers]]:
        """Return the columns of an observation."""
        counts = [self._counts(c, observation) for c in self._channels]
        columns: dict[Node, Array] = {axes.COUNTS: np.concatenate(counts)}
        if self._tables.parts.profiled:
            given = [observation.statistics.get(c.name, np.zeros(len(c.counts))) for c in self._channels]
            columns[numbers(axes.BINS, "bins.center")] = np.concatenate(given)
        return columns, {}

    @staticmethod
    def _counts(channel: Channel, observation: Observation) -> Vector:
        return counting.counts_of(observation, channel.name, len(channel.counts))

    def offset(self, observation: Observation) -> float:
        """Return -ln L of the counts where they are what is expected."""
        return sum(counting.offset(self._counts(c, observation)) for c in self._channels)

    def shown(self, x: Mapping[str, float]) -> tuple[str, ...]:
        """Return the channels that are not masked."""
        return channels_shown(self.channels, {c.name: c.mask for c in self._channels}, x)

    def least(self) -> float:
        """Return 0: -ln L, without `offset`, where each bin's expectation is its count."""
        return 0.0

    # ---- expectations -------------------------------------------------------------------------------------------

    def expected(self, x: Mapping[str, float], values: Values) -> Mapping[str, Mapping[str, Vector]]:
        """Return what is expected of each process in each bin."""
        (each,) = values(self._expected)
        found, begin = {}, 0
        for channel in self._channels:
            shape = len(channel.counts), len(channel.processes)
            block = each[begin : begin + shape[0] * shape[1]].reshape(shape)
            begin += shape[0] * shape[1]
            found[channel.name] = {p.name: block[:, k].copy() for k, p in enumerate(channel.processes)}
        return found

    def _profiled(self, values: Values) -> Iterator[tuple[Channel, tuple[Vector, ...]]]:
        """Yield the channels with what `profiled_effects` has of their bins; none where nothing is profiled."""
        if not self.profiled:
            return iter(())
        ends = np.cumsum([len(c.counts) for c in self._channels])[:-1]
        found = (np.split(v, ends) for v in values(*self._effects))
        return zip(self._channels, zip(*found, strict=True), strict=True)

    def held(self, shifts: Mapping[str, Vector]) -> Mapping[Node, Array]:
        """Return the columns of Barlow-Beeston parameters that are frozen: where they stay, NaN where they do not."""
        if not self.profiled:
            return {}
        every = np.concatenate([shifts.get(c.name, np.full(len(c.counts), np.nan)) for c in self._channels])
        free = np.isnan(every)
        return {numbers(axes.BINS, FROZEN): (~free).astype(float), numbers(axes.BINS, HELD): np.where(free, 0.0, every)}

    def shifts(self, values: Values) -> Mapping[str, Vector]:
        """Return Barlow-Beeston parameters at their best values, of channels with such bins."""
        return {c.name: shift for c, (shift, *_) in self._profiled(values) if c.name in self.profiled}

    def simulated(self, values: Values, fitted: bool) -> Mapping[str, Simulated]:
        """Return what is profiled bin by bin, of channels with such bins.

        The variance is that of a Barlow-Beeston parameter given all others, from the second derivative of
        λ - n ln λ + ½β² (STATS §3.4): σ² / (1 + n σ² / λ²); one that is frozen has none.
        """
        found = {}
        for c, (_, added, error, pull, frozen) in self._profiled(values):
            if c.name in self.profiled:
                variance = error**2 / (1 + pull * error**2) if fitted else error**2
                mean = added if fitted else np.where(frozen, added, 0.0)
                found[c.name] = Simulated(mean, np.where(frozen, 0.0, variance))
        return found

    def asimov(self, x: Mapping[str, float], values: Values, profiled: bool) -> Made:
        """Return counts that are exactly as expected; what is frozen is where it is, also unless `profiled`."""
        counts = {c: np.sum(list(p.values()), axis=0) for c, p in self.expected(x, values).items()}
        shifts = {}
        for c, (shift, added, _, _, frozen) in self._profiled(values):
            counts[c.name] = counts[c.name] + (added if profiled else np.where(frozen, added, 0.0))
            shifts[c.name] = shift if profiled else np.where(frozen, shift, 0.0)
        return dict(counts), shifts

    def toy(self, x: Mapping[str, float], values: Values, rng: np.random.Generator, profiled: bool) -> Made:
        """Return random counts, and random global observables of what is profiled by bins."""
        mean, shift = self.asimov(x, values, profiled)
        counts = {c: rng.poisson(np.maximum(v, 0)).astype(float) for c, v in mean.items()}  # type: ignore[arg-type]
        drawn = {}
        for c in self._channels:
            if c.profiled is not None:
                center = shift.get(c.name, np.zeros(len(c.counts)))
                drawn[c.name] = np.where(c.profiled, rng.normal(center, 1.0), 0.0)
        return dict(counts), drawn


def parameters_of(channel: Channel) -> Iterator[str]:
    """Yield the names of all parameters of a channel."""
    yield from _of_whole(channel)
    yield from (name for _, name in _of_bins(channel))


def _of_whole(channel: Channel) -> Iterator[str]:
    if channel.mask is not None:
        yield channel.mask
    for p in channel.processes:
        yield from p.of_whole()
        yield from names_in(x for x in (p.scale, *(p.bin_scales or ())) if x is not None)


def _of_bins(channel: Channel) -> Iterator[tuple[int, str]]:
    for p in channel.processes:
        yield from p.of_bins()
