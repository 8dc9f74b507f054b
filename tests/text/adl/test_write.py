"""What is written in ADL is read as the same analysis; what ADL cannot say is named, all of it at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import hzdsl as hz
from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import load, loads
from hzdsl.text.write import to_adl

from .test_equal import BLOCKS, LINES, OBJECTS, WHOLE
from .test_more import CHOICES, WEIGHTS
from .test_page import block

ROOT = Path(__file__).resolve().parents[3]
GeV = hz.GeV
LONGER = {
    "tasks": (ROOT / "analyses" / "adl" / "adl.adl").read_text(encoding="utf-8"),
    "page": block("adl"),
    "whole": WHOLE,
    "weights": WEIGHTS,
}
TEXTS = {
    **LONGER,
    **{text: f"{text}\nregion sr\n  select size(x) > 0\n  histo h, 10, 0, 100, pT(x)\n" for text, _ in BLOCKS},
    **{line: f"{OBJECTS}\nregion sr\n  select size(Muon) > 0\n  {line}\n" for line, _ in LINES},
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_adl_is_written_as_it_was_read(text: str, adl: Callable[[str], Document]) -> None:
    first = adl(text)
    written = to_adl(first)
    again = adl(written)
    assert analysis_hash(again) == analysis_hash(first)
    assert {h.key: h.title for h in again.histograms} == {h.key: h.title for h in first.histograms}
    assert (again.experiment, again.energy) == (first.experiment, first.energy)
    assert adl(to_adl(again)).regions == adl(written).regions


def test_the_definitions_keep_their_names(adl: Callable[[str], Document]) -> None:
    first = adl(LONGER["tasks"])
    names = {n for n, _ in adl(to_adl(first)).definitions}
    assert {"dimuons", "leptons", "pairs", "hardLeptons", "cleanJets", "zCandidates", "others", "top", "mT"} <= names


def analysis() -> hz.Analysis:
    """Return an analysis as it is written in Python."""
    ev = hz.events("nanoaod")
    muons = ev.Muon[(ev.Muon.pt > 10 * GeV) & (abs(ev.Muon.eta) < 2.4)]
    jets = ev.Jet[(ev.Jet.pt > 30 * GeV) & ~hz.any(hz.delta_r(ev.Jet, muons.per(ev.Jet)) < 0.4)]
    pairs = hz.pair(muons).opposite_charge()
    z = pairs.nearest(91.2)
    apart = pairs.argmin(abs(pairs.leg1.dz - pairs.leg2.dz))
    ana = hz.Analysis("from python")
    ana.experiment, ana.energy = "CMS", "13 TeV"
    ana.define(muons=muons, jets=jets, pairs=pairs, z=z, apart=apart, pt=hz.sum(jets.pt))
    base = ana.region("base", {"two muons": hz.count(muons) >= 2}, doc="what all have\nin common")
    signal = ana.region("signal", base, {"a Z": z.exists}, z.mass.between(70 * GeV, 110 * GeV))
    ana.region("close", base, apart.exists, hz.sum(jets.pt) > 0.1 * hz.TeV)
    ana.histogram("mass", z.mass, bins=40, range=(70, 110), region=signal, title='the "Z"')
    two = hz.axis(z.pt, 20, 0, 100), hz.axis(hz.count(jets), 4, 0, 4)
    ana.histogram("two", *two, region=signal)
    ana.histogram("eta", muons.eta, edges=[-2.5, -1, 0, 1, 2.5], region=base)
    ana.output("lead", z.pt, region=signal)
    ana.weight("pileup", hz.table(ev.PV.npvs, edges=[0, 20, 40], values=[0.5, 1.5], outside=0))
    return ana


ADL = """\
info analysis
  title "from python"
  experiment CMS
  sqrtS 13

object muons
  take Muon
  select pT > 10
  select abs(eta) < 2.4

composite pairs
  take disjoint(muons l1, muons l2)
  select q(l1)*q(l2) < 0

define z = pairs[-1]
define apart = pairs[-1]

object jets
  take Jet
  select pT > 30
  reject any(dR(this, muons) < 0.4)

define pt = sum(pT(jets))

table table1
  tabletype efficiency
  nvars 1
  errors false
  0.5  0  20
  1.5  20  40

region base
  # what all have
  # in common
  weight pileup table1(npvs(PV))
  select size(muons) >= 2  # two muons
  histo eta, -2.5 -1 0 1 2.5, eta(muons)

region signal
  base
  select m(z) ~= 91.2  # a Z
  select 70 < m(z) < 110
  histo mass, 'the "Z"', 40, 70, 110, m(z)
  histo two, 20, 0, 100, 4, 0, 4, pT(z), size(jets)
  save signal csv "lead" pT(z)

region close
  base
  select dz(apart.leg1) ~= dz(apart.leg2)
  select pt > 100
"""


def test_an_analysis_of_python_as_adl(adl: Callable[[str], Document]) -> None:
    ana = analysis()
    assert hz.to_adl(ana) == ADL
    assert analysis_hash(adl(ADL)) == analysis_hash(ana.document())


def test_names_that_mean_something_else_in_adl_are_mended(adl: Callable[[str], Document]) -> None:
    """``mT`` is an attribute in the blocks of ADL, and a definition of it is called otherwise, if need be."""
    ev = hz.events("nanoaod")
    ana = hz.Analysis("clash")
    pt = hz.sum(ev.Muon.pt)
    jets = ev.Jet[ev.Jet.pt > pt]
    ana.define(mT=pt, jets=jets)
    ana.region("r", hz.count(jets) > 1)
    text = hz.to_adl(ana)
    assert "define mT_ = sum(pT(Muon))" in text
    assert "  select mT_ < pT\n" in text
    assert analysis_hash(adl(text)) == analysis_hash(ana.document())


UNSAYABLE = """
define = '''
shifted = Jet.assign(pt = vary(pt, jes = (1.02*pt, 0.98*pt)))
hard = shifted[pt > 30 GeV]
last = Muon.sort(pt)
order = Muon.sort(-pt, eta)
heavy = hard[mass > 5 GeV]
odd = Muon.tightId + 1
'''
[parameters]
cut = "20 GeV"
[regions]
"3l" = ["MET.pt > cut", "count(heavy) > 1"]
data = { require = ["MET.pt > 3 GeV"], on = "data" }
sr = ["last[0].isGlobal", "count(order) > 1", "delta_phi(Muon[0], Jet[0]) > 0"]
[weights]
w = { expr = "2", on = "data" }
[[histogram]]
name = "met"
expr = "MET.pt"
bins = 10
range = [0, 100]
[[histogram]]
name = "jets"
expr = "count(hard) > 1"
region = "sr"
[[outputs]]
name = "x"
expr = "MET.pt"
"""
SAID = """\
error[unsupported]: ADL cannot say this analysis:
  parameter 'cut': ADL has no parameters: write its number
  region 'data': ADL has no regions of data alone
  histogram 'met': ADL fills histograms in regions: give it one
  output 'x': ADL saves values in regions: give it one
  weight 'w': ADL has no weights of data
  definition 'hard': ADL has no words for 'vary(…)'
  definition 'order': ADL has no words for an order by several keys
  region '3l': a name in ADL begins with a letter; letters, digits, '_' and '-' follow
  region 'sr': delta_phi(Muon[0], Jet[0]) > 0: ADL has no words for 'delta_phi(…)'
  histogram 'sr/jets': ADL has no words for an axis of categories
  fix: TOML says all of it: hz.to_toml(…), hzdsl show --format toml"""


def test_everything_that_cannot_be_said_is_named_at_once(message: Callable[[Callable[[], object]], str]) -> None:
    found = message(lambda: to_adl(loads(UNSAYABLE).document))
    assert found == SAID


def test_what_is_chosen_must_be_required(message: Callable[[Callable[[], object]], str]) -> None:
    spec = """
define = "z = pair(Muon).nearest(91.2 GeV)"
regions = { r = ["MET.pt > 3 GeV", "z.pt > 5 GeV"], s = ["z.exists", "z.pt > 5 GeV"] }
"""
    assert message(lambda: to_adl(loads(spec).document)).splitlines()[1:2] == [
        "  region 'r': z.pt > 5 GeV: ADL chooses in regions, as a requirement: "
        "this needs the '.exists' of what it is of above it in its region"
    ]


def test_places_in_a_list_are_numbers(adl: Callable[[str], Document]) -> None:
    ev = hz.events("nanoaod")
    ana = hz.Analysis("places")
    ana.histogram("i", ev.Muon.index, bins=10, range=(0, 10), region=ana.region("r", hz.count(ev.Muon) > 1))
    assert analysis_hash(adl(hz.to_adl(ana))) == analysis_hash(ana.document())
    assert analysis_hash(loads(hz.to_toml(ana)).document) == analysis_hash(ana.document())


@pytest.mark.parametrize("other", sorted(ROOT.glob("analyses/*/*.toml")), ids=lambda p: p.name)
def test_other_analyses_are_refused_with_reasons(other: Path) -> None:
    with pytest.raises(hz.HzdslError) as error:
        to_adl(load(other).document)
    assert error.value.code == "unsupported"
    assert "--format toml" in (error.value.fix or "")
    assert len(error.value.message.splitlines()) > 2


def test_a_choice_of_several_is_refused(adl: Callable[[str], Document]) -> None:
    with pytest.raises(hz.HzdslError, match="named legs"):
        to_adl(adl(CHOICES[: CHOICES.index("region hard")]))


@pytest.mark.parametrize("line", ["select pT(jets[0]) > 30", "histo h, 10, 0, 100, MET", "define HT = 2*fHT(jets)"])
def test_what_reads_as_something_else_is_never_written(
    line: str, adl: Callable[[str], Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that says something wrong is found by reading; here it writes every 30 as 31, every 100 as 101."""
    from hzdsl.text.write import adl_expressions, adl_numbers, adl_regions

    right, wrong = adl_numbers.digits, {"30": "31", "100": "101", "2": "3"}
    for module in (adl_expressions, adl_numbers, adl_regions):
        monkeypatch.setattr(module, "digits", lambda x: wrong.get(right(x), right(x)))
    head = (
        f"object jets : JET\n  select pT > 25\n{line}\n"
        if line.startswith("define")
        else "object jets : JET\n  select pT > 25\n"
    )
    body = "  select HT > 20\n" if line.startswith("define") else f"  {line}\n"
    document = adl(f"{head}region r\n{body}")
    with pytest.raises(hz.HzdslError) as error:
        to_adl(document)
    assert "it would be read as something else" in error.value.message
