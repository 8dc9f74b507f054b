"""Running: numbers checked against NumPy, invariance under threads and chunks, weights, samples."""

from __future__ import annotations

import json

import awkward as ak
import numpy as np
import pytest
import uproot

import hzdsl as hz
from hzdsl import GeV, HzdslError
from hzdsl.results import event_columns, to_json
from hzdsl.run import run
from hzdsl.run.watch import Watch
from tests.run.muons import dimuon, document, muon_file


def same_tables(a, b):
    (x, v), (y, w) = event_columns(a), event_columns(b)
    assert list(x) == list(y)
    for name in x:
        assert x[name].dtype == y[name].dtype
        assert x[name].tobytes() == y[name].tobytes(), name
        assert (v[name] is None) == (w[name] is None)
        assert v[name] is None or np.array_equal(v[name], w[name]), name


def test_numbers_are_those_of_numpy(events, backend):
    result = run(document(), str(events), backend=backend, tables=True)
    with uproot.open(events) as file:
        a = file["Events"].arrays()
    good = (a.Muon_pt > 5) & (abs(a.Muon_eta) < 2.4)
    n = ak.to_numpy(ak.sum(good, axis=1))
    assert result.events == 1000
    assert result.regions["pair"].cutflow[0].events == np.count_nonzero(n >= 2)
    assert result.regions["every"].selected == 1000
    assert result.regions["every"].cutflow == ()
    assert result.histograms["every/n"].counts.tolist() == np.histogram(n, [-99, 0, 1, 2, 5, 99])[0].tolist()
    flow = [-np.inf, *np.linspace(0, 50, 11), np.inf]
    assert result.histograms["pt"].counts.tolist() == np.histogram(ak.to_numpy(ak.flatten(a.Muon_pt)), flow)[0].tolist()
    columns, valid = event_columns(result)
    assert list(columns) == ["region", "run", "luminosityBlock", "event", "z_mass", "n_good", "lead_pt"]
    every = columns["region"] == "every"
    assert np.array_equal(columns["event"][every], np.arange(1000))
    assert np.array_equal(columns["n_good"][every], n)
    assert not valid["z_mass"][~every].any()
    assert not valid["lead_pt"][every].any()
    assert valid["n_good"] is None


@pytest.mark.parametrize(("threads", "chunk_size"), [(1, 1000), (1, 7), (3, 100), (4, None), (2, 1)])
def test_threads_and_chunks_do_not_show(events, more, backend, threads, chunk_size):
    files = [str(events), str(more)]
    plain = run(document(), files, backend=backend, tables=True)
    other = run(document(), files, backend=backend, tables=True, threads=threads, chunk_size=chunk_size)
    assert to_json(plain) == to_json(other)
    same_tables(plain, other)


def test_backends_agree(events, more):
    files = [str(events), str(more)]
    a, b = (run(document(), files, backend=name, tables=True) for name in ("interpret", "codegen"))
    one, other = json.loads(to_json(a)), json.loads(to_json(b))
    for key in ("provenance",):
        del one[key], other[key]
    assert one == other
    same_tables(a, b)


def test_analysis_run_is_bound(events):
    result = dimuon().run(str(events), backend="interpret", parameters={"min_pt": 10 * GeV})
    assert result.parameters == {"min_pt": "10 GeV"}
    assert result.regions["pair"].selected < dimuon().run(str(events), backend="interpret").regions["pair"].selected


def test_parameters(events):
    own = run(document(), str(events), backend="interpret", parameters={"min_pt": 10})
    bare = dimuon().run(str(events), backend="interpret", parameters={"min_pt": 10})
    quantity = dimuon().run(str(events), backend="interpret", parameters={"min_pt": 10_000 * hz.MeV})
    assert to_json(own) == to_json(bare) == to_json(quantity)
    for given, code, words in (
        ({"min_pt": 60}, "parameter", "bounds"),
        ({"minpt": 6}, "parameter", "no parameter 'minpt'"),
        ({"min_pt": True}, "parameter", "(?i)true"),
    ):
        for go in (dimuon().run, lambda *a, **k: run(document(), *a, **k)):
            with pytest.raises(HzdslError, match=words) as e:
                go(str(events), backend="interpret", parameters=given)
            assert e.value.code == code
    with pytest.raises(HzdslError, match="not in GeV"):
        dimuon().run(str(events), backend="interpret", parameters={"min_pt": 5 * hz.cm})


def test_weights_and_totals(events, more, backend):
    samples = (
        {"name": "zz", "files": str(events), "xsec": 0.5, "nevt": 4000, "scale": 1.25},
        {"name": "whole", "files": str(more), "xsec": 2.0},
        {"name": "data", "files": [str(more)], "kind": "data"},
    )
    result = run(document(luminosity=100.0, samples=samples), backend=backend, tables=True)
    zz, whole, data = result.samples.values()
    assert zz.weight == 100.0 * 0.5 * 1.25 / 4000
    assert whole.weight == 100.0 * 2.0 * 1.0 / 300  # entries read stand for nevt
    assert data.weight == 1.0
    assert result.events == 1600
    h = zz.histograms["pair/mass"]
    assert np.array_equal(h.values, h.counts * zz.weight)
    assert np.array_equal(h.variances, h.counts * (zz.weight * zz.weight))
    total = result.histograms["pair/mass"]
    assert np.array_equal(
        total.values,
        zz.histograms["pair/mass"].values + whole.histograms["pair/mass"].values + data.histograms["pair/mass"].values,
    )
    row = result.regions["pair"].cutflow[1]
    assert row.events == sum(s.regions["pair"].selected for s in result.samples.values())
    assert row.sumw == pytest.approx(sum(s.regions["pair"].sumw for s in result.samples.values()), rel=1e-15)
    columns, _ = event_columns(result)
    assert list(columns)[:2] == ["sample", "region"]
    assert list(dict.fromkeys(columns["sample"].tolist())) == ["zz", "whole", "data"]


def test_without_luminosity_the_weight_is_the_k_factor(events):
    samples = ({"name": "zz", "files": str(events), "xsec": 0.5, "nevt": 10, "scale": 1.5},)
    assert run(document(samples=samples), backend="interpret").samples["zz"].weight == 1.5


def test_a_cross_section_without_luminosity_is_remarked(events, more, tmp_path):
    samples = (
        {"name": "sig", "files": str(events), "xsec": 0.5},
        {"name": "zz", "files": str(more), "xsec": 0.5},
        {"name": "own", "files": str(muon_file(tmp_path / "own.root", n=20))},
    )
    said = (
        "samples sig, zz have a cross-section, but the analysis has no luminosity: their weight is the scale alone",
    )
    assert run(document(samples=samples), backend="interpret").notes == said
    assert run(document(samples=samples, luminosity=1.0), backend="interpret").notes == ()
    assert run(document(samples=samples), str(events), backend="interpret").notes == ()


def test_other_numbers_of_events_are_remarked(events, more, tmp_path):
    whole = muon_file(tmp_path / "whole.root", n=20)
    samples = (
        {"name": "zz", "files": [str(events), str(more)], "xsec": 0.5, "nevt": 299973},
        {"name": "whole", "files": str(whole), "xsec": 0.5, "nevt": 20},
    )
    result = run(document(samples=samples, luminosity=1.0), backend="interpret")
    assert result.notes == ("sample zz: 1300 entries read, nevt = 299973",)
    few = run(document(samples=samples, luminosity=1.0), backend="interpret", max_events=10)
    assert few.notes == ("at most 10 entries of each sample were read, weights are those of whole samples",)


def test_an_analysis_that_fills_nothing_is_refused(events):
    with pytest.raises(HzdslError, match="'bare' has no region and no histogram") as e:
        hz.Analysis("bare").run(str(events), backend="interpret")
    assert e.value.code == "spec-value"


def test_totals_of_simulation_and_data(events, more):
    samples = (
        {"name": "zz", "files": str(events), "xsec": 0.5, "nevt": 1000},
        {"name": "ww", "files": str(more), "xsec": 0.5, "nevt": 300, "channels": ["every"]},
        {"name": "seen", "files": str(more), "kind": "data"},
    )
    result = run(document(samples=samples, luminosity=1.0), backend="interpret")
    zz, ww, seen = result.samples.values()
    assert list(result.totals) == ["simulation", "data"]
    simulation, data = result.totals.values()
    assert (simulation.events, data.events) == (1300, 300)
    assert data.regions == seen.regions
    assert simulation.regions["pair"] == zz.regions["pair"]
    assert simulation.regions["every"].sumw == zz.regions["every"].sumw + ww.regions["every"].sumw
    for key, h in result.histograms.items():
        assert np.array_equal(data.histograms[key].values, seen.histograms[key].values)
        assert np.array_equal(h.counts, simulation.histograms[key].counts + data.histograms[key].counts)
    assert run(document(samples=samples[:2], luminosity=1.0), backend="interpret").totals == {}


def test_labels_and_entries(events):
    ev = hz.events("nanoaod")
    ana = hz.Analysis("labels")
    long = ev.Muon[(ev.Muon.pt > 5 * GeV) & (abs(ev.Muon.eta) < 2.4) & (ev.Muon.charge > 0)]
    ana.histogram("n", hz.count(ev.Muon), bins=5, range=(0, 5))
    ana.histogram("pt", ev.Muon.pt, bins=5, range=(0, 50))
    ana.histogram("lead", ev.Muon.leading().pt, bins=5, range=(0, 50), label="$p_T$")
    ana.histogram("long", long.pt, bins=5, range=(0, 50))
    made = ana.run(events, backend="interpret").histograms
    assert [(h.axes[0].name, h.axes[0].label, h.per_event) for h in made.values()] == [
        ("n", "count(Muon)", True),
        ("pt", "Muon.pt", False),
        ("lead", "$p_T$", True),
        ("long", "", False),  # the name says more than the middle of a long expression left out
    ]


def test_files_as_paths(events, more):
    texts = run(document(), [str(events), str(more)], backend="interpret")
    assert to_json(run(document(), [events, str(more)], backend="interpret")) == to_json(texts)
    assert run(document(), events, backend="interpret").events == 1000
    assert dimuon().run((more,), backend="interpret").events == 300


def test_overrides_are_named(events):
    changed = run(document(), events, backend="interpret", parameters={"min_pt": 7})
    same = run(document(), events, backend="interpret", parameters={"min_pt": 5})
    assert (changed.overrides, same.overrides) == (("min_pt",), ())
    assert json.loads(to_json(changed))["overrides"] == ["min_pt"]
    assert changed.hash == same.hash


def test_channels_prune(events, backend):
    samples = (
        {"name": "one", "files": str(events), "channels": ["pair"]},
        {"name": "all", "files": str(events)},
    )
    result = run(document(samples=samples), backend=backend, tables=True)
    one = result.samples["one"]
    assert list(one.regions) == ["pair"]
    assert list(one.histograms) == ["pair/mass", "pt", "map"]
    assert [t.region for t in one.tables] == ["pair"]
    assert list(result.samples["all"].regions) == ["pair", "every"]
    assert result.regions["every"].selected == 1000
    assert result.regions["pair"].selected == 2 * one.regions["pair"].selected


def test_one_compilation_per_set_of_regions(events, more):
    compiled = []

    class Counting:
        name = "counting"

        def compile(self, program):
            from hzdsl.backends.interpret import InterpretBackend

            compiled.append(program)
            return InterpretBackend().compile(program)

    samples = [
        {"name": n, "files": str(f), "channels": c}
        for n, f, c in (("a", events, ["pair"]), ("b", more, ["pair"]), ("c", more, []), ("d", events, []))
    ]
    run(document(samples=samples), backend=Counting())
    assert len(compiled) == 2


def test_only_needed_columns_are_read(events, monkeypatch):
    from hzdsl.io.ttree import TTreeSource

    seen = set()
    read = TTreeSource.read
    monkeypatch.setattr(
        TTreeSource, "read", lambda self, names, *a, **k: (seen.update(names), read(self, names, *a, **k))[1]
    )
    ana = hz.Analysis("n")
    ev = hz.events()
    ana.histogram("n", hz.count(ev.Muon), bins=4, range=(0, 4))
    ana.output("pt", ev.Muon[0].pt)
    ana.region("r")
    ana.run(str(events), backend="interpret")
    assert seen == {"nMuon", "run"}  # the run of the first entry tells data from simulation
    ana.run(str(events), backend="interpret", tables=True)
    assert seen == {"nMuon", "Muon_pt", "run", "luminosityBlock", "event"}


def test_max_events(events, more):
    result = run(document(), [str(events), str(more)], backend="interpret", max_events=1100, tables=True)
    assert result.events == 1100
    assert [i.entries for i in result.inputs] == [1000, 100]
    assert event_columns(result)[0]["event"][-1] == 5099
    assert result.provenance["max_events"] == 1100


def test_max_events_leaves_files_out(events, more):
    result = run(document(), [str(events), str(more)], backend="interpret", max_events=10)
    assert (result.events, result.notes) == (10, ())
    assert [i.entries for i in result.inputs] == [10, 0]


def test_many_files_are_not_all_open(events, more, monkeypatch, backend):
    from hzdsl.run.inputs import tree, trees

    monkeypatch.setattr(trees, "KEPT_OPEN", 1)
    count, most, real = 0, 0, tree.open_source

    def counting(*args):
        nonlocal count, most
        source = real(*args)
        count += 1
        most = max(most, count)
        close = source.close

        def closing():
            nonlocal count
            count -= 1
            close()

        source.close = closing
        return source

    monkeypatch.setattr(tree, "open_source", counting)
    samples = tuple({"name": f"s{i}", "files": str(f)} for i, f in enumerate((events, more) * 4))
    result = run(document(samples=samples), backend=backend, tables=True, threads=2)
    assert result.events == 5200
    assert count == 0
    assert most <= 6


def test_what_is_told_of_a_run(events):
    seen = []
    run(document(), str(events), backend="interpret", chunk_size=300, watch=Watch(seen.append))
    assert [e["event"] for e in seen] == ["start", "opened", "plan", *["unit"] * 4, "end"]
    start, opened, plan, *units, end = seen
    assert opened == {"event": "opened", "file": str(events), "done": 1, "total": 1}
    assert (start["analysis"], start["backend"], start["threads"]) == ("dimuon", "interpret", 1)
    assert (plan["samples"], plan["files"], plan["entries"], plan["done"]) == (1, 1, 1000, 0)
    assert [(u["start"], u["stop"], u["done"], u["total"], u["files_done"], u["files"]) for u in units] == [
        (0, 300, 300, 1000, 0, 1),
        (300, 600, 600, 1000, 0, 1),
        (600, 900, 900, 1000, 0, 1),
        (900, 1000, 1000, 1000, 1, 1),
    ]
    assert {u["file"] for u in units} == {str(events)}
    assert plan["bytes"] - 4 <= sum(u["bytes"] for u in units) <= plan["bytes"]
    assert 0 < plan["bytes"] < events.stat().st_size
    assert (end["status"], end["entries"], end["missing"]) == ("done", 1000, 0)


def test_no_regions_no_samples(events):
    with pytest.raises(HzdslError, match="declares no samples"):
        run(document(), backend="interpret")
    with pytest.raises(HzdslError, match="threads is 0"):
        run(document(), str(events), backend="interpret", threads=0)
    with pytest.raises(HzdslError, match="did you mean codegen"):
        run(document(), str(events), backend="codgen")
