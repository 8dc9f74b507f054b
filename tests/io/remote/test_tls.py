"""Certificates: of servers, and of users."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import time

import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.certificates import not_after
from tests.io.remote.authority import PAST, Authority
from tests.io.remote.test_web import failure
from tests.io.remote.web_server import serve

#: What Linux calls a connection that neither side has closed (TCP_ESTABLISHED of netinet/tcp.h).
ESTABLISHED = 1
TRUST = "give the authority that signed it with --ca-file FILE, or accept any with --insecure"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def test_with_the_authority(event_file, authority):
    with (
        serve(event_file.parent, tls=authority.server()) as server,
        open_source(f"{server}/events.root", remote=RemoteOptions(ca_file=authority.pem)) as remote,
    ):
        assert len(remote.read(["met"], 0, 1000)["met"].content) == 1000


@pytest.mark.skipif(shutil.which("openssl") is None, reason="such folders are made with openssl")
def test_with_a_folder_of_authorities(event_file, authority, tmp_path, monkeypatch):
    folder = tmp_path / "certificates"
    folder.mkdir()
    digest = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", authority.pem], capture_output=True, text=True, check=True
    )
    (folder / f"{digest.stdout.strip()}.0").symlink_to(authority.pem)
    monkeypatch.setenv("X509_CERT_DIR", str(folder))
    with (
        serve(event_file.parent, tls=authority.server()) as server,
        open_source(f"{server}/events.root") as remote,
    ):
        assert remote.entries == 1000


def test_without_the_authority(event_file, authority):
    with serve(event_file.parent, tls=authority.server()) as server:
        error = failure(f"{server}/events.root")
        assert len(server.requests) == 0
    assert error.code == "remote"
    assert "its certificate is signed by an authority that is not known" in error.message
    assert error.fix == TRUST


def test_of_another_host(event_file, authority):
    with serve(event_file.parent, tls=authority.server("other.example.org")) as server:
        error = failure(f"{server}/events.root", RemoteOptions(ca_file=authority.pem))
    assert error.code == "remote"
    assert "its certificate is for another host" in error.message
    assert "127.0.0.1" in error.message


def test_an_expired_certificate(event_file, authority):
    with serve(event_file.parent, tls=authority.server(until=PAST)) as server:
        error = failure(f"{server}/events.root", RemoteOptions(ca_file=authority.pem))
    assert error.code == "remote"
    assert "its certificate has expired" in error.message


def test_insecure(event_file, authority):
    with (
        serve(event_file.parent, tls=authority.server("other.example.org", until=PAST)) as server,
        open_source(f"{server}/events.root", remote=RemoteOptions(insecure=True)) as remote,
    ):
        assert remote.entries == 1000


@pytest.mark.parametrize(("content", "code"), [(None, "file-missing"), ("nonsense", "file-format")])
def test_a_bad_ca_file(tmp_path, content, code):
    path = tmp_path / "bad.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(HzdslError, match=f"--ca-file {path}") as caught:
        open_source("https://127.0.0.1:1/a.root", remote=RemoteOptions(ca_file=str(path)))
    assert caught.value.code == code


def test_a_user_is_known_by_a_proxy(event_file, authority, monkeypatch):
    monkeypatch.setenv("X509_USER_PROXY", str(authority.user()))
    with (
        serve(event_file.parent, tls=authority.server(clients=True)) as server,
        open_source(f"{server}/events.root", remote=RemoteOptions(ca_file=authority.pem)) as remote,
    ):
        assert remote.entries == 1000


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda a: None, "no token and no certificate was found in BEARER_TOKEN, BEARER_TOKEN_FILE, "),
        (lambda a: a.user(PAST), "user.pem (X509_USER_PROXY) expired at 2020-01-02 00:00:00 UTC"),
        (lambda a: Authority(a.folder("other")).user(), "user.pem (X509_USER_PROXY) was not accepted"),
    ],
)
def test_a_user_who_is_not_known(event_file, authority, monkeypatch, made, said):
    path = made(authority)
    if path is not None:
        monkeypatch.setenv("X509_USER_PROXY", str(path))
    with serve(event_file.parent, tls=authority.server(clients=True)) as server:
        error = failure(f"{server}/events.root", RemoteOptions(ca_file=authority.pem))
    assert error.code == "remote"
    assert "wants a certificate of yours that it trusts" in error.message
    assert said in error.message
    assert "voms-proxy-init" in error.fix


def test_an_expired_proxy_is_not_in_the_way_of_servers_that_want_none(event_file, authority, monkeypatch):
    monkeypatch.setenv("X509_USER_PROXY", str(authority.user(PAST)))
    with (
        serve(event_file.parent, tls=authority.server()) as server,
        open_source(f"{server}/events.root", remote=RemoteOptions(ca_file=authority.pem)) as remote,
    ):
        assert remote.entries == 1000


@pytest.mark.parametrize(("content", "code"), [(None, "file-missing"), ("nonsense", "file-format")])
def test_a_bad_proxy(event_file, authority, tmp_path, monkeypatch, content, code):
    path = tmp_path / "proxy"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("X509_USER_PROXY", str(path))
    with (
        serve(event_file.parent, tls=authority.server()) as server,
        pytest.raises(HzdslError, match=f"{path} \\(X509_USER_PROXY\\)") as caught,
    ):
        open_source(f"{server}/events.root", remote=RemoteOptions(ca_file=authority.pem))
    assert caught.value.code == code


def test_when_a_certificate_expires(authority, tmp_path):
    assert not_after(str(authority.user(PAST))) == PAST.timestamp()
    (tmp_path / "cut").write_text(authority.user().read_text()[:200])
    assert not_after(str(tmp_path / "cut")) is None


def test_redirections_out_of_tls(event_file, authority):
    with (
        serve(event_file.parent) as plain,
        serve(event_file.parent, tls=authority.server(), redirect=plain.at) as server,
    ):
        error = failure(f"{server}/events.root", RemoteOptions(ca_file=authority.pem))
        assert "redirects from https to http://" in error.message
        assert plain.requests == []
        with open_source(f"{server}/events.root", remote=RemoteOptions(insecure=True)) as remote:
            assert remote.entries == 1000


def test_a_refusal_that_comes_before_the_request(event_file, authority, monkeypatch):
    """The handshake of TLS 1.3 ends before the server looks at the certificate: it may hang up before it is asked."""
    connect = http.client.HTTPSConnection.connect

    def connect_and_wait(connection):
        connect(connection)
        end = time.monotonic() + 10
        while not hung_up(connection.sock):
            assert time.monotonic() < end
            time.sleep(0.01)

    monkeypatch.setattr(http.client.HTTPSConnection, "connect", connect_and_wait)
    with serve(event_file.parent, tls=authority.server(clients=True)) as server:
        error = failure(f"{server}/events.root", RemoteOptions(ca_file=authority.pem))
    assert "wants a certificate of yours that it trusts" in error.message


def hung_up(sock):
    """Whether the other side has closed a connection."""
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED
