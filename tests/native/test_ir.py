"""LLVM IR as text: what is written is what LLVM runs."""

from __future__ import annotations

import struct
from ctypes import c_double, c_int64

import pytest

from hzdsl.native import compile_module, ir

I64, F64 = ir.IntType(64), ir.DOUBLE


def function(result: ir.Type, arguments: list[ir.Type]) -> tuple[ir.Module, ir.IRBuilder, list[ir.Value]]:
    made = ir.Function(module := ir.Module(), "f", ir.VOID, [*arguments, ir.POINTER])
    return module, ir.IRBuilder(made.append_basic_block("start")), made.args


def run(build, *given: float) -> bytes:
    """Build a function of f64 numbers that stores one 64-bit result, call it, and return the result's bytes."""
    module, b, arguments = function(ir.VOID, [F64] * len(given))
    b.store(build(b, *arguments[:-1]), arguments[-1])
    b.ret_void()
    native = compile_module(str(module), {}, ["f"])
    out = (c_int64 * 1)()
    native.function("f", None, *[c_double] * len(given), type(out))(*given, out)
    return bytes(out)


def bits(x: float) -> bytes:
    return struct.pack("<d", x)


@pytest.mark.parametrize(
    "x", [0.0, -0.0, 0.1, -1e300, 5e-324, float("inf"), struct.unpack("<d", b"\1\0\0\0\0\0\xf8\x7f")[0]]
)
def test_constants_have_their_bits(x: float) -> None:
    assert run(lambda b: F64(x)) == bits(x)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda b, x, y: b.fsub(x, y), -1.5),
        (lambda b, x, y: b.select(b.fcmp_ordered("<", x, y), x, y), 2.0),
        (lambda b, x, y: b.select(b.fcmp_unordered("uno", x, y), x, b.fneg(y)), -3.5),
        (lambda b, x, y: b.sitofp(b.neg(b.fptosi(y, I64)), F64), -3.0),
        (lambda b, x, y: b.bitcast(b.bswap(b.bswap(b.bitcast(x, I64))), F64), 2.0),
        (lambda b, x, y: b.load(b.gep(b.function.module.table([7.0, 0.1]), [I64(1)], source_etype=F64), F64), 0.1),
    ],
)
def test_instructions(build, expected: float) -> None:
    assert run(build, 2.0, 3.5) == bits(expected)


def test_vectors_do_the_same_everywhere() -> None:
    lanes = ir.VectorType(I64, 4)

    def build(b: ir.IRBuilder) -> ir.Value:
        small = b.not_(b.icmp_signed("<", lanes(3), lanes(2)))
        return b.zext(b.bitcast(small, ir.IntType(4)), I64)

    assert run(build) == (15).to_bytes(8, "little")


def test_a_value_that_depends_on_where_one_comes_from() -> None:
    def build(b: ir.IRBuilder, x: ir.Value) -> ir.Value:
        start = b.block
        with b.if_then(b.fcmp_ordered(">", x, F64(1.0))):
            y, inside = b.fmul(x, x), b.block
        found = b.phi(F64)
        found.add_incoming(F64(-1.0), start)
        found.add_incoming(y, inside)
        return found

    assert run(build, 3.0) == bits(9.0)
    assert run(build, 0.5) == bits(-1.0)
