"""The derivatives of every density by its parameters: those of the graph are those of its values, and never NaN."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.ir.autodiff import gradient
from hzdsl.ir.node import make
from hzdsl.lang.values import Value
from hzdsl.stats.declare import parameter_nodes
from hzdsl.stats.densities.evaluate import RowEvaluator
from tests.stats.densities.cases import CASES, PLACES, Case, X, parameter
from tests.stats.densities.evaluated import on_one

ROWS = PLACES[:12]
#: As others in what is differentiated, and slow.
ALIKE = {f"double-crystal-ball-{k}" for k in (2, 4, 6)} | {"crystal-ball-1", "crystal-ball-3", "gaussian-131.3-0.05"}


def surprise(case: Case) -> Value:
    """-Σ ln of the density, 0 where that is far below what counts."""
    density = case.built().normalized()
    return -Value(make("sum", hz.log(hz.maximum(density, 1e-250)).node))


def step(value: float) -> float:
    return 2e-3 * (abs(value) if abs(value) > 1e-10 else 0.02)


def numeric(values: Any, at: dict[str, float], name: str) -> float:
    """A central difference of the eighth order."""
    h = step(at[name])
    weights = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    total = 0.0
    for k, w in weights.items():
        up, down = (values({**at, name: at[name] + sign * k * h}) for sign in (1, -1))
        total += w * (up - down)
    return float(total / h)


SMOOTH = [c for c in CASES.values() if c.at and c.name not in ALIKE]


@pytest.mark.parametrize("case", SMOOTH, ids=[c.name for c in SMOOTH])
def test_gradients(case: Case) -> None:
    value = surprise(case)
    nodes = parameter_nodes([value.node])
    slopes = RowEvaluator([Value(n) for n in gradient(value.node, list(nodes.values()))])
    found = dict(zip(nodes, (float(v[0]) for v in slopes({"x": ROWS}, case.at)), strict=True))
    assert all(np.isfinite(v) for v in found.values()), found
    if case.name.startswith(("exponential-20", "gaussian-300", "gaussian-40", "voigt-105", "voigt-300")):
        return  # so far from the rows that a difference of values has no digits
    evaluate = RowEvaluator([value])
    scale = abs(float(evaluate({"x": ROWS}, case.at)[0][0])) + 1
    for name, slope in found.items():
        expected = numeric(lambda at: float(evaluate({"x": ROWS}, at)[0][0]), dict(case.at), name)
        tolerance = 1e-7 * abs(expected) + 1e-12 * scale / step(case.at[name])
        assert abs(slope - expected) < tolerance, (name, slope, expected)


@pytest.mark.parametrize("n", [1.0, 1 + 1e-9, 1 - 1e-6, 0.999, 1.02, 1.1])
def test_a_tail_is_smooth_through_n_of_one(n: float) -> None:
    """Also its second derivative, which a switch of formulae at 1 would lose."""
    names = {"mean": 150.0, "sigma": 2.0, "alpha": 1.5, "n": n}
    density = hz.pdf.crystal_ball(X, **{k: parameter(k, v) for k, v in names.items()})
    value = Value(hz.log(density.mass_in()).node)
    node = parameter_nodes([value.node])["n"]
    (first,) = gradient(value.node, [node])
    (second,) = gradient(first, [node])
    derivatives = on_one([value, Value(first), Value(second)], {}, names)
    near = on_one([value, Value(first), Value(second)], {}, {**names, "n": n + 1e-4})
    assert near[0][0] - derivatives[0][0] == pytest.approx(1e-4 * derivatives[1][0], rel=1e-3)
    assert near[1][0] - derivatives[1][0] == pytest.approx(1e-4 * derivatives[2][0], rel=1e-3)


def test_a_slope_of_nothing_has_its_derivatives() -> None:
    """At slope 0 the density is uniform; ln of it follows x - 150, and the second derivative is -(width²/12)."""
    slope = hz.parameter("slope", 0.0)
    value = Value(make("sum", hz.log(hz.pdf.exponential(X, slope).normalized()).node))
    (first,) = gradient(value.node, [slope.node])
    (second,) = gradient(first, [slope.node])
    found = on_one([Value(first), Value(second)], {"x": [103.0]}, {})
    assert found[0][0] == pytest.approx(103 - 150, rel=1e-13)
    assert found[1][0] == pytest.approx(-(100**2) / 12, rel=1e-12)
