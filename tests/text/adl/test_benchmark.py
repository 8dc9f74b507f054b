"""The eight tasks of the ADL benchmark, written in ADL, on the real events."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hzdsl.run import run
from hzdsl.text import load

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data" / "adl_benchmark"
TASKS = {"q1": "1", "q2": "2", "q3": "3", "q4": "4", "q5": "5", "q6_pt": "6a", "q6_btag": "6b", "q7": "7", "q8": "8"}


@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/adl_benchmark")
@pytest.mark.parametrize("backend", ["codegen", "interpret"])
def test_equal_to_the_reference(backend: str) -> None:
    document = load(ROOT / "analyses" / "adl" / "adl.adl").document
    result = run(document, str(DATA / "Run2012B_SingleMu_1000.root"), backend=backend)
    found = {key.rsplit("/")[-1]: h for key, h in result.histograms.items()}
    assert set(found) == set(TASKS)
    for name, number in TASKS.items():
        with (DATA / "reference_csv" / f"benchmark{number}.csv").open(newline="") as file:
            expected = [float(row["content"]) for row in csv.DictReader(file)]
        assert found[name].counts[1:-1].tolist() == expected, name
