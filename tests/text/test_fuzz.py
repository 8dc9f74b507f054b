"""Mutated documents and expressions, by hypothesis: only errors of ours ever come out of the loader."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hzdsl as hz
from hzdsl.ir.units import NAMES as UNITS
from hzdsl.lang.events import Family
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.objects import Single
from hzdsl.lang.verbs import verbs_of
from hzdsl.text import loads, parse_expression

HERE = Path(__file__).parent
SPECS = [p.read_text() for p in sorted((HERE / "nano_spec").glob("*.toml"))]
SPECS.append((HERE.parents[1] / "analyses" / "dimuon" / "dimuon.toml").read_text())
DATA = [tomllib.loads(text) for text in SPECS]
EVENTS = hz.events("nanoaod")
METHODS = sorted({n for kind in (hz.Value, hz.Collection, Single, Vec4, type(EVENTS), Family) for n in verbs_of(kind)})

bounded = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


def loads_or_refuses(text: str, name: str) -> None:
    for dialect in ("", "nano-spec"):
        try:
            loads(text, name, dialect=dialect)
        except hz.HzdslError as error:
            assert str(error).startswith("error[")


# ---- texts ---------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(['"', "'", '"""', "[", "]", "{", "}", "[[", "]]", "=", ":", ",", "\n", "\t", "- ", "&a ", "*a", "!!x ", "|", ">", "---\n",
                          "#", "^", "~", "null", "true", "1e999", "-", ".", "\\u0041", "\\", "\x00", "\ud800", "µ", "99999999999999999999", "..", "<<: ",
                          "1979-05-27", "nan", "inf", "0x1f", "GeV", " and ", "(", ")", "@", "`", "%", "? ", "\ufeff"])  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, name: str) -> str:
    """Return a text with some of its pieces deleted, doubled, moved or replaced."""
    data = draw(st.sampled_from(DATA))
    text = {"x.json": lambda: json.dumps(data, indent=1), "x.yaml": lambda: yaml.safe_dump(data)}.get(
        name, lambda: SPECS[DATA.index(data)]
    )()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text) - 1)) if text else 0
        end = min(len(text), at + draw(st.sampled_from([0, 1, 1, 3, 20])))
        kind = draw(st.integers(0, 2))
        middle = {0: "", 1: text[at:end] * 2, 2: draw(PIECES)}[kind]
        text = text[:at] + middle + text[end:]
    return text


@pytest.mark.parametrize("name", ["x.toml", "x.yaml", "x.json"])
def test_mutated_texts(name: str) -> None:
    @bounded
    @given(mutated(name))
    def check(text: str) -> None:
        loads_or_refuses(text, name)

    check()


@pytest.mark.parametrize("name", ["x.toml", "x.yaml", "x.json", "x.hz"])
def test_any_text(name: str) -> None:
    @bounded
    @given(st.text() | st.lists(PIECES).map("".join))
    def check(text: str) -> None:
        loads_or_refuses(text, name)

    check()


# ---- data ----------------------------------------------------------------------------------------------------------

KEYS = ["analysis", "regions", "require", "expr", "define", "name", "bins", "range", "edges", "histogram", "outputs", "channel", "derived", "kind",
        "weights", "categories", "corrections", "file", "correction", "weight", "nominal", "systematic", "lumi_mask", "checks", "exclusive", "sample",
        "schema", "fields", "collections", "luminosity", "parameters", "default", "bounds", "include", "dialect", "split", "on", "marks", "region",
        "xsec", "nevt", "templates", "axes", "items", "exclude", "target", "object", "source", "cuts", "$schema", ""]  # fmt: skip
TEXTS = ["", "run > 1", "count(Muon) == 2", "Muon.pt", "MET.pt", "5 GeV", "1 / fb", "pair", "combine", "Muon", "za", "nano-spec", "x.toml", "\x00",
         "a.split(b)", "a.without('b')", "(", "data", "a.root:h", "f64 MeV", "1 +", "é", "nanoaod", "x^2", "Runs", "."]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def altered(draw: st.DrawFn) -> Any:
    """Return the data of a document with a few of its parts replaced or added."""
    data = json.loads(json.dumps(draw(st.sampled_from(DATA))))
    for _ in range(draw(st.integers(1, 3))):
        at = data
        while isinstance(at, dict | list) and at:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            key = draw(st.sampled_from(keys))
            if draw(st.integers(0, 3)) == 0 or not isinstance(at[key], dict | list):
                at[key] = draw(VALUES)
                break
            if isinstance(at, dict) and draw(st.integers(0, 5)) == 0:
                at[draw(st.sampled_from(KEYS))] = draw(VALUES)
            at = at[key]
    return data


@bounded
@given(altered())
def test_altered_data(data: Any) -> None:
    loads_or_refuses(json.dumps(data), "x.json")
    loads_or_refuses(yaml.safe_dump(data), "x.yaml")


# ---- expressions ---------------------------------------------------------------------------------------------------

ATOMS = st.sampled_from(["Muon", "Electron", "Jet", "MET", "ev", "run", "pt", "1", "0", "2.5", "5 GeV", "1e-3 cm", "91.2GeV", "'text'", "true", "inf",
                         "nan", "GeV", "pi", "f", "nothing", "genWeight", "HLT_x", "Muon.pt", "Muon.charge", "MET.pt", "pair(Muon)", "Muon[0]"])  # fmt: skip
BINARY = st.sampled_from(["+", "-", "*", "/", "%", "**", "<<", ">>", "&", "|", "<", "<=", "==", "!=", "and", "or"])
NAMES = st.sampled_from(
    sorted(
        {
            *FUNCTIONS,
            *METHODS,
            *UNITS,
            "pt",
            "mass",
            "leg1",
            "p4",
            "f",
            "x",
            "exists",
            "leading",
        }
    )
)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.tuples(inner, BINARY, inner).map(" ".join),
        st.tuples(st.sampled_from(["-", "not ", "~", "+"]), inner).map("".join),
        st.builds("({})".format, inner),
        st.builds("({}, {})".format, inner, inner),
        st.builds("{}({})".format, NAMES, some),
        st.builds("{}({} = {})".format, NAMES, NAMES, inner),
        st.builds("{}.{}".format, inner, NAMES),
        st.builds("{}.{}({})".format, inner, NAMES, some),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[{}:{}]".format, inner, inner, inner),
        st.builds("{} < {} < {}".format, inner, inner, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, grown, max_leaves=8)


@settings(bounded, max_examples=400)
@given(EXPRESSIONS)
def test_expressions(text: str) -> None:
    try:
        parse_expression(text, EVENTS, "f(a, b = 2) = a + b")
    except hz.HzdslError as error:
        assert str(error).startswith("error[")
        assert error.place is not None


# ---- calls: every function, method and operator on every kind of value ---------------------------------------------

ATOMS = [
    "Muon", "Muon.pt", "Muon[0]", "MET", "pair(Muon)", "pair(Muon)[0]", "Muon[0] + Electron[0]", "Muon[0].p4", "Muon[0].p3",
    "5", "5 GeV", "1.5", "true", "'up'", "(1, 2)", "run", "Muon.tightId", "LHEPdfWeight", "Muon | Electron", "HLT", "nan", "inf",
    "category(a = run > 1, b = run > 2)", "GenPart.mother", "GenPart.ancestors", "pair(Muon).legs", "-1", "0", "ev", "Jet.per(Muon)",
]  # fmt: skip
KEYS = ["edges", "values", "seed", "jes", "keys", "outside", "pt", "px", "inclusive", "n", "default"]
OPERATORS = ["+", "-", "*", "/", "%", "**", "<", "==", "!=", "and", "|", "&", "<<"]
AFTER = ["", "", "", ".pt", "[0]", "[1:2]", ".legs", ".exists", ".leg1", "[pt > 5 GeV]", ".p4", ".charge"]


@st.composite
def calls(draw: st.DrawFn) -> str:
    arguments = draw(st.lists(st.sampled_from(ATOMS), max_size=3))
    if arguments and draw(st.booleans()):
        arguments[-1] = f"{draw(st.sampled_from(KEYS))} = {arguments[-1]}"
    given_arguments, atom = ", ".join(arguments), draw(st.sampled_from(ATOMS))
    kind = draw(st.integers(0, 2))
    text = (
        f"{draw(st.sampled_from(sorted(FUNCTIONS)))}({given_arguments})"
        if kind == 0
        else f"({atom}).{draw(st.sampled_from(METHODS))}({given_arguments})"
        if kind == 1
        else f"({atom}) {draw(st.sampled_from(OPERATORS))} ({draw(st.sampled_from(ATOMS))})"
    )
    return f"({text}){draw(st.sampled_from(AFTER))}"


def test_calls_of_anything_with_anything() -> None:
    @settings(bounded, max_examples=1500)
    @given(calls())
    def check(text: str) -> None:
        try:
            parse_expression(text, EVENTS)
        except hz.HzdslError as error:
            assert str(error).startswith("error[")

    check()
