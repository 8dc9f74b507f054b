"""Data that are made of the prediction: exactly it, or Poisson numbers of this mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hzdsl.stats.harvest.filled import Bins, FilledChannel
from hzdsl.stats.parameters import Vector


def predicted(channel: FilledChannel) -> Vector:
    """Return the sum of all processes, nominal, in each bin."""
    total: Vector = np.sum(
        [np.zeros(len(channel.axis.edges) - 1), *(t.nominal.values for t in channel.processes)], axis=0
    )
    return total


def with_asimov(channels: Iterable[FilledChannel]) -> list[FilledChannel]:
    """Return channels whose data are what is predicted."""
    return [replace(c, data=_counts(predicted(c))) for c in channels]


def with_toy(channels: Iterable[FilledChannel], seed: int) -> list[FilledChannel]:
    """Return channels whose data are Poisson numbers of what is predicted; each channel has random numbers of its own.

    So a channel has the same toy whatever other channels there are before it in alphabet or list, as long as it is
    called the same.
    """
    return [replace(c, data=_counts(_rng(seed, c.name).poisson(predicted(c)).astype(float))) for c in channels]


def _rng(seed: int, name: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, *name.encode()]))


def _counts(values: Vector) -> Bins:
    return Bins(values, values)
