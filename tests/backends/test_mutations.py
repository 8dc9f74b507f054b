"""The equality tests bite: a fault in any row of either backend makes that operation's own test fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from llvmlite import ir

from hzdsl.backends.base import Partial, Program
from hzdsl.backends.codegen import ROWS as COMPILED_ROWS
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.codegen.emitter import Emitter, Env, Val
from hzdsl.backends.codegen.lltypes import I1, I32, I64
from hzdsl.backends.interpret import ROWS as INTERPRETED_ROWS
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.backends.interpret.values import Positions, Value
from hzdsl.ir.node import Node
from hzdsl.ir.ops import OPS
from hzdsl.ir.types import DType
from tests.backends.compare import differences
from tests.backends.operations import CASES
from tests.backends.ragged import random_chunk

CHUNK = random_chunk(20260101, 300)


def compiled_fault(row: Any, axis: bool) -> Callable[..., Any]:
    """A row that skips the first position of every list, or flips the last bit of a value, or loses an object."""

    def skips_first(e: Emitter, node: Node, env: Env, body: Any, uses: Any) -> None:
        seen = e.variable(I64, I64(0))

        def later(inner: Env, out: ir.Block) -> None:
            n = e.get(seen, I64)
            e.b.store(e.b.add(n, I64(1)), seen)
            with e.when(e.b.icmp_signed(">", n, I64(0))):
                body(inner, out)

        row(e, node, env, later, uses)

    def last_bit(e: Emitter, node: Node, env: Env) -> Val:
        val = row(e, node, env)
        if node.type.target is not None:
            return Val(val.parts, I1(0))
        x, dtype = val.value, node.type.dtype
        if dtype.floating:
            width = I32 if dtype is DType.F32 else I64
            return Val((e.b.bitcast(e.b.xor(e.b.bitcast(x, width), width(1)), x.type),), val.present)
        return Val((e.b.xor(x, ir.Constant(x.type, 1)),), val.present)

    return skips_first if axis else last_bit


def interpreted_fault(row: Any) -> Callable[..., Any]:
    """A row that drops the last position, or changes the last bit of values, or loses objects."""

    def faulty(node: Node, run: Any) -> Value | Positions:
        found = row(node, run)
        if isinstance(found, Positions):
            cut = {"outer": found.outer[:-1], "legs": tuple(leg[:-1] for leg in found.legs)}
            index = None if found.index is None else found.index[:-1]
            return replace(found, n=found.n - 1, index=index, **cut)
        if node.type.target is not None:
            return Value(np.full_like(found.data, -1), np.zeros(len(found.data), np.bool_))
        return Value(_changed(found.data), found.valid)

    return faulty


def _changed(data: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if data.dtype.kind == "b":
        return ~data
    whole = np.ascontiguousarray(data)
    bits = whole.view(f"u{whole.dtype.itemsize}") ^ 1
    return bits.view(data.dtype)


def run(backend: Any, program: Program) -> Partial | str:
    try:
        partial: Partial = backend.compile(program).run(CHUNK, {"p": 4.25})
    except (AssertionError, IndexError, ValueError, KeyError) as e:
        return f"fails: {e!r}"
    return partial


@pytest.mark.parametrize("op", sorted(OPS))
@pytest.mark.parametrize("side", ["codegen", "interpret"])
def test_a_fault_is_noticed(op: str, side: str) -> None:
    program = Program(dumps=tuple(CASES[op]()))
    good = InterpretBackend().compile(program).run(CHUNK, {"p": 4.25})
    backend: Any
    if side == "codegen":
        backend = CodegenBackend({**COMPILED_ROWS, op: compiled_fault(COMPILED_ROWS[op], OPS[op].family == "axes")})
    else:
        backend = InterpretBackend({**INTERPRETED_ROWS, op: interpreted_fault(INTERPRETED_ROWS[op])})
    faulty = run(backend, program)
    assert isinstance(faulty, str) or differences(program, faulty, good) != []
