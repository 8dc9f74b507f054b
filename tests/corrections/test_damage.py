"""Damaged payloads and formulas: only documented errors ever come out."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hzdsl as hz
from hzdsl.corrections.formula import parse_formula
from hzdsl.ir.hash import node_digests
from tests.corrections import payloads as p
from tests.corrections.conftest import Write, jet_energy, scale_factor
from tests.corrections.test_trees import stump


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="xyzt[]()0123456789.e+-*/^<>=!&| ,logsqrtmaxmin", max_size=30))
def test_any_text_as_a_formula(text: str) -> None:
    try:
        tree = parse_formula(text)
    except hz.HzdslError as e:
        assert e.code == "syntax"
    else:
        assert isinstance(tree, tuple)


ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    2**70,
    1.5,
    float("nan"),
    "",
    "pt",
    "inf",
    [],
    [1],
    {},
    {"nodetype": "binning"},
    [[]],
]


def damaged(document: Any, rng: random.Random) -> Any:
    """Return the document with one value replaced, or one key or element gone."""
    document = copy.deepcopy(document)
    places: list[tuple[Any, Any]] = []
    stack = [document]
    while stack:
        x = stack.pop()
        keys = list(x) if isinstance(x, dict) else list(range(len(x)))
        places += [(x, k) for k in keys]
        stack += [x[k] for k in keys if isinstance(x[k], dict | list)]
    owner, key = rng.choice(places)
    if rng.random() < 0.3:
        del owner[key]
    else:
        owner[key] = rng.choice(ODD)
    return document


@pytest.mark.parametrize("seed", range(8))
def test_damaged_files(write: Write, seed: int) -> None:
    rng = random.Random(seed)
    sources = [{"schema_version": 2, "corrections": [scale_factor()]}, jet_energy(), stump(), {"1": [[1, 2], [4, 5]]}]
    refused = 0
    for k in range(60):
        document = damaged(sources[k % 4], rng)
        path = write(document)
        try:
            use(k % 4, path)
        except hz.HzdslError:
            refused += 1
    assert refused > 20


def use(kind: int, path: str) -> None:
    x, n = (p.column(name) for name in ("x", "n"))
    value, number = hz.Value(x), hz.Value(n)
    if kind == 0:
        hz.correction(path, "tight_id")(abseta=value, pt=value, scale_factors="nominal")
    elif kind == 1:
        hz.correction(path, "L1L2")(JetEta=value, JetPt=value)
    elif kind == 2:
        hz.model(path)(x=value)
    else:
        hz.lumi_mask(path)(number, number)


def test_every_number_of_a_payload_enters_the_hash(write: Write) -> None:
    def digest(document: Any) -> bytes:
        value = hz.correction(write(document), "tight_id")(
            abseta=hz.Value(p.column("x")), pt=10.0, scale_factors="nominal"
        )
        return node_digests([value.node])[value.node]

    document = {"schema_version": 2, "corrections": [scale_factor()]}
    before = digest(document)
    assert digest(json.loads(json.dumps(document))) == before
    grid = scale_factor()
    grid["data"]["content"][0]["value"]["content"][1]["content"][2] += 1e-12
    assert digest({"schema_version": 2, "corrections": [grid]}) != before
    grid = scale_factor()
    grid["data"]["content"][0]["value"]["edges"][1] = 1.3
    assert digest({"schema_version": 2, "corrections": [grid]}) != before
