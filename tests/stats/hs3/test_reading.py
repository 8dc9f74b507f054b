"""HS3 documents: those of others, what is left out of one, and what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats import histfactory, hs3
from hzdsl.stats.hs3 import records as r
from hzdsl.stats.hs3.writing import document_of
from hzdsl.stats.parameters import Counted, Normal
from hzdsl.stats.templates.model import TemplateModel
from tests.stats.hs3.models import full_model
from tests.stats.plain_templates import expected

Document = dict[str, Any]


def read(tmp_path: Path, document: Document, *arguments: Any, **options: Any) -> TemplateModel:
    (tmp_path / "a.json").write_text(json.dumps(document, indent=1))
    return hs3.read(tmp_path / "a.json", *arguments, **options)


def document() -> Document:
    return document_of(full_model(1, channels=1))


def distribution(d: Document, name: str = "model_SR") -> Document:
    return next(x for x in d["distributions"] if x["name"] == name)


def modifier(d: Document, kind: str, sample: int = 1) -> Document:
    return next(m for m in distribution(d)["samples"][sample]["modifiers"] if m["type"] == kind)


# ---- documents of others ----


@pytest.mark.shared
@pytest.mark.parametrize("name", ["correlated", "uncorrelated"])
def test_one_model_in_two_formats(shared: Path, name: str) -> None:
    """The same model as HistFactory's document and as ROOT's export of it, with a fixed Lumi of 1."""
    files = (shared / f"hs3/simplemodel_{name}-background_{kind}.json" for kind in ("hifa", "hs3"))
    theirs = histfactory.read(next(files))
    ours = hs3.read(next(files), "simPdf_obsData", shapesys="absolute")
    names = {"mu": "mu", "correlated_bkg_uncertainty": "alpha_correlated_bkg_uncertainty"}
    names |= {f"uncorr_bkguncrt[{k}]": f"uncorr_bkguncrt_{k}" for k in range(2)}
    free = [p for p in ours.parameters if not p.fixed]
    assert {p.name for p in free} == {names[p.name] for p in theirs.parameters}
    for p in theirs.parameters:
        found = ours.parameters[names[p.name]].constraint
        assert type(found) is type(p.constraint)
        if isinstance(p.constraint, Counted) and isinstance(found, Counted):
            assert (found.count, found.scale) == pytest.approx((p.constraint.count, p.constraint.scale), rel=1e-14)
    at = {"mu": 1.3, "correlated_bkg_uncertainty": -0.4, "uncorr_bkguncrt[0]": 0.9, "uncorr_bkguncrt[1]": 1.2}
    values = {names[k]: x for k, x in at.items()}
    left = expected(theirs, np.array([at[p.name] for p in theirs.parameters]))
    right = expected(ours, np.array([values.get(p.name, 1.0) for p in ours.parameters]))
    np.testing.assert_allclose(left["singlechannel"], right["singlechannel"], rtol=1e-14)


@pytest.mark.shared
def test_what_shapesys_means_has_to_be_said(shared: Path) -> None:
    with pytest.raises(HzdslError, match="are relative errors to ROOT, absolute ones to others") as caught:
        hs3.read(shared / "hs3/simplemodel_uncorrelated-background_hs3.json", "simPdf_obsData")
    assert caught.value.code == "meaning-differs"


@pytest.mark.shared
def test_a_card_of_combine_in_root_6_35(shared: Path) -> None:
    found = hs3.read_workspace(shared / "hs3/combine_long_exercise_part1_nosys.json")
    yields = found.functions["n_exp_binsignal_region_proc_bbHtautau"]
    assert yields == r.ProcessNormalization(yields.name, 0.711064, (), (), (), (), ("r",))
    assert found.distributions["pdf_binsignal_region"] == r.Poisson(
        "pdf_binsignal_region", "n_obs_binsignal_region", "n_exp_binsignal_region"
    )
    assert found.domains["default_domain"]["r"].high == 20
    assert found.points["default_values"]["n_exp_binsignal_region_proc_ttbar"] == r.Setting(4.43803, True, None, None)


@pytest.mark.shared
def test_a_simultaneous_model_of_root_6_32(shared: Path) -> None:
    found = hs3.read_workspace(shared / "hs3/rf501_simultaneouspdf.json")
    assert found.distributions["gx_ctl"] == r.Gaussian("gx_ctl", "x", "mean_ctl", "sigma")
    with pytest.raises(HzdslError, match="has neither analyses nor likelihoods"):
        hs3.read(shared / "hs3/rf501_simultaneouspdf.json")


@pytest.mark.shared
def test_what_zfit_writes_is_refused(shared: Path) -> None:
    """It is no HS3 yet, and holds pickled functions."""
    files = sorted((shared / "hs3").glob("zfit_*.json"))
    assert len(files) == 4
    for path in files:
        with pytest.raises(HzdslError, match="is no HS3 document"):
            hs3.read_workspace(path)


# ---- what is left out ----


def test_what_is_left_out_is_as_in_root(tmp_path: Path) -> None:
    """Names of parameters, their ranges, values and laws, and the interpolation."""
    small = document()
    small |= {"parameter_points": [], "domains": [], "misc": {}}
    for sample in distribution(small)["samples"]:
        sample["modifiers"] = [m for m in sample["modifiers"] if m["type"] != "normfactor"]
        for m in sample["modifiers"]:
            for key in ("parameter", "parameters", "constraint_name", "interpolation"):
                m.pop(key, None)
    small["analyses"][0].pop("parameters_of_interest")
    model = read(tmp_path, small)
    jes, mc = model.parameters["alpha_jes"], model.parameters["gamma_stat_SR_bin_0"]
    assert (jes.value, jes.low, jes.high, jes.constraint) == (0.0, -5.0, 5.0, Normal())
    assert (mc.value, mc.low, mc.high) == (1.0, 0.0, 1000.0)
    assert isinstance(mc.constraint, Normal)
    assert mc.constraint.center == 1.0
    counted = model.parameters["gamma_u_SR_bin_0"].constraint
    assert isinstance(counted, Counted)
    assert counted.count == counted.scale
    assert {n.rule for n in model.channels[0].processes[1].norms} == {"code4"}
    assert model.channels[0].processes[1].shapes[0].rule == "code4p"


@pytest.mark.parametrize(
    ("said", "norm", "shape"),
    [
        (1, "code1", None),
        (4, "code4", "code4p"),
        ({"type": "mult", "in": "poly6", "out": "exp"}, "code4", None),
        ({"type": "add", "in": "poly6", "out": "poly1"}, None, "code4p"),
        ({"type": "add", "in": "poly1", "out": None}, None, "code0"),
        (2, None, "code2"),
    ],
)
def test_interpolations(tmp_path: Path, said: Any, norm: str | None, shape: str | None) -> None:
    """ROOT's numbers, and the words of later versions."""
    for kind, rule in (("normsys", norm), ("histosys", shape)):
        if rule is not None:
            d = document()
            modifier(d, kind)["interpolation"] = said
            process = read(tmp_path, d).channels[0].processes[1]
            assert (process.norms if kind == "normsys" else process.shapes)[0].rule == rule


def test_auxiliary_distributions(tmp_path: Path) -> None:
    """Constraints may stand with the likelihood instead of the modifiers."""
    d = document()
    for k in (0, 1):
        lumi = next(m for m in distribution(d)["samples"][k]["modifiers"] if m["name"] == "lumi")
        lumi.pop("constraint_name")
    assert read(tmp_path, d).parameters["lumi"].constraint is None
    d["likelihoods"][0]["aux_distributions"] = ["lumiConstraint"]
    assert read(tmp_path, d).parameters["lumi"].constraint == Normal(1.01, 0.02)


# ---- what is wrong ----


def two_analyses(d: Document) -> None:
    d["analyses"].append(d["analyses"][0] | {"name": "other"})


def linear(d: Document) -> None:
    modifier(d, "normsys")["interpolation"] = 0


WRONG: dict[str, tuple[Callable[[Document], Any], str, str]] = {
    "version": (
        lambda d: d["metadata"].update(hs3_version="1.0"),
        "spec-value",
        "metadata.hs3_version is 1.0, and 0.2 is read | write it with ROOT 6.32 or newer",
    ),
    "no HS3": (
        lambda d: d.update(metadata={}),
        "spec-format",
        "a.json is no HS3 document: its metadata have no hs3_version"
        ' | documents of HS3 begin with "metadata": {"hs3_version": "0.2"}',
    ),
    "section": (
        lambda d: d.update(functoins=[]),
        "spec-key",
        "functoins is a key that has no meaning here | did you mean functions?",
    ),
    "type": (
        lambda d: distribution(d, "lumiConstraint").update(type="gausian_dist"),
        "unsupported",
        "distribution 'lumiConstraint', type is 'gausian_dist', which is not read | did you mean gaussian_dist?",
    ),
    "key": (
        lambda d: distribution(d, "lumiConstraint").update(sgima=1),
        "spec-key",
        "distribution 'lumiConstraint', sgima is a key that has no meaning here | did you mean sigma?",
    ),
    "modifier": (
        lambda d: modifier(d, "normsys").update(type="normsis"),
        "unsupported",
        "distribution 'model_SR', sample 'background', modifier 'eff', type is 'normsis', a modifier that is not read"
        " | did you mean normsys?",
    ),
    "length": (
        lambda d: modifier(d, "histosys")["data"]["hi"].update(contents=[1.0]),
        "spec-value",
        "distribution 'model_SR', sample 'background', modifier 'jes', data.hi.contents has 1 number for 3 bins"
        " | give one number for each bin",
    ),
    "names": (
        lambda d: modifier(d, "shapesys").update(parameters=["a"]),
        "spec-value",
        "distribution 'model_SR', sample 'background', modifier 'u_SR', parameters has 1 names for 3 bins"
        " | give one name for each bin",
    ),
    "law": (
        lambda d: modifier(d, "shapesys").update(constraint_type="Gaus"),
        "spec-value",
        "distribution 'model_SR', sample 'background', modifier 'u_SR' has the constraint 'Gaus', which is not read"
        " | there are Gauss, Poisson, Const",
    ),
    "no law": (
        lambda d: modifier(d, "shapesys").pop("constraint_type"),
        "spec-key",
        "distribution 'model_SR', sample 'background', modifier 'u_SR' lacks the key 'constraint_type'"
        ' | it is "Gauss", "Poisson" or "Const"',
    ),
    "errors": (
        lambda d: distribution(d)["samples"][0]["data"].pop("errors"),
        "spec-key",
        "distribution 'model_SR', sample 'signal' has a staterror, and its data lack the key 'errors'"
        ' | add "errors": […] beside its contents',
    ),
    "constraint": (
        lambda d: modifier(d, "histosys").update(constraint_name="nothing"),
        "name-unknown",
        "distribution 'model_SR', sample 'background', modifier 'jes', constraint_name is constrained by 'nothing', and there is no such distribution"
        " | there are model_SR, lumiConstraint, countConstraint, alpha_effConstraint, alpha_jesConstraint, sizeConstraint, bothConstraint",
    ),
    "constraint of another": (
        lambda d: modifier(d, "histosys").update(constraint_name="lumiConstraint"),
        "unsupported",
        "distribution 'model_SR', sample 'background', modifier 'jes', constraint_name is constrained by"
        " 'lumiConstraint', a Gaussian"
        " | a gaussian_dist of it, and a poisson_dist of it or of a product of it and a number are read",
    ),
    "interpolation": (
        lambda d: modifier(d, "histosys").update(interpolation=6),
        "unsupported",
        "distribution 'model_SR', sample 'background', modifier 'jes', interpolation is 6, an interpolation that is not read"
        " | there are 0, 2, 3, 4",
    ),
    "linear": (
        linear,
        "unsupported",
        "distribution 'model_SR', sample 'background' has several normsys, of which one is linear: ROOT adds these"
        " | give all of them the code 1 or 4",
    ),
    "start": (
        lambda d: d["parameter_points"][0]["parameters"][0].update(value=11.0),
        "parameter",
        "distribution 'model_SR', sample 'signal', modifier 'mu' has 'mu', which starts at 11, outside of 0 to 10"
        " | give it another value, or another range",
    ),
    "axis": (
        lambda d: distribution(d)["axes"][0].update(edges=[0, 2, 1]),
        "spec-value",
        "distribution 'model_SR', axis 'obs_x_SR', edges does not ascend | give two edges or more, in order, each once",
    ),
    "counts": (
        lambda d: d["data"][0].update(contents=[1.0]),
        "spec-value",
        "data 'obsData_SR', contents has 1 number for 3 bins | give one number for each bin",
    ),
    "interest": (
        lambda d: d["analyses"][0].update(parameters_of_interest=["muu"]),
        "name-unknown",
        "'muu' is of interest, and changes no channel | did you mean mu?",
    ),
    "data": (
        lambda d: d["likelihoods"][0].update(data=["obsdata_SR"]),
        "name-unknown",
        "the likelihood 'simPdf_obsData' names no data 'obsdata_SR' | did you mean obsData_SR?",
    ),
    "no templates": (
        lambda d: d["likelihoods"][0].update(distributions=["lumiConstraint"]),
        "unsupported",
        "'lumiConstraint' of the likelihood 'simPdf_obsData' is a Gaussian, not templates"
        " | densities of rows are read by read_densities",
    ),
    "analyses": (
        two_analyses,
        "options",
        'a.json holds 2 analyses: simPdf_obsData, other | choose one: analysis="simPdf_obsData"',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_documents(tmp_path: Path, name: str) -> None:
    spoil, code, said = WRONG[name]
    wrong = document()
    spoil(wrong)
    with pytest.raises(HzdslError) as caught:
        read(tmp_path, wrong)
    error = caught.value
    found = error.message.removeprefix("a.json: ") + (f" | {error.fix}" if error.fix else "")
    assert (error.code, found) == (code, said)


def test_an_analysis_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HzdslError) as caught:
        read(tmp_path, document(), "simPdf_obsdata")
    assert (caught.value.code, caught.value.fix) == ("name-unknown", "did you mean simPdf_obsData?")
