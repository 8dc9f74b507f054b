"""Exact sums of f64 numbers in native code: 512-bit integers, in the words of `hzdsl.backends.base`."""

from __future__ import annotations

from hzdsl.backends.base import FRACTION_BITS, MINUS_INFINITY, NAN, PLUS_INFINITY, TOO_LARGE, WORDS
from hzdsl.backends.codegen.lltypes import F64, I64, POINTER
from hzdsl.native import ir

I128 = ir.IntType(128)
#: Of an f64: the bits of its mantissa, the field of its exponent, the bit that is not stored.
MANTISSA, EXPONENT, _HIDDEN = 52, 0x7FF, 1 << 52
#: The exponent field of the f64 numbers whose last bit is one unit of the sum.
UNIT_EXPONENT = 1075 - FRACTION_BITS


def declared(module: ir.Module, name: str, arguments: list[ir.Type]) -> tuple[ir.Function, bool]:
    """Return the function of a module that has this name, and whether it is new: then it is to be written."""
    known = module.globals.get(name)
    if known is not None:
        return known, False
    return ir.Function(module, name, arguments=arguments, internal=True, attributes="noinline"), True


def exact_adder(module: ir.Module) -> ir.Function:
    """Return the function ``add_exactly(words, x)``, which adds an f64 to the sum whose words are there."""
    function, is_new = declared(module, "add_exactly", [POINTER, F64])
    if not is_new:
        return function
    words, x = function.args
    b = ir.IRBuilder(function.append_basic_block("start"))
    bits = b.bitcast(x, I64)
    size = b.bitcast(b.and_(bits, I64(2**63 - 1)), F64)
    fits = b.fcmp_ordered("<", size, ir.Constant(F64, TOO_LARGE))
    with b.if_then(fits):
        _add_finite(b, words, bits)
    with b.if_then(b.not_(fits)):
        address = b.gep(words, [I64(WORDS - 1)], source_etype=I64)
        infinite = b.select(b.icmp_signed("<", bits, I64(0)), I64(MINUS_INFINITY), I64(PLUS_INFINITY))
        flag = b.select(b.fcmp_unordered("uno", x, x), I64(NAN), infinite)
        b.store(b.or_(b.load(address, typ=I64), flag), address)
    b.ret_void()
    return function


def _add_finite(b: ir.IRBuilder, words: ir.Value, bits: ir.Value) -> None:
    """Add a number to the two words that its digits reach, and what is carried to those above."""
    first, size = _whole(b, bits)
    number = b.select(b.icmp_signed("<", bits, I64(0)), b.neg(size), size)
    address = b.gep(words, [first], source_etype=I64)
    old = b.load(address, align=8, typ=I128)
    new = b.add(old, number)
    b.store(new, address, align=8)
    carry = b.zext(b.icmp_unsigned("<", new, old), I64)
    sign = b.sext(b.icmp_signed("<", number, I128(0)), I64)  # the words above of a negative number are all ones
    step = b.add(carry, sign)
    with b.if_then(b.icmp_signed("!=", step, I64(0))):
        _carry(b, words, b.add(first, I64(2)), step)


def _carry(b: ir.IRBuilder, words: ir.Value, start: ir.Value, step: ir.Value) -> None:
    """Add 1 or -1 to a word, and to the next where it runs over."""
    before, head, body = b.block, b.append_basic_block("head"), b.append_basic_block("body")
    after = b.append_basic_block("carried")
    b.branch(head)
    b.position_at_end(head)
    k = b.phi(I64)
    k.add_incoming(start, before)
    b.cbranch(b.icmp_signed("<", k, I64(WORDS - 1)), body, after)
    b.position_at_end(body)
    address = b.gep(words, [k], source_etype=I64)
    old = b.load(address, typ=I64)
    new = b.add(old, step)
    b.store(new, address)
    runs_over = b.icmp_signed("==", b.select(b.icmp_signed(">", step, I64(0)), new, old), I64(0))
    k.add_incoming(b.add(k, I64(1)), body)
    b.cbranch(runs_over, head, after)
    b.position_at_end(after)


def _whole(b: ir.IRBuilder, bits: ir.Value) -> tuple[ir.Value, ir.Value]:
    """Return the size of a number in units of the sum, rounded half to even: the lowest of two words, and both."""
    field = b.and_(b.lshr(bits, I64(MANTISSA)), I64(EXPONENT))
    normal = b.icmp_unsigned("!=", field, I64(0))
    digits = b.or_(b.and_(bits, I64(_HIDDEN - 1)), b.select(normal, I64(_HIDDEN), I64(0)))
    shift = b.sub(b.select(normal, field, I64(1)), I64(UNIT_EXPONENT))
    up = b.icmp_signed(">=", shift, I64(0))
    left = b.select(up, shift, I64(0))
    whole = b.select(up, digits, _rounded(b, digits, shift))
    return b.lshr(left, I64(6)), b.shl(b.zext(whole, I128), b.zext(b.and_(left, I64(63)), I128))


def _rounded(b: ir.IRBuilder, digits: ir.Value, shift: ir.Value) -> ir.Value:
    """Return ``digits / 2**-shift`` rounded half to even, for a negative shift; digits have 53 bits."""
    negative = b.icmp_signed("<", shift, I64(0))
    far = b.icmp_signed("<", shift, I64(-62))  # far below half a unit: 0 all the same
    n = b.select(far, I64(62), b.select(negative, b.neg(shift), I64(1)))
    whole = b.lshr(digits, n)
    half = b.shl(I64(1), b.sub(n, I64(1)))
    odd = b.and_(whole, I64(1))
    return b.lshr(b.add(digits, b.add(b.sub(half, I64(1)), odd)), n)
