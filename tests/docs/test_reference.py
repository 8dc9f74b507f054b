"""docs/reference.md is what the declarations say; every operation, function and method has a meaning and an example."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import hzdsl as hz
from docs.generate.reference import methods, reference, summary
from hzdsl.ir.node import Node, topological
from hzdsl.ir.ops import OPS
from hzdsl.lang.examples import FUNCTION_EXAMPLES, METHOD_EXAMPLES, NESTED, PRELUDE
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.lang.kinematics import COMPONENTS, DERIVED, Vec4, derived_meaning
from hzdsl.lang.objects import Particle
from hzdsl.lang.values import to_node
from hzdsl.lang.vectors import Vec3
from hzdsl.lang.verbs import PYTHON_ONLY
from hzdsl.text import loads

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference.md"
METHODS = {n: x for kind in (hz.Collection, Particle, hz.Value) for n, x in methods(kind).items()}


def built(example: str) -> Any:
    if "jet[" in example:
        return loads(f"define = 'example = {example}'\n{NESTED}").example
    return loads(PRELUDE.replace("\n'''\n", f"\nexample = {example}\n'''\n", 1)).example


def nodes(x: Any) -> list[Node]:
    if isinstance(x, Vec3 | Vec4):
        return topological(getattr(x, c).node for c in (("x", "y", "z") if isinstance(x, Vec3) else COMPONENTS))
    return topological(x.references() if isinstance(x, Particle) else [to_node(x)])


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "make docs"


def test_the_page_has_all_of_statistics() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = [f"hz.pdf.{name}" for name in hz.pdf.__all__] + [f"hz.stats.{name}" for name in hz.stats.__all__]
    names += ["hz.parameter", "hz.observable", "hz.normal", "hz.counted"]
    rows = {name: re.search(rf"^\| `{re.escape(name)}\b[^`]*` \| (.*) \|$", page, re.MULTILINE) for name in names}
    assert [name for name, row in rows.items() if row is None or len(row[1]) < 10] == []
    assert " at 0x" not in page


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_example_of_an_operation(op: Any) -> None:
    assert op.doc.endswith(".")
    assert op.name in {n.op for n in nodes(built(op.example))}, op.example


@pytest.mark.parametrize("name", FUNCTIONS)
def test_example_of_a_function(name: str) -> None:
    assert summary(FUNCTIONS[name])
    assert FUNCTION_EXAMPLES[name].startswith(f"{name}(")
    assert nodes(built(FUNCTION_EXAMPLES[name]))


@pytest.mark.parametrize("name", METHODS)
def test_example_of_a_method(name: str) -> None:
    assert summary(METHODS[name])
    if name in PYTHON_ONLY:
        assert name not in METHOD_EXAMPLES
        return
    assert f".{name}" in METHOD_EXAMPLES[name]
    assert nodes(built(METHOD_EXAMPLES[name]))


@pytest.mark.parametrize("name", [*COMPONENTS, *DERIVED])
def test_meaning_of_an_attribute(name: str) -> None:
    assert derived_meaning(name)
    assert f"| `{name}` | {derived_meaning(name)} |" in PAGE.read_text(encoding="utf-8")


def test_no_example_without_its_subject() -> None:
    assert {*FUNCTION_EXAMPLES} == {*FUNCTIONS}
    assert {*METHOD_EXAMPLES} <= {*METHODS}
    assert {*METHODS} >= {*PYTHON_ONLY}
