"""Models that are read mean what pyhf reads: parameters, expectations and the likelihood, constants and all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyhf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hzdsl.stats import histfactory
from tests.stats.conftest import FILES
from tests.stats.histfactory.workspaces import workspaces
from tests.stats.plain_templates import expected, nll

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")  # pyhf 0.7.6 uses it

RULES = [("code4", "code4p"), ("code1", "code0")]


def points(model: Any, count: int, seed: int) -> np.ndarray:
    """Random points: nuisance parameters on both sides of the joints at ±1, factors of bins around 1."""
    rng = np.random.default_rng(seed)
    x = [
        rng.uniform(-2.5, 2.5, count) if p.low < 0 else np.clip(rng.normal(1, 0.2, count), 0.1, 2)
        for p in model.parameters
    ]
    return np.stack(x, axis=1)


def assert_same(document: dict[str, Any], path: Path, measurement: str, rules: tuple[str, str], count: int) -> None:
    normsys, histosys = rules
    model = histfactory.read(path, measurement, normsys=normsys, histosys=histosys)
    codes = {"normsys": {"interpcode": normsys}, "histosys": {"interpcode": histosys}}
    workspace = pyhf.Workspace(document)
    theirs = workspace.model(measurement_name=measurement, modifier_settings=codes)
    assert list(model.parameters.names) == theirs.config.par_names
    assert model.parameters.values.tolist() == theirs.config.suggested_init()
    assert [(p.low, p.high) for p in model.parameters] == [tuple(b) for b in theirs.config.suggested_bounds()]
    assert [p.fixed for p in model.parameters] == theirs.config.suggested_fixed()
    assert (model.parameters.interest or (None,))[0] == theirs.config.poi_name
    data = workspace.data(theirs)
    for x in [model.parameters.values, *points(model, count, seed=3)]:
        ours = expected(model, x)
        rates = np.concatenate([ours[name] for name in theirs.config.channels])
        np.testing.assert_allclose(rates, theirs.expected_data(x, include_auxdata=False), rtol=1e-12)
        if (rates > 0).all():
            np.testing.assert_allclose(2 * nll(model, x), -2 * theirs.logpdf(x, data)[0], rtol=1e-10, atol=1e-10)


@pytest.mark.shared
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("rules", RULES, ids="-".join)
def test_real_documents(shared: Path, file: str, rules: tuple[str, str]) -> None:
    document = json.loads((shared / file).read_text())
    for measurement in document["measurements"]:
        assert_same(document, shared / file, measurement["name"], rules, count=2)


@given(document=workspaces(), rules=st.sampled_from(RULES))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_random_documents(tmp_path_factory: Any, document: dict[str, Any], rules: tuple[str, str]) -> None:
    path = tmp_path_factory.mktemp("random") / "a.json"
    path.write_text(json.dumps(document))
    try:
        pyhf.Workspace(document).model()
    except AssertionError:  # pyhf's only words for a staterror that other samples have in another channel
        with pytest.raises(Exception, match="other samples have it"):
            histfactory.read(path)
        return
    assert_same(document, path, "m", rules, count=4)


def test_parabola_within_one(tmp_path: Path) -> None:
    """Beyond ±1 pyhf's code2 jumps (pyhf 0.7.6: its linear parts miss the values at ±1); within, it is the same."""
    document = json.loads(json.dumps(SHAPE))
    (tmp_path / "a.json").write_text(json.dumps(document))
    model = histfactory.read(tmp_path / "a.json", histosys="code2")
    theirs = pyhf.Workspace(document).model(
        modifier_settings={"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code2"}}
    )
    for x in np.linspace(-1, 1, 9):
        want = theirs.expected_data([x], include_auxdata=False)
        np.testing.assert_allclose(expected(model, np.array([x]))["SR"], want, rtol=1e-12)


SHAPE = {
    "version": "1.0.0",
    "channels": [
        {
            "name": "SR",
            "samples": [
                {
                    "name": "b",
                    "data": [50.0, 30.0],
                    "modifiers": [
                        {"name": "jes", "type": "histosys", "data": {"lo_data": [45.0, 31.0], "hi_data": [52.0, 36.0]}}
                    ],
                }
            ],
        }
    ],
    "observations": [{"name": "SR", "data": [48, 33]}],
    "measurements": [{"name": "m", "config": {"poi": "", "parameters": []}}],
}
