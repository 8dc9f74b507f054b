"""What the surface expands is printed as the surface writes it, and reads back as the same node."""

from __future__ import annotations

from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.text import parse_expression

ev = hz.events("nanoaod")
mu, el, gen, ph, met = ev.Muon, ev.Electron, ev.GenPart, ev.FsrPhoton, ev.MET
z = mu[0] + mu[1]
h = z + el[0]
x_z, x_h = "Muon[0] + Muon[1]", "Muon[0] + Muon[1] + Electron[0]"
up = hz.vec3(0, 0, 1)

WRITTEN: dict[str, Any] = {
    "GenPart.charge": gen.charge,
    "Muon.gen.charge": mu.gen.charge,
    "GenPart[GenPart.flavor == 11].flavor": gen[gen.flavor == 11].flavor,
    "abs(Muon.pdgId)": abs(mu.pdgId),  # (Muon.flavor is the number 13)
    "pair(GenPart).same_flavor().mass": hz.pair(gen).same_flavor().mass,
    "pair(GenPart).charge": hz.pair(gen).charge,
    "table(GenPart.pdgId, keys = (11, 13), values = (1, 2))": hz.table(gen.pdgId, keys=[11, 13], values=[1, 2]),
    "table(GenPart.pdgId, keys = (11, 13), values = (1 GeV, 2 GeV), outside = 7 GeV)": hz.table(
        gen.pdgId, keys=[11, 13], values=[1 * GeV, 2 * GeV], outside=7 * GeV
    ),
    "random_normal(run, event, Muon.index, seed = 3)": hz.random_normal(ev.run, ev.event, mu.index, seed=3),
    "FsrPhoton.p4.energy": ph.energy,
    "pair(FsrPhoton).mass": hz.pair(ph).mass,
    "(Muon[0] + MET).mt": (mu[0] + met).mt,
    f"({x_z}).in_frame({x_h}).px": z.in_frame(h).px,
    f"Muon.in_frame({x_z}).energy": mu.in_frame(z).energy,
    f"Muon.in_frame({x_h}).in_frame({x_z}).rapidity": mu.in_frame(h).in_frame(z).rapidity,
    "Muon.in_frame(Muon[0].p4 + Muon[0].p4).pt": mu.in_frame(mu[0].p4 + mu[0].p4).pt,
    f"unit(Muon[0].in_frame({x_z}).p3).z": hz.unit(mu[0].in_frame(z).p3).z,
    "dot(Muon.p3, Muon[0].p3)": hz.dot(mu.p3, mu[0].p3),
    f"dot(vec3(0, 0, 1), ({x_z}).p3)": hz.dot(up, z.p3),
    "dot(unit(cross(vec3(0, 0, 1), Muon[0].p3)), -unit(Electron[0].p3))": hz.dot(
        hz.unit(hz.cross(up, mu[0].p3)), -hz.unit(el[0].p3)
    ),
    "dot(vec3(Muon.dxy.as_f64(), Muon.dxy.as_f64(), Muon.dz.as_f64()), Muon.p3)": hz.dot(
        hz.vec3(mu.dxy, mu.dxy, mu.dz), mu.p3
    ),
    "Muon.eta**2 + Muon.phi**2 + Muon.eta*Muon.phi": mu.eta * mu.eta + mu.phi * mu.phi + mu.eta * mu.phi,
}


@pytest.mark.parametrize("text", WRITTEN)
def test_printed_as_written(text: str) -> None:
    assert str(WRITTEN[text]) == text
    assert parse_expression(text, ev).node is WRITTEN[text].node


def test_what_stores_no_mass_has_none() -> None:
    for x in (met, ph, ph[0], ph[ph.pt > 3 * GeV]):
        assert "0 GeV" in str(x.mass)
