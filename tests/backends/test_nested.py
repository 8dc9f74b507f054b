"""Selections of selections of selections: compiled as tests in one loop, however many there are."""

from __future__ import annotations

from hzdsl.backends.base import Program
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir import build, members
from hzdsl.ir.node import Node, make
from tests.backends.compare import differences
from tests.backends.operations import muon
from tests.backends.ragged import collection, random_chunk

CHUNK = random_chunk(20261121, 60)


def above(axis: Node, bound: float) -> Node:
    return members.select(axis, build.compare("lt", build.const(bound), muon("pt")))


def counted(axis: Node) -> Program:
    return Program(dumps=(make("count", axis), make("sum", build.lift(muon("f64_s"), axis))))


def test_hundreds_of_selections_are_as_the_strictest() -> None:
    nested = collection("Muon")
    for k in range(500):
        nested = above(nested, k / 10)
    joined = counted(above(collection("Muon"), 49.9))
    good = InterpretBackend().compile(joined).run(CHUNK, {})
    assert good.dumps[0].values.sum() > 0
    assert differences(joined, CodegenBackend().compile(counted(nested)).run(CHUNK, {}), good) == []


def test_a_list_in_between_is_used() -> None:
    """Of a sorted selection of selections, the first loop writes a list; a further selection goes over that."""
    hard = above(above(collection("Muon"), 1.0), 2.0)
    pairs = make("choose", hard, n=2)
    program = Program(dumps=(make("count", pairs), make("count", above(hard, 10.0)), make("count", hard)))
    compiled, interpreted = (b.compile(program).run(CHUNK, {}) for b in (CodegenBackend(), InterpretBackend()))
    assert differences(program, compiled, interpreted) == []
