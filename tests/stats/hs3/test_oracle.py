"""Real ROOT reads what is written, and what ROOT writes is read, with the same likelihood."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from hzdsl.stats import histfactory, hs3
from hzdsl.stats.hs3 import records as r
from hzdsl.stats.templates.model import TemplateModel
from tests.stats.conftest import FILES
from tests.stats.hs3.conftest import run_root
from tests.stats.hs3.models import full_model, points
from tests.stats.plain_templates import nll

pytestmark = pytest.mark.oracle


def assert_same_likelihoods(
    folder: Path, models: Mapping[Path, TemplateModel], pdf: str = "simPdf", data: str = "obsData"
) -> None:
    """Compare differences of -ln L at random points, all documents in one process of ROOT."""
    tasks, ours = [], []
    for path, model in models.items():
        x = points(model, 4, seed=11)
        names = model.parameters.names
        free = [k for k, p in enumerate(model.parameters) if not p.fixed]
        at = [{names[k]: row[k] for k in free} for row in x.tolist()]
        tasks.append({"document": str(path), "points": at, "pdf": pdf, "data": data})
        values = np.array([nll(model, row) for row in x])
        ours.append(values - values[0])
    (folder / "tasks.json").write_text(json.dumps(tasks))
    run_root("evaluate", folder / "tasks.json", folder / "values.json")
    for path, mine, theirs in zip(models, ours, json.loads((folder / "values.json").read_text()), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9, err_msg=str(path))


def test_root_reads_what_is_written(tmp_path: Path) -> None:
    models = {}
    for seed in (1, 2, 3):
        path = tmp_path / f"{seed}.json"
        hs3.write(full_model(seed, channels=seed, bins=4 - seed), path)
        models[path] = hs3.read(path)
    assert_same_likelihoods(tmp_path, models)


@pytest.mark.shared
def test_root_reads_documents_of_histfactory(shared: Path, tmp_path: Path) -> None:
    """What pyhf reads, converted: real models with hundreds of modifiers, and empty bins."""
    models = {}
    for k, file in enumerate(FILES):
        path = tmp_path / f"{k}.json"
        measurements = json.loads((shared / file).read_text())["measurements"]
        hs3.write(histfactory.read(shared / file, measurements[0]["name"]), path)
        models[path] = hs3.read(path)
    assert_same_likelihoods(tmp_path, models)


def test_what_root_writes_is_read(exported: Path, tmp_path: Path) -> None:
    """RooFit cuts laws to the ranges of what was measured; errors and points are such that nothing is cut off."""
    model = hs3.read(exported / "histfactory.json", "simPdf_obsData")
    assert [c.name for c in model.channels] == ["CR", "SR"]
    assert model.parameters.interest == ("mu",)
    assert model.parameters["gamma_stat_SR_bin_1"].fixed  # an error of 0.2 %, below ROOT's threshold
    assert_same_likelihoods(tmp_path, {exported / "histfactory.json": model})


def test_a_tutorial_of_root(tmp_path: Path) -> None:
    """rf515_hfJSON, written by hand: names, ranges, values and laws are left out."""
    spec = importlib.util.find_spec("ROOT")
    folder = Path(str(spec and spec.origin)).parent / "tutorials"
    document = next(folder.rglob("rf515_hfJSON.json"), None)
    if document is None:
        print("this ROOT has no tutorials")
        pytest.skip("this ROOT has no tutorials")
    model = hs3.read(document)
    assert {*model.parameters.names} == {
        *("mu", "alpha_syst1", "alpha_syst2", "alpha_syst3"),
        *("gamma_stat_channel1_bin_0", "gamma_stat_channel1_bin_1"),
    }
    assert_same_likelihoods(tmp_path, {document: model}, "main", "observed")


def test_densities_that_root_writes(exported: Path) -> None:
    found = hs3.read_workspace(exported / "densities.json")
    assert {name: type(d).__name__ for name, d in found.distributions.items()} == {
        "gauss": "Gaussian",
        "expo": "Exponential",
        "one": "OneSidedCrystalBall",
        "two": "CrystalBall",
        "argus": "Argus",
        "poly": "Polynomial",
        "cheb": "Chebychev",
        "bern": "Bernstein",
        "flat": "Uniform",
        "logn": "Lognormal",
        "land": "Landau",
        "made": "Generic",
        "late": "Gaussian",
        "pois": "Poisson",
        "mix": "Mixture",
        "ext": "Mixture",
        "measured": "Gaussian",
        "model": "Product",
    }
    assert found.distributions["two"] == r.CrystalBall("two", "x", "m", "s", "s", "a", "a2", "n", "n2")
    assert found.distributions["poly"] == r.Polynomial("poly", "x", (1.0, "p1", "p2"))
    assert found.distributions["made"] == r.Generic("made", "exp(c*x)+p1*x*x/(1+x)")
    assert found.distributions["ext"] == r.Mixture("ext", ("gauss", "expo"), ("ns", "nb"), True)
    assert found.distributions["mix"] == r.Mixture("mix", ("gauss", "expo"), ("f",), False)
    assert found.functions["times"] == r.ProductOf("times", ("m", "s"))
    assert found.functions["moved"] == r.GenericFunction("moved", "m+1.5*s")
    counts, rows = found.data["counts"], found.data["rows"]
    assert isinstance(counts, r.Binned)
    assert isinstance(rows, r.Unbinned)
    assert counts.contents.sum() == len(rows.entries) == 20
    assert counts.axes[0].edges.tolist() == [100, 120, 140, 160, 180]
