"""Every way in which a web server can fail, redirect or be somebody else."""

from __future__ import annotations

import time

import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote import RangeFile
from tests.io.range_server import serve

QUICK = RemoteOptions(timeout=5, backoff=0.01)


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
        remote = open_source(f"{server}/events.root", remote=RemoteOptions(retries=1, backoff=0.01, timeout=1))
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


@pytest.mark.parametrize("url", ["ftp://host/a.root", "root://host//a.root", "file:///etc/passwd", "s3://b/a.root"])
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
