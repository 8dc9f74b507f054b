"""Runs on servers: the same bits as on the files themselves, whatever goes wrong, or an error of ours."""

from __future__ import annotations

import random
import threading

import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.transport import GAP
from hzdsl.results import to_json
from hzdsl.run import run
from hzdsl.run.outcome.missing import DataLost
from hzdsl.run.watch import Watch
from tests.event_files import write
from tests.io.remote.web_server import serve
from tests.io.remote.xrootd_server import serve_xrootd
from tests.run.muons import document, identifiers, muons

QUICK = RemoteOptions(timeout=2, retries=3, backoff=0.001)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three files of events, two as large as to be read in several chunks."""
    folder = tmp_path_factory.mktemp("served")
    for number, n in enumerate((3000, 20, 4000)):
        events = {**identifiers(n, 10000 * number), **muons(n, seed=number)}
        write(folder / f"{number}.root", events, baskets=6)
    return folder


def files(place):
    return [f"{place}/{number}.root" for number in range(3)]


def same(far, near, place, folder):
    """Whether two results are the same but for the names of their files."""
    return to_json(far).replace(f"{place}/", f"{folder}/") == to_json(near)


@pytest.fixture(scope="module")
def local(folder):
    return run(document(), files(folder), tables=True)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_same_bits_over_http(folder, local, threads):
    with serve(folder) as server:
        far = run(document(), files(server), tables=True, threads=threads, chunk_size=500, remote=QUICK)
        assert same(far, local, server, folder)
        assert sum(i.bytes_fetched for i in far.inputs) == server.bytes_sent
    assert all(i.served_by == (i.path,) for i in far.inputs)
    size = sum((folder / f"{k}.root").stat().st_size for k in range(3))
    assert far.notes[-1].endswith(f"MB of {size / 1e6:.1f} MB over the network")


def test_the_same_bits_over_xrootd(folder, local):
    with serve_xrootd() as server:
        for number in range(3):
            server.put(folder / f"{number}.root")
        far = run(document(), files(f"{server}/"), tables=True, chunk_size=500, remote=QUICK)
    assert same(far, local, f"{server}/", folder)


def test_only_what_is_needed_is_fetched(folder):
    with serve(folder) as server:
        far = run(document(), f"{server}/2.root", backend="interpret", remote=QUICK)
        with open_source(str(folder / "2.root")) as source, open_source(f"{server}/2.root", remote=QUICK) as opened:
            names = [
                n for n in source.columns if n.startswith(("Muon_pt", "Muon_eta", "Muon_phi", "Muon_mass", "nMuon"))
            ]
            needed = sum(map(source.stored_bytes, [*names, "Muon_charge"]))
            assert far.inputs[0].bytes_fetched <= opened.bytes_fetched + needed + 6 * GAP


def test_a_redirector_takes_over_in_the_middle(folder, interpreted):
    with serve(folder) as near, serve(folder) as far:
        options = RemoteOptions(timeout=2, retries=1, backoff=0.001, redirectors=(str(far),))

        def go(event):
            near.gone = near.gone or event["event"] == "unit"

        how = {"tables": True, "backend": "interpret", "chunk_size": 500, "watch": Watch(go)}
        result = run(document(), files(near), **how, remote=options)
        assert same(result, interpreted, near, folder)
        assert result.inputs[2].served_by == (f"{near}/2.root", f"{far}/2.root")
    assert f"{near}/2.root was read from {near}/2.root and {far}/2.root (there is no file {near}/2.root" in "\n".join(
        result.notes
    )


@pytest.fixture(scope="module")
def interpreted(folder):
    return run(document(), files(folder), tables=True, backend="interpret")


@pytest.mark.parametrize(("seed", "patience"), [*((k, 0) for k in range(4)), *((k, 6) for k in range(8))])
def test_chance_never_shows(folder, interpreted, seed, patience):
    """Servers that fail by chance give the local bits or, to who has no patience, an error."""
    how = {"tables": True, "backend": "interpret", "threads": 1 + seed % 2, "chunk_size": 500, "retries": 0}
    options = RemoteOptions(timeout=2, retries=patience, backoff=0.001)
    with serve(folder, chance=random.Random(seed)) as server:
        try:
            far = run(document(), files(server), **how, remote=options)
        except DataLost as error:
            assert all("the server failed" in m.reason for m in error.partial.missing)
            assert not patience
        except HzdslError as error:  # when files are opened first
            assert error.code == "remote"
            assert not patience
        else:
            assert same(far, interpreted, server, folder)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda path: path.unlink(), "there is no file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-500]), "was cut to"),
        (lambda path: path.write_bytes(path.read_bytes()), "changed"),
    ],
    ids=["vanishes", "is cut", "is written anew"],
)
def test_a_file_that_changes_in_the_middle_of_a_run(tmp_path, change, why):
    write(tmp_path / "a.root", {**identifiers(30000), **muons(30000)}, baskets=30)
    before = threading.active_count()
    with serve(tmp_path) as server:
        done: list[int] = []

        def changing(event):
            if event["event"] == "unit":
                if not done:
                    change(tmp_path / "a.root")
                done.append(event["done"])

        how = {"chunk_size": 1000, "backend": "interpret", "retries": 0, "watch": Watch(changing), "remote": QUICK}
        with pytest.raises(DataLost) as caught:
            run(document(), f"{server}/a.root", **how)
        missing = caught.value.partial.missing
        assert {m.path for m in missing} == {f"{server}/a.root"}
        assert any(why in m.reason for m in missing), missing
        assert 1000 <= caught.value.partial.events < 30000
        assert caught.value.partial.events + sum(m.events for m in missing) == 30000
    assert not [t for t in threading.enumerate() if t.name.startswith("hzdsl")]
    assert threading.active_count() <= before + 8  # those of the server


def test_a_path_that_only_a_redirector_has(folder, local, tmp_path):
    names = [f"/nowhere-{tmp_path.name}/{k}.root" for k in range(3)]
    (tmp_path / names[0].split("/")[1]).symlink_to(folder)
    with serve(tmp_path) as server:
        remote = RemoteOptions(timeout=2, backoff=0.001, redirectors=(str(server),))
        far = run(document(), names, tables=True, chunk_size=500, remote=remote)
        assert same(far, local, names[0].rsplit("/", 1)[0], folder)
        assert [i.served_by for i in far.inputs] == [(f"{server}{name}",) for name in names]
