"""When two results are the same: names, shapes, and every number by its bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]


class Compared:
    """A data class whose arrays are compared, too; fields with ``compare=False`` are left out.

    Where a result comes from (analysis, inputs, versions), and how it is shown (titles, labels), are left out.
    """

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        """Return whether names, shapes and all bits of all numbers are the same; a NaN is the same as any other."""
        if type(other) is not type(self):
            return NotImplemented
        return all(same(getattr(self, f.name), getattr(other, f.name)) for f in fields(self) if f.compare)  # type: ignore[arg-type]


def same(a: Any, b: Any) -> bool:
    """Return whether two values are the same, also within mappings and sequences.

    Examples
    --------
    >>> same({"m": (1.0, np.array([np.nan]))}, {"m": (1.0, np.array([np.nan]))}), same(0.0, -0.0)
    (True, False)
    """
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray | float) and isinstance(b, np.ndarray | float):
        one, other = np.asarray(a), np.asarray(b)
        return one.dtype == other.dtype and one.shape == other.shape and bool(same_bits(one, other).all())
    return bool(a == b)


def same_bits(a: Array, b: Array) -> npt.NDArray[np.bool_]:
    """Return where two arrays of one type have the same bits, or are both NaN.

    Examples
    --------
    >>> same_bits(np.array([0.0, np.nan, 1.0]), np.array([-0.0, np.nan, 1.0]))
    array([False,  True,  True])
    """
    if a.dtype.kind != "f":
        return np.asarray(a == b)
    whole = np.dtype(f"u{a.dtype.itemsize}")
    return np.asarray(
        (a.view(whole) == b.view(whole)) | (np.isnan(a.astype(np.float64)) & np.isnan(b.astype(np.float64)))
    )
