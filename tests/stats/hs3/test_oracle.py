"""Real ROOT reads what is written, and what ROOT writes is read, with the same likelihood."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hzdsl.stats import histfactory, hs3
from hzdsl.stats.hs3 import records as r
from hzdsl.stats.templates.model import TemplateModel
from tests.stats.conftest import FILES, SHARED
from tests.stats.hs3.conftest import run_root
from tests.stats.hs3.models import full_model, points
from tests.stats.plain_templates import nll

pytestmark = pytest.mark.oracle


@dataclass(frozen=True)
class Case:
    """A document, and how RooFit calls its model and data."""

    document: Path
    analysis: str | None = None
    pdf: str = "simPdf"
    data: str = "obsData"

    def model(self) -> TemplateModel:
        return hs3.read(self.document, self.analysis)


@pytest.fixture(scope="module")
def cases(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """Documents that we write, of made and of real models, and documents that ROOT has."""
    folder = tmp_path_factory.mktemp("written")
    found = {"ROOT's HistFactory": Case(exported / "histfactory.json", "simPdf_obsData")}
    for seed in (1, 2, 3):
        hs3.write(full_model(seed, channels=seed, bins=4 - seed), folder / f"{seed}.json")
        found[f"made {seed}"] = Case(folder / f"{seed}.json")
    for k, file in enumerate(FILES if SHARED.is_dir() else ()):
        measurements = json.loads((SHARED / file).read_text())["measurements"]
        hs3.write(histfactory.read(SHARED / file, measurements[0]["name"]), folder / f"real{k}.json")
        found[file] = Case(folder / f"real{k}.json")
    spec = importlib.util.find_spec("ROOT")
    tutorial = next((Path(str(spec and spec.origin)).parent / "tutorials").rglob("rf515_hfJSON.json"), None)
    if tutorial is not None:
        found["ROOT's tutorial"] = Case(tutorial, None, "main", "observed")
    return found


@pytest.fixture(scope="module")
def compared(cases: dict[str, Case], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Differences of -ln L at random points, ours and ROOT's: all documents in one process, whose start takes long."""
    tasks, ours = [], []
    for case in cases.values():
        model = case.model()
        x = points(model, 4, seed=11)
        free = [(k, p.name) for k, p in enumerate(model.parameters) if not p.fixed]
        at = [{name: row[k] for k, name in free} for row in x.tolist()]
        tasks.append({"document": str(case.document), "points": at, "pdf": case.pdf, "data": case.data})
        values = np.array([nll(model, row) for row in x])
        ours.append(values - values[0])
    folder = tmp_path_factory.mktemp("values")
    (folder / "tasks.json").write_text(json.dumps(tasks))
    run_root("evaluate", folder / "tasks.json", folder / "values.json")
    theirs = json.loads((folder / "values.json").read_text())
    return dict(zip(cases, zip(ours, theirs, strict=True), strict=True))


def assert_same(compared: dict[str, Any], name: str) -> None:
    if name not in compared:
        reason = f"{name} is not here"
        print(reason)
        pytest.skip(reason)
    np.testing.assert_allclose(*compared[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_root_reads_what_is_written(compared: dict[str, Any], seed: int) -> None:
    assert_same(compared, f"made {seed}")


@pytest.mark.shared
@pytest.mark.parametrize("file", FILES)
def test_root_reads_documents_of_histfactory(compared: dict[str, Any], file: str) -> None:
    """What pyhf reads, converted: real models with hundreds of modifiers, and empty bins."""
    assert_same(compared, file)


def test_what_root_writes_is_read(cases: dict[str, Case], compared: dict[str, Any]) -> None:
    """RooFit cuts laws to the ranges of what was measured; errors and points are such that nothing is cut off."""
    model = cases["ROOT's HistFactory"].model()
    assert [c.name for c in model.channels] == ["CR", "SR"]
    assert model.parameters.interest == ("mu",)
    assert model.parameters["gamma_stat_SR_bin_1"].fixed  # an error of 0.2 %, below ROOT's threshold
    assert_same(compared, "ROOT's HistFactory")


def test_a_tutorial_of_root(cases: dict[str, Case], compared: dict[str, Any]) -> None:
    """rf515_hfJSON, written by hand: names, ranges, values and laws are left out."""
    assert_same(compared, "ROOT's tutorial")
    assert {*cases["ROOT's tutorial"].model().parameters.names} == {
        *("mu", "alpha_syst1", "alpha_syst2", "alpha_syst3"),
        *("gamma_stat_channel1_bin_0", "gamma_stat_channel1_bin_1"),
    }


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
