"""correctionlib's ``hashprng``: XXH64 of the inputs seeds a PCG32, whose numbers the standard library of C++ shapes.

Sources: the specification of xxHash (XXH64, rev. 0.1.1); M. O'Neill, "PCG", HMC-CS-2014-0905, the generator
``pcg32_oneseq``; libstdc++'s ``generate_canonical`` and the polar method of Marsaglia.
"""

from __future__ import annotations

import math

from hzdsl.corrections.numbers import Along
from hzdsl.ir import tables
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType

_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
_PCG_FACTOR, _PCG_STEP = 6364136223846793005, 1442695040888963407

#: Pairs of numbers tried for a normal one. Each fails with probability 1 - π/4: all of them in one of 10^16 cases.
MOST_TRIES = 24


class _Words:
    """Arithmetic on u64 along one axis."""

    def __init__(self, along: Along) -> None:
        self.along = along

    def of(self, x: Node | int) -> Node:
        return self.along.word(x % 2**64) if isinstance(x, int) else x

    def add(self, a: Node | int, b: Node | int) -> Node:
        return make("add", self.of(a), self.of(b))

    def mul(self, a: Node | int, b: Node | int) -> Node:
        return make("mul", self.of(a), self.of(b))

    def bit(self, name: str, a: Node | int, b: Node | int) -> Node:
        return make("bit", self.of(a), self.of(b), name=name)

    def rotate(self, x: Node | int, n: int) -> Node:
        return self.bit("or", self.bit("shl", x, n), self.bit("shr", x, 64 - n))

    def folded(self, x: Node, n: int) -> Node:
        """``x ^ (x >> n)``"""
        return self.bit("xor", x, self.bit("shr", x, n))


def xxh64(lanes: list[Node], along: Along) -> Node:
    """Return the XXH64 hash, with seed 0, of whole 64-bit words."""
    w = _Words(along)

    def mixed(state: Node | int, lane: Node) -> Node:
        return w.mul(w.rotate(w.add(state, w.mul(lane, _P2)), 31), _P1)

    rest = list(lanes)
    total: Node | int = _P5
    if len(lanes) >= 4:
        states: list[Node | int] = [_P1 + _P2, _P2, 0, -_P1]
        while len(rest) >= 4:
            states = [mixed(s, lane) for s, lane in zip(states, rest, strict=False)]
            rest = rest[4:]
        total = w.rotate(states[0], 1)
        for s, n in zip(states[1:], (7, 12, 18), strict=True):
            total = w.add(total, w.rotate(s, n))
        for s in states:
            assert isinstance(s, Node)
            total = w.add(w.mul(w.bit("xor", total, mixed(0, s)), _P1), _P4)
    total = w.add(total, 8 * len(lanes))
    for lane in rest:
        total = w.add(w.mul(w.rotate(w.bit("xor", total, mixed(0, lane)), 27), _P1), _P4)
    total = w.mul(w.folded(total, 33), _P2)
    return w.folded(w.mul(w.folded(total, 29), _P3), 32)


class _Pcg:
    """The generator: each call of `next` makes the node of its next 32 bits, held in a u64."""

    def __init__(self, seed: Node, along: Along) -> None:
        self.w = _Words(along)
        self.state = self._after(self.w.add(seed, _PCG_STEP))

    def _after(self, state: Node) -> Node:
        return self.w.add(self.w.mul(state, _PCG_FACTOR), _PCG_STEP)

    def next(self) -> Node:
        w, old = self.w, self.state
        self.state = self._after(old)
        word = w.bit("and", w.bit("shr", w.folded(old, 18), 27), 0xFFFFFFFF)
        turn = w.bit("shr", old, 59)
        back = make("sub", w.of(32), turn)
        return w.bit("and", w.bit("or", w.bit("shr", word, turn), w.bit("shl", word, back)), 0xFFFFFFFF)

    def canonical(self) -> Node:
        """A number in [0, 1) of two calls, by libstdc++."""
        low, high = self.next(), self.next()
        whole = self.w.bit("or", low, self.w.bit("shl", high, 32))
        unit = make("mul", make("cast", whole, dtype=DType.F64), self.w.along.number(2.0**-64))
        one, below = self.w.along.number(1.0), self.w.along.number(math.nextafter(1.0, 0.0))
        return make("where", make("lt", unit, one), unit, below)

    def centred(self) -> Node:
        """A number in [-1, 1) of one call."""
        number = self.w.along.number
        return make("sub", make("mul", make("cast", self.next(), dtype=DType.F64), number(2.0**-31)), number(1.0))

    def centred_canonical(self) -> Node:
        number = self.w.along.number
        return make("sub", make("mul", number(2.0), self.canonical()), number(1.0))


def hash_prng(inputs: list[Node], distribution: str, along: Along) -> Node:
    """Return correctionlib's random number of some inputs (i64 or f64)."""
    lanes = [make("cast", x, dtype=DType.U64) if x.type.dtype.integer else tables.float_bits(x) for x in inputs]
    generator = _Pcg(xxh64(lanes, along), along)
    if distribution == "stdflat":
        return generator.canonical()
    return _normal(generator, along, standard=distribution == "stdnormal")


def _normal(generator: _Pcg, along: Along, standard: bool) -> Node:
    """The polar method: the first of some pairs that lies in the unit circle."""
    zero, one, draw = along.number(0.0), along.number(1.0), generator.centred
    if standard:
        draw = generator.centred_canonical
    tries = []
    for _ in range(MOST_TRIES):
        u, v = draw(), draw()
        s = make("add", make("mul", u, u), make("mul", v, v))
        inside = make("le", s, one) if standard else make("lt", s, one)
        tries.append((make("and", inside, make("lt", zero, s)), v if standard else u, s))
    _, value, square = tries[-1]
    for accepted, x, s in reversed(tries[:-1]):
        value, square = make("where", accepted, x, value), make("where", accepted, s, square)
    logarithm = make("mul", along.number(-2.0), make("math", square, name="log"))
    factor = make("math", make("div", logarithm, square), name="sqrt")
    found = make("mul", value, factor)
    return make("add", found, zero) if standard else found
