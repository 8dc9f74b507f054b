"""What a bare name means: attributes, parameters, definitions, the input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV

ev = hz.events("nanoaod")
mu = ev.Muon

SAME: list[tuple[str, str, Any]] = [
    ("inside brackets an attribute", "Muon[pt > 5 GeV].eta", mu[mu.pt > 5 * GeV].eta),
    ("the collection's name is its current element", "Muon[pt > 5 GeV and central(Muon)].pt",
     mu[(mu.pt > 5 * GeV) & (abs(mu.eta) < 2)].pt),
    ("innermost first", "pair(Muon)[any(Muon, pt > 5 GeV) and mass > 10 GeV].mass",
     (lambda p: p[hz.any(mu.pt > 5 * GeV) & (p.mass > 10 * GeV)].mass)(hz.pair(mu))),
    ("the element's attribute of a reduction", "count(Muon, charge == 1)", hz.count(mu.charge == 1)),
    ("a sort key", "Muon.sort(-pt)[0].pt", mu.sort(-mu.pt)[0].pt),
    ("a new attribute", "Muon.assign(x = 2*pt).x", 2 * mu.pt),
    ("a definition inside brackets", "Muon[pt > low].pt", mu[mu.pt > 5 * GeV].pt),
    ("a schema's name inside brackets", "Muon[pt > MET.pt].pt", mu[mu.pt > ev.MET.pt].pt),
    ("ev is the input", "shadow.pt + ev.MET.pt", mu[0].pt + ev.MET.pt),
    ("a definition may take the name of an input", "MET2.pt", ev.MET.pt),
    ("arguments are read where they stand", "Muon[above(pt)].pt", mu[mu.pt > 5 * GeV].pt),
    ("a parameter hides a definition", "hides(7 GeV) + 0*low", 7 * GeV + 0 * (5 * GeV)),
    ("defaults are the definition's", "defaulted(Muon).pt", mu[mu.pt > 5 * GeV].pt),
    ("a function of an attribute's name", "Muon[sip3d(Muon) < 4].pt", mu[abs(mu.eta) < 4].pt),
    ("an attribute named as a text", "Muon['pt']", mu.pt),
    ("unit names elsewhere", "Muon[pt/GeV > 5].pt", mu[mu.pt / GeV > 5].pt),
    ("a definition may take the name of a unit", "Muon.pt*m", mu.pt * 3),
]  # fmt: skip

BLOCK = """
low = 5 GeV;   shadow = Muon[0];   MET2 = MET;   m = 3
central(l) = abs(l.eta) < 2
above(x) = x > low
hides(low) = low
defaulted(l, cut = low) = l[pt > cut]
sip3d(l) = abs(l.eta)
"""


@pytest.mark.parametrize(("why", "text", "same"), SAME, ids=[c[0] for c in SAME])
def test_means(why: str, text: str, same: Any, value: Callable[..., Any]) -> None:
    found = value(text, BLOCK)
    if isinstance(same, hz.Quantity):
        assert str(found) == str(same)
    else:
        assert found.node is same.node


def test_shadowing_an_input(value: Callable[..., Any]) -> None:
    block = "Muon = ev.Muon[pt > 5 GeV]"
    assert value("Muon.eta", block).node is mu[mu.pt > 5 * GeV].eta.node
    assert value("ev.Muon.eta", block).node is mu.eta.node


def test_definitions_in_any_order_once(value: Callable[..., Any]) -> None:
    assert value("a", "a = b + c;  c = 1;  b = c + c") == 3
    doubling = "\n".join(f"f{i}(x) = f{i + 1}(x) + f{i + 1}(x)" for i in range(60)) + "\nf60(x) = x"
    assert value("f0(Muon[0].pt).exists", doubling) is not None  # 2**60 expansions, each made once


def test_long_chains_are_not_deep(value: Callable[..., Any]) -> None:
    chain = "\n".join(f"d{i} = d{i + 1} + 1" for i in range(3000)) + "\nd3000 = 0"
    assert value("d0", chain) == 3000
    assert value("+".join(["1"] * 2000)) == 2000


GOLDEN = [
    ("Muon[pt > 1 GeV]", "pt = 5 GeV", "error[name-twice]: 'pt' is an attribute of Muon and a definition, too"),
    (
        "f(Muon, 1 GeV)",
        "f(l, pt) = l[pt > 2 GeV]",
        "error[name-twice]: 'pt' is an attribute of Muon and a definition, too",
    ),
    ("a", "a = b;  b = c;  c = a", "error[cycle]: 'a' is defined by itself: a → b → c → a"),
    ("f(1)", "f(x) = g(x);  g(x) = f(x) + 1", "error[cycle]: 'f' is defined by itself: f → g → f"),
    ("Muon", "Muon = Muon[pt > 5 GeV]", "error[cycle]: 'Muon' is defined by itself: Muon → Muon"),
    ("pt > 5 GeV", "", "error[name-unknown]: 'pt' is not defined"),
    ("Muon[goood]", "good(l) = l", "error[name-unknown]: 'goood' is not defined"),
    ("lowest", "lowes = 1", "error[name-unknown]: 'lowest' is not defined"),
    ("count", "", "error[arguments]: 'count' is a function"),
    ("f + 1", "f(x) = x", "error[arguments]: 'f' is a function"),
    ("f()", "f(x) = x", "error[arguments]: f lacks the argument 'x'"),
    ("f(1, 2)", "f(x) = x", "error[arguments]: f takes 1 arguments, not 2"),
    ("f(1, x = 2)", "f(x) = x", "error[arguments]: f: the argument 'x' is given twice"),
    ("f(y = 2)", "f(x) = x", "error[arguments]: f has no argument 'y'"),
    ("a(1)", "a = 1", "error[arguments]: 'a' is a value, not a function"),
]


@pytest.mark.parametrize(("text", "block", "first_line"), GOLDEN, ids=[c[0] for c in GOLDEN])
def test_refused(
    text: str, block: str, first_line: str, value: Callable[..., Any], message: Callable[..., str]
) -> None:
    assert message(lambda: value(text, block)).splitlines()[0] == first_line


def test_hints(value: Callable[..., Any], message: Callable[..., str]) -> None:
    assert "fix: write Muon.pt for that of Muon, or use it inside Muon[…]" in message(lambda: value("pt > 5 GeV"))
    assert "fix: the input of that name is ev.Muon" in message(lambda: value("Muon", "Muon = Muon[pt > 5 GeV]"))
    assert "fix: did you mean good?" in message(lambda: value("Muon[goood]", "good = 1"))


@pytest.mark.parametrize(
    "text",
    ["Muon.__class__", "ev.__class__", "ev._schema", "Muon.pt.node", "Muon.record", "__import__('os')", "Muon.pt.__init__()",
     "(5 GeV).value", "Muon.p4.__dict__", "Muon._value(1)", "true.real", "'a'.join(1)", "Muon.axis", "ev.lookup('run')"],
)  # fmt: skip
def test_python_is_out_of_reach(text: str, value: Callable[..., Any]) -> None:
    with pytest.raises(hz.HzdslError):
        value(text)
