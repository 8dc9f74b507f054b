from __future__ import annotations

import subprocess
import sys
import threading

import awkward as ak
import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.source import ColumnInfo
from tests.event_files import write, write_trees
from tests.io.compare import as_awkward


def expected(events, name):
    """The values of a column of the made-up events, as awkward."""
    if name in events:
        return ak.Array(events[name])
    collection, field = name.split("_")
    return events[collection][field]


def test_importing_the_room_does_not_import_the_heavy_libraries():
    code = "import sys, hzdsl.io; sys.exit(not sys.modules.keys().isdisjoint(sys.argv[1:]))"
    subprocess.run([sys.executable, "-c", code, "uproot", "awkward", "pyarrow", "http.client"], check=True)


def test_columns_tell_type_depth_and_counter(event_file):
    with open_source(str(event_file)) as source:
        assert (source.tree, source.entries) == ("Events", 1000)
        assert source.path == str(event_file)
        assert source.file_bytes == event_file.stat().st_size
        assert source.bytes_fetched == 0
        assert len(source.identity) == 36
        found = {name: (str(c.dtype), c.depth, c.counter) for name, c in source.columns.items()}
    assert found == {
        "run": ("uint32", 0, None),
        "event": ("uint64", 0, None),
        "trigger": ("bool", 0, None),
        "met": ("float32", 0, None),
        "weight": ("float64", 0, None),
        "small": ("int8", 0, None),
        "box": ("float32", 1, None),
        "grid": ("int32", 2, None),
        "nMuon": ("int32", 0, None),
        "Muon_pt": ("float32", 1, "nMuon"),
        "Muon_eta": ("float32", 1, "nMuon"),
        "Muon_charge": ("int32", 1, "nMuon"),
        "nJet": ("int32", 0, None),
        "Jet_pt": ("float32", 1, "nJet"),
        "Jet_eta": ("float32", 1, "nJet"),
        "Jet_charge": ("int32", 1, "nJet"),
    }


def test_one_column_is_described_without_the_others(event_file):
    with open_source(str(event_file)) as source:
        assert source.columns["Muon_pt"] == ColumnInfo("Muon_pt", np.dtype("f4"), 1, "nMuon", "Muon_pt[nMuon]/F")
        assert "Muon_pt" in source.columns
        assert "Muon_p" not in source.columns
        assert list(source.unreadable) == []


@pytest.mark.parametrize(("start", "stop"), [(0, 1000), (0, 250), (100, 101), (249, 251), (240, 760), (999, 1000)])
def test_every_range_of_every_column(event_file, events, start, stop):
    with open_source(str(event_file)) as source:
        read = source.read(list(source.columns), start, stop)
        for name, column in read.items():
            info = source.columns[name]
            assert column.content.dtype == info.dtype
            assert column.content.dtype.isnative
            assert column.content.flags.c_contiguous
            assert column.content.ndim == 1
            assert (column.offsets is not None) + (column.inner_offsets is not None) == info.depth
            if column.offsets is not None:
                assert column.offsets.dtype == np.int64
                assert column.offsets[0] == 0
                assert len(column.offsets) == stop - start + 1
            if name[0] != "n":
                assert ak.array_equal(as_awkward(column), ak.from_regular(expected(events, name)[start:stop], None))
    assert np.array_equal(np.diff(read["Muon_pt"].offsets), read["nMuon"].content)


@pytest.mark.parametrize("start", [0, 250, 1000])
def test_no_entries(event_file, start):
    with open_source(str(event_file)) as source:
        read = source.read(["met", "Muon_pt", "grid"], start, start)
    assert read["met"].content.dtype == np.float32
    assert read["met"].offsets is None
    assert read["Muon_pt"].offsets.tolist() == [0]
    assert read["grid"].inner_offsets.tolist() == [0]
    assert all(len(column.content) == 0 for column in read.values())


def test_no_columns(event_file):
    with open_source(str(event_file)) as source:
        assert source.read([], 0, 1000) == {}
        assert source.boundaries([]) == [0, 1000]


def test_an_empty_tree_is_opened(event_file):
    with open_source(str(event_file), "Empty") as source:
        assert source.entries == 0
        assert source.boundaries(["x", "y"]) == [0]
        assert source.columns["y"].depth == 1
        assert source.read(["y"], 0, 0)["y"].offsets.tolist() == [0]


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4), (0, 1001)])
def test_a_range_that_the_tree_does_not_have_is_refused(event_file, start, stop):
    with open_source(str(event_file)) as source, pytest.raises(ValueError, match="of a tree with 1000"):
        source.read(["met"], start, stop)


def test_boundaries_are_those_of_the_baskets(event_file):
    with open_source(str(event_file)) as source:
        assert source.boundaries(["met", "Muon_pt"]) == [0, 250, 500, 750, 1000]


def test_columns_of_one_collection_share_their_offsets(event_file):
    with open_source(str(event_file)) as source:
        read = source.read(["Muon_pt", "Jet_pt", "Muon_eta"], 0, 1000)
    assert read["Muon_pt"].offsets is read["Muon_eta"].offsets
    assert read["Muon_pt"].offsets is not read["Jet_pt"].offsets


def test_several_threads_read_one_source(event_file):
    with open_source(str(event_file)) as source:
        whole = source.read(["Muon_pt"], 0, 1000)["Muon_pt"]
        parts: dict[int, np.ndarray] = {}

        def read(start):
            parts[start] = source.read(["Muon_pt"], start, start + 125)["Muon_pt"].content

        threads = [threading.Thread(target=read, args=(start,)) for start in range(0, 1000, 125)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert np.array_equal(np.concatenate([parts[start] for start in sorted(parts)]), whole.content)


def test_the_tree_may_lie_in_a_directory(event_file):
    with open_source(str(event_file), "dir/Other") as source:
        assert source.read(["x"], 2, 5)["x"].content.tolist() == [2, 3, 4]


def test_the_only_tree_needs_no_name(tmp_path):
    path = write(tmp_path / "one.root", {"x": np.arange(3.0)}, "sub/ntuple", others={"h": np.histogram([1, 2])})
    with open_source(str(path)) as source:
        assert (source.tree, source.entries) == ("sub/ntuple", 3)


@pytest.mark.parametrize(
    ("tree", "message", "fix"),
    [
        ("Event", "has no tree Event", "did you mean Events?"),
        ("nothing", "has no tree nothing", "name one of its trees (--tree Events): Events, dir/Other, Empty"),
        ("hist", "hist in .* is not a tree", "name one of its trees (--tree Events): Events, dir/Other, Empty"),
        ("dir", "dir in .* is not a tree", "name one of its trees"),
        ("Events/met", "Events/met in .* is not a tree", "did you mean Events?"),
    ],
)
def test_no_such_tree(event_file, tree, message, fix):
    with pytest.raises(HzdslError, match=message) as caught:
        open_source(str(event_file), tree)
    assert caught.value.code == "tree-missing"
    assert caught.value.fix.startswith(fix)


def test_several_trees_and_none_called_events(tmp_path):
    path = write_trees(tmp_path / "two.root", {key: {"x": np.zeros(0)} for key in ("a", "b")})
    with pytest.raises(HzdslError, match="holds 2 trees and none is called Events") as caught:
        open_source(str(path))
    assert (caught.value.code, caught.value.fix) == ("tree-missing", "name one of its trees (--tree a): a, b")


def test_a_file_without_trees(tmp_path):
    path = write_trees(tmp_path / "none.root", {}, {"h": np.histogram([1, 2])})
    with pytest.raises(HzdslError, match="holds no tree") as caught:
        open_source(str(path))
    assert caught.value.code == "tree-missing"


@pytest.mark.parametrize(
    "ask",
    [
        lambda source: source.read(["met", "Muon_ptt"], 0, 10),
        lambda source: source.read(["Muon_ptt"], 5, 5),
        lambda source: source.boundaries(["Muon_ptt"]),
    ],
)
def test_no_such_branch(event_file, ask):
    with open_source(str(event_file)) as source, pytest.raises(HzdslError) as caught:
        ask(source)
    assert caught.value.code == "branch-missing"
    assert caught.value.message == f"tree Events of {event_file} has no branch Muon_ptt among its 16"
    assert caught.value.fix.startswith("did you mean Muon_pt")


def test_strings_are_not_columns_of_numbers(tmp_path):
    import uproot

    path = tmp_path / "text.root"
    with uproot.recreate(path) as file:
        tree = file.mktree("t", {"x": "f8", "s": "string"})
        tree.extend({"x": np.arange(2.0), "s": ak.Array(["a", "b"])})
    with open_source(str(path)) as source:
        assert list(source.columns) == ["x"]
        assert list(source.unreadable) == ["s"]
        with pytest.raises(HzdslError, match=r"the branch s in tree t of .* has the type") as caught:
            source.read(["s"], 0, 2)
    assert caught.value.code == "branch-type"
