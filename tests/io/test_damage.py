"""Files that are missing, foreign, cut short or damaged: one sentence each, and never other values."""

from __future__ import annotations

import os
import struct

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.histograms import read_histogram
from hzdsl.io.opening import open_source


def read_everything(path, tree=None):
    with open_source(str(path), tree) as source:
        return source.read(list(source.columns), 0, source.entries)


def same_columns(left, right):
    return all(
        np.array_equal(left[name].content, right[name].content, equal_nan=left[name].content.dtype.kind == "f")
        and np.array_equal(left[name].offsets, right[name].offsets)
        for name in right
    )


def outcome(read):
    """What a function returns, or the code of the error of hzdsl that it raises; other errors are errors."""
    try:
        return read()
    except HzdslError as error:
        return error.code


def code_of(path, tree=None):
    with pytest.raises(HzdslError) as caught:
        read_everything(path, tree)
    return caught.value.code


def test_missing_file_with_a_sibling(event_file):
    path = str(event_file).replace("events.root", "event.root")
    with pytest.raises(HzdslError) as caught:
        open_source(path)
    assert (caught.value.code, caught.value.message) == ("file-missing", f"there is no file {path}")
    assert caught.value.fix == f"did you mean {event_file}?"


def test_missing_file_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.root").touch()
    with pytest.raises(HzdslError) as caught:
        open_source("dta.root")
    assert caught.value.fix == "did you mean data.root?"
    with pytest.raises(HzdslError) as caught:
        open_source("x")
    assert caught.value.fix == "this directory has no file of a similar name"


def test_missing_directory(tmp_path):
    with pytest.raises(HzdslError) as caught:
        open_source(f"{tmp_path}/no/a.root")
    assert caught.value.code == "file-missing"
    assert caught.value.fix == f"the directory {tmp_path}/no does not exist either"


def test_a_file_used_as_a_directory(event_file):
    assert code_of(event_file / "a.root") == "file-missing"


def test_a_directory(tmp_path):
    with pytest.raises(HzdslError, match="is a directory") as caught:
        open_source(str(tmp_path))
    assert (caught.value.code, caught.value.fix) == (
        "file-format",
        f"give its files, such as {tmp_path}/*.root",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "secret.root"
    path.touch(0o000)
    assert code_of(path) == "file-missing"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"a,b\n1,2\n", b"x", b"rOOt" * 100])
@pytest.mark.parametrize("opened", [open_source, lambda path: read_histogram(path, "h")])
def test_a_file_of_another_format(tmp_path, content, opened):
    path = tmp_path / "a.root"
    path.write_bytes(content)
    with pytest.raises(HzdslError, match="is neither a ROOT nor a Parquet file") as caught:
        opened(str(path))
    assert caught.value.code == "file-format"


def test_a_histogram_of_a_parquet_file(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + bytes(12) + b"PAR1")
    with pytest.raises(HzdslError, match="is not a ROOT file"):
        read_histogram(str(path), "h")


def test_a_file_cut_at_any_length(event_file, tmp_path):
    whole = event_file.read_bytes()
    path = tmp_path / "cut.root"
    lengths = {*range(100), *range(100, len(whole), len(whole) // 150), *range(len(whole) - 20, len(whole))}
    for length in sorted(lengths):
        path.write_bytes(whole[:length])
        assert code_of(path) == "file-truncated", length
        with pytest.raises(HzdslError) as caught:
            read_histogram(str(path), "hist")
        assert caught.value.code == "file-truncated"


def test_a_cut_file_says_how_much_is_missing(event_file, tmp_path):
    path = tmp_path / "cut.root"
    size = event_file.stat().st_size
    path.write_bytes(event_file.read_bytes()[: size // 2])
    with pytest.raises(HzdslError) as caught:
        open_source(str(path))
    assert caught.value.message == f"{path} ends after {size // 2} bytes, but its header says it has {size}"
    assert caught.value.fix == "copy or download the file again"


@pytest.mark.parametrize("tree", ["kinds", "ntuple"])
def test_a_cut_file_written_by_root(root_written, tmp_path, tree):
    whole = root_written.read_bytes()
    path = tmp_path / "cut.root"
    for length in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:length])
        assert code_of(path, tree) == "file-truncated"


def test_a_cut_file_whose_header_lies(event_file, tmp_path):
    """Even if the header states the shorter length: an error, or the true values where all are there."""
    whole = event_file.read_bytes()
    true = read_everything(event_file)
    path = tmp_path / "cut.root"
    for length in range(64, len(whole), len(whole) // 60):
        path.write_bytes(whole[:12] + struct.pack(">i", length) + whole[16:length])
        read = outcome(lambda: read_everything(path))
        assert read in ("file-truncated", "tree-missing") or same_columns(read, true)


def test_a_file_that_was_never_closed(event_file, tmp_path):
    path = tmp_path / "open.root"
    whole = event_file.read_bytes()
    path.write_bytes(whole[:12] + bytes(4) + whole[16:])
    with pytest.raises(HzdslError, match="was never closed") as caught:
        open_source(str(path))
    assert caught.value.code == "file-truncated"


def test_a_file_longer_than_its_header_says(event_file, tmp_path):
    path = tmp_path / "long.root"
    path.write_bytes(event_file.read_bytes() + bytes(100))
    assert same_columns(read_everything(path), read_everything(event_file))


@pytest.fixture(scope="module")
def baskets(event_file):
    """Where the baskets of Muon_pt lie."""
    import uproot

    with uproot.open(event_file) as file:
        branch = file["Events"]["Muon_pt"]
        return [place for _, place in branch.entries_to_ranges_or_baskets(0, 1000)]


def test_a_damaged_basket_is_named(event_file, baskets, tmp_path):
    whole = bytearray(event_file.read_bytes())
    start, stop = baskets[1]
    whole[(start + stop) // 2] ^= 0xFF
    path = tmp_path / "damaged.root"
    path.write_bytes(whole)
    with open_source(str(path)) as source:
        assert len(source.read(["Muon_pt"], 0, 250)["Muon_pt"].offsets) == 251
        with pytest.raises(HzdslError, match="damaged") as caught:
            source.read(["Muon_eta", "Muon_pt"], 0, 1000)
    assert caught.value.code == "file-truncated"
    assert caught.value.message.startswith(f"the branch Muon_pt in tree Events of {path} is damaged (")


def test_any_flipped_byte_of_a_basket(event_file, baskets, tmp_path):
    """An error or the true values (a date in a key, say, is nobody's business), never anything else."""
    whole = event_file.read_bytes()
    with open_source(str(event_file)) as source:
        true = source.read(["Muon_pt"], 0, 1000)
    start, stop = baskets[2]
    path = tmp_path / "flipped.root"
    noticed = 0
    for place in range(start, stop, 7):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << (place % 8)
        path.write_bytes(flipped)
        with open_source(str(path)) as source:
            read = outcome(lambda: source.read(["Muon_pt"], 0, 1000))
        assert read == "file-truncated" or same_columns(read, true)
        noticed += read == "file-truncated"
    assert noticed > 0.8 * (stop - start) / 7


def test_flipped_bytes_anywhere(event_file, tmp_path):
    whole = event_file.read_bytes()
    path = tmp_path / "flipped.root"
    rng = np.random.default_rng(3)
    for place in rng.integers(0, len(whole), 60):
        flipped = bytearray(whole)
        flipped[place] ^= 0xFF
        path.write_bytes(flipped)
        read = outcome(lambda: read_everything(path))
        assert isinstance(read, dict) or read in {"file-truncated", "file-format", "tree-missing"}


def test_lists_that_disagree_with_their_counter(tmp_path):
    """Without compression there is no checksum; lists of one counter give damage away all the same."""
    import awkward as ak
    import uproot

    path = tmp_path / "plain.root"
    jagged = ak.Array([[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]])
    with uproot.recreate(path, compression=None) as file:
        tree = file.mktree("t", {"mu": ak.zip({"pt": jagged, "eta": jagged}).type.content})
        tree.extend({"mu": ak.zip({"pt": jagged, "eta": jagged})})
    with uproot.open(path) as file:
        ((start, _),) = (place for _, place in file["t"]["mu_pt"].entries_to_ranges_or_baskets(0, 3))
        border = file["t"]["mu_pt"].basket(0).border
    whole = bytearray(path.read_bytes())
    (key,) = struct.unpack_from(">h", whole, start + 14)
    # after the values: how many offsets there are, and the offsets, of which the second is moved by one float
    place = start + key + border + 8
    assert struct.unpack_from(">i", whole, place) == (key + 16,)
    struct.pack_into(">i", whole, place, key + 8)
    path.write_bytes(whole)
    with open_source(str(path)) as source:
        for names in (["mu_pt", "nmu"], ["mu_pt"]):
            with pytest.raises(HzdslError, match="other lengths than its counter nmu says") as caught:
                source.read(names, 0, 3)
            assert caught.value.code == "file-truncated"
        with pytest.raises(HzdslError, match="other lengths than mu_eta, though nmu counts both"):
            source.read(["mu_eta", "mu_pt"], 0, 3)
        assert len(source.read(["mu_eta"], 0, 3)["mu_eta"].content) == 6
