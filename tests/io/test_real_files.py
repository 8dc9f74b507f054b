"""Every real file of ../shared opens, again too, and its columns are what uproot and pyarrow read on their own.

Opening a NanoAOD takes a second, reading its thousands of columns another two. So of the six alike files of
HiggsDNA two are opened, and of thousands of columns some hundreds are compared, others in every file; with
HZDSL_TEST_ALL in the environment, all are.
"""

from __future__ import annotations

import os

import pytest

from hzdsl.io.opening import open_source
from hzdsl.io.ttree import TTreeSource
from tests.io.compare import as_lists, same, told

ENTRIES = 100
ALL = "HZDSL_TEST_ALL" in os.environ
ALIKE = ["DYJetsToLL", "EGamma_F", "GJet", "ttH"]
FOLDERS = [
    "nanoaod_modern",
    "atlas_13tev_4lep",
    "lhcb_bhhh",
    "skhep_classics",
    "cms_dilepton",
    "adl_benchmark",
]
pytestmark = pytest.mark.shared


def files_below(folder):
    return [path for path in sorted(folder.rglob("*.root")) if ALL or not path.name.startswith(tuple(ALIKE))]


def trees_of(path):
    import uproot

    with uproot.open(path) as file:
        classes = file.classnames(cycle=False)
    return [name for name, kind in classes.items() if kind in ("TTree", "ROOT::RNTuple")]


def read_by_uproot(tree, names, start, stop):
    """The same columns, asked of uproot by name and without any code of hzdsl."""
    import uproot

    if isinstance(tree, uproot.behaviors.RNTuple.RNTuple):
        arrays = tree.arrays(entry_start=start, entry_stop=stop)
        return {name: arrays[tuple(name.split("."))] for name in names}
    return {name: tree[name].array(entry_start=start, entry_stop=stop) for name in names}


def sample(names, first):
    """All names, or every so many of the thousands of a NanoAOD, beginning with another one."""
    step = 1 if ALL else 1 + len(names) // 400
    return names[first % step :: step]


def opened_by(source):
    """The tree of uproot that a source holds, not to open it twice."""
    if not isinstance(source, TTreeSource):
        return source._ntuple
    source._known._of_uproot()
    return source._known._opened.tree


@pytest.mark.parametrize("folder", FOLDERS)
def test_columns_equal_those_of_uproot(shared, folder):
    compared = opened = 0
    for path in files_below(shared / folder):
        for tree in trees_of(path):
            with open_source(str(path), tree) as source:
                names = sample(list(source.columns), first=opened)
                opened += 1
                stop = min(source.entries, ENTRIES)
                read = source.read(names, 0, stop)
                for name, array in read_by_uproot(opened_by(source), names, 0, stop).items():
                    assert same(read[name], array, source.columns[name].dtype), (path, tree, name)
                    compared += 1
                assert not set(names) & set(source.unreadable)
                said = told(source, names[::5]) if isinstance(source, TTreeSource) else None
            if said is not None:
                with open_source(str(path), tree) as known:
                    assert told(known, names[::5]) == said, (path, tree)
                    assert (known._known._opened is None) == all(said["ordinary"])
    print(f"{folder}: {compared} columns compared")
    assert compared > 0


def test_objects_are_told_apart(shared):
    with open_source(str(shared / "skhep_classics" / "uproot-HZZ-objects.root")) as source:
        assert source.unreadable["muonp4"] == "std::vector<TLorentzVector>"
        assert source.columns["muonq"].depth == 1


def test_lists_of_lists(shared):
    name = "AnalysisJetsAuxDyn.NumTrkPt1000"
    path = str(shared / "atlas_physlite" / "PHYSLITE_example.root")
    with open_source(path) as source:
        assert source.columns[name].depth == 2
        read = source.read([name, "AnalysisElectronsAuxDyn.pt"], 10, 30)
        for column, array in read_by_uproot(opened_by(source), list(read), 10, 30).items():
            assert same(read[column], array, source.columns[column].dtype)


@pytest.mark.parametrize(
    "name",
    [
        "nanoaod_modern/coffea/nano_dy.parquet",
        "adl_benchmark/Run2012B_SingleMu-1000.parquet",
        "adl_benchmark/Run2012B_SingleMu-restructured-1000.parquet",
        "atlas_13tev_4lep/data_4lep_selected.parquet",
    ],
)
def test_parquet(shared, name):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = str(shared / name)
    table = parquet.read_table(path).slice(5, 30)
    with open_source(path) as source:
        names = sample(list(source.columns), first=0)
        read = source.read(names, 5, 35)
        assert len(read) > 20
        for column in names:
            # as text, for NaN to equal NaN
            assert repr(as_lists(read[column])) == repr(cells(table, column.split("."))), column


def cells(table, fields):
    """The cells of a column of Arrow as Python lists, stepping into records by name."""
    values = table.column(fields[0]).to_pylist()
    for field in fields[1:]:
        values = [[v[field] for v in cell] if isinstance(cell, list) else cell[field] for cell in values]
    return values


def test_both_layouts_of_the_benchmark_agree(shared):
    folder = shared / "adl_benchmark"
    pytest.importorskip("pyarrow")
    with (
        open_source(str(folder / "Run2012B_SingleMu_1000.root")) as tree,
        open_source(str(folder / "Run2012B_SingleMu-restructured-1000.parquet")) as table,
    ):
        left = tree.read(["Muon_pt", "MET_pt"], 0, 1000)
        right = table.read(["Muon.pt", "MET.pt"], 0, 1000)
    assert left["Muon_pt"].content.tolist() == right["Muon.pt"].content.tolist()
    assert left["Muon_pt"].offsets.tolist() == right["Muon.pt"].offsets.tolist()
    assert left["MET_pt"].content.tolist() == right["MET.pt"].content.tolist()
