"""Models that are written are the same when they are read again, by us and by pyhf."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyhf
import pytest
from hypothesis import given, settings

from hzdsl.errors import HzdslError
from hzdsl.stats import histfactory
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.templates.model import Added, Channel, Factor, Gammas, Norm, Process, Shape, TemplateModel
from tests.stats.conftest import FILES
from tests.stats.histfactory.test_against_pyhf import points
from tests.stats.histfactory.workspaces import workspaces
from tests.stats.plain_templates import expected, nll

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver:DeprecationWarning")


def assert_written_again(path: Path, measurement: str, count: int) -> None:
    model = histfactory.read(path, measurement)
    histfactory.write(model, path.with_name("again.json"), measurement=measurement)
    again = histfactory.read(path.with_name("again.json"))
    assert list(again.parameters) == [*model.parameters]
    workspace = pyhf.Workspace(json.loads(path.with_name("again.json").read_text()))
    theirs = workspace.model()
    assert theirs.config.par_names == list(model.parameters.names)
    assert theirs.config.suggested_fixed() == [p.fixed for p in model.parameters]
    for x in points(model, count, seed=5):
        ours = expected(model, x)
        for name, values in expected(again, x).items():
            assert values.tolist() == ours[name].tolist()
        rates = np.concatenate([ours[name] for name in theirs.config.channels])
        if (rates > 0).all():
            assert nll(again, x) == nll(model, x)
            np.testing.assert_allclose(2 * nll(model, x), -2 * theirs.logpdf(x, workspace.data(theirs))[0], rtol=1e-10)


@pytest.mark.shared
@pytest.mark.parametrize("file", FILES)
def test_real_documents(shared: Path, tmp_path: Path, file: str) -> None:
    document = (shared / file).read_text()
    (tmp_path / "a.json").write_text(document)
    for measurement in json.loads(document)["measurements"]:
        assert_written_again(tmp_path / "a.json", measurement["name"], count=1)


@given(document=workspaces())
@settings(max_examples=10, deadline=None, derandomize=True)
def test_random_documents(tmp_path_factory: Any, document: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("random") / "a.json"
    path.write_text(json.dumps(document))
    try:
        histfactory.read(path)
    except HzdslError as error:
        assert "other samples have it" in str(error)
        return
    assert_written_again(path, "m", count=1)


ALPHA = Parameter("a", 0.0, -5.0, 5.0, constraint=Normal())
MU = Parameter("mu", 1.0, 0.0, 10.0, interest=True)


def model_of(*parameters: Parameter, channel: dict[str, Any] | None = None, **changes: Any) -> TemplateModel:
    process = Process("s", np.array([5.0, 7.0]), **changes)
    return TemplateModel((Channel("SR", (process,), np.array([4.0, 6.0]), **(channel or {})),), Parameters(parameters))


def said(model: TemplateModel, **rules: Any) -> str:
    with pytest.raises(HzdslError) as caught:
        histfactory.write(model, "/nonexistent/a.json", **rules)
    assert caught.value.code == "unsupported"
    return str(caught.value).removeprefix("error[unsupported]: no HistFactory document can say ")


def shape(**changes: Any) -> Shape:
    return replace(Shape("a", np.array([1.0, 1.0]), np.array([-1.0, -2.0]), "code4p"), **changes)


def test_what_a_document_cannot_say() -> None:
    """Each refusal names the one thing."""
    norm = Norm("a", 1.1, 0.9)
    found = {
        "rule": said(model_of(ALPHA, norms=(norm,))),
        "code1": said(model_of(ALPHA, norms=(replace(norm, rule="code1"),))),
        "joined": said(model_of(ALPHA, shapes=(shape(rule="combine", joined=0.5),))),
        "scale": said(model_of(ALPHA, shapes=(shape(scale=0.5),))),
        "log": said(model_of(ALPHA, shapes=(shape(log=True),))),
        "width": said(model_of(replace(ALPHA, constraint=Normal(0, 2)), shapes=(shape(),))),
        "both sides": said(model_of(replace(ALPHA, constraint=Normal(0, 1, 2)), shapes=(shape(),))),
        "free": said(model_of(replace(ALPHA, constraint=None), shapes=(shape(),))),
        "factor": said(model_of(replace(MU, constraint=Normal(1, 0.1)), factors=(Factor("mu"),))),
        "unused": said(model_of(MU, ALPHA, factors=(Factor("mu"),))),
        "unbounded": said(model_of(Parameter("mu"), factors=(Factor("mu"),))),
        "interest": said(model_of(MU, replace(MU, name="k"), factors=(Factor("mu"), Factor("k")))),
        "both": said(model_of(MU, replace(MU, name="a"), shapes=(shape(),), factors=(Factor("a"),))),
        "name": said(model_of(replace(MU, name="g"), gammas=(Gammas(("g", "g")),))),
        "holes": said(model_of(replace(MU, name="g[0]"), gammas=(Gammas(("g[0]", None)),))),
        "floor": said(model_of(MU, factors=(Factor("mu"),), floor=1e-9)),
        "added": said(model_of(MU, factors=(Factor("mu"),), added=Added(("mu", None), np.array([0.5, 0.0])))),
        "floor of bins": said(model_of(MU, factors=(Factor("mu"),), channel={"floor": 1e-9})),
        "mask": said(model_of(MU, factors=(Factor("mu"),), channel={"mask": "mu"})),
        "profiled": said(model_of(MU, factors=(Factor("mu"),), channel={"profiled": np.array([True, False])})),
    }
    wanted = {
        "rule": "the interpolation 'combine' of the normalisation by 'a' of s in SR",
        "code1": "the interpolation 'code1' of the normalisation by 'a' of s in SR\n"
        '  fix: write it with normsys="code1"',
        "joined": "the interpolation 'combine' of the shape by 'a' of s in SR",
        "scale": "the interpolation 'code4p' scaled by 0.5 of the shape by 'a' of s in SR",
        "log": "the interpolation 'code4p' of logarithms of the shape by 'a' of s in SR",
        "width": "that 'a', which varies samples, is not constrained by a normal law of width 1",
        "both sides": "that 'a', which varies samples, is not constrained by a normal law of width 1",
        "free": "that 'a', which varies samples, is not constrained by a normal law of width 1",
        "factor": "that 'mu', which multiplies samples, is constrained\n"
        "  fix: only one that is called 'lumi' may be, by a normal law",
        "unused": "the parameter 'a', which changes nothing",
        "unbounded": "that 'mu' has no bounds\n  fix: give it some",
        "interest": "that there are 2 parameters of interest: mu, k",
        "both": "that 'a', which varies samples, is not constrained by a normal law of width 1",
        "name": "that 'g' is of a bin, in SR\n  fix: parameters of bins are called name[0], name[1], …, one for each",
        "holes": "that not all bins have a parameter where one has, in SR\n"
        "  fix: parameters of bins are called name[0], name[1], …, one for each",
        "floor": "the floor of 1e-09 of s in SR",
        "added": "what is added to single bins of s in SR",
        "floor of bins": "the floor of 1e-09 of SR",
        "mask": "the mask of SR",
        "profiled": "the profiled statistical errors of SR",
    }
    default = "\n  fix: take it out of the model that is written"
    assert found == {k: v if "\n" in v else v + default for k, v in wanted.items()}


def test_an_exponential_of_combine_is_code1(tmp_path: Path) -> None:
    """A symmetric log-normal κ^θ of a card is one of HistFactory's code 1, and a shape joined at 1 its code 4p."""
    half = Norm("a", 2.0, 0.5)
    model = model_of(ALPHA, norms=(half,), shapes=(shape(rule="combine"),))
    histfactory.write(model, tmp_path / "a.json", normsys="code1")
    again = histfactory.read(tmp_path / "a.json", normsys="code1").channels[0].processes[0]
    assert again.norms == (replace(half, rule="code1"),)
    assert again.shapes[0].up.tolist() == [1.0, 1.0]
    assert again.shapes[0].rule == "code4p"


def test_rates_are_multiplied_in(tmp_path: Path) -> None:
    model = model_of(MU, factors=(Factor("mu"),), rate=3.0)
    histfactory.write(model, tmp_path / "a.json")
    assert histfactory.read(tmp_path / "a.json").channels[0].processes[0].contents.tolist() == [15.0, 21.0]
