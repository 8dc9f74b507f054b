"""How each operation of arithmetic is written, on scalars and lanes alike: one row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from types import MappingProxyType

from hzdsl.backends.passes.functions import exp, expm1, log, log1p, power
from hzdsl.backends.passes.lanes import F64, I64, WIDE, Lanes, is_vector, kind_of
from hzdsl.ir.node import Node
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.ops import MATH
from hzdsl.ir.types import DType
from hzdsl.native.ir import POINTER, Function, IRBuilder, Value

#: Writes an operation, given the values of its operands.
Row = Callable[[Lanes, Node, tuple[Value, ...]], Value]


def _floating(node: Node) -> bool:
    return node.args[0].type.dtype.floating


def _add(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    return b.plus(*x) if _floating(node) else b.add(*b.alike(*x))


def _sub(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    return b.minus(*x) if _floating(node) else b.sub(*b.alike(*x))


def _mul(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    return b.times(*x) if _floating(node) else b.mul(*b.alike(*x))


def _neg(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    return b.fneg(x[0]) if _floating(node) else b.neg(x[0])


def _abs(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    return b.intrinsic("fabs", *x)


def _mod(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    """Return the remainder with the sign of the divisor: exact, so that large quotients lose nothing."""
    rest = b.library("fmod", *x)
    zero = b.compared("==", rest, F64(0.0))
    other = b.logical("and", b.not_(zero), b.not_(_same_sign(b, rest, x[1])))
    found = b.chosen(other, b.plus(rest, x[1]), rest)
    return b.chosen(zero, b.intrinsic("copysign", F64(0.0), x[1]), found)


def _same_sign(b: Lanes, x: Value, y: Value) -> Value:
    one = F64(1.0)
    return b.compared("==", b.intrinsic("copysign", one, x), b.intrinsic("copysign", one, y))


def _compare(symbol: str) -> Row:
    return lambda b, node, x: b.compared(symbol, *x)


def _cast(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    """Numbers in f32 are held as f64, whole ones in 64 bits: only between these two is anything done."""
    (given,) = x
    source, kind = node.args[0].type.dtype, kind_of(node.type.dtype)
    if source is not DType.BOOL and kind is kind_of(source):
        return given
    wide = WIDE[kind] if is_vector(given) else kind
    if kind is I64:
        return b.zext(given, wide)
    return b.uitofp(given, wide) if source is DType.BOOL else b.sitofp(given, wide)


def _search(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    """Return how many of the edges are at or below a number, by halving, lane by lane."""
    edges = node.attr("edges")
    assert isinstance(edges, Numbers)
    table, count = b.module.table(edges.values()), I64(len(edges))
    search = _searching(b)
    return b.lane_by_lane(lambda one: b.call(search, [one, table, count]), *x)


def _searching(b: Lanes) -> Function:
    """Return the function that counts ascending edges at or below a number; 0 of NaN."""
    known = b.module.globals.get("search")
    if known is not None:
        return known
    made = Function(b.module, "search", I64, [F64, POINTER, I64], internal=True)
    w = IRBuilder(made.append_basic_block("start"))
    x, table, count = made.args
    first, last = w.alloca(I64), w.alloca(I64)
    w.store(I64(0), first)
    w.store(count, last)
    with w.loop_while(lambda: w.icmp_signed("<", w.load(first, I64), w.load(last, I64))):
        middle = w.lshr(w.add(w.load(first, I64), w.load(last, I64)), I64(1))
        below = w.fcmp_ordered("<=", w.load(w.gep(table, [middle], F64), F64), x)
        w.store(w.select(below, w.add(middle, I64(1)), w.load(first, I64)), first)
        w.store(w.select(below, w.load(last, I64), middle), last)
    w.ret(w.load(first, I64))
    return made


def _entry(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    """Return the number of a table at an index that is surely within it."""
    values = node.attr("values")
    assert isinstance(values, Numbers)
    table = b.module.table(values.values())
    return b.lane_by_lane(lambda one: b.read(table, one, F64), *x)


def _sign(b: Lanes, x: Value) -> Value:
    one = b.intrinsic("copysign", F64(1.0), x)
    return b.chosen(b.compared("==", x, F64(0.0)), F64(0.0), b.chosen(b.fcmp_unordered("uno", x, x), x, one))


_FUNCTIONS: Mapping[str, Callable[[Lanes, Value], Value]] = MappingProxyType(
    {
        "exp": exp,
        "log": log,
        "log1p": log1p,
        "expm1": expm1,
        "sqrt": lambda b, x: b.intrinsic("sqrt", x),
        "floor": lambda b, x: b.intrinsic("floor", x),
        "ceil": lambda b, x: b.intrinsic("ceil", x),
        "round": lambda b, x: b.intrinsic("rint", x),
        "sign": _sign,
    }
)


def _math(b: Lanes, node: Node, x: tuple[Value, ...]) -> Value:
    name = node.text("name")
    if name == "isfinite":
        return b.compared("<", b.intrinsic("fabs", x[0]), F64(inf))
    own = _FUNCTIONS.get(name)
    return own(b, x[0]) if own is not None else b.library(MATH[name].c_name, x[0])


ROWS: Mapping[str, Row] = MappingProxyType(
    {
        "add": _add,
        "sub": _sub,
        "mul": _mul,
        "div": lambda b, node, x: b.over(*x),
        "mod": _mod,
        "neg": _neg,
        "abs": _abs,
        "pow": lambda b, node, x: power(b, *x),
        "math": _math,
        "atan2": lambda b, node, x: b.library("atan2", *x),
        "hypot": lambda b, node, x: b.library("hypot", *x),
        "faddeeva": lambda b, node, x: b.faddeeva(node.text("part"), *x),
        "search": _search,
        "entry": _entry,
        "cast": _cast,
        "where": lambda b, node, x: b.chosen(*x),
        "and": lambda b, node, x: b.logical("and", *x),
        "or": lambda b, node, x: b.logical("or", *x),
        "not": lambda b, node, x: b.not_(x[0]),
        "eq": _compare("=="),
        "lt": _compare("<"),
        "le": _compare("<="),
    }
)
