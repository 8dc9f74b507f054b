from __future__ import annotations

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from tests.io.compare import as_lists

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

N = range(50)
CELLS = {
    "event": (pyarrow.uint64(), [2**63 + i for i in N]),
    "flag": (pyarrow.bool_(), [i % 3 == 0 for i in N]),
    "small": (pyarrow.int8(), [i - 25 for i in N]),
    "pt": (pyarrow.list_(pyarrow.float32()), [[i + 0.5] * (i % 4) for i in N]),
    "large": (pyarrow.large_list(pyarrow.int16()), [list(range(i % 3)) for i in N]),
    "box": (pyarrow.list_(pyarrow.float64(), 3), [[i, i + 1.0, i + 2.0] for i in N]),
    "lists": (pyarrow.list_(pyarrow.list_(pyarrow.bool_())), [[[True] * k for k in range(i % 3)] for i in N]),
    "met": (
        pyarrow.struct([("pt", pyarrow.float32()), ("phi", pyarrow.float32())]),
        [{"pt": i * 0.5, "phi": -i * 0.5} for i in N],
    ),
    "mu": (
        pyarrow.list_(pyarrow.struct([("pt", pyarrow.float32()), ("q", pyarrow.int32())])),
        [[{"pt": i + 0.25, "q": k} for k in range(i % 3)] for i in N],
    ),
    "text": (pyarrow.string(), [str(i) for i in N]),
    "deep": (pyarrow.list_(pyarrow.list_(pyarrow.list_(pyarrow.int32()))), [[[[i]]] for i in N]),
    "map": (pyarrow.map_(pyarrow.string(), pyarrow.int32()), [[("a", i)] for i in N]),
    "a.b": (pyarrow.int32(), list(N)),
}
KNOWN = {name: cells for name, (_, cells) in CELLS.items() if name not in ("met", "mu", "text", "deep", "map")} | {
    "met.pt": [i * 0.5 for i in N],
    "met.phi": [-i * 0.5 for i in N],
    "mu.pt": [[i + 0.25] * (i % 3) for i in N],
    "mu.q": [list(range(i % 3)) for i in N],
}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Every kind of column, in row groups of 20, 20 and 10."""
    path = tmp_path_factory.mktemp("parquet") / "a.parquet"
    table = pyarrow.table({name: pyarrow.array(cells, kind) for name, (kind, cells) in CELLS.items()})
    parquet.write_table(table, path, row_group_size=20)
    return str(path)


@pytest.mark.parametrize(("start", "stop"), [(0, 50), (0, 20), (5, 7), (19, 21), (20, 40), (40, 50), (45, 50)])
def test_every_kind_of_column(path, start, stop):
    with open_source(path) as source:
        assert set(source.columns) == set(KNOWN)
        read = source.read(list(KNOWN), start, stop)
        for name, cells in KNOWN.items():
            assert as_lists(read[name]) == cells[start:stop], name
            assert read[name].content.dtype == source.columns[name].dtype
            assert read[name].content.flags.c_contiguous
            assert (read[name].offsets is None) == (source.columns[name].depth == 0)
            if read[name].offsets is not None:
                assert read[name].offsets.dtype == np.int64


@pytest.mark.parametrize("start", [0, 20, 33, 50])
def test_no_rows(path, start):
    with open_source(path) as source:
        read = source.read(list(KNOWN), start, start)
    assert as_lists(read["lists"]) == []
    assert read["lists"].offsets.tolist() == read["lists"].inner_offsets.tolist() == [0]
    assert read["mu.pt"].content.dtype == np.float32


def test_what_it_tells_about_itself(path):
    with open_source(path, "Events") as source:
        assert (source.path, source.tree, source.entries, source.identity) == (path, "", 50, None)
        assert source.boundaries(["pt"]) == [0, 20, 40, 50]
        assert {name: source.columns[name].depth for name in ("event", "mu.q", "lists")} == {
            "event": 0,
            "mu.q": 1,
            "lists": 2,
        }
        assert set(source.unreadable) == {"text", "deep", "map.key", "map.value"}


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("mu.pq", "branch-missing", "has no branch mu.pq among its 16"),
        ("text", "branch-type", "the branch text in .* has the type string"),
    ],
)
def test_columns_that_cannot_be_read(path, name, code, message):
    with open_source(path) as source, pytest.raises(HzdslError, match=message) as caught:
        source.read([name], 0, 1)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        (pyarrow.float32(), [1.0, None]),
        (pyarrow.list_(pyarrow.float32()), [[1.0], None]),
        (pyarrow.list_(pyarrow.float32()), [[1.0], [None]]),
        (pyarrow.struct([("pt", pyarrow.float32())]), [{"pt": 1.0}, None]),
        (pyarrow.struct([("pt", pyarrow.float32())]), [{"pt": 1.0}, {"pt": None}]),
    ],
)
def test_cells_without_a_value(tmp_path, kind, cells):
    parquet.write_table(pyarrow.table({"x": pyarrow.array(cells, kind)}), tmp_path / "a.parquet")
    with open_source(str(tmp_path / "a.parquet")) as source:
        (name,) = source.columns
        with pytest.raises(HzdslError, match=f"the column {name} in .* has 1 cells without a value") as caught:
            source.read([name], 0, 2)
        assert caught.value.code == "branch-type"
        assert as_lists(source.read([name], 0, 1)[name]) in ([1.0], [[1.0]])


def test_a_file_cut_at_any_length(path, tmp_path):
    with open(path, "rb") as file:
        whole = file.read()
    cut = tmp_path / "cut.parquet"
    for length in range(0, len(whole), max(1, len(whole) // 200)):
        cut.write_bytes(whole[:length])
        with pytest.raises(HzdslError) as caught:
            open_source(str(cut))
        assert caught.value.code == "file-truncated"


def test_flipped_bytes(path, tmp_path):
    """Pages usually carry no checksum, so values may differ; but nothing but an error of hzdsl comes out."""
    with open(path, "rb") as file:
        whole = file.read()
    damaged = tmp_path / "damaged.parquet"
    errors = 0
    for place in range(4, len(whole), len(whole) // 100):
        flipped = bytearray(whole)
        flipped[place] ^= 0xFF
        damaged.write_bytes(flipped)
        errors += fails(damaged)
    assert errors > 0


def fails(path):
    try:
        with open_source(str(path)) as source:
            source.read(list(source.columns), 0, source.entries)
    except HzdslError as error:
        return error.code in {"file-truncated", "file-format", "branch-type"}
    return False
