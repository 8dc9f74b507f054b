"""Files that are at several places: where one fails, another takes over."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.file import BLOCK, RemoteFile
from hzdsl.io.storage import open_storage
from tests.io.remote.web_server import QUICK, serve
from tests.io.remote.xrootd_server import serve_xrootd

NOISE = np.random.default_rng(3).bytes(20 * BLOCK)


@pytest.fixture
def folder(tmp_path):
    """A folder to serve: store/a.root, 20 blocks of noise."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "a.root").write_bytes(NOISE)
    return tmp_path


@pytest.fixture
def other(tmp_path_factory):
    """Another folder, with what a test puts there."""
    path = tmp_path_factory.mktemp("other")
    (path / "store").mkdir()
    return path


def options(*redirectors, **more):
    return RemoteOptions(
        **{"timeout": 2, "retries": 1, "backoff": 0.01, **more}, redirectors=tuple(map(str, redirectors))
    )


def test_a_missing_file_is_sought_elsewhere(folder, other):
    with serve(other) as near, serve(folder) as far:
        file = open_storage(f"{near}/store/a.root", options(far))
        with file:
            assert file.read_at(9 * BLOCK, 10) == NOISE[9 * BLOCK :][:10]
            assert file.served_by == (f"{far}/store/a.root",)
            assert file.failures == (f"there is no file {near}/store/a.root (404 Not Found)",)
            assert file.path == f"{near}/store/a.root"


def test_a_path_alone_is_sought_at_redirectors(folder, other):
    with serve(other) as near, serve(folder) as far, open_storage("/store/a.root", options(near, far)) as file:
        assert file.served_by == (f"{far}/store/a.root",)
        assert len(file.failures) == 1


def test_a_file_of_this_machine_comes_first(event_file):
    with serve(event_file.parent) as server, open_source(str(event_file), remote=options(server)) as source:
        assert source.entries == 1000
        assert source.served_by == ()
        assert server.requests == []


def test_a_logical_name_without_a_redirector():
    with pytest.raises(HzdslError) as caught:
        open_source("/store/data/a.root")
    assert caught.value.code == "file-missing"
    assert "--redirector root://cms-xrd-global.cern.ch/" in caught.value.fix


@pytest.mark.parametrize("trouble", ["gone", "broken"])
def test_another_place_goes_on_in_the_middle(folder, trouble):
    with serve(folder) as near, serve(folder) as far, open_storage(f"{near}/store/a.root", options(far)) as file:
        assert file.read_at(2 * BLOCK, 10) == NOISE[2 * BLOCK :][:10]
        setattr(near, trouble, True)
        file.prefetch([(k * BLOCK, k * BLOCK + 99) for k in range(5, 20, 2)])
        for k in range(5, 20, 2):
            assert file.read_at(k * BLOCK, 99) == NOISE[k * BLOCK :][:99]
        assert file.served_by == (f"{near}/store/a.root", f"{far}/store/a.root")
        assert file.bytes_fetched == near.bytes_sent + far.bytes_sent - sent_in_vain(near)


def sent_in_vain(server):
    """The bodies of refusals are not counted as bytes of the file."""
    return sum(len(b"gone") if server.gone else len(b"by chance") for _ in server.requests[2:])


@pytest.mark.parametrize("change", [lambda d: b"other" + d[5:], lambda d: d[:-1], lambda d: d + b"more"])
def test_another_file_does_not_go_on(folder, other, change):
    (other / "store" / "a.root").write_bytes(change(NOISE))
    with (
        serve(folder) as near,
        serve(other) as far,
        serve(folder) as last,
        open_storage(f"{near}/store/a.root", options(far, last)) as file,
    ):
        near.gone = True
        assert file.read_at(9 * BLOCK, 10) == NOISE[9 * BLOCK :][:10]
        assert file.served_by == (f"{near}/store/a.root", f"{last}/store/a.root")
        assert "is not the file that was read before" in file.failures[1]


def test_nowhere(other):
    with serve(other) as near, serve(other) as far, pytest.raises(HzdslError) as caught:
        open_storage(f"{near}/store/a.root", options(far))
    assert caught.value.code == "file-missing"
    assert "/store/a.root cannot be read at any of 2 places: there is no file" in caught.value.message
    assert str(far) in caught.value.message


def test_nowhere_for_different_reasons(other):
    with serve(other) as near, serve(other, fail_first=99) as far, pytest.raises(HzdslError) as caught:
        open_storage(f"{near}/store/a.root", options(far))
    assert caught.value.code == "remote"
    assert "failed 2 times, at last with: 500" in caught.value.message


def test_the_last_place_stays(folder):
    with serve(folder) as near, serve(folder) as far, open_storage(f"{near}/store/a.root", options(far)) as file:
        near.gone = far.broken = True
        for _ in range(2):
            with pytest.raises(HzdslError, match="at any of 2 places"):
                file.read_at(9 * BLOCK, 10)
        far.broken = False
        near.gone = False
        assert file.read_at(9 * BLOCK, 10) == NOISE[9 * BLOCK :][:10]


def test_where_there_is_another_place_patience_is_short(folder, other):
    with (
        serve(folder, fail_first=99) as near,
        serve(folder) as far,
        open_storage(f"{near}/store/a.root", options(far, retries=6)),
    ):
        assert len(near.requests) == 2


def test_secrets_stay_with_their_server(other):
    with serve(other) as near, serve(other) as far:
        with pytest.raises(HzdslError):
            open_storage(f"{near}/store/a.root?authz=secret", options(far))
        assert [path for path, _ in far.requests] == ["/store/a.root"]


def test_what_is_no_redirector():
    with pytest.raises(HzdslError, match="the redirector cms-xrd-global is not an address") as caught:
        open_storage("/store/a.root", options("cms-xrd-global"))
    assert caught.value.code == "remote"


def test_from_a_dead_server_to_xrootd_and_on_to_the_web(folder):
    with serve(folder) as web, serve_xrootd() as server:
        server.put(folder / "store" / "a.root", "store/a.root")
        with open_storage("root://127.0.0.1:1//store/a.root", options(server, web, timeout=1)) as file:
            ranges = [(k * BLOCK + 7, k * BLOCK + 99) for k in range(3, 20)]
            file.prefetch(ranges[:8])
            assert all(file.read_at(a, b - a) == NOISE[a:b] for a, b in ranges[:8])
            assert file.served_by == (f"{server}//store/a.root",)
            server.stop()
            file.prefetch(ranges[8:])
            assert all(file.read_at(a, b - a) == NOISE[a:b] for a, b in ranges[8:])
            assert file.served_by[1] == f"{web}/store/a.root"


def test_what_is_closed_does_not_go_on(folder):
    with serve(folder, latency=0.2) as near, serve(folder) as far:
        file = RemoteFile("a", [near.at("/store/a.root"), far.at("/store/a.root")], QUICK)
        file.prefetch([(9 * BLOCK, 10 * BLOCK)])
        file.close()
    assert far.requests == []
