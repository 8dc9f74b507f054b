"""Sums over a loop: of numbers, and of logarithms."""

from __future__ import annotations

import math

from hzdsl.backends.passes.functions import log
from hzdsl.backends.passes.lanes import F64, I64, LANES, VF64, VI64, Lanes
from hzdsl.native.ir import Value

_LEAST, _MOST = 2.2250738585072014e-308, 1e300
_MANTISSA, _ONE, _BIAS = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000, 1023


class PlainSum:
    """A sum, one for each lane where the loop, or one around it, takes many positions at a time."""

    def __init__(self, b: Lanes, lanes: bool) -> None:
        self._b, self._lanes = b, lanes
        self._kind = VF64 if lanes else F64
        self._address = b.local(self._kind)
        b.store(self._kind(0.0), self._address)

    def add(self, x: Value, mask: Value | None, weight: Value | None = None) -> None:
        """Add a value; of lanes beyond the end nothing."""
        assert weight is None
        b = self._b
        x = b.spread(x) if self._lanes else x
        x = x if mask is None else b.select(mask, x, VF64(0.0))
        b.store(b.plus(b.load(self._address, self._kind), x), self._address)

    def result(self, whole: bool) -> Value:
        """Return the sum; `whole`: over all lanes."""
        total = self._b.load(self._address, self._kind)
        return self._b.summed(total) if self._lanes and whole else total


class LogSum:
    """A sum of logarithms, as one of a product: mantissas are multiplied, exponents added, and few logarithms taken.

    Those with another weight than 1, and of numbers without an exponent of their own (0, subnormal, negative, infinite,
    NaN), are taken where one of the lanes has such.
    """

    def __init__(self, b: Lanes, lanes: bool) -> None:
        assert lanes
        self._b = b
        self._product, self._exponents, self._apart = b.local(VF64), b.local(VI64), b.local(VF64)
        self._count = b.local(I64)
        b.store(VF64(1.0), self._product)
        b.store(VI64(0), self._exponents)
        b.store(VF64(0.0), self._apart)
        b.store(I64(0), self._count)

    def add(self, x: Value, mask: Value | None, weight: Value | None = None) -> None:
        """Add the logarithm of a value, times a weight; of lanes beyond the end nothing."""
        b = self._b
        x = b.spread(x) if mask is None else b.select(mask, b.spread(x), VF64(1.0))
        usual = b.and_(b.fcmp_ordered(">=", x, VF64(_LEAST)), b.fcmp_ordered("<=", x, VF64(_MOST)))
        if weight is not None:
            weight = b.spread(weight) if mask is None else b.select(mask, b.spread(weight), VF64(1.0))
            usual = b.and_(usual, b.fcmp_ordered("==", weight, VF64(1.0)))
        with b.unless_all(usual):
            one = log(b, x) if weight is None else b.times(weight, log(b, x))
            b.store(b.plus(b.load(self._apart, VF64), b.select(usual, VF64(0.0), one)), self._apart)
        product = b.times(b.load(self._product, VF64), b.select(usual, x, VF64(1.0)))
        bits = b.bitcast(product, VI64)
        b.store(b.add(b.load(self._exponents, VI64), b.lshr(bits, VI64(52))), self._exponents)
        b.store(b.bitcast(b.or_(b.and_(bits, VI64(_MANTISSA)), VI64(_ONE)), VF64), self._product)
        b.store(b.add(b.load(self._count, I64), I64(LANES)), self._count)

    def result(self, whole: bool) -> Value:
        """Return the sum of the logarithms."""
        assert whole
        b = self._b
        exponents = b.load(self._exponents, VI64)
        total = b.sub(I64(0), b.mul(b.load(self._count, I64), I64(_BIAS)))
        for k in range(LANES):
            total = b.add(total, b.lane(exponents, k))
        powers = b.times(b.sitofp(total, F64), F64(math.log(2)))
        logs = b.summed(b.plus(log(b, b.load(self._product, VF64)), b.load(self._apart, VF64)))
        return b.plus(powers, logs)
