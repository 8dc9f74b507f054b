"""What a run keeps: continued from any byte, refused where it is of another run, slices merged; always the same bits."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
from dataclasses import replace

import pytest

from hzdsl import HzdslError
from hzdsl.results import event_columns, to_json
from hzdsl.run import run
from hzdsl.run.kept.frame import FORMAT
from hzdsl.run.kept.state import FRAME
from hzdsl.run.merge import merge
from hzdsl.run.options import Keeping, Slice
from hzdsl.run.parts.blocks import block, blocks
from hzdsl.run.stop import Stop
from hzdsl.run.watch import Watch
from tests.event_files import damage
from tests.run.muons import dimuon, document, muon_file, weighted


@pytest.fixture
def doc(tmp_path, events, more):
    """Three samples: of two files, of one, and of data."""
    paths = [str(shutil.copy(f, tmp_path / f"{n}.root")) for n, f in (("a", events), ("b", more), ("c", more))]
    samples = (
        {"name": "zz", "files": paths[:2], "xsec": 0.5},
        {"name": "ww", "files": paths[2:], "xsec": 0.3, "nevt": 500, "channels": ["every"]},
        {"name": "seen", "files": paths[:1], "kind": "data"},
    )
    return document(luminosity=100.0, samples=samples)


def go(doc, **options):
    return run(doc, **{"backend": "interpret", "tables": True, "chunk_size": 100, **options})


def all_of(result):
    """Everything that comes out: the JSON document and every row."""
    columns, valid = event_columns(result)
    masks = [None if valid[c] is None else valid[c].tolist() for c in columns]
    return to_json(result), {c: x.tolist() for c, x in columns.items()}, masks


def keeping(path, **options):
    return Keeping(path / "kept" / "state.hzs", interval=0, **options)


def stopped_after(doc, units, state, **options):
    """Run until so many units are done, keeping them."""
    stop, done = Stop(), []

    def listen(event):
        done.append(event) if event["event"] == "unit" else None
        if len(done) >= units:
            stop.ask("test")

    return go(doc, stop=stop, watch=Watch(listen), keeping=state, **options)


def test_continued_runs_have_the_same_bits(doc, tmp_path):
    plain = all_of(go(doc, chunk_size=None))
    state = keeping(tmp_path)
    again = replace(state, resume=True)
    assert stopped_after(doc, 3, state).events == 300
    assert stopped_after(doc, 7, again, threads=2, chunk_size=70).events >= 300 + 490
    told = []
    assert all_of(go(doc, keeping=again, chunk_size=None, watch=Watch(told.append))) == plain
    (known,) = [e["done"] for e in told if e["event"] == "plan"]
    assert known >= 790
    assert sum(e["stop"] - e["start"] for e in told if e["event"] == "unit") == 2600 - known
    assert all_of(go(doc, keeping=again)) == plain  # all is known


def test_torn_at_any_byte(doc, tmp_path):
    plain = all_of(go(doc))
    state = keeping(tmp_path)
    stopped_after(doc, 12, state)
    data = state.path.read_bytes()
    cut = [0, 27, 28, len(data) - 1, *random.Random(1).sample(range(len(data)), 5)]
    known = set()
    for n in cut:
        state.path.write_bytes(data[:n])
        told = []
        result = go(doc, keeping=replace(state, resume=True), chunk_size=None, watch=Watch(told.append))
        assert all_of(result) == plain, n
        known |= {e["done"] for e in told if e["event"] == "plan"}
        assert all_of(go(doc, keeping=replace(state, resume=True))) == plain, n  # what was appended is sound
    assert len(known) > 2
    assert 0 in known


def test_a_new_run_starts_anew(doc, tmp_path):
    state = keeping(tmp_path)
    stopped_after(doc, 3, state)
    told = []
    go(doc, keeping=state, watch=Watch(told.append))
    assert [e["done"] for e in told if e["event"] == "plan"] == [0]
    assert [e["entries"] for e in told if e["event"] == "checkpoint"][-1] == 2600


def test_a_short_run_keeps_nothing(doc, tmp_path):
    go(doc, keeping=Keeping(tmp_path / "kept" / "state.hzs"))
    assert not (tmp_path / "kept").exists()


def changed_parameter(doc, tmp_path):
    return {"parameters": {"min_pt": 6}}


def changed_tables(doc, tmp_path):
    return {"tables": False}


def changed_backend(doc, tmp_path):
    return {"backend": "codegen"}


def changed_events(doc, tmp_path):
    return {"max_events": 700}


def changed_file(doc, tmp_path):
    muon_file(tmp_path / "b.root", n=300, seed=2, first=5000)  # the same events, written again


def changed_order(doc, tmp_path):
    """The order of histograms has no meaning, and the same hash; what is kept has an order."""
    return {"doc": replace(doc, histograms=doc.histograms[::-1])}


def changed_trust(doc, tmp_path):
    return {"trust_files": True}


def changed_kind(doc, tmp_path):
    """Without weights the program of data is the same."""
    return {"doc": replace(doc, samples=(doc.samples[0], replace(doc.samples[1], kind="data"), doc.samples[2]))}


def changed_channels(doc, tmp_path):
    return {"doc": replace(doc, samples=(doc.samples[0], replace(doc.samples[1], channels=()), doc.samples[2]))}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed_parameter, "parameters min_pt: 5 GeV there, 6 GeV here"),
        (changed_tables, "tables: True there, False here"),
        (changed_backend, "provenance backend: interpret there, codegen here"),
        (changed_events, "max_events: None there, 700 here"),
        (changed_file, "trees .*b.root stored identity: "),
        (changed_order, "programs 1: "),
        (changed_channels, "programs 2: "),
        (changed_trust, "trust_files: False there, True here"),
        (changed_kind, "samples ww kind: simulation there, data here"),
    ],
)
def test_another_run_is_not_continued(doc, tmp_path, change, words):
    state = keeping(tmp_path)
    stopped_after(doc, 3, state)
    before = state.path.read_bytes()
    given = change(doc, tmp_path) or {}
    with pytest.raises(HzdslError, match=words) as e:
        go(given.pop("doc", doc), keeping=replace(state, resume=True), **given)
    assert e.value.code == "run-differs"
    assert state.path.read_bytes() == before


def test_a_state_that_was_put_together_is_refused(doc, tmp_path):
    state = keeping(tmp_path)
    stopped_after(doc, 3, state)
    whole = state.path.read_bytes()
    for content, words in (
        (2 * whole, "holds the same entries twice"),
        (b"no state at all" * 10, "is not the state of a run"),
    ):
        state.path.write_bytes(content)
        with pytest.raises(HzdslError, match=words) as e:
            go(doc, keeping=replace(state, resume=True))
        assert e.value.code == "file-format"
        assert state.path.read_bytes() == content


def test_lost_files_are_read_when_they_are_there_again(doc, tmp_path):
    plain = all_of(go(doc))
    sound = (tmp_path / "b.root").read_bytes()
    damage(tmp_path / "b.root", "Muon_pt", 1)
    state = keeping(tmp_path)
    with pytest.raises(HzdslError, match="could not be read"):
        go(doc, keeping=state, retries=0)
    (tmp_path / "b.root").write_bytes(sound)
    assert all_of(go(doc, keeping=replace(state, resume=True))) == plain


def test_an_error_keeps_what_was_done(doc, tmp_path):
    state = keeping(tmp_path)

    def fail(event):
        if event["event"] == "unit" and event["done"] == 700:
            raise HzdslError("output-exists", "the log cannot be written")

    with pytest.raises(HzdslError, match="log"):
        go(doc, keeping=replace(state, interval=3600), watch=Watch(fail))
    told = []
    go(doc, keeping=replace(state, resume=True), watch=Watch(told.append))
    assert [e["done"] for e in told if e["event"] == "plan"] == [700]


def test_a_full_disk(doc, tmp_path, monkeypatch):
    plain = all_of(go(doc))
    state = keeping(tmp_path)
    real, room = os.fsync, [3]

    def full(file):
        room[0] -= 1
        if room[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file)

    with monkeypatch.context() as patch:
        patch.setattr("hzdsl.run.kept.state.os.fsync", full)
        with pytest.raises(HzdslError, match="No space left on device") as e:
            go(doc, keeping=state)
    assert e.value.code == "output-exists"
    assert "resumed" in e.value.fix
    assert all_of(go(doc, keeping=replace(state, resume=True))) == plain


def reformed(path, form):
    """Write the frame of a file as another version would."""
    found = list(blocks(path.read_bytes()))
    frame = {**json.loads(found[0].content), "format": form}
    made = block(FRAME, json.dumps({k: v for k, v in frame.items() if k != "tables"}).encode())
    path.write_bytes(made + b"".join(block(b.kind, b.content) for b in found[1:]))


@pytest.mark.parametrize("form", [None, 1, FORMAT + 1])
def test_files_of_another_format_are_refused(doc, tmp_path, form):
    """Also where all slices are alike, so that comparing them with one another would not show it."""
    state = keeping(tmp_path)
    stopped_after(doc, 3, state)
    paths = slices(doc, tmp_path, 2)
    for path in (state.path, *paths):
        reformed(path, form)
    for attempt in (lambda: go(doc, keeping=replace(state, resume=True)), lambda: merge(doc, paths)):
        with pytest.raises(HzdslError, match=rf"another version of hzdsl \(format {form} instead") as e:
            attempt()
        assert e.value.code == "file-format"


def slices(doc, tmp_path, of, **options):
    paths = [tmp_path / f"slice_{i}_of_{of}.hzs" for i in range(1, of + 1)]
    for i, path in enumerate(paths, 1):
        go(doc, slice=Slice(i, of, path), **{"chunk_size": 50 * i, **options})
    return paths


@pytest.mark.parametrize("of", [1, 4])
def test_merged_slices_have_the_same_bits(doc, tmp_path, of):
    whole = go(doc)
    paths = slices(doc, tmp_path, of)
    for f in tmp_path.glob("*.root"):
        f.unlink()  # they are not opened again
    merged = merge(doc, paths[::-1])
    assert all_of(merged) == all_of(whole)
    assert merged.notes == whole.notes
    assert [replace(i, bytes_fetched=0) for i in merged.inputs] == [replace(i, bytes_fetched=0) for i in whole.inputs]


def test_more_slices_than_events(tmp_path):
    few = muon_file(tmp_path / "few.root", n=3)
    doc = replace(dimuon().document(), samples=document(samples=({"name": "x", "files": str(few)},)).samples)
    paths = slices(doc, tmp_path, 5)
    assert all_of(merge(doc, paths)) == all_of(go(doc))


def test_slices_with_weights_and_variations(tmp_path, events):
    made = replace(weighted(), exclusive=(), samples=document(samples=({"name": "x", "files": str(events)},)).samples)
    assert to_json(merge(made, slices(made, tmp_path, 4))) == to_json(go(made))


def test_a_slice_can_be_continued(doc, tmp_path):
    plain = all_of(go(doc))
    paths = slices(doc, tmp_path, 2)
    paths[1].unlink()
    state = keeping(tmp_path)
    part = {"slice": Slice(2, 2, paths[1])}
    assert stopped_after(doc, 3, state, **part).events == 300
    assert not paths[1].exists()
    go(doc, keeping=replace(state, resume=True), **part)
    assert all_of(merge(doc, paths)) == plain


def test_losses_of_slices_are_those_of_the_run(doc, tmp_path):
    damage(tmp_path / "a.root", "Muon_pt", 1)
    whole = go(doc, allow_missing=True, retries=0)
    paths = slices(doc, tmp_path, 3, allow_missing=True, retries=0)
    assert all_of(merge(doc, paths)) == all_of(whole)
    with pytest.raises(HzdslError, match="could not be read"):
        go(doc, slice=Slice(1, 3, tmp_path / "other.hzs"), retries=0)
    assert not (tmp_path / "other.hzs").exists()


def test_slices_that_do_not_fit(doc, tmp_path):
    one, two, three = slices(doc, tmp_path, 3)
    (of_two,) = slices(doc, tmp_path, 2)[:1]
    go(doc, slice=Slice(2, 3, tmp_path / "other.hzs"), parameters={"min_pt": 6})
    (tmp_path / "short.hzs").write_bytes(two.read_bytes()[:-10])
    (tmp_path / "text.hzs").write_text("no slice")
    (tmp_path / "doubled.hzs").write_bytes(2 * one.read_bytes())
    for paths, code, words in (
        ([], "slices", "no files"),
        ([one, three], "slices", "1 of 3 slices are missing: 2"),
        ([one, two, three, two], "slices", "slice 2 of 3 is there twice"),
        ([one, two, of_two], "slices", "cut into 2 and into 3 slices"),
        ([one, tmp_path / "other.hzs", three], "run-differs", "parameters min_pt: 6 GeV there, 5 GeV here"),
        ([one, tmp_path / "short.hzs", three], "file-truncated", r"short\.hzs is damaged"),
        ([one, tmp_path / "text.hzs"], "file-format", "is no file of a slice"),
        ([tmp_path / "none.hzs"], "file-missing", "none.hzs cannot be read"),
        ([tmp_path / "doubled.hzs", two, three], "file-format", r"doubled\.hzs holds the same entries twice"),
    ):
        with pytest.raises(HzdslError, match=words) as e:
            merge(doc, paths)
        assert e.value.code == code
    for other, words in ((changed_order(doc, tmp_path)["doc"], "programs"), (dimuon().document(), "of the samples zz")):
        with pytest.raises(HzdslError, match=words):
            merge(other, [one, two, three])
    with pytest.raises(HzdslError, match="counted from 1"):
        go(doc, slice=Slice(0, 3, one))
