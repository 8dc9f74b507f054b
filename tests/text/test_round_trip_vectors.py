"""Random expressions of four- and three-vectors read back as the nodes they were printed from."""

from __future__ import annotations

import random
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV, HzdslError
from hzdsl.text import parse_expression

ev = hz.events("nanoaod")
mu, el = ev.Muon, ev.Electron
good = mu[mu.pt > 5 * GeV]
z = hz.pair(mu).nearest(91.2)
OBJECTS = [mu, good, mu[0], good[0], el[0], z, z.leg1, ev.FsrPhoton[0], mu[0] + el[0], ev.GenPart[0], el]
COMPONENTS = ("px", "py", "pz", "energy", "mass", "pt", "eta", "phi", "rapidity", "p")


def four(pick: random.Random, depth: int) -> Any:
    """Return a four-vector or an object."""
    if depth == 0 or pick.random() < 0.3:
        x = pick.choice(OBJECTS)
        return x.p4 if pick.random() < 0.3 else x
    a, b = four(pick, depth - 1), four(pick, depth - 1)
    made = pick.randrange(5)
    if made == 0:
        return a.in_frame(b)
    if made == 1:
        return a.p4 + b.p4
    if made == 2:
        return a.p4 - b.p4
    if made == 3:
        return hz.vector(px=a.px, py=b.py, pz=3 * a.pz, mass=pick.choice([0.1 * GeV, b.mass]))
    return hz.vector(pt=a.pt, eta=b.eta, phi=a.phi, energy=a.energy)


def three(pick: random.Random, depth: int) -> Any:
    """Return a three-vector."""
    made = pick.randrange(7) if depth else 0
    if made < 2:
        return four(pick, max(depth - 1, 0)).p3
    a = three(pick, depth - 1)
    if made == 2:
        return -a
    if made == 3:
        return hz.unit(a)
    if made == 4:
        return hz.cross(hz.unit(a), hz.unit(three(pick, depth - 1)))
    if made == 5:
        return hz.cross(hz.vec3(*pick.choice([(0, 0, 1), (0.5, -1, 0)])), hz.unit(a))
    return a * 2


def scalar(pick: random.Random) -> Any:
    if pick.random() < 0.4:
        return getattr(four(pick, 2), pick.choice(COMPONENTS))
    a, b = (hz.unit(three(pick, 2)) for _ in range(2))
    return pick.choice([lambda: hz.dot(a, b), lambda: a.x, lambda: b.z, lambda: hz.dot(hz.vec3(0, 0, 1), a)])()


@pytest.mark.parametrize("seed", range(12))
def test_random_vectors(seed: int) -> None:
    pick, made = random.Random(seed), 0
    for _ in range(15):
        try:
            x = scalar(pick)
        except HzdslError as refused:  # axes or units that do not meet
            assert refused.code in ("axis", "unit")
            continue
        made += 1
        assert parse_expression(str(x), ev).node is x.node
    assert made >= 4
