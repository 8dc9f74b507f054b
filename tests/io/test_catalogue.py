"""What is known of a tree that was opened before: the same as uproot says, of files with the same bytes alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from hzdsl.caches import Cache
from hzdsl.errors import HzdslError
from hzdsl.io import branches
from hzdsl.io.catalogue import catalogue_cache
from hzdsl.io.catalogue.facts import from_stored
from hzdsl.io.catalogue.witness import Witness
from hzdsl.io.opening import open_source
from hzdsl.io.storage import LocalFile
from tests.event_files import fill, write, write_ntuple
from tests.io.compare import told
from tests.io.test_baskets import random_columns


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch) -> Path:
    """A cache of each test's own."""
    monkeypatch.setenv("HZDSL_CACHE", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    """A tree of 300 entries in five sets of baskets, beside another tree."""
    path = tmp_path_factory.mktemp("packed") / "packed.root"
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        fill(file, "Events", random_columns(np.random.default_rng(3), 300), 5)
        fill(file, "dir/Other", {"x": np.arange(10.0), "flat_n": np.arange(10)}, 2)
    return path


def asked_uproot(source) -> bool:
    return source._known._opened is not None


def told_twice(path, tree=None, names=None):
    """What is told when nothing is known, then when something is, and whether uproot was asked again."""
    with open_source(str(path), tree) as source:
        assert asked_uproot(source)
        first = told(source, names)
    with open_source(str(path), tree) as source:
        second = told(source, names)
        again = asked_uproot(source)
    return first, second, again


def entries() -> list[Path]:
    return list(catalogue_cache().sizes())


def known(path: Path):
    """The catalogue in a file of the cache."""
    return from_stored(catalogue_cache().get(path.stem))


# ---- the same ------------------------------------------------------------------------------------------------------


def test_ordinary_trees_need_no_uproot(packed):
    first, second, again = told_twice(packed)
    assert first == second
    assert len(first["columns"]) > 30
    assert all(first["ordinary"])
    assert not again


def test_unusual_branches(root_written):
    """Leaf lists, vectors, arrays, objects: known as they were; uproot reads their values."""
    with uproot.open(root_written) as file:
        trees = [n for n, kind in file.classnames(cycle=False).items() if kind == "TTree"]
    unusual = 0
    for tree in trees:
        first, second, again = told_twice(root_written, tree)
        assert first == second, tree
        assert again == (not all(first["ordinary"]))
        unusual += first["ordinary"].count(False)
    assert unusual > 5


@pytest.mark.shared
def test_xaod(shared):
    """Numbers, lists and lists of lists in split classes: known as they were, whatever reads them."""
    path = shared / "atlas_physlite" / "PHYSLITE_example.root"
    names = [
        *("EventInfoAuxDyn.eventTypeBitmask", "EventInfoAuxDyn.mcEventWeights", "AnalysisElectronsAuxDyn.pt"),
        *("AnalysisJetsAuxDyn.NumTrkPt1000", "AnalysisMuonsAuxDyn.charge"),
    ]
    first, second, again = told_twice(path, "CollectionTree", names)
    assert first == second
    assert first["unreadable"]
    assert again == (not all(first["ordinary"]))


@pytest.mark.parametrize(("tree", "name"), [("dir/Other", "dir/Other"), ("Events", "Events")])
def test_trees_of_one_file_are_known_apart(packed, tree, name):
    with open_source(str(packed), "Events"), open_source(str(packed), "dir/Other"):
        pass
    assert {known(path).tree for path in entries()} == {"Events", "dir/Other"}
    with open_source(str(packed), tree) as source:
        assert (source.tree, source.entries) == (name, 300 if name == "Events" else 10)
        assert not asked_uproot(source)


def test_the_tree_read_by_default(packed, tmp_path):
    only = write(tmp_path / "only.root", {"x": np.arange(3)}, tree="mini")
    for path, tree in ((packed, "Events"), (only, "mini")):
        first, second, again = told_twice(path)
        assert first == second
        assert (second["tree"][0], again) == (tree, False)


def test_an_empty_tree(tmp_path):
    with uproot.recreate(tmp_path / "empty.root") as file:
        file.mktree("Events", {"x": np.float64, "y": "var * float32"})
    first, second, _ = told_twice(tmp_path / "empty.root")
    assert first == second


def test_an_ntuple_is_left_to_uproot(tmp_path):
    path = write_ntuple(tmp_path / "a.root", {"x": np.arange(5)})
    for _ in range(2):
        with open_source(str(path)) as source:
            assert list(source.columns) == ["x"]
    assert entries() == []


@pytest.mark.parametrize(
    ("tree", "columns"), [("Evnts", []), (None, []), ("Events", ["flat_u3"]), ("Events", ["text"])]
)
def test_errors_stay_the_same(tmp_path, tree, columns):
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        for name in ("One", "Two") if tree is None else ("Events", "Other"):
            made = file.mktree(name, {"flat_u1": "u1", "text": "string"})
            made.extend({"flat_u1": np.arange(3, dtype="u1"), "text": ak.Array(["a", "b", "c"])})
    said = {refusal(path, tree, columns) for _ in range(3)}
    assert len(said) == 1
    assert "" not in said


def refusal(path, tree, columns) -> str:
    """What is said of columns that cannot be read, after one that can."""
    try:
        with open_source(str(path), tree) as source:
            assert source.columns["flat_u1"].dtype == "u1"
            source.read(columns, 0, 1)
    except HzdslError as error:
        return str(error)
    return ""


def test_what_is_asked_later_is_added(packed):
    with open_source(str(packed)) as source:
        source.pieces("Muon_f4")
    for name, again in (("Jet_i8", True), ("Muon_f4", False), ("Jet_i8", False)):
        with open_source(str(packed)) as source:
            source.pieces(name)
            assert asked_uproot(source) == again
    assert len(entries()) == 1
    assert known(entries()[0]).names is None  # who asks for some is not told of all


def test_what_is_not_there_is_known_too(packed):
    for again in (True, False):
        with open_source(str(packed)) as source:
            assert "genWeight" not in source.columns
            assert asked_uproot(source) == again


def test_a_copy_is_known(packed, tmp_path):
    with open_source(str(packed)) as source:
        first = told(source)
    with open_source(shutil.copy(packed, tmp_path / "copy.root")) as source:
        assert told(source) == first
        assert not asked_uproot(source)


# ---- never stale ---------------------------------------------------------------------------------------------------


def alike(folder: Path) -> tuple[Path, Path]:
    """Two files of one length that begin with the same bytes, whose branch `x` has another type, and other values."""
    paths = []
    for dtype in ("i4", "f4"):
        path = folder / f"{dtype}.root"
        with uproot.recreate(path, compression=None) as file:
            fill(file, "Events", {"x": np.arange(100).astype(dtype)}, 4)
        paths.append(path)
    one, other = paths
    data = bytearray(other.read_bytes())
    data[:128] = one.read_bytes()[:128]
    other.write_bytes(data)
    assert one.stat().st_size == other.stat().st_size
    return one, other


def test_a_file_overwritten_in_place(tmp_path):
    """The same path, length, time of change and header: other bytes are noticed."""
    one, other = alike(tmp_path)
    times = one.stat()
    for path, dtype in ((one, "i4"), (other, "f4"), (one, "i4")):
        target = tmp_path / "a.root"
        target.write_bytes(path.read_bytes())
        os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
        with open_source(str(target)) as source:
            assert asked_uproot(source)
            assert source.columns["x"].dtype == dtype
            assert source.read(["x"], 0, 100)["x"].content.tolist() == list(range(100))
    assert len(entries()) == 1


def test_whatever_uproot_looked_at_decides(packed, tmp_path):
    """Each of many bytes changed, one at a time: where uproot read, nothing is believed; elsewhere, everything."""
    with open_source(str(packed)) as source:
        told(source)
    seen = known(entries()[0]).seen
    ranges = [range(start, start + length) for start, length in seen]
    whole, path, rng = packed.read_bytes(), tmp_path / "changed.root", np.random.default_rng(4)
    inside = [int(rng.choice(r)) for r in ranges for _ in range(8)]
    outside = [p for p in rng.integers(128, len(whole), 30).tolist() if not any(p in r for r in ranges)]
    assert len(outside) > 10
    for place in inside + outside:
        changed = bytearray(whole)
        changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        try:
            with open_source(str(path)) as source:
                assert asked_uproot(source) == (place in inside)
                source._known._learnt = False  # the entry stays that of the whole file
        except HzdslError:
            assert place in inside


def test_damaged_entries_are_made_again(packed):
    first, *_ = told_twice(packed)
    (entry,) = entries()
    good, rng = entry.read_bytes(), np.random.default_rng(5)
    damaged = [good[:n] for n in rng.integers(0, len(good), 4).tolist()]
    damaged += [good[:n] + bytes([good[n] ^ 1]) + good[n + 1 :] for n in rng.integers(0, len(good), 4).tolist()]
    for data in damaged:
        entry.write_bytes(data)
        with open_source(str(packed)) as source:
            assert asked_uproot(source)
            assert told(source) == first
        assert entry.read_bytes() != data
        assert known(entry).tree == "Events"


def test_the_entry_of_another_file_is_not_believed(packed, tmp_path):
    """Neither under another name, nor signed for it."""
    other = write(tmp_path / "other.root", {"x": np.arange(7)})
    with open_source(str(packed)) as source:
        told(source)
    (foreign,) = entries()
    with open_source(str(other)) as source:
        first = told(source)
    (mine,) = set(entries()) - {foreign}
    stored = catalogue_cache().get(foreign.stem)
    for forge in (lambda: shutil.copy(foreign, mine), lambda: catalogue_cache().put(mine.stem, stored)):
        forge()
        with open_source(str(other)) as source:
            assert asked_uproot(source)
            assert told(source) == first


def test_a_file_that_changes_while_it_is_open(packed, tmp_path):
    """Uproot, when it is asked at last, must see what was seen before."""
    path = shutil.copy(packed, tmp_path / "a.root")
    with open_source(path) as source:
        source.pieces("Muon_f4")
    (start, length), *_ = sorted(known(entries()[0]).seen, key=lambda r: -r[1])
    with open_source(path) as source:
        source.pieces("Muon_f4")
        with open(path, "r+b") as file:
            file.seek(start + length // 2)
            file.write(b"\0" * 16)
        with pytest.raises(HzdslError, match="has changed since it was opened") as error:
            source.pieces("Jet_i8")
    assert error.value.code == "file-changed"


def test_classes_read_with_values_are_part_of_what_was_seen(tmp_path):
    """Uproot keeps what it knows of classes: that it read them for values must not hide what columns rest on."""
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(200)))
    with closing(LocalFile(str(path))) as file:
        witness = Witness(file, {})
        witness.classes = range(100, 150)
        for start, length in ((0, 10), (100, 34), (134, 16), (150, 10)):
            witness.read_at(start, length)
        with witness.recording():
            witness.read_at(20, 5)
    assert list(witness.seen) == [(100, 34), (134, 16), (20, 5)]


def test_failures_are_not_remembered(packed, monkeypatch):
    """What could not be found out this time is asked again next time."""
    with monkeypatch.context() as patch, open_source(str(packed)) as source:
        patch.setattr(branches, "_shape", lambda entry: 1 / 0)
        assert source.unreadable["flat_u1"] == "type that cannot be interpreted"
    for again in (True, False):
        with open_source(str(packed)) as source:
            assert source.columns["flat_u1"].dtype == "u1"
            assert asked_uproot(source) == again


def test_reads_that_failed_are_not_remembered(packed, monkeypatch):
    """Whoever asked may have gone on without."""
    read, failing = LocalFile.read_at, iter([True])

    def read_at(self, start, length):
        if length == 403 and next(failing, False):
            raise OSError(5, "Input/output error")
        return read(self, start, length)

    monkeypatch.setattr(LocalFile, "read_at", read_at)
    with pytest.raises(HzdslError, match="Input/output error"), open_source(str(packed)):
        pass
    assert entries() == []
    failing = iter([True])
    with closing(LocalFile(str(packed))) as file:
        witness = Witness(file, {})
        with witness.recording(), pytest.raises(OSError, match="Input"):
            witness.read_at(0, 403)
    assert not witness.complete


def test_other_versions_describe_again(packed, monkeypatch):
    with open_source(str(packed)) as source:
        first = told(source)
    monkeypatch.setattr("hzdsl.io.catalogue.kept._describers", lambda: "another uproot")
    with open_source(str(packed)) as source:
        assert asked_uproot(source)
        assert told(source) == first


# ---- many at once, and nowhere to keep it --------------------------------------------------------------------------


def test_several_processes(packed, tmp_path, own):
    """Each asks for other columns of the same files, again and again; all are told the same."""
    paths = [shutil.copy(packed, tmp_path / f"{k}.root") for k in range(2)]
    paths.append(str(write(tmp_path / "other.root", {n: np.arange(50) for n in ("flat_i4", "flat_u1", "flat_f8")})))
    program = """
import sys
from hzdsl.io.opening import open_source
name, *paths = sys.argv[1:]
for _ in range(6):
    for path in paths:
        with open_source(path) as source:
            print(source.columns[name], source.boundaries([name]), source.read([name], 0, 50)[name].content.sum())
"""
    command = [sys.executable, "-c", program]
    running = [
        subprocess.Popen([*command, name, *paths], stdout=subprocess.PIPE, text=True)
        for name in ("flat_i4", "flat_u1", "flat_i4", "flat_u1")
    ]
    said = [p.communicate()[0].splitlines() for p in running]
    assert [p.returncode for p in running] == [0] * 4
    assert said[0] == said[2]
    assert said[1] == said[3]
    assert [len(set(lines)) for lines in said] == [2] * 4  # those of the copies, and of the other file
    assert sorted(os.listdir(own / "catalogues")) == sorted(p.name for p in entries())
    assert all(known(path).tree == "Events" for path in entries())
    assert len(entries()) == 2


@pytest.mark.parametrize("problem", ["a file in the way", "others may write", "read-only"])
def test_where_nothing_can_be_kept(problem, packed, own, capsys, monkeypatch):
    if problem == "a file in the way":
        own.write_text("")
    elif problem == "others may write":
        (own / "catalogues").mkdir(parents=True)
        (own / "catalogues").chmod(0o777)
    else:
        (own / "catalogues").mkdir(parents=True)
        monkeypatch.setattr(os, "access", lambda path, mode, **_: not mode & os.W_OK)
    first, second, again = told_twice(packed)
    assert first == second
    assert again
    assert capsys.readouterr() == ("", "")
    assert not own.is_dir() or os.listdir(own / "catalogues") == []


def test_writing_an_entry_does_not_look_at_all_others(tmp_path, monkeypatch):
    looked = []
    monkeypatch.setattr(Cache, "_trim", lambda self: looked.append(self.folder))
    files = 40
    for k in range(files):
        path = write(tmp_path / f"{k}.root", {"x": np.arange(2) + k}, baskets=1)
        open_source(str(path)).close()
    assert len(entries()) == files
    assert len(looked) <= 3  # of 40, each with a chance of 1 in 1000


def test_threads_ask_at_once(packed):
    """The file is opened once, whoever comes first."""
    from concurrent.futures import ThreadPoolExecutor

    open_source(str(packed)).close()
    with open_source(str(packed)) as source, ThreadPoolExecutor(8) as pool:
        names = list(random_columns(np.random.default_rng(3), 2))[:8]
        found = list(pool.map(lambda n: source.boundaries([n]), [n for n in names if n.startswith("flat")]))
    assert all(f == [0, 60, 120, 180, 240, 300] for f in found)
    first, second, again = told_twice_known(packed)
    assert first == second
    assert not again


def told_twice_known(path):
    """As `told_twice`, of a tree that is known already."""
    with open_source(str(path)) as source:
        first = told(source)
    with open_source(str(path)) as source:
        return first, told(source), asked_uproot(source)


def test_lists_of_every_shape(tmp_path):
    """Nested lists and fixed arrays beside counted ones, with negative, large and empty offsets among the numbers."""
    rng = np.random.default_rng(6)
    counts = rng.integers(0, 4, 70)
    columns = {
        "box": rng.normal(size=(70, 3)).astype("f4"),
        "one": ak.unflatten(rng.normal(size=int(counts.sum())), counts),
        "flag": rng.random(70) < 0.5,
    }
    first, second, _ = told_twice(write(tmp_path / "a.root", columns, baskets=9))
    assert first == second
