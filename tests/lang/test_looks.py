"""What `?`, completion and notebooks show of expressions and results."""

from __future__ import annotations

import copy
from html.parser import HTMLParser

import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.errors import HzdslError
from tests.run.muons import muon_file

ev = hz.events("nanoaod")
mu = ev.Muon
good = mu[mu.pt > 5 * GeV]
z = hz.pair(good).nearest(91.2)


class Balanced(HTMLParser):
    """Texts of a document whose tags are all closed in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


MEANINGS = [
    (mu.pt, "transverse momentum [GeV], branch Muon_pt"),
    (good.pt, "transverse momentum [GeV], branch Muon_pt"),
    (z.leg1.pt, "transverse momentum [GeV], branch Muon_pt"),
    (mu.per(ev.Jet)[0].pt, "transverse momentum [GeV], branch Muon_pt"),
    (mu.assign(pt=mu.pt * 2).eta, "pseudorapidity, branch Muon_eta"),
    (ev.MET.pt, "transverse momentum [GeV], branch MET_pt"),
    (ev.run, "branch run"),
    (ev.HLT_IsoMu24, "trigger, branch HLT_IsoMu24"),
    (z.theta, "the polar angle"),
    (z.px, "momentum along x [GeV]"),
    ((mu[0] + mu[1]).pt, "the transverse momentum √(px²+py²) [GeV]"),
    (z.charge, "sum of the charges"),
    (mu.flavor, "|PDG id|, of all of them"),
    (mu.pt > 5 * GeV, "Muon.pt > 5 GeV, bool per Muon"),
    (2 * mu.pt, "2*Muon.pt [GeV], f32 per Muon"),
    (hz.param("least", 5 * GeV, doc="least pt"), "least pt [GeV], parameter least"),
]


@pytest.mark.parametrize(("x", "meaning"), MEANINGS, ids=[m for _, m in MEANINGS])
def test_meaning_of_a_value(x, meaning):
    assert x.doc == hz.doc(x) == x.__doc__ == meaning
    assert copy.copy(x).doc == meaning


def test_the_class_keeps_its_own_documentation():
    assert hz.Value.__doc__.startswith("A number or condition")
    assert hz.Collection.__doc__.startswith("The elements of an axis")


def test_meaning_of_objects():
    lines = mu.__doc__.splitlines()
    assert lines[0] == "Muon, a collection"
    assert lines[1].split(maxsplit=3) == ["pt", "f32", "GeV", "transverse momentum [GeV], branch Muon_pt"]
    assert {line.split()[0] for line in lines[1:]} == {*mu.attributes()}
    assert "missing where there is none" in hz.doc(z)
    assert "one of Muon[Muon.pt > 5 GeV]" in hz.doc(z)
    assert hz.doc(ev.MET).startswith("MET, one object per event")
    assert "Jet" in hz.doc(ev)
    with pytest.raises(HzdslError):
        hz.doc(3)


def test_completion():
    assert {"pt", "eta", "dxy", "rapidity", "px", "p4", "sort", "peek", "to_awkward"} <= {*dir(mu)}
    assert {"leg1", "leg2", "charge", "mass"} <= {*dir(z)}
    assert {"Muon", "MET", "run"} <= {*dir(ev)}
    assert {"doc", "peek", "between", "to_pandas"} <= {*dir(mu.pt)}
    assert "pz" not in dir(ev.MET)
    assert "Muon" in ev._ipython_key_completions_()
    assert "pt" in mu._ipython_key_completions_()
    for x in (mu, z, ev, mu.pt, ev.MET, mu[0] + mu[1], mu.p4):
        for name in dir(x):
            getattr(x, name)


def test_html_of_expressions():
    for x in (mu, z, ev, mu.pt, ev.MET, mu[0] + mu[1], good.pt < 10 * GeV):
        assert Balanced(x._repr_html_()).texts
    texts = Balanced((mu.pt < 5 * GeV)._repr_html_()).texts
    assert texts[0] == "Muon.pt < 5 GeV"
    assert texts[texts.index("branches") + 1] == "Muon_pt"
    assert texts[texts.index("one per") + 1] == "Muon"
    assert "<script" not in hz.param("least", 1.0, doc="<script>")._repr_html_()


def test_html_of_an_analysis_and_its_result(tmp_path):
    ana = hz.Analysis("a<b")
    sr = ana.region("two", {"two <i>": hz.count(good) == 2})
    ana.histogram("pt", good.pt, bins=3, range=(0, 60), region=sr)
    ana.histogram("pt_eta", hz.axis(mu.pt, 2, 0, 9), hz.axis(mu.eta, 2, -1, 1))
    ana.output("met", ev.MET.pt)
    ana.sample("zz", "zz.root")
    texts = Balanced(ana._repr_html_()).texts
    for word in ("analysis a<b", "two <i>", "two/pt", "met", "zz.root"):
        assert word in texts
    assert "two <i>" in Balanced(sr._repr_html_()).texts

    result = ana.run(muon_file(tmp_path / "a.root", n=200))
    assert result._ipython_key_completions_() == ["two/pt", "pt_eta"]
    texts = Balanced(result._repr_html_()).texts
    assert "a<b: yields" in texts
    assert "two <i>" in texts
    assert str(result.regions["two"].selected) in texts
    h = result["two/pt"]
    rows = Balanced(h._repr_html_()).texts
    assert rows[0] == "two/pt"
    assert [rows[rows.index(b) + 1] for b in ("0 … 20", "20 … 40", "60 … ∞")] == [f"{h.values[i]:g}" for i in (1, 2, 4)]
    assert "2" in Balanced(result["pt_eta"]._repr_html_()).texts
    assert str(result.regions["two"].cutflow[0].events) in Balanced(result.regions["two"]._repr_html_()).texts
