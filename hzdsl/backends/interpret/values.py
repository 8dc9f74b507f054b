"""What the interpreter holds for one node over one chunk: a column of values, or the positions of an axis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

#: A flat column: one item per position of an axis.
Data = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]

#: What a reference that is missing holds.
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Value:
    """A value at every position of its axis.

    Parameters
    ----------
    data : array, shape (n,)
        In the dtype of the node; of a reference the position in its target axis (int64). Where a value is
        missing the data are zero (-1 for a reference), so that equal values have equal bits.
    valid : bool array, shape (n,), or None
        Which positions are present; None where all are.
    """

    data: Data
    valid: Mask | None = None

    @property
    def present(self) -> Mask:
        """The positions that are present, as an array in every case."""
        return np.ones(len(self.data), np.bool_) if self.valid is None else self.valid


def canonical(data: Data, valid: Mask | None, blank: int = 0) -> Value:
    """Return a value whose missing positions hold `blank`."""
    if valid is None:
        return Value(data)
    return Value(np.where(valid, data, data.dtype.type(blank)), valid)


def reference(index: Indices, optional: bool = True) -> Value:
    """Return a reference that is missing where `index` is -1."""
    return Value(index, index != NOWHERE if optional else None)


def both(*masks: Mask | None) -> Mask | None:
    """Return where all of the masks hold (None: everywhere)."""
    found: Mask | None = None
    for mask in masks:
        found = mask if found is None else found if mask is None else found & mask
    return found


def uniform(data: Data) -> bool:
    """Return True for a column that repeats one number without storing it again, as constants do."""
    return len(data) > 1 and data.strides == (0,)


@dataclass(frozen=True)
class Positions:
    """The positions of an axis over the chunk, in order.

    Parameters
    ----------
    n : int
        How many.
    parents : int
        How many positions the parent has.
    outer : int64 array, shape (n,)
        The parent's position of each; never decreasing.
    index : int64 array, shape (n,), or None
        Of a selection: the position in its superset.
    legs : tuple of int64 arrays, shape (n,)
        Of a choice or product: each leg's position in its own axis; of `per`: the position in the inner axis.
    first : int
        Of a stored collection: where its elements begin in the columns.
    """

    n: int
    parents: int
    outer: Indices
    index: Indices | None = None
    legs: tuple[Indices, ...] = ()
    first: int = 0

    @cached_property
    def counts(self) -> Indices:
        """How many positions each position of the parent has."""
        return np.bincount(self.outer, minlength=self.parents).astype(np.int64, copy=False)

    @cached_property
    def starts(self) -> Indices:
        """The first position of each position of the parent."""
        return np.cumsum(self.counts) - self.counts

    @cached_property
    def local(self) -> Indices:
        """The number of each position within its list, from 0."""
        return np.arange(self.n) - self.starts[self.outer]


def listed(counts: Indices, first: int = 0) -> Positions:
    """Return positions of which each parent position has `counts`."""
    outer = np.repeat(np.arange(len(counts)), counts)
    return Positions(len(outer), len(counts), outer, first=first)
