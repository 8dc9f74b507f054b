"""Programs on which the backends once disagreed, or both were wrong: each found by an attack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.backends.base import Chunk, Program
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.io.schema import schema_from_table
from hzdsl.ir.node import Node
from hzdsl.ir.ops import MATH
from tests.backends.slow import dump as slow_dump

BACKENDS = (CodegenBackend(), InterpretBackend())


def values(node: Node, chunk: Chunk) -> list[np.ndarray[Any, Any]]:
    """Return what both backends give for a node."""
    return [b.compile(Program(dumps=(node,))).run(chunk, {}).dumps[0].values for b in BACKENDS]


def leptons(entries: int) -> Chunk:
    """Return a chunk of muons and electrons with what kinematics need."""
    rng = np.random.default_rng(11)
    columns, offsets = {}, {}
    for name in ("Muon", "Electron"):
        counts = rng.integers(0, 5, entries)
        offsets[name] = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        n = int(offsets[name][-1])
        draws = {
            "pt": rng.exponential(30, n),
            "eta": rng.normal(0, 1.5, n),
            "phi": rng.uniform(-3.1, 3.1, n),
            "mass": np.full(n, 0.1),
        }
        columns |= {f"{name}_{attr}": x.astype(np.float32) for attr, x in draws.items()}
    return Chunk(entries, columns, offsets)


def stored_references() -> dict[str, Callable[[], Any]]:
    """Return values reached through references into a `per` axis, stored as attributes."""
    ev = hz.events("nanoaod")
    mu, el = ev.Muon, ev.Electron
    near = el.per(mu)
    near = near.assign(dr=hz.delta_r(near, mu))
    m = mu.assign(el=near.argmin(near.dr))
    return {
        "of the first": lambda: m[0].el.pt,
        "of the leading": lambda: m.leading().el.dr,
        "in a pair": lambda: hz.pair(m)[0].leg2.el.pt,
        "of each, for each other": lambda: hz.sum(m.per(mu).el.dr),
        "of each electron": lambda: hz.max(m.per(el).el.dr),
        "selected and sorted": lambda: m[m.el.pt > 5 * GeV].sort(lambda x: -x.el.dr)[0].el.pt,
    }


@pytest.mark.parametrize("name", stored_references())
def test_a_reference_into_per_knows_whose_it_is(name: str) -> None:
    node = stored_references()[name]().node
    chunk = leptons(400)
    compiled, interpreted = values(node, chunk)
    np.testing.assert_array_equal(compiled, interpreted)
    np.testing.assert_array_equal(interpreted, slow_dump(chunk, [node], {})[0][1])
    assert len(np.unique(interpreted)) > 20


UNIT_TABLE = {
    "fields": {"E": "f32 {unit}", "X": "f32 GeV"},
    "collections": {"lep": {"counter": "n", "fields": {"pt": "f32 {unit}"}}},
}


def schema(unit: str) -> Any:
    table = {
        "fields": {k: v.format(unit=unit) for k, v in UNIT_TABLE["fields"].items()},
        "collections": {"lep": {"counter": "n", "fields": {"pt": f"f32 {unit}"}}},
    }
    return hz.events(schema_from_table(table, unit))


DIMENSIONLESS: dict[str, Callable[[Any], Any]] = {
    **{name: (lambda ev, name=name: getattr(hz, name)(ev.E / (8 * GeV))) for name in MATH},
    "power": lambda ev: (ev.E / GeV) ** 1.5,
    "exponent": lambda ev: 2.0 ** (ev.E / GeV),
    "product": lambda ev: hz.prod(ev.lep.pt / GeV),
    "ratio": lambda ev: hz.log(ev.E / ev.X),
    "mass scale": lambda ev: hz.floor(ev.E / (3 * GeV)) + 0.25,
    "atan2": lambda ev: hz.atan2(ev.E, ev.X),
    "histogram of a logarithm": lambda ev: hz.log(hz.max(ev.lep.pt) / GeV),
}


@pytest.mark.parametrize("name", DIMENSIONLESS)
def test_numbers_do_not_depend_on_the_unit_of_the_file(name: str) -> None:
    energies, pts = np.array([4.0, 2.0, 6.0]), np.array([5.0, 7.0, 11.0])
    results = []
    for unit, scale in (("GeV", 1.0), ("MeV", 1000.0)):
        columns = {
            "E": (energies * scale).astype(np.float32),
            "X": energies.astype(np.float32),
            "lep_pt": (pts * scale).astype(np.float32),
        }
        chunk = Chunk(3, columns, {"lep": np.array([0, 2, 2, 3])})
        results += [v.astype(np.float64) for v in values(DIMENSIONLESS[name](schema(unit)).node, chunk)]
    gev, gev_interpreted, mev, mev_interpreted = results
    np.testing.assert_array_equal(gev, gev_interpreted)
    np.testing.assert_array_equal(mev, mev_interpreted)
    np.testing.assert_allclose(mev, gev, rtol=3e-7)


def test_a_condition_and_a_number_do_not_mix() -> None:
    ev = hz.events("nanoaod")
    for build in (
        lambda: (ev.Muon[0].charge > 0).otherwise(2),
        lambda: hz.where(ev.MET.pt > 0, True, 1),
        lambda: ev.Muon[0].pt.otherwise(True),
    ):
        with pytest.raises(hz.HzdslError, match="mixes a condition with a number"):
            build()
