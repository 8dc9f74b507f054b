"""Ragged operations as ROOT's RVec and GenVector do them: in every bit where the formula is the same."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.ir import build, members
from tests.oracle.run_root import require_root
from tests.peers.jagged import dump, physics

SCRIPT = Path(__file__).with_name("root_rvec.py")
CHUNK = physics(400, seed=5)
EV = hz.events("nanoaod")
MU = EV.Muon
PAIR = hz.pair(MU)

#: Equal in every bit: what ROOT calls it, and the same in hzdsl; -1 where there is none.
SAME: dict[str, Any] = {
    "sum": lambda: hz.sum(MU.pt),
    "product": lambda: hz.prod(MU.eta),
    "sum_of_int": lambda: hz.sum(MU.charge),
    "any": lambda: hz.any(MU.pt > 40 * GeV),
    "all": lambda: hz.all(MU.pt > 10 * GeV),
    "max": lambda: hz.max(MU.pt).otherwise(-1 * GeV),
    "min": lambda: hz.min(MU.pt).otherwise(-1 * GeV),
    "argmax": lambda: place(MU.argmax(MU.pt)),
    "argmin": lambda: place(MU.argmin(MU.pt)),
    "argmin_of_ties": lambda: place(MU.argmin(MU.charge)),
    "argmax_of_ties": lambda: place(MU.argmax(MU.charge)),
    "argsort": lambda: order(MU.pt),
    "argsort_of_ties": lambda: order(MU.charge),
    "selected": lambda: MU[MU.eta > 0].pt,
    "first": lambda: members.place(PAIR.leg1.reference),
    "second": lambda: members.place(PAIR.leg2.reference),
    "delta_phi": lambda: hz.delta_phi(PAIR.leg1, PAIR.leg2),
    "delta_r": lambda: hz.delta_r(PAIR.leg1, PAIR.leg2),
    "pair_mass": lambda: PAIR.mass,
    "pair_pt": lambda: PAIR.p4.pt,
}
#: Another formula in ROOT: equal to a few last bits.
CLOSE: dict[str, Any] = {
    "pair_eta": lambda: PAIR.p4.eta,
    "pair_rapidity": lambda: PAIR.p4.rapidity,
}


def place(chosen: Any) -> Any:
    return build.otherwise(members.place(chosen.reference), build.const(-1))


def order(key: Any) -> Any:
    axis = members.order(MU.axis, (key.node,))
    return build.lift(members.place(MU.reference), axis)


def numbers(made: Any) -> Any:
    """The values of both backends, flat, as f64 (exact for what is compared here)."""
    found = dump(getattr(made, "node", made), CHUNK)
    return np.asarray(ak.to_numpy(ak.flatten(found, axis=None)), np.float64)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Any:
    python, folder = require_root(), tmp_path_factory.mktemp("rvec")
    columns = {n: CHUNK.columns[f"Muon_{n}"] for n in ("pt", "eta", "phi", "mass", "charge")}
    np.savez(folder / "in.npz", offsets=CHUNK.offsets["Muon"], **columns)
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    command = [python, str(SCRIPT), str(folder / "in.npz"), str(folder / "out.npz")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    with np.load(folder / "out.npz") as out:
        return dict(out)


@pytest.mark.oracle
@pytest.mark.parametrize("name", SAME)
def test_equal_in_every_bit(name: str, root: Any) -> None:
    found = numbers(SAME[name]())
    assert len(found) >= CHUNK.entries // 2
    np.testing.assert_array_equal(found, root[name])


@pytest.mark.oracle
@pytest.mark.parametrize("name", CLOSE)
def test_equal_to_a_few_bits(name: str, root: Any) -> None:
    np.testing.assert_allclose(numbers(CLOSE[name]()), root[name], rtol=1e-12, atol=1e-13)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["px", "energy"])
def test_boosts(name: str, root: Any) -> None:
    """BoostToCM multiplies by 1/E where hzdsl divides by E: a last bit of the velocity, enlarged by gamma squared."""
    energy = numbers(PAIR.p4.energy)
    gamma = energy / numbers(PAIR.mass)
    found = numbers(getattr(PAIR.leg1.p4.in_frame(PAIR.p4), name))
    assert np.all(np.abs(found - root[f"rest_{name}"]) <= 1e-15 * energy * gamma**2)


@pytest.mark.oracle
def test_masses_of_all_objects(root: Any) -> None:
    """RVec's InvariantMass adds in another order; of one object it is 0 for the rounding of E² - p²."""
    total = hz.sum(MU)
    energy, mass2 = numbers(total.energy), numbers(total.mass) ** 2
    assert np.all(np.abs(mass2 - root["mass_of_all"] ** 2) <= 1e-12 * energy**2)


@pytest.mark.oracle
def test_intended_difference_combinations_of_too_few(root: Any) -> None:
    """RVec throws where there are fewer objects than a choice takes; hzdsl has no choices."""
    few = np.diff(CHUNK.offsets["Muon"]) < 2
    assert few.any()
    np.testing.assert_array_equal(root["throws"] == 1, few)
    np.testing.assert_array_equal(numbers(hz.count(PAIR))[few], 0)
