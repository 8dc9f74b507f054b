"""df102 on real events of CMS Open Data: how many pairs there are, and how many near the Z."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.run import run

ROOT = Path(__file__).resolve().parents[2]
MUONS = ROOT.parent / "shared" / "data" / "cms_dilepton" / "Run2012BC_DoubleMuParked_Muons_first100k.root"

pytestmark = pytest.mark.shared


@pytest.mark.parametrize("backend", ["codegen", "interpret"])
def test_pairs_of_the_first_20000_events(backend: str) -> None:
    if not MUONS.exists():
        pytest.skip(f"{MUONS} is not here")
    document = hz.load(str(ROOT / "analyses" / "dimuon" / "dimuon.toml")).document
    result = run(document, str(MUONS), backend=backend, max_events=20_000)
    assert result.regions["os_pair"].selected == 13743
    assert result.regions["z_window"].selected == 2465


def test_the_pair_of_highest_pt_is_another_question() -> None:
    if not MUONS.exists():
        pytest.skip(f"{MUONS} is not here")
    pair = hz.pair(hz.events().Muon).opposite_charge().leading()
    ana = hz.Analysis("leading")
    ana.region("z", pair.mass.between(60 * hz.GeV, 120 * hz.GeV))
    assert run(ana.document(), str(MUONS), max_events=20_000).regions["z"].selected == 2142


def test_peaks_stand_where_they_belong() -> None:
    if not MUONS.exists():
        pytest.skip(f"{MUONS} is not here")
    document = hz.load(str(ROOT / "analyses" / "dimuon" / "dimuon.toml")).document
    histogram = run(document, str(MUONS)).histograms["os_pair/mass"]
    edges, values = histogram.axes[0].edges, histogram.counts[1:-1]

    def density(low: float, high: float) -> float:
        inside = (edges[:-1] >= low) & (edges[:-1] < high)
        return float(np.mean(values[inside]))

    assert density(3.05, 3.15) > 5 * density(2.7, 2.9)  # J/psi
    assert density(9.3, 9.6) > 1.5 * density(8.5, 9.0)  # Upsilon
    assert density(89, 93) > 5 * density(60, 80)  # Z
