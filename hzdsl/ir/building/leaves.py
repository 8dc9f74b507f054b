"""Constants and parameters, from numbers as they are written."""

from __future__ import annotations

import math

from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node, bits_float, float_bits, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, NONE, Unit
from hzdsl.ir.walk import bare

Number = bool | int | float


def const(value: Number, unit: Unit = NONE) -> Node:
    """Return a constant: bool, i64 for an integer, f64 for any other number or a quantity.

    Zero, infinity and NaN without a unit fit every unit.

    Raises
    ------
    HzdslError
        ``dtype`` for an integer beyond 64 bits.
    """
    if isinstance(value, bool):
        return make("const", bits=int(value), dtype=DType.BOOL, unit=NONE)
    if unit == NONE and (value == 0 or (isinstance(value, float) and not math.isfinite(value))):
        unit = ANY
    if isinstance(value, int) and unit in (NONE, ANY):
        _fits_64_bits(value)
        return make("const", bits=value, dtype=DType.I64, unit=unit)
    return make("const", bits=float_bits(float(value)), dtype=DType.F64, unit=unit)


def plain_const(value: int | float) -> Node:
    """Return a plain number, also where it is 0: one that does not fit the units of others."""
    if isinstance(value, int):
        return make("const", bits=value, dtype=DType.I64, unit=NONE)
    return make("const", bits=float_bits(value), dtype=DType.F64, unit=NONE)


def _fits_64_bits(value: int) -> None:
    if not -(2**63) <= value < 2**63:
        raise HzdslError("dtype", f"the integer {value} does not fit in 64 bits", fix="write it as a decimal number")


def const_value(node: Node) -> Number | None:
    """Return the number of a constant (lifted or not), None for anything else."""
    if node.op == "lift":
        node = bare(node)
    if node.op != "const":
        return None
    bits, dtype = node.number("bits"), node.type.dtype
    if dtype is DType.BOOL:
        return bool(bits)
    return bits if dtype is DType.I64 else bits_float(bits)


def param(name: str, default: Number, unit: Unit = NONE) -> Node:
    """Return a parameter: bool, i64 or f64, as its default is."""
    if isinstance(default, bool):
        return make("param", name=name, bits=int(default), dtype=DType.BOOL, unit=NONE)
    if isinstance(default, int) and unit == NONE:
        _fits_64_bits(default)
        return make("param", name=name, bits=default, dtype=DType.I64, unit=NONE)
    return make("param", name=name, bits=float_bits(float(default)), dtype=DType.F64, unit=unit)
