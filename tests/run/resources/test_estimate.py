"""What `hzdsl plan` says, held against what the files and a run say."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.backends.base import WORDS
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.caches import Cache
from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.native import KERNELS
from hzdsl.run.analysis import of_files, run
from hzdsl.run.options import Options
from hzdsl.run.program.backend import backend_of
from hzdsl.run.resources.estimate import Estimate, estimate
from tests.run.muons import document, weighted


def planned(doc, *files, **options) -> Estimate:
    chosen = options.pop("backend", None) or backend_of("codegen")
    return estimate(of_files(doc, tuple(map(str, files))), {}, Options(chosen, **options))


def counts(path) -> np.ndarray:
    with open_source(str(path)) as source:
        return source.read(["nMuon"], 0, source.entries)["nMuon"].content


def test_inputs_columns_and_chunks(events, more):
    found = planned(document(), events, more, chunk_size=300)
    (inputs,), (columns,) = found.inputs, found.columns
    assert (inputs.files, inputs.entries) == (2, 1300)
    assert inputs.file_bytes == sum(p.stat().st_size for p in (events, more))
    assert columns.files == (str(events), str(more))
    by_name = {c.branch: c for c in columns.columns}
    assert sorted(by_name) == ["Muon_charge", "Muon_eta", "Muon_mass", "Muon_phi", "Muon_pt", "nMuon"]
    with open_source(str(events)) as a, open_source(str(more)) as b:
        assert by_name["Muon_pt"].packed_bytes == a.stored_bytes("Muon_pt") + b.stored_bytes("Muon_pt")
    assert sum(c.packed_bytes for c in columns.columns) == inputs.read_bytes
    assert "'opposite charge' of region pair" in by_name["Muon_charge"].needed_by
    assert "histogram every/n" in by_name["nMuon"].needed_by
    assert by_name["Muon_pt"].bytes_per_entry == pytest.approx(4 * counts(events)[:300].mean())
    assert found.chunks == 4 + 1
    assert found.memory.entries == 300
    assert run(document(), [events, more]).events == inputs.entries


def test_candidates_are_those_of_the_counters(events):
    ev = hz.events("nanoaod")
    ana = hz.Analysis("many")
    pairs = hz.pair(ev.Muon)
    four = hz.pair(pairs)
    both = hz.pair(ev.Muon[ev.Muon.charge > 0], ev.Muon[ev.Muon.charge < 0])
    near = ev.Muon.per(ev.Muon)
    best = pairs.nearest(91.2 * GeV)
    for name, x in (("p", pairs.mass), ("f", four.mass), ("b", both.mass), ("n", hz.count(near)), ("z", best.legs.pt)):
        ana.histogram(name, x, bins=5, range=(0, 100))
    found = {c.axis: c for c in planned(ana.document(), events).candidates}
    n = counts(events).tolist()
    pair = found["pair(Muon)"]
    assert pair.mean == pytest.approx(np.mean([comb(k, 2) for k in n]))
    assert pair.most == comb(max(n), 2)
    squares = [c for name, c in found.items() if name == "Muon.per(Muon)" or "charge > 0" in name]
    assert len(squares) == 2
    assert all(c.mean == pytest.approx(np.mean([k * k for k in n])) for c in squares)
    assert any(c.most == comb(comb(max(n), 2), 2) for c in found.values())


def test_histograms_say_bins_variations_and_bytes(events):
    found = planned(weighted(), events)
    (histogram,) = found.histograms
    bound_weights = 3  # nominal and the two of the weight
    assert (histogram.name, histogram.bins, histogram.variations) == ("one/pt", 10, 4)
    nominal, shifted = (8 * 12 * (1 + 2 * WORDS * k) for k in (bound_weights, 1))
    assert histogram.bytes == nominal + 2 * shifted


def test_compiling_is_said_to_be_kept_when_it_is(events, tmp_path):
    backend = CodegenBackend(cache=Cache(KERNELS, tmp_path / "kernels"))
    first, second = (planned(document(), events, backend=backend).compiling for _ in range(2))
    assert (first.kept, second.kept) == (False, True)


def test_no_event_is_selected(events, monkeypatch):
    monkeypatch.setattr("hzdsl.backends.codegen.kernel.CompiledKernel.run", None)
    found = planned(document(), events)
    assert found.reading.entries == 1000
    assert found.reading.rate > 0


def test_what_is_too_large_for_the_machine_says_how_it_is_mended(events, monkeypatch):
    monkeypatch.setattr("hzdsl.run.resources.estimate.machine_memory", lambda: 100_000_000)
    problem = planned(document(), events).problem
    assert "this machine has 100 MB" in problem
    assert "is not enough" in problem
    monkeypatch.setattr("hzdsl.run.resources.estimate.machine_memory", lambda: 10**12)
    assert planned(document(), events).problem == ""


def test_the_errors_are_those_of_a_run(events):
    with pytest.raises(HzdslError, match="declares no samples"):
        estimate(replace(document(), samples=()), {}, Options(backend_of("codegen")))
    with pytest.raises(HzdslError, match="there is no file"):
        planned(document(), "nowhere.root")
