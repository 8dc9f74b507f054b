"""Exact sums of the backends, rounded to f64 once."""

from __future__ import annotations

import math

import numpy as np

from hzdsl.backends.base import FRACTION_BITS, MINUS_INFINITY, NAN, PLUS_INFINITY, WORDS, Sums
from hzdsl.results.result import Floats


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
    for i in np.flatnonzero(flat.any(axis=1)):
        values[i] = _number(flat[i])
    return values.reshape(sums.shape[:-1])


def _number(words: Sums) -> float:
    flags = int(words[WORDS - 1])
    if flags & NAN or (flags & PLUS_INFINITY and flags & MINUS_INFINITY):
        return math.nan
    if flags:
        return math.inf if flags & PLUS_INFINITY else -math.inf
    units: int = int.from_bytes(words[: WORDS - 1].astype("<u8").tobytes(), "little", signed=True)
    number: float = units / 2**FRACTION_BITS  # Python divides integers correctly rounded
    return number
