"""The type of a node: dtype, axis, unit, presence, multiplicity (and what a reference refers to)."""

from __future__ import annotations

import enum
from dataclasses import dataclass  # not of `hzdsl.records`: types are made by the thousand
from typing import TYPE_CHECKING

from hzdsl.ir.units import NONE, Unit

if TYPE_CHECKING:
    from hzdsl.ir.node import Node


class DType(enum.Enum):
    """What one position holds; `LABEL` is one of a few names, `REF` a position of an axis, `AXIS` a space of them."""

    BOOL = "bool"
    I32 = "i32"
    I64 = "i64"
    U32 = "u32"
    U64 = "u64"
    F32 = "f32"
    F64 = "f64"
    LABEL = "label"
    REF = "ref"
    AXIS = "axis"

    @property
    def floating(self) -> bool:
        """True for f32 and f64."""
        return self in (DType.F32, DType.F64)

    @property
    def integer(self) -> bool:
        """True for the four integer types."""
        return self in _INTEGER_BITS

    @property
    def signed(self) -> bool:
        """True for i32 and i64."""
        return self in (DType.I32, DType.I64)

    @property
    def numeric(self) -> bool:
        """True for integers and floating-point numbers, not for bool."""
        return self.floating or self.integer

    @property
    def bits(self) -> int:
        """Width of the numeric types."""
        return _INTEGER_BITS.get(self) or {DType.F32: 32, DType.F64: 64, DType.BOOL: 1, DType.LABEL: 32}[self]


_INTEGER_BITS = {DType.I32: 32, DType.I64: 64, DType.U32: 32, DType.U64: 64}

#: NumPy's name of every stored scalar type of a branch, and the type it has in the graph.
#: Narrow integers are promoted as in C++.
STORED: dict[str, DType] = {
    "bool": DType.BOOL,
    "int8": DType.I32,
    "int16": DType.I32,
    "int32": DType.I32,
    "int64": DType.I64,
    "uint8": DType.I32,
    "uint16": DType.I32,
    "uint32": DType.U32,
    "uint64": DType.U64,
    "float32": DType.F32,
    "float64": DType.F64,
}


def arithmetic_dtype(a: DType, b: DType) -> DType:
    """Return the common type of an arithmetic operation, as in C++.

    f32 with any integer is f32; with u32 the wider or unsigned type wins; bool counts as i32.

    Examples
    --------
    >>> arithmetic_dtype(DType.F32, DType.I64).value, arithmetic_dtype(DType.I32, DType.U32).value
    ('f32', 'u32')
    """
    a, b = (DType.I32 if d is DType.BOOL else d for d in (a, b))
    if DType.F64 in (a, b):
        return DType.F64
    if DType.F32 in (a, b):
        return DType.F32
    if a.bits == b.bits:
        return b if a.signed else a
    return max(a, b, key=lambda d: d.bits)


@dataclass(frozen=True)
class Type:
    """The type of a node.

    Parameters
    ----------
    dtype : DType
        What one position holds.
    axis : Node or None
        The axis along which the value varies; of an axis, its parent; None for the event axis itself.
    unit : Unit
        Of the stored numbers.
    optional : bool
        True where a position may be missing (``?``); the condition is `hzdsl.ir.presence`.
    target : Node or None
        Of a reference: the axis whose positions it refers to.
    lo, hi : int, int or None
        Of an axis: how many positions there are per position of the parent (None: unbounded).
    labels : tuple of str
        Of a label: its names, in order; the number stored is the place in this list.
    """

    dtype: DType
    axis: Node | None = None
    unit: Unit = NONE
    optional: bool = False
    target: Node | None = None
    lo: int = 0
    hi: int | None = None
    labels: tuple[str, ...] = ()

    def __str__(self) -> str:
        from hzdsl.ir.print import typed  # the printer spells axes; types only hold them

        return typed(self, {})
