"""LLVM types of the graph's dtypes, in registers and in memory."""

from __future__ import annotations

from hzdsl.ir.types import DType
from hzdsl.native import ir

I1, I8, I32, I64 = ir.IntType(1), ir.IntType(8), ir.IntType(32), ir.IntType(64)
F32, F64, POINTER = ir.FLOAT, ir.DOUBLE, ir.POINTER
COMPLEX = ir.Type("{ double, double }")

REGISTER: dict[DType, ir.Type] = {
    DType.BOOL: I1,
    DType.I32: I32,
    DType.U32: I32,
    DType.I64: I64,
    DType.U64: I64,
    DType.F32: F32,
    DType.F64: F64,
    DType.LABEL: I32,
}
#: A bool takes a byte in memory.
MEMORY: dict[DType, ir.Type] = {**REGISTER, DType.BOOL: I8}
SIZE: dict[DType, int] = {d: 1 if d is DType.BOOL else d.bits // 8 for d in REGISTER}
