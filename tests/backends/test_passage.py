"""The interpreter leaves out the events that no region has any more; what it finds is what compiled code finds."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.backends.base import Chunk, Fill, Program, Regular, Selection
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import ROWS, InterpretBackend
from hzdsl.backends.interpret.evaluation import Evaluation, Row
from hzdsl.backends.interpret.narrowing import narrowed
from hzdsl.ir import build
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from tests.backends.compare import differences
from tests.backends.operations import muon
from tests.backends.ragged import collection, column, random_chunk

CHUNK = random_chunk(20261128, 300)
BINS = Regular(20, 0.0, 200.0)


def number_of(name: str) -> Node:
    return make("cast", make("count", collection(name)), dtype=DType.F64)


def least(n: float, name: str = "Muon") -> Node:
    """Events with at least n objects."""
    return build.compare("le", build.const(n), number_of(name))


def sum_of_squares() -> Node:
    return make("sum", make("mul", muon("f64_s"), muon("f64_s")))


def observed(op: str) -> tuple[list[int], InterpretBackend]:
    """A backend that notes of how many positions it evaluates an operation."""
    seen: list[int] = []

    def row(node: Node, run: Evaluation):  # type: ignore[no-untyped-def]
        found = ROWS[op](node, run)
        seen.append(len(found.data))
        return found

    rows: dict[str, Row] = {**ROWS, op: row}
    return seen, InterpretBackend(rows)


def test_what_follows_a_cut_is_evaluated_of_the_events_that_are_left() -> None:
    selection = Selection((least(3), build.compare("lt", build.const(1.0), sum_of_squares())))
    seen, backend = observed("sum")
    passed = backend.compile(Program((selection,))).run(CHUNK, {}).passed[0]
    assert 0 < passed[0] < CHUNK.entries / 2
    assert seen == [passed[0]]


def test_what_some_region_needs_is_evaluated_once() -> None:
    cut = build.compare("lt", build.const(1.0), sum_of_squares())
    fill = Fill((sum_of_squares(),), (BINS,), region=1)
    seen, backend = observed("sum")
    backend.compile(Program((Selection((least(0), cut)), Selection((least(1), cut))), (fill,))).run(CHUNK, {})
    assert seen == [CHUNK.entries]


def test_no_event_left() -> None:
    pair = make("choose", collection("Muon"), n=2)
    selection = Selection((least(1000), least(2)), (sum_of_squares(), make("count", pair)), (column("", "f64_s"),))
    assert_equal(Program((selection,), (Fill((sum_of_squares(),), (BINS,), region=0),)))


@pytest.mark.parametrize("gate", [None, least(1, "Jet"), least(4, "Jet")], ids=["all", "most", "few"])
def test_regions_of_different_length(gate: Node | None) -> None:
    weight = column("", "f64_s")
    selections = (
        Selection((), (number_of("Jet"),), (weight,)),
        Selection((least(3),), (sum_of_squares(),), (weight, number_of("Jet"))),
        Selection((least(3), least(2, "Jet"), least(4)), (sum_of_squares(), number_of("Jet")), (weight,)),
        Selection((least(4), least(4, "Jet")), (number_of("Muon"),)),
        Selection((least(2, "Jet"), make("not", least(4)), least(3)), listed=False),
    )
    tracks = Fill((column("Track", "f64_s"),), (BINS,), region=2, weights=(weight,))
    fills = (
        Fill((number_of("Muon"),), (BINS,), weights=(weight,)),
        Fill((muon("f64_s"),), (BINS,), region=1),
        tracks,
        Fill((sum_of_squares(), number_of("Jet")), (BINS, BINS), region=3, weights=(weight,)),
    )
    assert_equal(Program(selections, fills, (muon("f64_s"),), gate, ((1, 2), (2, 3), (2, 4))))


def assert_equal(program: Program) -> None:
    found, compiled = (b.compile(program).run(CHUNK, {}, tables=True) for b in (InterpretBackend(), CodegenBackend()))
    assert differences(program, found, compiled) == []


def test_narrowed_lists() -> None:
    columns = {"i64_a": np.arange(3), "Jet_i64_a": np.arange(4), "Track_i64_a": np.arange(6, dtype=">i8")}
    offsets = {"Jet": np.array([0, 2, 2, 4]), "Track": np.array([0, 1, 3, 3, 6])}
    nodes = [collection("Jet"), collection("Track"), *(column(owner, "i64_a") for owner in ("", "Jet", "Track"))]
    left = narrowed(Chunk(3, columns, offsets), np.array([False, True, True]), nodes)
    assert left.entries == 2
    assert {name: o.tolist() for name, o in left.offsets.items()} == {"Jet": [0, 0, 2], "Track": [0, 0, 3]}
    values = {name: c.tolist() for name, c in left.columns.items()}
    assert values == {"i64_a": [1, 2], "Jet_i64_a": [2, 3], "Track_i64_a": [3, 4, 5]}
    assert left.columns["Track_i64_a"].dtype == ">i8"
