"""The two backends agree in every bit, operation by operation. (Random programs of everything: `tests/fuzz`.)"""

from __future__ import annotations

import boost_histogram as bh
import numpy as np
import pytest

from hzdsl.backends.base import Chunk, Fill, Program, Regular, Selection, Variable
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.codegen.table import ROWS as COMPILED_ROWS
from hzdsl.backends.interpret import ROWS as INTERPRETED_ROWS
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.node import make, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.types import DType
from tests.backends.compare import differences
from tests.backends.operations import CASES, missing, muon, pair_value
from tests.backends.ragged import collection, column, random_chunk

SEED = 20260101


def both(program: Program, seed: int, entries: int, tables: bool = False) -> list[str]:
    """Run a program on both backends and return the differences."""
    chunk = random_chunk(seed, entries)
    compiled = CodegenBackend().compile(program).run(chunk, {"p": 4.25}, tables)
    interpreted = InterpretBackend().compile(program).run(chunk, {"p": 4.25}, tables)
    return differences(program, compiled, interpreted)


def test_every_table_has_every_operation() -> None:
    assert set(OPS) == set(COMPILED_ROWS) == set(INTERPRETED_ROWS) == set(CASES)


@pytest.mark.parametrize("op", sorted(CASES))
def test_operation(op: str) -> None:
    nodes = CASES[op]()
    assert op in {n.op for n in topological(nodes)}
    assert both(Program(dumps=tuple(nodes)), SEED, 300) == []


@pytest.mark.parametrize("entries", [0, 1, 2])
def test_few_entries(entries: int) -> None:
    nodes = [n for op in ("pick", "sort", "per", "sum", "nth", "product") for n in CASES[op]()]
    assert both(Program(dumps=tuple(nodes)), 7, entries) == []


def test_regions_histograms_and_tables() -> None:
    cuts = (
        build.compare("lt", build.const(1), members.count(muon("pt").type.axis)),  # type: ignore[arg-type]
        build.compare("lt", build.param("p", 3.0), missing("pt")),
        column("", "bool_a"),
    )
    outputs = (
        missing("f32_a"),
        column("", "u64_a"),
        column("", "bool_b"),
        missing("i32_a"),
        missing("bool_a"),
    )
    wide = build.cast(build.lift(muon("pt"), muon("pt").type.axis), DType.F64)  # type: ignore[arg-type]
    fills = (
        Fill((column("", "f64_a"),), (Regular(36, 70, 180),)),
        Fill((column("", "f64_t"),), (Variable((-1.0, 0.0, 1.0, 1.5)),), 0),
        Fill((wide, muon("f64_t")), (Regular(7, 0, 50), Regular(3, -1.5, 2)), 0),
        Fill((pair_value(),), (Variable((-10.0, -1.0, 0.5, 7.0)),), 1),
        Fill((missing("f64_s"), column("", "f64_t")), (Regular(5, -3, 3), Variable((0.0, 1.0))), 1),
    )
    program = Program((Selection(cuts, outputs), Selection(cuts[:1]), Selection(())), fills)
    assert both(program, SEED, 2000, tables=True) == []


@pytest.mark.parametrize(
    "binning", [Regular(36, 70, 180), Regular(7, -0.1, 0.3), Variable((-1.0, -0.0, 1e-300, 91.2, 180.0))], ids=str
)
def test_bins_at_their_edges(binning: Regular | Variable) -> None:
    """On every edge and a last bit beside it, NaN and infinities: both backends are boost-histogram."""
    edges = (
        np.linspace(binning.low, binning.high, binning.bins + 1)
        if isinstance(binning, Regular)
        else np.array(binning.edges)
    )
    beside = [np.nextafter(edges, side) for side in (-np.inf, np.inf)]
    values = np.concatenate([edges, *beside, [np.nan, np.inf, -np.inf, -0.0, 0.0]])
    program = Program(fills=(Fill((column("", "f64_a"),), (binning,)),))
    chunk = Chunk(len(values), {"f64_a": values}, {})
    axis = (
        bh.axis.Regular(binning.bins, binning.low, binning.high)
        if isinstance(binning, Regular)
        else bh.axis.Variable(edges)
    )
    expected = bh.Histogram(axis, storage=bh.storage.Int64()).fill(values).view(flow=True)
    for backend in (CodegenBackend(), InterpretBackend()):
        partial = backend.compile(program).run(chunk, {})
        assert partial.counts[0].tolist() == expected.tolist()
        assert partial.nans == [1]


def test_too_many_nested_loops_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each selection of a selection is a test in the loop before: hundreds are beyond Python's stack."""

    def beyond(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("hzdsl.backends.codegen.program.emit_program", beyond)
    with pytest.raises(HzdslError, match="too many steps"):
        CodegenBackend().compile(Program(dumps=(make("count", collection("Muon")),)))


def test_selections_of_selections() -> None:
    axis = collection("Muon")
    for k in range(100):
        axis = members.select(axis, build.compare("lt", build.const(0.01 * k), build.lift(column("Muon", "pt"), axis)))
    program, chunk = Program(dumps=(make("count", axis),)), random_chunk(5, 20)
    for backend in (InterpretBackend, CodegenBackend):
        counted = backend().compile(program).run(chunk, {}).dumps[0].values
        assert counted.tolist() == np.diff(chunk.offsets["Muon"]).tolist()  # every muon has more than 3 GeV
