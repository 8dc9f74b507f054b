"""The workspaces of Combine's tests and tutorials: written by ROOT 5.27 to 6.22, many with classes that only Combine has."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hzdsl.stats.roofit.records import Function, Histogram, Table, Unknown, Workspace
from hzdsl.stats.roofit.workspace import read_workspace

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "stats"
COMBINE = SHARED / "combine"
HZZ = "benchmarks/summer11/hzz4l.145/hzz4l_{}Scorr.145.0.input.root"
#: Files of `combine` with the number of nodes of their workspace.
FILES = {
    **{f"benchmarks/shapes/simple-shapes-{n}.root": k for n, k in (("BinnedParam", 6), ("RooDataHist", 7))},
    **{f"benchmarks/shapes/simple-shapes-{n}.root": k for n, k in (("UnbinnedParam", 6), ("UnbinnedParamNorm", 12))},
    **{f"benchmarks/summer11/hgg/hgg_8cats.input{n}.root": k for n, k in (("bkg", 68), ("sig", 337))},
    **{HZZ.format(n): 40 for n in ("4mu", "4e", "2e2mu")},
    **{f"lhc-hcg/cms-hzz-1fb/ws_140_{n}.root": 12 for n in ("4mu", "4e", "2mu2e")},
    **{f"lhc-hxswg/sm/sm_yr4_{n}TeV.root": 13 for n in (7, 8, 13, 14)},
    "lhc-hxswg/sm/sm_br_yr4.root": 26,
    "tutorials/CAT23001/parametric-analysis-datacard-input.root": 7,
    **{
        f"tutorials/abcd_rooparametrichist_exercise/datacards/{n}/mPhi1500/param_ws.root": 69
        for n in ("sgn_CRs", "no_sgn_CRs")
    },
    "tutorials/roofit/tutorial.root": 1,
    "tutorials/shapes/simple-shapes-parametric_input.root": 10,
}
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data/stats")]


def unknown(value: Any) -> list[Unknown]:
    """What could not be read, however deep."""
    if isinstance(value, Unknown):
        return [value]
    inside: Any = ()
    if isinstance(value, Workspace):
        inside = (value.nodes, value.data, value.embedded)
    elif isinstance(value, Function):
        inside = value.attributes.values()
    elif isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, tuple | list):
        inside = value
    return [u for v in inside for u in unknown(v)]


@pytest.mark.parametrize(("file", "count"), FILES.items(), ids=lambda x: str(x).rpartition("/")[2])
def test_every_object_is_read(file: str, count: int) -> None:
    w = read_workspace(str(COMBINE / file))
    assert unknown(w) == []
    assert len(w.nodes) == count
    assert {n for f in w.functions.values() for n in f.names()} <= {*w.nodes}


def test_every_workspace_is_named_here() -> None:
    import uproot

    found = set()
    for path in COMBINE.rglob("*.root"):
        with uproot.open(path) as file:
            if "RooWorkspace" in file.classnames(recursive=True).values():
                found.add(str(path.relative_to(COMBINE)))
    assert found == {*FILES}


def test_decoded_rows() -> None:
    w = read_workspace(str(COMBINE / "tutorials/CAT23001/parametric-analysis-datacard-input.root"))
    data = w.dataset("data_obs")
    assert isinstance(data, Table)
    (column,) = data.columns.values()
    np.testing.assert_array_equal(column, np.loadtxt(SHARED / "decoded" / "cat23001_parametric_data_obs.txt"))


def test_decoded_templates() -> None:
    w = read_workspace(str(SHARED / "combine-ci" / "Workspace_m4l.root"), "ws")
    assert unknown(w) == []
    rows = np.loadtxt(SHARED / "decoded" / "hzz4l_data.csv", delimiter=",", skiprows=1)
    data = w.dataset("unbinned_m4l")
    assert isinstance(data, Table)
    assert data.weights is not None
    np.testing.assert_array_equal(data.columns["m4l"], rows[:, 0])
    np.testing.assert_array_equal(data.weights, rows[:, 1])
    golden = np.loadtxt(SHARED / "decoded" / "hzz4l_templates.csv", delimiter=",", skiprows=1)
    for k, name in enumerate(("pdfh125", "pdfggZZ", "pdfqqZZ", "pdfZX"), start=2):
        histogram = w.functions[name].attributes["dataHist"]
        assert isinstance(histogram, Histogram)
        binning = histogram.variables[0].binning  # type: ignore[union-attr]
        np.testing.assert_array_equal(histogram.contents, golden[:, k])
        np.testing.assert_allclose(binning.edges(), [*golden[:, 0], golden[-1, 1]], rtol=1e-15)


def test_classes_that_only_combine_has() -> None:
    w = read_workspace(str(COMBINE / "lhc-hxswg/sm/sm_br_yr4.root"))
    spline = w.functions["hgg"]
    assert (spline.type, spline.arguments) == ("RooSpline1D", {"xvar": "MH"})
    assert spline.attributes["type"] == "CSPLINE"
    assert len(spline.attributes["x"]) == len(spline.attributes["y"])
    w = read_workspace(str(COMBINE / next(f for f in FILES if f.endswith("/sgn_CRs/mPhi1500/param_ws.root"))))
    found = Counter(f.type for f in w.functions.values())
    assert found == {"RooParametricHist": 4, "RooFormulaVar": 24, "RooAddition": 4}
    histogram = w.functions["bkg_A"]
    assert len(histogram.arguments["pars"]) == histogram.attributes["N_bins"] == 12
    assert len(histogram.attributes["bins"]) == 13


def test_old_histograms_have_the_yields_of_their_card() -> None:
    w = read_workspace(str(COMBINE / "benchmarks/shapes/simple-shapes-RooDataHist.root"))
    found = {name: round(h.contents.sum(), 4) for name, h in w.data.items() if isinstance(h, Histogram)}
    assert (found["data_obs"], found["hsignal"], found["hbackground"]) == (85, 10, 100)
    assert {type(d) for d in w.data.values()} == {Histogram}


def test_old_rows_are_in_the_range_of_their_variable() -> None:
    w = read_workspace(str(COMBINE / "benchmarks/summer11/hgg/hgg_8cats.inputbkg.root"))
    mass = w.variables["CMS_hgg_mass"]
    counts = []
    for cat in range(8):
        rows, bins = w.dataset(f"data_cat{cat}"), w.dataset(f"databinned_cat{cat}")
        assert isinstance(rows, Table)
        assert isinstance(bins, Histogram)
        values = rows.columns["CMS_hgg_mass"]
        assert ((values >= mass.low) & (values <= mass.high)).all()
        assert bins.contents.sum() == len(rows)
        edges = bins.variables[0].binning.edges()  # type: ignore[union-attr]
        np.testing.assert_array_equal(np.histogram(values, edges)[0], bins.contents)
        counts.append(len(rows))
    assert sum(counts) == 8057
