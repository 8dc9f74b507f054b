"""Golden error messages of the Python surface: code, words, the user's line with a caret, the fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV, cm

ev = hz.events("nanoaod")
mu, el, jet = ev.Muon, ev.Electron, ev.Jet


def message(build: Callable[[], Any]) -> list[str]:
    with pytest.raises(hz.HzdslError) as error:
        build()
    return str(error.value).splitlines()


def test_unit_missing() -> None:
    found = message(lambda: mu.pt > 5)
    assert found[0] == "error[unit]: Muon.pt is in GeV, 5 is a plain number"
    assert found[1].startswith(f"  at {__file__}:")
    assert found[2].strip() == "found = message(lambda: mu.pt > 5)"
    assert found[3].index("^") == found[2].index("mu.pt > 5")
    assert found[3].count("^") == len("mu.pt > 5")
    assert found[4] == "  fix: write the unit: 5*GeV (text: 5 GeV)"


GOLDEN: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: mu.pt > 5 * cm, "error[unit]: Muon.pt is in GeV, 5 cm is in cm", "bring both to one unit before '<'"),
    (
        lambda: mu[el.pt > 5 * GeV],
        "error[axis]: Electron.pt > 5 GeV is along Electron and cannot select Muon",
        "build it from Muon itself, or select Electron",
    ),
    (
        lambda: mu.pt + jet.pt,
        "error[axis]: Muon.pt is along Muon and Jet.pt along Jet: neither sees the other",
        "for each of one, all of the other: Jet.per(Muon); combinations of both: pair(Muon, Jet)",
    ),
    (
        lambda: 1 if mu.pt > 5 * GeV else 0,
        "error[python-logic]: 'Muon.pt > 5 GeV' is an expression for every event, not one truth value",
        "write hz.where(mu.pt > 5 * GeV, 1, 0)",
    ),
    (
        lambda: 1 * GeV < mu.pt < 3 * GeV,
        "error[python-logic]: 'Muon.pt > 1 GeV' is an expression for every event, not one truth value",
        "write mu.pt.between(1 * GeV, 3 * GeV)",
    ),
    (
        lambda: (mu.pt > 1 * GeV) and (mu.pt < 3 * GeV),
        "error[python-logic]: 'Muon.pt > 1 GeV' is an expression for every event, not one truth value",
        "write (mu.pt > 1 * GeV) & (mu.pt < 3 * GeV)",
    ),
    (lambda: mu.ptt, "error[attribute]: Muon has no attribute 'ptt'", "did you mean pt?"),
    (lambda: ev.Mun, "error[name-unknown]: the schema 'nanoaod' has no 'Mun'", "did you mean Muon?"),
    (
        lambda: hz.pair(mu).nearest(91.2 * cm),
        "error[unit]: nearest(m) is in GeV, and 91.2 cm is in cm",
        "give a quantity in GeV",
    ),
    (lambda: hz.delta_r(mu), "error[arguments]: delta_r: missing a required argument: 'b'", "delta_r(a, b)"),
    (
        lambda: ~(mu[0].pt > 5 * GeV),
        "error[missing-value]: the opposite of a condition that may be missing is not defined",
        "say what missing means: .otherwise(True) or .otherwise(False)",
    ),
    (
        lambda: mu[0] + mu[0],
        "error[identity]: Muon[0] and Muon[0] might be, or share, the same particle",
        "take one from a selection without the other (A - x), or add four-vectors: a.p4 + b.p4",
    ),
    (lambda: hz.log(mu.pt), "error[unit]: log takes a plain number, not GeV", "divide by a unit: log(x/GeV)"),
    (lambda: hz.any(mu.pt), "error[dtype]: a condition is needed here, not f32", "compare it with something"),
    (
        lambda: hz.count(ev.MET.pt > 5 * GeV),
        "error[axis]: MET.pt > 5 GeV is one value per event: nothing to count",
        "",
    ),
    (
        lambda: mu[-1],
        "error[arguments]: position -1 counts from the end, which has no meaning here",
        "sort the other way",
    ),
    (
        lambda: list(mu.pt),
        "error[python-logic]: 'Muon.pt' cannot be looped over",
        "reduce it: hz.sum, hz.any, hz.count",
    ),
    (lambda: hz.events("nanoad"), "error[name-unknown]: there is no schema called 'nanoad'", "did you mean nanoaod?"),
    (
        lambda: (mu.pt > 5 * GeV) & mu.eta < 2.4,
        "error[dtype]: '&' takes conditions, and Muon.eta is f32",
        "& binds tighter than comparisons: write (mu.pt > 5 * GeV) & (mu.eta < 2.4)",
    ),
    (
        lambda: mu.pt > 5 * GeV | mu.charge == 1,
        "error[dtype]: '|' takes conditions, and 5 GeV is f64",
        "| binds tighter than comparisons: write (mu.pt > 5 * GeV) | (mu.charge == 1)",
    ),
    (lambda: mu.pt + 3 * cm, "error[unit]: Muon.pt is in GeV, 3 cm is in cm", "bring both to one unit before '+'"),
    (lambda: mu.pt.max(), "error[attribute]: Muon.pt has no attribute 'max'", "max is a function: hz.max(mu.pt)"),
    (
        lambda: hz.pair(mu).mass.nearest(91.2),
        "error[attribute]: pair(Muon).mass has no attribute 'nearest'",
        "choose first, then take the attribute: hz.pair(mu).nearest(91.2)",
    ),
    (
        lambda: hz.Analysis().output("m", mu[0].pt, region="sr"),
        "error[name-unknown]: there is no region 'sr'",
        "declare the region first",
    ),
    (
        lambda: mu.pt[0],
        "error[dtype]: Muon.pt is a value per Muon, no collection",
        "choose first, then take the attribute: mu[0].pt",
    ),
    (
        lambda: hz.pair(mu, mu),
        "error[arguments]: pair(Muon, Muon) holds every choice in every order",
        "each choice once: pair(Muon); if the order matters, name the legs: pair(tag=Muon, probe=Muon)",
    ),
    (
        lambda: hz.prod(mu),
        "error[dtype]: prod takes a number for each element, not the objects Muon",
        "take one of their attributes: hz.prod(Muon.pt)",
    ),
    (
        lambda: mu[0] - mu[1],
        "error[dtype]: <Muon[0] : ref Muon @ event ?> - <Muon[1] : ref Muon @ event ?>: an object has no difference",
        "of two objects: a difference of attributes (a.pt - b.pt); to exclude: a collection minus an object",
    ),
    (
        lambda: mu > 5 * GeV,
        "error[dtype]: '>' does not apply to <Muon : ref Muon @ Muon>",
        "use one of its attributes, e.g. its pt",
    ),
    (
        lambda: mu.sort(mu.pt, reverse=True),
        "error[arguments]: sort: got an unexpected keyword argument 'reverse'",
        "sort is ascending; the other way round: mu.sort(-mu.pt)",
    ),
    (
        lambda: hz.Analysis().histogram("h", ev.MET.pt, bins=[0, 1, 2]),
        "error[binning]: histogram 'h' needs bins and a range, or at least two edges",
        "edges=[0, 1, 2]",
    ),
    (
        lambda: hz.Analysis().histogram("h", ev.MET.pt, 10, 0, 100 * GeV),
        "error[arguments]: histogram 'h': 10 is no axis",
        "hz.axis(x, 10, 0, 100*GeV), or bins=10, range=(0, 100*GeV)",
    ),
    (lambda: mu.charge == "+", "error[dtype]: Muon.charge is i32, and '+' a text", "a charge is a number: 1"),
    (
        lambda: hz.sqrt("x"),
        "error[dtype]: 'x' is not a value of the language",
        "use a branch, a number, or a quantity such as 5*GeV",
    ),
]


@pytest.mark.parametrize(("build", "head", "fix"), GOLDEN, ids=[g[1][6:40] for g in GOLDEN])
def test_message(build: Callable[[], Any], head: str, fix: str) -> None:
    found = message(build)
    assert found[0] == head
    assert found[1].startswith(f"  at {__file__}:")
    assert (found[-1] == f"  fix: {fix}") if fix else not found[-1].startswith("  fix")
