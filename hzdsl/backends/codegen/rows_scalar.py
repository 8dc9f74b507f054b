"""Rows of the operations on numbers and conditions at one position."""

from __future__ import annotations

from collections.abc import Callable

from hzdsl.backends.codegen import C_PREFIX
from hzdsl.backends.codegen.emitter import Emitter, Row
from hzdsl.backends.codegen.lltypes import F32, F64, I1, I32, I64, REGISTER
from hzdsl.backends.codegen.positions import Env, Val
from hzdsl.ir.node import Node, bits_float
from hzdsl.ir.ops import MATH
from hzdsl.ir.types import DType
from hzdsl.native import ir

Registers = list[ir.Value]
Plain = Callable[[Emitter, Node, Registers], ir.Value]


def strict(function: Plain) -> Row:
    """Make a row of a function of registers: missing where any operand is."""

    def row(e: Emitter, node: Node, env: Env) -> Val:
        values = [e.eval(a, env) for a in node.args]
        present = None
        for v in values:
            present = e.both(present, v.present)
        return Val((function(e, node, [v.value for v in values]),), present)

    return row


def _dtype(node: Node) -> DType:
    return node.args[0].type.dtype


# ---- arithmetic ----------------------------------------------------------------------------------------------------


def _float_or_int(float_op: str, int_op: str) -> Plain:
    def emit(e: Emitter, node: Node, r: Registers) -> ir.Value:
        value: ir.Value = getattr(e.b, float_op if _dtype(node).floating else int_op)(*r)
        return value

    return emit


def _div(e: Emitter, node: Node, r: Registers) -> ir.Value:
    return e.b.fdiv(*r)


def _neg(e: Emitter, node: Node, r: Registers) -> ir.Value:
    return e.b.fneg(r[0]) if _dtype(node).floating else e.b.neg(r[0])


def _abs(e: Emitter, node: Node, r: Registers) -> ir.Value:
    if _dtype(node).floating:
        return intrinsic(e, "llvm.fabs", r[0])
    if not _dtype(node).signed:
        return r[0]
    zero = ir.Constant(r[0].type, 0)
    return e.b.select(e.b.icmp_signed("<", r[0], zero), e.b.neg(r[0]), r[0])


def _mod(e: Emitter, node: Node, r: Registers) -> ir.Value:
    dtype = _dtype(node)
    return _float_mod(e, dtype, *r) if dtype.floating else _int_mod(e, dtype, *r)


def _float_mod(e: Emitter, dtype: DType, a: ir.Value, b: ir.Value) -> ir.Value:
    """C's fmod moved to the sign of the divisor; a zero takes that sign, too."""
    zero = ir.Constant(a.type, 0.0)
    m = _fmod(e, dtype, a, b)
    nonzero = e.b.fcmp_unordered("!=", m, zero)
    differ = e.b.xor(e.b.fcmp_ordered("<", m, zero), e.b.fcmp_ordered("<", b, zero))
    moved = e.b.select(e.b.and_(nonzero, differ), e.b.fadd(m, b), m)
    signed_zero = intrinsic(e, "llvm.copysign", zero, b)
    return e.b.select(e.b.fcmp_ordered("==", m, zero), signed_zero, moved)


def _fmod(e: Emitter, dtype: DType, a: ir.Value, b: ir.Value) -> ir.Value:
    """C's fmod, which need not be called where it gives `a` back: of angles hardly ever."""
    rest = e.variable(REGISTER[dtype], a)
    with e.when(e.b.fcmp_unordered(">=", *(intrinsic(e, "llvm.fabs", x) for x in (a, b)))):
        e.b.store(libm(e, "fmod", dtype, a, b), rest)
    return e.get(rest, REGISTER[dtype])


def _int_mod(e: Emitter, dtype: DType, a: ir.Value, b: ir.Value) -> ir.Value:
    """By zero the result is 0; the most negative number by -1 is 0, too."""
    zero, one = ir.Constant(a.type, 0), ir.Constant(a.type, 1)
    trapping = e.b.icmp_signed("==", b, zero)
    if not dtype.signed:
        return e.b.select(trapping, zero, e.b.urem(a, e.b.select(trapping, one, b)))
    trapping = e.b.or_(trapping, e.b.icmp_signed("==", b, ir.Constant(a.type, -1)))
    m = e.b.srem(a, e.b.select(trapping, one, b))
    differ = e.b.xor(e.b.icmp_signed("<", m, zero), e.b.icmp_signed("<", b, zero))
    moved = e.b.select(e.b.and_(e.b.icmp_signed("!=", m, zero), differ), e.b.add(m, b), m)
    return e.b.select(trapping, zero, moved)


def _pow(e: Emitter, node: Node, r: Registers) -> ir.Value:
    return libm(e, "pow", DType.F64, *r)


# ---- comparisons and logic -----------------------------------------------------------------------------------------


def _compare(symbol: str) -> Plain:
    def emit(e: Emitter, node: Node, r: Registers) -> ir.Value:
        dtype = _dtype(node)
        if dtype.floating:
            return e.b.fcmp_ordered(symbol, *r)
        return (e.b.icmp_signed if dtype.signed else e.b.icmp_unsigned)(symbol, *r)

    return emit


def _and(e: Emitter, node: Node, env: Env) -> Val:
    """A false operand decides, even if the other is missing."""
    a, b = (e.eval(x, env) for x in node.args)
    if a.present is None and b.present is None:
        return Val((e.b.and_(a.value, b.value),))
    pa, pb = e.present(a), e.present(b)
    decided = e.b.or_(e.b.and_(pa, e.b.not_(a.value)), e.b.and_(pb, e.b.not_(b.value)))
    value = e.b.and_(e.b.and_(pa, pb), e.b.and_(a.value, b.value))
    return Val((value,), e.b.or_(e.b.and_(pa, pb), decided))


def _or(e: Emitter, node: Node, env: Env) -> Val:
    """A true operand decides, even if the other is missing."""
    a, b = (e.eval(x, env) for x in node.args)
    if a.present is None and b.present is None:
        return Val((e.b.or_(a.value, b.value),))
    pa, pb = e.present(a), e.present(b)
    value = e.b.or_(e.b.and_(pa, a.value), e.b.and_(pb, b.value))
    return Val((value,), e.b.or_(e.b.and_(pa, pb), value))


def _not(e: Emitter, node: Node, r: Registers) -> ir.Value:
    return e.b.not_(r[0])


def _where(e: Emitter, node: Node, env: Env) -> Val:
    """Missing where the condition or the chosen value is."""
    c, x, y = (e.eval(a, env) for a in node.args)
    parts = _signed_root(e, node, env, c) or tuple(
        e.b.select(c.value, p, q) for p, q in zip(x.parts, y.parts, strict=True)
    )
    chosen = None
    if x.present is not None or y.present is not None:
        chosen = x.present if x.present is y.present else e.b.select(c.value, e.present(x), e.present(y))
    return Val(parts, e.both(c.present, chosen))


def _signed_root(e: Emitter, node: Node, env: Env, condition: Val) -> tuple[ir.Value, ...]:
    """Return ``where(c, sqrt(u), -sqrt(v))``, as masses have it, with one root of what is chosen; else nothing.

    The roots of both, which nothing else may need, are no part of the code then.
    """
    root, negative = node.args[1:]
    other = negative.args[0] if negative.op == "neg" else negative
    if not all(x.op == "math" and x.text("name") == "sqrt" and not e.shares(x) for x in (root, other)):
        return ()
    u, v = (e.eval(x.args[0], env) for x in (root, other))
    found = intrinsic(e, "llvm.sqrt", e.b.select(condition.value, u.value, v.value))
    return (e.b.select(condition.value, found, e.b.fneg(found)) if other is not negative else found,)


def _category(e: Emitter, node: Node, env: Env) -> Val:
    """The first condition that holds; from the last to the first, each overrides those after it."""
    label, found = I32(0), I1(0)
    for k, condition in reversed(list(enumerate(node.args))):
        holds = e.truth(e.eval(condition, env))
        label, found = e.b.select(holds, I32(k), label), e.b.or_(holds, found)
    return Val((label,), found)


def _exists(e: Emitter, node: Node, env: Env) -> Val:
    return Val((e.present(e.eval(node.args[0], env)),))


def _otherwise(e: Emitter, node: Node, env: Env) -> Val:
    x, y = (e.eval(a, env) for a in node.args)
    if x.present is None:
        return x
    value = e.b.select(x.present, x.value, y.value)
    return Val((value,), None if y.present is None else e.b.or_(x.present, y.present))


def _vary(e: Emitter, node: Node, env: Env) -> Val:
    """The nominal value: variations are put in its place before a program is made."""
    return e.eval(node.args[0], env)


# ---- functions -----------------------------------------------------------------------------------------------------


def intrinsic(e: Emitter, name: str, *args: ir.Value) -> ir.Value:
    """Return a call of an LLVM intrinsic that works on one type."""
    type_ = args[0].type
    name = f"{name}.{'f32' if type_ == F32 else 'f64'}"
    return e.b.call(e.module.declared(name, type_, [type_] * len(args)), args)


def libm(e: Emitter, name: str, dtype: DType, *args: ir.Value) -> ir.Value:
    """Return a call of a C library function at the precision of `dtype`.

    The symbol is ours (`hz_sin`), bound to libm's address: LLVM knows C's names and would replace some calls by
    sequences that differ in the last bit.
    """
    symbol = libm_symbol(name, dtype)
    type_ = REGISTER[dtype]
    return e.b.call(e.module.declared(symbol, type_, [type_] * len(args), "nounwind readnone"), args)


def libm_symbol(name: str, dtype: DType) -> str:
    """Return the symbol under which a C function is bound."""
    return f"{C_PREFIX}{name}{'f' if dtype is DType.F32 else ''}"


_INTRINSICS = {"sqrt": "llvm.sqrt", "floor": "llvm.floor", "ceil": "llvm.ceil", "round": "llvm.rint"}


def _math(e: Emitter, node: Node, r: Registers) -> ir.Value:
    name, dtype, x = node.text("name"), _dtype(node), r[0]
    if name in _INTRINSICS:
        return intrinsic(e, _INTRINSICS[name], x)
    if name == "isfinite":
        return e.b.fcmp_ordered("<", intrinsic(e, "llvm.fabs", x), ir.Constant(x.type, float("inf")))
    if name == "sign":
        return _sign(e, x)
    return libm(e, MATH[name].c_name, dtype, x)


def _sign(e: Emitter, x: ir.Value) -> ir.Value:
    zero, one, minus = (ir.Constant(x.type, v) for v in (0.0, 1.0, -1.0))
    signed = e.b.select(e.b.fcmp_ordered(">", x, zero), one, e.b.select(e.b.fcmp_ordered("<", x, zero), minus, zero))
    return e.b.select(e.b.fcmp_unordered("uno", x, x), x, signed)


def _binary_libm(name: str) -> Plain:
    def emit(e: Emitter, node: Node, r: Registers) -> ir.Value:
        return libm(e, name, _dtype(node), *r)

    return emit


def _bit(e: Emitter, node: Node, r: Registers) -> ir.Value:
    name, dtype = node.text("name"), _dtype(node)
    plain = {"and": e.b.and_, "or": e.b.or_, "xor": e.b.xor}
    if name in plain:
        return plain[name](*r)
    x, n = r
    zero = ir.Constant(x.type, 0)
    inside = e.b.icmp_unsigned("<", n, ir.Constant(x.type, dtype.bits))
    safe = e.b.select(inside, n, zero)
    shifted = e.b.shl(x, safe) if name == "shl" else (e.b.ashr if dtype.signed else e.b.lshr)(x, safe)
    return e.b.select(inside, shifted, zero)


# ---- casts ---------------------------------------------------------------------------------------------------------


def _cast(e: Emitter, node: Node, r: Registers) -> ir.Value:
    source, target, x = _dtype(node), node.type.dtype, r[0]
    type_ = REGISTER[target]
    if source is DType.BOOL:
        return e.b.uitofp(x, type_) if target.floating else e.b.zext(x, type_)
    if source.floating and target.floating:
        return x if x.type == type_ else (e.b.fpext if target is DType.F64 else e.b.fptrunc)(x, type_)
    if source.floating:
        return _saturating(e, x, target)
    if target.floating:
        return (e.b.sitofp if source.signed else e.b.uitofp)(x, type_)
    return _resized(e, x, source, target)


def _resized(e: Emitter, x: ir.Value, source: DType, target: DType) -> ir.Value:
    """Wrap to fewer bits, or extend by the sign."""
    if source.bits == target.bits:
        return x
    if source.bits > target.bits:
        return e.b.trunc(x, REGISTER[target])
    return (e.b.sext if source.signed else e.b.zext)(x, REGISTER[target])


def _saturating(e: Emitter, x: ir.Value, target: DType) -> ir.Value:
    """Truncate toward zero, saturate at the limits; NaN gives 0."""
    type_ = REGISTER[target]
    name = f"llvm.fpto{'si' if target.signed else 'ui'}.sat.i{target.bits}.{'f32' if x.type == F32 else 'f64'}"
    return e.b.call(e.module.declared(name, type_, [x.type]), [x])


# ---- leaves --------------------------------------------------------------------------------------------------------


def _const(e: Emitter, node: Node, env: Env) -> Val:
    return Val((constant(node),))


def constant(node: Node) -> ir.Value:
    """Return a constant's register."""
    bits, dtype = node.number("bits"), node.type.dtype
    if dtype is DType.F64:
        return F64(bits_float(bits))
    return ir.Constant(I1 if dtype is DType.BOOL else I64, bits)


def _param(e: Emitter, node: Node, env: Env) -> Val:
    bits, dtype = e.slot("param", node.text("name"), number=True), node.type.dtype
    if dtype is DType.F64:
        return Val((e.b.bitcast(bits, F64),))
    return Val((bits if dtype is DType.I64 else e.b.icmp_unsigned("!=", bits, I64(0)),))


cast = strict(_cast)

SCALAR_ROWS: dict[str, Row] = {
    "const": _const,
    "param": _param,
    "add": strict(_float_or_int("fadd", "add")),
    "sub": strict(_float_or_int("fsub", "sub")),
    "mul": strict(_float_or_int("fmul", "mul")),
    "div": strict(_div),
    "mod": strict(_mod),
    "neg": strict(_neg),
    "abs": strict(_abs),
    "pow": strict(_pow),
    "eq": strict(_compare("==")),
    "lt": strict(_compare("<")),
    "le": strict(_compare("<=")),
    "and": _and,
    "or": _or,
    "not": strict(_not),
    "where": _where,
    "category": _category,
    "exists": _exists,
    "otherwise": _otherwise,
    "vary": _vary,
    "math": strict(_math),
    "atan2": strict(_binary_libm("atan2")),
    "hypot": strict(_binary_libm("hypot")),
    "bit": strict(_bit),
}
