"""Small files of events with muons, and an analysis of them."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np

import hzdsl as hz
from hzdsl import GeV
from hzdsl.ir.analysis import Document
from tests.event_files import write

FIELDS = {"pt": np.float32, "eta": np.float32, "phi": np.float32, "mass": np.float32, "charge": np.int32}


def muons(n: int, seed: int = 1, **replaced) -> dict[str, ak.Array]:
    """Columns of n events; a keyword replaces the dtype of a field, or leaves it out (None)."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 5, n)
    total = int(counts.sum())
    values = {
        "pt": rng.exponential(20, total),
        "eta": rng.normal(0, 2, total),
        "phi": rng.uniform(-3, 3, total),
        "mass": np.full(total, 0.105),
        "charge": rng.choice([-1, 1], total),
    }
    dtypes = {**FIELDS, **replaced}
    kept = {name: x.astype(dtypes[name]) for name, x in values.items() if dtypes[name] is not None}
    return {"Muon": ak.unflatten(ak.zip(kept), counts)}


def identifiers(n: int, first: int = 0, run: int = 1) -> dict[str, np.ndarray]:
    event = np.arange(first, first + n)
    return {
        "run": np.full(n, run, np.uint32),
        "luminosityBlock": (event // 100).astype(np.uint32),
        "event": event.astype(np.uint64),
    }


def muon_file(
    path: Path,
    n: int = 1000,
    seed: int = 1,
    first: int = 0,
    tree: str = "Events",
    run: int = 1,
    baskets: int = 3,
    **replaced,
) -> Path:
    """Write events of simulation, which have run 1; other runs are of data."""
    return write(path, {**identifiers(n, first, run), **muons(n, seed, **replaced)}, tree, baskets)


def dimuon() -> hz.Analysis:
    """Two regions, histograms of every kind, outputs that are present, missing and of one region only."""
    ev = hz.events("nanoaod")
    ana = hz.Analysis("dimuon")
    good = ev.Muon[
        (ev.Muon.pt > hz.param("min_pt", 5 * GeV, bounds=(0, 50), doc="least pt")) & (abs(ev.Muon.eta) < 2.4)
    ]
    z = hz.pair(good).opposite_charge().nearest(91.2)
    pair = ana.region("pair", {"two muons": hz.count(good) >= 2}, {"opposite charge": z.exists})
    every = ana.region("every")
    ana.histogram("mass", z.mass, bins=20, range=(0, 100), region=pair)
    ana.histogram("n", hz.count(good), edges=[0, 1, 2, 5], region=every)
    ana.histogram("pt", ev.Muon.pt, bins=10, range=(0, 50))
    ana.histogram("map", hz.axis(good.pt, 5, 0, 50), hz.axis(good.eta, 4, -2.4, 2.4))
    ana.output("z_mass", z.mass, region=every)
    ana.output("n_good", hz.count(good))
    ana.output("lead_pt", good.leading().pt, region=pair)
    return ana


def document(**options) -> Document:
    """The analysis' document, with samples where they are given as dictionaries."""
    ana = dimuon()
    ana.luminosity = options.pop("luminosity", None)
    for sample in options.pop("samples", ()):
        ana.sample(**sample)
    return ana.document()


def weighted() -> Document:
    """Weights of events, variations of weights and momenta, and two regions declared exclusive that are not."""
    ev = hz.events("nanoaod")
    ana = hz.Analysis("weighted")
    muon = ev.Muon[hz.vary(ev.Muon.pt, scale=(1.1 * ev.Muon.pt, 0.9 * ev.Muon.pt)) > 10 * GeV]
    w = 1 / (1 + hz.count(ev.Muon))
    ana.weight("muons", hz.vary(w, tilt=(w * 1.3, w / 1.3)))
    one = ana.region("one", {"one muon": hz.count(muon) >= 1})
    two = ana.region("two", {"two muons": hz.count(muon) >= 2})
    ana.exclusive(one, two)
    ana.histogram("pt", muon.pt, bins=10, range=(0, 50), region=one)
    ana.output("n", hz.count(muon))
    return ana.document()
