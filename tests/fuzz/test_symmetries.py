"""Symmetries of an analysis: the order of objects, the azimuth, the unit of the file."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.backends.base import Chunk, Partial, Program
from hzdsl.io.schema import schema_from_table
from hzdsl.run.program.bind import bind
from tests.backends.compare import differences
from tests.fuzz.test_metamorphic import BACKENDS
from tests.peers.jagged import physics

CHUNK = physics(400, seed=8)
EV = hz.events("nanoaod")
MU, EL = EV.Muon, EV.Electron
PAIR = hz.pair(MU)


def run(program: Program, chunk: Chunk) -> Partial:
    """Run on both backends, which agree."""
    compiled, interpreted = (b.compile(program).run(chunk, {}, tables=True) for b in BACKENDS)
    assert differences(program, compiled, interpreted) == []
    return compiled


def dumped(value: Any, chunk: Chunk) -> Any:
    found = run(Program(dumps=(value.node,)), chunk).dumps[0]
    return found.values, found.valid


def moved(chunk: Chunk, order: dict[str, Any], **columns: Any) -> Chunk:
    """Return a chunk with the elements of its collections in another order, and some columns replaced."""
    taken = {name: x[order[name.split("_")[0]]] for name, x in chunk.columns.items()}
    return Chunk(chunk.entries, taken | columns, chunk.offsets)


# ---- the order of objects ----------------------------------------------------------------------------------------------


def shuffled(chunk: Chunk) -> Chunk:
    """Return the same events, the objects of each in another order."""
    rng, order = np.random.default_rng(2), {}
    for name, offsets in chunk.offsets.items():
        lists = [i + rng.permutation(k - i) for i, k in itertools.pairwise(offsets)]
        order[name] = np.concatenate(lists).astype(np.int64)
    return moved(chunk, order)


#: Of whatever order; sums of integers wrap, so they are, too. (Sums of floats are not: they round in order.)
ORDER_FREE: dict[str, Callable[[], Any]] = {
    "count": lambda: hz.count(MU.pt > 20 * GeV),
    "any": lambda: hz.any(abs(MU.eta) > 2),
    "all": lambda: hz.all(MU.pt > 5 * GeV),
    "min": lambda: hz.min(MU.pt),
    "max": lambda: hz.max(abs(MU.eta)),
    "sum of integers": lambda: hz.sum(MU.charge),
    "product of integers": lambda: hz.prod(MU.charge),
    "number of pairs": lambda: hz.count(PAIR.opposite_charge()),
    "number of triples": lambda: hz.count(hz.triple(MU)[lambda t: t.leg1.charge * t.leg2.charge * t.leg3.charge > 0]),
    "best pair": lambda: PAIR.nearest(91.2).mass,
    "best of two collections": lambda: hz.pair(MU, EL).argmax(hz.pair(MU, EL).mass).mass,
    "leading": lambda: MU.leading().eta,
    "ordered": lambda: MU.sort(-MU.pt)[1].phi,
    "cleaned": lambda: hz.count(MU[~hz.any(hz.delta_r(MU, EL.per(MU)) < 0.8)]),
    "excluded": lambda: hz.max((MU - PAIR.nearest(91.2)).pt),
    "of the union": lambda: hz.max((MU | EL).pt),
    "least distance": lambda: hz.min(abs(hz.delta_phi(PAIR.leg1, PAIR.leg2))),
}


@pytest.mark.parametrize("name", ORDER_FREE)
def test_the_order_of_objects_does_not_matter(name: str) -> None:
    value = ORDER_FREE[name]()
    (before, there), (after, then) = dumped(value, CHUNK), dumped(value, shuffled(CHUNK))
    assert len(np.unique(before)) > 1
    np.testing.assert_array_equal(there, then)
    np.testing.assert_array_equal(before, after)


def test_the_order_of_objects_does_not_matter_to_histograms_per_object() -> None:
    ana = hz.Analysis("order")
    ana.histogram("pt", MU[MU.pt > 10 * GeV].pt, bins=40, range=(0, 200))
    ana.histogram("pairs", hz.axis(PAIR.mass, 20, 0, 200), hz.axis(abs(PAIR.p4.eta), 5, 0, 5))
    program = bind(ana.document(), {}).program
    before, after = run(program, CHUNK), run(program, shuffled(CHUNK))
    assert int(before.counts[0].sum()) > 500
    assert differences(program, before, after) == []


def test_the_order_matters_where_it_should() -> None:
    """The permutation is one: the first muon is another."""
    assert not np.array_equal(dumped(MU[0].pt, CHUNK)[0], dumped(MU[0].pt, shuffled(CHUNK))[0])


# ---- the azimuth -------------------------------------------------------------------------------------------------------


def rotated(chunk: Chunk, angle: float) -> Chunk:
    """Return the events turned about the beam; azimuths are rounded to f32, to within 2.4e-7."""
    names = [name for name in chunk.columns if name.endswith("_phi")]
    turned = {n: np.remainder(chunk.columns[n].astype(np.float64) + angle + np.pi, 2 * np.pi) - np.pi for n in names}
    narrow = {n: x.astype(np.float32) for n, x in turned.items()}
    return Chunk(chunk.entries, {**chunk.columns, **narrow}, chunk.offsets)


@pytest.mark.parametrize("angle", [0.3, 2.0, -3.0])
def test_a_rotation_leaves_masses_and_distances(angle: float) -> None:
    """m² moves by at most pT pT' times the error of Δφ, and ΔR by that error."""
    turned = rotated(CHUNK, angle)
    (mass, _), (again, _) = dumped(PAIR.mass, CHUNK), dumped(PAIR.mass, turned)
    (energy, _), (pts, _) = dumped(PAIR.p4.energy, CHUNK), dumped(PAIR.leg1.pt * PAIR.leg2.pt, CHUNK)
    assert np.all(np.abs(mass**2 - again**2) <= 2e-6 * pts + 1e-13 * energy**2)
    for distance in (hz.delta_r(PAIR.leg1, PAIR.leg2), abs(hz.delta_phi(PAIR.leg1, PAIR.leg2))):
        (one, _), (other, _) = dumped(distance, CHUNK), dumped(distance, turned)
        assert np.all(np.abs(one - other) <= 2e-6)
    assert not np.allclose(dumped(PAIR.p4.px, CHUNK)[0], dumped(PAIR.p4.px, turned)[0])


# ---- the unit ----------------------------------------------------------------------------------------------------------


def analysis(unit: str) -> Program:
    """The same analysis of a file in MeV and of one in GeV."""
    fields = {"pt": f"f32 {unit}", "eta": "f32", "charge": "i32"}
    table = {"fields": {"met": f"f32 {unit}"}, "collections": {"lep": {"counter": "n", "fields": fields}}}
    ev = hz.events(schema_from_table(table, unit))
    lep, ana = ev.lep, hz.Analysis("units")
    hard = lep[lep.pt > 20 * GeV]
    two = ana.region("two", hz.count(hard) >= 2, ev.met < 60 * GeV, hz.max(lep.pt) <= 90 * GeV)
    ana.histogram("pt", hard.pt, bins=24, range=(0, 120), region=two)
    ana.histogram("sum", hz.sum(lep.pt) + ev.met, edges=[0, 50, 101, 150, 400], region=two)
    ana.histogram("ratio", ev.met / hz.max(lep.pt), bins=8, range=(0, 2))
    ana.histogram("pair", hz.pair(lep).opposite_charge()[0].leg1.pt, bins=10, range=(0, 100))
    return bind(ana.document(), {}).program


def in_unit(scale: int) -> Chunk:
    """Whole GeV: exact in f32 in either unit, and sums are, too."""
    rng = np.random.default_rng(4)
    counts = rng.integers(0, 6, 500)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    n = int(offsets[-1])
    columns = {
        "met": scale * rng.integers(0, 100, 500),
        "lep_pt": scale * rng.integers(5, 120, n),
        "lep_eta": rng.normal(0, 1, n),
        "lep_charge": rng.choice([-1, 1], n),
    }
    kinds = {name: np.int32 if name.endswith("charge") else np.float32 for name in columns}
    return Chunk(500, {name: x.astype(kinds[name]) for name, x in columns.items()}, {"lep": offsets})


def test_the_unit_of_the_file_does_not_matter() -> None:
    gev, mev = (run(analysis(unit), in_unit(scale)) for unit, scale in (("GeV", 1), ("MeV", 1000)))
    assert [p.tolist() for p in gev.passed] == [p.tolist() for p in mev.passed]
    assert 0 < int(gev.passed[0][-1]) < 500
    for a, b in zip(gev.counts, mev.counts, strict=True):
        assert int(a.sum()) > 20
        np.testing.assert_array_equal(a, b)
