"""Random graphs, their gradients and products with second derivatives: passes against the interpreter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from hzdsl.ir import build
from hzdsl.ir.autodiff import gradient, tangents
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.relaxed import relaxed
from hzdsl.ir.types import DType
from tests.backends.passes.graphs import (
    BINS,
    CELLS,
    CHANNELS,
    EFFECTS,
    OF_CELL,
    PARAMETERS,
    PARTS,
    POINTS,
    PROCESSES,
    ROW,
    THETA,
    Grower,
    P,
    Q,
    Vector,
    column,
    compiled,
    data_for,
    interpreted,
    link,
)
from tests.fuzz.choosers import Chooser, drawn

PARAMETER_VALUES = {"p": 0.375, "q": -0.625, "vp": 0.25, "vq": -0.75}
#: How parameters move, in products with second derivatives.
RATES = {P: build.param("vp", 1.0), Q: build.param("vq", 1.0), THETA: column(PARAMETERS, "rate")}
ALONG = (EVENT, PARAMETERS, PROCESSES, POINTS, EFFECTS, CELLS, BINS, CHANNELS, PARTS)
CASES = settings(max_examples=60, database=None, deadline=None)


def assert_equal(nodes: Sequence[Node], data: int, tolerance: float = 1e-12) -> None:
    """Compare what passes find with what the interpreter does, relative to the greatest number along the axis."""
    columns, counts = data_for(nodes, data)
    wanted = interpreted(nodes, columns, counts, PARAMETER_VALUES)
    found = compiled(nodes, columns, counts, PARAMETER_VALUES)
    for node, x, y in zip(nodes, found, wanted, strict=True):
        assert x.shape == y.shape, node
        assert _distance(x, y) <= tolerance, (node, x, y)


def _distance(x: Vector, y: Vector) -> float:
    scale = max(1.0, float(np.max(np.abs(y), initial=0.0)))
    return float(np.max(np.abs(x - y), initial=0.0)) / scale


@seed(20261128)
@CASES
@given(st.data())
def test_random_values(data: st.DataObject) -> None:
    """Several at once, per event and along any axis."""
    pick: Chooser = drawn(data.draw)
    grower = Grower(pick)
    axes = [EVENT, *(ALONG[pick(len(ALONG))] for _ in range(1 + pick(2)))]
    nodes = dict.fromkeys(grower.value(axis, 1 + pick(3)) for axis in axes)
    assert_equal(list(nodes), pick(2**16))


@seed(20261129)
@CASES
@given(st.data())
def test_random_derivatives(data: st.DataObject) -> None:
    """Value and gradient in one function, second derivatives in another, as likelihoods have them."""
    pick = drawn(data.draw)
    grower = Grower(pick)
    parameter = make("take", THETA, link(BINS, PARAMETERS))
    moved = make("sum", make("sum", make("mul", grower.value(BINS, 1 + pick(3)), parameter)))
    result = make("add", moved, grower.value(EVENT, 1 + pick(3)))
    first = gradient(result, list(RATES))
    number = pick(2**16)
    assert_equal([result, *first], number)
    assert_equal(tangents(first, RATES), number)


@seed(20261130)
@CASES
@given(st.data())
def test_rearranging_changes_nothing_but_rounding(data: st.DataObject) -> None:
    pick = drawn(data.draw)
    result = Grower(pick).value(EVENT, 2 + pick(3))
    number = pick(2**16)
    columns, counts = data_for([result], number)
    (wanted,) = interpreted([result], columns, counts, PARAMETER_VALUES)
    (found,) = compiled([relaxed(result)], columns, counts, PARAMETER_VALUES)
    assert _distance(found, wanted) <= 1e-12


# ---- what once was wrong ---------------------------------------------------------------------------------------------


def _summed_in_parts(axis: Node) -> Node:
    return make("sum", column(axis, "a"))


CASES_FOUND = {
    "collected in one pass over channels, read in the next": make(
        "take", make("collect", make("lift", P, PROCESSES), link(PROCESSES, PARAMETERS)), link(BINS, PARAMETERS)
    ),
    "the effects of a cell twice": make(
        "collect", make("lift", _summed_in_parts(PARTS), PARTS), link(PARTS, PARAMETERS)
    ),
    "the effects of a cell in every pass over cells": make(
        "sum",
        make("mul", make("lift", make("sum", _summed_in_parts(PARTS)), CELLS), _summed_in_parts(PARTS)),
    ),
    "processes whose effects are read in cells alone": make(
        "add", make("take", column(PROCESSES, "a"), OF_CELL), _summed_in_parts(PARTS)
    ),
    "a condition that is read by reference": make(
        "where",
        make("take", make("lt", column(PROCESSES, "a"), column(PROCESSES, "b")), OF_CELL),
        column(CELLS, "a"),
        column(CELLS, "b"),
    ),
    "a row that is read by number": make("take", make("stack", P, Q, make("mul", P, Q), ROW), link(PROCESSES, ROW)),
    "a row that is collected": make("collect", column(BINS, "a"), link(BINS, ROW)),
    "lists that are only counted": make(
        "sum",
        make(
            "mul",
            make("cast", make("count", BINS), dtype=DType.F64),
            make("mul", column(CHANNELS, "a"), column(CHANNELS, "b")),
        ),
    ),
    "cells of nothing": column(CELLS, "a"),
}


@pytest.mark.parametrize("case", CASES_FOUND)
def test_what_once_was_wrong(case: str) -> None:
    for number in range(12):
        assert_equal([CASES_FOUND[case]], number)
