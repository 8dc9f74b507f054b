"""Every kind of branch and field, as ROOT itself writes it; the formulas are those of data/write.py."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.histograms import read_histogram
from hzdsl.io.opening import open_source
from tests.io.compare import as_lists

N = range(20)
TREE = {
    "i64": ("int64", [-(10**12) * i for i in N]),
    "u8": ("uint8", [10 * i for i in N]),
    "flag": ("bool", [i % 2 == 1 for i in N]),
    "d32": ("float64", [i * 0.5 for i in N]),
    "f16": ("float32", [i * 0.25 for i in N]),
    "hit.x": ("float32", [i + 0.5 for i in N]),
    "hit.n": ("int32", [-i for i in N]),
    "box": ("float32", [[10 * i + k for k in range(3)] for i in N]),
    "count": ("int32", [i % 4 for i in N]),
    "rows": ("float32", [[[100 * i + 3 * j + k for k in range(3)] for j in range(i % 4)] for i in N]),
    "column": ("float32", [[i + k for k in range(i % 4)] for i in N]),
    "floats": ("float32", [[float(np.float32(i + 0.1 * k)) for k in range(i % 3)] for i in N]),
    "bools": ("bool", [[k == 1 for k in range(i % 3)] for i in N]),
    "lists": ("float32", [[[i + 0.5] * k for k in range(i % 3)] for i in N]),
    "ints": ("int32", [[list(range(i))] * (i % 3) for i in N]),
}
NTUPLE = {
    "number": ("float64", [i * 1.5 for i in N]),
    "flag": ("bool", [i % 2 == 1 for i in N]),
    "floats": ("float32", [[i + 0.5] * (i % 3) for i in N]),
    "lists": ("int32", [[[i] * k for k in range(i % 4)] for i in N]),
    "triple": ("float32", [[i, i + 1, i + 2] for i in N]),
    "hits.x": ("float32", [[i + 0.25] * (i % 3) for i in N]),
    "hits.n": ("int32", [list(range(i % 3)) for i in N]),
}
RANGES = [(0, 20), (0, 12), (12, 20), (11, 13), (5, 5), (20, 20), (12, 12), (3, 4)]


@pytest.mark.parametrize(("tree", "known"), [("kinds", TREE), ("ntuple", NTUPLE)])
@pytest.mark.parametrize(("start", "stop"), RANGES)
def test_every_kind_of_column(root_written, tree, known, start, stop):
    with open_source(str(root_written), tree) as source:
        assert source.entries == 20
        assert list(source.columns) == list(known)
        read = source.read(list(known), start, stop)
        for name, (dtype, values) in known.items():
            assert read[name].content.dtype == source.columns[name].dtype == np.dtype(dtype)
            assert as_lists(read[name]) == values[start:stop], name
            depth = (read[name].offsets is not None) + (read[name].inner_offsets is not None)
            assert depth == source.columns[name].depth


def test_counters(root_written):
    with open_source(str(root_written), "kinds") as source:
        counters = {name: info.counter for name, info in source.columns.items() if info.counter}
        assert counters == {"rows": "count", "column": "count"}
        assert source.boundaries(["i64", "floats"]) == [0, 12, 20]


@pytest.mark.parametrize(
    ("tree", "unreadable"),
    [
        (
            "kinds",
            {
                "text": "std::string",
                "momentum": "TLorentzVector",
                "deep": "std::vector<std::vector<std::vector<float>>>",
            },
        ),
        ("ntuple", {"text": "std::string"}),
    ],
)
def test_what_is_not_a_column_of_numbers(root_written, tree, unreadable):
    with open_source(str(root_written), tree) as source:
        assert dict(source.unreadable) == unreadable
        for name, kind in unreadable.items():
            with pytest.raises(HzdslError) as caught:
                source.read([name], 0, 1)
            assert caught.value.code == "branch-type"
            assert f"the branch {name} in tree {tree}" in caught.value.message
            assert f"type {kind}," in caught.value.message


def test_an_ntuple_without_such_a_field(root_written):
    with open_source(str(root_written), "ntuple") as source, pytest.raises(HzdslError) as caught:
        source.read(["hits.y"], 0, 1)
    assert caught.value.code == "branch-missing"
    assert caught.value.fix == "did you mean hits.x or hits.n?"


def test_clusters_are_the_boundaries_of_an_ntuple(root_written):
    with open_source(str(root_written), "ntuple") as source:
        assert source.boundaries(["number"]) == [0, 12, 20]
        assert len(source.identity) == 36


def test_plain_histogram(root_written):
    h = read_histogram(str(root_written), "plots/plain")
    assert [list(edges) for edges in h.edges] == [[0, 1, 2, 3, 4]]
    assert h.values.tolist() == h.variances.tolist() == [1, 2, 0, 0, 1, 2]
    assert (h.name, h.title) == ("plain", "not weighted")


def test_weighted_histogram_of_unequal_bins(root_written):
    h = read_histogram(str(root_written), "plots/weighted")
    assert h.edges[0].tolist() == [0, 1, 10, 100]
    assert h.values.tolist() == [0, 2, 2, 0, 0.5]
    assert h.variances.tolist() == [0, 4, 10, 0, 0.25]
    assert h.values.dtype == h.variances.dtype == h.edges[0].dtype == np.float64


def test_histogram_of_two_axes(root_written):
    h = read_histogram(str(root_written), "plots/plane")
    assert [list(edges) for edges in h.edges] == [[0, 1, 2], [0, 1, 2, 3]]
    assert h.values[1:-1, 1:-1].tolist() == h.variances[1:-1, 1:-1].tolist() == [[1, 0, 1], [0, 0, 2]]
    assert h.values.shape == (4, 5)


@pytest.mark.parametrize(
    ("name", "message", "fix"),
    [
        ("plots/plian", "has no histogram plots/plian", "did you mean plots/plane or plots/plain?"),
        (
            "zzz",
            "has no histogram zzz",
            "name one of its histograms: plots/plain, plots/weighted, plots/plane",
        ),
        ("plots/profile", "is a TProfile, not a TH1 or TH2", "name one of its histograms"),
        ("kinds", "is a TTree, not a TH1 or TH2", "name one of its histograms"),
        ("plots", "is a ", "name one of its histograms"),
    ],
)
def test_no_such_histogram(root_written, name, message, fix):
    with pytest.raises(HzdslError) as caught:
        read_histogram(str(root_written), name)
    assert caught.value.code == "histogram-missing"
    assert message in caught.value.message
    assert caught.value.fix.startswith(fix)
