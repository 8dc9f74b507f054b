"""Rows of the operations on numbers at one position."""

from __future__ import annotations

from hzdsl.backends.codegen.calls import faddeeva, intrinsic, libm
from hzdsl.backends.codegen.emitter import Emitter, Row
from hzdsl.backends.codegen.lltypes import F32, F64, I1, I64, REGISTER
from hzdsl.backends.codegen.positions import Env, Val
from hzdsl.backends.codegen.strict import Plain, Registers, operand_dtype, strict
from hzdsl.ir.node import Node, bits_float
from hzdsl.ir.ops import MATH
from hzdsl.ir.types import DType
from hzdsl.native import ir

# ---- arithmetic ----------------------------------------------------------------------------------------------------


def _float_or_int(float_op: str, int_op: str) -> Plain:
    def emit(e: Emitter, node: Node, r: Registers) -> ir.Value:
        value: ir.Value = getattr(e.b, float_op if operand_dtype(node).floating else int_op)(*r)
        return value

    return emit


def _div(e: Emitter, node: Node, r: Registers) -> ir.Value:
    return e.b.fdiv(*r)


def _neg(e: Emitter, node: Node, r: Registers) -> ir.Value:
    return e.b.fneg(r[0]) if operand_dtype(node).floating else e.b.neg(r[0])


def _abs(e: Emitter, node: Node, r: Registers) -> ir.Value:
    if operand_dtype(node).floating:
        return intrinsic(e, "llvm.fabs", r[0])
    if not operand_dtype(node).signed:
        return r[0]
    zero = ir.Constant(r[0].type, 0)
    return e.b.select(e.b.icmp_signed("<", r[0], zero), e.b.neg(r[0]), r[0])


def _mod(e: Emitter, node: Node, r: Registers) -> ir.Value:
    dtype = operand_dtype(node)
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


# ---- functions -----------------------------------------------------------------------------------------------------


_INTRINSICS = {"sqrt": "llvm.sqrt", "floor": "llvm.floor", "ceil": "llvm.ceil", "round": "llvm.rint"}


def _math(e: Emitter, node: Node, r: Registers) -> ir.Value:
    name, dtype, x = node.text("name"), operand_dtype(node), r[0]
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
        return libm(e, name, operand_dtype(node), *r)

    return emit


def _faddeeva(e: Emitter, node: Node, r: Registers) -> ir.Value:
    return faddeeva(e, node.text("part"), *r)


def _bit(e: Emitter, node: Node, r: Registers) -> ir.Value:
    name, dtype = node.text("name"), operand_dtype(node)
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
    source, target, x = operand_dtype(node), node.type.dtype, r[0]
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
    "math": strict(_math),
    "atan2": strict(_binary_libm("atan2")),
    "hypot": strict(_binary_libm("hypot")),
    "faddeeva": strict(_faddeeva),
    "bit": strict(_bit),
}
