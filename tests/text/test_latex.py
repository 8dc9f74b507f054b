"""Formulae and tables of a paper: every formula is one that a TeX parser reads, every table is balanced."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from matplotlib.mathtext import MathTextParser

import hzdsl as hz
from hzdsl.text.write import to_latex, to_markdown
from hzdsl.text.write.formula import _declared, escaped, formula
from tests.text.test_round_trip_surface import CALLS, METHODS, Value, nodes

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
FORMULAE = [
    ("Muon.pt > 5 GeV", r"p_{T}(\mathrm{Muon}) > 5\,\mathrm{GeV}"),
    ("abs(Muon.eta) <= 2.4", r"\left| \eta(\mathrm{Muon}) \right| \leq 2.4"),
    ("MET.pt >= 30 GeV", r"p_{T}^{\mathrm{miss}} \geq 30\,\mathrm{GeV}"),
    ("delta_r(z.leg1, z.leg2)", r"\Delta R({\mathrm{z}}_{1}, {\mathrm{z}}_{2})"),
    ("good_mu[0].mass", r"m({\mathrm{good\_mu}}_{1})"),
    ("sin(a + b) * 2", r"\sin \left(\mathrm{a} + \mathrm{b}\right) \, 2"),
    ("(a + b) / c - -d", r"\frac{\mathrm{a} + \mathrm{b}}{\mathrm{c}} - -\mathrm{d}"),
    ("(a - (b - c))**2", r"{\left(\mathrm{a} - \left(\mathrm{b} - \mathrm{c}\right)\right)}^{2}"),
    ("not (a or b) and c", r"\neg \left(\mathrm{a} \vee \mathrm{b}\right) \wedge \mathrm{c}"),
    ("1e-3 cm < x", r"0.001\,\mathrm{cm} < \mathrm{x}"),
    ("cut < x", r"20\,\mathrm{GeV} < \mathrm{x}"),
]


def assert_typesets(text: str) -> None:
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    readable = text.replace(r"\exists\,", r"\exists")  # mathtext knows the rest
    MathTextParser("path").parse(f"${readable}$")


@pytest.mark.parametrize(("text", "expected"), FORMULAE)
def test_formula(text: str, expected: str) -> None:
    found = formula(text, {"cut": "20 GeV"})
    assert found == expected
    assert_typesets(found)


@pytest.mark.parametrize("name", sorted(_declared()))
def test_declared_latex_typesets(name: str) -> None:
    assert_typesets(formula(f"{name}(x)" if _declared()[name].count("{1}") == 0 else f"{name}(x, y)"))


@pytest.mark.parametrize("name", sorted(CALLS))
def test_functions_typeset(name: str) -> None:
    for x in CALLS[name]:
        for node in nodes(x):
            assert_typesets(formula(str(Value(node)).splitlines()[-1]))


def test_methods_typeset() -> None:
    for x in METHODS:
        for node in nodes(x):
            assert_typesets(formula(str(Value(node)).splitlines()[-1]))


@pytest.mark.parametrize("path", sorted(ANALYSES.glob("*/*.toml")), ids=lambda p: p.name)
def test_tables(path: Path) -> None:
    document = hz.load(path).document
    text = to_latex(document)
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") >= len(document.regions)
    for row in re.findall(r"^    (?!\\hline)(.*) \\\\$", text, re.M)[1:]:
        assert len(re.findall(r"(?<!\\)&", row)) == 1, row
        for found in re.findall(r"(?<!\\)\$(.*?)(?<!\\)\$", row):
            assert_typesets(found)
    cuts = sum(len(r.cuts) for r in document.regions)
    assert len(re.findall(r"^    .* & \$.*\$ \\\\$", text, re.M)) >= cuts
    assert all(line.count("|") == 3 for line in to_markdown(document).splitlines() if line.startswith("| "))


def test_labels_are_escaped() -> None:
    assert escaped("50% & x_1 {~}") == r"50\% \& x\_1 \{\textasciitilde{}\}"
