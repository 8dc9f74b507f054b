"""Files over HTTP: the same values as the local file, few bytes, and every way in which a server can fail."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io import RemoteOptions, open_source, read_histogram
from hzdsl.io.remote import BLOCK, RangeFile
from tests.io.range_server import serve

QUICK = RemoteOptions(timeout=5, backoff=0.01)


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A directory with a file of 60 columns of noise in baskets of 1000 entries, 1.4 MB."""
    import uproot

    directory = tmp_path_factory.mktemp("wide")
    rng = np.random.default_rng(1)
    columns = {f"x{k}": rng.normal(size=6000).astype(np.float32) for k in range(60)}
    with uproot.recreate(directory / "wide.root") as file:
        tree = file.mktree("Events", {name: values.dtype for name, values in columns.items()})
        for start in range(0, 6000, 1000):
            tree.extend({name: values[start : start + 1000] for name, values in columns.items()})
        file["h"] = np.histogram(columns["x0"])
    return directory


def equal(left, right):
    return left.keys() == right.keys() and all(
        np.array_equal(
            left[name].content, right[name].content, equal_nan=right[name].content.dtype.kind == "f"
        )
        and np.array_equal(left[name].offsets, right[name].offsets)
        and np.array_equal(left[name].inner_offsets, right[name].inner_offsets)
        for name in left
    )


def failure(url, options=QUICK):
    """The error that opening a URL raises."""
    with pytest.raises(HzdslError) as caught:
        open_source(url, remote=options)
    assert url in caught.value.message
    return caught.value


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
    with serve(wide) as server, open_source(f"{server}/wide.root") as remote:
        opened = remote.bytes_fetched
        assert opened <= 3 * BLOCK
        remote.prefetch(["x3", "x40"])
        fetched, requests = remote.bytes_fetched, len(server.requests)
        read = remote.read(["x3", "x40"], 0, 6000)
        assert (remote.bytes_fetched, len(server.requests)) == (fetched, requests)
        assert fetched == server.bytes_sent
        assert fetched < remote.file_bytes / 3
        assert requests <= 15
    with open_source(str(wide / "wide.root")) as local:
        assert equal(read, local.read(["x3", "x40"], 0, 6000))


def test_prefetch_of_a_range_of_entries(wide):
    with serve(wide) as server, open_source(f"{server}/wide.root") as remote:
        before = len(server.requests)
        remote.prefetch(["x3"], 2000, 3000)
        assert len(server.requests) == before + 1
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
        remote.prefetch([f"x{k}" for k in range(60)], 0, 1000)
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
        remote.prefetch(["x7"])
        requests = len(server.requests)
        assert remote.read(["x7"], 0, 4000)["x7"].content.tolist() == table["x7"].to_pylist()
        assert len(server.requests) == requests
        assert remote.bytes_fetched < remote.file_bytes / 3


@pytest.mark.parametrize("trouble", [{"fail_first": 3}, {"fail_first": 2, "status": 503}, {"cut_first": 2}])
def test_passing_trouble_is_survived(event_file, trouble):
    with (
        serve(event_file.parent, **trouble) as server,
        open_source(f"{server}/events.root", remote=QUICK) as remote,
    ):
        assert remote.entries == 1000


def test_a_stalling_server_is_given_up_and_asked_again(event_file):
    options = RemoteOptions(timeout=0.2, backoff=0.01)
    with (
        serve(event_file.parent, stall_first=1, stall_seconds=0.6) as server,
        open_source(f"{server}/events.root", remote=options) as remote,
    ):
        assert remote.entries == 1000


def test_a_server_that_always_stalls(event_file):
    options = RemoteOptions(timeout=0.1, retries=1, backoff=0.01)
    with serve(event_file.parent, stall_first=9, stall_seconds=0.4) as server:
        error = failure(f"{server}/events.root", options)
    assert (error.code, len(server.requests)) == ("remote", 2)
    assert error.message.endswith("the server failed 2 times, at last with: no answer within 0.1 s")


def test_trouble_that_does_not_pass(event_file):
    options = RemoteOptions(retries=2, backoff=0.01)
    with serve(event_file.parent, fail_first=99) as server:
        error = failure(f"{server}/events.root", options)
    assert (error.code, len(server.requests)) == ("remote", 3)
    assert error.message.endswith("the server failed 3 times, at last with: 500 Internal Server Error")


def test_waits_grow(event_file):
    options = RemoteOptions(retries=3, backoff=0.05)
    started = time.monotonic()
    with serve(event_file.parent, fail_first=99) as server:
        failure(f"{server}/events.root", options)
    assert time.monotonic() - started >= 0.05 + 0.1 + 0.2


def test_trouble_while_reading(event_file):
    with serve(event_file.parent) as server:
        remote = open_source(
            f"{server}/events.root", remote=RemoteOptions(retries=1, backoff=0.01, timeout=1)
        )
    remote._storage._client.close()  # the server is gone, and so are its connections
    remote._storage._blocks.clear()
    with remote, pytest.raises(HzdslError, match=r"failed 2 times, at last with: .*refused") as caught:
        remote.read(["met"], 0, 1000)
    assert caught.value.code == "remote"


def test_no_such_file(event_file):
    with serve(event_file.parent) as server:
        error = failure(f"{server}/other.root")
    assert (error.code, len(server.requests)) == ("file-missing", 1)
    assert "404 Not Found" in error.message


def test_a_refusal_is_not_repeated(event_file):
    with serve(event_file.parent, fail_first=1, status=403) as server:
        error = failure(f"{server}/events.root")
    assert (error.code, len(server.requests)) == ("remote", 1)
    assert "refused: 403 Forbidden" in error.message


def test_a_server_without_ranges(event_file):
    with serve(event_file.parent, ranges=False) as server:
        error = failure(f"{server}/events.root")
    assert error.code == "remote"
    assert "does not serve byte ranges" in error.message
    assert error.fix == "download the file and give its path"


def test_a_file_that_changes(event_file):
    with serve(event_file.parent, new_tag_after=1) as server:
        file = RangeFile(f"{server}/events.root", QUICK)
        with file, pytest.raises(HzdslError, match="changed the file while it was read") as caught:
            file.prefetch([(file.size - 3000, file.size)])
    assert caught.value.code == "remote"


@pytest.mark.parametrize("content", [b"", b"root", b"<html>sorry</html>"])
def test_files_that_are_no_root_files(tmp_path, content):
    (tmp_path / "a.root").write_bytes(content)
    with serve(tmp_path) as server:
        error = failure(f"{server}/a.root")
    assert error.code == ("file-format" if content.startswith(b"<") else "file-truncated")


def test_a_cut_file(event_file, tmp_path):
    (tmp_path / "a.root").write_bytes(event_file.read_bytes()[:-1])
    with serve(tmp_path) as server:
        assert failure(f"{server}/a.root").code == "file-truncated"


@pytest.mark.parametrize(
    "url", ["ftp://host/a.root", "root://host//a.root", "file:///etc/passwd", "s3://b/a.root"]
)
def test_other_schemes(url):
    error = failure(url)
    assert error.code == "remote"
    assert f"not over {url.split(':')[0]}" in error.message


@pytest.mark.parametrize("url", ["http://", "https:///a.root"])
def test_a_url_without_a_server(url):
    assert failure(url).code == "remote"


def test_nobody_there():
    error = failure("http://127.0.0.1:1/a.root", RemoteOptions(retries=1, backoff=0.01))
    assert error.code == "remote"
    assert "refused" in error.message


def test_tls_with_the_authority(event_file):
    with (
        serve(event_file.parent, tls=True) as server,
        open_source(f"{server}/events.root", remote=RemoteOptions(ca_file=server.ca_file)) as remote,
    ):
        assert len(remote.read(["met"], 0, 1000)["met"].content) == 1000


def test_tls_without_the_authority(event_file):
    with serve(event_file.parent, tls=True) as server:
        error = failure(f"{server}/events.root")
    assert error.code == "remote"
    assert "certificate is not trusted" in error.message
    assert error.fix == "give the authority that signed it with --ca-file FILE, or accept any with --insecure"


def test_tls_of_another_host(event_file):
    with serve(event_file.parent, tls="other.example.org") as server:
        error = failure(f"{server}/events.root", RemoteOptions(ca_file=server.ca_file))
    assert error.code == "remote"
    assert "certificate is not trusted" in error.message
    assert "127.0.0.1" in error.message


def test_insecure_tls(event_file):
    with (
        serve(event_file.parent, tls=True) as server,
        open_source(f"{server}/events.root", remote=RemoteOptions(insecure=True)) as remote,
    ):
        assert remote.entries == 1000


@pytest.mark.parametrize(("content", "code"), [(None, "file-missing"), ("nonsense", "file-format")])
def test_a_bad_ca_file(tmp_path, content, code):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(HzdslError, match=f"--ca-file {path}") as caught:
        open_source("https://127.0.0.1:1/a.root", remote=RemoteOptions(ca_file=str(path)))
    assert caught.value.code == code


def test_redirections_are_followed_once(event_file):
    with (
        serve(event_file.parent, redirect="/moved{path}") as server,
        open_source(f"{server}/events.root") as remote,
    ):
        remote.prefetch(["met"])
        assert remote.entries == 1000
    assert [path for path, _ in server.requests].count("/events.root") == 1


def test_redirections_to_another_server(event_file):
    with (
        serve(event_file.parent) as target,
        serve(event_file.parent, redirect=f"{target}{{path}}") as server,
        open_source(f"{server}/events.root") as remote,
    ):
        assert remote.entries == 1000
    assert len(target.requests) > 1


@pytest.mark.parametrize(
    ("redirect", "message"),
    [("{path}", "redirects more than 10 times"), ("file:///etc/passwd", "not over file")],
)
def test_bad_redirections(event_file, redirect, message):
    with serve(event_file.parent, redirect=redirect) as server:
        error = failure(f"{server}/events.root")
    assert error.code == "remote"
    assert message in error.message


def test_redirections_out_of_tls(event_file):
    with (
        serve(event_file.parent) as plain,
        serve(event_file.parent, tls=True, redirect=f"{plain}{{path}}") as server,
    ):
        error = failure(f"{server}/events.root", RemoteOptions(ca_file=server.ca_file))
        assert "redirects from https to http://" in error.message
        assert plain.requests == []
        with open_source(f"{server}/events.root", remote=RemoteOptions(insecure=True)) as remote:
            assert remote.entries == 1000


def test_an_expired_redirection_is_asked_for_again(event_file):
    with serve(event_file.parent) as target, serve(event_file.parent, redirect=f"{target}{{path}}") as server:
        file = RangeFile(f"{server}/events.root", QUICK)
        with file:
            target.forbid_next = 1
            file.prefetch([(file.size - 3000, file.size - 2000)])
        assert len(server.requests) == 2


def test_the_file_object(event_file):
    whole = event_file.read_bytes()
    with serve(event_file.parent) as server, RangeFile(f"{server}/events.root", QUICK) as file:
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
    with serve(tmp_path) as server, RangeFile(f"{server}/big", QUICK) as file:
        assert file.read_at(3 * BLOCK + 5, 10) == content[3 * BLOCK + 5 :][:10]
        assert file.read_at(BLOCK - 5, 5 * BLOCK) == content[BLOCK - 5 :][: 5 * BLOCK]
        assert file.read_at(0, file.size) == content
        assert file.bytes_fetched == len(content)


def test_no_threads_or_connections_are_left(wide):
    before = threading.active_count()
    with serve(wide) as server:
        with open_source(f"{server}/wide.root") as remote:
            remote.prefetch(["x1"])
            client = remote._storage._client
        assert client._idle == []
    deadline = time.monotonic() + 2
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= before
