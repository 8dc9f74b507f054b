"""Bearer tokens: where they are found, to whom they are shown, what is said where they do not help."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote import credentials
from tests.io.remote.authority import Authority, web_token
from tests.io.remote.test_web import failure
from tests.io.remote.web_server import serve

TOKEN = web_token(4102444800)  # 2100


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def options(authority):
    return RemoteOptions(ca_file=authority.pem, backoff=0.01)


def put(place, monkeypatch, runtime, text=TOKEN):
    """Put a token where WLCG says."""
    if place == "BEARER_TOKEN":
        monkeypatch.setenv(place, f"{text}\n")
        return
    folder = Path(credentials.TEMPORARY) if place == "/tmp" else runtime
    path = folder / ("token" if place == "BEARER_TOKEN_FILE" else f"bt_u{os.geteuid()}")
    path.write_text(f" {text}\n")
    if place == "BEARER_TOKEN_FILE":
        monkeypatch.setenv(place, str(path))


@pytest.mark.parametrize("place", ["BEARER_TOKEN", "BEARER_TOKEN_FILE", "XDG_RUNTIME_DIR", "/tmp"])
def test_a_token_is_shown_to_a_server_that_asks(event_file, authority, monkeypatch, nobody, place):
    put(place, monkeypatch, nobody)
    with (
        serve(event_file.parent, tls=authority.server(), token=TOKEN) as server,
        open_source(f"{server}/events.root", remote=options(authority)) as remote,
    ):
        assert remote.entries == 1000
        assert server.tokens == [None, *[f"Bearer {TOKEN}"] * (len(server.requests) - 1)]


def test_a_token_is_not_shown_to_a_server_that_does_not_ask(event_file, authority, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", TOKEN)
    with (
        serve(event_file.parent, tls=authority.server()) as server,
        open_source(f"{server}/events.root", remote=options(authority)) as remote,
    ):
        assert remote.entries == 1000
        assert set(server.tokens) == {None}


def test_tokens_have_an_order(monkeypatch, nobody):
    for place in ("/tmp", "XDG_RUNTIME_DIR", "BEARER_TOKEN_FILE", "BEARER_TOKEN"):
        put(place, monkeypatch, nobody, text=place)
        assert credentials.find_token().text == place


def test_a_token_is_read_again_when_it_is_refused(event_file, authority, monkeypatch, nobody):
    put("BEARER_TOKEN_FILE", monkeypatch, nobody)
    with (
        serve(event_file.parent, tls=authority.server(), token=TOKEN) as server,
        open_source(f"{server}/events.root", remote=options(authority)) as remote,
    ):
        server.behaviour.token = renewed = web_token(4102444801)
        put("BEARER_TOKEN_FILE", monkeypatch, nobody, renewed)
        assert len(remote.read(["met"], 0, 1000)["met"].content) == 1000
        remote._storage._blocks.clear()
        assert len(remote.read(["met"], 0, 1000)["met"].content) == 1000
        assert server.tokens[-1] == f"Bearer {renewed}"


def test_no_token(event_file, authority, nobody):
    with serve(event_file.parent, tls=authority.server(), token=TOKEN) as server:
        error = failure(f"{server}/events.root", options(authority))
        assert len(server.requests) == 1
    assert error.code == "remote"
    assert "refused: 401 Unauthorized; no token and no certificate was found in BEARER_TOKEN" in error.message
    assert f"{nobody}/bt_u{os.geteuid()}" in error.message


def test_an_expired_token(event_file, authority, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", web_token(1700000000))
    with serve(event_file.parent, tls=authority.server(), token=TOKEN) as server:
        error = failure(f"{server}/events.root", options(authority))
        assert len(server.requests) == 2
    assert "the token of BEARER_TOKEN expired at 2023-11-14 22:13:20 UTC" in error.message
    assert "htgettoken" in error.fix
    assert web_token(1700000000) not in str(error)


@pytest.mark.parametrize("token", ["opaque", web_token(time.time() + 3600)])
def test_a_token_that_is_refused(event_file, authority, monkeypatch, token):
    monkeypatch.setenv("BEARER_TOKEN", token)
    with serve(event_file.parent, tls=authority.server(), token=TOKEN) as server:
        error = failure(f"{server}/events.root", options(authority))
    assert "the token of BEARER_TOKEN was refused" in error.message
    assert ("it is valid until" in error.message) == (token != "opaque")


def test_never_over_http(event_file, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", TOKEN)
    with serve(event_file.parent, token=TOKEN) as server:
        error = failure(f"{server}/events.root")
        assert server.tokens == [None]
    assert "tokens are not sent over http" in error.message


def test_never_to_a_server_that_is_not_checked(event_file, authority, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", TOKEN)
    with serve(event_file.parent, tls=authority.server(), token=TOKEN) as server:
        error = failure(f"{server}/events.root", RemoteOptions(insecure=True))
        assert server.tokens == [None]
    assert "tokens are not sent with --insecure" in error.message


def test_never_to_another_server(event_file, authority, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", TOKEN)
    with (
        serve(event_file.parent, tls=authority.server()) as disk,
        serve(event_file.parent, tls=authority.server(), token=TOKEN, redirect=disk.at) as door,
        open_source(f"{door}/events.root", remote=options(authority)) as remote,
    ):
        assert remote.entries == 1000
        assert door.tokens == [None, f"Bearer {TOKEN}"]
        assert set(disk.tokens) == {None}


def test_another_server_that_asks_for_a_token(event_file, authority, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN", TOKEN)
    with (
        serve(event_file.parent, tls=authority.server(), token=TOKEN) as disk,
        serve(event_file.parent, tls=authority.server(), redirect=disk.at) as door,
    ):
        error = failure(f"{door}/events.root", options(authority))
        assert set(disk.tokens) == {None}
    assert "to which the server redirects, refused: 401 Unauthorized" in error.message


@pytest.mark.parametrize("text", ["two\nlines", "spaces in it", "ünicode", ""])
def test_what_is_no_token(tmp_path, monkeypatch, text):
    path = tmp_path / "token"
    path.write_text(text)
    monkeypatch.setenv("BEARER_TOKEN_FILE", str(path))
    with pytest.raises(HzdslError, match="holds no token") as caught:
        credentials.find_token()
    assert caught.value.code == "file-format"


def test_a_file_of_a_token_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("BEARER_TOKEN_FILE", str(tmp_path / "no"))
    with pytest.raises(HzdslError, match="cannot be read") as caught:
        credentials.find_token()
    assert caught.value.code == "file-missing"


@pytest.mark.skipif(os.geteuid() != 0, reason="files can be given away by root alone")
def test_a_token_that_somebody_else_put_there(nobody):
    path = nobody / f"bt_u{os.geteuid()}"
    path.write_text(TOKEN)
    os.chown(path, 65534, 65534)
    assert credentials.find_token() is None
