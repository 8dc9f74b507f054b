"""How constants are written: numbers, quantities, and the function `quantity` for units without a name."""

from __future__ import annotations

import math

from hzdsl.ir.node import Node, bits_float
from hzdsl.ir.types import DType
from hzdsl.ir.units import NAMES, NONE, Unit

#: Precedences of what a constant may look like, by the table in LANGUAGE §6.
ATOM, CALL, POWER, UNARY, PRODUCT = 13, 12, 11, 10, 9


def literal(node: Node) -> tuple[str, int]:
    """Return the text of a constant and its precedence.

    Examples
    --------
    >>> from hzdsl.ir.build import const
    >>> from hzdsl.ir.units import GEV, PB
    >>> [literal(const(*x))[0] for x in ((91.2, GEV), (0.012, GEV / GEV / GEV), (1.0, GEV * PB), (True,), (-3,))]
    ['91.2 GeV', '0.012 / GeV', '1*GeV*pb', 'true', '-3']
    """
    bits, dtype, unit = node.number("bits"), node.type.dtype, node.type.unit
    if dtype is DType.BOOL:
        return ("true" if bits else "false"), ATOM
    value = bits if dtype is DType.I64 else bits_float(bits)
    if unit == NONE and not unit.anything and (value == 0 or not math.isfinite(value)):
        return f'quantity({_number(value)}, "1")', CALL  # a 0 that does not fit every unit
    if unit == NONE or unit.anything:
        return _signed(_number(value), ATOM)
    return _quantity(value, unit)


def _number(value: int | float) -> str:
    """Return a number's shortest text; the sign of NaN is kept, as its bits are."""
    if math.isnan(value):
        return "-nan" if math.copysign(1.0, value) < 0 else "nan"
    return repr(value)


def _signed(text: str, precedence: int) -> tuple[str, int]:
    return text, UNARY if text.startswith("-") else precedence


def _quantity(value: int | float, unit: Unit) -> tuple[str, int]:
    number, spelled = _number(value), str(unit)
    number = number[:-2] if number.endswith(".0") else number
    if spelled in NAMES and math.isfinite(value):
        return _signed(f"{number} {spelled}", POWER)
    if spelled.startswith("1e") or (spelled == "1"):
        return f'quantity({number}, "{spelled}")', CALL
    written = spelled.removeprefix("1")
    return (f"{number}{written.replace('/', ' / ')}" if written != spelled else f"{number}*{spelled}"), PRODUCT


def plain_labels(n: int) -> tuple[str, ...]:
    """Return the labels of `n` alternatives that are given without: up and down, or numbers.

    Examples
    --------
    >>> plain_labels(2), plain_labels(3)
    (('up', 'down'), ('0', '1', '2'))
    """
    return ("up", "down") if n == 2 else tuple(map(str, range(n)))
