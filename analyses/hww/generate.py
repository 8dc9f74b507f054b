"""Files of eμ events of the seed's eight processes, in NanoAOD's branches.

    python -m analyses.hww.generate FOLDER --events 20000 --seed 1

writes FOLDER/PROCESS.root: `Events`, with the weight of every event, and `Runs`, with the sum of weights, as NanoAOD
has it. The branch `process` holds the true process, as its number in `PROCESSES`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from analyses.hww.processes import PROCESSES, Truth, generate
from hzdsl.demo.four_vectors import Bools, Floats, Ints
from hzdsl.io.sinks import atomic_path

BASKET = 10_000
LIGHT, BEAUTY = (1.0, 12.0), (1.2, 1.0)  # of the beta distributions of b tags


class Collection(NamedTuple):
    """Elements in the order of events: how many each event has, and their columns."""

    counts: Ints
    columns: Mapping[str, Any]


class Events(NamedTuple):
    """Reconstructed events: numbers of each, and collections."""

    per_event: Mapping[str, Any]
    collections: Mapping[str, Collection]


class Response(NamedTuple):
    """How leptons of one kind are seen: flag and share of those identified, resolution, acceptance, mass."""

    flag: str
    identified: float
    resolution: float
    highest_eta: float
    mass: float


ELECTRON = Response("mvaIso_WP90", 0.86, 0.025, 2.5, 0.000511)
MUON = Response("tightId", 0.95, 0.015, 2.4, 0.10566)


def reconstruct(truth: Truth, rng: np.random.Generator) -> Events:
    """Return what a detector sees: losses, resolutions, identification, b tags, jets of leptons."""
    n = len(truth.electron_first)
    collections = {
        "Electron": _leptons(rng, truth, truth.electron_first, ELECTRON),
        "Muon": _leptons(rng, truth, ~truth.electron_first, MUON),
    }
    collections["Jet"] = _jets(rng, truth, collections)
    x, y = (c + rng.normal(0, 16, n) for c in truth.missing)
    met = {"MET_pt": np.hypot(x, y).astype("f4"), "MET_phi": np.arctan2(y, x).astype("f4")}
    return Events(met, collections)


def _leptons(rng: np.random.Generator, truth: Truth, first: Bools, response: Response) -> Collection:
    """Return the leptons of one flavour, none or one of each event: the first where `first`, else the second."""
    a, b = truth.leptons
    pt, eta, phi, charge = (
        np.where(first, x, y) for x, y in ((a.pt, b.pt), (a.eta, b.eta), (a.phi, b.phi), truth.charges)
    )
    n = len(pt)
    pt = pt * rng.normal(1, response.resolution, n)
    seen = (pt > 8) & (abs(eta) < response.highest_eta)
    good = rng.random(n) < response.identified * (1 - np.exp(-np.maximum(pt, 0) / 8))
    columns = {"pt": pt.astype("f4"), "eta": eta.astype("f4"), "phi": phi.astype("f4"), "charge": charge.astype("i4")}
    columns |= {"mass": np.full(n, response.mass, "f4"), response.flag: good}
    return Collection(seen.astype("i4"), {name: c[seen] for name, c in columns.items()})


def _jets(rng: np.random.Generator, truth: Truth, leptons: Mapping[str, Collection]) -> Collection:
    """Return jets above 15 GeV, hardest first; most leptons are jets, too, as in NanoAOD."""
    jets, n = truth.jets, len(truth.electron_first)
    k = len(jets.pt)
    pt = jets.pt * np.maximum(rng.normal(1, 0.12, k), 0.3)
    tag = np.where(jets.b, rng.beta(*BEAUTY, k), rng.beta(*LIGHT, k))
    tag = np.where(abs(jets.eta) < 2.5, tag, -1)
    parts = [(np.repeat(np.arange(n), jets.counts), pt, jets.eta, jets.phi, tag)]
    for lepton in leptons.values():
        c, events = lepton.columns, np.repeat(np.arange(n), lepton.counts)
        parts.append((events, c["pt"] * 1.02, c["eta"], c["phi"], rng.beta(*LIGHT, len(events))))
    event, pt, eta, phi, tag = (np.concatenate(c) for c in zip(*parts, strict=True))
    order = np.lexsort((-pt, event))
    order = order[(pt[order] > 15) & (abs(eta[order]) < 4.7)]
    columns = {"pt": pt, "eta": eta, "phi": phi, "mass": 0.1 * pt, "btagDeepFlavB": tag}
    return Collection(
        np.bincount(event[order], minlength=n).astype("i4"), {m: c[order].astype("f4") for m, c in columns.items()}
    )


def sample(name: str, events: int, seed: int) -> Events:
    """Return `events` times its size events of one process; every process has random numbers of its own."""
    names = list(PROCESSES)
    stream = np.random.SeedSequence(seed).spawn(len(names))[names.index(name)]
    rng = np.random.Generator(np.random.PCG64(stream))
    process = PROCESSES[name]
    events = round(events * process.size)
    found = reconstruct(generate(process, rng, events), rng)
    weights: Floats = np.where(rng.random(events) < process.negative, -1.0, 1.0)
    per_event = {
        "run": np.ones(events, "u4"),
        "luminosityBlock": 1 + np.arange(events, dtype="u4") // 1000,
        "event": 1 + np.arange(events, dtype="u8"),
        "process": np.full(events, names.index(name), "i4"),
        "genWeight": weights.astype("f4"),
    }
    return Events({**per_event, **found.per_event}, found.collections)


def write(path: Path, events: Events) -> None:
    """Write events as `Events` and the sums of their weights as `Runs`, whole or not at all."""
    import awkward as ak
    import uproot
    from awkward.types import from_datashape

    jagged = {n: ak.unflatten(ak.Array(dict(c.columns)), c.counts) for n, c in events.collections.items()}
    types = {name: c.dtype for name, c in events.per_event.items()}
    types |= {
        name: from_datashape(f"var * {c.layout.content.form.type}", highlevel=False) for name, c in jagged.items()
    }
    columns = {**events.per_event, **jagged}
    weights = events.per_event["genWeight"].astype(float)
    with atomic_path(path) as temporary, uproot.recreate(temporary, compression=uproot.ZLIB(1)) as file:
        tree = file.mktree("Events", types, title="generated, not data")
        for start in range(0, len(weights), BASKET):
            tree.extend({name: c[start : start + BASKET] for name, c in columns.items()})
        runs = {"run": np.ones(1, "u4"), "genEventCount": np.array([len(weights)])}
        file["Runs"] = runs | {
            "genEventSumw": weights.sum(keepdims=True),
            "genEventSumw2": (weights**2).sum(keepdims=True),
        }


def write_all(folder: Path, events: int, seed: int) -> None:
    """Write the files of all processes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PROCESSES:
        write(folder / f"{name}.root", sample(name, events, seed))


def main() -> None:
    """Write the files."""
    known = argparse.ArgumentParser(prog="python -m analyses.hww.generate", description=__doc__.split("\n", 1)[0])
    known.add_argument("folder", type=Path)
    known.add_argument("--events", type=int, default=20_000, help="of a process of size 1 [%(default)s]")
    known.add_argument("--seed", type=int, default=1, help="[%(default)s]")
    given = known.parse_args()
    write_all(given.folder, given.events, given.seed)
    print(f"{given.folder}: {len(PROCESSES)} files of seed {given.seed}")


if __name__ == "__main__":
    main()
