"""Models that are written as HS3 documents are the same when they are read again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats import histfactory, hs3
from hzdsl.stats.hs3.written import Names
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.templates.model import Added, Channel, Factor, Gammas, Norm, Process, Shape, TemplateModel
from tests.stats.conftest import FILES
from tests.stats.hs3.models import full_model, points
from tests.stats.plain_templates import expected, nll


def written_again(model: TemplateModel, path: Path) -> TemplateModel:
    hs3.write(model, path)
    return hs3.read(path)


def assert_same(model: TemplateModel, again: TemplateModel, count: int) -> None:
    """The same likelihood, parameters being matched by name; constants of laws of fixed bins are left out."""
    names = Names(model)
    for p in model.parameters:
        q = again.parameters[names.of(p.name)]
        assert (q.value, q.low, q.high, q.fixed, q.interest) == (p.value, p.low, p.high, p.fixed, p.interest)
    order = [model.parameters.names.index(n) for n in _originals(model, again)]
    first = None
    for x in points(model, count, seed=2):
        if any((v < 0).any() for v in _unclipped(model, x)):
            continue  # HS3's contents are clipped there, as ROOT does it
        for name, values in expected(model, x).items():
            np.testing.assert_allclose(expected(again, x[order])[name], values, rtol=1e-12)
        difference = nll(again, x[order]) - nll(model, x)
        first = difference if first is None else first
        assert difference == pytest.approx(first, abs=1e-8)
    assert first is not None


def _originals(model: TemplateModel, again: TemplateModel) -> list[str]:
    original = {Names(model).of(n): n for n in model.parameters.names}
    return [original[n] for n in again.parameters.names]


def _unclipped(model: TemplateModel, x: np.ndarray) -> list[np.ndarray]:
    parts = [replace(c, processes=(p,)) for c in model.channels for p in c.processes]
    alone = [TemplateModel((c,), model.parameters) for c in parts]
    return [v for m in alone for v in expected(m, x).values()]


@pytest.mark.parametrize("seed", range(3))
def test_full_models(tmp_path: Path, seed: int) -> None:
    model = full_model(seed)
    again = written_again(model, tmp_path / "a.json")
    assert_same(model, again, count=3)
    for c, d in zip(model.channels, again.channels, strict=True):
        assert d.name == c.name
        assert d.counts.tolist() == c.counts.tolist()
        assert d.edges.tolist() == c.edges.tolist()


@pytest.mark.shared
@pytest.mark.parametrize("file", FILES)
def test_documents_of_histfactory(shared: Path, tmp_path: Path, file: str) -> None:
    measurements = json.loads((shared / file).read_text())["measurements"]
    model = histfactory.read(shared / file, measurements[0]["name"])
    assert_same(model, written_again(model, tmp_path / "a.json"), count=1)


ALPHA = Parameter("a", 0.0, -5.0, 5.0, constraint=Normal())
MU = Parameter("mu", 1.0, 0.0, 10.0, interest=True)


def model_of(*parameters: Parameter, channel: dict[str, Any] | None = None, **changes: Any) -> TemplateModel:
    process = Process("s", np.array([5.0, 7.0]), **changes)
    return TemplateModel((Channel("SR", (process,), np.array([4.0, 6.0]), **(channel or {})),), Parameters(parameters))


def said(model: TemplateModel) -> str:
    with pytest.raises(HzdslError) as caught:
        hs3.write(model, "/nonexistent/a.json")
    return str(caught.value).replace("no HS3 document that ROOT reads can say ", "…")


def shape(**changes: Any) -> Shape:
    return replace(Shape("a", np.array([1.0, 1.0]), np.array([-1.0, -2.0]), "code4p"), **changes)


def test_what_root_does_not_read() -> None:
    twice = (replace(MU, name="g[0]"), replace(MU, name="g_bin_0"))
    found = {
        "rule": said(model_of(ALPHA, norms=(Norm("a", 1.1, 0.8),))),
        "shape": said(model_of(ALPHA, shapes=(shape(rule="code2"),))),
        "log": said(model_of(ALPHA, shapes=(shape(log=True),))),
        "free": said(model_of(replace(ALPHA, constraint=None), shapes=(shape(),))),
        "both sides": said(model_of(replace(ALPHA, constraint=Normal(0, 1, 2)), shapes=(shape(),))),
        "unused": said(model_of(MU, ALPHA, factors=(Factor("mu"),))),
        "holes": said(model_of(MU, gammas=(Gammas(("mu", None)),))),
        "whole and single": said(model_of(MU, factors=(Factor("mu"),), gammas=(Gammas(("mu", "mu")),))),
        "floor": said(model_of(MU, factors=(Factor("mu"),), floor=1e-9)),
        "added": said(model_of(MU, factors=(Factor("mu"),), added=Added(("mu", None), np.array([0.5, 0.0])))),
        "floor of bins": said(model_of(MU, factors=(Factor("mu"),), channel={"floor": 1e-9})),
        "mask": said(model_of(MU, factors=(Factor("mu"),), channel={"mask": "mu"})),
        "name": said(model_of(replace(MU, name="µ"), factors=(Factor("µ"),))),
        "two names": said(model_of(*twice, factors=(Factor("g[0]"), Factor("g_bin_0")))),
    }
    wanted = {
        "rule": "error[unsupported]: …the interpolation 'combine' of the normalisation by 'a' of s in SR",
        "shape": "error[unsupported]: …the interpolation 'code2' of the shape by 'a' of s in SR",
        "log": "error[unsupported]: …the interpolation 'code4p' of the shape by 'a' of s in SR",
        "free": "error[unsupported]: …that 'a', which varies samples, has no normal law, of s in SR",
        "both sides": "error[unsupported]: …that 'a', which varies samples, has no normal law, of s in SR",
        "unused": "error[unsupported]: …the parameter 'a', which changes nothing",
        "holes": "error[unsupported]: …that not all bins have a parameter where one has, in SR",
        "whole and single": "error[unsupported]: …that 'mu' changes whole samples and single bins",
        "floor": "error[unsupported]: …the floor of 1e-09 of s in SR",
        "added": "error[unsupported]: …what is added to single bins of s in SR",
        "floor of bins": "error[unsupported]: …the floor of 1e-09 of SR",
        "mask": "error[unsupported]: …the mask of SR",
        "name": "error[unsupported]: …the name 'µ'\n  fix: names have letters, digits and _, and begin with no digit",
        "two names": "error[name-twice]: two parameters would be called 'g_bin_0' in a document\n  fix: rename one",
    }
    default = "\n  fix: take it out of the model that is written"
    assert found == {k: v if "\n" in v else v + default for k, v in wanted.items()}
