"""Documents as compiled likelihoods: the values of pyhf, and the published minimum of cabinetry's example."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyhf
import pytest

from hzdsl.stats import histfactory, hs3
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import NormRule, ShapeRule
from tests.stats.conftest import FILES
from tests.stats.histfactory.test_against_pyhf import points
from tests.stats.hs3.models import full_model
from tests.stats.hs3.models import points as near
from tests.stats.plain_templates import nll

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")


@pytest.mark.shared
@pytest.mark.parametrize("file", FILES)
def test_values_of_pyhf(shared: Path, file: str) -> None:
    workspace = pyhf.Workspace(json.loads((shared / file).read_text()))
    name = workspace.measurement_names[0]
    codes = {"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    theirs = workspace.model(measurement_name=name, modifier_settings=codes)
    data = workspace.data(theirs)
    likelihood = TemplateLikelihood(histfactory.read(shared / file, name))
    for x in [likelihood.parameters.values, *points(likelihood.model, 3, seed=8)]:
        value = theirs.logpdf(x, data)[0]
        if np.isfinite(value):
            assert 2 * likelihood.value(x) == pytest.approx(-2 * value, rel=1e-10)


@pytest.mark.shared
def test_the_published_minimum(shared: Path) -> None:
    """K1 of the reference numbers: parameters, and -2 ln L with its constants, which they minimise."""
    likelihood = TemplateLikelihood(histfactory.read(shared / "cabinetry/example_workspace.json"))
    best = {
        "Signal_norm": 1.68953,
        "Modeling": -0.324571,
        "WeightBasedModeling": -0.585828,
        "Luminosity": -0.088033,
    } | dict(
        zip([f"staterror_Signal_region[{k}]" for k in range(4)], [1.001023, 0.989104, 1.019701, 0.982962], strict=True)
    )
    x = np.array([best[name] for name in likelihood.parameters.names])
    value, slopes = likelihood.value_and_gradient(x)
    assert 2 * value == pytest.approx(17.194205, abs=1e-6)
    np.testing.assert_allclose(
        slopes * likelihood.parameters.steps, 0, atol=0.01
    )  # in standard deviations; as near as MIGRAD went


def test_a_document_of_hs3(tmp_path: Path) -> None:
    hs3.write(full_model(5), tmp_path / "a.json")
    likelihood = TemplateLikelihood(hs3.read(tmp_path / "a.json"))
    for x in near(likelihood.model, 3, seed=4):
        assert likelihood.value(x) == pytest.approx(nll(likelihood.model, x), rel=1e-10)


@pytest.mark.parametrize("rules", [("code1", "code2"), ("code4", "code0")], ids="-".join)
def test_other_rules(tmp_path: Path, rules: tuple[NormRule, ShapeRule]) -> None:
    """Beyond ±1 a parabola goes on as a line, as in ROOT (pyhf's jumps): the definitions of `plain_templates`."""
    modifiers = [
        {"name": "jes", "type": "histosys", "data": {"lo_data": [45.0, 31.0], "hi_data": [52.0, 36.0]}},
        {"name": "size", "type": "normsys", "data": {"lo": 0.9, "hi": 1.2}},
    ]
    document = {
        "version": "1.0.0",
        "channels": [{"name": "SR", "samples": [{"name": "b", "data": [50.0, 30.0], "modifiers": modifiers}]}],
        "observations": [{"name": "SR", "data": [48, 33]}],
        "measurements": [{"name": "m", "config": {"poi": "", "parameters": []}}],
    }
    (tmp_path / "a.json").write_text(json.dumps(document))
    model = histfactory.read(tmp_path / "a.json", normsys=rules[0], histosys=rules[1])
    likelihood = TemplateLikelihood(model)
    for x in np.linspace(-2.5, 2.5, 11):
        point = np.array([x, -x])
        assert likelihood.value(point) == pytest.approx(nll(model, point), rel=1e-12)
