"""`Numbers`: a long constant (the edges or values of a table) that is cheap to compare and to hash."""

from __future__ import annotations

import hashlib
import itertools
import math
import struct
from collections.abc import Iterable, Sequence

from hzdsl.errors import HzdslError
from hzdsl.ir.types import DType

_CODES = {DType.I64: "q", DType.F64: "d"}


class Numbers:
    """An immutable row of i64 or f64 numbers, told apart by their bits.

    Nodes that hold one are compared and hashed by its digest, so that a table of 10^5 entries costs no more than a
    small one each time it is looked up.

    Attributes
    ----------
    dtype : DType
        I64 or F64.
    data : bytes
        The numbers, 8 bytes each, lowest byte first.
    digest : str
        SHA-256 of dtype and data.

    Examples
    --------
    >>> Numbers.of([20, 30.0]).values(), Numbers.of([1, 2]).dtype.value
    ((20.0, 30.0), 'i64')
    """

    __slots__ = ("data", "digest", "dtype")
    dtype: DType
    data: bytes
    digest: str

    def __init__(self, dtype: DType, data: bytes) -> None:
        digest = hashlib.sha256(dtype.value.encode() + data).hexdigest()
        for name, value in (("dtype", dtype), ("data", data), ("digest", digest)):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, values: Sequence[int | float], dtype: DType | None = None) -> Numbers:
        """Return a row of numbers: i64 where all are integers, else f64.

        Raises
        ------
        HzdslError
            ``dtype`` for an integer beyond 64 bits.
        """
        if dtype is None:
            dtype = DType.I64 if all(isinstance(v, int) for v in values) else DType.F64
        try:
            return cls(dtype, struct.pack(f"<{len(values)}{_CODES[dtype]}", *values))
        except (struct.error, OverflowError):
            raise HzdslError("dtype", "an integer of a table does not fit in 64 bits") from None

    def values(self) -> tuple[int | float, ...]:
        """Return the numbers."""
        return struct.unpack(f"<{len(self)}{_CODES[self.dtype]}", self.data)

    @property
    def ascending(self) -> bool:
        """True where each number is above the one before, and none is NaN."""
        found = self.values()
        return all(a < b for a, b in itertools.pairwise(found)) and not any(math.isnan(x) for x in found)

    def __len__(self) -> int:
        return len(self.data) // 8

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a row of numbers never changes")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Numbers) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"<{len(self)} {self.dtype.value} {self.digest}>"


def concatenated(rows: Iterable[Numbers]) -> Numbers:
    """Return rows of one dtype one after the other."""
    found = list(rows)
    assert len({r.dtype for r in found}) == 1
    return Numbers(found[0].dtype, b"".join(r.data for r in found))
