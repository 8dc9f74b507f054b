"""exp, log and what is made of them, for all lanes at once; other functions are the C library's, lane by lane.

A likelihood promises 1e-12 relative, so that polynomials may stand for the C library; these are within 2 ulp. The
reduction of exp is Cody's and Waite's (*Software Manual for the Elementary Functions*, 1980), the polynomial of log
fdlibm's (s = f/(2+f), the odd series in s by Remez).
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial, inf, log2, nan

from hzdsl.backends.passes.lanes import BITS, F64, VF64, VI64, Lanes, is_vector
from hzdsl.native.ir import Value

_LOG2_E = 1 / 0.6931471805599453
#: ln 2 in two parts: the first has 32 bits, so that multiples of it are exact.
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
#: Adding and subtracting it rounds to a whole number, which stands in its last bits meanwhile.
_ROUNDING = 1.5 * 2.0**52
_ROUNDING_BITS = 0x4338000000000000
_EXP_DEGREE = 13
_LARGEST, _SMALLEST = 709.782712893384, -745.1332191019412

_LOG_ODD = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
_MANTISSA, _ONE_BITS = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_TINY = 2.2250738585072014e-308
assert log2(1 / _TINY) == 1022


def _horner(b: Lanes, x: Value, coefficients: tuple[float, ...]) -> Value:
    """Return the polynomial whose coefficients rise from x**0."""
    found = b.spread(F64(coefficients[-1]))
    for c in reversed(coefficients[:-1]):
        found = b.fused(found, x, F64(c))
    return found


def exp(b: Lanes, x: Value) -> Value:
    """Return e**x."""
    if not is_vector(x):
        return b.library("exp", x)
    clipped = b.intrinsic("minnum", b.intrinsic("maxnum", x, F64(_SMALLEST - 1)), F64(_LARGEST + 1))
    shifted = b.fused(clipped, F64(_LOG2_E), F64(_ROUNDING))
    n = b.minus(shifted, F64(_ROUNDING))
    r = b.fused(n, F64(-_LN2_LOW), b.fused(n, F64(-_LN2_HIGH), clipped))
    series = _horner(b, r, tuple(1 / factorial(k) for k in range(_EXP_DEGREE + 1)))
    whole = b.sub(b.bitcast(shifted, VI64), VI64(_ROUNDING_BITS))
    half = b.ashr(whole, VI64(1))  # 2**n in two steps: the result may be subnormal, or 2**1024 too large
    scaled = b.times(b.times(series, _power_of_two(b, half)), _power_of_two(b, b.sub(whole, half)))
    return b.chosen(b.fcmp_unordered("uno", x, x), x, scaled)


def _power_of_two(b: Lanes, n: Value) -> Value:
    return b.bitcast(b.shl(b.add(n, VI64(1023)), VI64(52)), VF64)


def log(b: Lanes, x: Value) -> Value:
    """Return ln x: -inf of 0, NaN below."""
    if not is_vector(x):
        return b.library("log", x)
    tiny = b.compared("<", x, F64(_TINY))
    scaled = b.chosen(tiny, b.times(x, F64(2.0**54)), x)
    bits = b.bitcast(scaled, VI64)
    # the exponent of m in [sqrt(1/2), sqrt(2)) and m itself
    shifted = b.add(bits, VI64(_ONE_BITS - _SQRT_HALF_BITS))
    exponent = b.sub(b.lshr(shifted, VI64(52)), VI64(1023))
    mantissa = b.add(b.and_(shifted, VI64(_MANTISSA)), VI64(_SQRT_HALF_BITS))
    f = b.minus(b.bitcast(mantissa, x.type), F64(1.0))
    e = b.minus(_as_float(b, exponent), b.chosen(tiny, F64(54.0), F64(0.0)))
    s = b.over(f, b.plus(f, F64(2.0)))
    z = b.times(s, s)
    series = b.times(z, _horner(b, z, _LOG_ODD))
    half = b.times(b.times(f, F64(0.5)), f)
    small = b.fused(s, b.plus(half, series), b.times(e, F64(_LN2_LOW)))
    found = b.fused(e, F64(_LN2_HIGH), b.minus(f, b.minus(half, small)))
    found = b.chosen(b.compared("==", x, F64(0.0)), F64(-inf), found)
    found = b.chosen(b.compared("==", x, F64(inf)), F64(inf), found)
    return b.chosen(b.fcmp_unordered("<", x, VF64(0.0)), F64(nan), found)


def _as_float(b: Lanes, small: Value) -> Value:
    """Return integers of less than 51 bits as f64."""
    bits = b.add(small, VI64(_ROUNDING_BITS))
    return b.minus(b.bitcast(bits, VF64), F64(_ROUNDING))


def power(b: Lanes, x: Value, y: Value) -> Value:
    """Return x**y: of positive numbers by exp and log, of others by the C library."""
    if not is_vector(x) and not is_vector(y):
        return b.library("pow", x, y)
    x, y = b.alike(x, y)
    ordinary = b.logical("and", b.compared("<", F64(0.0), x), b.compared("<", x, F64(inf)))
    return _where_all(b, ordinary, lambda: exp(b, b.times(y, log(b, x))), lambda: b.library("pow", x, y))


def _where_all(b: Lanes, condition: Value, usual: Callable[[], Value], otherwise: Callable[[], Value]) -> Value:
    """Return one of two values, by whether a condition holds in all lanes; only that one is computed."""
    packed = b.bitcast(condition, BITS)
    all_hold = b.icmp_signed("==", packed, BITS(-1))
    fast, slow, after = (b.append_basic_block(n) for n in ("usual", "otherwise", "after"))
    b.cbranch(all_hold, fast, slow)
    found = []
    for block, value in ((fast, usual), (slow, otherwise)):
        b.position_at_end(block)
        made = value()
        found.append((made, b.block))
        b.branch(after)
    b.position_at_end(after)
    phi = b.phi(found[0][0].type)
    for made, block in found:
        phi.add_incoming(made, block)
    return phi
