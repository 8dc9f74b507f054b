"""Sums over a loop: of numbers, and of logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hzdsl.backends.passes.functions import log
from hzdsl.backends.passes.lanes import F64, I64, LANES, VF64, VI64, Lanes
from hzdsl.native.ir import Value

_LEAST, _MOST = 2.2250738585072014e-308, 1e300
_MANTISSA, _ONE, _BIAS = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000, 1023


def within(b: Lanes, index: Value, last: Value, mask: Value, values: Sequence[tuple[Value, float]]) -> list[Value]:
    """Return values, where lanes are beyond the end those given beside: what adds nothing.

    Only in the last turn of a loop can there be such lanes, and only then they are looked for.
    """
    wide = [b.spread(x) for x, _ in values]
    with b.mostly(b.compared("<=", b.add(index, I64(LANES)), last)) as before:
        kept = [b.select(mask, x, VF64(nothing)) for x, (_, nothing) in zip(wide, values, strict=True)]
        rare = b.block
    found: list[Value] = []
    for x, k in zip(wide, kept, strict=True):
        phi = b.phi(VF64)
        phi.add_incoming(x, before)
        phi.add_incoming(k, rare)
        found.append(phi)
    return found


class PlainSum:
    """A sum, one for each lane where the loop, or one around it, takes many positions at a time."""

    #: What adds nothing.
    nothing = 0.0

    def __init__(self, b: Lanes, lanes: bool) -> None:
        self._b, self._lanes = b, lanes
        self._kind = VF64 if lanes else F64
        self._address = b.local(self._kind)
        b.store(self._kind(0.0), self._address)

    def add(self, x: Value) -> None:
        """Add a value."""
        b = self._b
        x = b.spread(x) if self._lanes else x
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

    #: What adds nothing, with the weight 1.
    nothing = 1.0

    def __init__(self, b: Lanes, lanes: bool) -> None:
        assert lanes
        self._b = b
        self._product, self._exponents, self._apart = b.local(VF64), b.local(VI64), b.local(VF64)
        self._count = b.local(I64)
        b.store(VF64(1.0), self._product)
        b.store(VI64(0), self._exponents)
        b.store(VF64(0.0), self._apart)
        b.store(I64(0), self._count)

    def add(self, x: Value, weight: Value | None = None) -> None:
        """Add the logarithm of a value, times a weight."""
        b = self._b
        x = b.spread(x)
        usual = b.and_(b.fcmp_ordered(">=", x, b.stored(_LEAST)), b.fcmp_ordered("<=", x, b.stored(_MOST)))
        if weight is not None:
            weight = b.spread(weight)
            usual = b.and_(usual, b.fcmp_ordered("==", weight, b.stored(1.0)))
        with b.unless_all(usual):
            one = log(b, x) if weight is None else b.times(weight, log(b, x))
            b.store(b.plus(b.load(self._apart, VF64), b.select(usual, VF64(0.0), one)), self._apart)
        product = b.times(b.load(self._product, VF64), b.select(usual, x, VF64(1.0)))
        bits = b.bitcast(product, VI64)
        b.store(b.add(b.load(self._exponents, VI64), b.lshr(bits, VI64(52))), self._exponents)
        b.store(b.bitcast(b.or_(b.and_(bits, b.stored(_MANTISSA)), b.stored(_ONE)), VF64), self._product)
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
