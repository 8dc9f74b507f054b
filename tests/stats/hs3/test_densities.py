"""Densities of HS3 documents: real ROOT's, point by point, and its likelihood of rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.densities.part import UnbinnedLikelihood
from hzdsl.stats.documents import parse_document
from hzdsl.stats.hs3.decoding import decode
from hzdsl.stats.hs3.densities import Lowering, unbinned_model
from hzdsl.stats.hs3.expressions import Expressions
from hzdsl.stats.hs3.records import Workspace
from hzdsl.stats.parameters import Normal
from tests.stats.hs3.root_nll import CHANGES, COMPARED

#: What ROOT normalises numerically, to 1e-7.
NUMERIC = {"made", "argus", "logn"}


def workspace_of(document: dict[str, Any]) -> Workspace:
    return decode(parse_document(json.dumps(document), "a.json"))


@pytest.mark.oracle
def test_densities_are_those_of_root(exported: Path) -> None:
    document = json.loads((exported / "densities.json").read_text())
    root = json.loads((exported / "values.json").read_text())
    workspace = workspace_of(document)
    rows = workspace.data["rows"]
    lowering = Lowering(workspace, Expressions(workspace, None, rows.axes))
    for name in COMPARED:
        (values,) = RowEvaluator([lowering.density(name).normalized()])({"x": np.array(root["x"])})
        rtol = 1e-6 if name in NUMERIC else 1e-9
        np.testing.assert_allclose(values, root["values"][name], rtol=rtol, err_msg=name)


@pytest.mark.oracle
def test_the_likelihood_of_rows_is_that_of_root(exported: Path) -> None:
    document = json.loads((exported / "densities.json").read_text())
    document["likelihoods"] = [{"name": "rows", "distributions": ["model"], "data": ["rows"]}]
    model, observation = unbinned_model(workspace_of(document))
    assert model.parameters["m"].constraint == Normal(125.0, 0.5)
    likelihood = UnbinnedLikelihood(model, observation)
    at, found = {p.name: p.value for p in model.parameters}, []
    for changes in CHANGES:
        at |= changes
        found.append(likelihood.value(np.array([at[n] for n in model.parameters.names])))
    root = json.loads((exported / "values.json").read_text())["nll"]
    np.testing.assert_allclose(np.array(found) - found[0], root, rtol=1e-9, atol=1e-9)


# ---- without ROOT ----


def document(**sections: Any) -> dict[str, Any]:
    axes = [{"name": "x", "min": 0.0, "max": 10.0}]
    point = {"name": "default_values", "parameters": [{"name": n, "value": 2.0} for n in ("m", "s", "n")]}
    return {
        "metadata": {"hs3_version": "0.2"},
        "data": [{"name": "d", "type": "unbinned", "axes": axes, "entries": [[1.0], [4.0]], "weights": [1.0, 0.5]}],
        "distributions": [{"name": "g", "type": "gaussian_dist", "x": "x", "mean": "m", "sigma": "s"}],
        "likelihoods": [{"name": "l", "distributions": ["g"], "data": ["d"]}],
        "parameter_points": [point],
        **sections,
    }


def test_weighted_rows() -> None:
    model, observation = unbinned_model(workspace_of(document()))
    assert {*model.parameters.names} == {"m", "s"}
    (channel,) = observation.channels.values()
    assert channel.weights.tolist() == [1.0, 0.5]
    assert channel.columns["x"].tolist() == [1.0, 4.0]


BINNED = {"name": "d", "type": "binned", "axes": [{"name": "x", "min": 0, "max": 1, "nbins": 1}], "contents": [1]}
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "binned": ({"data": [BINNED]}, "unsupported", "a.json has binned data 'd' of the density 'g': rows are read"),
    "no value": (
        {"parameter_points": []},
        "name-unknown",
        "a.json needs the value of 'm', which no point of parameters has",
    ),
    "no range": (
        {"data": [{"name": "d", "type": "unbinned", "axes": [{"name": "x"}], "entries": [[1.0]]}]},
        "spec-value",
        "a.json: 'x' is measured and has no range",
    ),
    "not measured": (
        {"distributions": [{"name": "g", "type": "gaussian_dist", "x": "y", "mean": "m", "sigma": "s"}]},
        "unsupported",
        "a.json: 'g' is a density of 'y', which is not measured: x is",
    ),
    "no density": (
        {"distributions": [{"name": "g", "type": "poisson_dist", "x": "x", "mean": "m"}]},
        "unsupported",
        "a.json: 'g', Poisson, is no density that is computed",
    ),
    "no distribution": (
        {"distributions": []},
        "name-unknown",
        "a.json: there is no distribution 'g'",
    ),
    "a formula": (
        {"distributions": [{"name": "g", "type": "generic_dist", "expression": "m+*x"}]},
        "syntax",
        "",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_documents(name: str) -> None:
    sections, code, said = WRONG[name]
    with pytest.raises(HzdslError) as caught:
        unbinned_model(workspace_of(document(**sections)))
    assert caught.value.code == code
    assert not said or caught.value.message == said
    assert caught.value.fix or code == "syntax"


def test_landau() -> None:
    law = {"name": "g", "type": "landau_dist", "x": "x", "mean": "m", "sigma": "s"}
    model, observation = unbinned_model(workspace_of(document(distributions=[law])))
    (channel,) = model.channels
    assert repr(channel.density) == "<landau of x>"
    assert np.isfinite(UnbinnedLikelihood(model, observation).value(model.parameters.values))


def test_functions_are_computed() -> None:
    functions = [
        {"name": "both", "type": "sum", "summands": ["m", "n", 1.0]},
        {"name": "times", "type": "product", "factors": ["both", "n"]},
        {"name": "f", "type": "generic_function", "expression": "times/s+1.5"},
    ]
    workspace = workspace_of(document(functions=functions))
    expressions = Expressions(workspace, None, workspace.data["d"].axes)
    assert RowEvaluator([expressions.value("f")])({}, {"m": 3.0, "n": 4.0, "s": 8.0})[0].tolist() == [5.5]
