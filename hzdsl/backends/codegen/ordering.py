"""Which of two values comes first: the comparisons behind sorting, choosing and extrema."""

from __future__ import annotations

from collections.abc import Sequence

from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lltypes import I1
from hzdsl.backends.codegen.positions import Val
from hzdsl.ir.types import DType
from hzdsl.native import ir

#: Of each key the number, and whether it can win.
Ranked = list[tuple[ir.Value, ir.Value]]


def usable(e: Emitter, value: Val, dtype: DType) -> ir.Value:
    """Return whether a key can win: present and not NaN."""
    ok = e.present(value)
    return e.b.and_(ok, e.b.fcmp_ordered("ord", value.value, value.value)) if dtype.floating else ok


def lexicographic(e: Emitter, a: Ranked, b: Ranked, dtypes: Sequence[DType]) -> ir.Value:
    """Return whether keys `a` come strictly before keys `b`; an unusable key comes after every usable one."""
    before: ir.Value = I1(0)
    for (x, x_ok), (y, y_ok), dtype in reversed(list(zip(a, b, dtypes, strict=True))):
        less = e.b.select(e.b.and_(x_ok, y_ok), less_than(e, x, y, dtype), e.b.and_(x_ok, e.b.not_(y_ok)))
        more = e.b.select(e.b.and_(x_ok, y_ok), less_than(e, y, x, dtype), e.b.and_(y_ok, e.b.not_(x_ok)))
        before = e.b.or_(less, e.b.and_(e.b.not_(more), before))
    return before


def less_than(e: Emitter, x: ir.Value, y: ir.Value, dtype: DType) -> ir.Value:
    """Return x < y of a numeric dtype."""
    if dtype.floating:
        return e.b.fcmp_ordered("<", x, y)
    return (e.b.icmp_signed if dtype.signed else e.b.icmp_unsigned)("<", x, y)
