from __future__ import annotations

import csv
import os
import stat
import sys

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.sinks import atomic_path, write_table, write_text

COLUMNS = {
    "event": np.array([2**64 - 1, 0, 7], np.uint64),
    "charge": np.array([-1, 1, -1], np.int32),
    "good": np.array([True, False, True]),
    "mass": np.array([91.1876, 0.1, 1e-300]),
    "pt": np.array([0.1, np.nan, -np.inf], np.float32),
    "region": np.array(["signal", 'a "quoted", one', ""]),
}
MASKS = {"mass": np.array([True, False, True]), "charge": np.array([False, True, True]), "pt": None}


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return {name: [row[k] for row in rows] for k, name in enumerate(header)}


def leftovers(directory, *expected):
    return sorted(set(os.listdir(directory)) - set(expected))


def test_csv(tmp_path):
    write_table(tmp_path / "t.csv", COLUMNS, MASKS)
    assert (tmp_path / "t.csv").read_bytes().decode() == (
        "event,charge,good,mass,pt,region\n"
        "18446744073709551615,,true,91.1876,0.1,signal\n"
        '0,1,false,,nan,"a ""quoted"", one"\n'
        "7,-1,true,1e-300,-inf,\n"
    )
    assert leftovers(tmp_path) == ["t.csv"]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_floats_read_back_exactly(tmp_path, kind):
    rng = np.random.default_rng(5)
    bits = rng.integers(0, 2**32, 20000, np.uint32) if kind is np.float32 else rng.integers(0, 2**63, 20000)
    values = bits.view(kind)
    values = np.concatenate([values, np.array([0.0, -0.0, np.inf, -np.inf], kind)])
    write_table(tmp_path / "t.csv", {"x": values}, {})
    read = np.array([kind(text) for text in read_csv(tmp_path / "t.csv")["x"]])
    finite = ~np.isnan(values)
    assert np.array_equal(read.view(bits.dtype)[finite], values.view(bits.dtype)[finite])
    assert np.isnan(read[~finite]).all()


def test_names_are_quoted(tmp_path):
    write_table(tmp_path / "t.csv", {'a,"b"': np.array([1])}, {})
    assert list(read_csv(tmp_path / "t.csv")) == ['a,"b"']


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_no_rows(tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    write_table(tmp_path / f"t{suffix}", {"x": np.empty(0), "y": np.empty(0, np.int32)}, {})
    if suffix == ".csv":
        assert (tmp_path / "t.csv").read_text() == "x,y\n"
    else:
        with open_source(str(tmp_path / "t.parquet")) as source:
            assert source.entries == 0
            assert source.read(["y"], 0, 0)["y"].content.dtype == np.int32


def test_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    write_table(tmp_path / "t.parquet", COLUMNS, MASKS)
    table = parquet.read_table(tmp_path / "t.parquet").to_pydict()
    assert table["event"] == [2**64 - 1, 0, 7]
    assert table["charge"] == [None, 1, -1]
    assert table["good"] == [True, False, True]
    assert table["mass"] == [91.1876, None, 1e-300]
    assert repr(table["pt"]) == "[0.10000000149011612, nan, -inf]"
    assert table["region"] == COLUMNS["region"].tolist()
    assert leftovers(tmp_path) == ["t.parquet"]


def test_parquet_comes_back(tmp_path):
    pytest.importorskip("pyarrow")
    write_table(tmp_path / "t.parquet", COLUMNS, {})
    with open_source(str(tmp_path / "t.parquet")) as source:
        assert dict(source.unreadable) == {"region": "string"}
        for name, column in source.read(list(source.columns), 0, 3).items():
            assert column.content.dtype == COLUMNS[name].dtype
            assert np.array_equal(column.content, COLUMNS[name], equal_nan=name == "pt")


def test_many_rows(tmp_path):
    """More than are written at a time: all are there, each number with all its digits."""
    rng = np.random.default_rng(0)
    columns = {f"x{k}": rng.normal(size=100_000).astype([np.float32, np.float64][k % 2]) for k in range(2)}
    there = rng.random(100_000) < 0.5
    write_table(tmp_path / "t.csv", columns, {"x1": there})
    rows = [line.split(",") for line in (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["x0", "x1"]
    assert np.array_equal(np.array([r[0] for r in rows[1:]], np.float32), columns["x0"])
    assert np.array_equal([r[1] != "" for r in rows[1:]], there)
    assert np.array_equal([float(r[1]) for r in rows[1:] if r[1]], columns["x1"][there])


def test_columns_of_different_lengths(tmp_path):
    with pytest.raises(ValueError, match="different lengths"):
        write_table(tmp_path / "t.csv", {"x": np.zeros(2), "y": np.zeros(3)}, {})
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("name", ["t.xlsx", "t", "t.CSV", "t.csv.gz"])
def test_unknown_suffix(tmp_path, name):
    with pytest.raises(HzdslError, match="tables are not written as") as caught:
        write_table(tmp_path / name, COLUMNS, {})
    assert (caught.value.code, caught.value.fix) == ("options", "end the name in .csv or .parquet")


def test_a_good_file_is_replaced(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("old")
    write_table(path, {"x": np.array([1])}, {})
    assert path.read_text() == "x\n1\n"


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_failure_keeps_the_old_file(tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"t{suffix}"
    path.write_text("old")
    with pytest.raises(Exception):  # noqa: B017, PT011  whatever comes out of an object that no one can write
        write_table(path, {"x": np.array([1, 2]), "y": np.array([Unwritable(), Unwritable()])}, {})
    assert path.read_text() == "old"
    assert leftovers(tmp_path, path.name) == []


class Unwritable:
    def __str__(self):
        raise RuntimeError("no text")


def interrupted(path, error):
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"half")
        raise error


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_block_leaves_nothing(tmp_path, error):
    with pytest.raises(error):
        interrupted(tmp_path / "plot.png", error)
    assert leftovers(tmp_path) == []


def test_the_temporary_file_is_a_sibling_with_the_same_suffix(tmp_path):
    with atomic_path(tmp_path / "plot.png") as temporary:
        assert (temporary.parent, temporary.suffix) == (tmp_path, ".png")
        assert not (tmp_path / "plot.png").exists()
        temporary.write_bytes(b"whole")
    assert (tmp_path / "plot.png").read_bytes() == b"whole"


def test_a_full_disk(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("old")
    with pytest.raises(HzdslError, match="No space left") as caught, atomic_path(path):
        raise OSError(28, "No space left on device")
    assert caught.value.code == "output"
    assert path.read_text() == "old"
    assert leftovers(tmp_path, "t.txt") == []


def test_text(tmp_path):
    write_text(tmp_path / "a.txt", "Δφ\n")
    assert (tmp_path / "a.txt").read_bytes() == "Δφ\n".encode()
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o666 & ~mask


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_device_is_written_directly():
    write_text(os.devnull, "text")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_no_such_directory(tmp_path):
    with pytest.raises(HzdslError) as caught:
        write_text(tmp_path / "no" / "a.txt", "text")
    assert (caught.value.code, caught.value.fix) == ("output", f"make the directory {tmp_path}/no")


def test_a_directory_in_the_way(tmp_path):
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(HzdslError, match="it is a directory") as caught:
        write_table(tmp_path / "t.csv", COLUMNS, {})
    assert caught.value.code == "output"
    assert leftovers(tmp_path, "t.csv") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(HzdslError) as caught:
        write_text(tmp_path / "a.txt", "text")
    assert caught.value.code == "output"


def test_without_pyarrow(tmp_path, monkeypatch):
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(HzdslError, match="Parquet needs pyarrow") as caught:
        write_table(tmp_path / "t.parquet", COLUMNS, {})
    assert (caught.value.code, leftovers(tmp_path)) == ("library-missing", [])
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + bytes(12) + b"PAR1")
    with pytest.raises(HzdslError, match="Parquet files need pyarrow") as caught:
        open_source(str(tmp_path / "a.parquet"))
    assert caught.value.fix == "pip install 'hzdsl[parquet]'"
