"""Every way in which a web server can fail, redirect or be somebody else."""

from __future__ import annotations

import time

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.file import BLOCK
from tests.io.remote.web_server import QUICK, opened, serve


def failure(url, options=QUICK):
    """The error that opening a URL raises."""
    with pytest.raises(HzdslError) as caught:
        open_source(url, remote=options)
    assert url in caught.value.message
    return caught.value


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


def test_a_server_that_stalls_in_the_middle_of_a_body(big):
    options = RemoteOptions(timeout=0.2, backoff=0.01)
    with (
        serve(big.parent, freeze_first=2, stall_seconds=0.5) as server,
        opened(f"{server}/big", options) as file,
    ):
        assert far(file) == big.read_bytes()[8 * BLOCK :][:1000]
        assert len(server.requests) == 4


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


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """A file of noise of ten blocks."""
    path = tmp_path_factory.mktemp("big") / "big"
    path.write_bytes(np.random.default_rng(4).bytes(10 * BLOCK))
    return path


def far(file):
    """Read what no cache holds."""
    return file.read_at(8 * BLOCK, 1000)


def test_a_server_that_goes_away(big):
    with serve(big.parent) as server:
        file = opened(f"{server}/big", RemoteOptions(retries=1, backoff=0.01, timeout=1))
    with file, pytest.raises(HzdslError, match=r"failed 2 times, at last with: .*refused") as caught:
        far(file)
    assert caught.value.code == "remote"


def test_a_connection_that_went_stale_is_replaced(big):
    with serve(big.parent, cut_first=2) as server, opened(f"{server}/big") as file:
        assert file.read_at(0, file.size) == big.read_bytes()
        assert len(server.requests) == 4


def test_what_failed_ahead_can_be_read_again(big):
    options = RemoteOptions(retries=0)
    with serve(big.parent) as server, opened(f"{server}/big", options) as file:
        server.broken = True
        file.prefetch([(8 * BLOCK, 8 * BLOCK + 1000)])
        with pytest.raises(HzdslError, match="500"):
            far(file)
        server.broken = False
        assert far(file) == big.read_bytes()[8 * BLOCK :][:1000]


def test_a_server_that_says_when_to_come_back(big):
    started = time.monotonic()
    with serve(big.parent, fail_first=1, status=429, retry_after="1") as server, opened(f"{server}/big") as file:
        assert len(server.requests) == 2
        assert file.size == 10 * BLOCK
    assert time.monotonic() - started >= 1


def test_a_server_that_wants_to_be_left_alone(event_file):
    with serve(event_file.parent, fail_first=1, status=503, retry_after="3600") as server:
        error = failure(f"{server}/events.root")
    assert (error.code, len(server.requests)) == ("remote", 1)
    assert error.message.endswith("the server wants to be left alone for 3600 s (503 Service Unavailable)")


def test_no_such_file(event_file):
    with serve(event_file.parent) as server:
        error = failure(f"{server}/other.root")
    assert (error.code, len(server.requests)) == ("file-missing", 1)
    assert "404 Not Found" in error.message


def test_a_pattern_of_a_web_server(event_file):
    with serve(event_file.parent) as server:
        assert "patterns stand for files of root://" in failure(f"{server}/*.root").fix
        assert failure(f"{server}/none.root").fix is None


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
    assert error.fix == "fetch whole files from such servers with --download, or copy the file and give its path"


def test_a_whole_file_where_that_is_asked_for(event_file):
    options = RemoteOptions(download=True, backoff=0.01)
    with serve(event_file.parent, ranges=False, cut_first=1) as server:
        with open_source(f"{server}/events.root", remote=options) as remote:
            assert len(remote.read(["met"], 0, 1000)["met"].content) == 1000
            assert remote.bytes_fetched == remote.file_bytes
        assert len(server.requests) == 2


def test_download_still_prefers_ranges(big):
    with serve(big.parent) as server, opened(f"{server}/big", RemoteOptions(download=True)) as file:
        assert far(file) == big.read_bytes()[8 * BLOCK :][:1000]
        assert server.bytes_sent < file.size


@pytest.mark.parametrize("tags", [True, False])
def test_a_file_that_changes(big, tags):
    with serve(big.parent, new_tag_after=1, tags=tags) as server, opened(f"{server}/big") as file:
        with pytest.raises(HzdslError, match="changed the file while it was read") as caught:
            far(file)
        assert caught.value.code == "remote"


@pytest.mark.parametrize(
    ("length", "code", "message"),
    [
        (11 * BLOCK, "remote", "changed the file while it was read"),
        (9 * BLOCK, "file-truncated", f"was cut to {9 * BLOCK} bytes while it was read (it had {10 * BLOCK})"),
        (8 * BLOCK + 500, "file-truncated", "was cut to"),
        (3 * BLOCK, "file-truncated", "was cut to"),
        (0, "file-truncated", "was cut to 0 bytes"),
    ],
)
def test_a_file_of_another_length_in_the_middle(tmp_path, length, code, message):
    (tmp_path / "a").write_bytes(bytes(10 * BLOCK))
    with serve(tmp_path) as server, opened(f"{server}/a") as file:
        (tmp_path / "a").write_bytes(bytes(length))
        with pytest.raises(HzdslError) as caught:
            far(file)
    assert caught.value.code == code
    assert message in caught.value.message


def test_a_file_that_vanishes_in_the_middle(tmp_path):
    (tmp_path / "a").write_bytes(bytes(10 * BLOCK))
    with serve(tmp_path) as server, opened(f"{server}/a") as file:
        (tmp_path / "a").unlink()
        with pytest.raises(HzdslError, match=r"there is no file .* any more \(404 Not Found\)") as caught:
            far(file)
    assert caught.value.code == "file-missing"


def test_bytes_of_another_place(big):
    message = f"sent bytes {8 * BLOCK - 10}-.* instead of {8 * BLOCK}-"
    with (
        serve(big.parent, shift=10) as server,
        opened(f"{server}/big") as file,
        pytest.raises(HzdslError, match=message),
    ):
        far(file)


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


@pytest.mark.parametrize("url", ["ftp://host/a.root", "file:///etc/passwd", "s3://b/a.root"])
def test_other_schemes(url):
    error = failure(url)
    assert error.code == "remote"
    assert f"not over {url.split(':')[0]}" in error.message


@pytest.mark.parametrize("host", ["a..b", "a" * 300])
def test_names_of_no_server(host):
    assert failure(f"http://{host}/a.root").fix == "check the address"


def test_paths_that_have_to_be_encoded(tmp_path):
    for name in ("ü b+c.root", "100%.root"):
        (tmp_path / name).write_bytes(bytes(5))
    with serve(tmp_path) as server:
        for path in ("ü b+c.root", "%C3%BC%20b+c.root", "100%25.root"):
            with opened(f"{server}/{path}?token=a/b%2Fc") as file:
                assert file.size == 5
        assert server.requests[0][0] == "/%C3%BC%20b+c.root?token=a/b%2Fc"


def test_a_server_that_compresses(event_file):
    with serve(event_file.parent, coding="gzip") as server:
        error = failure(f"{server}/events.root")
    assert error.message.endswith("the server sends it compressed by gzip, though it was asked not to")


@pytest.mark.parametrize(
    "url", ["http://", "https:///a.root", "http://h:x/a.root", "http://h:99999/a", "http://[::1/a"]
)
def test_a_url_without_a_server(url):
    assert failure(url).code == "remote"


def test_nobody_there():
    error = failure("http://127.0.0.1:1/a.root", RemoteOptions(retries=1, backoff=0.01))
    assert error.code == "remote"
    assert "refused" in error.message


def test_a_server_that_does_not_exist():
    error = failure("http://no-such-server.invalid/a.root")
    assert (error.code, error.fix) == ("remote", "check the address")
    assert error.message.endswith("there is no server called no-such-server.invalid")


def test_redirections_are_followed_once(event_file):
    with (
        serve(event_file.parent, redirect="/moved{}".format) as server,
        open_source(f"{server}/events.root") as remote,
    ):
        remote.prefetch(["met"])
        assert remote.entries == 1000
    assert [path for path, _ in server.requests].count("/events.root") == 1


def test_redirections_to_another_server(event_file):
    with (
        serve(event_file.parent) as target,
        serve(event_file.parent, redirect=target.at) as server,
        open_source(f"{server}/events.root") as remote,
    ):
        assert remote.entries == 1000
    assert len(target.requests) > 1


@pytest.mark.parametrize(
    ("redirect", "message"),
    [("{}", "redirects more than 10 times"), ("file:///etc/passwd", "redirects to file, which")],
)
def test_bad_redirections(event_file, redirect, message):
    with serve(event_file.parent, redirect=redirect.format) as server:
        error = failure(f"{server}/events.root")
    assert error.code == "remote"
    assert message in error.message


def test_an_expired_redirection_is_asked_for_again(big):
    with serve(big.parent) as target, serve(big.parent, redirect=target.at) as server:
        with opened(f"{server}/big") as file:
            target.forbid_next = 1
            assert far(file) == big.read_bytes()[8 * BLOCK :][:1000]
        assert len(server.requests) == 2


def test_another_server_in_the_middle_has_to_have_the_same_file(big, tmp_path):
    (tmp_path / "big").write_bytes(big.read_bytes()[::-1])
    for folder, same in ((big.parent, True), (tmp_path, False)):
        with serve(big.parent) as one, serve(folder) as other:
            where = lambda path, one=one, other=other: (other if one.gone else one).at(path)  # noqa: E731
            with serve(big.parent, redirect=where) as server, opened(f"{server}/big") as file:
                one.gone = True
                if same:
                    assert far(file) == big.read_bytes()[8 * BLOCK :][:1000]
                else:
                    with pytest.raises(HzdslError, match="changed the file"):
                        far(file)
