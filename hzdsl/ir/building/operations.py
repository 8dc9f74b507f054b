"""Operations on values: arithmetic, comparison, choice, functions, of operands that still differ."""

from __future__ import annotations

from hzdsl.errors import HzdslError
from hzdsl.ir.building.leaves import const, const_value
from hzdsl.ir.building.operands import axis_of, cast, kind_of, lift, need_numbers, on_common_axis, plain, same_unit
from hzdsl.ir.literals import plain_labels
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops import OPS
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType, arithmetic_dtype


def arithmetic(op: str, a: Node, b: Node) -> Node:
    """Return ``a op b`` for add, sub, mul, div, mod, in the common dtype of C++ (division always floating)."""
    need_numbers(op, (a, b))
    a, b = on_common_axis(a, b)
    if OPS[op].one_unit:
        a, b = same_unit(op, (a, b))
    dtype = arithmetic_dtype(a.type.dtype, b.type.dtype)
    if op == "div" and not dtype.floating:
        dtype = DType.F64
    return make(op, cast(a, dtype), cast(b, dtype))


def neg(a: Node) -> Node:
    """Return ``-a``; the negative of a constant is a constant."""
    need_numbers("-", (a,))
    number = const_value(a)
    if number is not None and a.op == "const" and not isinstance(number, bool) and number != 0:
        return const(-number, a.type.unit)
    return make("neg", cast(a, arithmetic_dtype(a.type.dtype, a.type.dtype)))


def absolute(a: Node) -> Node:
    """Return the absolute value, in the same dtype and unit; of a condition a number."""
    need_numbers("abs", (a,))
    return make("abs", cast(a, DType.I32) if a.type.dtype is DType.BOOL else a)


def power(base: Node, exponent: Node) -> Node:
    """Return ``base**exponent``: a chain of multiplications for a literal integer, C's pow in f64 otherwise."""
    n = const_value(exponent)
    if isinstance(n, int) and not isinstance(n, bool) and exponent.op == "const":
        return _integer_power(base, n)
    need_numbers("**", (base, exponent))
    base, exponent = (plain(v) for v in on_common_axis(base, exponent))
    return make("pow", cast(base, DType.F64), cast(exponent, DType.F64))


def _integer_power(base: Node, n: int) -> Node:
    """1 of x's dtype, x, x*x, (x*x)*x, …: one fixed chain; 1/x**n for a negative n."""
    if abs(n) > 64:
        raise HzdslError("arguments", f"the power {n} is too large for repeated multiplication", fix=f"write {n}.0")
    if n == 0:
        return lift(cast(const(1), arithmetic_dtype(base.type.dtype, base.type.dtype)), axis_of(base))
    chain = base
    for _ in range(abs(n) - 1):
        chain = arithmetic("mul", chain, base)
    return chain if n > 0 else arithmetic("div", const(1), chain)


def compare(op: str, a: Node, b: Node) -> Node:
    """Return ``a == b``, ``a < b`` or ``a <= b``; objects compare by identity, i64 with u64 by value."""
    if a.type.target is not None or b.type.target is not None:
        return _compare_objects(op, a, b)
    if op == "eq" and a.type.labels and a.type.labels == b.type.labels:
        a, b = cast(a, DType.I64), cast(b, DType.I64)
    need_numbers(op, (a, b))
    a, b = on_common_axis(a, b)
    a, b = same_unit(op, (a, b))
    if a.type.dtype is b.type.dtype is DType.BOOL and op == "eq":
        return make("eq", a, b)
    mixed = {a.type.dtype, b.type.dtype}
    if DType.U64 in mixed and len(mixed) == 2 and all(d.integer or d is DType.BOOL for d in mixed):
        return _compare_by_value(op, a, b)
    dtype = arithmetic_dtype(a.type.dtype, b.type.dtype)
    return make(op, cast(a, dtype), cast(b, dtype))


def _compare_by_value(op: str, a: Node, b: Node) -> Node:
    """One operand is u64, the other signed or narrower: a negative number is below every unsigned one."""
    zero = lift(const(0), axis_of(a))
    wide = make(op, cast(a, DType.U64), cast(b, DType.U64))
    if b.type.dtype is DType.U64:
        return _below_zero_or(op, a, zero, wide) if a.type.dtype.signed else wide
    return make("and", make("le", zero, cast(b, DType.I64)), wide) if b.type.dtype.signed else wide


def _below_zero_or(op: str, a: Node, zero: Node, wide: Node) -> Node:
    signed = cast(a, DType.I64)
    if op == "eq":
        return make("and", make("le", zero, signed), wide)
    return make("or", make("lt", signed, zero), wide)


def _compare_objects(op: str, a: Node, b: Node) -> Node:
    if op != "eq" or a.type.target is None or b.type.target is None:
        raise HzdslError("dtype", f"{spell(a)} and {spell(b)}: an object can only be compared with == to an object")
    return make("same", *on_common_axis(a, b))


def not_equal(a: Node, b: Node) -> Node:
    """Return ``a != b``; missing where an operand is."""
    equal = compare("eq", a, b)
    if not equal.type.optional:
        return make("not", equal)
    return make("eq", equal, lift(const(False), axis_of(equal)))


def logic(op: str, a: Node, b: Node, symbol: str | None = None, fix: str = "compare it with something") -> Node:
    """Return ``a and b`` or ``a or b``; `symbol` is how the user wrote it, `fix` what mends a wrong operand."""
    for x in (a, b):
        if x.type.dtype is not DType.BOOL:
            raise HzdslError(
                "dtype",
                f"'{symbol or op}' takes conditions, and {spell(x)} is {kind_of(x)}",
                fix=fix,
            )
    return make(op, *on_common_axis(a, b))


def where(condition: Node, x: Node, y: Node) -> Node:
    """Return x where the condition holds, else y, in their common dtype and unit."""
    condition, x, y = on_common_axis(condition, x, y)
    if x.type.target is None and y.type.target is None:
        _same_kind("where", x, y)
        x, y = same_unit("where", (x, y))
        if x.type.dtype is not y.type.dtype:
            dtype = arithmetic_dtype(x.type.dtype, y.type.dtype)
            x, y = cast(x, dtype), cast(y, dtype)
    elif x.type.target is not y.type.target:
        raise HzdslError("dtype", f"where chooses between {spell(x)} and {spell(y)}, which are not of one collection")
    return make("where", condition, x, y)


def otherwise(x: Node, y: Node) -> Node:
    """Return x, or y where x is missing; in x's dtype and unit."""
    if x.type.target is not None:
        raise HzdslError("dtype", f"otherwise needs a value, and {spell(x)} is an object", fix="use it on an attribute")
    _same_kind("otherwise", x, y)
    x, y = on_common_axis(x, y)
    x, y = same_unit("otherwise", (x, y))
    return make("otherwise", x, cast(y, x.type.dtype))


def vary(nominal: Node, alternatives: tuple[Node, ...], name: str, labels: tuple[str, ...]) -> Node:
    """Return `nominal` with alternatives under a variation, in its dtype and unit; all on their common axis."""
    for x in (nominal, *alternatives):
        if x.type.target is not None:
            raise HzdslError("dtype", f"vary takes values, and {spell(x, 80)} is an object", fix="vary its attributes")
        _same_kind("vary", nominal, x)
    literal = const_value(nominal) is not None and nominal.type.dtype is DType.I64
    if literal and any(x.type.dtype.floating for x in alternatives):
        nominal = cast(nominal, DType.F64)
    for x in alternatives:
        if nominal.type.dtype.integer and x.type.dtype.floating:
            what = f"{spell(nominal, 60)} is {nominal.type.dtype.value} and its alternative {spell(x, 60)} is not"
            raise HzdslError("dtype", what, fix="vary a floating value, e.g. x.as_f64()")
    by_label = dict(zip(labels, alternatives, strict=True))
    usual = plain_labels(len(labels))
    labels = usual if set(usual) == set(labels) else tuple(sorted(labels))  # the order they are written in says nothing
    values = same_unit("vary", on_common_axis(nominal, *(by_label[label] for label in labels)))
    dtype = values[0].type.dtype
    return make("vary", *(cast(v, dtype) for v in values), name=name, labels=labels)


def _same_kind(op: str, x: Node, y: Node) -> None:
    """Refuse a condition or a label where the other value is a number, and labels of two categories."""
    kinds = [v.type.dtype if v.type.dtype in (DType.BOOL, DType.LABEL) else None for v in (x, y)]
    if DType.LABEL in kinds and x.type.labels != y.type.labels:
        what = f"{op} mixes labels with something else: {spell(x)}, {spell(y)}"
        raise HzdslError("dtype", what, fix="use labels of one category")
    if kinds[0] is not kinds[1]:
        raise HzdslError(
            "dtype", f"{op} mixes a condition with a number: {spell(x)}, {spell(y)}", fix="use True or False"
        )


def function(name: str, x: Node) -> Node:
    """Return a function of the `math` table; integers become f64, as in C++."""
    need_numbers(name, (x,))
    x = plain(x)
    return make("math", x if x.type.dtype.floating else cast(x, DType.F64), name=name)


def function2(op: str, a: Node, b: Node) -> Node:
    """Return atan2 or hypot."""
    need_numbers(op, (a, b))
    a, b = same_unit(op, on_common_axis(a, b))
    dtype = arithmetic_dtype(a.type.dtype, b.type.dtype)
    dtype = dtype if dtype.floating else DType.F64
    return make(op, cast(a, dtype), cast(b, dtype))


def faddeeva(part: str, x: Node, y: Node) -> Node:
    """Return the part ``real`` or ``imag`` of w(x + iy)."""
    need_numbers(f"faddeeva_{part}", (x, y))
    x, y = (cast(plain(v), DType.F64) for v in on_common_axis(x, y))
    return make("faddeeva", x, y, part=part)


def bits(name: str, a: Node, b: Node) -> Node:
    """Return a bit operation of two integers."""
    need_numbers(name, (a, b))
    a, b = (plain(v) for v in on_common_axis(a, b))
    if not (a.type.dtype.integer and b.type.dtype.integer):
        raise HzdslError("dtype", f"bit operations take integers: {spell(a)}, {spell(b)}")
    by = const_value(b)
    if name.startswith("sh") and by is not None and not 0 <= by < 64:
        raise HzdslError("arguments", f"{spell(a, 60)} is shifted by {by} bits", fix="shift by 0 to 63 bits")
    dtype = arithmetic_dtype(a.type.dtype, b.type.dtype)
    return make("bit", cast(a, dtype), cast(b, dtype), name=name)
