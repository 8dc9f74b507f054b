"""From a program that fails to the least one that still does, and to Python that builds it again.

Hypothesis shrinks the decisions that made a program; here the program itself is cut: to one root, to the first node on
which the evaluations differ, to the fewest events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from hzdsl.backends.base import Chunk, Fill, Program, Selection
from hzdsl.ir.node import Node, topological
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, NONE, Unit

Fails = Callable[[Program, Chunk], bool]


def reduced(program: Program, chunk: Chunk, fails: Fails) -> tuple[Program, Chunk]:
    """Return a smaller program and fewer events for which `fails` still holds."""
    program = next((p for p in _single_dumps(program) if fails(p, chunk)), program)
    shrinking = True
    while shrinking:
        smaller = next((p for p in _parts(program) if fails(p, chunk)), None)
        shrinking = smaller is not None
        program = smaller or program
    return program, _fewest_events(program, chunk, fails)


def _single_dumps(program: Program) -> Iterator[Program]:
    """Yield a program for every node of the graph alone, operands first."""
    for node in topological(program.roots()):
        yield Program(dumps=(node,)) if not node.is_axis else Program()
    yield from (replace(program, selections=(), fills=(), dumps=(d,)) for d in program.dumps)


def _parts(program: Program) -> Iterator[Program]:
    """Yield the program without one of its roots."""
    for i in range(len(program.dumps)):
        yield replace(program, dumps=program.dumps[:i] + program.dumps[i + 1 :])
    if program.gate is not None:
        yield replace(program, gate=None)
    if program.apart:
        yield replace(program, apart=())
    for i, f in enumerate(program.fills):
        lighter = [replace(f, weights=())] if f.weights else []
        yield from (replace(program, fills=(*program.fills[:i], x, *program.fills[i + 1 :])) for x in lighter)
        yield replace(program, fills=program.fills[:i] + program.fills[i + 1 :])
    for i in range(len(program.selections)):
        kept = tuple(_renumbered(f, i) for f in program.fills if f.region != i)
        yield replace(program, selections=program.selections[:i] + program.selections[i + 1 :], fills=kept, apart=())
        s = program.selections[i]
        fewer = [replace(s, cuts=s.cuts[:k] + s.cuts[k + 1 :]) for k in range(len(s.cuts))]
        fewer += [replace(s, outputs=s.outputs[:k] + s.outputs[k + 1 :]) for k in range(len(s.outputs))]
        fewer += [replace(s, weights=())] if s.weights else []
        yield from (_with_selection(program, i, f) for f in fewer)


def _renumbered(fill: Fill, gone: int) -> Fill:
    return fill if fill.region is None or fill.region < gone else replace(fill, region=fill.region - 1)


def _with_selection(program: Program, i: int, selection: Selection) -> Program:
    return replace(program, selections=(*program.selections[:i], selection, *program.selections[i + 1 :]))


# ---- events ----------------------------------------------------------------------------------------------------------


def _fewest_events(program: Program, chunk: Chunk, fails: Fails) -> Chunk:
    """Return a piece of the chunk, found by halving it, on which the program still fails."""
    step = chunk.entries // 2
    while step:
        pieces = [(0, chunk.entries - step), (step, chunk.entries)]
        smaller = next((c for c in (piece(chunk, *p) for p in pieces) if fails(program, c)), None)
        if smaller is None:
            step //= 2
        else:
            chunk, step = smaller, min(step, smaller.entries // 2)
    return chunk


def piece(chunk: Chunk, first: int, last: int) -> Chunk:
    """Return the events `first` to `last - 1` of a chunk of `tests.backends.ragged`."""
    bounds = {"": (first, last)}
    offsets = {}
    for name, owner in (("Muon", ""), ("Jet", ""), ("Track", "Jet")):
        i, k = bounds[owner]
        whole = chunk.offsets[name]
        offsets[name] = whole[i : k + 1] - whole[i]
        bounds[name] = (int(whole[i]), int(whole[k]))
    columns = {}
    for name, values in chunk.columns.items():
        i, k = bounds[name.split("_")[0] if name.split("_")[0] in bounds else ""]
        columns[name] = values[i:k]
    return Chunk(last - first, columns, offsets)


# ---- as Python -------------------------------------------------------------------------------------------------------

HEADER = '''"""Found by `make fuzz`."""

import numpy as np
from numpy import array, inf, nan

from hzdsl.backends.base import Chunk, Fill, Program, Regular, Selection, Variable
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.ir.node import make
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, NONE
from tests.fuzz.check import compare

__all__ = ["ANY", "NONE", "CodegenBackend", "DType", "Fill", "Numbers", "Regular", "Selection", "Variable", "array", "inf", "nan", "np"]


'''


def as_test(name: str, program: Program, chunk: Chunk, level: int | None = None) -> str:
    """Return a regression test that builds the program node by node; `level` says how much LLVM must optimise it."""
    nodes = topological(program.roots())
    known = {node: f"n{i}" for i, node in enumerate(nodes)}
    lines = [f"def test_{name}() -> None:"]
    lines += [f"    {known[n]} = {_make(n, known)}" for n in nodes]
    lines.append(f"    program = {_program(program, known)}")
    columns = {n.text("name"): chunk.columns[n.text("name")] for n in nodes if n.op == "column"}
    names = [n.text("name") for n in nodes if n.op == "collection"]
    lines.append("    columns = {" + ", ".join(f"{k!r}: {_array(v)}" for k, v in columns.items()) + "}")
    lines.append("    offsets = {" + ", ".join(f"{k!r}: {_array(chunk.offsets[k])}" for k in names) + "}")
    lines.append(f"    chunk = Chunk({chunk.entries}, columns, offsets)")
    compiled = "" if level is None else f", CodegenBackend(level={level})"
    lines.append(f"    assert compare(program, chunk{compiled}).differences == ()")
    return "\n".join(lines) + "\n"


def _make(node: Node, known: dict[Node, str]) -> str:
    attrs = [f"{name}={_attribute(value)}" for name, value in node.attrs]
    return f"make({', '.join([repr(node.op), *(known[a] for a in node.args), *attrs])})"


def _attribute(value: object) -> str:
    if isinstance(value, DType):
        return str(value)
    if isinstance(value, Numbers):
        return f"Numbers.of({value.values()!r}, {value.dtype})"
    if isinstance(value, Unit):
        return {ANY: "ANY", NONE: "NONE"}[value]
    return repr(value)


def _array(values: np.ndarray) -> str:  # type: ignore[type-arg]
    return f"array({values.tolist()!r}, {values.dtype.str!r})"


def _program(program: Program, known: dict[Node, str]) -> str:
    def names(nodes: tuple[Node, ...]) -> str:
        return "(" + "".join(f"{known[n]}, " for n in nodes) + ")"

    selections = "".join(
        f"Selection({names(s.cuts)}, {names(s.outputs)}, {names(s.weights)}, {s.listed}), " for s in program.selections
    )
    fills = "".join(f"Fill({names(f.values)}, {f.binnings!r}, {f.region}, {names(f.weights)}), " for f in program.fills)
    gate = known[program.gate] if program.gate is not None else None
    return f"Program(({selections}), ({fills}), {names(program.dumps)}, {gate}, {program.apart!r})"
