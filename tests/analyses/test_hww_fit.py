"""H -> WW from cards to the result: back to r = 1, both fits, shapes, and pyhf beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

from analyses.hww import cards, fit, generate
from hzdsl.io.histograms import read_histogram
from hzdsl.stats.combine.model import read_model
from hzdsl.stats.harvest.pseudodata import with_asimov, with_toy
from hzdsl.stats.likelihood import Likelihood

EVENTS, SEED = 2_000, 3


@pytest.fixture(scope="module")
def channels(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    events = tmp_path_factory.mktemp("events")
    generate.write_all(events, EVENTS, SEED)
    return cards.channels_of(cards.histograms(events))


@pytest.fixture(scope="module")
def folder(channels: list[Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cards")
    cards.write(with_asimov(channels), path)
    return path


@pytest.fixture(scope="module")
def likelihood(folder: Path) -> Likelihood:
    return read_model(str(folder / cards.COMBINED)).likelihood()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_expectation_comes_back_to_one(likelihood: Likelihood, seed: int) -> None:
    """-t -1 --expectSignal=1, from r = 0.3, nuisance parameters one standard deviation off, on the combined card."""
    assert fit.returned(likelihood, seed).farthest < 1e-6


def test_one_region_comes_back_too(folder: Path) -> None:
    _, _, card = cards.REGIONS["SR/0jet"]
    assert fit.returned(read_model(str(folder / card)).likelihood(), 1, starts=3).farthest < 1e-6


def test_fits_of_the_prediction(likelihood: Likelihood, tmp_path: Path) -> None:
    """Data are what is predicted: r = 1, no pulls; without signal there are some; shapes are in the file."""
    found = fit.study(likelihood)
    signal, alone = found.fits.signal, found.fits.background
    assert found.fits.valid
    assert signal.value("r") == pytest.approx(1, abs=1e-4)
    assert signal.minos["r"].complete
    assert alone.value("r") == 0
    np.testing.assert_allclose(signal.values, likelihood.parameters.values, atol=1e-3)
    assert abs(alone.values - likelihood.parameters.values)[1:].max() > 0.01
    assert found.expected.q0 == pytest.approx(2 * (alone.minimum - signal.minimum), rel=1e-3)
    fit.write(found, tmp_path)
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["kind"] == "Study"
    with uproot.open(tmp_path / "fitDiagnostics.root") as file:
        for channel, _, _ in cards.REGIONS.values():
            before, after, background = (
                file[f"shapes_{f}/{channel}/total"].values() for f in ("prefit", "fit_s", "fit_b")
            )
            np.testing.assert_allclose(after, before, rtol=1e-4)
            assert not np.allclose(background, before, rtol=1e-6)
            assert not file[f"shapes_fit_b/{channel}/ggH_HWW"].values().any()


def test_fluctuated_data(channels: list[Any], tmp_path: Path) -> None:
    cards.write(with_toy(channels, 5), tmp_path)
    result = fit.diagnostics(read_model(str(tmp_path / cards.COMBINED)).likelihood(), "r").signal
    assert result.valid
    assert abs(result.value("r") - 1) < 3 * result.error("r")


def histfactory(folder: Path) -> dict[str, Any]:
    """Return the histograms as a HistFactory specification, without statistics of simulation."""
    specification: dict[str, Any] = {
        "channels": [], "parameters": [{"name": "r", "bounds": [[0, 20]], "inits": [1.0]}]
    }  # fmt: skip
    for name, shapes, _ in cards.REGIONS.values():
        samples = []
        with uproot.open(folder / shapes) as file:
            known = {key.split(";")[0] for key in file}
        for process in cards.PROCESSES:
            key = f"{process}_{name}"
            if key not in known:
                continue
            nominal = contents(folder / shapes, key)
            if not nominal.sum() > 0:
                continue
            modifiers: list[dict[str, Any]] = [
                {"name": "lumi_13TeV", "type": "normsys", "data": {"hi": 1.012, "lo": 1 / 1.012}}
            ]
            if process == "ggH_HWW":
                modifiers.append({"name": "r", "type": "normfactor", "data": None})
            for systematic in cards.SYSTEMATICS.values():
                if f"{key}_{systematic}Up" in known:
                    up, down = (contents(folder / shapes, f"{key}_{systematic}{side}") for side in ("Up", "Down"))
                    data = {"hi_data": up.tolist(), "lo_data": down.tolist()}
                    modifiers.append({"name": systematic, "type": "histosys", "data": data})
            samples.append({"name": process, "data": nominal.tolist(), "modifiers": modifiers})
        specification["channels"].append({"name": name, "samples": samples})
    return specification


def contents(path: Path, key: str) -> np.ndarray:
    return np.asarray(read_histogram(str(path), key).values[1:-1])


@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")
def test_beside_pyhf(folder: Path) -> None:
    """Without statistics of simulation, in which both differ, error and significance are pyhf's to half a percent.

    What is left are the interpolations: Combine's shapes are normalised and their norms are log-normal.
    """
    pyhf = pytest.importorskip("pyhf")
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())
    model = pyhf.Model(histfactory(folder), poi_name="r", modifier_settings={"histosys": {"interpcode": "code4p"}})
    data = model.expected_data(model.config.suggested_init())
    best, at_best = pyhf.infer.mle.fit(data, model, return_fitted_val=True, return_uncertainties=True)
    _, at_zero = pyhf.infer.mle.fixed_poi_fit(0.0, data, model, return_fitted_val=True)
    pyhf.set_backend("numpy")
    text = (folder / cards.COMBINED).read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "autoMCStats" not in line]
    (folder / "without.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    ours = fit.study(read_model(str(folder / "without.txt")).likelihood())
    assert best[model.config.poi_index][0] == pytest.approx(1, abs=1e-4)
    assert ours.fits.signal.error("r") == pytest.approx(best[model.config.poi_index][1], rel=5e-3)
    assert ours.expected.z == pytest.approx(np.sqrt(at_zero - at_best), rel=5e-3)
