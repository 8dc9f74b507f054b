"""Landau's density of energy losses in thin layers (L. Landau, J. Phys. USSR 8 (1944) 201).

Its value is that of CERNLIB's G110 DENLAN, by rational functions in seven parts (K. S. Kölbig and B. Schorr, Comput.
Phys. Commun. 31 (1984) 97), as ROOT and GSL have it: to 3e-9 of the
integral that defines it, beyond v = 300 to 4e-7.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.densities.functions import clip, exp, log, polynomial, sqrt, total, where
from hzdsl.stats.densities.numeric import Numeric
from hzdsl.stats.densities.quadrature import integral


class _Part(NamedTuple):
    """A part of the curve, from one v to another: a numerator over a denominator, in v or, of `tail`, in 1/v."""

    low: float
    high: float
    above: list[float]
    below: list[float]
    tail: bool = False


_RISE = _Part(
    *(-5.5, -1.0, [0.4259894875, -0.1249762550, 0.03984243700, -0.006298287635, 0.001511162253]),
    [1.0, -0.3388260629, 0.09594393323, -0.01608042283, 0.003778942063],
)
_PARTS = (
    _Part(
        *(-1.0, 1.0, [0.1788541609, 0.1173957403, 0.01488850518, -0.001394989411, 0.0001283617211]),
        [1.0, 0.7428795082, 0.3153932961, 0.06694219548, 0.008790609714],
    ),
    _Part(
        *(1.0, 5.0, [0.1788544503, 0.09359161662, 0.006325387654, 0.00006611667319, -0.000002031049101]),
        [1.0, 0.6097809921, 0.2560616665, 0.04746722384, 0.006957301675],
    ),
    _Part(
        *(5.0, 12.0, [0.9874054407, 118.6723273, 849.2794360, -743.7792444, 427.0262186]),
        *([1.0, 106.8615961, 337.6496214, 2016.712389, 1597.063511], True),
    ),
    _Part(
        *(12.0, 50.0, [1.003675074, 167.5702434, 4789.711289, 21217.86767, -22324.94910]),
        *([1.0, 156.9424537, 3745.310488, 9834.698876, 66924.28357], True),
    ),
    _Part(
        *(50.0, 300.0, [1.000827619, 664.9143136, 62972.92665, 475554.6998, -5743609.109]),
        *([1.0, 651.4101098, 56974.73333, 165917.4725, -2815759.939], True),
    ),
)
#: Below, the density is less than 1e-260 of its greatest value; beyond, an asymptotic series in 1/v.
_LEAST, _FAR = -7.4, 300.0
_BEGINNING = [1.0, 0.04166666667, -0.01996527778, 0.02709538966]
_SERIES = [1.0, -1.845568670, -4.284640743]


def _beginning(v: Any) -> Any:
    u = exp(v + 1.0)
    return 0.3989422803 * exp(-1.0 / u) / sqrt(u) * polynomial(u, _BEGINNING)


def _rise(v: Any) -> Any:
    u = exp(-1.0 - v)
    return exp(-u) * sqrt(u) * _ratio(_RISE, v)


def _ratio(part: _Part, y: Any) -> Any:
    return polynomial(y, part.above) / polynomial(y, part.below)


def _end(v: Any) -> Any:
    u = 1.0 / (v - v * log(v) / (v + 1.0))
    return u * u * polynomial(u, _SERIES)


def _of(part: _Part, v: Any) -> Any:
    if not part.tail:
        return _ratio(part, v)
    u = 1.0 / v
    return u * u * _ratio(part, u)


def density(v: Any) -> Any:
    """Return Landau's φ(v), of which each part is evaluated where it is meant."""
    result = where(v < _LEAST, 0.0, _beginning(clip(v, _LEAST, _RISE.low)))
    result = where(v < _RISE.low, result, _rise(clip(v, _RISE.low, _RISE.high)))
    for part in _PARTS:
        result = where(v < part.low, result, _of(part, clip(v, part.low, part.high)))
    return where(v < _FAR, result, _end(where(v < _FAR, _FAR, v)))


@dataclass(frozen=True, eq=False, repr=False)
class Landau(Numeric):
    """φ((x - location)/scale), greatest 0.22 scales below the location (RooFit's RooLandau; ROOT's TMath::Landau).

    The integral is a rule of `nodes` points in each part, in v or, in the tail, in 1/v, where they are smooth.
    """

    observable: Value
    location: Value
    scale: Value
    nodes: int

    def at(self, x: Value) -> Value:
        """Return the shape."""
        result: Value = density((x - self.location) / self.scale)
        return result

    def by_rule(self, nodes: int, low: Value, high: Value) -> Value:
        """Return the integral."""
        a, b = ((v - self.location) / self.scale for v in (low, high))
        others = (self.location, self.scale)

        def part(f: Callable[[Any], Any], least: float, most: float, tail: bool) -> Any:
            left, right = (clip(v, least, most) for v in (a, b))
            if not tail:
                return integral(f, left, right, nodes, *others)
            return integral(lambda u: f(1.0 / u) / (u * u), 1.0 / right, 1.0 / left, nodes, *others)

        found = [part(_beginning, _LEAST, _RISE.low, False), part(_rise, _RISE.low, _RISE.high, False)]
        found += [part(partial(_of, p), p.low, p.high, p.tail) for p in _PARTS]
        found.append(part(_end, _FAR, 1e12, True))
        result: Value = self.scale * total(found)
        return result
