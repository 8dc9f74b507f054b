"""Building look-ups and random numbers from operands as they come: the counterpart of `hzdsl.ir.build`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.node import Node, make
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, Unit


def search(x: Node, edges: Numbers) -> Node:
    """Return how many of the edges, which are in the unit of x, are at or below x; 0 where x is NaN.

    Raises
    ------
    HzdslError
        ``binning`` where the edges do not ascend.
    """
    if not edges.ascending:
        raise HzdslError("binning", "edges have to ascend, each above the one before", fix="sort them, without repeats")
    if not x.type.dtype.integer and x.type.dtype is not DType.BOOL:
        edges = edges if edges.dtype is DType.F64 else Numbers.of(edges.values(), DType.F64)
    return make("search", build.cast(x, edges.dtype), edges=edges)


def entry(index: Node, values: Numbers, unit: Unit = NONE) -> Node:
    """Return the number at an index, from 0; missing outside the table."""
    if not index.type.dtype.integer:
        raise HzdslError("dtype", f"an index is an integer, and {spell(index)} is {index.type.dtype.value}")
    return make("entry", build.cast(index, DType.I64), values=values, unit=unit)


def by_keys(x: Node, keys: Sequence[int | float], values: Numbers, unit: Unit = NONE, outside: bool = False) -> Node:
    """Return the value of the key that an integer is: with `outside` the first value is that of all other integers.

    Parameters
    ----------
    x : Node
        An integer; u64 does not fit.
    keys : sequence of int
        Ascending.
    values : Numbers
        One for each key, after the one for everything else.
    """
    wide = build.cast(x, DType.I64)
    count = search(wide, Numbers.of(keys))
    held = make("eq", entry(count, Numbers.of([keys[0], *keys])), wide)

    def plain(i: int) -> Node:
        return build.lift(build.plain_const(i), build.axis_of(wide))

    first, none = (count, plain(0)) if outside else (make("sub", count, plain(1)), plain(-1))
    return entry(make("where", held, first, none), values, unit)


def random(keys: Sequence[Node], seed: int) -> Node:
    """Return a number in [0, 1) that depends on integer keys and the seed alone.

    Raises
    ------
    HzdslError
        ``dtype`` for a key that is no integer, ``arguments`` for a seed beyond 64 bits or no key.
    """
    if not 0 <= seed < 2**64:
        raise HzdslError("arguments", f"the seed {seed} is not in 0 … 2**64-1", fix="e.g. seed=42")
    for key in keys:
        if not key.type.dtype.integer:
            what = "an object" if key.type.target is not None else key.type.dtype.value
            fix = "take integers: ev.run, ev.luminosityBlock, ev.event, mu.index; float_bits(x) of a number"
            raise HzdslError("dtype", f"a key of random is an integer, and {spell(key)} is {what}", fix=fix)
    return make("random", *(build.cast(k, DType.U64) for k in build.on_common_axis(*keys)), seed=seed)


def random_normal(keys: Sequence[Node], seed: int) -> Node:
    """Return a normally distributed number (mean 0, width 1): Box and Muller's transform of two uniform ones."""
    u, v = (_stream(random(keys, seed), stream) for stream in (1, 2))
    logarithm = build.function("log", build.arithmetic("sub", build.const(1.0), u))
    radius = build.function("sqrt", build.arithmetic("mul", build.const(-2.0), logarithm))
    angle = build.arithmetic("mul", build.const(2 * math.pi), v)
    return build.arithmetic("mul", radius, build.function("cos", angle))


#: Odd, without pattern: moves the seed of the numbers that `random_normal` uses far from those of a user.
_STREAM = 0xD1342543DE82EF95


def _stream(number: Node, stream: int) -> Node:
    return make("random", *number.args, seed=(number.number("seed") + _STREAM * stream) % 2**64)


def seed_of_normal(first: int) -> int:
    """Return the seed of normally distributed numbers, from that of the first uniform number that they use."""
    return (first - _STREAM) % 2**64


def float_bits(x: Node) -> Node:
    """Return the bits of a number as u64, so that it can be a key."""
    return make("float_bits", build.cast(build.plain(x), DType.F64))
