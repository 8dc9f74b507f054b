"""Numbers as ADL writes them: without units, in GeV and cm."""

from __future__ import annotations

from collections.abc import Collection

from hzdsl.ir.units import NAMES as UNITS
from hzdsl.ir.units import rescale
from hzdsl.lang.quantities import Quantity, quantity
from hzdsl.text import syntax as s


def constant(e: s.Expr, names: Collection[str]) -> float | Quantity | None:
    """Return the number that a product of numbers and powers of units is, ``10*GeV**0.5``; `names` are no units."""
    if isinstance(e, s.Number):
        return e.value
    if isinstance(e, s.Measure):
        return measure(e)
    if isinstance(e, s.Name) and e.name in UNITS and e.name not in names:
        return measure(s.Measure(e.start, e.end, 1, 1, e.name, e.start))
    if isinstance(e, s.Power):
        return _power(constant(e.base, names), constant(e.exponent, names))
    return _product(e, names) if isinstance(e, s.Chain) else None


def measure(e: s.Measure) -> Quantity:
    """Return the quantity that ``5 GeV`` is."""
    found: Quantity = quantity(1, e.unit) * e.value
    return found


def _power(base: float | Quantity | None, exponent: float | Quantity | None) -> Quantity | None:
    return base**exponent if isinstance(base, Quantity) and isinstance(exponent, int | float) else None


def _product(e: s.Chain, names: Collection[str]) -> float | Quantity | None:
    if not {op for op, _ in e.rest} <= {"*", "/"}:
        return None
    result = constant(e.first, names)
    for op, x in e.rest:
        other = constant(x, names)
        if result is None or other is None:
            return None
        result = result * other if op == "*" else result / other
    return result


def natural(q: Quantity) -> str:
    """Return the number of a quantity in its natural unit: GeV, cm; a zero that has a unit is ``0.0``."""
    return digits(rescale(q.value, q.unit, q.unit.natural())) if q.value else "0.0"


def digits(x: float) -> str:
    """Return the digits of a number, those of a whole number without a point."""
    return str(int(x)) if isinstance(x, float) and x.is_integer() and abs(x) < 1e15 else repr(x)
