"""Every graph is written so that reading the text gives the same nodes."""

from __future__ import annotations

import pytest

from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.print import spell, written
from hzdsl.lang.kinematics import COMPONENTS, DERIVED
from tests.backends.operations import CASES
from tests.backends.ragged import attributes
from tests.fuzz.programs import random_nodes
from tests.text.ragged import node_of, read

HIDDEN = {*attributes(), *COMPONENTS, *DERIVED}


def parameters(nodes: list[Node]) -> dict[str, Node]:
    return {n.text("name"): n for n in topological(nodes) if n.op == "param"}


def assert_reads_back(node: Node) -> None:
    text = spell(node, 10**9)
    known = parameters([node])
    assert node_of(read((), text, known), node) is node, text


def test_every_operation_has_cases() -> None:
    assert set(CASES) == set(OPS)


@pytest.mark.parametrize("op", sorted(CASES))
def test_operations(op: str) -> None:
    for node in CASES[op]():
        assert_reads_back(node)


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs(seed: int) -> None:
    nodes = random_nodes(seed, 60)
    definitions, texts = written(nodes, hidden=HIDDEN)
    known = parameters(nodes)
    for node in nodes:
        assert node_of(read(definitions, texts[node], known), node) is node, (definitions, texts[node])
