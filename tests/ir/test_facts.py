"""What operations declare of themselves is true, and stands nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from hzdsl.backends.base import Program
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import OPS, Op
from hzdsl.ir.walk import values
from tests.backends.operations import CASES
from tests.backends.ragged import random_chunk

ROOT = Path(__file__).resolve().parents[2]
CHUNK = random_chunk(20261121, 200)
#: Where names of operations may stand together: the algebra knows the kinds of axes, TFormula has functions like ours.
OWN = ("hzdsl/ir/axes.py", "hzdsl/corrections/formula.py")
#: Passes: what works on any graph.
PASSES = sorted(
    p
    for room in ("ir", "backends", "corrections")
    for p in (ROOT / "hzdsl" / room).rglob("*.py")
    if p.relative_to(ROOT).as_posix() not in OWN and "ops" not in p.parts
)


def lists_of_operations(tree: ast.AST) -> Iterator[tuple[int, list[str]]]:
    """Yield the tuples, lists and sets that hold nothing but two or more names of operations."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            names = [x.value for x in node.elts if isinstance(x, ast.Constant) and isinstance(x.value, str)]
            if len(names) == len(node.elts) >= 2 and set(names) <= set(OPS):
                yield node.lineno, names


@pytest.mark.parametrize("path", PASSES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_pass_lists_operations(path: Path) -> None:
    found = list(lists_of_operations(ast.parse(path.read_text(encoding="utf-8"))))
    assert not found, f"{path}: declare a fact in hzdsl/ir/ops instead, and ask for it: {found}"


def test_a_list_of_operations_is_noticed() -> None:
    text = 'if node.op in ("take", "lift"): pass\nLAZY = frozenset({"sum", "min"})\nfine = ("sum", "total")'
    assert list(lists_of_operations(ast.parse(text))) == [(1, ["take", "lift"]), (2, ["sum", "min"])]


def test_every_fact_is_asked_for() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in PASSES)
    facts = [f.name for f in fields(Op) if f.type == "bool"]
    assert len(facts) >= 9
    assert [name for name in facts if f"].{name}" not in text and f"op.{name}" not in text] == []


def nodes_of(op: str) -> list[Node]:
    return [n for n in topological(CASES[op]()) if n.op == op]


def beside(node: Node) -> list[Node]:
    """The operands at the node's own positions."""
    return [a for a in values(node) if a.type.axis is node.type.axis]


@pytest.mark.parametrize("op", sorted(o for o in OPS if OPS[o].family != "axes"))
def test_what_is_missing(op: str) -> None:
    """Strict: missing with any operand. Not strict, or missing for a reason of its own: seen in the very cases."""
    declared, nodes = OPS[op], nodes_of(op)
    operands = [beside(n) for n in nodes]
    dumps = tuple(dict.fromkeys(x for n, found in zip(nodes, operands, strict=True) for x in (n, *found)))
    partial = InterpretBackend().compile(Program(dumps=dumps)).run(CHUNK, {"p": 4.25})
    valid = {n: d.valid for n, d in zip(dumps, partial.dumps, strict=True)}
    without_reason = there_anyway = False
    for n, found in zip(nodes, operands, strict=True):
        all_there = [all(valid[x][i] for x in found) for i in range(len(valid[n]))]
        without_reason |= any(not here and whole for here, whole in zip(valid[n], all_there, strict=True))
        there_anyway |= any(here and not whole for here, whole in zip(valid[n], all_there, strict=True))
    if op not in ("take", "lift"):  # what they take is missing or not at another position
        assert without_reason == declared.may_miss
    assert declared.strict <= (not there_anyway)
    one_decides = {"and", "or", "where", "otherwise", "exists", "shares", "category"}
    assert there_anyway == (op in one_decides)


@pytest.mark.parametrize("op", sorted(OPS))
def test_where_operands_are_read(op: str) -> None:
    """What is not `elsewhere` has operands of its own axis, or of one that this sees at once (a lift)."""
    if OPS[op].family == "axes":
        return
    moved = [n for n in nodes_of(op) if any(a.type.axis is not n.type.axis for a in values(n))]
    assert bool(moved) == (OPS[op].elsewhere or op == "lift")
