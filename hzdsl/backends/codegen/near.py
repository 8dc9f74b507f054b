"""Adding weights to sums, four at a time: the functions that every kernel has once.

Almost all summands of a sum are of one size. Those within a factor of a thousand of the first are added to two f64
numbers, four weights at a time: their upper 31 bits to one, the lower 32 to the other, of which neither ever has more
than 53. The others go to the 512-bit sum at once (`hzdsl.backends.codegen.exact`), as the two do in the end. All of
this is exact, so the bits of a sum do not depend on which summand went where.

Of every sum there is, beside its words: its `base`, the power of two that is the least size of those summands, shared
by all rows (`NO_BASE` as long as no summand was seen); and per row the sums of the lower and of the upper parts.
"""

from __future__ import annotations

from hzdsl.backends.base import TOO_LARGE, WORDS
from hzdsl.backends.codegen.exact import EXPONENT, I128, MANTISSA, UNIT_EXPONENT, declared, exact_adder
from hzdsl.backends.codegen.layout import LANES, NO_BASE
from hzdsl.backends.codegen.lltypes import F64, I1, I64, POINTER
from hzdsl.ir.node import float_bits
from hzdsl.native import ir

_NUMBERS = ir.VectorType(F64, LANES)
#: A summand may be this many powers of two larger than the base, or, at first, smaller than the base's middle.
_WINDOW, _BELOW = 11, 5
#: The exponent field of the greatest base, whose window ends where summands are too large.
_MOST = (float_bits(TOO_LARGE) >> MANTISSA) - _WINDOW
#: How many bits the lower part of a summand has, and additions after which a part could have 54.
_LOWER, _FULL = 32, 1 << 22

#: For how many weights there is memory, the number of a weight, and 0 for the weight itself or 1 for its square.
At = tuple[ir.Value, ir.Value, int]


def adder(module: ir.Module) -> ir.Function:
    """Return ``add_weights(words, near, bases, weights, n)``: of one row, every weight and its square."""
    function, is_new = declared(module, "add_weights", [POINTER] * 4 + [I64])
    if not is_new:
        return function
    words, near, bases, weights, n = function.args
    b = ir.IRBuilder(function.append_basic_block("start"))
    size = b.and_(b.add(n, I64(LANES - 1)), I64(-LANES))
    with b.loop(I64(0), size, LANES) as (i, _):
        x = b.load(b.gep(weights, [i], source_etype=F64), align=8, typ=_NUMBERS)
        for j, summand in enumerate((x, b.fmul(x, x))):
            place = b.add(i, b.mul(size, I64(j)))
            base = b.load(b.gep(bases, [place], source_etype=F64), align=8, typ=_NUMBERS)
            late = _add_near(b, near, base, (size, i, j), summand)
            with b.if_then(b.icmp_signed("!=", late, ir.Constant(late.type, 0))):
                its_base = b.gep(bases, [place], source_etype=F64)
                b.call(
                    _late_adder(module), [words, its_base, b.gep(weights, [i], source_etype=F64), i, I64(j), n, late]
                )
    count = _count_address(b, near, size)
    number = b.add(b.load(count, typ=I64), I64(1))
    b.store(number, count)
    with b.if_then(b.icmp_signed("==", number, I64(_FULL))):
        b.call(emptier(module), [words, near, bases, n])
    b.ret_void()
    return function


def _add_near(b: ir.IRBuilder, near: ir.Value, base: ir.Value, at: At, summand: ir.Value) -> ir.Value:
    """Add four summands as far as they are near to their bases; return a bit for each that is not.

    Adding and subtracting a number whose last bit is that of the upper part rounds to the upper part.
    """
    size = b.call(b.function.module.declared(f"llvm.fabs.v{LANES}f64", _NUMBERS, [_NUMBERS]), [summand])
    above, below = (b.fmul(base, _all(x)) for x in (2.0**_WINDOW, 1.5 * 2.0**_LOWER))
    fits = b.and_(b.fcmp_ordered(">=", size, base), b.fcmp_ordered("<", size, above))
    whole = b.select(fits, summand, _all(0.0))
    upper = b.fsub(b.fadd(whole, below), below)
    for part, x in enumerate((b.fsub(whole, upper), upper)):
        address = _near_address(b, near, at, part)
        b.store(b.fadd(b.load(address, align=8, typ=_NUMBERS), x), address, align=8)
    nothing = b.fcmp_ordered("==", summand, _all(0.0))
    return b.bitcast(b.not_(b.or_(fits, nothing)), ir.IntType(LANES))


def _late_adder(module: ir.Module) -> ir.Function:
    """Return ``add_late(words, bases, weights, i, j, n, late)``: those of four that are not near."""
    arguments = [POINTER] * 3 + [I64] * 3 + [ir.IntType(LANES)]
    function, is_new = declared(module, "add_late", arguments)
    if not is_new:
        return function
    words, bases, weights, i, j, n, late = function.args
    b = ir.IRBuilder(function.append_basic_block("start"))
    with b.loop(I64(0), I64(LANES)) as (lane, _):
        k = b.add(i, lane)
        chosen = b.trunc(b.lshr(late, b.trunc(lane, late.type)), I1)
        with b.if_then(b.and_(chosen, b.icmp_signed("<", k, n))):
            first = b.gep(words, [b.mul(b.add(b.mul(k, I64(2)), j), I64(WORDS))], source_etype=I64)
            x = b.load(b.gep(weights, [lane], source_etype=F64), typ=F64)
            summand = b.select(b.icmp_signed("==", j, I64(0)), x, b.fmul(x, x))
            b.call(_far_adder(module), [first, b.gep(bases, [lane], source_etype=F64), summand])
    b.ret_void()
    return function


def _far_adder(module: ir.Module) -> ir.Function:
    """Return ``add_far(words, base, x)``: to the words at once; the first ordinary summand says where the base is."""
    function, is_new = declared(module, "add_far", [POINTER, POINTER, F64])
    if not is_new:
        return function
    words, base, x = function.args
    b = ir.IRBuilder(function.append_basic_block("start"))
    b.call(exact_adder(module), [words, x])
    exponent = b.and_(b.lshr(b.bitcast(x, I64), I64(MANTISSA)), I64(EXPONENT))
    wanted = b.sub(exponent, I64(_BELOW))
    inside = b.icmp_unsigned("<=", b.sub(wanted, I64(UNIT_EXPONENT)), I64(_MOST - UNIT_EXPONENT))
    with b.if_then(b.and_(inside, b.fcmp_ordered("==", b.load(base, typ=F64), F64(NO_BASE)))):
        b.store(b.bitcast(b.shl(wanted, I64(MANTISSA)), F64), base)
    b.ret_void()
    return function


def emptier(module: ir.Module) -> ir.Function:
    """Return ``empty(words, near, bases, n)``: add what is beside the words of a row to them."""
    function, is_new = declared(module, "empty", [POINTER] * 3 + [I64])
    if not is_new:
        return function
    words, near, bases, n = function.args
    b = ir.IRBuilder(function.append_basic_block("start"))
    size = b.and_(b.add(n, I64(LANES - 1)), I64(-LANES))
    b.store(I64(0), _count_address(b, near, size))
    with b.loop(I64(0), n) as (i, _):
        for j in range(2):
            parts = [_near_address(b, near, (size, i, j), part) for part in (0, 1)]
            low, high = (b.load(p, typ=F64) for p in parts)
            some = b.or_(*(b.fcmp_unordered("!=", x, F64(0.0)) for x in (low, high)))
            with b.if_then(some):
                for p in parts:
                    b.store(F64(0.0), p)
                base = b.load(b.gep(bases, [b.add(i, b.mul(size, I64(j)))], source_etype=F64), typ=F64)
                first = b.mul(b.add(b.mul(i, I64(2)), I64(j)), I64(WORDS))
                shift = b.sub(b.lshr(b.bitcast(base, I64), I64(MANTISSA)), I64(UNIT_EXPONENT))
                _add_shifted(b, b.gep(words, [first], source_etype=I64), _joined(b, base, low, high), shift)
    b.ret_void()
    return function


def _joined(b: ir.IRBuilder, base: ir.Value, low: ir.Value, high: ir.Value) -> ir.Value:
    """Return two parts together in units of the last bit of a number of the size of the base."""
    found: ir.Value = I128(0)
    for part, bits in ((low, 0), (high, _LOWER)):
        units = b.fptosi(b.fmul(part, b.fdiv(F64(2.0 ** (MANTISSA - bits)), base)), I64)
        found = b.add(found, b.shl(b.sext(units, I128), I128(bits)))
    return found


def _add_shifted(b: ir.IRBuilder, words: ir.Value, number: ir.Value, shift: ir.Value) -> None:
    """Add ``number * 2**shift`` (number below 2^96 in size) to a sum: three words of digits, then the sign."""
    word, bit = b.lshr(shift, I64(6)), b.zext(b.and_(shift, I64(63)), I128)
    low, sign = b.shl(number, bit), b.ashr(number, I128(127))
    top = b.select(b.icmp_signed("==", bit, I128(0)), sign, b.ashr(number, b.and_(b.sub(I128(128), bit), I128(127))))
    digits = [b.trunc(x, I64) for x in (low, b.lshr(low, I128(64)), top, sign)]
    carry = b.alloca(I64)
    b.store(I64(0), carry)
    with b.loop(I64(0), b.sub(I64(WORDS - 1), word)) as (k, _):
        digit = digits[3]
        for place in (2, 1, 0):
            digit = b.select(b.icmp_signed("==", k, I64(place)), digits[place], digit)
        address = b.gep(words, [b.add(word, k)], source_etype=I64)
        old, over = b.load(address, typ=I64), b.load(carry, typ=I64)
        total = b.add(b.add(b.zext(old, I128), b.zext(digit, I128)), b.zext(over, I128))
        b.store(b.trunc(total, I64), address)
        b.store(b.trunc(b.lshr(total, I128(64)), I64), carry)


def _near_address(b: ir.IRBuilder, near: ir.Value, at: At, part: int) -> ir.Value:
    """Return where the lower or upper parts of weights (j = 0) or squares from number i on are."""
    size, i, j = at
    return b.gep(near, [b.add(i, b.mul(size, I64(2 * j + part)))], source_etype=I64)


def _count_address(b: ir.IRBuilder, near: ir.Value, size: ir.Value) -> ir.Value:
    """Return where it is counted how often was added to a row."""
    return b.gep(near, [b.mul(size, I64(4))], source_etype=I64)


def _all(x: float) -> ir.Value:
    return _NUMBERS(x)
