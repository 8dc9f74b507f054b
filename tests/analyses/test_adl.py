"""The eight tasks of the ADL benchmark: both forms are one analysis, equal to the reference histograms on real events."""

from __future__ import annotations

import ast
import csv
from pathlib import Path

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.ir.hash import analysis_hash
from hzdsl.results.result import Result
from hzdsl.run import run

ROOT = Path(__file__).resolve().parents[2]
ADL = ROOT / "analyses" / "adl"
DATA = ROOT.parent / "shared" / "data" / "adl_benchmark"
EVENTS = DATA / "Run2012B_SingleMu_1000.root"
TASKS = {"q1": "1", "q2": "2", "q3": "3", "q4": "4", "q5": "5", "q6_pt": "6a", "q6_btag": "6b", "q7": "7", "q8": "8"}
MOST_CHARACTERS = 250


def test_text_and_python() -> None:
    text, python = (hz.load(str(ADL / f"adl.{kind}")).document for kind in ("toml", "py"))
    assert analysis_hash(text) == analysis_hash(python)


@pytest.fixture(scope="module", params=["codegen", "interpret"])
def result(request: pytest.FixtureRequest) -> Result:
    if not EVENTS.exists():
        pytest.skip(f"{EVENTS} is not here")
    return run(hz.load(str(ADL / "adl.toml")).document, str(EVENTS), backend=request.param)


@pytest.mark.shared
@pytest.mark.parametrize("name", TASKS)
def test_equal_to_the_reference(result: Result, name: str) -> None:
    with (DATA / "reference_csv" / f"benchmark{TASKS[name]}.csv").open(newline="") as file:
        expected = [float(row["content"]) for row in csv.DictReader(file)]
    (found,) = (h for key, h in result.histograms.items() if key.split("/")[-1] == name)
    assert found.values[1:-1].tolist() == expected


@pytest.mark.shared
def test_entries(result: Result) -> None:
    """What is filled in all, from an independent awkward version: 0 fills task 7, missing fills nothing."""
    entries = {key.split("/")[-1]: int(np.sum(h.counts)) for key, h in result.histograms.items()}
    assert entries == {
        "q1": 1000, "q2": 1699, "q3": 680, "q4": 116, "q5": 57, "q6_pt": 274, "q6_btag": 274, "q7": 1000, "q8": 73,
    }  # fmt: skip


def task(number: int) -> str:
    code = (ADL / "adl.py").read_text(encoding="utf-8").split(f"# {number}: ", maxsplit=1)[1]
    return code.split("\n", maxsplit=1)[1].split("\n\n#")[0].strip()


def test_task_8_is_short_and_public() -> None:
    """Beyond the object definitions; `make lint` holds the file to ruff's format."""
    code = task(8)
    assert len(code) <= MOST_CHARACTERS
    used = {n.attr for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "hz"}
    assert used
    assert used <= set(hz.__all__)


@pytest.mark.parametrize("number", range(1, 9))
def test_what_is_measured_is_the_analysis(number: int) -> None:
    """The benchmark's text of each task alone: the very nodes, bins and cuts of `adl.toml`."""
    whole = hz.load(str(ADL / "adl.toml")).document
    alone = hz.load(str(ROOT / "benchmarks" / "adl" / f"task_{number}.toml")).document
    named = {h.name: h for h in whole.histograms if h.name.split("_")[0] == f"q{number}"}
    assert {h.name: (h.axes, h.region) for h in alone.histograms} == {n: (h.axes, h.region) for n, h in named.items()}
    regions = {h.region for h in named.values()} - {None}
    cuts = [{r.name: [c.node for c in r.cuts] for r in d.regions if r.name in regions} for d in (whole, alone)]
    assert cuts[0] == cuts[1]
    assert len(alone.regions) == len(regions)
