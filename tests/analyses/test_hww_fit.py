"""H -> WW from cards to the result: back to r = 1, both fits, shapes, and pyhf beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

from analyses.hww import cards, fit, generate
from hzdsl.io.histograms import read_histogram
from hzdsl.stats.fits.fit import fit as fitted
from hzdsl.stats.harvest.pseudodata import with_asimov, with_toy
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.significance import significance
from hzdsl.stats.setup.opening import opened

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
    return opened([str(folder / cards.COMBINED)]).likelihood


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_expectation_comes_back_to_one(likelihood: Likelihood, seed: int) -> None:
    """-t -1 --expectSignal=1, from r = 0.3, nuisance parameters one standard deviation off, on the combined card."""
    assert fit.returned(likelihood, seed).farthest < 1e-6


def test_one_region_comes_back_too(folder: Path) -> None:
    _, _, card = cards.REGIONS["SR/0jet"]
    assert fit.returned(opened([str(folder / card)]).likelihood, 1, starts=3).farthest < 1e-6


def test_fits_of_the_prediction(folder: Path, tmp_path: Path) -> None:
    """Data are what is predicted: r = 1, no pulls; without signal there are some; shapes are in the file."""
    model = opened([str(folder / cards.COMBINED)])
    likelihood = model.likelihood
    found = fit.study(likelihood)
    signal, alone = found.fits.signal, found.fits.background
    assert found.fits.valid
    assert signal.value("r") == pytest.approx(1, abs=1e-4)
    assert signal.minos["r"].complete
    assert alone.value("r") == 0
    np.testing.assert_allclose(signal.values, likelihood.parameters.values, atol=1e-3)
    assert abs(alone.values - likelihood.parameters.values)[1:].max() > 0.01
    assert found.expected.q0 == pytest.approx(2 * (alone.minimum - signal.minimum), rel=1e-3)
    drawn = dict(islice(fit.pictures(found, model), 3))
    assert {"pulls", "correlations"} < set(drawn)
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
    result = fit.diagnostics(opened([str(tmp_path / cards.COMBINED)]).likelihood, "r").signal
    assert result.valid
    assert abs(result.value("r") - 1) < 3 * result.error("r")


def histfactory(folder: Path, statistics: Sequence[str]) -> dict[str, Any]:
    """Return the 0-jet region as a HistFactory specification, with statistics of some simulated processes."""
    name, shapes, _ = cards.REGIONS["SR/0jet"]
    with uproot.open(folder / shapes) as file:
        known = {key.split(";")[0] for key in file}
    samples = [_sample(folder / shapes, known, p, name, p in statistics) for p in cards.PROCESSES]
    channel = {"name": name, "samples": [s for s in samples if s]}
    return {"channels": [channel], "parameters": [{"name": "r", "bounds": [[0, 20]], "inits": [1.0]}]}


def _sample(path: Path, known: set[str], process: str, channel: str, statistics: bool) -> dict[str, Any]:
    """Return a sample, empty where there is none."""
    key = f"{process}_{channel}"
    if key not in known or not contents(path, key).sum() > 0:
        return {}
    modifiers: list[dict[str, Any]] = [
        {"name": "lumi_13TeV", "type": "normsys", "data": {"hi": 1.012, "lo": 1 / 1.012}}
    ]
    if process == "ggH_HWW":
        modifiers.append({"name": "r", "type": "normfactor", "data": None})
    if statistics:
        errors = np.sqrt(read_histogram(str(path), key).variances[1:-1])
        modifiers.append({"name": f"statistics_{channel}", "type": "staterror", "data": errors.tolist()})
    for systematic in cards.SYSTEMATICS.values():
        if f"{key}_{systematic}Up" in known:
            up, down = (contents(path, f"{key}_{systematic}{side}") for side in ("Up", "Down"))
            data = {"hi_data": up.tolist(), "lo_data": down.tolist()}
            modifiers.append({"name": systematic, "type": "histosys", "data": data})
    return {"name": process, "data": contents(path, key).tolist(), "modifiers": modifiers}


def contents(path: Path, key: str) -> np.ndarray:
    return np.asarray(read_histogram(str(path), key).values[1:-1])


def by_pyhf(specification: dict[str, Any]) -> tuple[float, float]:
    """Return the error of r and the significance, of what is expected with r = 1.

    The error is of the information, slopes of what pyhf expects being differences: its Minuit's is 6 % off.
    """
    pyhf = pytest.importorskip("pyhf")
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer())
    model = pyhf.Model(specification, poi_name="r", modifier_settings={"histosys": {"interpcode": "code4p"}})
    x = np.array(model.config.suggested_init())
    data = model.expected_data(x)
    _, at_best = pyhf.infer.mle.fit(data, model, return_fitted_val=True)
    _, at_zero = pyhf.infer.mle.fixed_poi_fit(0.0, data, model, return_fitted_val=True)
    pyhf.set_backend("numpy")
    steps = 1e-4 * np.eye(len(x))
    slopes = np.array([model.expected_actualdata(x + e) - model.expected_actualdata(x - e) for e in steps]) / 2e-4
    information = (slopes / model.expected_actualdata(x)) @ slopes.T
    for name in model.config.par_order:
        if name != "r":
            places = range(len(x))[model.config.par_slice(name)]
            information[places, places] += np.asarray(model.config.param_set(name).width()) ** -2.0
    k = model.config.poi_index
    return float(np.sqrt(np.linalg.inv(information)[k, k])), float(np.sqrt(at_zero - at_best))


def by_hzdsl(folder: Path, auto_stats: str) -> tuple[float, float]:
    """Return the same of the region's card, with other statistics."""
    _, _, card = cards.REGIONS["SR/0jet"]
    lines = (folder / card).read_text(encoding="utf-8").splitlines()
    kept = [line.replace("autoMCStats 10 1 1", auto_stats) for line in lines]
    (folder / "beside.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    likelihood = fit.expectation(opened([str(folder / "beside.txt")]).likelihood)
    return fitted(likelihood).error("r"), significance(likelihood, "r").z


@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")
def test_beside_pyhf_without_statistics(folder: Path) -> None:
    """The rest are interpolations: Combine's shapes have norms that are log-normal."""
    assert by_hzdsl(folder, "autoMCStats -1") == pytest.approx(by_pyhf(histfactory(folder, ())), rel=5e-3)


@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")
def test_beside_pyhf_with_statistics(folder: Path) -> None:
    """Normal in all bins (a threshold of 0), of all processes at r = 1; where r = 0 there are those of backgrounds.

    For pyhf they are of the processes that one says, whatever r is.
    """
    error, z = by_hzdsl(folder, "autoMCStats 0 1 1")
    assert error == pytest.approx(by_pyhf(histfactory(folder, cards.PROCESSES))[0], rel=1e-3)
    assert z == pytest.approx(by_pyhf(histfactory(folder, cards.PROCESSES[1:]))[1], rel=5e-3)
