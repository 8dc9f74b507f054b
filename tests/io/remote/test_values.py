"""Files over HTTP: the same values as the local file, for few bytes; how servers fail is in test_web.py."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.histograms import read_histogram
from hzdsl.io.opening import open_source
from hzdsl.io.remote.file import BLOCK
from hzdsl.io.remote.transport import GAP
from tests.event_files import write, write_ntuple
from tests.io.remote.compare import equal
from tests.io.remote.web_server import opened, serve


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A directory with a file of 60 columns of noise in baskets of 1000 entries, 1.4 MB."""
    directory = tmp_path_factory.mktemp("wide")
    rng = np.random.default_rng(1)
    columns = {f"x{k}": rng.normal(size=6000).astype(np.float32) for k in range(60)}
    write(directory / "wide.root", columns, baskets=6, others={"h": np.histogram(columns["x0"])})
    return directory


def test_same_columns_as_locally(event_file):
    with serve(event_file.parent) as server, open_source(f"{server}/events.root") as remote:
        with open_source(str(event_file)) as local:
            assert (remote.entries, remote.tree, remote.identity) == (1000, "Events", local.identity)
            assert dict(remote.columns) == dict(local.columns)
            names = list(local.columns)
            for start, stop in [(0, 1000), (100, 300), (7, 7)]:
                assert equal(remote.read(names, start, stop), local.read(names, start, stop))
        assert remote.path == f"{server}/events.root"
        assert remote.file_bytes == event_file.stat().st_size


@pytest.mark.parametrize("tree", ["kinds", "ntuple"])
def test_same_columns_as_locally_after_prefetch(root_written, tree):
    with serve(root_written.parent) as server, open_source(f"{server}/{root_written.name}", tree) as remote:
        names = list(remote.columns)
        remote.prefetch(names)
        with open_source(str(root_written), tree) as local:
            assert equal(remote.read(names, 0, 20), local.read(names, 0, 20))


def test_few_columns_cost_few_bytes(wide):
    names = ["x3", "x40"]
    with serve(wide) as server, open_source(f"{server}/wide.root") as remote:
        opened_for = remote.bytes_fetched
        assert opened_for <= 3 * BLOCK
        assert len(server.requests) <= 3
        remote.prefetch(names)
        read = remote.read(names, 0, 6000)
        assert remote.bytes_fetched == server.bytes_sent
        # what is not needed: what lies between two baskets that travel together
        baskets = 12
        assert remote.bytes_fetched - opened_for <= sum(map(remote.stored_bytes, names)) + GAP * baskets
        assert remote.bytes_fetched < remote.file_bytes / 3
        assert len(server.requests) <= 3 + baskets
    with open_source(str(wide / "wide.root")) as local:
        assert equal(read, local.read(names, 0, 6000))


def test_a_tree_that_is_known_costs_no_more(wide, monkeypatch, tmp_path):
    """Nor is uproot asked: not to open it, and not where baskets lie that are to be fetched, or are done with."""
    monkeypatch.setenv("HZDSL_CACHE", str(tmp_path))
    found = []
    with serve(wide) as server:
        for _ in range(2):
            sent, asked = server.bytes_sent, len(server.requests)
            with open_source(f"{server}/wide.root") as remote:
                opened = server.bytes_sent - sent, len(server.requests) - asked
                remote.prefetch(["x3"], 0, 6000)
                read = remote.read(["x3"], 0, 6000)["x3"].content.tobytes()
                used = server.bytes_sent - sent, len(server.requests) - asked
                assert remote._storage._held == 0
                found.append((opened, used, read, remote._known._opened is None))
    (opened, used, read, _), (again, used_again, read_again, without) = found
    assert without
    assert read_again == read
    assert all(x <= y for x, y in zip(again + used_again, opened + used, strict=True))


def test_prefetch_of_a_range_of_entries(wide):
    with serve(wide) as server, open_source(f"{server}/wide.root") as remote:
        before = len(server.requests)
        remote.prefetch(["x3"], 2000, 3000)
        remote.prefetch(["x3"], 2000, 3000)
        remote.read(["x3"], 2000, 3000)
        assert len(server.requests) == before + 1
        remote.read(["x3"], 2000, 3000)  # read once, the baskets are no longer kept
        assert len(server.requests) > before + 1


def test_prefetch_of_no_such_branch(wide):
    with serve(wide) as server, open_source(f"{server}/wide.root") as remote:
        with pytest.raises(HzdslError, match="has no branch y3") as caught:
            remote.prefetch(["y3"])
        assert caught.value.code == "branch-missing"


def test_neighbours_travel_in_one_request(wide):
    with serve(wide) as server, open_source(f"{server}/wide.root") as remote:
        before = len(server.requests)
        names = [f"x{k}" for k in range(60)]
        remote.prefetch(names, 0, 1000)
        remote.read(names, 0, 1000)
        assert len(server.requests) == before + 1


def test_several_threads_read_one_remote_source(wide):
    with serve(wide) as server, open_source(f"{server}/wide.root") as remote:
        read: dict[int, np.ndarray] = {}

        def work(start):
            remote.prefetch(["x1"], start, start + 500)
            read[start] = remote.read(["x1"], start, start + 500)["x1"].content

        threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 6000, 500)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with open_source(str(wide / "wide.root")) as local:
        whole = local.read(["x1"], 0, 6000)["x1"].content
    assert np.array_equal(np.concatenate([read[start] for start in sorted(read)]), whole)


def test_a_histogram_over_http(wide):
    with serve(wide) as server:
        remote, local = (
            read_histogram(f"{server}/wide.root", "h"),
            read_histogram(str(wide / "wide.root"), "h"),
        )
    assert np.array_equal(remote.values, local.values)


def test_parquet_over_http(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({f"x{k}": np.random.default_rng(k).normal(size=4000) for k in range(40)})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=1000)
    with serve(tmp_path) as server, open_source(f"{server}/a.parquet") as remote:
        requests = len(server.requests)
        remote.prefetch(["x7"])
        assert remote.read(["x7"], 0, 4000)["x7"].content.tolist() == table["x7"].to_pylist()
        assert len(server.requests) <= requests + 4  # one for each row group
        assert remote.bytes_fetched < remote.file_bytes / 3


def test_the_file_object(event_file):
    whole = event_file.read_bytes()
    with serve(event_file.parent) as server, opened(f"{server}/events.root") as file:
        assert (file.readable(), file.seekable(), file.writable()) == (True, True, False)
        assert file.read(10) == whole[:10]
        assert (file.tell(), file.seek(-6, 2), file.read()) == (10, len(whole) - 6, whole[-6:])
        assert file.read(5) == b""
        file.seek(100)
        assert file.seek(5, 1) == 105
        buffer = bytearray(20)
        assert file.readinto(buffer) == 20
        assert buffer == whole[105:125]
        assert file.read_at(len(whole) - 3, 99) == whole[-3:]
        assert file.read_at(len(whole) + 3, 9) == b""
        file.prefetch([(3, 3), (len(whole) - 2, len(whole) + 50)])
        assert file.read_at(len(whole) - 2, 2) == whole[-2:]
    assert file.closed


def test_blocks_across_the_cache(tmp_path):
    content = np.random.default_rng(2).bytes(5 * BLOCK + 17)
    (tmp_path / "big").write_bytes(content)
    with serve(tmp_path) as server, opened(f"{server}/big") as file:
        assert file.read_at(3 * BLOCK + 5, 10) == content[3 * BLOCK + 5 :][:10]
        assert file.read_at(BLOCK - 5, 5 * BLOCK) == content[BLOCK - 5 :][: 5 * BLOCK]
        assert file.read_at(0, file.size) == content
        assert file.bytes_fetched == len(content)


def test_no_threads_or_connections_are_left(wide):
    before = threading.active_count()
    with serve(wide) as server:
        with open_source(f"{server}/wide.root") as remote:
            remote.prefetch(["x1"])  # and closed before it has come
            connections = remote._storage._places._current._connections
        assert connections._idle == []
        assert not connections._busy
    deadline = time.monotonic() + 2
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= before


def test_what_is_read_is_not_held(wide, tmp_path):
    """Of every format, whatever the chunks: at the end of a file nothing is held but what is needed no more."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {f"x{k}": np.random.default_rng(k).normal(size=20000) for k in range(3)}
    parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet", row_group_size=3000)
    write_ntuple(tmp_path / "a.root", columns)
    (tmp_path / "wide.root").symlink_to(wide / "wide.root")
    with serve(tmp_path) as server:
        for name in ("a.parquet", "a.root", "wide.root"):
            with open_source(f"{server}/{name}") as remote:
                held = []
                for start in range(0, remote.entries, 700):
                    stop = min(start + 700, remote.entries)
                    remote.prefetch(["x1"], start, stop)
                    held.append(remote._storage._held)
                    remote.read(["x1"], start, stop)
                assert max(held) > 0, name
                assert remote._storage._held == 0, name
                assert not remote._storage._ahead
