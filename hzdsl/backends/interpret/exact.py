"""Exact sums of f64 numbers, by NumPy: each is cut into pieces of 32 bits, which 64-bit integers add up."""

from __future__ import annotations

import numpy as np

from hzdsl.backends.base import FRACTION_BITS, MINUS_INFINITY, NAN, PLUS_INFINITY, TOO_LARGE, WORDS, Sums
from hzdsl.backends.interpret.values import Data, Indices

PIECE = 32
PIECES = 2 * (WORDS - 1)


def exact_sums(numbers: Data, bins: Indices, n: int) -> Sums:
    """Return the sum of the numbers of each of n bins, in the words of `hzdsl.backends.base`.

    Parameters
    ----------
    numbers : f64 array
        The summands.
    bins : int64 array
        The bin of each.
    n : int
        How many bins there are.

    Examples
    --------
    >>> words = exact_sums(np.array([0.5, 1e300, -2.0]), np.array([0, 1, 0]), 2)
    >>> [int.from_bytes(w[:8].tobytes(), "little", signed=True) / 2**256 for w in words], words[:, 8].tolist()
    ([-1.5, 0.0], [0, 2])
    """
    finite = np.abs(numbers) < TOO_LARGE
    pieces = np.zeros((n, PIECES), np.int64)
    rest = np.rint(np.ldexp(numbers[finite], FRACTION_BITS))
    for k in reversed(range(PIECES)):
        scale = 2.0 ** (PIECE * k)
        piece = np.trunc(rest / scale)  # below 2**32; what remains is exact, for its bits are a part of the number's
        if not piece.any():
            continue
        rest = rest - piece * scale
        np.add.at(pieces[:, k], bins[finite], piece.astype(np.int64))
    sums = np.zeros((n, WORDS), np.uint64)
    sums[:, : WORDS - 1] = _carried(pieces)
    special, where = numbers[~finite], bins[~finite]
    for mask, flag in (
        (np.isnan(special), NAN),
        (special >= TOO_LARGE, PLUS_INFINITY),
        (special <= -TOO_LARGE, MINUS_INFINITY),
    ):
        sums[where[mask], WORDS - 1] |= np.uint64(flag)
    return sums


def _carried(pieces: Indices) -> Sums:
    """Return pieces of any size and sign as the 64-bit words of one number in two's complement."""
    digits = np.zeros(pieces.shape, np.uint64)
    carry = np.zeros(len(pieces), np.int64)
    for k in range(PIECES):
        total = pieces[:, k] + carry
        digits[:, k] = (total & (2**PIECE - 1)).astype(np.uint64)
        carry = total >> PIECE
    return digits[:, 0::2] | (digits[:, 1::2] << np.uint64(PIECE))
