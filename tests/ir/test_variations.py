"""Graphs under variations: the cone alone is rebuilt, and is what would have been written."""

from __future__ import annotations

import pytest

from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.presence import certain
from hzdsl.ir.types import DType
from hzdsl.ir.units import GEV, NONE
from hzdsl.ir.variations import Variation, Variations

UP, DOWN = Variation("jes", "up"), Variation("jes", "down")


def jets() -> Node:
    return make("collection", EVENT, name="Jet", counter="nJet")


def column(attr: str, unit=GEV) -> Node:
    return make("column", jets(), name=f"Jet_{attr}", attr=attr, dtype=DType.F32, unit=unit)


def scaled(factor: float) -> Node:
    return build.cast(build.arithmetic("mul", column("pt"), build.const(factor)), DType.F32)


def varied(name: str = "jes") -> Node:
    return build.vary(column("pt"), (scaled(1.5), scaled(0.5)), name, ("up", "down"))


def hard(pt: Node) -> Node:
    """The number of hard jets: an axis built from a cut."""
    return members.count(members.select(jets(), build.compare("lt", build.const(30.0, GEV), pt)))


def leading(pt: Node) -> Node:
    chosen = members.select(jets(), build.compare("lt", build.const(30.0, GEV), pt))
    return members.take(pt, members.pick(chosen, (build.lift(build.neg(pt), chosen),), "argmin"))


@pytest.mark.parametrize("made", [hard, leading, lambda pt: members.reduce("sum", pt)])
def test_under_a_variation_it_is_what_would_have_been_written(made) -> None:
    node, other = made(varied()), members.reduce("max", column("eta", NONE))
    found = Variations([node, other])
    assert found.nominal(node) is made(column("pt"))
    assert found.shifted(node, UP) is made(scaled(1.5))
    assert found.shifted(node, DOWN) is made(scaled(0.5))
    assert found.shifted(other, UP) is other
    assert found.names_of(other) == frozenset()


def test_one_variation_leaves_the_others_nominal() -> None:
    both = build.vary(varied(), (scaled(3.0),), "jer", ("high",))
    found = Variations([both])
    assert [str(v) for v in found.all()] == ["jes up", "jes down", "jer high"]
    assert found.shifted(both, UP) is scaled(1.5)
    assert found.shifted(both, Variation("jer", "high")) is scaled(3.0)
    assert found.nominal(both) is column("pt")


def test_one_name_varies_everywhere_together() -> None:
    twice = build.arithmetic(
        "add", varied(), build.vary(column("m"), (column("x"), column("y")), "jes", ("up", "down"))
    )
    found = Variations([twice])
    assert found.shifted(twice, DOWN) is build.arithmetic("add", scaled(0.5), column("y"))


def test_alternatives_may_depend_on_other_variations() -> None:
    inner = varied("jer")
    outer = build.vary(column("pt"), (build.arithmetic("add", inner, inner),), "jes", ("up",))
    found = Variations([outer])
    assert found.shifted(outer, UP) is build.arithmetic("add", column("pt"), column("pt"))
    assert found.shifted(outer, Variation("jer", "up")) is column("pt")


def test_a_very_deep_graph_is_rewritten() -> None:
    total = members.reduce("sum", varied())
    for _ in range(10_000):
        total = build.arithmetic("add", total, build.const(1.0, GEV))
    found = Variations([total])
    assert found.shifted(total, UP) is not found.nominal(total)


def test_labels_of_one_name_are_the_same() -> None:
    other = build.vary(column("m"), (column("x"),), "jes", ("high",))
    with pytest.raises(HzdslError, match="'up', 'down' in one place and 'high' in another") as e:
        Variations([varied(), other])
    assert e.value.code == "name-twice"


def test_types_of_alternatives() -> None:
    count = members.count(jets())
    assert build.vary(build.const(1), (build.const(1.5),), "x", ("up",)).type.dtype is DType.F64
    assert build.vary(count, (build.const(3),), "x", ("up",)).type.dtype is DType.I64
    maybe = leading(column("pt"))
    assert build.vary(build.const(5.0, GEV), (maybe,), "x", ("up",)).type.optional
    assert build.vary(column("pt"), (build.const(30_000.0, GEV),), "x", ("up",)).type.unit == GEV
    with pytest.raises(HzdslError, match="mixes a condition with a number"):
        build.vary(column("pt"), (build.const(True),), "x", ("up",))


def test_a_varied_requirement_proves_nothing_of_its_alternatives() -> None:
    second = members.take(column("pt"), make("nth", jets(), i=1))
    hard = build.compare("lt", build.const(30.0, GEV), second)
    always = build.compare("lt", build.const(-1.0, GEV), members.reduce("sum", column("pt")))
    assert certain(second, [hard])
    assert not certain(second, [build.vary(always, (hard,), "jes", ("up",))])
    assert not certain(build.vary(build.const(5.0, GEV), (second,), "jes", ("up",)), [always])
