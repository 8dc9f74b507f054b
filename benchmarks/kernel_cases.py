"""Programs, and events in memory to run them on: what kernels.py measures."""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from pathlib import Path
from runpy import run_path

import make_adl_events
import numpy as np
from make_events import PIECE, piece

import hzdsl as hz
from hzdsl import GeV
from hzdsl.backends.base import NUMPY, Chunk
from hzdsl.demo.events import concatenated
from hzdsl.ir.axes import EVENT
from hzdsl.run.program.bind import bind

HERE = Path(__file__).resolve().parent
LANGUAGE = HERE.parents[1] / "shared" / "LANGUAGE.md"


@dataclass(frozen=True)
class Case:
    """A program, and events to run it on."""

    name: str
    program: Callable
    chunk: Callable
    #: What its speed is told in, beside events: combinations of so many of the elements of a collection.
    candidates: tuple[str, int] | None = None

    def combinations(self, chunk):
        """How many candidates the events of a chunk have."""
        collection, legs = self.candidates
        numbers, events = np.unique(np.diff(chunk.offsets[collection]), return_counts=True)
        return sum(comb(int(n), legs) * int(k) for n, k in zip(numbers, events, strict=True))


# ---- analyses ------------------------------------------------------------------------------------------------------


def bound(analysis, channels=()):
    return bind(analysis.document(), {}, channels=channels, kind="simulation").program


def df103(channels):
    return bound(run_path(str(HERE.parent / "analyses" / "higgs4l" / "higgs4l.py"))["ana"], channels)


def adl():
    return bound(run_path(str(HERE.parent / "analyses" / "adl" / "adl.py"))["ana"])


def trijets():
    """Task 6 of the ADL benchmark."""
    ev, ana = hz.events("nanoaod"), hz.Analysis("trijets")
    tri = hz.triple(ev.Jet).nearest(172.5)
    ana.histogram("pt", tri.pt, bins=100, range=(15, 40))
    ana.histogram("btag", hz.max(tri.legs.btag), bins=100, range=(0, 1))
    return bound(ana)


def four_leptons():
    """The worked example of the language: leptons, FSR photons, all ZZ, the best one, the fiducial volume."""
    from tests.language.shared_examples import examples

    names = {"hz": hz, "GeV": GeV, "cm": hz.cm, "ev": hz.events("nanoaod"), "ana": hz.Analysis("hzz")}
    exec(examples()["c"].python, names)
    return bound(names["ana"])


NODES_PER_REGION = 80


def graph(nodes):
    """Regions with five histograms each, no two alike, until there are about so many nodes."""
    ev, ana = hz.events("nanoaod"), hz.Analysis("graph")
    mu, jet = ev.Muon, ev.Jet
    for i in range(max(1, nodes // NODES_PER_REGION)):
        cut = (20 + 0.25 * i) * GeV
        soft, hard = jet[jet.pt > cut], mu[mu.pt > cut / 2]
        region = ana.region(f"r{i}", hz.count(soft) >= 2, hz.count(hard) >= 1, hz.sum(soft.pt) > 4 * cut)
        observables = {
            "ht": hz.sum(soft.pt), "lead": soft[0].pt, "dr": hz.delta_r(soft[0], hard[0]),
            "mass": (soft[0] + soft[1]).mass, "met": ev.MET.pt + cut,
        }  # fmt: skip
        for name, x in observables.items():
            ana.histogram(name, x, bins=50, range=(0, 500), region=region)
    return bound(ana)


# ---- events --------------------------------------------------------------------------------------------------------


def leptons(n):
    """Events of the benchmark's file."""
    return of_events(piece(1, 0, 0, n))


def four_or_more_muons(n):
    """Those of the first 200 000 that have four muons at least, repeated: one in 66 has."""
    events = concatenated([piece(1, index, index * PIECE, PIECE) for index in range(2)])
    return of_events(events.take(np.resize(np.flatnonzero(events.muons.counts >= 4), n)))


def of_events(events):
    """Return what makes a chunk of events."""
    columns = events.flat()
    offsets = {c: np.concatenate([[0], np.cumsum(columns.pop(f"n{c}"))]).astype(np.int64) for c in ("Muon", "Electron")}
    return lambda program: Chunk(len(events), columns, offsets)


def real(n):
    """The real events of the ADL benchmark, repeated."""
    import awkward as ak

    events = make_adl_events.repeated(make_adl_events.real_events(), n)

    def make(program):
        names = [c.text("name") for c in program.collections()]
        offsets = {c: np.concatenate([[0], np.cumsum(ak.num(events[c]).to_numpy())]).astype(np.int64) for c in names}
        columns = {}
        for column in program.columns():
            name = column.text("name")
            collection, _, attribute = name.partition("_")
            stored = ak.flatten(events[collection][attribute]) if collection in offsets else events[name]
            columns[name] = np.ascontiguousarray(ak.to_numpy(stored), NUMPY[column.type.dtype])
        return Chunk(n, columns, offsets)

    return make


def drawn(n, least, most):
    """Events whose collections have from `least` to `most` elements, and plausible numbers in every column."""

    def make(program):
        rng = np.random.default_rng(1)
        offsets = {
            c.text("name"): np.concatenate([[0], np.cumsum(rng.integers(least, most + 1, n))]).astype(np.int64)
            for c in program.collections()
        }
        columns = {}
        for column in program.columns():
            axis = column.args[0]
            size = n if axis is EVENT else int(offsets[axis.text("name")][-1])
            columns[column.text("name")] = _numbers(rng, column, size)
        return Chunk(n, columns, offsets)

    return make


def _numbers(rng, column, n):
    name, dtype = column.text("name").rpartition("_")[2], NUMPY[column.type.dtype]
    known = {
        "pt": lambda: 8 + rng.exponential(30, n), "eta": lambda: rng.uniform(-2.3, 2.3, n),
        "phi": lambda: rng.uniform(-3.1, 3.1, n), "mass": lambda: rng.uniform(0.1, 10, n),
        "charge": lambda: np.resize([1, -1, -1, 1], n), "genWeight": lambda: rng.normal(1, 0.3, n),
        "dxyErr": lambda: np.full(n, 1.0), "dzErr": lambda: np.full(n, 1.0), "status": lambda: np.ones(n),
    }  # fmt: skip
    if name in known:
        return known[name]().astype(dtype)
    if dtype.kind == "b":
        return np.ones(n, np.bool_)
    return rng.uniform(0, 0.1, n).astype(dtype) if dtype.kind == "f" else rng.integers(0, 2, n).astype(dtype)


TRIJETS = ("Jet", 3)
CASES = (
    Case("df103, 3 channels", lambda: df103([]), leptons),
    Case("df103 4mu", lambda: df103(["4mu"]), leptons),
    Case("df103 4mu, events with four muons or more", lambda: df103(["4mu"]), four_or_more_muons),
    Case("df103 4mu, nearly all selected", lambda: df103(["4mu"]), lambda n: drawn(n, 4, 4)),
    Case("ADL task 6, the real events", trijets, real, TRIJETS),
    Case("ADL task 6, 4 jets", trijets, lambda n: drawn(n, 4, 4), TRIJETS),
    Case("ADL task 6, 12 jets", trijets, lambda n: drawn(n, 12, 12), TRIJETS),
    Case("ADL tasks 1 to 8, the real events", adl, real),
    Case("H → 4l with FSR", four_leptons, lambda n: drawn(n, 1, 3)),
)


def known():
    """The cases whose events and texts are here."""
    missing = [c for c in CASES if c.chunk is real and not make_adl_events.REAL.exists()]
    missing += [c for c in CASES if c.program is four_leptons and not LANGUAGE.exists()]
    return [c for c in CASES if c not in missing]
