"""Conversion between numeric types, as the language defines it where C++ leaves it open."""

from __future__ import annotations

from typing import Any

import numpy as np

from hzdsl.backends.interpret.values import Data


def convert(data: Data, dtype: np.dtype[Any]) -> Data:
    """Return numbers in another type.

    Integers wrap; what becomes floating is rounded once, to nearest; what becomes an integer is truncated,
    saturates at the limits, and NaN becomes 0.
    """
    if data.dtype.kind == "f" and dtype.kind in "iu":
        return _truncated(data, dtype)
    return data.astype(dtype, copy=False)


def _truncated(data: Data, dtype: np.dtype[Any]) -> Data:
    limits = np.iinfo(dtype)
    low, beyond = data.dtype.type(limits.min), data.dtype.type(2.0 ** (limits.bits - (dtype.kind == "i")))
    inside = (data >= low) & (data < beyond)
    whole = np.where(inside, data, data.dtype.type(0)).astype(dtype)
    whole[data < low] = limits.min
    whole[data >= beyond] = limits.max
    return whole
