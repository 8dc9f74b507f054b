"""Bringing operands together: one axis, one dtype, one unit; what a slot takes, and what is refused."""

from __future__ import annotations

import re
from fractions import Fraction

from hzdsl.errors import HzdslError
from hzdsl.ir.axes import EVENT, finer
from hzdsl.ir.building.leaves import const, const_value
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops import OPS
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, NONE, Unit, rescale
from hzdsl.ir.walk import bare


def lift(value: Node, axis: Node) -> Node:
    """Return `value` restricted or broadcast to `axis`."""
    value = bare(value)
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
    return spell(bare(value))


def _symbol(op: str) -> str:
    """Return how an operation is written: ``<`` for ``lt``, a function by its name."""
    infix = re.fullmatch(r"\{0\} (\S+) \{1\}", OPS[op].text) if op in OPS else None
    return infix[1] if infix else op


def _in(unit: Unit) -> str:
    return unit.describe() if unit.dimensionless else f"in {unit}"


def in_slot(value: Node, dimension: Unit, what: str) -> Node:
    """Return `value` for a slot whose dimension is declared: a bare number is in GeV, cm, ns, pb."""
    number = const_value(value) if value.type.unit in (NONE, ANY) else None
    if number is not None and not dimension.dimensionless:
        return lift(const(float(number), dimension.natural()), axis_of(value))
    if not value.type.unit.fits(dimension):
        raise HzdslError(
            "unit",
            f"{what} is in {dimension.natural().describe()}, and {spell(value)} is {_in(value.type.unit)}",
            fix=f"give a quantity in {dimension.natural()}" if not dimension.dimensionless else "give a plain number",
        )
    return value


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


def kind_of(x: Node) -> str:
    """Return what a node is, for a message: an object, or its dtype."""
    return "an object" if x.type.target is not None else x.type.dtype.value
