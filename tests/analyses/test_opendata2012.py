"""The real 2012 events: the seed's table, the reference histograms of signal and ZZ, 77 candidates in data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import uproot

import hzdsl as hz
from hzdsl.results.result import Result
from hzdsl.run import run
from hzdsl.text import loads

ROOT = Path(__file__).resolve().parents[2]
SKIMS = ROOT.parent / "shared" / "data" / "cms2012_h4l_skims"
REFERENCE = "reference_histograms/Histograms.root"
CHANNELS = {"4mu": "FourMuons", "4e": "FourElectrons", "2e2mu": "TwoMuonsTwoElectrons"}

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module", params=["codegen", "interpret"])
def result(request: pytest.FixtureRequest) -> Result:
    if not SKIMS.exists():
        pytest.skip(f"{SKIMS} is not here")
    document = hz.load(str(ROOT / "analyses" / "higgs4l" / "opendata2012.toml")).document
    return run(replace(document, folder=str(SKIMS)), backend=request.param)


def stored(name: str) -> np.ndarray:
    with uproot.open(SKIMS / REFERENCE) as file:
        return np.asarray(file[name].values())


def window(result: Result, low: int) -> int:
    """Return the signal events of all channels in one of the 10 GeV bins."""
    bin_ = 1 + (low - 70) // 10
    return sum(
        int(result.samples[f"SMHiggsToZZTo4L_{c}"].histograms[f"{c}/h_mass_10GeV"].counts[bin_]) for c in CHANNELS
    )


def test_the_table_of_the_seed(result: Result) -> None:
    selected = {c: result.samples[f"SMHiggsToZZTo4L_{c}"].regions[c].selected for c in CHANNELS}
    assert selected == {"4mu": 9115, "4e": 5528, "2e2mu": 12065}
    assert sum(selected.values()) == 26708
    assert [window(result, low) for low in (120, 110, 130)] == [23370, 2080, 647]


@pytest.mark.parametrize("channel", CHANNELS)
def test_signal_equals_the_reference_histograms(result: Result, channel: str) -> None:
    ours = result.samples[f"SMHiggsToZZTo4L_{channel}"].histograms[f"{channel}/h_mass"].values[1:-1]
    reference = stored(f"SMHiggsToZZTo4L_{CHANNELS[channel]}_Higgs_mass_NoSelection")
    np.testing.assert_allclose(ours, reference, rtol=1e-12, atol=0)


def test_totals(result: Result) -> None:
    signal = sum(result.samples[f"SMHiggsToZZTo4L_{c}"].histograms[f"{c}/h_mass"].values[1:-1].sum() for c in CHANNELS)
    zz = sum(result.samples["ZZ"].histograms[f"{c}/h_mass"].values[1:-1].sum() for c in CHANNELS)
    assert round(signal, 3) == 6.698
    assert round(zz, 3) == 61.998


def test_data(result: Result) -> None:
    names = {"4mu": "DoubleMuParked_4mu", "4e": "DoubleElectron_4e", "2e2mu": "DoubleMuParked_2e2mu"}
    found = {c: int(result.samples[n].histograms[f"{c}/h_mass"].counts[1:-1].sum()) for c, n in names.items()}
    assert found == {"4mu": 36, "4e": 13, "2e2mu": 28}


UNBINNED = """
[schema]
fields = { classID = "i32", Higgs_mass = "f32 GeV" }

[regions]
zz = ["classID == 1"]

[[histogram]]
name = "h_mass"
expr = "Higgs_mass"
bins = 36
range = ["70 GeV", "180 GeV"]
region = "zz"

[[sample]]
name = "ZZ"
file = "zz_background/TMVA_signal_plus_ZZ.root"
tree = ["dataset/TrainTree", "dataset/TestTree"]
"""


@pytest.mark.parametrize("backend", ["codegen", "interpret"])
def test_unbinned_zz_reproduces_the_unweighted_bins(backend: str) -> None:
    if not SKIMS.exists():
        pytest.skip(f"{SKIMS} is not here")
    found = run(replace(loads(UNBINNED).document, folder=str(SKIMS)), backend=backend)
    samples = (("ZZTo4mu", 0.077, 1499064), ("ZZTo4e", 0.077, 1499093), ("ZZTo2e2mu", 0.18, 1497445))
    expected = np.zeros(36)
    for (name, xsec, nevt), channel in zip(samples, CHANNELS.values(), strict=True):
        weight = 11580.0 * xsec * 1.386 / nevt
        unweighted = stored(f"{name}_{channel}_Higgs_mass_NoSelection") / weight
        np.testing.assert_allclose(unweighted, np.rint(unweighted), atol=1e-6)
        expected += np.rint(unweighted)
    assert found.histograms["zz/h_mass"].counts[1:-1].tolist() == expected.astype(int).tolist()
