"""Numbers that others have published or found, through hzdsl's own likelihoods: ../shared/data/stats/README.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2, norm

from hzdsl.stats import histfactory
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.methods.asimov import asimov_of
from hzdsl.stats.methods.asymptotic import Limits, hypotest, limits
from hzdsl.stats.methods.goodness import goodness
from hzdsl.stats.methods.probabilities import SIGMAS
from hzdsl.stats.methods.significance import significance
from hzdsl.stats.templates.likelihood import TemplateLikelihood

MU = {"name": "mu", "type": "normfactor", "data": None}


def likelihood(tmp_path: Path, data: list[float], *samples: dict[str, Any], **config: Any) -> TemplateLikelihood:
    """Return the likelihood of one channel, as a HistFactory document has it."""
    measured = {"name": "m", "config": {"poi": "mu", "parameters": [], **config}}
    document = {
        "channels": [{"name": "only", "samples": list(samples)}],
        "observations": [{"name": "only", "data": data}],
        "measurements": [measured],
        "version": "1.0.0",
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    # (pyhf's validation was made with these rules)
    return TemplateLikelihood(histfactory.read(path, normsys="code1", histosys="code0"))


def sample(name: str, data: list[float], *modifiers: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "data": data, "modifiers": list(modifiers)}


def test_p1_uncorrelated_background(tmp_path: Path) -> None:
    """The first example of pyhf's README."""
    uncertain = {"name": "u", "type": "shapesys", "data": [3.0, 7.0]}
    found = hypotest(
        likelihood(
            tmp_path, [51, 48], sample("s", [12, 11], MU), sample("b", [50, 52], uncertain)
        ),
        1.0,
    )  # fmt: skip
    assert found.cls == pytest.approx(0.05251497, rel=1e-3)
    assert found.expected[2] == pytest.approx(0.06445319, rel=1e-3)


@pytest.mark.shared
def test_p2_two_bins(shared: Path) -> None:
    model = TemplateLikelihood(histfactory.read(shared / "pyhf/2-bin_1-channel.json"))
    found = hypotest(model, 1.0)
    assert (found.cls, found.expected[2]) == pytest.approx((0.35998409, 0.35998409), rel=1e-3)
    band = limits(model, quantiles=SIGMAS)
    assert band.observed == pytest.approx(2.1253, rel=1e-2)
    np.testing.assert_allclose(band.expected, [1.1511, 1.5387, 2.1253, 2.9435, 3.9316], rtol=1e-2)


def test_p3_normsys(tmp_path: Path) -> None:
    norm = {"name": "bkg_norm", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}}
    found = hypotest(likelihood(tmp_path, [120, 180], sample("s", [30, 95], MU), sample("b", [100, 150], norm)), 1.0)
    assert found.cls == pytest.approx(0.0006735336, rel=1e-3)
    # (the README's are the least first)
    wanted = [7.4726e-10, 5.7417e-8, 3.6901e-6, 1.69669e-4, 4.392935e-3]
    np.testing.assert_allclose(found.expected, wanted, rtol=3e-3)


def test_p4_shapesys(tmp_path: Path) -> None:
    uncertain = {"name": "u", "type": "shapesys", "data": [7.0]}
    model = likelihood(tmp_path, [55], sample("s", [10], MU), sample("b", [50], uncertain))
    assert hypotest(model, 1.0).cls == pytest.approx(0.45418893, rel=1e-3)


def test_p4_lumi(tmp_path: Path) -> None:
    lumi = {"name": "lumi", "type": "lumi", "data": None}
    config = {"name": "lumi", "auxdata": [1.0], "bounds": [[0.5, 1.5]], "inits": [1.0], "sigmas": [0.1]}
    given = (sample("s", [20], MU), sample("b1", [100], lumi), sample("b2", [0.0]))
    model = likelihood(tmp_path, [55], *given, parameters=[config])
    found = hypotest(model, 1.0)
    # pyhf's validation is of q, whose tails are those of a normal number also where q is above that of Asimov data
    clsb, clb = norm.sf(found.q**0.5), norm.sf(found.q**0.5 - found.q_asimov**0.5)
    assert clsb / clb == pytest.approx(0.01047314, rel=1e-3)


def test_p4_histosys(tmp_path: Path) -> None:
    shape = {"name": "bkg_norm", "type": "histosys", "data": {"lo_data": [98, 100], "hi_data": [102, 190]}}
    given = (sample("s", [30, 95], MU), sample("b", [100, 150], shape))
    assert hypotest(likelihood(tmp_path, [120, 180], *given), 1.0).cls == pytest.approx(0.10014635, rel=1e-3)


@pytest.mark.shared
def test_k1_cabinetry(shared: Path) -> None:
    """MINOS is what MINUIT's steps cannot move; its ±.93886 is of numerical second derivatives, the exact one .9492."""
    model = TemplateLikelihood(histfactory.read(shared / "cabinetry/example_workspace.json"))
    found = fit(model, minos=["Signal_norm"])
    assert found.status == "valid"
    assert found.value("Signal_norm") == pytest.approx(1.68953, abs=1e-3)
    interval, best = found.minos["Signal_norm"], found.value("Signal_norm")
    assert (interval.low - best, interval.high - best) == pytest.approx((-0.9580, 0.9052), abs=2e-3)
    others = {"Modeling": -0.324571, "WeightBasedModeling": -0.585828, "Luminosity": -0.088033}
    gammas = {f"staterror_Signal_region[{k}]": x for k, x in enumerate((1.001023, 0.989104, 1.019701, 0.982962))}
    for name, value in {**others, **gammas}.items():
        assert found.value(name) == pytest.approx(value, abs=1e-3), name
    assert 2 * found.minimum == pytest.approx(17.194205, abs=1e-4)
    assert chi2.sf(goodness(model).observed["all"], 3) == pytest.approx(0.24679341, rel=1e-3)
    assert significance(model).z == pytest.approx(1.80118813, rel=1e-3)
    at_one = fit(model, fixed={"Signal_norm": 1.0}).values  # pyhf's Asimov data are of nuisances as data have them
    expected = model.given(asimov_of(model, x=at_one))
    assert significance(expected).z == pytest.approx(1.04613046, rel=1e-3)
    assert_limits(limits(model, quantiles=SIGMAS), 3.1502, [1.0054, 1.3975, 1.9689, 2.7174, 3.5426])


def assert_limits(found: Limits, observed: float, expected: list[float]) -> None:
    assert found.observed == pytest.approx(observed, rel=1e-2)
    np.testing.assert_allclose(found.expected, expected, rtol=1e-2)


@pytest.mark.shared
def test_o1_own_model(shared: Path) -> None:
    """The error is that of the exact second derivatives; MINUIT's numerical ones gave .6390."""
    model = TemplateLikelihood(histfactory.read(shared / "own/model50x8x100.json"))
    found = fit(model)
    assert found.value("mu") == pytest.approx(0.6595, abs=1e-3)
    assert 2 * found.minimum == pytest.approx(253.92614, abs=1e-4)
    assert found.error("mu") == pytest.approx(0.6390, rel=0.03)
