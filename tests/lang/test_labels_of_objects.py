"""Labels of requirements say what the author's objects are called, also where these have attributes of their own."""

from __future__ import annotations

from typing import Any

import hzdsl as hz
from hzdsl import GeV
from hzdsl.results.result import CutRow
from hzdsl.results.summary import LONGEST, shown_label
from hzdsl.text import loads

ev = hz.events("nanoaod")


def analysis() -> tuple[hz.Analysis, Any]:
    mu = ev.Muon.assign(pt=hz.vary(ev.Muon.pt, scale=(1.02 * ev.Muon.pt, 0.98 * ev.Muon.pt)))
    z = hz.pair(mu).opposite_charge().nearest(91.2)
    return hz.Analysis("a"), z


def labels(ana: hz.Analysis) -> list[str]:
    return [c.label for c in ana.document().regions[0].cuts]


def test_objects_that_were_assigned_to() -> None:
    ana, z = analysis()
    ana.define(z=z)
    ana.region("r", z.mass.between(20 * GeV, 120 * GeV), z.pt > 10 * GeV, z.exists)
    assert labels(ana) == ["20 GeV < z.mass < 120 GeV", "z.pt > 10 GeV", "z.exists"]


def test_the_name_may_come_later() -> None:
    ana, z = analysis()
    ana.region("r", z.pt > 10 * GeV)
    assert len(labels(ana)[0]) > 60
    ana.define(z=z)
    assert labels(ana) == ["z.pt > 10 GeV"]


def test_so_in_text() -> None:
    text = """
define = '''
mu = Muon.assign(pt = vary(pt, scale = (1.02*pt, 0.98*pt)))
z  = pair(mu).opposite_charge().nearest(91.2)
'''
[regions.r]
require = ["20 GeV < z.mass < 120 GeV", "z.leg1.pt > 25 GeV"]
"""
    assert loads(text).document.regions[0].cuts[0].label == "20 GeV < z.mass < 120 GeV"


def test_a_long_label_is_shortened_in_tables_only() -> None:
    row = CutRow("x" * 100, 1, 1.0, 1.0)
    assert len(shown_label(row)) <= LONGEST
    assert "…" in shown_label(row)
    assert row.label == "x" * 100
