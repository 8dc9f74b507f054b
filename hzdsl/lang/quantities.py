"""Numbers with units: `5*GeV`, `34.7/fb`. Plain arithmetic on them happens at once."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir.units import NAMES, NONE, Unit, parse_unit, rescale
from hzdsl.lang.at_once import binds_tighter
from hzdsl.lang.numpy_calls import numpy_call
from hzdsl.lang.places import located
from hzdsl.records import dataclass

Plain = bool | int | float


def _computed(operation: Callable[..., Any], *operands: float) -> Any:
    """Return what Python's arithmetic gives, which happens at once, unless that is no real number."""
    try:
        found = operation(*operands)
    except (ArithmeticError, ValueError):
        found = None
    if found is None or isinstance(found, complex):
        said = f"{getattr(operation, '__name__', operation)}({', '.join(map(repr, operands))})"[:60]
        raise HzdslError("arguments", f"{said} is not a number", fix="use numbers within the range of a double")
    return found


@dataclass(frozen=True, eq=False)
class Quantity:
    """A number and its unit.

    Examples
    --------
    >>> GeV = quantity(1, "GeV")
    >>> print(5*GeV, 0.012/GeV**2, 2*(5*GeV))
    5.0 GeV 0.012 1/GeV**2 10.0 GeV
    """

    value: float
    unit: Unit

    def __str__(self) -> str:
        return f"{self.value!r} {self.unit}".strip()

    __repr__ = __str__

    def _other(self, other: Any) -> Quantity | None:
        if isinstance(other, Quantity):
            return other
        return Quantity(_computed(float, other), NONE) if isinstance(other, int | float) else None

    @located
    def __mul__(self, other: Any) -> Any:
        o = self._other(other)
        return NotImplemented if o is None else _plain(Quantity(self.value * o.value, self.unit * o.unit))

    __rmul__ = __mul__

    @located
    def __truediv__(self, other: Any) -> Any:
        o = self._other(other)
        if o is None:
            return NotImplemented
        return _plain(Quantity(_computed(operator.truediv, self.value, o.value), self.unit / o.unit))

    @located
    def __rtruediv__(self, other: Any) -> Any:
        o = self._other(other)
        return NotImplemented if o is None else o / self

    @located
    def __pow__(self, exponent: Any) -> Any:
        if not isinstance(exponent, int | float):
            return NotImplemented
        power = _computed(Fraction, exponent).limit_denominator(1000)
        return _plain(Quantity(_computed(operator.pow, self.value, exponent), self.unit**power))

    def __neg__(self) -> Quantity:
        return Quantity(-self.value, self.unit)

    def __pos__(self) -> Quantity:
        return self

    def __abs__(self) -> Quantity:
        return Quantity(abs(self.value), self.unit)

    def _same(self, other: Any, what: str) -> Quantity | None:
        o = self._other(other)
        if o is None:
            return None
        if o.unit == NONE and (o.value == 0 or not math.isfinite(o.value)):
            return Quantity(o.value, self.unit)  # 0 and infinity fit every unit
        if o.unit.dims != self.unit.dims:
            fix = f"write the unit: {o.value}*{self.unit}" if o.unit == NONE else None
            raise HzdslError("unit", f"{self} {what} {o}: the units differ", fix=fix)
        return Quantity(rescale(o.value, o.unit, self.unit), self.unit)

    def __add__(self, other: Any) -> Any:
        o = self._same(other, "+")
        return NotImplemented if o is None else Quantity(self.value + o.value, self.unit)

    def __sub__(self, other: Any) -> Any:
        o = self._same(other, "-")
        return NotImplemented if o is None else Quantity(self.value - o.value, self.unit)

    @located
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Any:
        return numpy_call(ufunc.__name__, method, inputs)

    def __rsub__(self, other: Any) -> Any:
        o = self._same(other, "-")
        return NotImplemented if o is None else Quantity(o.value - self.value, self.unit)

    __radd__ = __add__

    def __eq__(self, other: object) -> Any:
        o = self._other(other)
        if o is None:
            return NotImplemented
        return o.unit.dims == self.unit.dims and rescale(o.value, o.unit, self.unit) == self.value

    def __hash__(self) -> int:
        return hash((self.unit.dims, rescale(self.value, self.unit, self.unit.natural())))

    def _ordered(self, other: Any, what: str) -> tuple[float, float] | None:
        o = self._same(other, what)
        return None if o is None else (self.value, o.value)

    def __lt__(self, other: Any) -> Any:
        pair = self._ordered(other, "<")
        return NotImplemented if pair is None else pair[0] < pair[1]

    def __le__(self, other: Any) -> Any:
        pair = self._ordered(other, "<=")
        return NotImplemented if pair is None else pair[0] <= pair[1]

    def __gt__(self, other: Any) -> Any:
        pair = self._ordered(other, ">")
        return NotImplemented if pair is None else pair[0] > pair[1]

    def __ge__(self, other: Any) -> Any:
        pair = self._ordered(other, ">=")
        return NotImplemented if pair is None else pair[0] >= pair[1]

    @located
    def _no_condition(self, symbol: str, other: Any) -> Any:
        if self._other(other) is None:
            return NotImplemented
        what = f"'{symbol}' takes conditions, and {self} is a quantity"
        raise HzdslError("dtype", what, fix=binds_tighter(symbol))

    def __and__(self, other: Any) -> Any:
        return self._no_condition("&", other)

    def __or__(self, other: Any) -> Any:
        return self._no_condition("|", other)

    def __rand__(self, other: Any) -> Any:
        return self._no_condition("&", other)

    def __ror__(self, other: Any) -> Any:
        return self._no_condition("|", other)

    @located
    def in_unit(self, unit: Any) -> float:
        """Return the number in another unit of the same dimension, given as `MeV` or ``"MeV"``."""
        unit = unit_of(unit)
        if unit.dims != self.unit.dims:
            inverse = (NONE / self.unit).dims == unit.dims  # 36 fb, where a luminosity is 36 / fb
            fix = f"write {self.value:g} / {self.unit}" if inverse else f"give a quantity in {unit.describe()}"
            raise HzdslError("unit", f"{self} is not in {unit.describe()}", fix=fix)
        return rescale(self.value, self.unit, unit)


def unit_of(given: Any) -> Unit:
    """Return the unit that is meant by a unit, its name or a quantity of 1.

    Raises
    ------
    HzdslError
        ``unit`` for an unknown name, ``arguments`` for anything else.

    Examples
    --------
    >>> unit_of("MeV") == unit_of(quantity(1, "MeV"))
    True
    """
    if isinstance(given, Unit):
        return given
    if isinstance(given, str):
        return parse_unit(given)
    if isinstance(given, Quantity) and given.value == 1:
        return given.unit
    raise HzdslError("arguments", f"a unit is needed here, not {given!r}", fix='give its name, e.g. "MeV"')


def _plain(q: Quantity) -> Any:
    """Return a plain float where the units have cancelled."""
    return rescale(q.value, q.unit, NONE) if q.unit.dimensionless else q


def quantity(value: float, name: str) -> Any:
    """Return `value` of the unit called `name`; of angles a plain number in radians."""
    factor, unit = NAMES[name]
    number = float(value) * factor if factor != 1.0 else float(value)
    return number if unit == NONE else Quantity(number, unit)
