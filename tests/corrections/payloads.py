"""Random correctionlib payloads, and their values by the package itself."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from correctionlib import CorrectionSet
from hypothesis import strategies as st

from hzdsl.backends.base import Chunk, Program
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.corrections.lowering import lower
from hzdsl.corrections.reading import _Reader
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE
from tests.backends.compare import same_bits

REAL, INT, TEXT = ("x", "y"), ("n", "m"), ("s",)
INPUTS = [
    *({"name": name, "type": "real"} for name in REAL),
    *({"name": name, "type": "int"} for name in INT),
    {"name": "s", "type": "string"},
]
SYSTEMATICS = ("nominal", "up", "down")
INTEGERS = (-2, 0, 1, 5, 11, 13)

numbers = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.5, 1e-3]), st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 3))
)


# ---- formulas ------------------------------------------------------------------------------------------------------

_FUNCTIONS1 = [
    "log",
    "log10",
    "exp",
    "erf",
    "sqrt",
    "abs",
    "cos",
    "sin",
    "tan",
    "acos",
    "asin",
    "atan",
    "cosh",
    "sinh",
    "tanh",
    "acosh",
    "asinh",
    "atanh",
]
_FUNCTIONS2 = ["atan2", "pow", "max", "min"]
_OPERATORS = ["||", "&&", "==", "!=", ">", "<", ">=", "<=", "-", "+", "/", "*", "^"]


def expressions(parameters: int) -> st.SearchStrategy[str]:
    """Formulas of x and y, with blanks and brackets here and there."""
    leaves = [
        st.sampled_from(["x", "y", "x[0]", "x[1]"]),
        st.sampled_from(["2", "0.5", "1.", "3e-1", "-2", "-0.7e1", "10e1"]),
    ]
    if parameters:
        leaves.append(st.integers(0, parameters - 1).map(lambda i: f"[{i}]"))
    return st.recursive(
        st.one_of(*leaves),
        lambda inner: st.one_of(
            st.tuples(inner, st.lists(st.tuples(st.sampled_from(_OPERATORS), inner), min_size=1, max_size=3)).map(
                lambda t: t[0] + "".join(f"{op} {x}" for op, x in t[1])
            ),
            inner.map(lambda e: f"({e})"),
            inner.map(lambda e: f"-({e})"),
            st.sampled_from(["-x", "-y"]),
            st.tuples(st.sampled_from(_FUNCTIONS1), inner).map(lambda t: f"{t[0]}({t[1]})"),
            st.tuples(st.sampled_from(_FUNCTIONS2), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        ),
        max_leaves=8,
    )


@st.composite
def formulas(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(0, 3))
    return {
        "nodetype": "formula",
        "expression": draw(expressions(n)),
        "parser": "TFormula",
        "variables": draw(st.sampled_from([["x", "y"], ["y", "x"]])),
        "parameters": draw(st.lists(numbers, min_size=n, max_size=n)),
    }


# ---- contents ------------------------------------------------------------------------------------------------------


@st.composite
def edges(draw: st.DrawFn, bins: int) -> Any:
    if draw(st.booleans()):
        low = draw(st.sampled_from([-5.0, 0.0, -1.7, 1e-3]))
        return {"n": bins, "low": low, "high": low + draw(st.sampled_from([1.0, 3.3, 10.0]))}
    found = sorted(
        draw(st.sets(st.sampled_from([-7.0, -2.5, -1.0, 0.0, 0.3, 1.0, 2.0, 4.5, 8.0, 9.0]), min_size=bins + 1))
    )
    row: list[Any] = found[: bins + 1]
    if draw(st.integers(0, 4)) == 0:
        row = ["-inf" if draw(st.booleans()) else row[0], *row[1:-1], "inf"]
    return row


@st.composite
def binnings(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    """A grid; half of them with contents of one shape."""
    multi = draw(st.booleans())
    sizes = [draw(st.integers(1, 4)) for _ in range(draw(st.integers(1, 2)) if multi else 1)]
    total = int(np.prod(sizes))
    flow: Any = draw(st.sampled_from(["clamp", "error", "wrap", None]))
    rows = [draw(edges(n)) for n in sizes]
    if flow == "wrap" and any(isinstance(r, list) and {"inf", "-inf"} & {str(e) for e in r} for r in rows):
        flow = "clamp"  # (nothing can be wrapped into an infinite range)
    content = draw(
        contents_of_one_shape(total) if draw(st.booleans()) else st.lists(inner, min_size=total, max_size=total)
    )
    shared = {"content": content, "flow": draw(inner) if flow is None else flow}
    names = [draw(st.sampled_from([*REAL, *INT])) for _ in sizes]
    if multi:
        return {"nodetype": "multibinning", "inputs": names, "edges": rows, **shared}
    return {"nodetype": "binning", "input": names[0], "edges": rows[0], **shared}


@st.composite
def contents_of_one_shape(draw: st.DrawFn, n: int) -> list[Any]:
    kind = draw(st.sampled_from(["number", "formula", "binning", "formularef"]))
    if kind == "number":
        return draw(st.lists(numbers, min_size=n, max_size=n))
    if kind == "formularef":
        return [{"nodetype": "formularef", "index": 0, "parameters": [draw(numbers), draw(numbers)]} for _ in range(n)]
    if kind == "formula":
        one = draw(formulas())
        k = len(one["parameters"])
        return [{**one, "parameters": draw(st.lists(numbers, min_size=k, max_size=k))} for _ in range(n)]
    row = draw(edges(2))
    flow = draw(st.sampled_from(["clamp", "error"]))
    each = {"nodetype": "binning", "input": "y", "edges": row, "flow": flow}
    return [{**each, "content": [draw(numbers), draw(numbers)]} for _ in range(n)]


@st.composite
def categories(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    name = draw(st.sampled_from([*INT, *TEXT]))
    known: Any = SYSTEMATICS if name in TEXT else INTEGERS
    keys = draw(st.lists(st.sampled_from(known), unique=True, min_size=1))
    content = [{"key": k, "value": draw(inner)} for k in keys]
    return {"nodetype": "category", "input": name, "content": content, "default": draw(st.none() | inner)}


@st.composite
def transforms(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    name = draw(st.sampled_from([*REAL, *INT]))
    rule = draw(st.one_of(numbers, formulas().filter(_tame)))
    return {"nodetype": "transform", "input": name, "rule": rule, "content": draw(inner)}


def _tame(formula: dict[str, Any]) -> bool:
    """(C++ leaves open what a double beyond 64 bits, or NaN, becomes as an integer.)"""
    return not any(
        word in formula["expression"] for word in ("exp", "cosh", "sinh", "^", "pow", "log", "/", "sqrt", "tan", "a")
    )


@st.composite
def generators(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from([*REAL, *INT]), min_size=1, max_size=9))
    return {"nodetype": "hashprng", "inputs": names, "distribution": draw(st.sampled_from(["stdflat", "normal"]))}


contents = st.recursive(
    st.one_of(numbers, numbers, formulas(), generators()),
    lambda inner: st.one_of(binnings(inner), categories(inner), transforms(inner)),
    max_leaves=6,
)


# ---- evaluation ----------------------------------------------------------------------------------------------------


def payload(data: Any, name: str = "c") -> dict[str, Any]:
    generic = {"nodetype": "formula", "expression": "[0]*x - y/[1]", "parser": "TFormula", "variables": ["x", "y"]}
    return {
        "schema_version": 2,
        "corrections": [
            {
                "name": name,
                "version": 1,
                "inputs": INPUTS,
                "output": {"name": "w", "type": "real"},
                "generic_formulas": [generic],
                "data": data,
            }
        ],
    }


def event_values(seed: int, n: int, special: bool = True) -> dict[str, np.ndarray[Any, Any]]:
    """Inputs on edges, between them, outside of all, NaN and infinite."""
    rng = np.random.default_rng(seed)
    odd = [-7.0, -5.0, -2.5, -1.7, -1.0, -0.0, 0.0, 1e-3, 0.3, 1.0, 1.3, 2.0, 4.5, 5.0, 8.0, 9.0, 10.0, 1e9]
    beside = [np.nextafter(x, np.inf) for x in odd] + [np.nextafter(x, -np.inf) for x in odd]
    picked = np.array([*odd, *beside, *([np.nan, np.inf, -np.inf] if special else [])])
    real = {k: np.where(rng.random(n) < 0.5, rng.choice(picked, n), rng.normal(0, 4, n)) for k in REAL}
    return real | {k: rng.integers(-8, 15, n) for k in INT}


def column(name: str) -> Node:
    dtype = DType.F64 if name in REAL else DType.I64
    return make("column", EVENT, name=name, attr=name, dtype=dtype, unit=NONE)


def by_package(document: dict[str, Any], name: str, values: dict[str, Any], text: str) -> list[float | None]:
    """Return what the package says of each event, None where it raises."""
    whole = CorrectionSet.from_string(json.dumps(document))
    correction = whole.compound[name] if name in whole.compound else whole[name]
    found: list[float | None] = []
    for i in range(len(values["x"])):
        row = [text if v.name == "s" else values[v.name][i].item() for v in correction.inputs]
        try:
            found.append(correction.evaluate(*row))
        except (RuntimeError, IndexError, ValueError):
            found.append(None)
    return found


def by_us(document: dict[str, Any], name: str, values: dict[str, Any], text: str) -> list[np.ndarray[Any, Any]]:
    """Return values and presence by both backends, interpreter first; None of them where the text is refused."""
    record = _Reader("payload", json.loads(json.dumps(document))).correction(name)
    node = lower(record, {v.name: text if v.name == "s" else column(v.name) for v in record.inputs})
    chunk = Chunk(len(values["x"]), {k: np.asarray(v) for k, v in values.items()}, {})
    found = []
    for backend in (InterpretBackend(), CodegenBackend()):
        (dump,) = backend.compile(Program(dumps=(node,))).run(chunk, {}).dumps
        found += [dump.values, dump.valid]
    return found


def assert_equal(document: dict[str, Any], values: dict[str, Any], text: str, name: str = "c") -> None:
    expected = by_package(document, name, values, text)
    interpreted, valid, compiled, present = by_us(document, name, values, text)
    assert same_bits(interpreted, compiled)
    assert same_bits(valid, present)
    told = np.array([x is not None for x in expected])
    assert valid.tolist() == told.tolist()
    right = np.array([0.0 if x is None else x for x in expected])
    assert same_bits(interpreted, right), [(a, b) for a, b in zip(interpreted, right, strict=True) if a != b][:3]
