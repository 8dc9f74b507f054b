"""Kernels that are kept on disk: found by what the program is, the same in every bit."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from hzdsl.backends.base import Fill, Program, Regular, Selection, Variable
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.codegen import identity as names
from hzdsl.backends.codegen.identity import Order, program_key
from hzdsl.backends.codegen.program import emit_program
from hzdsl.backends.codegen.table import ROWS
from hzdsl.caches import Cache
from hzdsl.ir import build
from hzdsl.ir.build import cast, compare, const
from hzdsl.ir.types import DType
from hzdsl.ir.units import CM, GEV
from hzdsl.native import KERNELS
from tests.backends.compare import differences
from tests.backends.operations import CASES
from tests.backends.ragged import random_chunk
from tests.test_structure import PACKAGE, imported

CHUNK = random_chunk(7, 200)


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Cache:
    return Cache(KERNELS, tmp_path_factory.mktemp("kernels"))


@pytest.mark.parametrize("op", sorted(CASES))
def test_every_operation_comes_back_the_same(op, cache, monkeypatch):
    program = Program(dumps=tuple(CASES[op]()))
    fresh = CodegenBackend(level=0, cache=cache).compile(program).run(CHUNK, {"p": 4.25})
    monkeypatch.setattr("hzdsl.backends.codegen.object_code", None)
    kept = CodegenBackend(level=0, cache=cache).compile(program).run(CHUNK, {"p": 4.25})
    assert differences(program, fresh, kept) == []


def test_a_table_of_tests_is_not_kept(tmp_path):
    CodegenBackend(dict(ROWS), cache=Cache(KERNELS, tmp_path)).compile(Program(dumps=(const(1),)))
    assert os.listdir(tmp_path) == []


def test_a_damaged_kernel_is_made_again(tmp_path):
    program, cache = Program(dumps=(const(1),)), Cache(KERNELS, tmp_path)
    first = CodegenBackend(cache=cache).compile(program).run(CHUNK, {})
    (path,) = cache.sizes()
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    assert differences(program, CodegenBackend(cache=cache).compile(program).run(CHUNK, {}), first) == []
    assert path.read_bytes() == good


def key(program: Program, level: int | None = None) -> str:
    return program_key(program, Order(program), level)


def test_any_change_of_the_program_is_another_key():
    x = cast(const(2), DType.F64)
    y = cast(const(3), DType.F64)
    cut = compare("lt", x, y)
    base = Program((Selection((cut,), (x,), (x,)),), (Fill((x,), (Regular(3, 0.0, 1.0),), 0, (x,)),), (x,), cut)
    (s,), (f,) = base.selections, base.fills
    others = [
        replace(base, gate=None),
        replace(base, dumps=(y,)),
        replace(base, apart=((0, 0),)),
        *(replace(base, selections=(n,)) for n in (
            replace(s, cuts=(cut, cut)), replace(s, outputs=(y,)), replace(s, weights=(y,)), replace(s, listed=False))),
        *(replace(base, fills=(n,)) for n in (
            replace(f, values=(y,)), replace(f, region=None), replace(f, weights=(y,)),
            replace(f, binnings=(Regular(3, 0.0, 1.5),)), replace(f, binnings=(Variable((0.0, 1.0)),)))),
    ]  # fmt: skip
    keys = [key(p) for p in (base, *others)]
    assert len({*keys, key(base, 1)}) == len(keys) + 1
    assert key(replace(base)) == key(base)


def test_equal_keys_are_equal_code():
    """What the key leaves out (units, documentation) never reaches the code."""
    unit = (build.const(2.0, GEV), build.const(2.0, CM))
    nodes = {n: key(Program(dumps=(n,))) for n in (*unit, *(n for make_nodes in CASES.values() for n in make_nodes()))}
    assert nodes[unit[0]] == nodes[unit[1]]
    code: dict[str, str] = {}
    for node, its in nodes.items():
        text = str(emit_program(Program(dumps=(node,)), ROWS)[0])
        assert code.setdefault(its, text) == text
    assert len(code) > 300


def test_every_folder_that_the_code_is_made_with_is_watched():
    """Those of all that the backend imports, directly or not; what stands in the package itself decides no code."""
    found, new = set(), set((PACKAGE / "backends" / "codegen").glob("*.py"))
    while new:
        found |= new
        places = [PACKAGE.parent.joinpath(*name.split(".")) for path in new for name in imported(path)]
        files = {file for p in places for file in (p.with_suffix(".py"), p / "__init__.py") if file.exists()}
        new = {file for file in files if file.parent != PACKAGE} - found
    assert {path.parent.relative_to(PACKAGE).as_posix() for path in found} == set(names._DECIDING)


def test_a_changed_source_file_is_another_key(monkeypatch):
    before = key(Program())
    monkeypatch.setattr(names, "_DECIDING", ("backends/codegen",))
    assert key(Program()) != before
