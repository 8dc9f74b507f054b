"""A counter that disagrees with the lists it counts is refused, whatever is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

import hzdsl as hz
from hzdsl.run import run


@pytest.fixture
def disagreeing(tmp_path: Path) -> Path:
    path = tmp_path / "disagree.root"
    with uproot.recreate(path) as file:
        types = {"nMuon": "int32", "Muon_pt": "var * float32"}
        file.mktree("Events", types, counter_name=lambda name: f"own_{name}")
        lists = ak.Array([[1.0], [2.0, 3.0], [4.0]])
        file["Events"].extend({"nMuon": np.array([1, 2, 4], np.int32), "Muon_pt": lists})
    return path


def test_a_counter_that_disagrees_with_its_lists(disagreeing: Path, backend: Any) -> None:
    muon = hz.events().Muon
    ana = hz.Analysis("counts")
    ana.histogram("n", hz.count(muon), bins=5, range=(0, 5))
    ana.histogram("pt", muon.pt, bins=5, range=(0, 5))
    with pytest.raises(hz.HzdslError, match=r"nMuon and Muon_pt .* have lists of different lengths in entry 2"):
        run(ana.document(), str(disagreeing), backend=backend)
