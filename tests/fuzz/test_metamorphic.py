"""What must not matter does not: splitting and joining events, dead columns, the order of cuts, the rest of a graph.

Each holds for random programs on both backends; the two backends themselves are compared in `test_backends_agree_a`, `_b`.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hzdsl.backends.base import Backend, Chunk, Dump, Partial, Program, Selection, Table, add_sums
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir import build
from hzdsl.ir.node import Node, make, topological
from tests.backends.compare import differences
from tests.fuzz.choosers import seeded
from tests.fuzz.programs import PARAMETERS, Case, random_case
from tests.fuzz.reduce import piece

PROGRAMS = range(12)
BACKENDS: tuple[Backend, ...] = (CodegenBackend(), InterpretBackend())


def case(k: int) -> Case:
    """A random program with enough events."""
    tries = (random_case(seeded(20261121, k, i)) for i in range(10))
    return next(c for c in tries if c.entries >= 40)


def run(backend: Backend, program: Program, *chunks: Chunk) -> list[Partial]:
    kernel = backend.compile(program)
    return [kernel.run(c, PARAMETERS, tables=True) for c in chunks]


def together(parts: list[Partial]) -> Partial:
    """Return the sum of what consecutive chunks contribute."""
    starts = np.cumsum([0, *(p.entries for p in parts)])
    return Partial(
        entries=int(starts[-1]),
        passed=[np.sum(x, axis=0) for x in zip(*(p.passed for p in parts), strict=True)],
        counts=[np.sum(x, axis=0) for x in zip(*(p.counts for p in parts), strict=True)],
        nans=[sum(x) for x in zip(*(p.nans for p in parts), strict=True)],
        tables=[_joined(t, starts) for t in zip(*(p.tables for p in parts), strict=True)],
        dumps=[
            Dump(*(np.concatenate([getattr(d, name) for d in ds]) for name in ("counts", "values", "valid")))
            for ds in zip(*(p.dumps for p in parts), strict=True)
        ],
        accepted=sum(p.accepted for p in parts),
        flows=[_added(x) for x in zip(*(p.flows for p in parts), strict=True)],
        sums=[_added(x) for x in zip(*(p.sums for p in parts), strict=True)],
        overlaps=_overlaps(parts, starts),
    )


def _added(sums: tuple[Any, ...]) -> Any:
    total = np.zeros_like(sums[0])
    for new in sums:
        add_sums(total, new)
    return total


def _overlaps(parts: list[Partial], starts: Any) -> Any:
    """Per pair how many events are in both, and the first of them within the whole."""
    found = np.full_like(parts[0].overlaps, (0, -1))
    for part, start in zip(parts, starts, strict=False):
        for row, (n, first) in zip(found, part.overlaps, strict=True):
            row[1] = first + start if n and row[1] < 0 else row[1]
            row[0] += n
    return found


def _joined(tables: tuple[Table, ...], starts: Any) -> Table:
    entry = np.concatenate([t.entry + s for t, s in zip(tables, starts, strict=False)])
    columns = []
    for pairs in zip(*(t.columns for t in tables), strict=True):
        valid = None if pairs[0][1] is None else np.concatenate([ok for _, ok in pairs if ok is not None])
        columns.append((np.concatenate([v for v, _ in pairs]), valid))
    return Table(entry, columns)


@pytest.mark.parametrize("k", PROGRAMS)
def test_splitting_the_events_changes_nothing(k: int) -> None:
    """Uneven pieces, one of them empty; so appending events adds what they contribute."""
    one = case(k)
    cuts = [0, 1, 1, 7, 30, one.entries]
    pieces = [piece(one.chunk, i, j) for i, j in itertools.pairwise(cuts)]
    for backend in BACKENDS:
        whole, *parts = run(backend, one.program, one.chunk, *pieces)
        assert differences(one.program, whole, together(parts)) == []


@pytest.mark.parametrize("k", PROGRAMS)
def test_dead_columns_are_not_read(k: int) -> None:
    """A chunk with nothing but the branches and lists behind live outputs suffices."""
    one = case(k)
    columns = {n.text("name") for n in one.program.columns()}
    lists = {n.text("name") for n in one.program.collections()}
    assert len(columns) < len(one.chunk.columns)
    narrow = Chunk(
        one.entries,
        {name: x for name, x in one.chunk.columns.items() if name in columns},
        {name: x for name, x in one.chunk.offsets.items() if name in lists},
    )
    for backend in BACKENDS:
        assert differences(one.program, *run(backend, one.program, one.chunk, narrow)) == []


@pytest.mark.parametrize("k", PROGRAMS)
def test_the_order_of_cuts_only_moves_the_cutflow(k: int) -> None:
    one = case(k)
    turned = tuple(replace(s, cuts=s.cuts[::-1]) for s in one.program.selections)
    other = replace(one.program, selections=turned)
    for backend in BACKENDS:
        (before,), (after,) = run(backend, one.program, one.chunk), run(backend, other, one.chunk)
        assert [p[-1:].tolist() for p in before.passed] == [p[-1:].tolist() for p in after.passed]
        assert all(np.array_equal(x[-1], y[-1]) for x, y in zip(before.flows, after.flows, strict=True))
        assert differences(one.program, before, replace(after, passed=before.passed, flows=before.flows)) == []


@pytest.mark.parametrize("k", PROGRAMS)
def test_the_rest_of_a_program_does_not_matter(k: int) -> None:
    """Every other dump and one region alone give what they give within the whole (nothing leaks between outputs)."""
    one = case(k)
    first = one.program.selections[0]
    part = Program((Selection(first.cuts, weights=first.weights),), (), one.program.dumps[::2], one.program.gate)
    for backend in BACKENDS:
        (whole,), (alone,) = run(backend, one.program, one.chunk), run(backend, part, one.chunk)
        expected = replace(whole, passed=whole.passed[:1], counts=[], nans=[], dumps=whole.dumps[::2])
        expected = replace(expected, flows=whole.flows[:1], sums=[], overlaps=whole.overlaps[:0])
        tables = [Table(t.entry, []) for t in whole.tables[:1]]
        assert differences(part, alone, replace(expected, tables=tables)) == []


# ---- what the graph rewrites: equal expressions are one node, constants are folded --------------------------------------


def rebuilt(roots: list[Node]) -> list[Node]:
    """Return the same expressions, made once more operand by operand."""
    known: dict[Node, Node] = {}
    for node in topological(roots):
        known[node] = make(node.op, *(known[a] for a in node.args), **dict(node.attrs))
    return [known[n] for n in roots]


@pytest.mark.parametrize("k", PROGRAMS)
def test_equal_expressions_are_one_node(k: int) -> None:
    roots = case(k).program.roots()
    assert all(a is b for a, b in zip(roots, rebuilt(roots), strict=True))
    assert len(set(topological([*roots, *rebuilt(roots)]))) == len(topological(roots))


def test_the_negative_of_a_constant_is_what_the_backends_give() -> None:
    constants = [build.const(x) for x in (3, -1, 0, 2**62, -(2**63) + 1, 0.1, -0.0, 0.0, 5e-324, float("inf"))]
    folded = Program(dumps=tuple(build.neg(c) for c in constants))
    unfolded = Program(dumps=tuple(make("neg", c) for c in constants))
    assert folded != unfolded
    for backend in BACKENDS:
        (a,), (b,) = (run(backend, p, case(0).chunk) for p in (folded, unfolded))
        for x, y in zip(a.dumps, b.dumps, strict=True):
            assert x.values.tobytes() == y.values.tobytes()
