"""The native path for ordinary baskets reads what uproot reads, whatever the method of packing, and notices damage."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import struct
import subprocess
import sys
import zlib

import awkward as ak
import numpy as np
import pytest
import uproot

from hzdsl.errors import HzdslError
from hzdsl.io.baskets import codecs, loop, reader, tables
from hzdsl.io.baskets.memory import Memory
from hzdsl.io.opening import open_source
from hzdsl.io.storage import LocalFile
from tests.event_files import fill
from tests.io.compare import same

PACKING = {
    "zlib": uproot.ZLIB(1),
    "zlib9": uproot.ZLIB(9),
    "lzma": uproot.LZMA(1),
    "lz4": uproot.LZ4(1),
    "zstd": uproot.ZSTD(1),
    "plain": None,
}
CHECKED = ("zlib", "lzma", "lz4")
TYPES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")


def random_columns(rng, n):
    """Columns of every type, flat and in two collections of their own lengths."""
    columns = {f"flat_{t}".replace("?", "b"): random_values(rng, t, n) for t in TYPES}
    columns["flat_n"] = np.arange(n) % 50
    for name, most in (("Muon", 4), ("Jet", 12)):
        counts = rng.integers(0, most, n)
        total = int(counts.sum())
        fields = {t.replace("?", "b"): random_values(rng, t, total) for t in TYPES}
        columns[name] = ak.unflatten(ak.zip(fields), counts)
    return columns


def random_values(rng, kind, n):
    """Values of all bits: infinities, NaN and the greatest integers are among them."""
    dtype = np.dtype(kind)
    if dtype.kind == "b":
        return rng.random(n) < 0.5
    values = np.frombuffer(rng.bytes(n * dtype.itemsize), dtype)
    return values if rng.random() < 0.5 else (np.arange(n) % 50).astype(dtype)  # what packs well, too


@pytest.fixture(scope="module", params=PACKING)
def packed(request, tmp_path_factory):
    """A tree of 600 entries in seven sets of baskets."""
    path = tmp_path_factory.mktemp("packed") / f"{request.param}.root"
    rng = np.random.default_rng([5, list(PACKING).index(request.param)])
    with uproot.recreate(path, compression=PACKING[request.param]) as file:
        fill(file, "Events", random_columns(rng, 600), 7)
    return path


def read_by_uproot(path, names, start, stop):
    with uproot.open(path) as file:
        return {n: file["Events"][n].array(entry_start=start, entry_stop=stop) for n in names}


def test_equal_to_uproot(packed):
    rng = np.random.default_rng(11)
    with open_source(str(packed)) as source:
        names = list(source.columns)
        assert len(names) == 3 * len(TYPES) + 3
        for start, stop in [(0, 600), (86, 172), (0, 1), (599, 600), (85, 87), *np.sort(rng.integers(0, 601, (8, 2)))]:
            read = source.read(names, int(start), int(stop))
            for name, array in read_by_uproot(packed, names, start, stop).items():
                assert same(read[name], array, source.columns[name].dtype), (name, start, stop)
        assert all(source.is_ordinary(n) for n in names)  # that is: uproot was not asked


def test_any_choice_of_columns(packed):
    """A collection is read without its counter, counters without their collections."""
    rng = np.random.default_rng(12)
    with open_source(str(packed)) as source:
        every = list(source.columns)
        for _ in range(20):
            names = rng.choice(every, rng.integers(1, 6), replace=False).tolist()
            start, stop = sorted(rng.integers(0, 601, 2).tolist())
            read = source.read(names, start, stop)
            assert list(read) == names
            for name, array in read_by_uproot(packed, names, start, stop).items():
                assert same(read[name], array, source.columns[name].dtype), (name, start, stop)


def test_as_stored(packed):
    with open_source(str(packed)) as source:
        names = list(source.columns)
        stored, native = (source.read(names, 100, 500, as_stored=x) for x in (True, False))
        assert stored["Jet_f4"].content.dtype == ">f4"
        for name in names:
            assert stored[name].content.astype(native[name].content.dtype).tobytes() == native[name].content.tobytes()
        assert stored["nJet"].counted is stored["Jet_f4"].offsets is stored["Jet_i8"].offsets


def test_trusting_gives_the_same(packed):
    with open_source(str(packed)) as source:
        names = list(source.columns)
        checked = source.read(names, 50, 450)
        source._reader = reader.BasketReader(source._storage, trust=True)
        trusted = source.read(names, 50, 450)
        assert all(source.is_ordinary(n) for n in names)
    for name in names:
        assert trusted[name].content.tobytes() == checked[name].content.tobytes(), name


def test_threads(packed):
    with open_source(str(packed)) as source:
        names = list(source.columns)
        whole = source.read(names, 0, 600)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            parts = list(pool.map(lambda k: source.read(names, k, k + 30), range(0, 600, 30)))
    for name in names:
        assert np.concatenate([p[name].content for p in parts]).tobytes() == whole[name].content.tobytes()


def test_without_a_library(packed, monkeypatch):
    """A method whose library is not there is left to uproot."""
    monkeypatch.setattr(reader, "addresses", lambda: {"pread": codecs.addresses()["pread"]})
    reader._loop.cache_clear()
    try:
        with open_source(str(packed)) as source:
            names = ["nMuon", "Muon_f4", "flat_i8"]
            read = source.read(names, 0, 600)
            assert source.is_ordinary("nMuon") == (packed.stem == "plain")
    finally:
        reader._loop.cache_clear()
    for name, array in read_by_uproot(packed, names, 0, 600).items():
        assert same(read[name], array, read[name].content.dtype), name


def packed_basket(path, name):
    """Where a basket lies; uproot stores what does not get smaller as it is."""
    with uproot.open(path) as file:
        branch = file["Events"][name]
        assert path.stem == "plain" or branch.basket(3).block_compression_info
        return branch.entries_to_ranges_or_baskets(0, 600)[3][1]


@pytest.mark.parametrize("name", ["Jet_b", "nMuon", "flat_n"])
def test_flipped_bits(packed, name, tmp_path):
    """An error or the true values; without a checksum at least never lists that do not fit, and never a crash."""
    whole = packed.read_bytes()
    names = ["nJet", "Jet_b", "nMuon", "Muon_u1", "flat_n"]
    with open_source(str(packed)) as source:
        true = {n: c.content.tobytes() for n, c in source.read(names, 0, 600).items()}
    start, stop = packed_basket(packed, name)
    rng = np.random.default_rng(13)
    path = tmp_path / "flipped.root"
    noticed = 0
    for place in rng.integers(start, stop, 15):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(flipped)
        try:
            with open_source(str(path)) as source:
                read = source.read(names, 0, 600)
        except HzdslError as error:
            assert error.code == "file-truncated"
            noticed += 1
            continue
        if packed.stem.startswith(CHECKED):
            assert {n: c.content.tobytes() for n, c in read.items()} == true
        for column in read.values():
            assert column.offsets is None or column.offsets[-1] == len(column.content)
    assert noticed > 2 or not packed.stem.startswith(CHECKED)


@pytest.mark.parametrize("dtype", [">i4", ">u4", "i1", "u1", ">i2", ">u2", ">i8", ">u8"])
@pytest.mark.parametrize(("lengths", "offsets"), [([2, 0, 3], [0, 2, 2, 5]), ([], [0]), ([1, -1], None), ([-2], None)])
def test_lengths_add_up(dtype, lengths, offsets):
    counts = np.array(lengths, np.int64).astype(dtype)
    if offsets is None and np.dtype(dtype).kind == "u":
        offsets = np.cumsum([0, *counts.tolist()]).tolist() if np.dtype(dtype).itemsize < 4 else None
    found = reader._added_up(tables.Values(counts, 0))
    assert (None if found is None else found.offsets.tolist()) == offsets


def test_trusting_a_stored_block_that_goes_beyond_the_values(tmp_path, monkeypatch):
    """Deflate may store 65 535 bytes as they are, and libdeflate copies nothing of a block that does not fit."""
    import uproot.compression

    values = np.frombuffer(np.random.default_rng(1).bytes(18_666), "u1")
    lists = ak.unflatten(values, np.tile([0, 1, 1], 9333))
    beyond = len(values) + 2000

    def compress(self, data):
        head = struct.pack("<BHH", 0, beyond, beyond ^ 0xFFFF) + bytes(data[:beyond])
        rest = zlib.compressobj(6, zlib.DEFLATED, -15)
        return (
            b"\x78\x9c"
            + head
            + rest.compress(bytes(data[beyond:]))
            + rest.flush()
            + struct.pack(">I", zlib.adler32(data))
        )

    path = tmp_path / "stored.root"
    with uproot.recreate(path, compression=uproot.ZLIB(6)) as file:
        tree = file.mktree("Events", {"x": "var * uint8"})
        with monkeypatch.context() as patch:
            patch.setattr(uproot.compression.ZLIB, "compress", compress)
            for _ in range(2):
                tree.extend({"x": lists})
    with open_source(str(path), trust=True) as source:
        read = source.read(["x"], 0, 2 * len(lists))["x"]
        assert source.is_ordinary("x")
    assert np.array_equal(read.content, np.tile(values, 2))


def test_memory_is_taken_again_when_nobody_looks_at_it():
    memory = Memory()
    seen = [memory.take(1000)[10:20] for _ in range(3)]
    assert len({x.base.ctypes.data for x in seen}) == 3
    place = seen.pop(1).base.ctypes.data
    assert memory.take(990).ctypes.data == place
    assert {x.base.ctypes.data for x in seen} == {h.memory.ctypes.data for h in memory._held} - {place}
    for size in range(1000, 5000, 10):
        memory.take(size)
    assert len(memory._held) < 8  # what is too small is let go


def test_what_was_read_stays_as_it_is(packed):
    """Also a part of one column, when the rest has been forgotten."""
    with open_source(str(packed)) as source:
        names = list(source.columns)
        kept = source.read(names, 0, 86, as_stored=True)["Jet_f4"].content[5:]
        before = kept.tobytes()
        for start in range(0, 600, 30):
            source.read(names, start, min(600, start + 86), as_stored=True)
    assert kept.tobytes() == before


def test_counters_that_are_damaged_beyond_reason(tmp_path):
    """Without packing nothing tells a flipped bit of a counter but its lists; no memory is asked for on its word."""
    path = tmp_path / "plain.root"
    lists = ak.unflatten(np.arange(3000, dtype="f4"), np.full(1000, 3))
    with uproot.recreate(path, compression=None) as file:
        tree = file.mktree("Events", {"x": "var * float32"})
        tree.extend({"x": lists})
    with uproot.open(path) as file:
        (_, (_, stop)) = file["Events"]["nx"].entries_to_ranges_or_baskets(0, 1000)[0]
    whole = bytearray(path.read_bytes())
    for k in range(0, 4 * 300, 4):
        whole[stop - 4000 + k] ^= 0x7F  # the highest byte of a length
    path.write_bytes(whole)
    with open_source(str(path)) as source, pytest.raises(HzdslError) as caught:
        source.read(["nx", "x"], 0, 1000)
    assert caught.value.code == "file-truncated"


def baskets_of(source, *names):
    return {name: source._baskets_of(source.columns[name]) for name in names}


def test_a_basket_that_cannot_be_read_is_blamed_alone(tmp_path, monkeypatch):
    """Several are read at once; one that is elsewhere, or behind the end of the file, takes no other with it."""
    path = tmp_path / "cut.root"
    names = ["Jet_f4", "Muon_i8", "flat_i2", "nJet"]
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        fill(file, "Events", random_columns(np.random.default_rng(8), 600), 7)
    for name in names[:3]:
        with open_source(str(path)) as source:
            info, baskets = {n: source.columns[n] for n in names}, baskets_of(source, *names, "nMuon")
            true = source._reader.read(info, baskets, 0, 600)
            assert set(true) == set(names)
            damaged = {n: dataclasses.replace(b, seeks=b.seeks.copy()) for n, b in baskets.items()}
            for elsewhere in (10, path.stat().st_size - 100, path.stat().st_size + 10, -1, 2**63 - 5):
                damaged[name].seeks[4] = elsewhere
                read = reader.BasketReader(source._storage).read(info, damaged, 0, 600)
                assert set(read) == set(names) - {name}
                assert all(read[n].content.tobytes() == true[n].content.tobytes() for n in read)


@pytest.mark.parametrize("apart", [0, 1, loop.READ_ALONG, loop.READ_ALONG + 1, loop.READ_AT_ONCE])
def test_baskets_are_read_together_whatever_lies_between_them(tmp_path, apart):
    """In any order of the file, too: an earlier basket's offsets reach into the place of a later one's values."""
    path, moved = tmp_path / "given.root", tmp_path / "moved.root"
    names = ["Jet_f4", "Jet_i8", "Muon_u2", "flat_f8", "nJet"]
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        fill(file, "Events", random_columns(np.random.default_rng(9), 600), 7)
    with open_source(str(path)) as source:
        info, baskets = {n: source.columns[n] for n in names}, baskets_of(source, *names, "nMuon")
        true = source._reader.read(info, baskets, 0, 600)
    whole, rng = path.read_bytes(), np.random.default_rng(10)
    places = [(n, k) for n, b in baskets.items() for k in range(len(b.seeks))]
    anew, there = bytearray(), {n: dataclasses.replace(b, seeks=b.seeks.copy()) for n, b in baskets.items()}
    for place in rng.permutation(len(places)):
        name, k = places[place]
        seek, length = int(baskets[name].seeks[k]), int(baskets[name].lengths[k])
        there[name].seeks[k] = len(anew)
        anew += whole[seek : seek + length] + rng.bytes(apart)
    moved.write_bytes(anew[: len(anew) - apart])
    storage = LocalFile(str(moved))
    read = reader.BasketReader(storage).read(info, there, 0, 600)
    storage.close()
    assert {n: c.content.tobytes() for n, c in read.items()} == {n: c.content.tobytes() for n, c in true.items()}


@pytest.mark.parametrize("column", ["Jet_f4", "box"])
def test_a_file_that_is_cut_while_it_is_open_does_not_end_the_process(tmp_path, column):
    """Neither what the native loop reads (Jet_f4) nor what uproot does (box) is mapped into memory."""
    path = tmp_path / "cut.root"
    rng = np.random.default_rng(4)
    columns = {**random_columns(rng, 20_000), "box": rng.normal(size=(20_000, 3))}
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        fill(file, "Events", columns, 4)
    program = (
        "import os, sys; from hzdsl.errors import HzdslError; from hzdsl.io.opening import open_source\n"
        "path, name = sys.argv[1:]\n"
        "source = open_source(path); source.read([name], 0, 10); os.truncate(path, 5000)\n"
        "try: source.read([name], 0, 20_000)\n"
        "except HzdslError as error: print(error.code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), column], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "file-truncated\n"), done.stderr
