"""Calls of functions: LLVM's intrinsics and the C library's."""

from __future__ import annotations

from hzdsl.backends.codegen import C_PREFIX
from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lltypes import COMPLEX, F32, F64, I32, REGISTER
from hzdsl.ir.types import DType
from hzdsl.native import ir


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


def faddeeva(e: Emitter, part: str, x: ir.Value, y: ir.Value) -> ir.Value:
    """Return a part of w(x + iy): scipy's function takes and returns a complex number in two registers.

    (So the calling conventions of x86-64 and AArch64 say of C's ``double complex``, and LLVM of a pair of doubles. The
    integer is Cython's: 0, whatever the function.)
    """
    function = e.module.declared(f"{C_PREFIX}wofz", COMPLEX, [F64, F64, I32], "nounwind readnone")
    return e.b.extract(e.b.call(function, [x, y, I32(0)]), 0 if part == "real" else 1, F64)


def libm_symbol(name: str, dtype: DType) -> str:
    """Return the symbol under which a C function is bound."""
    return f"{C_PREFIX}{name}{'f' if dtype is DType.F32 else ''}"
