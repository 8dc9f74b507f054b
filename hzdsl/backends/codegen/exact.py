"""Exact sums of f64 numbers in native code: one 256-bit integer per sum, in the words of `hzdsl.backends.base`."""

from __future__ import annotations

from llvmlite import ir

from hzdsl.backends.base import FRACTION_BITS, MINUS_INFINITY, NAN, PLUS_INFINITY, TOO_LARGE, WORDS
from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lltypes import F64, I64, POINTER

I256 = ir.IntType(64 * (WORDS - 1))
_NAME = "add_exactly"
_MANTISSA, _EXPONENT, _HIDDEN = 52, 0x7FF, 1 << 52
#: The exponent field of the f64 numbers whose last bit is one unit of the sum.
_UNIT_EXPONENT = 1075 - FRACTION_BITS


def add_exactly(e: Emitter, words: ir.Value, x: ir.Value) -> None:
    """Emit the addition of an f64 to the sum whose words are there."""
    known = e.module.globals.get(_NAME)
    e.b.call(_define(e.module) if known is None else known, [words, x])


def _define(module: ir.Module) -> ir.Function:
    """Write the function that adds one number to one sum, once per module."""
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [POINTER, F64]), _NAME)
    function.linkage = "internal"
    function.attributes.add("noinline")  # it is called per bin, weight and cut: one copy
    words, x = function.args
    b = ir.IRBuilder(function.append_basic_block("start"))
    bits = b.bitcast(x, I64)
    size = b.bitcast(b.and_(bits, I64(2**63 - 1)), F64)
    fits = b.fcmp_ordered("<", size, ir.Constant(F64, TOO_LARGE))
    with b.if_else(fits) as (finite, special):
        with finite:
            number = _whole(b, bits)
            signed = b.select(b.icmp_signed("<", bits, I64(0)), b.neg(number), number)
            old = b.load(words, align=8, typ=I256)
            b.store(b.add(old, signed), words, align=8)
        with special:
            address = b.gep(words, [I64(WORDS - 1)], source_etype=I64)
            infinite = b.select(b.icmp_signed("<", bits, I64(0)), I64(MINUS_INFINITY), I64(PLUS_INFINITY))
            flag = b.select(b.fcmp_unordered("uno", x, x), I64(NAN), infinite)
            b.store(b.or_(b.load(address, typ=I64), flag), address)
    b.ret_void()
    return function


def _whole(b: ir.IRBuilder, bits: ir.Value) -> ir.Value:
    """Return the size of a number in units of the sum, rounded half to even."""
    field = b.and_(b.lshr(bits, I64(_MANTISSA)), I64(_EXPONENT))
    normal = b.icmp_unsigned("!=", field, I64(0))
    digits = b.or_(b.and_(bits, I64(_HIDDEN - 1)), b.select(normal, I64(_HIDDEN), I64(0)))
    shift = b.sub(b.select(normal, field, I64(1)), I64(_UNIT_EXPONENT))
    up = b.icmp_signed(">=", shift, I64(0))
    left = b.select(up, shift, I64(0))
    return b.select(up, b.shl(b.zext(digits, I256), b.zext(left, I256)), b.zext(_rounded(b, digits, shift), I256))


def _rounded(b: ir.IRBuilder, digits: ir.Value, shift: ir.Value) -> ir.Value:
    """Return ``digits / 2**-shift`` rounded half to even, for a negative shift; digits have 53 bits."""
    negative = b.icmp_signed("<", shift, I64(0))
    far = b.icmp_signed("<", shift, I64(-62))  # far below half a unit: 0 all the same
    n = b.select(far, I64(62), b.select(negative, b.neg(shift), I64(1)))
    whole = b.lshr(digits, n)
    half = b.shl(I64(1), b.sub(n, I64(1)))
    odd = b.and_(whole, I64(1))
    return b.lshr(b.add(digits, b.add(b.sub(half, I64(1)), odd)), n)
