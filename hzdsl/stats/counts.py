"""Counts: what they add to -ln L whatever is expected, and what an observation has to be."""

from __future__ import annotations

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.stats.factorials import stirlings_rest
from hzdsl.stats.likelihood import Observation, Rows
from hzdsl.stats.parameters import Vector


def counts_of(observation: Observation, channel: str, bins: int) -> Vector:
    """Return the counts of a channel.

    Raises
    ------
    HzdslError
        ``model`` where an observation lacks it, or has another number of bins.
    """
    found = observation.channels.get(channel)
    if found is None or isinstance(found, Rows) or np.shape(found) != (bins,):
        what = f"channel '{channel}' has {bins} bins, and the observation "
        what += "lacks it" if found is None else "has other ones"
        raise HzdslError("model", what, fix="give one count for each bin of each channel")
    return np.asarray(found, float)


def offset(counts: Vector) -> float:
    """Return -ln L where every expectation is what was seen: Σ ln n! - (n ln n - n)."""
    return float(np.sum(stirlings_rest(counts)))
