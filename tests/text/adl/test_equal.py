"""The same analysis in ADL and in TOML has one hash."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import loads

OBJECTS = """
object jets
  take Jet
  select pT(Jet) > 30
  select abs(eta(Jet)) < 2.4
object muons : MUO
  select {MUO}Pt > 5
object clean
  take jets
  reject dR(this, muons) < 0.4
composite zs
  take disjoint(muons l1, muons l2)
  select l1.charge + l2.charge == 0
  object z = l1 + l2
  select mass(z) [] 80 100
object ws : COMB( jets[-1] jets[-2] ) alias w
  select {w}m < 200
  select {jets[-2]}Pt > 40
  select {jets[-2], w}dR > 0.2
define HT = fHT(jets)
define two : Muo[0] Muo[1]
define MTl = sqrt(2*pT(muons[0])*MET*(1-cos(phi(METLV[0]) - phi(muons[0]))))
define cut = 25
"""
DEFINE = """
jets = Jet[pt > 30 GeV and abs(eta) < 2.4]
muons = Muon[pt > 5 GeV]
clean = jets[not any(delta_r(jets, muons.per(jets)) < 0.4)]
zs = pair(muons)[leg1.charge + leg2.charge == 0 and 80 GeV <= mass <= 100 GeV]
w = pair(jets)
ws = w[mass < 200 GeV and leg2.pt > 40 GeV and delta_r(w.leg2, w) > 0.2]
HT = sum(jets.pt)
two = Muon[0] + Muon[1]
MTl = sqrt(2*muons[0].pt*MET.pt*(1 - cos(MET.phi - muons[0].phi)))
"""

#: A line of a region in ADL, and the same in the text form.
LINES = [
    ("select size(jets) >= 2", "count(jets) >= 2"),
    ("select Count(jets) GE 2", "count(jets) >= 2"),
    ("cut size(jets) >= 2 and size(muons) == 1", "count(jets) >= 2 and count(muons) == 1"),
    ("select size(jets) >= 2 && !(size(muons) == 1)", "count(jets) >= 2 and not (count(muons) == 1)"),
    ("select size(jets) >= 2 OR NOT size(muons) == 1", "count(jets) >= 2 or not count(muons) == 1"),
    ("reject size(muons) > 1", "not (count(muons) > 1)"),
    ("reject pT(jets[2]) > 50", "not (jets[2].pt > 50 GeV).otherwise(false)"),
    ("select pT(jets[0]) > 200", "jets[0].pt > 200 GeV"),
    ("select {jets[0]}Pt > 200", "jets[0].pt > 200 GeV"),
    ("select {jets_0}Pt > 200", "jets[0].pt > 200 GeV"),
    ("select jets[0].pT > 200", "jets[0].pt > 200 GeV"),
    ("select pt(JET_0) > cut", "Jet[0].pt > 25 GeV"),
    ("select pT(jets[0]) [] 50 100", "50 GeV <= jets[0].pt <= 100 GeV"),
    ("select size(jets) ][ 2 4", "count(jets) < 2 or count(jets) > 4"),
    ("select HT > 100 + 2*cut", "HT > 150 GeV"),
    ("select HT + 5 > MET", "HT + 5 GeV > MET.pt"),
    ("select HT > 0", "HT > 0"),
    ("select HT > 0.0", "HT > 0 GeV"),
    ("select MET + MET > 100", "MET.pt + MET.pt > 100 GeV"),
    ("select MET/sqrt(HT) > 10", "MET.pt/sqrt(HT) > 10*(1 GeV)**0.5"),
    ("select MTl < 120", "MTl < 120 GeV"),
    ("select |eta(jets[0])| < 1.5", "abs(jets[0].eta) < 1.5"),
    ("select m(two) [] 70 110", "70 GeV <= two.mass <= 110 GeV"),
    ("select m(Muo[0] Muo[1]) > 12", "(Muon[0] + Muon[1]).mass > 12 GeV"),
    ("select {Muo_0 + Muo_1}q == 0", "(Muon[0] + Muon[1]).charge == 0"),
    ("select q(muons[0])*q(muons[1]) == -1", "muons[0].charge*muons[1].charge == -1"),
    ("select dR(jets[0], jets[1]) > 1", "delta_r(jets[0], jets[1]) > 1"),
    ("select {jets[0], jets[1]}dR > 1", "delta_r(jets[0], jets[1]) > 1"),
    ("select dphi(jets[0], METLV[0]) > 0.5", "abs(delta_phi(jets[0], MET)) > 0.5"),
    ("select dEta(jets[0], jets[1]) > 3", "abs(delta_eta(jets[0], jets[1])) > 3"),
    ("select min(dphi(jets[:3], MET)) > 0.5", "min(abs(delta_phi(jets[:3], MET))) > 0.5"),
    ("select sum(pT(jets[1:3])) > 50", "sum(jets[1:3].pt) > 50 GeV"),
    ("select max(m(zs)) > 85", "max(zs.mass) > 85 GeV"),
    ("select any(pT(jets) > 100)", "any(jets.pt > 100 GeV)"),
    ("select all(pT(jets) > 30 and |eta(jets)| < 2)", "all(jets.pt > 30 GeV and abs(jets.eta) < 2)"),
    ("select dR(muons[0], allof(jets)) > 0.4", "all(delta_r(muons[0], jets) > 0.4)"),
    ("select dR(muons[0], anyof(jets)) < 0.4", "any(delta_r(muons[0], jets) < 0.4)"),
    ("select count(pT(Jet) > 40) >= 2", "count(Jet.pt > 40 GeV) >= 2"),
    ("select size(clean) > 0 ? MET > 20 : HT > 50", "where(count(clean) > 0, MET.pt > 20 GeV, HT > 50 GeV)"),
    ("select (size(jets) > 2 ? 30 : MET) < HT", "where(count(jets) > 2, 30 GeV, MET.pt) < HT"),
    ("select max(pT(jets[0]), 50) < 100", "maximum(jets[0].pt, 50 GeV) < 100 GeV"),
    ("select size(zs) + size(ws) == 1", "count(zs) + count(ws) == 1"),
    ("select zs[0].l1.pt > 20", "zs[0].leg1.pt > 20 GeV"),
    ("select pT(daughters(ws[0], jets[-2])) > 45", "ws[0].leg2.pt > 45 GeV"),
    ("select tightId(muons[0]) == 1", "muons[0].tightId == 1"),
    ("select pfRelIso03all(muons[0])^2 < 0.1", "muons[0].pfRelIso03_all**2 < 0.1"),
    ("select HLT_IsoMu24 == 1", "HLT_IsoMu24 == 1"),
    ("trigger HLT_IsoMu24", "HLT_IsoMu24"),
    ('select HLT "HLT_IsoMu24"', "HLT_IsoMu24"),
    ("sort {JET_}Pt ascend\n  select pT(JET[0]) > 10", "Jet.sort(pt)[0].pt > 10 GeV"),
    ("select abs(eta(jets[0])) < 2 AND |phi(jets[0])| > 1", "abs(jets[0].eta) < 2 and abs(jets[0].phi) > 1"),
    ("select exp(-pT(jets[0])/HT) < 0.5", "exp(-jets[0].pt/HT) < 0.5"),
    ("select MET.MET > 30", "MET.pt > 30 GeV"),
    ("select size(jets) > 2 ? pT(jets[2]) > 50", "where(count(jets) > 2, jets[2].pt > 50 GeV, true)"),
    ("reject size(jets) > 2 ? pT(jets[2]) > 50", "not where(count(jets) > 2, jets[2].pt > 50 GeV, false).otherwise(false)"),
    ("select pT(sum(jets)) > 50", "sum(jets).pt > 50 GeV"),
    ("select AbsEta(jets[0]) < 2", "abs(jets[0].eta) < 2"),
    ("select jets.size > 1", "count(jets) > 1"),
    ("select size(jets) > 1 # and nothing else", "count(jets) > 1"),
    ("select size(jets) > 1\n    and size(muons) > 1", "count(jets) > 1 and count(muons) > 1"),
    ("select any(pT(jets) > 50 and\n dR(jets, muons[0])\n > 1)", "any(jets.pt > 50 GeV and delta_r(jets, muons[0]) > 1)"),
]  # fmt: skip


@pytest.fixture(scope="module")
def without() -> str:
    """Return the hash of the region without the line."""
    return analysis_hash(loads('[regions.sr]\nrequire = ["count(Muon) > 0"]\n').document)


@pytest.mark.parametrize(("line", "text"), LINES, ids=[c[0].replace("\n", " ") for c in LINES])
def test_lines(line: str, text: str, adl: Callable[[str], Document], without: str) -> None:
    a = adl(f"{OBJECTS}\nregion sr\n  select size(Muon) > 0\n  {line}\n")
    b = loads(f'define = """{DEFINE}"""\n[regions.sr]\nrequire = ["count(Muon) > 0", "{text}"]\n').document
    assert analysis_hash(a) == analysis_hash(b)
    assert analysis_hash(a) != without


#: Blocks of ADL that define ``x``, and the definition of x in the text form.
BLOCKS = [
    ("object x : JET\n  select pT > 30\n  reject |eta| > 2", "Jet[pt > 30 GeV and not (abs(eta) > 2)]"),
    ("object x take ELE\n  select pt [] 10 50", "Electron[10 GeV <= pt <= 50 GeV]"),
    ("object x\n  using ELE\n  select pt [] 10 50", "Electron[10 GeV <= pt <= 50 GeV]"),
    ("object x\n  take Jet j\n  select j.pT > 30", "Jet[pt > 30 GeV]"),
    ("object x\n  take Muon\n  select tightId", "Muon[tightId]"),
    ("object x : MUO\n  select ALL", "Muon"),
    ("object x\n  take Jet\n  select dR(this, MUO) > 0.4", "Jet[all(delta_r(Jet, Muon.per(Jet)) > 0.4)]"),
    ("object x\n  take Jet\n  select pT > 30 and not dR(this, MUO) < 0.4",
     "Jet[pt > 30 GeV and not any(delta_r(Jet, Muon.per(Jet)) < 0.4)]"),
    ("object x\n  take Jet\n  reject any(dR(this, MUO) < 0.4 and pT(MUO) > 10)",
     "Jet[not any(delta_r(Jet, Muon.per(Jet)) < 0.4 and Muon.per(Jet).pt > 10 GeV)]"),
    ("object x\n  take Jet\n  select min(dR(this, MUO)) > 0.4", "Jet[min(delta_r(Jet, Muon.per(Jet))) > 0.4]"),
    ("object x\n  take Jet\n  select dR(Jet, anyof(MUO)) < 1", "Jet[any(delta_r(Jet, Muon.per(Jet)) < 1)]"),
    ("object x\n  take Jet\n  select pT > 0.5*max(pT(Muon)) and size(MUO) > 1",
     "Jet[pt > 0.5*max(Muon.pt) and count(Muon) > 1]"),
    ("object x\n  take Jet\n  define r = m/pT\n  select r < 0.3", "Jet[mass/pt < 0.3]"),
    ("object x\n  take sort(Jet, m, descend)", "Jet.sort(-mass)"),
    ("object x\n  take Jet\n  select pT > 20\n  sort eta(Jet) ascend", "Jet[pt > 20 GeV].sort(eta)"),
    ("object x\n  take Jet[0:2]", "Jet[0:2]"),
    ("object x : Union(MUO, ELE)", "Muon | Electron"),
    ("object met\n  take MissingET\nobject x : JET\n  select dPhi(this, met) > 0.4 and pT > met", "Jet[abs(delta_phi(Jet, MET)) > 0.4 and pt > MET.pt]"),
    ("object x\n  take MUO\n  take ELE\n  select pT > 10", "(Muon | Electron)[pt > 10 GeV]"),
    ("object x\n  take MUO\n  select this != MUO[0]", "Muon[Muon != Muon[0]]"),
    ("object x : comb(MUO[-1] MUO[-1])\n  select q(x) == 0", "pair(Muon)[charge == 0]"),
    ("object x : comb(MUO[-1] ELE[-2])\n  select {MUO[-1], ELE[-2]}dR > 1", "pair(Muon, Electron)[delta_r(pair(Muon, Electron).leg1, pair(Muon, Electron).leg2) > 1]"),
    ("object x : comb(JET[-1] JET[-2] JET[-3])", "triple(Jet)"),
    ("composite x\n  take cartesian(Muon m, Electron e)\n  select m.pt > e.pt", "pair(Muon, Electron)[leg1.pt > leg2.pt]"),
    ("composite x\n  take disjoint(Jet a, Jet b, Jet c)\n  object w = a + b\n  object t = a + b + c\n  select m(w) [] 60 100\n  select m(t) < 200",
     "triple(Jet)[60 GeV <= (triple(Jet).leg1 + triple(Jet).leg2).mass <= 100 GeV and mass < 200 GeV]"),
    ("object Jet\n  take Jet\n  select pT > 30\nobject x\n  take Jet\n  select |eta| < 2", "Jet[pt > 30 GeV][abs(eta) < 2]"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "text"), BLOCKS, ids=[c[0] for c in BLOCKS])
def test_blocks(block: str, text: str, adl: Callable[[str], Document]) -> None:
    a = adl(f"{block}\nregion sr\n  select size(x) > 0\n  histo h, 10, 0, 100, pT(x)\n")
    b = loads(
        f'define = "x = {text}"\nregions.sr = ["count(x) > 0"]\n'
        '[[histogram]]\nname = "h"\nexpr = "x.pt"\nbins = 10\nrange = [0, 100]\nregion = "sr"\n'
    ).document
    assert analysis_hash(a) == analysis_hash(b)


WHOLE = """
object jets : JET
  select pT > 30
define Z = Muo[-1] Muo[-1]
define mZ = m(Z)
trigger singleMuon
  add HLT_IsoMu24
  add HLT_IsoMu27
histoList list
  histo hmet, "MET (GeV)", 40, 0, 1000, MET
region base
  select ALL
  trigger singleMuon
  list
  select size(jets) >= 2
region sr : base
  select mZ ~= 91.2
  histo hz, "m", 50, 60, 120, m(Z)
  select mZ [] 70 110
  list
  histo h2, "two", 20, 0, 200, 0 1 2.5 5, pT(Z), size(jets)
  bin "two" size(jets) == 2
  bin size(jets) > 2
region cr
  take base
  bins MET 20 50 100
  sort m(jets) descend
  select m(jets[0]) > 20
  select m(Muo[0] Muo[1]) < 80
region far
  select mZ ~! 91.2
  select pT(Z) > 5
"""
TOML = """
define = '''
jets = Jet[pt > 30 GeV]
Z = pair(Muon).nearest(91.2)
F = pair(Muon).argmax(abs(mass - 91.2 GeV))
'''
[regions]
"base#1" = ["HLT_IsoMu24 or HLT_IsoMu27"]
base = ["base#1", "count(jets) >= 2"]
"sr#3" = ["base", "Z.exists"]
sr = ["sr#3", "70 GeV <= Z.mass <= 110 GeV"]
"sr/two" = ["sr", "count(jets) == 2"]
"sr/bin2" = ["sr", "count(jets) > 2"]
cr = ["base", "jets.sort(-mass)[0].mass > 20 GeV", "(Muon[0] + Muon[1]).mass < 80 GeV"]
"cr/bin1" = ["cr", "MET.pt >= 20 GeV and MET.pt < 50 GeV"]
"cr/bin2" = ["cr", "MET.pt >= 50 GeV and MET.pt < 100 GeV"]
"cr/bin3" = ["cr", "MET.pt >= 100 GeV"]
far = ["F.exists", "F.pt > 5 GeV"]
[[histogram]]
name = "hmet"
expr = "MET.pt"
bins = 40
range = [0, 1000]
region = ["base#1", "sr"]
[[histogram]]
name = "hz"
expr = "Z.mass"
bins = 50
range = [60, 120]
region = "sr#3"
[[histogram]]
name = "h2"
axes = [{ expr = "Z.pt", bins = 20, range = [0, 200] }, { expr = "count(jets)", edges = [0, 1, 2.5, 5] }]
region = "sr"
"""


def test_whole(adl: Callable[[str], Document]) -> None:
    a, b = adl(WHOLE), loads(TOML).document
    assert {r.name for r in a.regions} == {r.name for r in b.regions}
    assert {h.key for h in a.histograms} == {h.key for h in b.histograms}
    assert analysis_hash(a) == analysis_hash(b)


def test_order_of_blocks_does_not_matter(adl: Callable[[str], Document]) -> None:
    parts = WHOLE.split("\nregion ")
    turned = "\nregion ".join([parts[0], *reversed(parts[1:])])
    assert turned != WHOLE
    assert analysis_hash(adl(turned)) == analysis_hash(adl(WHOLE))


def test_units_of_the_input(tmp_path: object, adl: Callable[[str], Document]) -> None:
    """Bare numbers are GeV, whatever the file holds."""
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    (tmp_path / "mine.toml").write_text('[schema.collections.lep.fields]\npt = "f32 MeV"\neta = "f32"\nphi = "f32"\n')
    text = "info adl\n  inputformat mine.toml\nobject x : lep\n  select pT > 7\nregion r\n  select size(x) > 1\n"
    a = loads(text, "a.adl", folder=tmp_path).document
    b = loads(
        'schema = "mine.toml"\nregions.r = ["count(lep.pt > 7000 MeV) > 1"]\n', "a.toml", folder=tmp_path
    ).document
    assert analysis_hash(a) == analysis_hash(b)
