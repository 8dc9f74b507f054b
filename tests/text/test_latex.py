"""Formulae and tables of a paper: every formula is one that a TeX parser reads, every table is balanced."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from matplotlib.mathtext import MathTextParser

import hzdsl as hz
from hzdsl import GeV, fb
from hzdsl.text.write import to_latex, to_markdown
from hzdsl.text.write.formula import _declared, escaped, formula
from tests.text.test_round_trip_surface import CALLS, METHODS, Value, nodes

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
ev = hz.events("nanoaod")
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
    ("pair(Muon).leading().mass", r"m(\mathrm{argmax}_{\binom{\mathrm{Muon}}{2}}\, p_{T})"),
    ("x.same_flavor().opposite_charge()", r"\{\mathrm{x} : f_{1} = f_{2},\;q_{1} q_{2} < 0\}"),
    ("pair(tag = a, probe = b)", r"\mathrm{a} \times \mathrm{b}"),
    ("combinations(Jet, 4)", r"\binom{\mathrm{Jet}}{4}"),
    ("a.sort(-pt)[0]", r"{\left({\mathrm{a}}^{\downarrow \mathrm{pt}}\right)}_{1}"),
    ("category('e', n < 2, 'mu', n > 2)", r"\{\mathrm{e}: \mathrm{n} < 2,\;\mathrm{mu}: \mathrm{n} > 2\}"),
    ("vary(x, up = (2*x, x/2)) > 3", r"\mathrm{x} > 3"),
    ("any(delta_r(Jet, lep.per(Jet)) < 0.4)", r"\mathrm{any}(\Delta R(\mathrm{Jet}, \mathrm{lep}) < 0.4)"),
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


def assert_tables_are_sound(text: str) -> int:
    """Check that every table is balanced and every formula typesets; return the number of tables."""
    tables = re.findall(r"\\begin\{tabular\}\{.*?\n(.*?)\\end\{tabular\}", text, re.DOTALL)
    for table in tables:
        rows = [line for line in table.splitlines() if line.endswith(r"\\")]
        assert len({len(re.findall(r"(?<!\\)&", row)) for row in rows}) == 1, rows
        for found in re.findall(r"(?<!\\)\$(.*?)(?<!\\)\$", table):
            assert_typesets(found)
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == len(tables)
    return len(tables)


def sound_markdown(text: str) -> bool:
    tables = [re.findall(r"^\|.*\|$", part, re.M) for part in text.split("\n\n")]
    return all(len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1 for rows in tables if rows)


@pytest.mark.parametrize("path", sorted(ANALYSES.glob("*/*.toml")), ids=lambda p: p.name)
def test_tables(path: Path) -> None:
    document = hz.load(path).document
    assert assert_tables_are_sound(to_latex(document)) > len(document.regions)
    assert sound_markdown(to_markdown(document))


def paper() -> hz.Analysis:
    """Return an analysis with a row for every table."""
    ana, mu, low = hz.Analysis("paper"), ev.Muon, hz.param("low", 25 * GeV, doc="least pt")
    n = hz.count(mu[mu.pt > low])
    njet = hz.category({"0jet": hz.count(ev.Jet) == 0, "more": hz.count(ev.Jet) > 0})
    z = hz.pair(mu).opposite_charge().nearest(91.2)
    ana.define(njet=njet, z=z, n=n, lep=mu.sort(-mu.pt))
    base = ana.region("base", {"two": n == 2}, z.mass > 12 * GeV)
    parts = ana.region("SR", base, {"b | veto": ev.MET.pt > 20 * GeV}).split(njet)
    ana.histogram("m", z.mass, bins=36, range=(70, 180), region=parts)
    ana.histogram("two", hz.axis(ev.MET.pt, edges=[0, 10, 30]), hz.axis(njet), region=base)
    ana.output("met", ev.MET.pt, region=base)
    ana.weight("pile_up", hz.vary(ev.genWeight, pu=(1.1 * ev.genWeight, 0.9 * ev.genWeight)))
    ana.weight("id", hz.prod(mu.pt / GeV), on="both")
    ana.sample("WW", "ww.root", xsec=12.178, nevt=1000)
    ana.sample("Data", "data.root", kind="data")
    ana.luminosity = 34.7 / fb
    return ana


def test_every_table() -> None:
    text = to_latex(paper())
    assert re.findall(r"\\caption\{(.*)\}", text) == [
        "Parameters", "Definitions", "Category njet", "Region base", "Region SR", "Weights", "Variations", "Histograms",
        "Columns", "Samples, for 34700 / pb"]  # fmt: skip
    assert assert_tables_are_sound(text) == 10
    assert sound_markdown(to_markdown(paper()))
    for row in (
        r"low & $25\,\mathrm{GeV}$ & least pt \\",
        r"0jet & $N(\mathrm{Jet}) = 0$ \\",
        r"as region & base \\",
        r"split by & njet \\",
        r"pile\_up & simulation & $\mathrm{genWeight}$ \\",
        r"m & $m(\mathrm{z})$ & 36 in 70 to 180 & SR/0jet, SR/more \\",
        r"two & $p_{T}^{\mathrm{miss}}$ & 2 in 0 to 30, not equal & base \\",
        r"WW & background & 12.178 & 1000 \\",
    ):
        assert f"    {row}\n" in text, row
    (z,) = re.findall(r"    z & \{\\raggedright (.*)\\par\} \\\\\n", text)
    pairs = r"\{\binom{\mathrm{Muon}}{2} : q_{1} q_{2} < 0\}"
    assert z == rf"$\mathrm{{argmin}}_{{{pairs}}}\, \left| m - 91.2\,\mathrm{{GeV}} \right|$"


def test_labels_are_escaped() -> None:
    assert escaped("50% & x_1 {~}") == r"50\% \& x\_1 \{\textasciitilde{}\}"


def test_signs_beyond_ascii() -> None:
    assert escaped("4ℓ ≥ 2µ") == r"4\ensuremath{\ell} \ensuremath{\geq} 2\ensuremath{\mu}"
    found = formula("category('4ℓ', n > 1, '2µ', n < 2)")
    assert found == r"\{\mathrm{4{\ell}}: \mathrm{n} > 1,\;\mathrm{2{\mu}}: \mathrm{n} < 2\}"
    assert_typesets(found)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_pdflatex_reads_it(tmp_path: Path) -> None:
    text = to_latex(paper())
    head = "\\documentclass{article}\\usepackage{amsmath}\n\\begin{document}\n"
    (tmp_path / "a.tex").write_text(f"{head}{text}\\end{{document}}\n", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")
