"""Weights, variations and regions made of others: text and Python are the same analysis."""

from __future__ import annotations

from typing import Any

import hzdsl as hz
from hzdsl import GeV
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import loads

TEXT = """
define = '''
mu = Muon.assign(pt = vary(pt, muon_scale = (1.002*pt, 0.998*pt)))
tight = mu[pt > 26 GeV]
'''
categories.njet = { 0jet = "count(Jet) == 0", 1jet = "count(Jet) == 1", more = "count(Jet) > 1" }
weights.generator = "vary(genWeight, pdf = (genWeight, 2*genWeight, 3*genWeight))"
weights.half = { expr = "where(count(tight) > 2, 0.5, 1.0)", on = "both" }
checks.exclusive = [["SR", "CR"]]
regions.base.require = [{ "a muon" = "count(tight) >= 1" }]
regions.SR.require = ["base", { "met" = "MET.pt > 20 GeV" }]
regions.CR = { require = ["base", "MET.pt < 20 GeV"], on = "simulation" }
histogram = [
  { name = "met", expr = "MET.pt", bins = 5, range = [0, 100], region = ["SR.split(njet)", "SR.without('a muon')"] },
  { name = "kind", axes = [{ expr = "njet" }, { expr = "MET.pt > 50 GeV" }], region = "CR" },
]
sample = [{ name = "zz", files = "zz.root", nevt = "Runs" }]
"""


def in_python() -> hz.Analysis:
    ev = hz.events("nanoaod")
    ana = hz.Analysis()
    pt = ev.Muon.pt
    mu = ev.Muon.assign(pt=hz.vary(pt, muon_scale=(1.002 * pt, 0.998 * pt)))
    tight = mu[mu.pt > 26 * GeV]
    n, w = hz.count(ev.Jet), ev.genWeight
    njet = hz.category({"0jet": n == 0, "1jet": n == 1, "more": n > 1})
    ana.weight("generator", hz.vary(w, pdf=(w, 2 * w, 3 * w)))
    ana.weight("half", hz.where(hz.count(tight) > 2, 0.5, 1.0), on="both")
    base = ana.region("base", {"a muon": hz.count(tight) >= 1})
    sr = ana.region("SR", base, {"met": ev.MET.pt > 20 * GeV})
    cr = ana.region("CR", base, ev.MET.pt < 20 * GeV, on="simulation")
    ana.exclusive(sr, cr)
    ana.histogram("met", ev.MET.pt, bins=5, range=(0, 100), region=[sr.split(njet), sr.without("a muon")])
    ana.histogram("kind", hz.axis(njet), hz.axis(ev.MET.pt > 50 * GeV), region=cr)
    ana.sample("zz", "zz.root", nevt="Runs")
    return ana


def test_text_and_python_are_one_analysis() -> None:
    text: Any = loads(TEXT)
    one, other = text.document, in_python().document()
    assert [r.name for r in one.regions] == [r.name for r in other.regions]
    assert [(w.name, w.on, w.node) for w in one.weights] == [(w.name, w.on, w.node) for w in other.weights]
    assert [(h.key, [a.node for a in h.axes]) for h in one.histograms] == [
        (h.key, [a.node for a in h.axes]) for h in other.histograms
    ]
    assert (one.exclusive, one.samples[0].nevt) == (other.exclusive, "Runs")
    assert analysis_hash(one) == analysis_hash(other)
