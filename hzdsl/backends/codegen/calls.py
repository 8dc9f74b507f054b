"""Calls of functions: LLVM's intrinsics and the C library's."""

from __future__ import annotations

from hzdsl.backends.codegen import C_PREFIX
from hzdsl.backends.codegen.emitter import Emitter
from hzdsl.backends.codegen.lltypes import F32, REGISTER
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


def libm_symbol(name: str, dtype: DType) -> str:
    """Return the symbol under which a C function is bound."""
    return f"{C_PREFIX}{name}{'f' if dtype is DType.F32 else ''}"
