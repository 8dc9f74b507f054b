"""Exact sums of the backends, rounded to f64 once."""

from __future__ import annotations

import math

import numpy as np

from hzdsl.backends.base import FRACTION_BITS, MINUS_INFINITY, NAN, PLUS_INFINITY, WORDS, Sums
from hzdsl.results.result import Floats

_BYTES = 8 * (WORDS - 1)
_ONE = 2**FRACTION_BITS


def rounded(sums: Sums) -> Floats:
    """Return sums as f64 numbers, each rounded once, half to even.

    Examples
    --------
    >>> minus_three_quarters = (-3 * 2**254) % 2**512
    >>> words = [minus_three_quarters >> (64 * k) & (2**64 - 1) for k in range(8)]
    >>> rounded(np.array([[*words, 0], [*words, 2], [*words, 6]], np.uint64))
    array([-0.75,   inf,    nan])
    """
    flat = sums.reshape(-1, WORDS)
    values = np.zeros(len(flat), np.float64)
    filled = np.flatnonzero(flat.any(axis=1))
    flags, units = flat[filled, WORDS - 1], flat[filled, : WORDS - 1].astype("<u8").tobytes()
    if len(filled):
        values[filled] = [_number(units[at : at + _BYTES]) for at in range(0, len(units), _BYTES)]
    for i in np.flatnonzero(flags):
        values[filled[i]] = _not_finite(int(flags[i]))
    return values.reshape(sums.shape[:-1])


def _number(units: bytes) -> float:
    """Return a sum as it is stored: a signed integer in units of the least that is kept."""
    number: float = int.from_bytes(units, "little", signed=True) / _ONE  # Python divides integers correctly rounded
    return number


def _not_finite(flags: int) -> float:
    if flags & NAN or (flags & PLUS_INFINITY and flags & MINUS_INFINITY):
        return math.nan
    return math.inf if flags & PLUS_INFINITY else -math.inf
