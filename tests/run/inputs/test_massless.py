"""A file that stores no mass of massless objects, as NanoAOD from v12 on of photons."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV, HzdslError
from tests.run.muons import write


def test_the_fix_is_what_works(tmp_path: Path, backend: str) -> None:
    photons = ak.zip({"pt": ak.Array([[30.0, 20.0]]), "eta": [[0.0, 0.0]], "phi": [[0.0, np.pi]]})
    path = write(tmp_path / "a.root", {"Photon": ak.values_astype(photons, np.float32)})
    ph = hz.events("nanoaod").Photon
    with pytest.raises(HzdslError, match=r"Photon\.assign") as caught:
        hz.pair(ph).mass.to_numpy(path, backend=backend)
    assert caught.value.code == "branch-missing"
    mass = hz.pair(ph.assign(mass=0 * GeV)).mass.to_numpy(path, backend=backend)
    assert mass == pytest.approx([2 * np.sqrt(30.0 * 20.0)], rel=1e-6)
