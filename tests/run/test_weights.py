"""Weights, variations, exclusive regions and masks through whole runs: checked by separate runs and by Fractions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

import hzdsl as hz
from hzdsl import GeV, HzdslError
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.io.schema import Field, Schema
from hzdsl.io.sinks import write_table
from hzdsl.ir.analysis import Sample
from hzdsl.ir.hash import analysis_hash
from hzdsl.ir.types import DType
from hzdsl.ir.variations import Variation
from hzdsl.results import Result, event_columns, to_json
from hzdsl.run.compare import compare, differences
from hzdsl.run.options import Options
from hzdsl.run.parts.partials import nothing
from hzdsl.run.plan.notes import document_notes
from hzdsl.run.program.bind import bind
from tests.event_files import fill, write
from tests.run.muons import identifiers, muons

N = 500


@pytest.fixture(scope="module")
def weighted(tmp_path_factory) -> Path:
    """Events with a generator weight (some negative) and a scale factor."""
    rng = np.random.default_rng(11)
    genweight = (rng.normal(1, 1, N) * 10.0 ** rng.integers(-3, 4, N)).astype(np.float32)
    columns = {
        **identifiers(N),
        **muons(N),
        "genWeight": genweight,
        "MET_pt": rng.exponential(20, N).astype(np.float32),
    }
    path = write(tmp_path_factory.mktemp("weights") / "w.root", columns)
    with uproot.update(path) as file:
        fill(file, "Runs", {"run": np.array([1, 1], np.uint32), "genEventSumw": np.array([1000.5, 250.25])}, 1)
    return path


def arrays(path: Path) -> Any:
    with uproot.open(path) as file:
        return file["Events"].arrays()


def scale(ev: Any, shift: str) -> Any:
    """The muon pt, varied or as one alternative."""
    pt = ev.Muon.pt
    up, down = 1.1 * pt, 0.85 * pt
    return {"nominal": pt, "up": up.as_f32(), "down": down.as_f32(), "vary": hz.vary(pt, scale=(up, down))}[shift]


def generator(ev: Any, shift: str) -> Any:
    w = ev.genWeight
    alternatives = [w * (0.5 + 0.125 * k) for k in range(4)]
    if shift == "vary":
        return hz.vary(w, pdf=alternatives)
    return w if shift == "nominal" else alternatives[int(shift)].as_f32()


def analysis(pt: str = "vary", pdf: str = "vary") -> hz.Analysis:
    """Cuts, axes, selections and weights that vary, and histograms that do not."""
    ev = hz.events("nanoaod")
    ana = hz.Analysis("varied")
    mu = ev.Muon.assign(pt=scale(ev, pt))
    good = mu[mu.pt > 15 * GeV]
    ana.weight("generator", generator(ev, pdf))
    ana.weight("muons", hz.prod(where_low(mu)))
    one = ana.region("one", {"a good muon": hz.count(good) >= 1}, {"central": hz.any(abs(good.eta) < 1.5)})
    raw = ana.region("raw", {"muons": hz.count(ev.Muon) >= 2})
    ana.histogram("pt", good.pt, bins=7, range=(0, 70), region=one)
    ana.histogram("lead", good.leading().pt, bins=7, range=(0, 70), region=[one, raw])
    ana.histogram("eta", ev.Muon.eta, bins=5, range=(-3, 3), region=raw)
    ana.histogram("two", hz.axis(good.pt, edges=[0, 20, 100]), hz.axis(good.eta > 0), region=raw)
    ana.histogram("n", hz.count(ev.Muon), bins=4, range=(0, 4))
    return ana


def where_low(mu: Any) -> Any:
    return hz.where(mu.pt > 20 * GeV, 1.01, 0.97)


def same_numbers(varied: Any, separate: Any) -> None:
    """Compare a region's or histogram's numbers, bit for bit."""
    if hasattr(separate, "cutflow"):
        assert (varied.cutflow, varied.start) == (separate.cutflow, separate.start)
        return
    for name in ("counts", "values", "variances"):
        assert getattr(varied, name).tobytes() == getattr(separate, name).tobytes(), name
    assert varied.nan == separate.nan


@pytest.mark.parametrize("name", ["scale", "pdf"])
def test_variations_are_separate_runs(weighted, backend, name) -> None:
    result = analysis().run(str(weighted), backend=backend)
    labels = ("up", "down") if name == "scale" else tuple("03")
    for label in labels:
        shifts = {"pt": label, "pdf": "nominal"} if name == "scale" else {"pt": "nominal", "pdf": label}
        separate = analysis(**shifts).run(str(weighted), backend=backend)
        for kind in ("regions", "histograms"):
            for key, nominal in getattr(result, kind).items():
                varied = nominal.variations.get(name, {label: nominal})[label]
                same_numbers(varied, getattr(separate, kind)[key])
    plain = analysis("nominal", "nominal").run(str(weighted), backend=backend)
    for key, h in result.histograms.items():
        same_numbers(h, plain.histograms[key])
        assert not plain.histograms[key].variations


def test_what_changes_is_what_is_said(weighted, backend) -> None:
    ana = analysis()
    result = ana.run(str(weighted), backend=backend)
    table = ana.variations()
    assert table["pdf"] == dict.fromkeys(result.histograms, "changes")
    assert table["scale"]["one/pt"] == "changes"
    for key, h in result.histograms.items():
        assert set(h.variations) == {name for name in table if table[name][key] == "changes"}
    made = result["two"].to_hist(variations=True)
    pdf = result["two"].variations["pdf"]["3"]
    assert made["pdf 3", ...].values(flow=True).tolist() == pdf.values[:, 1:].tolist()
    assert made["pdf 3", ...].variances(flow=True).tolist() == pdf.variances[:, 1:].tolist()
    up = result["one/lead"].variations["scale"]["up"]
    assert up.counts.sum() != result["one/lead"].counts.sum()


def test_weights_reach_only_what_they_weight(weighted) -> None:
    """A shifted muon weight alone does not make another region or fill."""
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    r = ana.region("r", hz.count(ev.Muon) > 1)
    ana.weight("w", hz.vary(ev.genWeight, pdf=[ev.genWeight * k for k in range(100)]))
    ana.histogram("n", hz.count(ev.Muon), bins=5, range=(0, 5), region=r)
    program = bind(ana.document(), {}, kind="simulation").program
    assert (len(program.selections), len(program.fills)) == (1, 1)
    assert len(program.fills[0].weights) == 101
    assert len(program.selections[0].weights) == len(program.fills[0].weights)


@pytest.mark.parametrize(("threads", "chunk_size"), [(1, 7), (3, 50), (2, 3)])
def test_threads_and_chunks_do_not_show(weighted, backend, threads, chunk_size) -> None:
    plain = analysis().run(str(weighted), backend=backend)
    other = analysis().run(str(weighted), backend=backend, threads=threads, chunk_size=chunk_size)
    assert to_json(plain) == to_json(other)


def test_backends_agree(weighted) -> None:
    a, b = (json.loads(to_json(analysis().run(str(weighted), backend=x))) for x in ("interpret", "codegen"))
    del a["provenance"], b["provenance"]
    assert a == b
    assert a["histograms"]["one/pt"]["variations"]["pdf"]["2"]["values"] != a["histograms"]["one/pt"]["values"]


def test_sums_are_those_of_fractions(weighted, backend) -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    ana.weight("generator", ev.genWeight)
    ana.weight("third", 1 / 3)
    r = ana.region("two", hz.count(ev.Muon) >= 2)
    ana.histogram("n", hz.count(ev.Muon), bins=5, range=(0, 5))
    result = ana.run(str(weighted), backend=backend)
    data = arrays(weighted)
    w = ak.to_numpy(data.genWeight).astype(np.float64) * (1 / 3)
    n = ak.to_numpy(ak.num(data.Muon_pt))

    def total(x: Any) -> float:
        return float(sum(map(Fraction, x.tolist())))

    h = result["n"]
    assert h.values.tolist() == [0.0, *(total(w[n == k]) for k in range(5)), 0.0]
    assert h.variances.tolist() == [0.0, *(total((w * w)[n == k]) for k in range(5)), 0.0]
    assert h.counts.tolist() == [0, *(int((n == k).sum()) for k in range(5)), 0]
    row, start = result.regions[r.name].cutflow[0], result.regions[r.name].start
    assert (row.events, row.sumw, row.sumw2) == (int((n >= 2).sum()), total(w[n >= 2]), total((w * w)[n >= 2]))
    assert (start.events, start.sumw) == (N, total(w))


def test_data_weigh_one_and_do_not_vary(weighted, backend) -> None:
    ana = analysis()
    ana.sample("mc", str(weighted))
    ana.sample("run", str(weighted), kind="data")
    result = ana.run(backend=backend)
    data, mc = result.samples["run"], result.samples["mc"]
    for key, h in data.histograms.items():
        assert np.array_equal(h.values, h.counts)
        assert not h.variations
        varied = result.histograms[key].variations["pdf"]["0"]
        assert np.array_equal(varied.values, h.values + mc.histograms[key].variations["pdf"]["0"].values)
    assert (mc.weighted, data.weighted) == (True, False)
    assert result.totals["data"].histograms["n"].variations == {}


def test_a_weight_on_data(weighted, backend) -> None:
    ana = hz.Analysis()
    ev = hz.events("nanoaod")
    ana.weight("half", 0.5, on="both")
    ana.weight("mc", 3.0)
    ana.weight("prescale", 4, on="data")
    ana.histogram("n", hz.count(ev.Muon), bins=5, range=(0, 5))
    for kind, w in (("simulation", 1.5), ("data", 2.0)):
        made = ana.run(str(weighted), backend=backend, data=kind == "data")["n"]
        assert np.array_equal(made.values, made.counts * w)
        assert np.array_equal(made.variances, made.counts * w * w)


def test_a_fault_in_the_sums_is_reported(weighted) -> None:
    bound = bind(analysis().document(), {}, kind="simulation")
    tally = nothing(bound.program)
    assert list(differences(bound, tally, nothing(bound.program), ("a", "b"))) == []
    other = nothing(bound.program)
    other.flows[0][1, 2, 0, 0] = 1
    at = bound.worlds.histograms[0][Variation("scale", "up")][0]
    other.sums[at][1, 0, 0, 4] = 1
    other.counts[at][1] = 7
    assert list(differences(bound, tally, other, ("a", "b"))) == [
        "region one: a 0.0, b 8.636168555094445e-78 as a sum of weights",
        "histogram one/pt under scale up, bin 0: a 0, b 7 entries",
        "histogram one/pt under scale up: a 0.0, b 1.0 as a sum of weights",
    ]


def test_both_backends_are_compared_with_all_variations(weighted) -> None:
    document = replace(analysis().document(), samples=(Sample("mc", (str(weighted),)),))
    backends = CodegenBackend(), InterpretBackend()
    found = compare(document, {}, backends, Options(backends[0], tables=True), 200)
    assert (found.entries, found.differences) == (200, ())


def refused(code: str, words: str, what: Callable[[], Any]) -> None:
    with pytest.raises(HzdslError, match=words) as e:
        what()
    assert e.value.code == code


def test_refusals() -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    refused("missing-value", r"otherwise\(1\)", lambda: ana.weight("a", ev.Muon[0].pt / GeV))
    refused("axis", "prod", lambda: ana.weight("a", ev.Muon.pt / GeV))
    refused("dtype", "a condition", lambda: ana.weight("a", hz.count(ev.Muon) > 1))
    refused("dtype", "an object", lambda: ana.weight("a", ev.Muon[0]))
    refused("unit", "plain number", lambda: ana.weight("a", ev.MET.pt))
    refused("spec-value", "simulation, data, both", lambda: ana.weight("a", 1.0, on="mc"))
    ana.weight("a", 1.0)
    refused("name-twice", "applied once", lambda: ana.weight("a", 2.0))
    refused("spec-value", "Runs", lambda: ana.sample("s", "a.root", nevt="Events"))
    refused("arguments", "alternatives", lambda: hz.vary(ev.MET.pt))
    refused("arguments", "jes=", lambda: hz.vary(ev.MET.pt, jes=ev.MET.pt))
    refused("dtype", "its attributes", lambda: hz.vary(ev.Muon[0], jes=(ev.Muon[0], ev.Muon[1])))
    refused("unit", "in GeV", lambda: hz.vary(ev.MET.pt, jes=(ev.MET.phi, ev.MET.pt)))
    refused("dtype", "as_f64", lambda: hz.vary(hz.count(ev.Muon), x=(0.5, 1)))
    twice = hz.vary(ev.MET.pt, jes=(ev.MET.pt, ev.MET.pt)) + hz.vary(ev.MET.pt, jes={"up": ev.MET.pt})
    ana.histogram("x", twice, bins=1, range=(0, 1))
    refused("name-twice", "variation 'jes' has the labels 'up', 'down' in one place and 'up'", ana.document)


def test_names_of_alternatives() -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    x = hz.vary(ev.MET.pt, jes={"high": 1.1 * ev.MET.pt}, jer=(ev.MET.pt, 0.9 * ev.MET.pt))
    ana.histogram("x", x, bins=1, range=(0, 1))
    ana.define(unused=hz.vary(ev.MET.phi, tilt=[ev.MET.phi, ev.MET.phi, -ev.MET.phi]))
    assert str(x) == 'vary(vary(MET.pt, jes = ("high", 1.1*MET.pt)), jer = (MET.pt, 0.9*MET.pt))'
    assert ana.variations() == {"jes": {"x": "changes"}, "jer": {"x": "changes"}, "tilt": {"x": "cannot change"}}
    assert "variation 'tilt' changes nothing" in document_notes(ana.document())


def test_hash_knows_what_is_new() -> None:
    def made(change: str) -> str:
        ev, ana = hz.events("nanoaod"), hz.Analysis()
        a = ana.region("a", ev.MET.pt > 1 * GeV, on="data" if change == "on" else "")
        b = ana.region("b", ev.MET.pt < 1 * GeV)
        if change != "weight":
            ana.weight("v", 3.0 if change != "value" else 4.0, on="both" if change == "kind" else "simulation")
        if change != "order":
            ana.weight("w", 2.0)
        if change == "order":
            ana = hz.Analysis()
            a, b = ana.region("a", ev.MET.pt > 1 * GeV), ana.region("b", ev.MET.pt < 1 * GeV)
            ana.weight("w", 2.0)
            ana.weight("v", 3.0)
        if change != "exclusive":
            ana.exclusive(a, b)
        ana.output("x", hz.vary(ev.MET.pt, **{"jer" if change == "name" else "jes": (ev.MET.pt, ev.MET.phi * GeV)}))
        return analysis_hash(ana.document())

    changes = ("", "on", "weight", "value", "kind", "order", "exclusive", "name")
    assert len({made(c) for c in changes}) == len(changes)
    assert made("") == made("")


# ---- regions ---------------------------------------------------------------------------------------------------


def test_regions_of_one_kind(weighted, backend) -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    base = ana.region("truth", {"two": hz.count(ev.Muon) >= 2}, on="simulation")
    ana.region("tight", base, {"three": hz.count(ev.Muon) >= 3})
    ana.region("blind", hz.count(ev.Muon) == 1, on="data")
    every = ana.region("every", hz.count(ev.Muon) == 1)
    ana.histogram("n", hz.count(ev.Muon), bins=5, range=(0, 5), region=["tight", "blind", every])
    ana.sample("mc", str(weighted))
    ana.sample("run", str(weighted), kind="data")
    result = ana.run(backend=backend)
    assert list(result.samples["mc"].regions) == ["truth", "tight", "every"]
    assert list(result.samples["run"].regions) == ["blind", "every"]
    assert list(result.samples["run"].histograms) == ["blind/n", "every/n"]
    assert result.regions["blind"].selected == result.samples["run"].regions["every"].selected > 0
    refused("spec-value", "requires 'truth'", lambda: ana.region("no", base, on="data"))


def test_all_but_one_requirement(weighted, backend) -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    base = ana.region("base", {"two": hz.count(ev.Muon) >= 2})
    sr = ana.region("SR", base, {"hard": hz.any(ev.Muon.pt > 30 * GeV)})
    ana.histogram("n", hz.count(ev.Muon), bins=5, range=(0, 5), region=sr.without("two"))
    assert sr.without("two") is sr.without("two")
    result = ana.run(str(weighted), backend=backend)
    expected = int(ak.sum(ak.any(arrays(weighted).Muon_pt > 30, axis=1)))
    assert result.regions["SR without two"].selected == expected > result.regions["SR"].selected
    assert result["n"].counts.sum() == expected
    refused("name-unknown", "did you mean two", lambda: sr.without("tow"))
    refused("name-unknown", "'two', 'hard'", lambda: sr.without("xyzzy"))


def test_exclusive_regions(weighted, backend) -> None:
    def made(overlap: bool) -> Result:
        ev, ana = hz.events("nanoaod"), hz.Analysis()
        n, pt = hz.count(ev.Muon), hz.sum(hz.vary(ev.Muon.pt, up={"up": 2 * ev.Muon.pt}))
        a = ana.region("few", n < 2)
        b = ana.region("many", n >= 2, pt > 40 * GeV)
        c = ana.region("soft", n >= 2, ~(hz.sum(ev.Muon.pt) > (60 if overlap else 10) * GeV))
        ana.exclusive(a, b, c)
        return ana.run(str(weighted), backend=backend, chunk_size=100)

    refused(
        "exclusive",
        r"regions 'many' and 'soft' are declared exclusive, but entry \d+ of tree Events",
        lambda: made(True),
    )
    data = arrays(weighted)
    total = ak.to_numpy(ak.sum(data.Muon_pt, axis=1))
    both = (ak.to_numpy(ak.num(data.Muon_pt)) >= 2) & (total > 40) & (total <= 60)
    with pytest.raises(HzdslError, match=f"entry {int(np.flatnonzero(both)[0])} of"):
        made(True)
    assert made(False).events == N


def test_regions_of_each_category(weighted, backend) -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    n = hz.count(ev.Muon)
    kind = hz.category({"none": n == 0, "one": n == 1, "more": n >= 2})
    base = ana.region("base", {"met": ev.MET.pt > 10 * GeV})
    parts = base.split(kind)
    assert [r.name for r in parts] == ["base/none", "base/one", "base/more"]
    ana.exclusive(*parts)
    assert base.split(kind)[1] is parts[1]
    ana.histogram("met", ev.MET.pt, bins=5, range=(0, 50), region=[base.split(kind), base])
    ana.histogram("kind", hz.axis(kind), region=base)
    result = ana.run(str(weighted), backend=backend)
    data = arrays(weighted)
    count, met = ak.to_numpy(ak.num(data.Muon_pt)), ak.to_numpy(data.MET_pt)
    expected = [int(((met > 10) & k).sum()) for k in (count == 0, count == 1, count >= 2)]
    assert [result.regions[r.name].selected for r in parts] == expected
    assert [row.label for row in result.regions["base/one"].cutflow] == ["met", "one"]
    assert sum(result[f"{r.name}/met"].counts for r in parts).tolist() == result["base/met"].counts.tolist()
    assert result["kind"].counts.tolist() == [0, *expected, 0]
    assert result["kind"].axes[0].categories == ("none", "one", "more")
    assert not result["kind"].axes[0].label  # what it is made of is too long for a label
    ana.define(families=kind)
    assert ana.run(str(weighted), backend=backend)["kind"].axes[0].label == "families"
    assert bind(ana.document(), {}, kind="simulation").program.apart == ()
    refused("dtype", "no category", lambda: base.split(n))


def test_labels_are_written_as_text(weighted, backend, tmp_path) -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    n = hz.count(ev.Muon)
    kind = hz.category({"none": n == 0, "one": n == 1})
    every = ana.region("every", ev.MET.pt > 0 * GeV)
    ana.output("kind", kind, region=every)
    ana.output("n", n, region=every)
    columns, valid = event_columns(ana.run(str(weighted), backend=backend, tables=True))
    wanted = [{0: "none", 1: "one"}.get(k, "") for k in columns["n"].tolist()]
    assert {*wanted} == {"none", "one", ""}
    assert valid["kind"].tolist() == [w != "" for w in wanted]
    assert np.where(valid["kind"], columns["kind"], "").tolist() == wanted
    write_table(tmp_path / "events.csv", columns, valid)
    rows = (tmp_path / "events.csv").read_text().splitlines()[1:]
    assert [row.split(",")[-2] for row in rows] == wanted


def test_exclusive_refusals() -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    a = ana.region("a", ev.MET.pt > 1 * GeV)
    refused("arguments", "at least two", lambda: ana.exclusive(a))
    refused("arguments", "each once", lambda: ana.exclusive(a, "a"))
    refused("name-unknown", "no region 'b'", lambda: ana.exclusive(a, "b"))


# ---- the numbers that files tell ---------------------------------------------------------------------------------


def test_generated_events_of_the_runs_tree(weighted, events, backend) -> None:
    def made(path: Path) -> Result:
        ev, ana = hz.events("nanoaod"), hz.Analysis()
        ana.region("all", hz.count(ev.Muon) >= 0)
        ana.luminosity = 10.0
        ana.sample("zz", str(path), xsec=3.0, nevt="Runs")
        return ana.run(backend=backend)

    assert made(weighted).samples["zz"].weight == 10.0 * 3.0 / 1250.75
    refused("tree-missing", "has no tree Runs", lambda: made(events))


def test_runs_of_older_nanoaod(weighted, tmp_path, backend) -> None:
    """Up to version 6 the sum is called genEventSumw_."""
    path = tmp_path / "old.root"
    with uproot.open(weighted) as file:
        columns = {
            "run": file["Events"]["run"].array(library="np"),
            "nMuon": file["Events"]["nMuon"].array(library="np"),
        }
    write(path, columns)
    with uproot.update(path) as file:
        fill(file, "Runs", {"run": np.array([1], np.uint32), "genEventSumw_": np.array([80.0])}, 1)
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    ana.region("all", ev.run >= 0)
    ana.luminosity = 10.0
    ana.sample("zz", str(path), xsec=3.0, nevt="Runs")
    assert ana.run(backend=backend).samples["zz"].weight == 10.0 * 3.0 / 80.0


def test_the_mask_drops_data_before_anything_sees_them(weighted, backend) -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    ana.lumi_mask(ev.luminosityBlock < 3)
    ana.region("two", hz.count(ev.Muon) >= 2)
    ana.histogram("n", hz.count(ev.Muon), bins=5, range=(0, 5))
    ana.sample("mc", str(weighted))
    ana.sample("run", str(weighted), kind="data")
    result = ana.run(backend=backend, tables=True, chunk_size=70)
    data, mc = result.samples["run"], result.samples["mc"]
    n = ak.to_numpy(ak.num(arrays(weighted).Muon_pt))
    assert (data.events, data.masked, data.regions["two"].start.events) == (N, 200, 300)
    assert data.regions["two"].selected == np.count_nonzero(n[:300] >= 2)
    assert data.tables[0].entry.tolist() == np.flatnonzero(n[:300] >= 2).tolist()
    assert data.histograms["n"].counts.sum() == 300
    assert (mc.masked, mc.regions["two"].start.events) == (0, N)
    assert "sample run: 200 of 500 entries are outside the luminosity mask" in result.notes
    made = json.loads(to_json(result))["samples"]
    assert (made["run"]["masked"], "masked" in made["mc"]) == (200, False)
    refused("name-twice", "two luminosity masks", lambda: ana.lumi_mask(ev.luminosityBlock < 3))
    refused("dtype", "the luminosity mask is i32", lambda: hz.Analysis().lumi_mask(ev.Muon[0].charge))


def test_a_mask_of_run_and_luminosity_block(weighted, backend) -> None:
    def golden(run: Any, block: Any) -> Any:
        return (run == 1) & (block >= 1) & (block <= 3)

    ana = hz.Analysis()
    ana.histogram("n", hz.count(hz.events("nanoaod").Muon), bins=5, range=(0, 5))
    ana.lumi_mask(golden)
    ana.sample("run", str(weighted), kind="data")
    assert ana.run(backend=backend).histograms["n"].counts.sum() == 300
    bare = hz.Analysis(schema=Schema("bare", {"x": Field("x", DType.F32)}, {}))
    bare.lumi_mask(golden)
    refused("branch-missing", "schema 'bare' does not say", bare.document)


def test_replicas_of_a_list(weighted, backend) -> None:
    """Those that an event lacks are its nominal value."""

    def made(replicas: Any) -> Result:
        ev, ana = hz.events("nanoaod"), hz.Analysis()
        met = ev.MET.pt
        given = ev.Muon[1:4].pt if replicas is None else [ev.Muon[k].pt.otherwise(met) for k in (1, 2, 3)]
        ana.histogram("met", hz.vary(met, muon=given), bins=9, range=(0, 90))
        return ana.run(str(weighted), backend=backend)

    one, other = made(None)["met"].variations["muon"], made(...)["met"].variations["muon"]
    assert list(one) == list(other) == ["0", "1", "2"]
    for label, h in one.items():
        same_numbers(h, other[label])
    assert one["0"].counts.tolist() != one["2"].counts.tolist()


def test_replicas_that_are_ratios(weighted, backend) -> None:
    """An alternative replaces the value: ratios to the nominal weight are multiplied by it (docs/language/analysis.md)."""

    def made(times: bool) -> Result:
        ev, ana = hz.events("nanoaod"), hz.Analysis()
        ratios = ev.Muon[:2].pt / (10 * hz.GeV)
        ana.weight("w", hz.vary(ev.genWeight, pdf=ev.genWeight * ratios if times else ratios))
        ana.histogram("met", ev.MET.pt, bins=1, range=(0, 1e6))
        return ana.run(str(weighted), backend=backend)

    data = arrays(weighted)
    ratio = ak.to_numpy(ak.fill_none(ak.pad_none(data.Muon_pt, 2, clip=True), np.nan)).astype(np.float64) / 10
    weight = ak.to_numpy(data.genWeight).astype(np.float64)[:, None]
    for times, expected in ((True, weight * ratio), (False, ratio)):
        varied = made(times)["met"].variations["pdf"]
        sums = np.where(np.isnan(ratio), weight, expected).sum(axis=0)
        assert [varied[k].values.sum() for k in ("0", "1")] == pytest.approx(sums.tolist(), rel=1e-6)


def test_bins_of_conditions_have_names(weighted, backend) -> None:
    ev, ana = hz.events("nanoaod"), hz.Analysis()
    ana.histogram("h", hz.axis(ev.Muon.charge > 0), hz.axis(ev.Muon.pt, edges=[0, 20, 1000]))
    result = ana.run(str(weighted), backend=backend)
    data, h = arrays(weighted), result["h"]
    assert h.axes[0].categories == ("false", "true")
    positive, hard = ak.flatten(data.Muon_charge > 0), ak.flatten(data.Muon_pt >= 20)
    assert h.counts[1:3, 1:3].tolist() == [
        [int(ak.sum((positive == p) & (hard == k))) for k in (False, True)] for p in (False, True)
    ]
    assert json.loads(to_json(result))["histograms"]["h"]["axes"][0]["categories"] == ["false", "true"]
    made = result["h"].to_hist()
    assert made["true", 1].value == h.counts[2, 2]
    assert "h (false, true)" in repr(h)
