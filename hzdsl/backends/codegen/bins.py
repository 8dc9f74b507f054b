"""The bin search of boost-histogram, in f64: index 0 is underflow, `bins + 1` overflow, where NaN goes, too."""

from __future__ import annotations

from hzdsl.backends.base import Binning, Regular, Variable
from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lltypes import F64, I64
from hzdsl.native import ir


def bin_index(e: Emitter, x: ir.Value, binning: Binning) -> ir.Value:
    """Return the number of the bin, counting underflow as 0."""
    return _regular(e, x, binning) if isinstance(binning, Regular) else _variable(e, x, binning)


def _regular(e: Emitter, x: ir.Value, binning: Regular) -> ir.Value:
    """boost::histogram::axis::regular::index: z = (x - low) / (high - low); below 1 it is the whole part of z·bins."""
    low, width = e.number(binning.low), e.number(binning.high - binning.low)
    z = e.b.fdiv(e.b.fsub(x, low), width)
    inside = e.b.fcmp_ordered("<", z, e.number(1.0))
    above_low = e.b.fcmp_ordered(">=", z, e.number(0.0))
    safe = e.b.select(e.b.and_(inside, above_low), z, e.number(0.0))
    index = e.b.add(e.b.fptosi(e.b.fmul(safe, e.number(float(binning.bins))), I64), I64(1))
    below = e.b.select(above_low, index, I64(0))
    return e.b.select(inside, below, I64(binning.bins + 1))


def _variable(e: Emitter, x: ir.Value, binning: Variable) -> ir.Value:
    """boost::histogram::axis::variable::index: std::upper_bound, so NaN is above every edge."""
    table = e.module.table(binning.edges)
    low, high = e.variable(I64, I64(0)), e.variable(I64, I64(len(binning.edges)))
    with e.b.loop_while(lambda: e.b.icmp_signed("<", e.get(low, I64), e.get(high, I64))):
        a, b = e.get(low, I64), e.get(high, I64)
        middle = e.b.lshr(e.b.add(a, b), I64(1))
        edge = e.b.load(e.element(table, middle, F64), typ=F64)
        goes_left = e.b.fcmp_ordered("<", x, edge)
        e.b.store(e.b.select(goes_left, a, e.b.add(middle, I64(1))), low)
        e.b.store(e.b.select(goes_left, middle, b), high)
    return e.get(low, I64)
