"""Which files are meant, and what is said of files that do not fit; all before anything is executed."""

from __future__ import annotations

import os
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

import hzdsl as hz
from hzdsl import HzdslError
from hzdsl.io.schema import schema_from_table
from hzdsl.ir.analysis import Sample
from hzdsl.run import run
from hzdsl.run.inputs.paths import expand, sample_files
from tests.event_files import damage, write
from tests.run.muons import document, identifiers, muon_file, muons


class Never:
    """A backend that must not be reached."""

    name = "never"

    def compile(self, program):
        raise AssertionError("the files were to be checked first")


def refused(files, code, *words, doc=None, **options):
    with pytest.raises(HzdslError) as e:
        run(doc or document(), files, backend=Never(), **options)
    assert e.value.code == code, str(e.value)
    for word in words:
        assert word in str(e.value), str(e.value)
    return str(e.value)


def test_expand(tmp_path, monkeypatch):
    for name in ("b.root", "a.root", "c.txt", "x[1].root"):
        (tmp_path / name).touch()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "d.root").touch()
    home = str(tmp_path)
    assert expand("*.root", home) == [f"{home}/{n}" for n in ("a.root", "b.root", "x[1].root")]
    assert expand("**/*.root", home) == sorted(f"{home}/{n}" for n in ("a.root", "b.root", "x[1].root", "deep/d.root"))
    assert expand("x[1].root", home) == [f"{home}/x[1].root"]  # a file of this very name
    assert expand("https://host/a*.root", home) == ["https://host/a*.root"]
    assert expand("/else/where.root", home) == ["/else/where.root"]
    monkeypatch.setenv("HOME", home)
    assert expand("~/a.root") == [f"{home}/a.root"]
    monkeypatch.chdir(tmp_path)
    assert expand("a.root") == ["a.root"]
    for pattern, word in (("n*.root", "no file matches n*.root"), ("deep", "is a directory")):
        with pytest.raises(HzdslError, match="no-files") as e:
            expand(pattern)
        assert word in str(e.value)


def test_a_file_stands_in_a_sample_once(tmp_path):
    (tmp_path / "a.root").touch()
    os.symlink(tmp_path / "a.root", tmp_path / "same.root")
    os.link(tmp_path / "a.root", tmp_path / "linked.root")
    for files in (("a.root", "a.*"), ("a.root", "same.root"), ("a.root", "linked.root")):
        with pytest.raises(HzdslError, match="twice") as e:
            sample_files(Sample("s", files), str(tmp_path))
        assert e.value.code == "name-twice"


def test_spec_samples_are_relative_to_the_spec(tmp_path):
    muon_file(tmp_path / "a.root", n=10)
    doc = document(samples=({"name": "s", "files": "a.root"},))
    from dataclasses import replace

    result = run(replace(doc, folder=str(tmp_path)), backend="interpret")
    assert result.events == 10
    refused(None, "file-missing", "a.root", doc=replace(doc, folder="elsewhere"))


def test_a_bad_last_file_fails_first(events, tmp_path):
    junk = tmp_path / "junk.root"
    junk.write_bytes(b"this is no ROOT file")
    short = tmp_path / "short.root"
    short.write_bytes(Path(events).read_bytes()[:5000])
    good = str(events)
    refused([good, str(tmp_path / "none.root")], "file-missing", "none.root")
    refused([good, str(junk)], "file-format", "junk.root", "neither a ROOT nor a Parquet file")
    refused([good, str(short)], "file-truncated", "short.root", "ends after 5000 bytes")
    refused([good, str(tmp_path)], "no-files", "is a directory")
    refused([], "no-files", "no files")
    refused([good, good], "name-twice")


def test_trees(events, tmp_path):
    refused(str(events), "tree-missing", "no tree Event", "did you mean Events?", tree="Event")
    other = muon_file(tmp_path / "o.root", n=20, tree="dir/Muons")
    assert run(document(), str(other), backend="interpret").events == 20
    assert run(document(), str(other), backend="interpret", tree="dir/Muons").inputs[0].tree == "dir/Muons"


def test_missing_branches_are_named_together(tmp_path):
    columns = {**identifiers(10), **muons(10, pt=None, phi=None)}
    columns["Muon"] = ak.with_field(columns["Muon"], columns["Muon"].mass, "p_t")
    path = write(tmp_path / "m.root", columns)
    text = refused(
        str(path), "branch-missing", "lacks 2 branches", "Muon_pt (Muon.pt), needed by", "Muon_phi (Muon.phi)"
    )
    assert "'two muons' of region pair" in text
    assert "Muon_pt: did you mean Muon_p_t?" in text
    one = muon_file(tmp_path / "one.root", n=10, eta=None)
    refused(str(one), "branch-missing", "has no branch Muon_eta (Muon.eta)", "'two muons' of region pair")


def test_identifiers(tmp_path):
    path = write(tmp_path / "bare.root", muons(10))
    from hzdsl.results import event_columns

    result = run(document(), str(path), backend="interpret", tables=True)
    columns, _ = event_columns(result)
    assert list(columns)[:2] == ["region", "entry"]
    assert columns["entry"][columns["region"] == "every"].tolist() == list(range(10))
    full = muon_file(tmp_path / "full.root", n=10)
    refused([str(full), str(path)], "branch-missing", "bare.root lacks 3 branches", "the event table", tables=True)


@pytest.mark.parametrize(
    ("replaced", "words"),
    [
        ({"pt": np.float64}, ("Muon_pt", "stored as float64", "schema says f32", '"f64 GeV"')),
        ({"charge": np.float32}, ("Muon_charge", "stored as float32", "says i32")),
    ],
)
def test_types_that_would_change_values(tmp_path, replaced, words):
    path = muon_file(tmp_path / "t.root", n=20, **replaced)
    refused(str(path), "branch-type", *words)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.uint8, np.uint32, np.int64])
def test_integers_of_another_width(events, tmp_path, backend, dtype):
    columns = {**identifiers(1000), **muons(1000)}
    positive = ak.values_astype(abs(columns["Muon"].charge), dtype)
    columns["Muon"] = ak.with_field(columns["Muon"], positive, "charge")
    ana = hz.Analysis("c")
    ana.histogram("c", hz.events().Muon.charge, bins=3, range=(0, 3))
    result = ana.run(str(write(tmp_path / "w.root", columns)), backend=backend)
    assert result.histograms["c"].counts.sum() == result.histograms["c"].counts[2] > 0


@pytest.mark.parametrize(("attr", "dtype"), [("pt", np.int32), ("charge", np.bool_), ("eta", np.uint8)])
def test_whole_numbers_that_fit_another_kind(tmp_path, backend, attr, dtype):
    columns = muons(100)
    kept = ak.values_astype(abs(columns["Muon"][attr]) > 0.5, dtype)
    columns["Muon"] = ak.with_field(columns["Muon"], kept, attr)
    ana = hz.Analysis("k")
    column = getattr(hz.events().Muon, attr)
    ana.histogram("k", column / hz.GeV if attr == "pt" else column, bins=2, range=(0, 2))
    counts = ana.run(str(write(tmp_path / "k.root", columns)), backend=backend).histograms["k"].counts
    assert counts.tolist() == [0, ak.sum(kept == 0), ak.sum(kept == 1), 0]


@pytest.mark.parametrize(("dtype", "wanted", "value"), [(np.int8, "bool", 2), (np.int32, "f32", 2**24 + 1)])
def test_whole_numbers_that_do_not_fit(tmp_path, dtype, wanted, value):
    path = write(tmp_path / "n.root", {"x": np.array([0, 1, value], dtype)})
    ev = hz.events(schema_from_table({"fields": {"x": wanted}}, "mine"))
    ana = hz.Analysis("n", ev.schema)
    ana.histogram("x", hz.where(ev.x, 1, 0) if wanted == "bool" else ev.x, bins=2, range=(0, 2))
    with pytest.raises(HzdslError, match=f"holds {value}, more than the schema's {wanted} can") as e:
        ana.run(str(path), backend="interpret")
    assert e.value.code == "branch-type"


def test_integers_out_of_range(tmp_path):
    columns = identifiers(10)
    columns["run"] = np.array([1, 2, 3, -4, *range(6)], np.int32)
    path = write(tmp_path / "r.root", {**columns, **muons(10)})
    with pytest.raises(HzdslError, match="holds -4") as e:
        run(document(), str(path), backend="interpret", tables=True)
    assert e.value.code == "branch-type"


def test_shapes(tmp_path):
    columns = {**identifiers(10), "Muon_pt": np.ones(10, np.float32), "nMuon": np.ones(10, np.int32)}
    ana = hz.Analysis("s")
    ana.histogram("pt", hz.events().Muon.pt, bins=3, range=(0, 3))
    refused(
        str(write(tmp_path / "s.root", columns)),
        "branch-type",
        "holds one value per event, not a list",
        doc=ana.document(),
    )


def test_lists_of_one_collection_that_differ(tmp_path):
    a = ak.unflatten(np.ones(10, np.float32), [1] * 10)
    b = ak.unflatten(np.ones(11, np.float32), [1] * 4 + [2] + [1] * 5)
    path = write(tmp_path / "d.root", {"Muon_pt": a, "Muon_eta": b})
    ana = hz.Analysis("d")
    ana.histogram("pt", hz.events().Muon.pt + 0 * hz.GeV * hz.events().Muon.eta, bins=3, range=(0, 3))
    with pytest.raises(HzdslError, match="different lengths in entry 4") as e:
        ana.run(str(path), backend="interpret")
    assert e.value.code == "branch-type"


def test_lengths_without_a_counter(tmp_path, backend):
    import uproot

    with uproot.recreate(tmp_path / "v.root") as file:
        file.mktree("Events", {"Muon_tkRelIso": "var * float32"}, counter_name=lambda name: "other")
        file["Events"].extend({"Muon_tkRelIso": ak.Array([[1.0, 2.0], [], [3.0]])})
    ana = hz.Analysis("v")
    ana.histogram("n", hz.count(hz.events().Muon), bins=3, range=(0, 3))
    assert ana.run(str(tmp_path / "v.root"), backend=backend).histograms["n"].counts.tolist() == [0, 1, 1, 1, 0]


def test_empty_trees(events, tmp_path, backend):
    empty = _empty(tmp_path / "e.root")
    refused(str(empty), "tree-empty", "no entries", "e.root")
    result = run(document(), [str(empty), str(events)], backend=backend, tables=True)
    assert result.events == 1000
    assert result.notes == (f"tree Events of {empty} has no entries",)


def _empty(path):
    return write(path, {k: v[:0] for k, v in {**identifiers(1), **muons(3)}.items()})


def test_samples_that_make_no_sense(events):
    file = str(events)
    for sample, words in (
        ({"name": "d", "files": file, "kind": "data", "scale": 2.0}, "is data and has scale"),
        ({"name": "z", "files": file, "nevt": 0}, "nevt = 0"),
        ({"name": "i", "files": file, "xsec": float("inf")}, "xsec = inf"),
    ):
        refused(None, "spec-value", words, doc=document(samples=(sample,)))
    refused(None, "no-files", "sample 'n' has no files", doc=document(samples=({"name": "n"},)))


def test_outputs_of_one_column(events):
    ev = hz.events()
    ana = hz.Analysis("o")
    a, b = ana.region("a"), ana.region("b")
    ana.output("x", hz.count(ev.Muon), region=a)
    ana.output("x", hz.sum(ev.Muon.pt), region=b)
    refused(str(events), "dtype", "output 'x' is i64 in one region and f32 in another", doc=ana.document())
    ana = hz.Analysis("r")
    ana.output("region", hz.count(ev.Muon))
    refused(str(events), "name-twice", "'region'", doc=ana.document())
    ana = hz.Analysis("r")
    ana.region("a")
    ana.output("event", hz.count(ev.Muon))
    refused(str(events), "name-twice", "'event'", doc=ana.document(), tables=True)
    ana = hz.Analysis("same")
    ana.region("a")
    ana.output("event", ev.event)
    from hzdsl.results import event_columns

    columns, _ = event_columns(ana.run(str(events), backend="interpret", tables=True))
    assert list(columns) == ["region", "run", "luminosityBlock", "event"]


def test_too_many_bins(events):
    ana = hz.Analysis("b")
    met = hz.count(hz.events().Muon)
    ana.histogram("b", hz.axis(met, 10_000, 0, 1), hz.axis(met, 10_000, 0, 1))
    refused(str(events), "binning", "10000 x 10000 bins", doc=ana.document())


def test_damage_found_while_reading(events, tmp_path, backend):
    """A basket damaged in the middle: the error comes in its turn whatever the threads, nothing hangs."""
    bad = tmp_path / "bad.root"
    bad.write_bytes(Path(events).read_bytes())
    damage(bad, "Muon_pt", 1)
    seen = set()
    for threads in (1, 3):
        with pytest.raises(HzdslError) as e:
            run(document(), str(bad), backend=backend, threads=threads, chunk_size=100, retries=0)
        assert e.value.code == "data-lost"
        seen.add(str(e.value))
    assert len(seen) == 1


def test_every_file_is_opened_twice(events, more, monkeypatch):
    """Once to be checked, once to be read; of 10 000 files that is what takes the time."""
    from hzdsl.run.inputs import tree, trees

    opened, real = [], tree.open_source
    monkeypatch.setattr(trees, "KEPT_OPEN", 0)
    monkeypatch.setattr(tree, "open_source", lambda path, *a: (opened.append(path), real(path, *a))[1])
    run(document(), [str(events), str(more)], backend="interpret", tables=True)
    assert sorted(opened) == sorted([str(events), str(more)] * 2)


@pytest.mark.parametrize("first", [True, False])
def test_files_with_and_without_identifiers(events, tmp_path, first):
    """Rows are called by what any file says: the others lack branches, whichever comes first."""
    without = str(write(tmp_path / "without.root", muons(50)))
    given = [str(events), without] if first else [without, str(events)]
    with pytest.raises(HzdslError, match=r"without\.root") as e:
        run(document(), given, backend="interpret", tables=True)
    assert e.value.code == "branch-missing"
    assert run(document(), given, backend="interpret").events == 1050
