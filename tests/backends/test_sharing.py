"""Which values are kept per event; that they are found once, where they are needed, and read safely."""

from __future__ import annotations

from hzdsl.backends.base import Fill, Program, Regular, Selection
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.codegen.choosing import groups
from hzdsl.backends.codegen.program import emit_program
from hzdsl.backends.codegen.table import ROWS
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir import build, members
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from tests.backends.compare import differences
from tests.backends.operations import hard, muon, pairs
from tests.backends.ragged import collection, column, random_chunk


def sine(x: Node) -> Node:
    return make("math", build.cast(x, DType.F64), name="sin")


def kept(program: Program) -> list[set[Node]]:
    return [set(group) for group in groups(program)]


def same(program: Program) -> bool:
    """Whether both backends agree, in events with and without muons."""
    for entries in (0, 1, 300):
        chunk = random_chunk(5, entries)
        a, b = (backend.compile(program).run(chunk, {"p": 4.25}) for backend in (CodegenBackend(), InterpretBackend()))
        if differences(program, a, b):
            return False
    return True


def legs(value: Node) -> Node:
    """The sum of a value of both muons of a pair."""
    return build.arithmetic("add", *(members.take(value, make("leg", pairs(), k=k)) for k in (0, 1)))


def called(program: Program, name: str) -> int:
    text = str(emit_program(program, ROWS)[0])
    return text.count(f'call double @"hz_{name}"')


def test_what_loops_over_pairs_read_is_found_once_per_muon() -> None:
    of_muon = sine(muon("f32_t"))
    program = Program(dumps=(legs(of_muon),))
    assert kept(program) == [{of_muon}]
    assert called(program, "sin") == 1
    assert same(program)


def test_what_is_needed_in_the_same_places_is_found_together() -> None:
    of_muon = [make("math", build.cast(muon("f32_t"), DType.F64), name=name) for name in ("sin", "cos")]
    program = Program(dumps=(build.arithmetic("mul", *map(legs, of_muon)),))
    assert kept(program) == [set(of_muon)]
    assert same(program)


def test_what_several_regions_ask_for_is_found_once() -> None:
    total = members.reduce("sum", sine(muon("pt")))
    cuts = [build.compare("lt", build.const(x), total) for x in (0.5, 1.5)]
    program = Program(
        tuple(Selection((cut,)) for cut in cuts), tuple(Fill((total,), (Regular(5, -3, 3),), r) for r in (0, 1))
    )
    assert kept(program) == [{total}]
    assert called(program, "sin") == 1
    assert same(program)


def test_one_region_keeps_nothing_that_it_evaluates_once() -> None:
    total = members.reduce("sum", sine(muon("pt")))
    assert kept(Program((Selection((build.compare("lt", build.const(0.5), total),)),))) == []


def test_cheap_values_are_not_kept() -> None:
    assert kept(Program(dumps=(legs(build.cast(muon("f32_t"), DType.F64)),))) == []


def test_values_of_combinations_are_never_kept() -> None:
    of_pair = sine(legs(build.cast(muon("f32_t"), DType.F64)))
    best = make("pick", pairs(), of_pair, direction="argmin")
    mass = members.take(of_pair, best)
    program = Program((Selection((build.compare("lt", build.const(0), mass),)),), dumps=(mass,))
    assert [{n.op for n in group} for group in kept(program)] == [{"take"}]
    assert all(n.type.axis is not pairs() for group in kept(program) for n in group)
    assert same(program)


def test_references_that_are_missing_read_no_other_event() -> None:
    """The second hard muon's nearest jet, in events without either: kept references and presence."""
    each = make("per", collection("Jet"), collection("Muon"))
    of_jet = members.take(column("Jet", "f32_t"), make("under", each))
    near = make("pick", each, build.cast(of_jet, DType.F64), direction="argmin")
    value = members.take(of_jet, near)
    taken = members.take(build.lift(value, hard()), make("nth", hard(), i=1))
    program = Program(dumps=(taken, near, value, legs(sine(muon("pt")))))
    assert near in set().union(*kept(program))
    assert same(program)


def before_call(program: Program) -> str:
    """What the function of the first dump does until it asks for what is kept."""
    text = str(emit_program(program, ROWS)[0])
    start = text.index('void @"dump_0"')
    return text[start : text.index('call void @"kept_0"', start)]


def test_what_pairs_read_is_not_found_where_there_are_none() -> None:
    program = Program(dumps=(legs(sine(muon("f32_t"))),))
    assert "br i1" in before_call(program)
    assert "= phi i64" not in before_call(program)
    assert same(program)


def test_what_is_read_behind_a_test_is_found_by_the_first_that_passes() -> None:
    light = build.compare("lt", legs(build.cast(muon("f32_t"), DType.F64)), build.const(0.5))
    few = members.select(pairs(), light)
    values = (members.take(sine(muon("f32_t")), make("leg", few, k=k)) for k in (0, 1))
    program = Program(dumps=(build.arithmetic("add", *values),))
    assert before_call(program).count("= phi i64") == 2
    assert same(program)
