"""exp, log and what is made of them, for all lanes at once; other functions are the C library's, lane by lane.

A likelihood promises 1e-12 relative, so that polynomials may stand for the C library: exp and log are within 1 ulp (exp
is 0 below the least normal number), x**y within |y ln x| + 2 ulp. The reduction of exp is Cody's and Waite's (*Software
Manual for the Elementary Functions*, 1980), the polynomial of log fdlibm's (s = f/(2+f), the odd series in s by Remez).
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log2, nan

from hzdsl.backends.passes.lanes import BITS, F64, VF64, VI64, Lanes, is_vector
from hzdsl.native.ir import Value

_LOG2_E = 1 / 0.6931471805599453
#: ln 2 in two parts: the first has 32 bits, so that multiples of it are exact.
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
#: Adding and subtracting it rounds to a whole number, which stands in its last bits meanwhile.
_ROUNDING = 1.5 * 2.0**52
_ROUNDING_BITS = 0x4338000000000000
#: e**r for |r| <= ln 2 / 2 within 2e-17: 1 + r + r² q(r), here q, which interpolates at Chebyshev's points.
_EXP = (
    0.5000000000000001,
    0.16666666666666669,
    0.041666666666624164,
    0.008333333333330065,
    0.0013888888917196881,
    0.0001984126986304067,
    2.4801521322116825e-05,
    2.7557268480116333e-06,
    2.762007599981065e-07,
    2.5100375924709717e-08,
)
_LARGEST, _SMALLEST = 709.782712893384, -708.3964185322641

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


def _polynomial(b: Lanes, x: Value, coefficients: tuple[float, ...]) -> Value:
    """Return the polynomial whose coefficients rise from x**0.

    Pairs are joined, pairs of pairs, and so on (Estrin's scheme): some products more than Horner's rule, and half as
    long to wait for, which is what a loop over rows does.
    """
    terms: list[Value] = [b.stored(c) for c in coefficients]
    while len(terms) > 1:
        pairs = [b.fused(high, x, low) for low, high in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[len(terms) // 2 * 2 :]
        x = b.times(x, x)
    return terms[0]


def exp(b: Lanes, x: Value) -> Value:
    """Return e**x; 0 where that is below the least normal number."""
    if not is_vector(x):
        return b.library("exp", x)
    rounding = b.stored(_ROUNDING)
    shifted = b.fused(x, b.stored(_LOG2_E), rounding)
    n = b.minus(shifted, rounding)
    r = b.fused(n, b.stored(-_LN2_LOW), b.fused(n, b.stored(-_LN2_HIGH), x))
    series = b.fused(b.fused(_polynomial(b, r, _EXP), r, b.stored(1.0)), r, b.stored(1.0))
    exponent = b.shl(b.bitcast(shifted, VI64), VI64(52))  # n stands in the last bits
    found = b.bitcast(b.add(b.bitcast(series, VI64), exponent), VF64)
    found = b.chosen(b.fcmp_ordered("<", x, b.stored(_SMALLEST)), VF64(0.0), found)
    return b.chosen(b.fcmp_unordered(">", x, b.stored(_LARGEST)), b.times(x, b.stored(inf)), found)  # inf, or NaN


def log(b: Lanes, x: Value) -> Value:
    """Return ln x: -inf of 0, NaN below."""
    if not is_vector(x):
        return b.library("log", x)
    tiny = b.compared("<", x, b.stored(_TINY))
    exponent, f = _halves(b, b.chosen(tiny, b.times(x, b.stored(2.0**54)), x))
    e = b.minus(exponent, b.chosen(tiny, F64(54.0), F64(0.0)))
    return _log_ends(b, x, b.fused(e, b.stored(_LN2_HIGH), _near_one(b, e, f)))


def _halves(b: Lanes, x: Value) -> tuple[Value, Value]:
    """Return e and f of x = 2**e (1 + f), 1 + f in [sqrt(1/2), sqrt(2)): what of x > 0 its bits say."""
    shifted = b.add(b.bitcast(x, VI64), b.stored(_ONE_BITS - _SQRT_HALF_BITS))
    exponent = b.add(b.lshr(shifted, VI64(52)), b.stored(_ROUNDING_BITS - 1023))
    mantissa = b.add(b.and_(shifted, b.stored(_MANTISSA)), b.stored(_SQRT_HALF_BITS))
    return b.minus(b.bitcast(exponent, VF64), b.stored(_ROUNDING)), b.minus(b.bitcast(mantissa, VF64), b.stored(1.0))


def _near_one(b: Lanes, e: Value, f: Value) -> Value:
    """Return ln(1 + f) and the lower part of e ln 2."""
    s = b.over(f, b.plus(f, b.stored(2.0)))
    z = b.times(s, s)
    half = b.times(b.times(f, b.stored(0.5)), f)
    series = b.fused(z, _polynomial(b, z, _LOG_ODD), half)
    small = b.fused(s, series, b.times(e, b.stored(_LN2_LOW)))
    return b.minus(f, b.minus(half, small))


def _log_ends(b: Lanes, x: Value, found: Value) -> Value:
    """Return what was found of ln x, or what it is where x is 0, below, infinite or NaN."""
    infinite = b.stored(inf)
    found = b.chosen(b.compared("==", x, infinite), infinite, found)
    none = b.chosen(b.compared("==", x, F64(0.0)), b.stored(-inf), b.stored(nan))
    return b.chosen(b.compared("<", F64(0.0), x), found, none)


def log1p(b: Lanes, x: Value) -> Value:
    """Return ln(1 + x).

    Where 1 + x = 2**e (1 + f) has e = 0, f is x itself; elsewhere the result is so far from 0 that what 1 + x has
    rounded away is less than its last place.
    """
    if not is_vector(x):
        return b.library("log1p", x)
    u = b.exact_plus(x, b.stored(1.0))
    e, f = _halves(b, u)
    near = b.compared("==", e, F64(0.0))
    found = _near_one(b, e, b.chosen(near, x, f))
    return _log_ends(b, u, b.chosen(near, found, b.fused(e, b.stored(_LN2_HIGH), found)))


def expm1(b: Lanes, x: Value) -> Value:
    """Return e**x - 1, by the same device."""
    if not is_vector(x):
        return b.library("expm1", x)
    u = exp(b, x)
    kept = b.exact_minus(u, VF64(1.0))
    ordinary = b.logical("and", b.compared("<", F64(-30.0), x), b.compared("<", x, F64(700.0)))
    small = b.compared("==", kept, F64(0.0))
    safe = b.chosen(b.logical("and", ordinary, b.not_(small)), u, F64(2.0))
    found = b.times(kept, b.over(x, log(b, safe)))
    return b.chosen(small, x, b.chosen(ordinary, found, kept))


def power(b: Lanes, x: Value, y: Value) -> Value:
    """Return x**y: of positive numbers by exp and log, of others by the C library, as what infinite powers are."""
    if not is_vector(x) and not is_vector(y):
        return b.library("pow", x, y)
    x, y = b.alike(x, y)
    ordinary = b.logical("and", b.compared("<", F64(0.0), x), b.compared("<", x, F64(inf)))
    ordinary = b.logical("and", ordinary, b.compared("<", b.intrinsic("fabs", y), F64(inf)))
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
