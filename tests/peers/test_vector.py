"""Four-vectors, angles and boosts as the `vector` library has them.

`vector` has other formulae (masses from transverse quantities, boosts by gamma), so numbers are compared within what
rounding allows: squares of masses to 1e-13 of the energy's square, angles to a few last bits of f32 or f64.
"""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest
import vector

import hzdsl as hz
from hzdsl.backends.base import Chunk
from tests.peers.jagged import dump, physics, stored

CHUNK = physics(300)
EV = hz.events("nanoaod")
PAIR = hz.pair(EV.Muon)


def theirs() -> tuple[Any, Any]:
    """The legs of all pairs of muons."""
    names = ("pt", "eta", "phi", "mass")
    muons = vector.zip({n: ak.values_astype(stored(n, CHUNK), np.float64) for n in names})
    return tuple(ak.unzip(ak.combinations(muons, 2)))  # type: ignore[return-value]


def ours(value: Any) -> Any:
    return ak.to_numpy(ak.flatten(dump(value.node, CHUNK)))


def flat(values: Any) -> Any:
    return ak.to_numpy(ak.flatten(values))


def test_masses() -> None:
    a, b = theirs()
    energy = flat((a + b).E)
    assert len(energy) > 900
    assert np.all(np.abs(ours(PAIR.mass) ** 2 - flat((a + b).mass) ** 2) <= 1e-13 * energy**2)


@pytest.mark.parametrize("name", ["px", "py", "pz", "E", "pt", "eta", "phi", "rapidity", "theta", "p"])
def test_components_of_sums(name: str) -> None:
    a, b = theirs()
    same = {"E": PAIR.p4.energy}.get(name)
    found = ours(same if same is not None else getattr(PAIR.p4, name))
    expected = flat(getattr(a + b, name))
    scale = flat((a + b).E) if name in ("px", "py", "pz", "E", "pt", "p") else 1 + np.abs(expected)
    cancels = np.maximum(1, flat((a + b).E) / flat((a + b).pt))  # a sum with little pt has lost digits
    assert np.all(np.abs(found - expected) <= 1e-13 * scale * cancels)


def test_transverse_masses() -> None:
    a, b = theirs()
    found, expected = ours(PAIR.p4.mt), flat((a + b).Mt)
    assert np.all(np.abs(found**2 - expected**2) <= 1e-13 * flat((a + b).E) ** 2)


def test_angles() -> None:
    """Of f32 angles, in f32 as in ROOT; Δφ of opposite directions may be +π here and -π there."""
    a, b = theirs()
    assert np.allclose(ours(hz.delta_r(PAIR.leg1, PAIR.leg2)), flat(a.deltaR(b)), rtol=0, atol=2e-6)
    turned = np.abs(ours(hz.delta_phi(PAIR.leg1, PAIR.leg2)) - flat(a.deltaphi(b)))
    assert np.all(np.minimum(turned, np.abs(turned - 2 * np.pi)) <= 1e-6)
    assert np.allclose(ours(hz.delta_eta(PAIR.leg1, PAIR.leg2)), flat(a.deltaeta(b)), rtol=0, atol=1e-6)


def test_boosts() -> None:
    a, b = theirs()
    rest = PAIR.leg1.p4.in_frame(PAIR.p4)
    expected = a.boostCM_of_p4(a + b)
    gamma = flat((a + b).E) / np.maximum(flat((a + b).mass), 1e-3)
    for found, name in ((rest.px, "px"), (rest.py, "py"), (rest.pz, "pz"), (rest.energy, "E")):
        assert np.all(np.abs(ours(found) - flat(getattr(expected, name))) <= 1e-14 * flat((a + b).E) * gamma**2)


def test_sums_of_all_objects() -> None:
    names = ("pt", "eta", "phi", "mass")
    muons = vector.zip({n: ak.values_astype(stored(n, CHUNK), np.float64) for n in names})
    total = ak.sum(muons, axis=1)
    found = ak.to_numpy(dump(hz.sum(EV.Muon).pt.node, CHUNK))
    assert np.allclose(found, ak.to_numpy(total.pt), rtol=1e-12, atol=1e-10)


def test_intended_difference_opposite_directions_are_plus_pi_apart() -> None:
    """hzdsl's Δφ is in (-π, π], vector's in [-π, π)."""
    columns = {"Muon_phi": np.array([np.pi, 0.0]), "Muon_pt": np.ones(2)}
    chunk = Chunk(1, {name: x.astype(np.float32) for name, x in columns.items()}, {"Muon": np.array([0, 2])})
    found = dump(hz.delta_phi(PAIR.leg1, PAIR.leg2).node, chunk)
    assert ak.to_list(found) == [[float(np.float32(np.pi))]]
    assert vector.obj(pt=1, phi=np.pi).deltaphi(vector.obj(pt=1, phi=0)) == -np.pi
