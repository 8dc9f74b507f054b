"""The equality tests bite: a fault in any row of either backend makes that operation's own test fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hzdsl.backends.base import Partial, Program, Selection
from hzdsl.backends.codegen import CodegenBackend, listing, ordering, rows_reductions
from hzdsl.backends.codegen.emitter import Emitter, Env, Val
from hzdsl.backends.codegen.lltypes import I1, I32, I64
from hzdsl.backends.codegen.table import ROWS as COMPILED_ROWS
from hzdsl.backends.interpret import ROWS as INTERPRETED_ROWS
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.backends.interpret import axes as interpreted_axes
from hzdsl.backends.interpret import reductions as interpreted_reductions
from hzdsl.backends.interpret import references as interpreted_references
from hzdsl.backends.interpret.references import best_positions
from hzdsl.backends.interpret.values import Positions, Value
from hzdsl.ir import build
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.types import DType
from hzdsl.native import ir
from tests.backends.compare import differences
from tests.backends.operations import CASES, missing
from tests.backends.ragged import random_chunk

CHUNK = random_chunk(20260101, 300)
PARAMETERS = {"p": 4.25}


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


def outcome(backend: Any, program: Program) -> str:
    """Return what a backend with a fault does: it differs, crashes, or gives the same as one without."""
    good = InterpretBackend().compile(program).run(CHUNK, PARAMETERS, tables=True)
    try:
        faulty: Partial = backend.compile(program).run(CHUNK, PARAMETERS, tables=True)
    except (AssertionError, IndexError, ValueError, KeyError):
        return "crashes"
    return "differs" if differences(program, faulty, good) else "same"


def with_row(side: str, op: str, row: Any) -> Any:
    rows: dict[str, Any] = {**(COMPILED_ROWS if side == "codegen" else INTERPRETED_ROWS), op: row}
    return CodegenBackend(rows) if side == "codegen" else InterpretBackend(rows)


SIDES = ("codegen", "interpret")


@pytest.mark.parametrize("op", sorted(OPS))
@pytest.mark.parametrize("side", SIDES)
def test_a_fault_is_noticed(op: str, side: str) -> None:
    """By other numbers: a crash would say nothing of what the cases compare."""
    if side == "codegen":
        row = compiled_fault(COMPILED_ROWS[op], OPS[op].family == "axes")
    else:
        row = interpreted_fault(INTERPRETED_ROWS[op])
    assert outcome(with_row(side, op, row), Program(dumps=tuple(CASES[op]()))) == "differs"


# ---- presence --------------------------------------------------------------------------------------------------------

#: Operations of which some case may be missing.
OPTIONAL = sorted(op for op in OPS if any(n.op == op and n.type.optional for n in CASES[op]()))


def always_there(side: str, row: Any) -> Any:
    """A row that calls present what is missing."""
    if side == "codegen":

        def compiled(e: Emitter, node: Node, env: Env) -> Val:
            val = row(e, node, env)
            return Val(val.parts, None if val.present is None else I1(1))

        return compiled

    def interpreted(node: Node, evaluation: Any) -> Value:
        value = row(node, evaluation)
        return value if value.valid is None else Value(value.data, np.ones(len(value.data), np.bool_))

    return interpreted


def never_there(side: str, row: Any) -> Any:
    """A row that calls missing what is present."""
    if side == "codegen":

        def compiled(e: Emitter, node: Node, env: Env) -> Val:
            val = row(e, node, env)
            return Val(val.parts, None if val.present is None else I1(0))

        return compiled

    def interpreted(node: Node, evaluation: Any) -> Value:
        value = row(node, evaluation)
        return value if value.valid is None else Value(np.zeros_like(value.data), np.zeros(len(value.data), np.bool_))

    return interpreted


@pytest.mark.parametrize("fault", [always_there, never_there])
@pytest.mark.parametrize("op", OPTIONAL)
@pytest.mark.parametrize("side", SIDES)
def test_a_fault_in_presence_is_noticed(op: str, side: str, fault: Callable[[str, Any], Any]) -> None:
    rows = COMPILED_ROWS if side == "codegen" else INTERPRETED_ROWS
    nodes = tuple(n for n in CASES[op]() if n.type.optional)
    assert outcome(with_row(side, op, fault(side, rows[op])), Program(dumps=nodes)) == "differs"


def needs_both(e: Emitter, node: Node, env: Env) -> Val:
    """``and`` and ``or`` that are missing wherever an operand is, also where the other one decides."""
    val = COMPILED_ROWS[node.op](e, node, env)
    a, b = (e.eval(x, env) for x in node.args)
    return Val(val.parts, e.both(a.present, b.present))


@pytest.mark.parametrize("op", ["and", "or"])
def test_logic_that_one_operand_cannot_decide_is_noticed(op: str) -> None:
    assert outcome(with_row("codegen", op, needs_both), Program(dumps=tuple(CASES[op]()))) == "differs"


# ---- ties: the first wins --------------------------------------------------------------------------------------------


def single_key(op: str) -> Program:
    return Program(dumps=tuple(n for n in CASES[op]() if len(n.args) <= 2))


def last_of_equals(positions: Positions, keys: list[Value], least: bool) -> Any:
    """The interpreter's choice with the last of equals instead of the first."""
    best = best_positions(positions, keys, least)
    for parent in np.flatnonzero(best >= 0):
        for at in np.flatnonzero(positions.outer == parent):
            ties = all(k.data[at] == k.data[best[parent]] and (k.valid is None or k.valid[at]) for k in keys)
            best[parent] = at if ties else best[parent]
    return best


@pytest.mark.parametrize("op", ["pick", "min", "max", "sort"])
@pytest.mark.parametrize("side", SIDES)
def test_a_tie_that_the_last_wins_is_noticed(op: str, side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if side == "codegen":
        strict, less = ordering.lexicographic, ordering.less_than
        loose = lambda e, a, b, dtypes: e.b.not_(strict(e, b, a, dtypes))  # noqa: E731
        not_more = lambda e, x, y, dtype: e.b.not_(less(e, y, x, dtype))  # noqa: E731
        for module in (listing, rows_reductions):
            monkeypatch.setattr(module, "lexicographic", loose)
        monkeypatch.setattr(rows_reductions, "less_than", not_more)
    else:
        ranks = interpreted_axes._ranks
        monkeypatch.setattr(interpreted_axes, "_ranks", lambda key: [-np.arange(len(key.data)), *ranks(key)])
        for module in (interpreted_references, interpreted_reductions):
            monkeypatch.setattr(module, "best_positions", last_of_equals)
    backend: Any = CodegenBackend() if side == "codegen" else InterpretBackend()
    program = single_key(op)
    good = partial(InterpretBackend(), program) if side == "codegen" else partial(CodegenBackend(), program)
    assert differences(program, partial(backend, program), good)


def partial(backend: Any, program: Program) -> Partial:
    found: Partial = backend.compile(program).run(CHUNK, PARAMETERS, tables=True)
    return found


# ---- missing decides false -------------------------------------------------------------------------------------------


class MissingIsTrue:
    """An evaluation of the interpreter in which conditions that are missing hold."""

    def __init__(self, evaluation: Any) -> None:
        self._evaluation = evaluation

    def __getattr__(self, name: str) -> Any:
        return getattr(self._evaluation, name)

    def value(self, node: Node) -> Value:
        found: Value = self._evaluation.value(node)
        missing = found.valid is not None and found.data.dtype.kind == "b"
        return Value(found.data | ~found.present, found.valid) if missing else found


def deciding(op: str) -> Program:
    """Cases of an operation whose condition may be missing; or a cut, or a gate."""
    condition = build.compare("lt", missing("f64_s"), build.const(1.0))
    if op == "cut":
        return Program(selections=(Selection((condition,)),))
    if op == "gate":
        return Program(selections=(Selection(()),), gate=condition)
    nodes = [n for n in topological(CASES[op]()) if n.op == op and any(a.type.optional for a in n.args)]
    return Program(dumps=tuple(make("count", n) if n.is_axis else n for n in nodes))


@pytest.mark.parametrize("op", ["filter", "any", "category", "cut", "gate"])
def test_missing_that_decides_true_is_noticed_in_compiled_code(op: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Emitter, "truth", lambda e, v: e.b.or_(e.b.not_(e.present(v)), v.value))
    assert outcome(CodegenBackend(), deciding(op)) == "differs"


@pytest.mark.parametrize("op", ["filter", "any", "category"])
def test_missing_that_decides_true_is_noticed_in_the_interpreter(op: str) -> None:
    row = INTERPRETED_ROWS[op]
    faulty = with_row("interpret", op, lambda node, evaluation: row(node, MissingIsTrue(evaluation)))
    assert outcome(faulty, deciding(op)) == "differs"
