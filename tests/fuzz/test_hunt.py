"""The hunt itself: a fault is found, cut down to what matters, and written as a test that fails only with the fault."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hzdsl.backends.base import Program
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.codegen.table import ROWS
from hzdsl.ir import members
from hzdsl.ir.axes import leaf_axes
from hzdsl.ir.node import topological
from tests.backends.operations import CASES
from tests.backends.ragged import column, random_chunk
from tests.backends.test_mutations import compiled_fault
from tests.fuzz import check
from tests.fuzz.choosers import seeded
from tests.fuzz.coverage import Coverage, variant
from tests.fuzz.hunt import hunt
from tests.fuzz.programs import random_case
from tests.fuzz.reduce import HEADER, as_test, piece
from tests.fuzz.strategies import GROW


@pytest.mark.parametrize(("op", "nodes"), [("sum", 5), ("lt", 6), ("slice", 5)])
def test_a_fault_is_found_and_cut_down(op: str, nodes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = CodegenBackend({**ROWS, op: compiled_fault(ROWS[op], op == "slice")})
    found = hunt(1, 0, 40, faulty, shrink=False)
    assert len(found.failures) == 1
    text = found.failures[0]
    assert f"make('{op}'" in text
    assert len(re.findall(r"^    n\d+ = ", text, re.M)) <= nodes
    space: dict[str, Any] = {}
    exec(HEADER + text, space)
    space["test_seed_1_block_0"]()
    monkeypatch.setattr(check, "CodegenBackend", lambda: faulty)
    with pytest.raises(AssertionError):
        space["test_seed_1_block_0"]()


def test_hypothesis_shrinks_a_failure() -> None:
    faulty = CodegenBackend({**ROWS, "column": compiled_fault(ROWS["column"], False)})
    found = hunt(2, 0, 3, faulty)
    assert len(re.findall(r"^    n\d+ = ", found.failures[0], re.M)) == 2


def test_a_block_is_the_same_every_time() -> None:
    first, again, other = (hunt(3, block, 4).coverage.variants for block in (0, 0, 1))
    assert first == again != other


def test_a_failing_evaluation_is_a_find() -> None:
    class Broken:
        name = "broken"

        def compile(self, program: Program) -> Any:
            raise IndexError("out of range")

    outcome = check.compare(Program(dumps=(column("", "f32_a"),)), random_chunk(1, 3), Broken())
    assert outcome.differences == ("fails: IndexError('out of range')",)


def test_every_case_of_an_operation_is_a_declared_variant() -> None:
    """The strategies declare all dtypes on which the operations' own tests run."""
    for op, case in CASES.items():
        nodes = topological(case())
        undeclared = {variant(n) for n in nodes if n.op == op and op != "event"} - set(GROW[op].variants)
        if op == "link":
            continue  # every index is cast to i64
        assert undeclared <= {"ref"}, (op, undeclared)


def test_a_program_written_out_is_the_same_program() -> None:
    for k in range(5):
        case = random_case(seeded(99, k))
        space: dict[str, Any] = {}
        text = as_test("it", case.program, case.chunk).replace(
            "    assert compare(program, chunk)", "    return program #"
        )
        exec(HEADER + text, space)
        assert space["test_it"]() == case.program


def test_pieces_of_a_chunk_are_its_events() -> None:
    whole = random_chunk(4, 9)
    program = Program(
        dumps=(column("Track", "f64_a"), members.count(column("Track", "f64_a").type.axis or column("", "f64_a")))
    )
    assert all(leaf_axes(d.type.axis) for d in program.dumps if d.type.axis is not None)
    parts = [check.InterpretBackend().compile(program).run(piece(whole, i, i + 3), {}) for i in (0, 3, 6)]
    together = check.InterpretBackend().compile(program).run(whole, {})
    for k in range(2):
        assert [x for p in parts for x in p.dumps[k].values.tolist()] == pytest.approx(
            together.dumps[k].values.tolist(), nan_ok=True, abs=0, rel=0
        )


def test_the_table_lines_up() -> None:
    coverage = Coverage()
    coverage.add(random_case(seeded(5)).program)
    lines = coverage.table().splitlines()
    assert len(lines) == len(GROW) + 1
    column_of_event = lines[0].index("event") + len("event")
    assert all(line[:column_of_event].rstrip()[-1] in ".0123456789t" for line in lines)
