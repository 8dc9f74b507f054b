"""The operations once more, one event and one position at a time, in plain Python: slow and obviously right.

A value is a list with one item per position, None where it is missing. Numbers are Python's int, bool and
float; an f32 is a float that f32 can hold. (To round the f64 result of + - * / of two f32 to f32 is what f32
arithmetic does: f64 has more than twice the digits.)
"""

from __future__ import annotations

import ctypes
import itertools
import math
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import wofz

from hzdsl.backends.base import NUMPY, SLOT, Chunk
from hzdsl.ir.axes import leaf_axes, parent, stored, superset
from hzdsl.ir.node import Node, bits_float
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.ops import MATH
from hzdsl.ir.types import DType

Item = Any
LIBM = ctypes.CDLL("libm.so.6")


@dataclass
class Position:
    """One position of an axis: those of its parent, superset and legs, and its particles."""

    outer: int = 0
    above: int = 0
    legs: tuple[int, ...] = ()
    leaves: tuple[tuple[str, int] | None, ...] = ()  # collection, element; None: a member of a union has fewer

    @property
    def particles(self) -> frozenset[tuple[str, int]]:
        """The particles themselves."""
        return frozenset(leaf for leaf in self.leaves if leaf is not None)


# ---- numbers -----------------------------------------------------------------------------------------------


def fit(x: Item, dtype: DType) -> Item:
    """Wrap an integer, or round a float once, into its type."""
    if dtype is DType.BOOL:
        return bool(x)
    if dtype.integer:
        x = int(x) % 2**dtype.bits
        return x - 2**dtype.bits if dtype.signed and x >= 2 ** (dtype.bits - 1) else x
    if dtype is DType.F64:
        return float(x)
    if isinstance(x, int):
        x = single(x)
    try:
        return struct.unpack("f", struct.pack("f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


def single(x: int) -> float:
    """The nearest f32 of an integer, half to even. (By way of f64 it would be rounded twice.)"""
    drop = max(0, abs(x).bit_length() - 24)
    kept, rest = divmod(abs(x), 2**drop)
    kept += 2 * rest > 2**drop or (2 * rest == 2**drop and kept % 2 == 1)
    return math.copysign(float(kept * 2**drop), x)


def truncate(x: float, dtype: DType) -> int:
    low = -(2 ** (dtype.bits - 1)) if dtype.signed else 0
    if math.isnan(x):
        return 0
    if math.isinf(x):
        return low if x < 0 else low + 2**dtype.bits - 1
    return max(low, min(low + 2**dtype.bits - 1, math.trunc(x)))


def libm_function(name: str, dtype: DType, operands: int) -> Callable[..., float]:
    kind = ctypes.c_float if dtype is DType.F32 else ctypes.c_double
    found = LIBM[name + "f" * (dtype is DType.F32)]
    found.restype, found.argtypes = kind, [kind] * operands
    return found


def libm(name: str, dtype: DType, *operands: float) -> float:
    return libm_function(name, dtype, len(operands))(*operands)


def divide(a: float, b: float) -> float:
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)


def modulo(a: Item, b: Item, dtype: DType) -> Item:
    if dtype.integer:
        return 0 if b == 0 else a % b
    m = libm("fmod", dtype, a, b)
    if m != 0 and (m < 0) != (b < 0):
        m += b
    return math.copysign(0.0, b) if m == 0 else m


def shift(name: str, a: int, b: int, dtype: DType) -> int:
    if not 0 <= b < dtype.bits:
        return 0
    return a << b if name == "shl" else a >> b


def function(name: str, x: float, dtype: DType) -> Item:
    if name == "isfinite":
        return math.isfinite(x)
    if name == "sign":
        return x if math.isnan(x) else float((x > 0) - (x < 0))
    return libm(MATH[name].c_name, dtype, x)


def _bit(node: Node, a: int, b: int) -> int:
    name = node.text("name")
    plain = {"and": a & b, "or": a | b, "xor": a ^ b}
    return plain[name] if name in plain else shift(name, a, b, node.type.dtype)


def mixed(z: int) -> int:
    """SplitMix64: one step from state z."""
    z = (z + 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def random(node: Node, *keys: int) -> float:
    state = mixed(node.number("seed"))
    for key in keys:
        state = mixed(state ^ key)
    return (mixed(state) >> 11) / 2**53


def float_bits(node: Node, x: float) -> int:
    return 0x7FF8 << 48 if math.isnan(x) else int(struct.unpack("<Q", struct.pack("<d", x))[0])


def search(node: Node, x: Item) -> int:
    edges = node.attr("edges")
    assert isinstance(edges, Numbers)
    return sum(e <= x for e in edges.values())


def _cast(node: Node, x: Item) -> Item:
    to = node.type.dtype
    return truncate(x, to) if isinstance(x, float) and to.integer else x


STRICT: dict[str, Callable[..., Item]] = {
    "add": lambda node, a, b: a + b,
    "sub": lambda node, a, b: a - b,
    "mul": lambda node, a, b: a * b,
    "div": lambda node, a, b: divide(a, b),
    "mod": lambda node, a, b: modulo(a, b, node.type.dtype),
    "neg": lambda node, a: -a,
    "abs": lambda node, a: abs(a),
    "pow": lambda node, a, b: libm("pow", DType.F64, a, b),
    "atan2": lambda node, a, b: libm("atan2", node.type.dtype, a, b),
    "hypot": lambda node, a, b: libm("hypot", node.type.dtype, a, b),
    "faddeeva": lambda node, x, y: float(getattr(wofz(complex(x, y)), node.text("part"))),
    "eq": lambda node, a, b: a == b,
    "lt": lambda node, a, b: a < b,
    "le": lambda node, a, b: a <= b,
    "not": lambda node, a: not a,
    "math": lambda node, a: function(node.text("name"), a, node.args[0].type.dtype),
    "bit": _bit,
    "cast": _cast,
    "search": search,
    "random": random,
    "float_bits": float_bits,
}


def kleene(op: str, a: bool | None, b: bool | None) -> bool | None:
    deciding = op == "or"
    if a is deciding or b is deciding:
        return deciding
    return None if a is None or b is None else not deciding


# ---- one event ---------------------------------------------------------------------------------------------


class Event:
    """One event of a chunk, and what has been found out about it."""

    def __init__(self, chunk: Chunk, number: int, parameters: dict[str, Item]) -> None:
        self.chunk, self.number, self.parameters = chunk, number, parameters
        self._positions: dict[Node, list[Position]] = {}
        self._values: dict[Node, list[Item]] = {}

    # positions

    def positions(self, axis: Node) -> list[Position]:
        if axis not in self._positions:
            self._positions[axis] = list(getattr(self, f"_{axis.op}")(axis))
        return self._positions[axis]

    def lists(self, axis: Node) -> list[list[int]]:
        """The positions of an axis, by position of its parent."""
        lists: list[list[int]] = [[] for _ in self.positions(parent(axis))]
        for i, p in enumerate(self.positions(axis)):
            lists[p.outer].append(i)
        return lists

    def seen(self, i: int, fine: Node, coarse: Node) -> int:
        while fine is not coarse:
            above = superset(fine)
            p = self.positions(fine)[i]
            i, fine = (p.above, above) if above is not None else (p.outer, parent(fine))
        return i

    def _event(self, axis: Node) -> Iterable[Position]:
        return [Position()]

    def _collection(self, axis: Node) -> Iterable[Position]:
        first, last = self._bounds(axis)
        name, offsets = axis.text("name"), self.chunk.offsets[axis.text("name")]
        if axis.args[0].op == "event":
            return [Position(leaves=((name, k),)) for k in range(last - first)]
        begin, _ = self._bounds(axis.args[0])
        owners = range(len(self.positions(axis.args[0])))
        every = [(o, k) for o in owners for k in range(offsets[begin + o], offsets[begin + o + 1])]
        return [Position(o, leaves=((name, int(k) - first),)) for o, k in every]

    def _bounds(self, axis: Node) -> tuple[int, int]:
        """The first element of the event and the one past the last, of a stored collection."""
        if axis.op == "event":
            return self.number, self.number + 1
        first, last = self._bounds(axis.args[0])
        offsets = self.chunk.offsets[axis.text("name")]
        return int(offsets[first]), int(offsets[last])

    def _again(self, axis: Node, order: list[int]) -> Iterable[Position]:
        whole = self.positions(axis.args[0])
        return [Position(whole[i].outer, i, (), whole[i].leaves) for i in order]

    def _filter(self, axis: Node) -> Iterable[Position]:
        return self._again(axis, [i for i, x in enumerate(self.value(axis.args[1])) if x is True])

    def _slice(self, axis: Node) -> Iterable[Position]:
        start, stop = axis.attr("start"), axis.attr("stop")
        return self._again(axis, [i for one in self.lists(axis.args[0]) for i in one[start:stop]])  # type: ignore[misc]

    def _sort(self, axis: Node) -> Iterable[Position]:
        keys = [self.value(k) for k in axis.args[1:]]

        def rank(i: int) -> list[tuple[bool, Item]]:
            return [(True, 0) if k[i] is None or k[i] != k[i] else (False, k[i]) for k in keys]

        return self._again(axis, [i for one in self.lists(axis.args[0]) for i in sorted(one, key=rank)])

    def _combined(self, axes: tuple[Node, ...], outer: int, legs: tuple[int, ...]) -> Iterable[Position]:
        parts = [self.positions(a)[i] for a, i in zip(axes, legs, strict=True)]
        if len(frozenset().union(*(p.particles for p in parts))) == sum(len(p.particles) for p in parts):
            yield Position(outer, 0, legs, tuple(leaf for p in parts for leaf in p.leaves))

    def _choose(self, axis: Node) -> Iterable[Position]:
        n = axis.number("n")
        for outer, one in enumerate(self.lists(axis.args[0])):
            for legs in itertools.combinations(one, n):
                yield from self._combined(axis.args * n, outer, legs)

    def _product(self, axis: Node) -> Iterable[Position]:
        shared = parent(axis)
        for outer in range(len(self.positions(shared))):
            lists = [self.lists(a)[self.seen(outer, shared, parent(a))] for a in axis.args]
            for legs in itertools.product(*lists):
                yield from self._combined(axis.args, outer, legs)

    def _per(self, axis: Node) -> Iterable[Position]:
        inner, each = axis.args
        for outer in range(len(self.positions(each))):
            for i in self.lists(inner)[self.seen(outer, each, parent(inner))]:
                yield Position(outer, 0, (i,), self.positions(inner)[i].leaves)

    def _union(self, axis: Node) -> Iterable[Position]:
        shared, slots = parent(axis), len(leaf_axes(axis))
        for outer in range(len(self.positions(shared))):
            listed: list[Any] = []
            for member, part in enumerate(axis.args):
                for i in self.lists(part)[self.seen(outer, shared, parent(part))]:
                    here = self.positions(part)[i]
                    if member == 0 or here.particles not in listed:
                        yield Position(outer, 0, (member, i), (*here.leaves, *[None] * (slots - len(here.leaves))))
                    if member == 0:
                        listed.append(here.particles)

    def _legs(self, axis: Node) -> Iterable[Position]:
        for outer, whole in enumerate(zip(*(self.value(a) for a in axis.args), strict=True)):
            if None in whole:
                continue
            for k, (reference, i) in enumerate(zip(axis.args, whole, strict=True)):
                assert reference.type.target is not None
                yield Position(outer, 0, (k,), self.positions(reference.type.target)[i].leaves)

    def _chain(self, axis: Node) -> Iterable[Position]:
        start, step = axis.args
        assert start.type.target is not None
        for outer, at in enumerate(self.value(start)):
            met = [at]
            while met[-1] is not None:
                following = self.value(step)[met[-1]]
                if following is None or following in met:
                    break
                met.append(following)
                yield Position(outer, 0, (following,), self.positions(start.type.target)[following].leaves)

    def _row(self, axis: Node) -> Iterable[Position]:
        return [Position(leaves=((_called(axis), k),)) for k in range(axis.number("n"))]

    def _at(self, axis: Node) -> Iterable[Position]:
        reference, nested = axis.args
        for outer, owner in enumerate(self.value(reference)):
            for i in [] if owner is None else self.lists(nested)[owner]:
                yield Position(outer, 0, (i,), self.positions(nested)[i].leaves)

    # values

    def value(self, node: Node) -> list[Item]:
        if node not in self._values:
            evaluate = getattr(self, f"v_{node.op}", self._strict)
            self._values[node] = list(evaluate(node))
        return self._values[node]

    def _strict(self, node: Node) -> list[Item]:
        rows = zip(*(self.value(a) for a in node.args), strict=True)
        return [None if None in row else fit(STRICT[node.op](node, *row), node.type.dtype) for row in rows]

    def v_cast(self, node: Node) -> list[Item]:
        axis = node.args[0].type.target
        if axis is None:
            return self._strict(node)
        place = {i: k for one in self.lists(axis) for k, i in enumerate(one)}
        return [None if i is None else place[i] for i in self.value(node.args[0])]

    def v_const(self, node: Node) -> list[Item]:
        bits = node.number("bits")
        return [fit(bits_float(bits) if node.type.dtype.floating else bits, node.type.dtype)]

    def v_param(self, node: Node) -> list[Item]:
        name = node.text("name")
        if name in self.parameters:
            return [fit(self.parameters[name], node.type.dtype)]
        return self.v_const(node)

    def v_column(self, node: Node) -> list[Item]:
        column, owner = self.chunk.columns[node.text("name")], node.args[0]
        if owner.op == "event":
            return [column[self.number].item()]
        return [column[i].item() for i in range(*self._bounds(owner))]

    def v_lift(self, node: Node) -> list[Item]:
        value, axis = node.args
        coarse = value.type.axis
        assert coarse is not None
        return [self.value(value)[self.seen(i, axis, coarse)] for i in range(len(self.positions(axis)))]

    def v_take(self, node: Node) -> list[Item]:
        value, at = node.args
        return [None if i is None else self.value(value)[i] for i in self.value(at)]

    def v_self(self, node: Node) -> list[Item]:
        return list(range(len(self.positions(node.args[0]))))

    def v_under(self, node: Node) -> list[Item]:
        return [p.legs[0] for p in self.positions(node.args[0])]

    def v_leg(self, node: Node) -> list[Item]:
        axis, k = node.args[0], node.number("k")
        base = stored(axis)
        at = [self.seen(i, axis, base) for i in range(len(self.positions(axis)))]
        return [self.positions(base)[i].legs[k] for i in at]

    def v_nth(self, node: Node) -> list[Item]:
        i = node.number("i")
        return [one[i] if i < len(one) else None for one in self.lists(node.args[0])]

    def v_pick(self, node: Node) -> list[Item]:
        keys, sign = [self.value(k) for k in node.args[1:]], 1 if node.attr("direction") == "argmin" else -1
        chosen: list[Item] = []
        for one in self.lists(node.args[0]):
            usable = [i for i in one if all(k[i] is not None and k[i] == k[i] for k in keys)]
            ranks = {i: [k[i] for k in keys] for i in usable}
            chosen.append(min(ranks, key=lambda i: [sign * x for x in ranks[i]]) if ranks else None)
        return chosen

    def v_pick_truncated(self, node: Node) -> list[Item]:
        axis, value, target = node.args
        chosen: list[Item] = []
        for one, t in zip(self.lists(axis), self.value(target), strict=True):
            best, found = -1, None
            for i in one:
                x = self.value(value)[i]
                if x is not None and t is not None and abs(t - x) < abs(t - best):
                    best, found = truncate(x, DType.I32), i
            chosen.append(found)
        return chosen

    def particles(self, node: Node) -> list[Item]:
        """The set of particles of each object, None where it is missing."""
        target = node.type.target
        assert target is not None
        return [None if i is None else self.positions(target)[i].particles for i in self.value(node)]

    def v_shares(self, node: Node) -> list[Item]:
        pairs = zip(*(self.particles(a) for a in node.args), strict=True)
        return [None not in (a, b) and bool(a & b) for a, b in pairs]

    def v_same(self, node: Node) -> list[Item]:
        pairs = zip(*(self.particles(a) for a in node.args), strict=True)
        return [None if None in (a, b) else a == b for a, b in pairs]

    def _present(self, node: Node) -> Iterable[list[Item]]:
        axis, value = node.args[0].type.axis, self.value(node.args[0])
        assert axis is not None
        return [[value[i] for i in one if value[i] is not None] for one in self.lists(axis)]

    def _accumulate(self, node: Node, start: Item, step: Callable[[Item, Item], Item]) -> Iterable[Item]:
        for one in self._present(node):
            total = fit(start, node.type.dtype)
            for x in one:
                total = fit(step(total, x), node.type.dtype)
            yield total

    def v_sum(self, node: Node) -> Iterable[Item]:
        return self._accumulate(node, 0, lambda a, b: a + b)

    def v_prod(self, node: Node) -> Iterable[Item]:
        return self._accumulate(node, 1, lambda a, b: a * b)

    def _extreme(self, node: Node, better: Callable[[Item, Item], bool]) -> Iterable[Item]:
        for one in self._present(node):
            best = None
            for x in one:
                if not math.isnan(x) and (best is None or better(x, best)):
                    best = x
            yield best

    def v_min(self, node: Node) -> Iterable[Item]:
        return self._extreme(node, lambda x, best: x < best)

    def v_max(self, node: Node) -> Iterable[Item]:
        return self._extreme(node, lambda x, best: x > best)

    def v_any(self, node: Node) -> list[Item]:
        return [True in one for one in self._present(node)]

    def v_count(self, node: Node) -> list[Item]:
        return [len(one) for one in self.lists(node.args[0])]

    def v_exists(self, node: Node) -> list[Item]:
        return [x is not None for x in self.value(node.args[0])]

    def v_otherwise(self, node: Node) -> list[Item]:
        return [y if x is None else x for x, y in zip(*map(self.value, node.args), strict=True)]

    def v_vary(self, node: Node) -> list[Item]:
        return self.value(node.args[0])

    def v_where(self, node: Node) -> list[Item]:
        rows = zip(*map(self.value, node.args), strict=True)
        return [None if c is None else x if c else y for c, x, y in rows]

    def v_and(self, node: Node) -> list[Item]:
        return [kleene("and", a, b) for a, b in zip(*map(self.value, node.args), strict=True)]

    def v_or(self, node: Node) -> list[Item]:
        return [kleene("or", a, b) for a, b in zip(*map(self.value, node.args), strict=True)]

    def v_category(self, node: Node) -> list[Item]:
        rows = zip(*map(self.value, node.args), strict=True)
        return [next((k for k, c in enumerate(row) if c is True), None) for row in rows]

    def v_link(self, node: Node) -> list[Item]:
        index, axis = node.args
        along = node.type.axis
        assert along is not None
        found: list[Item] = []
        for i, k in enumerate(self.value(index)):
            one = self.lists(axis)[self.seen(i, along, parent(axis))]
            found.append(one[k] if k is not None and 0 <= k < len(one) else None)
        return found

    def v_collect(self, node: Node) -> list[Item]:
        values, objects = map(self.value, node.args)
        assert node.type.axis is not None
        found = [fit(0, node.type.dtype) for _ in self.positions(node.type.axis)]
        for x, at in zip(values, objects, strict=True):
            if x is not None and at is not None:
                found[at] = fit(found[at] + x, node.type.dtype)
        return found

    def v_stack(self, node: Node) -> list[Item]:
        *parts, axis = node.args
        found: list[Item] = []
        for k, p in enumerate(self.positions(axis)):
            part = parts[k if axis.op == "row" else p.legs[0]]
            item = self.value(part)[p.legs[1] if axis.op == "union" else p.outer]
            found.append(item if item is None else self._into(item, part.type.target, node.type.target))
        return found

    def _into(self, item: Item, own: Node | None, union: Node | None) -> Item:
        """A reference into a member of a union as one into the union."""
        if own is union or own is None or union is None:
            return item
        for member, part in enumerate(union.args):
            if part is own or part.op == "union":
                inner = self._into(item, own, part) if part is not own else item
                for i, p in enumerate(self.positions(union)):
                    if p.legs == (member, inner):
                        return i
        return None

    def v_entry(self, node: Node) -> list[Item]:
        numbers = node.attr("values")
        assert isinstance(numbers, Numbers)
        values = numbers.values()
        return [values[i] if i is not None and 0 <= i < len(values) else None for i in self.value(node.args[0])]

    # what a dump shows

    def shown(self, node: Node) -> list[Item]:
        """The values of a node; of a reference the element numbers of its particles."""
        target = node.type.target
        if target is None:
            return self.value(node)
        slots = [[_called(c) for c in slot] for slot in leaf_axes(target)]
        rows = [None if i is None else self.positions(target)[i].leaves for i in self.value(node)]
        return [None if row is None else _numbered(row, slots) for row in rows]


def _called(axis: Node) -> str:
    return f"row {axis.number('n')}" if axis.op == "row" else axis.text("name")


def _numbered(leaves: tuple[tuple[str, int] | None, ...], slots: list[list[str]]) -> list[int]:
    """A particle's place in the event, and which of the collections it may come from; -1 where there is none."""
    pairs = zip(leaves, slots, strict=True)
    return [-1 if leaf is None else leaf[1] + SLOT * names.index(leaf[0]) for leaf, names in pairs]


def dump(chunk: Chunk, nodes: list[Node], parameters: dict[str, Item]) -> list[tuple[Any, Any, Any]]:
    """Return (counts, values, valid) of every node, as arrays like those of `hzdsl.backends.base.Dump`."""
    events = [Event(chunk, i, parameters) for i in range(chunk.entries)]
    return [arrays(node, [event.shown(node) for event in events]) for node in nodes]


def arrays(node: Node, shown: list[list[Item]]) -> tuple[Any, Any, Any]:
    items = [x for one in shown for x in one]
    valid = np.array([x is not None for x in items], np.bool_)
    counts = np.array([len(one) for one in shown], np.int64)
    if node.type.target is not None:
        width = len(leaf_axes(node.type.target))
        rows = [[-1] * width if x is None else x for x in items]
        return counts, np.array(rows, np.int64).reshape(len(items), width), valid
    return counts, np.array([0 if x is None else x for x in items], NUMPY[node.type.dtype]), valid
