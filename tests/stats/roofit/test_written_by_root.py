"""A file that ROOT 6.40 has written (by tests/oracle/root_write_workspace.py, which says what is in it)."""

from __future__ import annotations

from math import inf
from pathlib import Path

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.roofit.records import Category, Histogram, Table, Unknown, Variable, Workspace
from hzdsl.stats.roofit.workspace import read_data, read_workspace

FILE = str(Path(__file__).with_name("data") / "written_by_root.root")


@pytest.fixture(scope="module")
def w() -> Workspace:
    return read_workspace(FILE, "w")


def test_variables(w: Workspace) -> None:
    m, r, k, p = (w.variables[name] for name in ("m", "r", "k", "p"))
    assert (m.title, m.value, m.low, m.high, m.unit, m.constant) == ("mass of all", 125, 100, 180, "GeV", False)
    assert m.binning is not None
    assert (m.binning.bins, m.ranges["coarse"].bins, m.ranges["window"].bins) == (40, 16, 1)
    np.testing.assert_array_equal(m.ranges["window"].edges(), [120, 130])
    assert (r.value, r.error, r.errors) == (3, 0.3, (-0.2, 0.4))
    assert k.constant
    assert (p.low, p.high, p.error, p.errors) == (-inf, 0, None, None)


def test_unequal_bins(w: Workspace) -> None:
    binning = w.variables["y"].binning
    assert binning is not None
    np.testing.assert_array_equal(binning.edges(), [-3, -1, 0.5, 1, 3])


def test_constants_are_variables_of_their_value(w: Workspace) -> None:
    constant = w.variables["1.1"]
    assert (constant.value, constant.constant, constant.low, constant.binning) == (1.1, True, 1.1, None)


def test_categories(w: Workspace) -> None:
    cat = w.node("cat")
    assert isinstance(cat, Category)
    assert (dict(cat.states), cat.index, cat.state) == ({"one": 1, "two": 5}, 5, "two")


@pytest.mark.parametrize(
    ("name", "type", "arguments"),
    [
        ("gauss", "RooGaussian", {"x": "m", "mean": "moved", "sigma": "sigma"}),
        ("cb", "RooCBShape", {"m": "m", "m0": "mean", "sigma": "sigma", "alpha": "alpha", "n": "n"}),
        ("bern", "RooBernstein", {"x": "m", "coefList": ("c0", "c1", "c2")}),
        ("moved", "RooFormulaVar", {"actualVars": ("mean", "shift")}),
        ("nsig", "RooProduct", {"compRSet": ("r", "ns"), "compCSet": ()}),
        ("ext", "RooExtendPdf", {"pdf": "bern", "n": "nb"}),
        ("both", "RooSimultaneous", {"indexCat": "cat", "pdfProxyList": {"one": "extended", "two": "ext"}}),
        ("template", "RooHistPdf", {"pdfObsList": ("m",)}),
        (
            *("dcb", "RooCrystalBall"),
            {"x0": "mean", "sigmaL": "sigma", "sigmaR": "sigma2", "alphaR": "alpha2", "nR": "n2"},
        ),
    ],
)
def test_arguments_by_role(w: Workspace, name: str, type: str, arguments: dict[str, object]) -> None:
    function = w.functions[name]
    assert function.type == type
    assert {role: function.arguments[role] for role in arguments} == arguments


def test_all_arguments_are_there(w: Workspace) -> None:
    assert {n for f in w.functions.values() for n in f.names()} <= {*w.nodes}
    assert {f.type for f in w.functions.values() if not f.is_density} == {
        *("RooFormulaVar", "RooProduct", "RooAddition", "RooHistFunc", "RooRecursiveFraction", "RooPolyVar"),
        *("RooSpline", "PiecewiseInterpolation", "RooStats::HistFactory::FlexibleInterpVar", "RooParamHistFunc"),
    }


def test_what_else_functions_store(w: Workspace) -> None:
    assert w.functions["moved"].attributes["formExpr"].startswith("@0*(1+0.01*@1)")
    assert w.functions["poly"].attributes["lowestOrder"] == 1
    assert w.functions["convoluted"].attributes["bufFrac"] == 0.1
    assert w.functions["product"].attributes["pdfNSetList"] == ((), ())
    histogram = w.functions["step"].attributes["dataHist"]
    assert isinstance(histogram, Histogram)
    assert histogram.contents.sum() == 40
    assert w.functions["step"].attributes["intOrder"] == 1


def test_members_that_are_objects(w: Workspace) -> None:
    multi, factor = w.functions["multi"].attributes, w.functions["factor"].attributes
    np.testing.assert_array_equal(multi["cov"], [[1, 0.3], [0.3, 2]])
    np.testing.assert_array_equal(factor["low"], [0.9, 0.8])
    assert [k["fX"] for k in w.functions["spline"].attributes["spline"]["fPoly"]] == [100, 120, 140, 180]
    assert len(w.functions["gammas"].arguments["p"]) == 40
    kernels = w.functions["kernels"].attributes  # ROOT keeps what it has summed up, not the rows
    assert (kernels["nEvents"], len(kernels["lookupTable"]), kernels["dataPts"].size) == (40, 1001, 0)


def test_rows(w: Workspace) -> None:
    plain, heavy, errors = (w.dataset(n) for n in ("plain", "heavy", "errors"))
    assert isinstance(plain, Table)
    assert isinstance(heavy, Table)
    assert isinstance(errors, Table)
    assert ([*plain.columns], len(plain), plain.weights) == (["m", "y", "cat"], 40, None)
    np.testing.assert_array_equal(plain.columns["cat"], [1 if i % 3 else 5 for i in range(40)])
    assert [*heavy.columns] == ["m", "y"]
    assert heavy.weights is not None
    assert ((heavy.weights > -0.5) & (heavy.weights < 2)).all()
    assert {name: len(e) for name, e in errors.errors.items()} == {"m": 2, "y": 1}
    np.testing.assert_array_equal(errors.columns["m"], plain.columns["m"])


def test_rows_in_trees_are_those_in_vectors(w: Workspace) -> None:
    for tree, vector in (("treed", "plain"), ("heavy_tree", "heavy")):
        ours, theirs = w.dataset(tree), w.dataset(vector)
        assert isinstance(ours, Table)
        assert isinstance(theirs, Table)
        assert {*ours.columns} == {*theirs.columns}
        for name, column in theirs.columns.items():
            np.testing.assert_array_equal(ours.columns[name], column)


def test_rows_of_two_parts(w: Workspace) -> None:
    linked = read_data(FILE, "linked")
    assert isinstance(linked, Table)
    heavy = w.dataset("heavy")
    assert isinstance(heavy, Table)
    np.testing.assert_array_equal(linked.columns["cat"], [1] * 40 + [5] * 40)
    np.testing.assert_array_equal(linked.columns["y"], [*heavy.columns["y"]] * 2)
    np.testing.assert_array_equal(linked.weights, [*np.ones(40), *heavy.weights])  # type: ignore[misc]


def test_bins(w: Workspace) -> None:
    plain, heavy, binned = w.dataset("plain"), w.dataset("heavy"), w.dataset("binned")
    assert isinstance(binned, Histogram)
    assert isinstance(plain, Table)
    assert isinstance(heavy, Table)
    edges = [v.binning.edges() for v in binned.variables if isinstance(v, Variable) and v.binning]
    counts, *_ = np.histogram2d(plain.columns["m"], plain.columns["y"], edges)
    assert binned.contents.shape == (40, 4)
    assert ((binned.contents != 0) == (counts != 0)).all()
    assert binned.squares is not None
    np.testing.assert_allclose(binned.squares[counts == 1], binned.contents[counts == 1] ** 2)


def test_sets_and_snapshots(w: Workspace) -> None:
    assert w.sets == {"poi": ("r",), "nuisances": ("shift", "k")}
    assert w.snapshots == {"start": {"r": 1, "shift": 0.2}, "moved": {"r": 3}}


def test_what_cannot_be_read_is_an_error_where_it_is_needed(w: Workspace) -> None:
    assert isinstance(w.nodes["bounded"], Unknown)
    with pytest.raises(HzdslError) as e:
        w.node("bounded")
    assert e.value.code == "class-unknown"
    for part in ("bounded", "RooRealVar", "RooParamBinning", "written_by_root.root", "RooJSONFactoryWSTool"):
        assert part in str(e.value)


def test_names_that_are_not_there(w: Workspace) -> None:
    for ask in (lambda: w.node("gaus"), lambda: w.dataset("plane")):
        with pytest.raises(HzdslError, match=r"did you mean (gauss|plain)") as e:
            ask()
        assert e.value.code == "name-unknown"
    with pytest.raises(HzdslError, match="more than one RooWorkspace") as e:
        read_workspace(FILE)
    assert e.value.code == "object-missing"
    with pytest.raises(HzdslError, match="did you mean small"):
        read_workspace(FILE, "smal")
    with pytest.raises(HzdslError, match="has no RooWorkspace binned_alone"):
        read_workspace(FILE, "binned_alone")
