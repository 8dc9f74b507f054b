"""Differences of azimuths are remarked on where nothing brings them back, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.ir.azimuths import unwrapped
from hzdsl.run.plan.notes import document_notes

ev = hz.events("nanoaod")
mu, met = ev.Muon, ev.MET
z = mu[0] + mu[1]
PI = 3.14159265
d = met.phi - mu.phi


@pytest.mark.parametrize(
    ("x", "a", "b"),
    [
        (d, "MET", "Muon"),
        (abs(d) > 2.5, "MET", "Muon"),
        (hz.any(mu[mu.pt > 5 * GeV].phi - met.phi < -1), "Muon[Muon.pt > 5 GeV]", "MET"),
        (z.phi - met.phi, "(Muon[0] + Muon[1])", "MET"),
        (mu[0].phi - mu[1].phi, "Muon[0]", "Muon[1]"),
        (hz.sqrt(mu.eta**2 + d**2), "MET", "Muon"),
        (hz.where(hz.cos(d) > 0, d, 1.0), "MET", "Muon"),
    ],
)
def test_remarked(x: Any, a: str, b: str) -> None:
    (said,) = unwrapped([x.node], {})
    assert said.endswith(f"is not brought into (-π, π]: write delta_phi({a}, {b})")


@pytest.mark.parametrize(
    "x",
    [
        hz.delta_phi(met, mu),
        hz.delta_r(mu[0], mu[1]),
        hz.transverse_mass(mu[0], met),
        hz.cos(d),
        (d + PI) % (2 * PI) - PI,
        hz.where(abs(d) > PI, 2 * PI - abs(d), abs(d)),
        met.phi - 0.5,
        met.phi - mu.eta,
        abs(met.phi) + abs(mu.phi),
    ],
)
def test_fine(x: Any) -> None:
    assert unwrapped([x.node], {}) == []


def test_of_an_analysis_by_the_names_of_its_author() -> None:
    ana = hz.Analysis()
    good = mu[mu.pt > 5 * GeV]
    ana.define(good=good)
    ana.region("apart", hz.any(abs(met.phi - good.phi) > 2.5))
    assert document_notes(ana.document()) == [
        "MET.phi - good.phi is not brought into (-π, π]: write delta_phi(MET, good)"
    ]
