"""Files of a real XRootD server: the same values as the local file, for few bytes; every way in which it can fail."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote import xrootd
from hzdsl.io.remote.file import BLOCK
from hzdsl.io.remote.transport import GAP
from hzdsl.run.inputs.paths import expand
from tests.event_files import write
from tests.io.remote.authority import web_token
from tests.io.remote.compare import equal
from tests.io.remote.web_server import opened
from tests.io.remote.xrootd_server import need_xrootd, serve_cluster, serve_xrootd

need_xrootd_here = pytest.fixture(autouse=True, scope="module")(need_xrootd)
QUICK = RemoteOptions(timeout=1, retries=2, backoff=0.05)
NOISE = np.random.default_rng(3).bytes(40 * BLOCK)


@pytest.fixture(scope="module")
def server():
    with serve_xrootd() as server:
        yield server


@pytest.fixture
def mortal():
    """A server that a test may kill."""
    with serve_xrootd() as server:
        yield server


@pytest.fixture
def noise(tmp_path):
    path = tmp_path / "noise"
    path.write_bytes(NOISE)
    return path


def far(file):
    """Read what no cache holds."""
    return file.read_at(30 * BLOCK, 1000)


FAR = NOISE[30 * BLOCK :][:1000]


def failure(url, options=QUICK):
    with pytest.raises(HzdslError) as caught:
        opened(url, options)
    assert url in caught.value.message
    return caught.value


@pytest.mark.parametrize("tree", ["kinds", "ntuple"])
def test_same_columns_as_locally(server, root_written, tree):
    url = server.put(root_written)
    with open_source(url, tree, QUICK) as remote, open_source(str(root_written), tree) as local:
        names = list(local.columns)
        assert dict(remote.columns) == dict(local.columns)
        assert equal(remote.read(names, 0, 20), local.read(names, 0, 20))
        remote.prefetch(names)
        assert equal(remote.read(names, 0, 20), local.read(names, 0, 20))
        assert remote.served_by == (url,)


def test_few_columns_cost_few_bytes(server, tmp_path):
    names, rng = ["x3", "x40"], np.random.default_rng(1)
    columns = {f"x{k}": rng.normal(size=6000).astype(np.float32) for k in range(60)}
    write(tmp_path / "wide.root", columns, baskets=6)
    with open_source(server.put(tmp_path / "wide.root"), remote=QUICK) as remote:
        opened_for = remote.bytes_fetched
        remote.prefetch(names)
        read = remote.read(names, 0, 6000)
        # what XRootD reads in one go has no gaps in it
        assert 0 < remote.bytes_fetched - opened_for <= sum(map(remote.stored_bytes, names))
    with open_source(str(tmp_path / "wide.root")) as local:
        assert equal(read, local.read(names, 0, 6000))


def test_ranges_of_every_length_and_number(server, noise):
    rng = np.random.default_rng(5)
    starts = np.unique(rng.integers(0, len(NOISE) - 100, 3000))
    ranges = [(int(a), int(a) + int(rng.integers(1, 100))) for a in starts] + [(5, len(NOISE) - 5), (0, len(NOISE))]
    with opened(server.put(noise), QUICK) as file:
        file.prefetch(ranges)
        for start, stop in ranges:
            assert file.read_at(start, stop - start) == NOISE[start:stop]


@pytest.mark.parametrize(
    ("limits", "length", "count"), [((5000, xrootd.LONGEST_CHUNK), 10, 2000), ((1024, 1 << 30), 2200000, 1)]
)
def test_a_server_that_takes_less_is_asked_how_much(server, noise, monkeypatch, limits, length, count):
    monkeypatch.setattr(xrootd, "MOST_CHUNKS", limits[0])
    monkeypatch.setattr(xrootd, "LONGEST_CHUNK", limits[1])
    ranges = [(BLOCK + i * (GAP // 32), BLOCK + i * (GAP // 32) + length) for i in range(count)] + [
        (BLOCK + 1, BLOCK + 9)
    ]
    with opened(server.put(noise), QUICK) as file:
        transport = file._places._current
        assert len(transport.groups(sorted(ranges))) == 1
        file.prefetch(ranges)
        for start, stop in ranges:
            assert file.read_at(start, stop - start) == NOISE[start:stop]
        assert transport._limits == (1024, 2097136)


def test_no_such_file(server):
    error = failure(f"{server}//no/such.root")
    assert error.code == "file-missing"
    assert "no such file or directory" in error.message


def test_a_directory(server):
    (server.data / "folder").mkdir(exist_ok=True)
    error = failure(f"{server}//folder")
    assert (error.code, error.fix) == ("file-format", f"give its files: {server}//folder/*.root")


def test_not_authorised(server, noise):
    url = server.put(noise, "secret.root")
    (server.data / "secret.root").chmod(0)
    error = failure(url)
    assert error.code == "remote"
    assert "the server refused (Unable to open /secret.root; permission denied)" in error.message


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, "no token and no certificate was found in BEARER_TOKEN, "),
        (web_token(1700000000), "the token of BEARER_TOKEN expired at 2023-11-14 22:13:20 UTC"),
    ],
)
def test_a_user_who_is_not_known(noise, monkeypatch, token, said):
    if token is not None:
        monkeypatch.setenv("BEARER_TOKEN", token)
    with serve_xrootd(guarded=True) as server:
        error = failure(server.put(noise))
    assert error.code == "remote"
    assert "the server refused (Auth failed" in error.message
    assert said in error.message


def test_nobody_there():
    error = failure("root://127.0.0.1:1//a.root")
    assert error.code == "remote"
    assert error.message.endswith("the server failed 3 times, at last with: [Errno 111] Connection refused")


@pytest.mark.parametrize("url", ["root://", "root://127.0.0.1:99999//a.root", "root://host:abc//a"])
def test_what_is_no_address(url):
    error = failure(url)
    assert (error.code, error.fix) == ("remote", "write root://server//path")


@pytest.mark.parametrize("host", ["a..b", "a" * 300, "no-such-server.invalid"])
def test_names_of_no_server(host):
    assert failure(f"root://{host}//a.root").fix == "check the address"


def test_other_ways_to_write_the_same(server, noise):
    url = server.put(noise, "with space")
    for other in (url, url.replace("root:", "ROOT:"), url.replace("root:", "xroot:")):
        with opened(other, QUICK) as file:
            assert far(file) == FAR


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "XRootD", None)
    error = failure("root://127.0.0.1:1//a.root")
    assert (error.code, error.fix) == ("library-missing", "pip install 'hzdsl[xrootd]'")


def test_an_empty_and_a_cut_file(server, tmp_path, root_written):
    (tmp_path / "empty.root").touch()
    (tmp_path / "cut.root").write_bytes(root_written.read_bytes()[:-1])
    for name in ("empty.root", "cut.root"):
        with pytest.raises(HzdslError) as caught:
            open_source(server.put(tmp_path / name), remote=QUICK)
        assert caught.value.code == "file-truncated"


def test_a_server_that_stalls_for_a_while(mortal, noise):
    with opened(mortal.put(noise), QUICK) as file:
        mortal.stall()
        with pytest.raises(HzdslError, match="at last with: no answer within 1 s") as caught:
            far(file)
        assert caught.value.code == "remote"
        mortal.go_on()
        assert far(file) == FAR


def test_a_server_that_is_started_again(mortal, noise):
    with opened(mortal.put(noise), QUICK) as file:
        mortal.stop()
        with pytest.raises(HzdslError, match="Connection refused"):
            far(file)
        mortal.start()
        assert far(file) == FAR
        mortal.stop()
        mortal.start()
        assert file.read_at(10 * BLOCK, 50) == NOISE[10 * BLOCK :][:50]


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize(("length", "code"), [(30 * BLOCK + 10, "file-truncated"), (BLOCK, "file-truncated")])
def test_a_file_that_is_cut_in_the_middle(server, noise, ahead, length, code):
    with opened(server.put(noise), QUICK) as file:
        os.truncate(server.data / "noise", length)
        if ahead:
            file.prefetch([(30 * BLOCK, 30 * BLOCK + 1000), (35 * BLOCK, 35 * BLOCK + 5)])
        with pytest.raises(HzdslError, match=f"was cut to {length} bytes while it was read") as caught:
            far(file)
    assert caught.value.code == code


@pytest.mark.parametrize("size", [len(NOISE), len(NOISE) + 1])
def test_a_file_that_is_replaced_in_the_middle(mortal, noise, size):
    with opened(mortal.put(noise), QUICK) as file:
        mortal.stop()  # an open file would stay the old one
        (mortal.data / "new").write_bytes(NOISE[:BLOCK] + bytes(size - BLOCK))
        os.utime(mortal.data / "new", (1, 1))
        (mortal.data / "new").rename(mortal.data / "noise")
        mortal.start()
        with pytest.raises(HzdslError, match="changed the file while it was read") as caught:
            far(file)
    assert caught.value.code == "remote"


def test_a_file_that_vanishes_in_the_middle(mortal, noise):
    with opened(mortal.put(noise), QUICK) as file:
        mortal.stop()
        (mortal.data / "noise").unlink()
        mortal.start()
        with pytest.raises(HzdslError, match="there is no file") as caught:
            far(file)
    assert caught.value.code == "file-missing"


def test_patterns(server, root_written):
    for name in ("many/b.root", "many/a.root", "many/c.txt", "many/deep/d.root"):
        server.put(root_written, name)
    for pattern, names in (("many/*.root", ["a", "b"]), ("many/[b-z].root", ["b"]), ("m*y/**/d.root", ["deep/d"])):
        assert expand(f"{server}//{pattern}", remote=QUICK) == [f"{server}//many/{name}.root" for name in names]


@pytest.mark.parametrize(
    ("url", "code"),
    [("{}//many/*.csv", "no-files"), ("{}//none/*.root", "no-files"), ("root://127.0.0.1:1//*", "remote")],
)
def test_patterns_without_a_match(server, url, code):
    with pytest.raises(HzdslError) as caught:
        expand(url.format(server), remote=QUICK)
    assert caught.value.code == code


def test_a_redirector_and_a_server_that_dies(noise, root_written):
    with serve_cluster(("one", "two")) as (redirector, servers):
        for server in servers.values():
            server.put(noise, "store/both")
        servers["two"].put(root_written, "store/events.root")
        with open_source(f"{redirector}//store/events.root", "kinds", QUICK) as remote:
            assert remote.entries == 20
        with opened(f"{redirector}//store/both", RemoteOptions(timeout=5, backoff=0.1)) as file:
            used = file._places._current._seen.server
            next(s for s in servers.values() if str(s.port) == used.split(":")[1]).stop()
            assert far(file) == FAR
            assert file._places._current._seen.server != used
        error = failure(f"{redirector}//store/nowhere", RemoteOptions(timeout=5))
        assert error.code == "file-missing"
