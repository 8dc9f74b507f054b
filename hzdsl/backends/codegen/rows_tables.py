"""Rows of tables and keyed random numbers. A table stands in memory of its own, behind a slot of the context."""

from __future__ import annotations

from hzdsl.backends.codegen.emitter import Emitter, Row
from hzdsl.backends.codegen.lltypes import F64, I64, MEMORY
from hzdsl.backends.codegen.positions import Env, Val
from hzdsl.backends.codegen.strict import Registers, strict
from hzdsl.ir.node import Node
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from hzdsl.native import ir

_QUIET_NAN = 0x7FF8000000000000


def _numbers(node: Node, name: str) -> Numbers:
    found = node.attr(name)
    assert isinstance(found, Numbers)
    return found


def _search(e: Emitter, node: Node, r: Registers) -> ir.Value:
    """Halve the range in a fixed number of steps: the count grows by 2^k where the edge there is not above x."""
    edges = _numbers(node, "edges")
    n, count = len(edges), I64(0)
    if not n:
        return count
    pointer = e.slot("numbers", edges)
    for k in reversed(range(n.bit_length())):
        tried = e.b.add(count, I64(2**k))
        reachable = e.b.icmp_signed("<=", tried, I64(n))
        at = e.b.select(reachable, e.b.sub(tried, I64(1)), I64(0))
        edge = e.b.load(e.element(pointer, at, MEMORY[edges.dtype]), typ=MEMORY[edges.dtype])
        below = _not_above(e, edges.dtype, edge, r[0])
        count = e.b.select(e.b.and_(reachable, below), tried, count)
    return count


def _not_above(e: Emitter, dtype: DType, edge: ir.Value, x: ir.Value) -> ir.Value:
    return e.b.fcmp_ordered("<=", edge, x) if dtype.floating else e.b.icmp_signed("<=", edge, x)


def _entry(e: Emitter, node: Node, env: Env) -> Val:
    """Outside the table the first number is read, and marked as missing."""
    values, index = _numbers(node, "values"), e.eval(node.args[0], env)
    inside = e.b.icmp_unsigned("<", index.value, I64(len(values)))
    at = e.b.select(inside, index.value, I64(0))
    found = e.load_element(e.slot("numbers", values), at, values.dtype)
    return Val((found,), e.both(index.present, inside) if node.type.optional else None)


def _random(e: Emitter, node: Node, r: Registers) -> ir.Value:
    """SplitMix64's finaliser over the seed, each key in turn, and the sum once more; the highest 53 bits."""
    state = _mixed(e, I64(node.number("seed")))
    for key in r:
        state = _mixed(e, e.b.xor(state, key))
    top = e.b.lshr(_mixed(e, state), I64(11))
    return e.b.fmul(e.b.uitofp(top, F64), e.number(2.0**-53))


def _mixed(e: Emitter, z: ir.Value) -> ir.Value:
    z = e.b.add(z, I64(0x9E3779B97F4A7C15))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z = e.b.mul(e.b.xor(z, e.b.lshr(z, I64(shift))), I64(factor))
    return e.b.xor(z, e.b.lshr(z, I64(31)))


def _float_bits(e: Emitter, node: Node, r: Registers) -> ir.Value:
    nan = e.b.fcmp_unordered("uno", r[0], r[0])
    return e.b.select(nan, I64(_QUIET_NAN), e.b.bitcast(r[0], I64))


TABLE_ROWS: dict[str, Row] = {
    "search": strict(_search),
    "entry": _entry,
    "random": strict(_random),
    "float_bits": strict(_float_bits),
}
