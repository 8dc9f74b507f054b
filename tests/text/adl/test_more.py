"""Weights, tables, what is saved, several choices at once, names with dashes: the same in ADL and in TOML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import hzdsl as hz
from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import loads
from hzdsl.text.adl.tables import seed

WEIGHTS = """
table trigger
  tabletype efficiency
  nvars 1
  errors false
  # value min max
  0.5   0.0  10.0
  0.75 20.0  50.0
table id
  nvars 2
  errors true
  0.5  0.125 0.25    0 10   -2.5 0
  0.75 0.125 0.25    0 10    0   2.5
region start
  weight lumi 138
  select size(MUO) > 1
  weight trigger trigger(pT(MUO[0]))
  weight id id({MUO_0}pT, {MUO_0}Eta)
  print "met" MET {MUO[0], MUO[1]}dR
  select MET > 30
  save late csv pT(MUO[1]) MET
region end
  start
  select MET > 50
  save once MET
  print MET
"""
WEIGHTED = """
[regions]
"start#1" = ["count(Muon) > 1"]
start = ["start#1", "MET.pt > 30 GeV"]
end = ["start", "MET.pt > 50 GeV"]
[weights]
lumi = "138"
trigger = "table(Muon[0].pt, edges = (0, 10, 20, 50), values = (0.5, 0, 0.75), outside = 0).otherwise(1)"
id = '''
vary(table((Muon[0].pt, (0, 10)), (Muon[0].eta, (-2.5, 0, 2.5)), values = ((0.5, 0.75),), outside = 0),
 id = (table((Muon[0].pt, (0, 10)), (Muon[0].eta, (-2.5, 0, 2.5)), values = ((0.75, 1.0),), outside = 0),
       table((Muon[0].pt, (0, 10)), (Muon[0].eta, (-2.5, 0, 2.5)), values = ((0.375, 0.625),), outside = 0))).otherwise(1)
'''
[[outputs]]
name = "met"
expr = "MET.pt"
region = "start#1"
[[outputs]]
name = "MUO_0_MUO_1_dR"
expr = "delta_r(Muon[0], Muon[1])"
region = "start#1"
[[outputs]]
name = "pT_MUO_1"
expr = "Muon[1].pt"
region = "start"
[[outputs]]
name = "MET"
expr = "MET.pt"
region = ["start", "end"]
"""


def test_weights_tables_and_what_is_saved(adl: Callable[[str], Document]) -> None:
    a, b = adl(WEIGHTS), loads(WEIGHTED).document
    assert [w.name for w in a.weights] == ["lumi", "trigger", "id"]
    assert analysis_hash(a) == analysis_hash(replace(b, weights=tuple(a.weights)))
    assert analysis_hash(a) == analysis_hash(b)


CHOICES = """
object j : JET
  select pT > 30
composite zs
  take disjoint(MUO a, MUO b)
  select q(a)*q(b) < 0
define W = j[-1] + j[-1]
define V = j[-2] + j[-2]
define b = j[-3]
define top = W + b
define Z = zs[-1]
region two-tops
  select m(top) - m(V) ~= 90
  histo h, 10, 0, 200, m(V)
  histo g, 10, 0, 200, pT(b)
region onZ : two-tops
  select m(Z) ~= 91.2
  select q(Z.a) > 0
region hard
  onZ
  select pT(b) ~! 50
"""
CHOSEN = """
define = '''
j = Jet[pt > 30 GeV]
every = pair(first = pair(first = pair(j), second = pair(j)), second = j)
best = every.argmin(abs((every.first.second + every.second).mass - every.first.first.mass - 90 GeV))
Z = pair(Muon).opposite_charge().nearest(91.2 GeV)
'''
[regions]
two-tops = ["best.exists"]
onZ = ["two-tops", "Z.exists", "Z.leg1.charge > 0"]
"""


def test_several_choices_at_once(adl: Callable[[str], Document]) -> None:
    """V, W and b share no jet; what is chosen alone is one of a collection."""
    text = CHOICES[: CHOICES.index("region hard")]
    histograms = "".join(
        f'[[histogram]]\nname = "{n}"\nexpr = "{e}"\nbins = 10\nrange = [0, 200]\nregion = "two-tops"\n'
        for n, e in (("h", "best.first.first.mass"), ("g", "best.second.pt"))
    )
    assert analysis_hash(adl(text)) == analysis_hash(loads(CHOSEN + histograms).document)


def test_what_is_chosen_is_not_chosen_again(adl: Callable[[str], Document]) -> None:
    with pytest.raises(hz.HzdslError, match="there is nothing to be chosen"):
        adl(CHOICES)


def test_hit_or_miss(adl: Callable[[str], Document]) -> None:
    """An efficiency keeps an object by a random number of its event and place; another look-up draws others."""
    from hzdsl.text.adl.grammar import parse
    from hzdsl.text.source import Source

    seeds = {t: seed(parse(Source("x", t), t)) for t in ("eff(pT)", "eff( pT )", "eff(eta)", "eff(pT(JET[0]))")}
    assert len(set(seeds.values())) == 3
    text = """
table eff
  0.5 0 30
  0.75 30 100
object tagged : JET
  select applyHM(eff(pT) == 1)
region r
  select size(tagged) > 1
  select applyHM(eff(pT(JET[0])) == 0)
"""
    table = "table({}, edges = (0, 30, 100), values = (0.5, 0.75), outside = 0)"
    toml = f"""
define = "tagged = Jet[random(run, luminosityBlock, event, Jet.index, seed = {seeds["eff(pT)"]}) < {table.format("pt")}]"
regions.r = ["count(tagged) > 1",
  "not (random(run, luminosityBlock, event, seed = {seeds["eff(pT(JET[0]))"]}) < {table.format("Jet[0].pt")}).otherwise(false)"]
"""
    assert analysis_hash(adl(text)) == analysis_hash(loads(toml).document)
