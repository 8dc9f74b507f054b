"""Runs on a real cluster of two processes: the bits of a local run, whatever is lost on the way."""

from __future__ import annotations

import os
import shutil
import signal
import socketserver
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster

import hzdsl as hz
from hzdsl.cli.app import app
from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.results import to_json
from hzdsl.run import run
from hzdsl.run.cluster import workers
from hzdsl.run.cluster.connect import connected
from hzdsl.run.cluster.dask import FAN, Cluster, Tools
from hzdsl.run.cluster.messages import Broadcast, Errand
from hzdsl.run.cluster.workers import Workers
from hzdsl.run.inputs.facts import Fingerprint
from hzdsl.run.options import Retry
from hzdsl.run.outcome.missing import DataLost
from hzdsl.run.stop import Stop
from hzdsl.run.watch import Watch
from tests.event_files import damage
from tests.run.muons import document, muon_file, weighted
from tests.run.test_run import same_tables

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"


def same(a, b) -> None:
    assert to_json(a) == to_json(b)
    same_tables(a, b)


def errands(n: int) -> list[Errand]:
    return [Errand(i, 0, 0, 0, "/a.root", None, Fingerprint(), 0, 0, ((i, i + 1),)) for i in range(n)]


@pytest.mark.parametrize("chunk_size", [None, 100, 7])
def test_a_cluster_gives_the_bits_of_one_thread(client, events, more, plain, chunk_size):
    same(plain, run(document(), [str(events), str(more)], tables=True, chunk_size=chunk_size, client=client))


def test_samples_and_the_other_backend(client, events, more):
    ana = hz.Analysis("two")
    ana.sample("zz", str(events), xsec=2.0)
    ana.sample("data", str(more), kind="data")
    spec = document(samples=[], luminosity=100.0).with_samples(ana.document().samples)
    own = run(spec, tables=True, backend="interpret")
    same(own, run(spec, tables=True, backend="interpret", chunk_size=50, client=client))


def test_a_worker_killed_in_the_middle_does_not_show(client, events, more, plain):
    pids, told = list(client.run(os.getpid).values()), []

    def kill(event) -> None:
        if event["event"] == "unit" and not told:
            told.append(event["done"])
            os.kill(pids[0], signal.SIGKILL)

    files = [str(events), str(more)]
    found = run(document(), files, tables=True, chunk_size=3, client=client, watch=Watch(kill))
    assert told[0] < 1300
    assert pids[0] not in client.run(os.getpid).values()
    same(plain, found)


def test_a_damaged_file_is_reported_as_by_a_local_run(client, events, tmp_path):
    bad = tmp_path / "bad.root"
    data = bytearray(muon_file(bad, n=400, seed=3).read_bytes())
    with open_source(str(bad)) as source:
        (start, size), _ = source._baskets("Muon_pt", 0, 400)[0]
    data[start + size // 2 : start + size // 2 + 40] = bytes(40)
    bad.write_bytes(data)
    files = [str(events), str(bad)]
    lost = []
    for options in ({}, {"client": client}):
        with pytest.raises(DataLost) as caught:
            run(document(), files, backend="interpret", chunk_size=100, retries=1, retry_delay=0.01, **options)
        lost.append(caught.value)
    assert str(lost[0]) == str(lost[1])
    assert "bad.root" in str(lost[1])
    assert to_json(lost[0].partial) == to_json(lost[1].partial)
    kept = run(document(), files, backend="interpret", chunk_size=50, retries=0, allow_missing=True, client=client)
    assert 1000 <= kept.events < 1400


def test_files_are_called_as_the_run_calls_them(client, events, tmp_path, monkeypatch):
    """Workers have other current folders."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(events, "a.root")
    muon_file(tmp_path / "bad.root", n=400, seed=3)
    damage(tmp_path / "bad.root", "Muon_pt")
    made = []
    for options in ({}, {"client": client}):
        told: list[dict] = []
        how = {"backend": "interpret", "chunk_size": 200, "retries": 1, "retry_delay": 0.01, "allow_missing": True}
        result = run(document(), ["a.root", "bad.root"], watch=Watch(told.append), **how, **options)
        seen = [e for e in told if e["event"] in ("retry", "lost")]
        made.append((to_json(result), sorted(seen, key=lambda e: (e["event"], e["start"]))))
    assert made[0] == made[1]
    assert {e["event"] for e in made[1][1]} == {"retry", "lost"}
    assert {e["file"] for e in made[1][1]} == {"bad.root"}
    assert str(tmp_path) not in made[1][0]


def test_a_file_that_was_replaced_is_told(client, events, tmp_path):
    path = muon_file(tmp_path / "a.root", n=300)

    def replace(event) -> None:
        if event["event"] == "plan":
            muon_file(path, n=299, seed=9)

    with pytest.raises(HzdslError, match=r"a.root has changed since the run began"):
        run(document(), str(path), backend="interpret", retries=0, client=client, watch=Watch(replace))


def test_what_no_repetition_mends_is_raised(client, events):
    said = []
    for options in ({}, {"client": client}):
        with pytest.raises(HzdslError) as caught:
            run(weighted(), str(events), backend="interpret", **options)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "declared exclusive, but entry 6 of" in said[1]


def test_an_interruption_leaves_nothing_behind(cluster, client, events):
    def interrupt(event) -> None:
        if event["event"] == "unit":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(document(), str(events), backend="interpret", chunk_size=1, client=client, watch=Watch(interrupt))
    for _ in range(100):
        if not cluster.scheduler.tasks:
            break
        time.sleep(0.05)
    assert not cluster.scheduler.tasks
    assert not [name for name in cluster.scheduler.worker_plugins if name.startswith("hzdsl")]


def test_workers_are_waited_for(events, plain, more, monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 0.1)
    with LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=":0") as empty, Client(empty) as client:
        told: list[dict] = []

        def listen(event) -> None:
            told.append(event)
            if event["event"] == "waiting":
                empty.scale(1)

        same(plain, run(document(), [str(events), str(more)], tables=True, client=client, watch=Watch(listen)))
        address = empty.scheduler_address
    said = [e for e in told if e["event"] in ("waiting", "working")]
    assert said == [{"event": what, "scheduler": address} for what in ("waiting", "working")]
    assert [e["event"] for e in told][:6] == ["start", "waiting", "working", "opened", "opened", "plan"]


def test_a_run_that_is_to_stop_does_not_wait_for_workers(events, monkeypatch):
    """They have all gone in the middle, and nobody will finish what was begun."""
    monkeypatch.setattr(workers, "PATIENCE", 0.1)
    stop = Stop()
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as leaving, Client(leaving) as client:

        def listen(event) -> None:
            if event["event"] == "unit":
                leaving.scale(0)
            elif event["event"] == "waiting":
                stop.ask("test")

        how = {"backend": "interpret", "chunk_size": 1, "client": client, "watch": Watch(listen), "stop": stop}
        result = run(document(), str(events), **how)
    assert not result.complete
    assert 0 < result.events < 1000


def test_a_client_that_is_closed(cluster, events):
    client = Client(cluster)
    client.close()
    with pytest.raises(HzdslError) as caught:
        run(document(), str(events), client=client)
    assert caught.value.code == "cluster"


def test_a_client_that_is_closed_in_the_middle(cluster, events):
    client = Client(cluster)

    def close(event) -> None:
        if event["event"] == "unit":
            client.close()

    with pytest.raises(HzdslError) as caught:
        run(document(), str(events), backend="interpret", chunk_size=1, client=client, watch=Watch(close))
    assert caught.value.code == "cluster"


def test_workers_of_another_version_are_refused(client):
    told = Broadcast("0.0.1", "codegen", (), (), {}, False, "", None, False, Retry())
    ((_, returned),) = Cluster(Workers(client), Tools(told.packed())).returned([errands(FAN + 1)])
    assert returned.error.code == "graph-format"
    assert "the run is of hzdsl 0.0.1" in str(returned.error)


def deadly(told: bytes) -> None:
    """End every process that works."""
    os._exit(1)


def test_workers_that_end_again_and_again_are_told_with_the_entries(cluster, client):
    cluster.scheduler.allowed_failures, before = 0, cluster.scheduler.allowed_failures
    try:
        with pytest.raises(HzdslError, match=r"1 workers? ended .* read entries 0 to 1 of /a.root"):
            list(Cluster(Workers(client), Tools(b"", deadly)).returned([errands(1)]))
    finally:
        cluster.scheduler.allowed_failures = before


def test_the_command_line(cluster, events, monkeypatch):
    monkeypatch.chdir(events.parent)
    command = ["run", str(ANALYSES / "dimuon" / "dimuon.toml"), events.name, "--json", "--backend", "interpret"]
    said = [CliRunner().invoke(app, [*command, *more]) for more in ((), ("--dask", cluster.scheduler_address))]
    assert [s.exit_code for s in said] == [0, 0]
    assert said[0].stdout == said[1].stdout


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("head", "head is no address of a dask scheduler"),
        ("http://head:8786", "http://head:8786 is no address of a dask scheduler"),
        ("no.json", "no.json is not there"),
        ("tcp://127.0.0.1:9", "no dask scheduler answers at tcp://127.0.0.1:9"),
    ],
)
def test_an_address_where_nobody_answers(address, message):
    with pytest.raises(HzdslError) as caught, connected(address, seconds=0.2):
        pass
    assert caught.value.code == "cluster"
    assert message in str(caught.value)


class Greeting(socketserver.BaseRequestHandler):
    """Something else than a scheduler."""

    def handle(self):
        self.request.sendall(b"220 mail.example.org ESMTP ready, and at your service at all times of the day\r\n")
        self.request.recv(1)


def test_an_address_where_something_else_answers():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Greeting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(HzdslError) as caught, connected(address, seconds=2):
            pass
        server.shutdown()
    assert caught.value.code == "cluster"
    assert address in caught.value.message
    assert "dask scheduler" in caught.value.message


def test_without_dask_the_fix_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(HzdslError, match=r"pip install 'hzdsl\[dask\]'") as caught, connected("tcp://head:8786"):
        pass
    assert caught.value.code == "library-missing"
