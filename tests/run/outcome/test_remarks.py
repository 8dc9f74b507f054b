"""What a run remarks: files that look like another kind, histograms that show nothing, files in two samples."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.io.opening import open_source
from hzdsl.run.inputs.kinds import GENERATOR, evidence
from tests.run.muons import identifiers, muon_file, muons, write

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
ev = hz.events("nanoaod")


@pytest.fixture
def data(tmp_path):
    return muon_file(tmp_path / "data.root", n=50, run=190_645)


@pytest.fixture
def simulation(tmp_path):
    return muon_file(tmp_path / "mc.root", n=50)


def looks(path, *words) -> None:
    with open_source(str(path)) as source:
        found = evidence(source)
    assert (found is None) == (not words)
    if found is not None:
        assert (found.kind, found.why) == words


def counted(**samples) -> hz.Analysis:
    ana = hz.Analysis("counted")
    ana.region("two", hz.count(ev.Muon) == 2)
    ana.region("three", hz.count(ev.Muon) == 3)
    for name, (file, options) in samples.items():
        ana.sample(name, str(file), **options)
    return ana


def test_what_files_look_like(data, simulation, tmp_path):
    looks(data, "data", "run 190645, no generator information")
    looks(simulation, "simulation", "its run is 1")
    columns = {**identifiers(5, run=190_645), **muons(5)}
    for name in GENERATOR:
        looks(
            write(tmp_path / f"{name}.root", {**columns, name: np.ones(5, np.float32)}), "simulation", f"it has {name}"
        )
    looks(write(tmp_path / "bare.root", muons(5)))
    numbers = {"runNumber": np.full(5, 276336, np.int32), "channelNumber": np.full(5, 276336, np.int32)}
    looks(write(tmp_path / "atlas.root", numbers, "mini"), "data", "run 276336, channelNumber the same")
    numbers["channelNumber"] += 1
    looks(write(tmp_path / "mc16.root", numbers, "mini"), "simulation", "run 276336, channelNumber 276337")
    looks(write(tmp_path / "other.root", {"run": np.ones(5, np.float64), "luminosityBlock": np.ones(5, np.int32)}))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("nanoaod_modern/higgsdna_samples/EGamma_2022E_v13.root", "data"),
        ("nanoaod_modern/higgsdna_samples/ttH_M125_2017.root", "simulation"),
        ("adl_benchmark/Run2012B_SingleMu_1000.root", "data"),  # its reduced format has Muon_genPartIdx
        ("atlas_13tev_4lep/data_A.4lep.root", "data"),
        ("atlas_physlite/PHYSLITE_example.root", "simulation"),
    ],
)
def test_what_real_files_look_like(name, kind):
    if not (DATA / name).exists():
        pytest.skip(f"no {DATA / name}")
    with open_source(str(DATA / name)) as source:
        found = evidence(source)
    assert found is not None
    assert found.kind == kind


def test_data_taken_for_simulation_and_the_reverse(data, simulation):
    ana = counted()
    (said,) = ana.run(data).notes
    assert said == (
        f"{data} looks like data (run 190645, no generator information), and is treated as simulation: say --data (in "
        "Python data=True) if it is data"
    )
    (said,) = ana.run(simulation, data=True).notes
    assert "looks like simulation (its run is 1), and is treated as data: leave --data" in said
    assert ana.run(data, data=True).notes == ana.run(simulation).notes == ()
    assert f"note: {said}" in repr(ana.run(simulation, data=True))
    assert "note: " in ana.run(simulation, data=True)._repr_html_()


def test_of_several_files_the_first_is_named(data, simulation, tmp_path):
    more = muon_file(tmp_path / "more.root", n=5, run=200_000)
    (said,) = counted().run([str(simulation), str(data), str(more)]).notes
    assert f"2 of 3 files look like data (run 190645, no generator information), {data} first, and are treated" in said


def test_samples_that_say_what_they_are(data, simulation):
    good = counted(seen=(data, {"kind": "data"}), mc=(simulation, {}))
    assert good.run().notes == ()
    (said,) = counted(seen=(data, {})).run().notes
    assert said.startswith("sample seen: ")
    assert 'say kind = "data" of the sample (of one given with --sample: --data) if it is data' in said


def test_no_number_depends_on_what_a_file_looks_like(data, tmp_path):
    as_data, as_simulation = (counted().run(data, data=d).regions["two"].cutflow for d in (True, False))
    assert as_data == as_simulation


def test_a_damaged_branch_that_is_not_needed_is_not_looked_at(data, monkeypatch):
    from hzdsl.errors import HzdslError

    with open_source(str(data)) as source:

        def damaged(*args):
            raise HzdslError("file-truncated", "a basket is damaged")

        monkeypatch.setattr(source, "read", damaged)
        assert evidence(source) is None


def test_regions_that_no_sample_fills(simulation):
    from hzdsl.results import cutflows

    ana = counted()
    ana.region("seen", hz.count(ev.Muon) == 3, on="data")
    result = ana.run(simulation)
    assert result.notes == ("region seen is filled by no sample: it is for data",)
    assert [t.title for t in cutflows(result)] == ["two: cutflow", "three: cutflow"]


def test_a_file_in_two_samples(simulation):
    (said,) = counted(a=(simulation, {}), b=(simulation, {})).run().notes
    assert said == f"samples a and b both read tree Events of {simulation}: its events count in each"
    assert counted(a=(simulation, {"channels": ["two"]}), b=(simulation, {"channels": ["three"]})).run().notes == ()


def filled(backend, path, **histograms) -> tuple[str, ...]:
    ana = hz.Analysis("filled")
    two = ana.region("two", hz.count(ev.Muon) == 2)
    for name, (value, low, high) in histograms.items():
        ana.histogram(name, value, bins=4, range=(low, high), region=two)
    return ana.run(path, backend=backend).notes


@pytest.mark.parametrize("backend", ["codegen", "interpret"])
def test_every_entry_outside_of_the_bins(simulation, backend):
    mu = ev.Muon
    pts = np.asarray(mu[hz.count(mu) == 2].pt.to_numpy(str(simulation)))
    assert len(pts) > 4
    n = len(pts)
    span = f"values are from {pts.min():.4g} to {pts.max():.4g} GeV"
    assert filled(backend, simulation, pt=(mu.pt, 900, 1000)) == (
        f"histogram two/pt: all {n} entries lie outside of 900 … 1000 GeV ({n} below); {span}",
    )
    between = np.sort(pts)[n // 2 - 1 : n // 2 + 1].astype(float)
    low, high = between[0] + np.diff(between)[0] * np.array([0.25, 0.75])
    (said,) = filled(backend, simulation, pt=(mu.pt, low, high))
    assert f"({n // 2} below and {n - n // 2} above); {span}" in said
    assert filled(backend, simulation, pt=(mu.pt, 0, 1000)) == ()


def test_empty_histograms_and_regions(simulation):
    mu = ev.Muon
    nothing = mu[mu.pt > 5000 * GeV]
    assert filled("interpret", simulation, none=(nothing.pt, 0, 10)) == (
        "histogram two/none is empty: no event of its region has a value to fill",
    )
    assert filled("interpret", simulation, root=(hz.sqrt(-1 - abs(mu.eta)), 0, 10))[0].endswith("entries are NaN")
    ana = hz.Analysis("never")
    never = ana.region("never", hz.count(mu) > 90)
    for name in "abcdefgh":
        ana.histogram(name, mu.pt, bins=4, range=(0, 10), region=never)
    assert ana.run(simulation).notes == ("no event passes region never: a, b, c, d, e and 3 more are empty",)


def test_axes_of_a_plane(simulation):
    mu = ev.Muon
    ana = hz.Analysis("plane")
    ana.histogram("plane", hz.axis(mu.pt, 4, 0, 1000), hz.axis(mu.eta, 4, 50, 60, label="pseudorapidity"))
    (said,) = ana.run(simulation).notes
    assert "lie outside of pseudorapidity: 50 … 60 (" in said
    assert "below); values are from -" in said


def test_of_many_histograms_a_few_are_spoken_of(simulation):
    outside = {f"h{k}": (ev.Muon.pt, 900 + k, 1000) for k in range(8)}
    notes = filled("interpret", simulation, **outside)
    assert len(notes) == 6
    assert notes[-1] == "two/h5, two/h6, two/h7 have no entry in any bin, too"


def test_values_of_the_first_entries_alone(tmp_path, monkeypatch):
    from hzdsl.run.outcome import blank

    path = muon_file(tmp_path / "long.root", n=100)
    monkeypatch.setattr(blank, "PIECE", 10)
    (said,) = filled("interpret", path, pt=(ev.Muon.pt, 900, 1000))
    counts = np.asarray(hz.count(ev.Muon).to_numpy(str(path)))[:10]
    assert f"the first {2 * (counts == 2).sum()} values are from" in said


def test_templates_and_masked_events_are_left_out(simulation, data):
    ana = hz.Analysis("masked")
    ana.histogram("pt", ev.Muon.pt, bins=4, range=(900, 1000))
    ana.lumi_mask(ev.event < 0 * ev.event)
    (masked, empty) = ana.run(data, data=True).notes
    assert "outside the luminosity mask" in masked
    assert empty == "histogram pt is empty: no event has a value to fill"


def test_a_copy_of_a_file_is_counted_and_remarked(simulation, tmp_path):
    """It may be meant; the same events written again are another file, which has another UUID."""
    copies = [str(shutil.copy(simulation, tmp_path / f"{i}.root")) for i in range(6)]
    again = muon_file(tmp_path / "again.root", n=50)

    def said(*files) -> list[str]:
        result = counted(zz=(files[0], {})).run([*map(str, files)])
        assert result.events == 50 * len(files)
        return [note for note in result.notes if "UUID" in note]

    assert said(simulation, again) == []
    twins = "have the same UUID, size and entries: is one a copy of the other? Both are counted"
    assert said(simulation, again, copies[0]) == [f"{simulation} and {copies[0]} {twins}"]
    assert said(*copies)[-1] == "2 more files have the UUID of another one"
