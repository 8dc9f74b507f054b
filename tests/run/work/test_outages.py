"""Servers that go away in the middle of a run: given up after some tries, asked again now and then."""

from __future__ import annotations

import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.away import ServerAway
from hzdsl.io.ttree import TTreeSource
from hzdsl.run import run
from hzdsl.run.watch import Watch
from hzdsl.run.work import outages
from hzdsl.run.work.outages import FAILURES, PROBE, Outages
from tests.event_files import write
from tests.io.remote.web_server import serve
from tests.run.muons import document, identifiers, muons

AWAY = ServerAway("http://h/a.root: the server failed 5 times, at last with: Connection refused")
TRIES = 4
QUICK = RemoteOptions(timeout=2, retries=TRIES - 1, backoff=0.001)


@pytest.fixture
def folder(tmp_path):
    """Two files of events in many baskets."""
    for name in ("a", "b"):
        write(tmp_path / f"{name}.root", {**identifiers(4000, 1), **muons(4000, seed=1)}, baskets=40)
    return tmp_path


class Time:
    now = 100.0

    def __call__(self):
        return self.now


def test_given_up_after_some_failures_with_a_try_now_and_then():
    time = Time()
    o = Outages(time)
    for _ in range(FAILURES):
        assert o.given_up("http://h/a.root") is None
        o.failed("http://h/a.root", AWAY)
    assert o.given_up("http://h/a.root") is AWAY
    assert o.given_up("http://h/b.root").message == f"its server had been given up ({AWAY.message})"
    assert o.given_up("http://other/a.root") is None
    time.now += PROBE
    assert o.given_up("http://h/b.root") is None  # the one try
    assert o.given_up("http://h/a.root") is AWAY
    o.answered("http://h/b.root")
    assert o.given_up("http://h/a.root") is None


def test_failures_in_a_row_and_of_servers_alone():
    o = Outages()
    for _ in range(2 * FAILURES):
        o.failed("http://h/a.root", HzdslError("remote", "the server refused"))
        o.failed("/a.root", HzdslError("file-truncated", "damaged"))
        o.failed("http://h/a.root", AWAY)
        o.answered("http://h/a.root")
    assert o.given_up("http://h/a.root") is o.given_up("/a.root") is None


@pytest.mark.parametrize("retries", [0, 2])
def test_a_server_that_goes_away_is_not_asked_for_every_chunk(folder, retries):
    with serve(folder) as server:
        asked = []

        def watch(event):
            if event["event"] == "unit" and not asked:
                server.broken = True
                asked.append(len(server.requests))

        result = run(
            document(), [f"{server}/a.root", f"{server}/b.root"], chunk_size=100, remote=QUICK, retries=retries,
            retry_delay=0.001, allow_missing=True, backend="interpret", watch=Watch(watch),
        )  # fmt: skip
        more = len(server.requests) - asked[0]
    lost = sum(m.events for m in result.missing)
    assert lost > 6000  # some were fetched ahead
    assert lost + result.events == 8000
    assert more < TRIES * (FAILURES + 8)  # 8: requests that were under way or ahead; each of 70 chunks would be 280
    assert f"the server failed {TRIES} times, at last with: 500" in result.missing[0].reason
    assert "its server had been given up" in result.missing[-1].reason


def test_a_server_that_comes_back_is_read_again(folder, monkeypatch):
    monkeypatch.setattr(outages, "PROBE", 0.0)
    real, calls = TTreeSource.read, []

    def read(self, names, start, stop, **how):
        calls.append(start)
        if 500 <= start < 1500:
            raise ServerAway("no answer")
        return real(self, names, start, stop, **how)

    monkeypatch.setattr(TTreeSource, "read", read)
    with serve(folder) as server:
        result = run(document(), f"{server}/a.root", chunk_size=100, retries=0, allow_missing=True, backend="interpret")
    assert [m.ranges for m in result.missing] == [((500, 1500),)]
