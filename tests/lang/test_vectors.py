"""Operators of vectors: numbers scale them, and nothing compares them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.ir.types import DType
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.vectors import Vec3
from hzdsl.text import parse_expression

ev = hz.events("nanoaod")
mu = ev.Muon
a, b = mu[0].p4, mu[1].p4


def nodes(v: Vec3 | Vec4) -> list[Any]:
    return [c.node for c in v.components]


@pytest.mark.parametrize("v", [a, a.p3])
def test_a_number_scales_every_component(v: Any) -> None:
    assert nodes(v * 2) == nodes(2 * v) == [(c * 2).node for c in v.components]
    assert nodes(v / 2) == [(c / 2).node for c in v.components]
    assert nodes(-v) == [(-c).node for c in v.components]
    assert nodes(mu[0].eta * v) == [(c * mu[0].eta).node for c in v.components]
    assert str((v / GeV).components[0].node.type.unit) == ""
    assert nodes(+v) == nodes(v)
    assert nodes(sum([v, v])) == nodes(v + v)


def test_in_text() -> None:
    assert nodes(parse_expression("2*Muon[0].p4", ev)) == nodes(a * 2)
    assert nodes(parse_expression("Muon[0].p3/Muon[0].p3.mag", ev)) == nodes(a.p3 / a.p3.mag)


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: a == b, "'==' between vectors"),
    (lambda: a.p3 != b.p3, "'!=' between vectors"),
    (lambda: a < b, "'<' between vectors"),
    (lambda: a * b, "'*' between vectors"),
    (lambda: a / b, "'/' between vectors"),
    (lambda: 1 / a.p3, "'/' does not apply to a three-vector"),
    (lambda: a**2, "'**' does not apply to a four-vector"),
    (lambda: a & b, "'&' between vectors"),
    (lambda: abs(a), "'abs' does not apply to a four-vector"),
    (lambda: ~a, "'~' does not apply to a four-vector"),
    (lambda: a[0], "a four-vector has no elements"),
    (lambda: a + 1, f"'+' between {a!r} and 1"),
    (lambda: 1 + a, f"'+' between {a!r} and 1"),
    (lambda: a + mu[1], f"'+' between {a!r} and {mu[1]!r}"),
    (lambda: bool(a), f"{a!r} is a vector for every event, not a truth value"),
    (lambda: list(a), f"{a!r} cannot be looped over"),
    (lambda: len(a), "'len' does not apply to a four-vector"),
    (lambda: a(), f"{a!r} is a vector, not a function"),
]


@pytest.mark.parametrize(("build", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_refused(build: Callable[[], Any], said: str) -> None:
    with pytest.raises(hz.HzdslError) as error:
        build()
    assert error.value.message == said
    assert error.value.fix
    assert error.value.place is not None
    assert error.value.place.source == __file__


@pytest.mark.parametrize("text", ["Muon[0].p4 == Muon[1].p4", "abs(Muon.p4)", "Muon[0].p3 < 3", "Muon.p4*Muon.p4"])
def test_refused_in_text(text: str) -> None:
    with pytest.raises(hz.HzdslError):
        parse_expression(text, ev)


def test_a_momentum_of_0_fits_every_unit() -> None:
    still = mu.assign(pt=0)
    assert [str(x.node.type.unit) for x in (still.pt, still.px, still.energy)] == ["GeV", "GeV", "GeV"]
    assert mu.assign(eta=0).eta.node.type.unit.anything  # which is no energy


def test_the_power_0_is_1_of_the_dtype() -> None:
    assert [(x**0).node.type.dtype for x in (mu.pt, mu.charge, mu.pt.as_f64(), mu.charge.as_u32())] == [
        DType.F32, DType.I32, DType.F64, DType.U32]  # fmt: skip
    assert (mu.pt**0).node.type.unit.dimensionless
    assert (mu.pt**0).node.type.axis is mu.axis
