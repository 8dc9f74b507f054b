"""Units of numbers: exponents over energy, length, time and cross-section, and a power-of-ten scale.

A unit never costs anything at run time: a branch keeps its stored numbers, and the scale that turns them into the
natural unit (GeV, cm, ns, pb; angles are numbers) is part of the type. With c = 1 energies, momenta and masses share
one dimension.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import cache, cached_property, lru_cache

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass

NATURAL = ("GeV", "cm", "ns", "pb")
_ZERO = (Fraction(0),) * 4


@dataclass(frozen=True, eq=False)
class Unit:
    """A product of powers of the four dimensions and a power of ten.

    Parameters
    ----------
    dims : tuple of Fraction
        Exponents of (energy, length, time, cross-section).
    pow10 : Fraction
        A stored number times ``10**pow10`` is in natural units (GeV, cm, ns, pb).
    anything : bool
        True for the unit of 0, infinity and NaN, which fit every dimension.

    Examples
    --------
    >>> str(GEV * GEV), str(GEV / CM), str((GEV * GEV) ** Fraction(1, 2))
    ('GeV**2', 'GeV/cm', 'GeV')
    """

    dims: tuple[Fraction, ...] = _ZERO
    pow10: Fraction = Fraction(0)
    anything: bool = False

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Unit) and self._key == other._key

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _key(self) -> tuple[int | bool, ...]:
        parts = (*self.dims, self.pow10)
        return (self.anything, *(x for part in parts for x in (part.numerator, part.denominator)))

    @cached_property
    def _hash(self) -> int:  # hashing fractions took a fifth of the time that a large analysis took to load
        return hash(self._key)

    @property
    def dimensionless(self) -> bool:
        """True for plain numbers (whatever their scale)."""
        return self.dims == _ZERO

    def fits(self, other: Unit) -> bool:
        """Return True where numbers of the two units may be added or compared."""
        return self.anything or other.anything or self.dims == other.dims

    def __mul__(self, other: Unit) -> Unit:
        return _product(self, other)

    def __truediv__(self, other: Unit) -> Unit:
        return _product(self, _raised(other, Fraction(-1)))

    def __pow__(self, exponent: Fraction) -> Unit:
        return _raised(self, Fraction(exponent))

    def natural(self) -> Unit:
        """Return the unit of the same dimension with scale one: GeV, cm, ns, pb and their products."""
        return Unit(self.dims)

    @property
    def named(self) -> bool:
        """Whether products and powers of unit names spell it: a ratio of MeV and GeV is a number, but a scaled one."""
        return not _spell(self).startswith("1e")

    def __str__(self) -> str:
        return _spell(self)

    def describe(self) -> str:
        """Return the unit for an error message, where plain numbers need a word."""
        if self.anything:
            return "any unit"
        return "a plain number" if self == NONE else str(self)


@lru_cache(maxsize=4096)  # arithmetic on fractions is most of the cost of a product's node
def _product(a: Unit, b: Unit) -> Unit:
    dims = tuple(x + y for x, y in zip(a.dims, b.dims, strict=True))
    return Unit(dims, a.pow10 + b.pow10, a.anything and b.anything)


@lru_cache(maxsize=4096)
def _raised(unit: Unit, exponent: Fraction) -> Unit:
    return Unit(tuple(x * exponent for x in unit.dims), unit.pow10 * exponent, unit.anything)


NONE = Unit()
ANY = Unit(anything=True)
GEV, CM, NS, PB = (Unit(tuple(Fraction(int(i == k)) for i in range(4))) for k in range(4))


def _scaled(base: Unit, power: int) -> Unit:
    return Unit(base.dims, Fraction(power))


#: Every unit name of the language: the factor a written number is multiplied with, and the unit it then has.
NAMES: dict[str, tuple[float, Unit]] = {
    "TeV": (1.0, _scaled(GEV, 3)),
    "GeV": (1.0, GEV),
    "MeV": (1.0, _scaled(GEV, -3)),
    "keV": (1.0, _scaled(GEV, -6)),
    "eV": (1.0, _scaled(GEV, -9)),
    "m": (1.0, _scaled(CM, 2)),
    "cm": (1.0, CM),
    "mm": (1.0, _scaled(CM, -1)),
    "um": (1.0, _scaled(CM, -4)),
    "s": (1.0, _scaled(NS, 9)),
    "ms": (1.0, _scaled(NS, 6)),
    "us": (1.0, _scaled(NS, 3)),
    "ns": (1.0, NS),
    "ps": (1.0, _scaled(NS, -3)),
    "fs": (1.0, _scaled(NS, -6)),
    "mb": (1.0, _scaled(PB, 9)),
    "ub": (1.0, _scaled(PB, 6)),
    "nb": (1.0, _scaled(PB, 3)),
    "pb": (1.0, PB),
    "fb": (1.0, _scaled(PB, -3)),
    "ab": (1.0, _scaled(PB, -6)),
    "rad": (1.0, NONE),
    "mrad": (1e-3, NONE),
    "deg": (math.pi / 180, NONE),
}
_SPELLING = {unit: name for name, (factor, unit) in reversed(NAMES.items()) if factor == 1.0 and unit != NONE}


def _power(name: str, exponent: Fraction) -> str:
    if exponent == 1:
        return name
    return f"{name}**{exponent}" if exponent.denominator == 1 else f"{name}**({exponent})"


@cache
def _spell(unit: Unit) -> str:
    """Spell a unit so that `parse_unit` reads it back."""
    if unit == NONE or unit.anything:
        return ""
    used = [i for i, e in enumerate(unit.dims) if e]
    if len(used) == 1:
        base = Unit(tuple(Fraction(int(i == used[0])) for i in range(4)), unit.pow10 / unit.dims[used[0]])
        if base in _SPELLING:
            return _quotient([(_SPELLING[base], unit.dims[used[0]])])
    text = _quotient([(NATURAL[i], unit.dims[i]) for i in used])
    return text if unit.pow10 == 0 else f"1e{unit.pow10}*{text}"


def _quotient(factors: list[tuple[str, Fraction]]) -> str:
    above = "*".join(_power(n, e) for n, e in factors if e > 0)
    below = "".join("/" + _power(n, -e) for n, e in factors if e < 0)
    return (above or "1") + below


_FACTOR = re.compile(r"\s*([*/]?)\s*(?:(1e-?\d+(?:/\d+)?|1)|([A-Za-z]+))(?:\*\*(-?\d+|\(-?\d+(?:/\d+)?\)))?\s*")


def parse_unit(text: str) -> Unit:
    """Read a unit such as ``GeV``, ``1/pb``, ``GeV**2`` or ``cm/ns``.

    Raises
    ------
    HzdslError
        ``unit`` where a name is unknown.

    Examples
    --------
    >>> parse_unit("1/fb") == parse_unit("fb") ** Fraction(-1)
    True
    """
    unit, position = NONE, 0
    text = text.strip()
    while position < len(text):
        match = _FACTOR.match(text, position)
        if match is None:
            raise HzdslError("unit", f"'{text}' is not a unit", fix=f"known units: {', '.join(NAMES)}")
        sign, number, name, power = match.groups()
        exponent = Fraction((power or "1").strip("()")) * (-1 if sign == "/" else 1)
        if name:
            unit *= unit_named(name)[1] ** exponent
        elif number != "1":
            unit *= Unit(_ZERO, Fraction(number[2:])) ** exponent
        position = match.end()
    return unit


def unit_named(name: str) -> tuple[float, Unit]:
    """Return the factor and unit of one unit name, or raise ``unit`` with the nearest names."""
    if name not in NAMES:
        raise HzdslError(
            "unit", f"'{name}' is not a unit", fix=did_you_mean(name, NAMES) or f"known: {', '.join(NAMES)}"
        )
    return NAMES[name]


def rescale(value: float, source: Unit, target: Unit) -> float:
    """Return `value` of unit `source` as a number of unit `target`, correctly rounded.

    Examples
    --------
    >>> rescale(5.0, GEV, parse_unit("MeV"))
    5000.0
    """
    power = source.pow10 - target.pow10
    if source.anything or target.anything or power == 0 or not math.isfinite(value):
        return value
    if power.denominator != 1:
        return value * math.pow(10.0, float(power))
    return float(Fraction(value) * Fraction(10) ** int(power))
