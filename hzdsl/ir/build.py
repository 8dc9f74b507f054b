"""Building nodes from operands that still differ in axis, dtype or unit: lift, cast, rescale, then `make`.

Both surfaces (Python and text) come through here. A rule of the language that is about operands in general stands
here once; what is particular to one operation stands in its declaration in `hzdsl.ir.ops`.
"""

from __future__ import annotations

import math as _math
import re
from fractions import Fraction

from hzdsl.errors import HzdslError
from hzdsl.ir.axes import EVENT, finer
from hzdsl.ir.literals import plain_labels
from hzdsl.ir.node import Node, bits_float, float_bits, make
from hzdsl.ir.ops import OPS
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.types import DType, arithmetic_dtype
from hzdsl.ir.units import ANY, NONE, Unit, rescale

Number = bool | int | float


# ---- leaves --------------------------------------------------------------------------------------------------------


def const(value: Number, unit: Unit = NONE) -> Node:
    """Return a constant: bool, i64 for an integer, f64 for any other number or a quantity.

    Zero, infinity and NaN without a unit fit every unit.

    Raises
    ------
    HzdslError
        ``dtype`` for an integer beyond 64 bits.
    """
    if isinstance(value, bool):
        return make("const", bits=int(value), dtype=DType.BOOL, unit=NONE)
    if unit == NONE and (value == 0 or (isinstance(value, float) and not _math.isfinite(value))):
        unit = ANY
    if isinstance(value, int) and unit in (NONE, ANY):
        _fits_64_bits(value)
        return make("const", bits=value, dtype=DType.I64, unit=unit)
    return make("const", bits=float_bits(float(value)), dtype=DType.F64, unit=unit)


def plain_const(value: int | float) -> Node:
    """Return a plain number, also where it is 0: one that does not fit the units of others."""
    if isinstance(value, int):
        return make("const", bits=value, dtype=DType.I64, unit=NONE)
    return make("const", bits=float_bits(value), dtype=DType.F64, unit=NONE)


def _fits_64_bits(value: int) -> None:
    if not -(2**63) <= value < 2**63:
        raise HzdslError("dtype", f"the integer {value} does not fit in 64 bits", fix="write it as a decimal number")


def const_value(node: Node) -> Number | None:
    """Return the number of a constant (lifted or not), None for anything else."""
    while node.op == "lift":
        node = node.args[0]
    if node.op != "const":
        return None
    bits, dtype = node.number("bits"), node.type.dtype
    if dtype is DType.BOOL:
        return bool(bits)
    return bits if dtype is DType.I64 else bits_float(bits)


def param(name: str, default: Number, unit: Unit = NONE) -> Node:
    """Return a parameter: bool, i64 or f64, as its default is."""
    if isinstance(default, bool):
        return make("param", name=name, bits=int(default), dtype=DType.BOOL, unit=NONE)
    if isinstance(default, int) and unit == NONE:
        _fits_64_bits(default)
        return make("param", name=name, bits=default, dtype=DType.I64, unit=NONE)
    return make("param", name=name, bits=float_bits(float(default)), dtype=DType.F64, unit=unit)


# ---- axes, dtypes, units of operands -------------------------------------------------------------------------------


def lift(value: Node, axis: Node) -> Node:
    """Return `value` restricted or broadcast to `axis`."""
    while value.op == "lift":
        value = value.args[0]
    return value if value.type.axis is axis else make("lift", value, axis)


def common_axis(values: tuple[Node, ...]) -> Node:
    """Return the finest axis of the operands (rule R1), or raise ``axis`` naming the two that do not see each other."""
    finest, holder = EVENT, values[0]
    for value in values:
        assert value.type.axis is not None
        found = finer(finest, value.type.axis)
        if found is None:
            raise _unrelated(holder, value)
        if found is not finest:
            finest, holder = found, value
    return finest


def _unrelated(a: Node, b: Node) -> HzdslError:
    assert a.type.axis is not None
    assert b.type.axis is not None
    first, second = axis_name(a.type.axis), axis_name(b.type.axis)
    return HzdslError(
        "axis",
        f"{spell(a)} is along {first} and {spell(b)} along {second}: neither sees the other",
        fix=f"for each of one, all of the other: {second}.per({first}); combinations of both: pair({first}, {second})",
    )


def on_common_axis(*values: Node) -> tuple[Node, ...]:
    """Return the operands lifted to their finest axis."""
    axis = common_axis(values)
    return tuple(lift(v, axis) for v in values)


def cast(value: Node, dtype: DType) -> Node:
    """Return `value` in another dtype."""
    if value.type.dtype is dtype:
        return value
    if value.type.dtype in (DType.REF, DType.AXIS):
        raise HzdslError("dtype", f"{spell(value)} is an object, not a number", fix="take one of its attributes")
    return make("cast", value, dtype=dtype)


def to_unit(value: Node, unit: Unit) -> Node:
    """Return `value` with its numbers in `unit` (same dimension): constants exactly, others scaled in f64."""
    source = value.type.unit
    if source == unit or source.anything or unit.anything:
        return value
    number = const_value(value)
    if number is not None:
        return lift(const(rescale(float(number), source, unit), unit), axis_of(value))
    power = source.pow10 - unit.pow10
    if power == 0:
        return value
    ratio = unit / source
    wide = cast(value, DType.F64)
    if power > 0:
        return make("mul", wide, lift(const(_ten_to(power), ratio), axis_of(value)))
    return make("div", wide, lift(const(_ten_to(-power), ratio ** Fraction(-1)), axis_of(value)))


def plain(value: Node) -> Node:
    """Return a dimensionless value with scale one: an MeV branch over GeV is stored in thousandths."""
    return to_unit(value, NONE) if value.type.unit.dimensionless else value


def _ten_to(power: Fraction) -> float:
    return float(10 ** int(power)) if power.denominator == 1 else 10.0 ** float(power)


def axis_of(value: Node) -> Node:
    """Return the axis of a value."""
    assert value.type.axis is not None
    return value.type.axis


def same_unit(op: str, values: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return the operands in the unit of the first that has one, or raise ``unit`` with the fix.

    Constants follow the others: a literal that meets a branch is rescaled, never the branch.
    """
    with_unit = [v for v in values if not v.type.unit.anything] or [values[0]]
    holder = next((v for v in with_unit if const_value(v) is None), with_unit[0])
    unit = holder.type.unit
    for value in values:
        if not unit.fits(value.type.unit):
            raise _unit_mismatch(op, holder, value)
    return tuple(to_unit(v, unit) for v in values)


def _unit_mismatch(op: str, a: Node, b: Node) -> HzdslError:
    what = f"{_said(a)} is {_in(a.type.unit)}, {_said(b)} is {_in(b.type.unit)}"
    fix = f"bring both to one unit before '{_symbol(op)}'"
    for number, other in ((a, b), (b, a)):
        if const_value(number) is not None and number.type.unit == NONE and not other.type.unit.dimensionless:
            fix = f"write the unit: {const_value(number)}*{other.type.unit.natural()}"
            fix += f" (text: {const_value(number)} {other.type.unit.natural()})"
    return HzdslError("unit", what, fix=fix)


def _said(value: Node) -> str:
    """Return how the user wrote an operand, before it was lifted to the axis of the others."""
    return spell(value.args[0] if value.op == "lift" else value)


def _symbol(op: str) -> str:
    """Return how an operation is written: ``<`` for ``lt``, a function by its name."""
    infix = re.fullmatch(r"\{0\} (\S+) \{1\}", OPS[op].text) if op in OPS else None
    return infix[1] if infix else op


def _in(unit: Unit) -> str:
    return unit.describe() if unit.dimensionless else f"in {unit}"


def in_slot(value: Node, dimension: Unit, what: str) -> Node:
    """Return `value` for a slot whose dimension is declared: a bare number is in GeV, cm, ns, pb."""
    bare = value.type.unit in (NONE, ANY)
    if bare and not dimension.dimensionless and const_value(value) is not None:
        number = const_value(value)
        assert number is not None
        return lift(const(float(number), dimension.natural()), axis_of(value))
    if not value.type.unit.fits(dimension):
        raise HzdslError(
            "unit",
            f"{what} is in {dimension.natural().describe()}, and {spell(value)} is {_in(value.type.unit)}",
            fix=f"give a quantity in {dimension.natural()}" if not dimension.dimensionless else "give a plain number",
        )
    return value


# ---- operations on values ------------------------------------------------------------------------------------------


def need_numbers(op: str, values: tuple[Node, ...]) -> None:
    """Raise ``dtype`` where an operand is neither a number nor a condition."""
    for value in values:
        if not (value.type.dtype.numeric or value.type.dtype is DType.BOOL):
            label = value.type.dtype is DType.LABEL
            raise HzdslError(
                "dtype",
                f"{spell(value)} is {'a label' if label else 'an object'}, and '{_symbol(op)}' takes numbers",
                fix='compare it: x == "label"' if label else f"use one of its attributes, e.g. {spell(value)}.pt",
            )


def arithmetic(op: str, a: Node, b: Node) -> Node:
    """Return ``a op b`` for add, sub, mul, div, mod, in the common dtype of C++ (division always floating)."""
    need_numbers(op, (a, b))
    a, b = on_common_axis(a, b)
    if op in ("add", "sub", "mod"):
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


def kind_of(x: Node) -> str:
    """Return what a node is, for a message: an object, or its dtype."""
    return "an object" if x.type.target is not None else x.type.dtype.value


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
    plain = plain_labels(len(labels))
    labels = plain if set(plain) == set(labels) else tuple(sorted(labels))  # the order they are written in says nothing
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


def bits(name: str, a: Node, b: Node) -> Node:
    """Return a bit operation of two integers."""
    need_numbers(name, (a, b))
    a, b = (plain(v) for v in on_common_axis(a, b))
    if not (a.type.dtype.integer and b.type.dtype.integer):
        raise HzdslError("dtype", f"bit operations take integers: {spell(a)}, {spell(b)}")
    dtype = arithmetic_dtype(a.type.dtype, b.type.dtype)
    return make("bit", cast(a, dtype), cast(b, dtype), name=name)
