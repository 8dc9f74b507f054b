"""Inputs that fail in the middle of a run: tried again, lost and told, or the end of it; numbers never silently others."""

from __future__ import annotations

import json
import os
import shutil
from itertools import count

import numpy as np
import pytest

from hzdsl import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.io.ttree import TTreeSource
from hzdsl.results import event_columns, text_of, to_json, yields
from hzdsl.run import run
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.outcome.missing import NOT_READ, DataLost
from hzdsl.run.stop import Stop
from hzdsl.run.watch import Watch
from tests.event_files import damage, write
from tests.io.remote.web_server import serve
from tests.run.muons import document, identifiers, muon_file, muons

QUICK = {"retry_delay": 0.001, "backend": "interpret"}


@pytest.fixture
def files(tmp_path, events, more):
    """Copies of 1000 and 300 events, in three baskets each."""
    return [shutil.copy(events, tmp_path / "a.root"), shutil.copy(more, tmp_path / "b.root")]


class Told(list):
    """The events of a run."""

    def __call__(self, event):
        self.append(dict(event))

    def of(self, kind):
        return [e for e in self if e["event"] == kind]


def lost(*args, **kwargs) -> DataLost:
    with pytest.raises(DataLost) as e:
        run(*args, **{**QUICK, **kwargs})
    assert e.value.code == "data-lost"
    return e.value


def without_missing(result):
    """The result of the events that are there, as JSON without weights and what is missing."""
    made = json.loads(to_json(result))
    return {k: made[k] for k in ("events", "regions", "histograms")}


def test_only_the_damaged_basket_is_lost(files, backend):
    start, stop = damage(files[0], "Muon_pt", 1)
    error = lost(document(), files, backend=backend)
    (m,) = error.partial.missing
    assert (m.path, m.ranges, m.events, m.entries, m.attempts) == (str(files[0]), ((start, stop),), 334, 1000, 3)
    assert m.blocks == {1: ((3, 6),)}  # entries 334 to 667 of 100 per block
    for words in ("1 file could not", "a.root: 334 of 1000 events (entries 334 to 667)", "25.7 % of the events"):
        assert words in error.message, error.message
    assert "luminosity blocks run 1: 3 to 6" in error.message
    assert "--allow-missing" in error.fix
    assert error.partial.events == 1300 - 334
    assert not error.partial.complete
    assert json.loads(to_json(error.partial))["complete"] is False
    assert text_of([yields(error.partial)]).startswith("PARTIAL (74.3 % of the events) dimuon: yields")


def test_what_is_lost_does_not_depend_on_threads_and_chunks(files):
    damage(files[0], "Muon_pt", 1)
    damage(files[1], "Muon_eta", 0)
    damage(files[1], "Muon_charge", 2)
    plain = run(document(), files, allow_missing=True, tables=True, **QUICK)
    assert [m.ranges for m in plain.missing] == [((334, 668),), ((0, 100),), ((200, 300),)]
    for threads, chunk_size in ((1, 1000), (3, 70), (2, 23), (1, 334)):
        options = {"threads": threads, "chunk_size": chunk_size, "allow_missing": True, "tables": True}
        other = run(document(), files, retries=0, **options, **QUICK)
        one, two = (json.loads(to_json(r)) for r in (plain, other))
        assert [m.pop("attempts") for m in one["missing"]] == [3, 3, 3]
        assert [m.pop("attempts") for m in two["missing"]] == [1, 1, 1]
        assert one == two
        assert event_columns(plain)[0]["event"].tolist() == event_columns(other)[0]["event"].tolist()


def test_events_keep_their_numbers_beside_a_gap(files):
    whole = run(document(), files, tables=True, **QUICK).samples[""].tables[1]
    start, stop = damage(files[0], "Muon_pt", 1)
    result = run(document(), files, tables=True, allow_missing=True, **QUICK)
    table = result.samples[""].tables[1]
    kept = (whole.entry < start) | (whole.entry >= stop)
    assert np.array_equal(table.entry, whole.entry[kept])
    assert np.array_equal(table.columns["event"], whole.columns["event"][kept])
    assert any(n.startswith("missing: ") and "a.root" in n for n in result.notes)


@pytest.mark.parametrize("nevt", [None, 4000])
def test_weights_are_those_of_the_planned_sample(files, nevt):
    extra = {} if nevt is None else {"nevt": nevt}
    samples = ({"name": "zz", "files": list(map(str, files)), "xsec": 0.5, **extra},)
    doc = document(luminosity=100.0, samples=samples)
    whole = run(doc, **QUICK)
    damage(files[0], "Muon_pt", 1)
    part = run(doc, allow_missing=True, **QUICK)
    weight = 50 / (nevt or 1300)
    assert part.samples["zz"].weight == whole.samples["zz"].weight == weight
    assert part.regions["every"].sumw == pytest.approx(966 * weight)
    assert part.missing[0].weight == pytest.approx(334 * weight)
    assert f"25.69 of 100 /pb, a yield of {334 * weight:.4g} before" in lost(doc).message


def test_what_passes_is_tried_again(files, monkeypatch, backend):
    plain = to_json(run(document(), files, backend=backend))
    real, calls = TTreeSource.read, count()

    def failing(self, names, start, stop, **how):
        if stop - start > 1 and next(calls) in (0, 2, 3, 5):
            raise HzdslError("file-truncated", "the disk sleeps")
        return real(self, names, start, stop, **how)

    monkeypatch.setattr(TTreeSource, "read", failing)
    told = Told()
    made = run(document(), files, backend=backend, chunk_size=100, retry_delay=0.001, watch=Watch(told))
    assert to_json(made) == plain
    assert [(e["attempt"], e["code"], e["error"]) for e in told.of("retry")] == [
        (1, "file-truncated", "the disk sleeps"), (1, "file-truncated", "the disk sleeps"),
        (2, "file-truncated", "the disk sleeps"), (1, "file-truncated", "the disk sleeps"),
    ]  # fmt: skip
    assert told[-1]["status"] == "done"


def test_back_off_doubles(files, monkeypatch):
    waited = []
    monkeypatch.setattr(Stop, "wait", lambda self, seconds: bool(waited.append(seconds)))
    damage(files[0], "Muon_pt", 1)
    run(document(), files, allow_missing=True, retries=4, retry_delay=0.5, backend="interpret")
    assert waited == [0.5, 1.0, 2.0, 4.0]


def test_errors_of_the_analysis_are_not_tried_again(files, tmp_path):
    columns = {**identifiers(10), **muons(10)}
    wide = write(tmp_path / "wide.root", {**columns, "run": np.full(10, 2**40)})
    told = Told()
    with pytest.raises(HzdslError, match="holds 1099511627776") as e:
        run(document(), [*files, wide], tables=True, watch=Watch(told), allow_missing=True, **QUICK)
    assert e.value.code == "branch-type"
    assert not told.of("retry")
    assert (told[-1]["event"], told[-1]["status"]) == ("end", "failed")


def test_a_file_that_vanishes_in_the_middle(files, monkeypatch):
    monkeypatch.setattr("hzdsl.run.inputs.trees.KEPT_OPEN", 1)
    told = Told()

    def remove_later(event):
        if event["event"] == "unit":
            files[1].unlink(missing_ok=True)

    error = lost(document(), files, chunk_size=400, watch=Watch(told, remove_later))
    (m,) = error.partial.missing
    assert (m.path, m.ranges, m.events) == (str(files[1]), ((0, 300),), 300)
    assert "there is no file" in m.reason
    assert without_missing(error.partial) == without_missing(run(document(), files[:1], **QUICK))
    assert [(e["file"], e["start"], e["stop"]) for e in told.of("lost")] == [(str(files[1]), 0, 300)]
    assert told[-1]["status"] == "lost"
    assert told[-1]["missing"] == 300


def test_a_file_that_is_removed_while_it_is_open_is_whole(files):
    plain = without_missing(run(document(), files, **QUICK))

    def remove(event):
        for f in files if event["event"] == "plan" else ():
            f.unlink()

    assert without_missing(run(document(), files, watch=Watch(remove), **QUICK)) == plain


def test_a_file_that_is_cut_in_the_middle(files, backend):
    """It is mapped into memory: reading beyond its end would kill the process."""

    def cut(event):
        if event["event"] == "unit" and event["stop"] == 400:
            os.truncate(files[0], 2000)

    told = Told()
    error = lost(document(), files, backend=backend, chunk_size=400, watch=Watch(told, cut))
    assert "has changed since the run began (it has 2000 bytes instead of" in told.of("retry")[0]["error"]
    (m,) = error.partial.missing
    assert (m.path, m.ranges) == (str(files[0]), ((400, 1000),))
    assert "ends after 2000 bytes" in m.reason


def test_a_file_that_is_replaced_by_another(files, monkeypatch, tmp_path):
    monkeypatch.setattr("hzdsl.run.inputs.trees.KEPT_OPEN", 0)
    other = muon_file(tmp_path / "other.root", n=300, seed=3)

    def replace(event):
        if event["event"] == "plan":
            shutil.copy(other, files[1])

    (m,) = lost(document(), files, watch=Watch(replace)).partial.missing
    assert (m.path, m.events) == (str(files[1]), 300)
    assert "has changed since the run began" in m.reason


def test_files_that_cannot_be_opened_at_first(files, tmp_path):
    short = tmp_path / "short.root"
    short.write_bytes(files[0].read_bytes()[:5000])
    given = [str(files[0]), str(short), str(tmp_path / "none.root")]
    with pytest.raises(HzdslError, match=r"short\.root ends after"):
        run(document(), given, **QUICK)
    result = run(document(), given, allow_missing=True, **QUICK)
    assert [(m.path, m.events) for m in result.missing] == [(given[1], None), (given[2], None)]
    assert result.mark == "PARTIAL (without 2 files) "
    assert result.events == 1000
    assert "none.root: all of its events, how many is not known: there is no file" in result.notes[-1]
    with pytest.raises(HzdslError, match="there is no file"):
        run(document(), given[2], allow_missing=True, **QUICK)


def test_a_server_that_fails_for_a_while_and_one_that_stays_bad(tmp_path):
    """Each file is larger than what is fetched when it is opened, and than what is asked for ahead of its time."""
    files = [muon_file(tmp_path / f"{name}.root", n=20_000, seed=k, baskets=20) for k, name in enumerate("ab")]
    plain = without_missing(run(document(), files, **QUICK))
    remote = RemoteOptions(timeout=2, retries=0, backoff=0.001)
    with serve(tmp_path) as server:
        urls = [f"{server}/a.root", f"{server}/b.root"]
        failing = {"forbid": 2}

        def forbid(event):
            if event["event"] == "unit" and event["stop"] == 1000:
                server.forbid_next = failing["forbid"]

        options = {"remote": remote, "chunk_size": 1000, "watch": Watch(forbid), **QUICK}
        assert without_missing(run(document(), urls, **options)) == plain
        failing["forbid"] = 10**6
        error = lost(document(), urls, **options)
    assert {m.path for m in error.partial.missing} == set(urls)
    assert 1000 <= error.partial.events < 20_000
    assert error.partial.events + sum(m.events for m in error.partial.missing) == 40_000


def test_a_run_that_is_stopped(files):
    stop, told = Stop(), Told()

    def after_two(event):
        if len(told.of("unit")) == 2:
            stop.ask("test")

    result = run(document(), files, stop=stop, chunk_size=100, tables=True, watch=Watch(told, after_two), **QUICK)
    assert [(m.path, m.ranges, m.reason) for m in result.missing] == [
        (str(files[0]), ((200, 1000),), NOT_READ),
        (str(files[1]), ((0, 300),), NOT_READ),
    ]
    assert result.events == 200
    assert result.mark == "PARTIAL (15.4 % of the events) "
    assert result.notes == ("missing: 1100 events of 2 files had not been read",)
    assert told[-1]["status"] == "stopped"
    first = run(document(), files[:1], max_events=200, **QUICK)
    assert without_missing(result) == without_missing(first)


def test_a_stop_ends_waiting(files):
    damage(files[0], "Muon_pt", 0)
    stop, told = Stop(), Told()

    def at_once(event):
        if event["event"] == "retry":
            stop.ask("test")

    options = {"stop": stop, "watch": Watch(told, at_once), "backend": "interpret", "retry_delay": 3600}
    result = run(document(), files, **options)  # would wait an hour
    assert result.events == 0
    assert {m.reason for m in result.missing} == {NOT_READ}


def test_no_file_is_left_open(files, monkeypatch):
    opened, closed = [], []
    damage(files[0], "Muon_pt", 1)
    real = InputTree._shut
    monkeypatch.setattr(InputTree, "_shut", lambda self, s: (closed.append(s), real(self, s)))
    opening = InputTree._check
    monkeypatch.setattr(InputTree, "_check", lambda self, s: (opened.append(s), opening(self, s))[1])
    lost(document(), files, threads=3, chunk_size=50, backend="codegen")
    assert len(opened) >= 4
    assert sorted(map(id, opened)) == sorted(map(id, closed))


@pytest.mark.parametrize("n", [0, 1])
def test_samples_of_no_event_and_of_one(files, tmp_path, n, backend):
    few = muon_file(tmp_path / "few.root", n=1, seed=4)
    if n == 0:
        few = write(tmp_path / "none.root", {**identifiers(0), **muons(0)}, baskets=1)
    samples = ({"name": "few", "files": str(few)}, {"name": "a", "files": str(files[0])})
    result = run(document(samples=samples), backend=backend, tables=True)
    assert result.samples["few"].events == n
    assert [len(t.entry) for t in result.samples["few"].tables][1] == n
    columns, _ = event_columns(result)
    alone, _ = event_columns(run(document(), files[:1], backend=backend, tables=True))
    assert len(columns["event"]) >= len(alone["event"])


def test_chunks_without_survivors(files, backend):
    plain = run(document(), files, backend=backend, tables=True, parameters={"min_pt": 50})
    other = run(document(), files, backend=backend, tables=True, parameters={"min_pt": 50}, chunk_size=40, threads=2)
    assert plain.regions["pair"].selected < 20
    assert to_json(plain) == to_json(other)
    assert len(plain.samples[""].tables[0].entry) == plain.regions["pair"].selected


def test_a_file_that_is_overwritten_by_another_of_the_same_size(tmp_path):
    """Same length, other events: by the time of its last change it is looked at again, and its UUID is another."""
    path, other = (muon_file(tmp_path / f"{name}.root", n=5000, seed=1, baskets=5) for name in ("a", "b"))
    size = max(p.stat().st_size for p in (path, other))
    for p in (path, other):
        p.write_bytes(p.read_bytes().ljust(size, b"\0"))  # the end of a ROOT file is what its header says
    done: list[int] = []

    def overwrite(event):
        if event["event"] == "unit":
            if not done:
                with open(path, "r+b") as file:
                    file.write(other.read_bytes())
                os.utime(path, ns=(10**18, 10**18))
            done.append(event["done"])

    error = lost(document(), str(path), chunk_size=1000, retries=0, watch=Watch(overwrite))
    assert all("it was replaced" in m.reason for m in error.partial.missing)
    assert error.partial.events == 1000


def test_a_file_that_is_touched_is_the_same(tmp_path):
    path = muon_file(tmp_path / "a.root", n=5000, baskets=5)
    watch = Watch(lambda event: os.utime(path) if event["event"] == "unit" else None)
    assert run(document(), str(path), chunk_size=1000, watch=watch, **QUICK).events == 5000


def test_units_say_how_many_of_their_entries_are_lost(files):
    start, stop = damage(files[0], "Muon_pt", 1)
    told = Told()
    result = run(document(), files, allow_missing=True, watch=Watch(told), chunk_size=400, **QUICK)
    units = told.of("unit")
    assert sum(u["stop"] - u["start"] - u["lost"] for u in units) == result.events == 1300 - (stop - start)
    assert sum(u["lost"] for u in units) == sum(x["stop"] - x["start"] for x in told.of("lost")) == stop - start
    assert units[-1]["done"] == result.events
