"""Histograms read from files as a source of a sample."""

from __future__ import annotations

import hist
import numpy as np
import pytest
import uproot

from hzdsl import HzdslError
from hzdsl.run import run
from tests.run.muons import document


@pytest.fixture
def stored(tmp_path):
    """A weighted TH1D of the binning of pair/mass, one of another binning, a TH2D."""
    h = hist.Hist(hist.axis.Regular(20, 0, 100), storage=hist.storage.Weight())
    rng = np.random.default_rng(3)
    h.fill(rng.uniform(0, 100, 500), weight=0.25)
    two = hist.Hist(hist.axis.Regular(5, 0, 50), hist.axis.Regular(4, -2.4, 2.4), storage=hist.storage.Weight())
    two.fill(rng.uniform(0, 50, 50), rng.uniform(-2, 2, 50))
    path = tmp_path / "t.root"
    with uproot.recreate(path) as file:
        file["zz/mass"] = h
        file["coarse"] = np.histogram([1.0], bins=10, range=(0, 100))
        file["count"] = np.histogram([1.0, 2.0, 7.5, 7.6], bins=20, range=(0, 100))
        file["map"] = two
    return path, h, two


def test_templates_stand_beside_events(events, stored, backend):
    path, h, two = stored
    samples = (
        {"name": "sim", "files": str(events)},
        {"name": "zz", "scale": 1.5, "templates": {"pair/mass": (str(path), "zz/mass"), "map": (str(path), "map")}},
        {"name": "seen", "kind": "data", "templates": {"pair/mass": (str(path), "count")}},
    )
    result = run(document(samples=samples), backend=backend)
    zz, seen = result.samples["zz"], result.samples["seen"]
    assert (zz.events, zz.regions, list(zz.histograms)) == (0, {}, ["pair/mass", "map"])
    t = zz.histograms["pair/mass"]
    assert np.array_equal(t.values[1:-1], h.values() * 1.5)
    assert np.array_equal(t.variances[1:-1], h.variances() * 2.25)
    assert np.array_equal(zz.histograms["map"].values[1:-1, 1:-1], two.values() * 1.5)
    assert seen.histograms["pair/mass"].counts.tolist()[:4] == [0, 2, 2, 0]
    total = result.histograms["pair/mass"]
    parts = [s.histograms["pair/mass"].values for s in result.samples.values()]
    assert np.array_equal(total.values, parts[0] + parts[1] + parts[2])
    from hzdsl.results import yields

    rows = {row[0]: row for row in yields(result).rows}
    assert rows["zz"][3] == "187.5 ± 8.4"  # 500 · 0.25 · 1.5
    assert rows["zz"][4] == ""


@pytest.mark.parametrize(
    ("key", "name", "code", "words"),
    [
        (
            "pair/mass",
            "coarse",
            "histogram-missing",
            "10 bins from 0 to 100, but 'pair/mass' has 20 bins from 0 to 100",
        ),
        ("pair/mass", "zz/mas", "histogram-missing", "did you mean zz/mass"),
        ("pair/mass", "map", "histogram-missing", "5 bins from 0 to 50 x 4 bins"),
        ("pair/mas", "zz/mass", "name-unknown", "did you mean pair/mass?"),
    ],
)
def test_refused(stored, key, name, code, words):
    samples = ({"name": "zz", "templates": {key: (str(stored[0]), name)}},)
    with pytest.raises(HzdslError) as e:
        run(document(samples=samples), backend="interpret")
    assert e.value.code == code
    assert words in str(e.value)


def test_files_and_templates_together(events, stored):
    samples = ({"name": "s", "files": str(events), "templates": {"pair/mass": (str(stored[0]), "zz/mass")}},)
    result = run(document(samples=samples), backend="interpret")
    assert list(result.samples["s"].histograms) == ["pair/mass", "every/n", "pt", "map"]
    assert result.histograms["pair/mass"].values.sum() == 125.0
    assert result.regions["every"].selected == 1000
