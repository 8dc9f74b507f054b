"""Data that are made of the prediction: exactly it, or Poisson numbers of this mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hzdsl.stats.harvest.channel import Bins, FilledChannel
from hzdsl.stats.parameters import Vector


def with_asimov(channels: Iterable[FilledChannel]) -> list[FilledChannel]:
    """Return channels whose data are what is predicted, nominal, with signal: to study an analysis that is blind.

    Parameters
    ----------
    channels : iterable of FilledChannel
        Data that they have are replaced.

    Examples
    --------
    >>> import numpy as np
    >>> from hzdsl.stats.harvest.channel import Bins, FilledChannel, FilledProcess
    >>> from hzdsl.results.result import AxisResult
    >>> axis = AxisResult("m", "GeV", "mass", np.array([100.0, 120.0, 140.0]), True)
    >>> ww = FilledProcess("ww", False, Bins(np.array([3.5, 2.0]), np.array([0.1, 0.1])), {})
    >>> with_asimov([FilledChannel("sr", axis, (ww,))])[0].data.values
    array([3.5, 2. ])
    """
    return [replace(c, data=_counts(c.predicted)) for c in channels]


def with_toy(channels: Iterable[FilledChannel], seed: int) -> list[FilledChannel]:
    """Return channels whose data are Poisson numbers of what is predicted; each channel has random numbers of its own.

    So a channel has the same toy whatever other channels there are before it in alphabet or list, as long as it is
    called the same.

    Parameters
    ----------
    channels : iterable of FilledChannel
        Data that they have are replaced.
    seed : int
        Of the random numbers.
    """
    return [replace(c, data=_counts(_rng(seed, c.name).poisson(c.predicted).astype(float))) for c in channels]


def _rng(seed: int, name: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, *name.encode()]))


def _counts(values: Vector) -> Bins:
    return Bins(values, values)
