"""Golden messages of documents that do not load: code, words, the user's line with a caret, the fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hzdsl.text import load, loads

REGION = '[regions.4mu]\nrequire = [\n  "count(Muon) >= 4",\n  "%s",\n]\n'
HISTOGRAM = "[[histogram]]\nname = 'x'\nexpr = 'MET.pt'\n"

EXPRESSIONS = [
    (
        "all(Muon.pt > 5)",
        "error[unit]: Muon.pt is in GeV, 5 is a plain number\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    all(Muon.pt > 5)\n"
        "        ^^^^^^^^^^^\n"
        "  fix: write the unit: 5*GeV (text: 5 GeV)",
    ),
    (
        "any(Muon.pt > 5 gev)",
        "error[unit]: 'gev' is not a unit\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    any(Muon.pt > 5 gev)\n"
        "                    ^^^\n"
        "  fix: did you mean GeV? (after a number stands a unit or an operator)",
    ),
    (
        "count(Muon[Electron.pt > 5 GeV]) > 1",
        "error[axis]: Electron.pt > 5 GeV is along Electron and cannot select Muon\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    count(Muon[Electron.pt > 5 GeV]) > 1\n"
        "               ^^^^^^^^^^^^^^^^^^^\n"
        "  fix: build it from Muon itself, or select Electron",
    ),
    (
        "count(Muon) >= 4 && MET.pt > 5 GeV",
        "error[syntax]: '&&' is not an operator here\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    count(Muon) >= 4 && MET.pt > 5 GeV\n"
        "                     ^^\n"
        "  fix: write 'and'",
    ),
    (
        "any(Muon.ptt > 5 GeV)",
        "error[attribute]: Muon has no attribute 'ptt'\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    any(Muon.ptt > 5 GeV)\n"
        "             ^^^\n"
        "  fix: did you mean pt?",
    ),
    (
        "count(Electrn) > 1",
        "error[name-unknown]: 'Electrn' is not defined\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    count(Electrn) > 1\n"
        "          ^^^^^^^\n"
        "  fix: did you mean Electron?",
    ),
    (
        "Muon.pt > 5 GeV",
        "error[axis]: a requirement of region '4mu' has a value per Muon: Muon.pt > 5 GeV\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    Muon.pt > 5 GeV\n"
        "    ^^^^^^^^^^^^^^^\n"
        "  fix: say of how many: any(…), all(…), count(…) >= n",
    ),
    (
        "count(Muon)",
        "error[dtype]: a requirement of region '4mu' is i64: count(Muon)\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    count(Muon)\n"
        "    ^^^^^^^^^^^\n"
        "  fix: compare it with something",
    ),
    (
        "(Muon[0] + Muon[0]).mass > 5 GeV",
        "error[identity]: Muon[0] and Muon[0] might be, or share, the same particle\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    (Muon[0] + Muon[0]).mass > 5 GeV\n"
        "     ^^^^^^^^^^^^^^^^^\n"
        "  fix: take one from a selection without the other (A - x), or add four-vectors: a.p4 + b.p4",
    ),
    (
        "leading(Muon).pt > 5 GeV",
        "error[meaning-differs]: leading(o).pt is the greatest pt of o in the nano-spec dialect, "
        "and reads here as the pt of the object with the greatest pt\n"
        "  at spec.toml [regions.4mu] require[1]:4\n"
        "    leading(Muon).pt > 5 GeV\n"
        "    ^^^^^^^^^^^^^^^^\n"
        "  fix: write max(o.pt) or o.leading().pt",
    ),
]


@pytest.mark.parametrize(("text", "golden"), EXPRESSIONS, ids=[c[0] for c in EXPRESSIONS])
def test_expression(text: str, golden: str, refused: Callable[[str], str]) -> None:
    assert refused(REGION % text) == golden


def test_slots_take_bare_numbers() -> None:
    assert loads(REGION % "pair(Muon).nearest(91.2).exists").document.regions[0].name == "4mu"


#: (document, first line, what the caret underlines, fix)
DOCUMENTS = [
    ("[regions.r]\nrequired = []\n", "[spec-key]: unknown key 'regions.r.required'", "required", "did you mean require?"),
    ("[histograms]\nx = 1\n", "[spec-key]: unknown key 'histograms'", "histograms", "did you mean histogram?"),
    ("[parameters]\nx = { defualt = 3 }\n", "[spec-key]: unknown key 'parameters.x.defualt'", "defualt", "did you mean default?"),
    ("[[sample]]\nname = 'x'\nxsecc = 3\n", "[spec-key]: unknown key 'sample[0].xsecc'", "xsecc", "did you mean xsec?"),
    ("[analysis]\nnmae = 'x'\n", "[spec-key]: unknown key 'analysis.nmae'", "nmae", "did you mean name?"),
    ("[[outputs]]\nname = 'x'\n", "[spec-key]: [outputs[0]] lacks the key 'expr'", "outputs", "add expr = …: a value per event"),
    ("[outputs]\nname = 'x'\n", "[spec-value]: [outputs] is one table where a list of them is meant", "outputs", "write [[outputs]]"),
    ("luminosity = true\n", "[spec-value]: luminosity is true", "luminosity = true", 'it should be a number, or a text such as "5 GeV"'),
    ("luminosity = '36 fb'\n", "[unit]: 36.0 fb is not in 1/pb", "luminosity = '36 fb'", "write 36 / fb"),
    ("luminosity = '3 GeV'\n", "[unit]: 3.0 GeV is not in 1/pb", "luminosity = '3 GeV'", "give a quantity in 1/pb"),
    (HISTOGRAM, "[binning]: histogram 'x' needs bins and a range, or at least two edges", "expr = 'MET.pt'", None),
    (HISTOGRAM + "bins = 2.5\nrange = [0, 1]\n", "[spec-value]: histogram[0].bins is 2.5", "bins = 2.5", None),
    (HISTOGRAM + "bins = 0\nrange = [0, 1]\n", "[binning]: histogram 'x': 0 bins", "expr = 'MET.pt'", None),
    (HISTOGRAM + "bins = 3\nrange = [1, 0]\n", "[binning]: histogram 'x': the range (1.0, 0.0) runs the wrong way round", "expr = 'MET.pt'", "write the lower edge first"),
    (HISTOGRAM + "bins = 3\nrange = ['1 cm', 3]\n", "[unit]: histogram 'x' is in GeV, and 1 cm is in cm", "expr = 'MET.pt'", "give a quantity in GeV"),
    (HISTOGRAM + "bins = 3\nrange = [0, 1]\nregion = '4m'\n[regions]\n4mu = []\n", "[name-unknown]: there is no region '4m'", "region = '4m'", "did you mean 4mu?"),
    ("[[histogram]]\nname = 'x'\n", "[spec-key]: histogram 'x' needs either expr or axes", "histogram", None),
    ("[[sample]]\nname = 'x'\nrole = 'sig'\n", "[spec-value]: sample[0].role is \"sig\"", "role = 'sig'", 'it should be "signal", "background", "data"'),
    ("[[sample]]\nname = 'x'\nchannels = ['4mu']\n", "[name-unknown]: there is no region '4mu'", "sample", "declare the region first"),
    ("[[sample]]\nname = 'x'\ntemplates = { '4mu/h' = 'file.root' }\n", "[spec-value]: the template 'file.root' names no histogram", None, 'write "file.root:histogram"'),
    ("[regions]\na = ['b']\nb = ['a']\n", "[cycle]: region 'a' requires itself: a → b → a", "a", None),
    ("[regions]\na = [{ x = 'run > 1', y = 'run > 2' }]\n", "[spec-value]: regions.a[0] holds 2 conditions", None, None),
    ("define = '''\na = 1\na = 2\n'''", "[name-twice]: 'a' is defined twice, first in spec.toml define:2", "a", "choose another name"),
    ("define = 'count = 1'", "[name-twice]: 'count' is a function of the language", "count", "choose another name"),
    ("define = 'm = Muon[0].mass;  x = count(Muon.dxy < 5 m)'", "[name-twice]: 'm' is a unit and a definition, too", "m", "rename the definition; a product is written 5*m"),
    ("define = 'f(cm) = 2 cm;  x = f(1)'", "[name-twice]: 'cm' is a unit and a definition, too", "cm", None),
    ("define = 'x = 1'\nparameters.x = 3", "[name-twice]: 'x' is defined twice, first in spec.toml:2", "x", "choose another name"),
    ("parameters.x = { default = 5, bounds = [6, 7] }", "[parameter]: parameter 'x' is 5, outside its bounds [6.0, 7.0]", None, None),
    ("parameters.x = { default = '5 GeV', bounds = ['6 cm', 7] }", "[unit]: 6.0 cm is not in GeV", None, None),
    ("schema = 'nanoaods'", "[name-unknown]: there is no schema called 'nanoaods'", None, "did you mean nanoaod?"),
    ("[[model]]\nname = 'x'\ninputs = []\noutput = 'Jet_x'\n", "[unsupported]: model 'x' has a provider that cannot be reached from here", "model", "hz.load(…, providers={'x': f}), f a function of its inputs; or provider.file = \"bdt.json\""),
    ("[derived.z]\nkind = 'pair'\n", "[spec-key]: derived.z lacks the key 'object'", "derived.z", None),
    ("[derived.z]\nkind = 'combine'\nobject = 'Muon'\nitems = ['Muon']\n", "[spec-key]: derived.z: 'object' has no meaning for kind 'combine'", "object", None),
    ("[derived.z]\nkind = 'combine'\nitems = ['Muon', 'z']\n", "[cycle]: 'z' is defined by itself: z → z", "z", None),
    ("[objects.m]\nsource = 'Muon'\ncuts = ['abs(dxy) < 0.5']\n", "[unit]: abs(Muon.dxy) is in cm, 0.5 is a plain number", "abs(dxy) < 0.5", None),
    ("regions.r = ['']", "[syntax]: the expression is empty", None, "write a condition or a value"),
    ("regions.r = [", "[spec-format]: spec.toml is not TOML: invalid value", None, None),
    ("kind = 'pair'; object = 'x'", "[spec-format]: spec.toml is not TOML: expected newline or end of document after a statement", ";", "TOML has one key = value per line, without ';'"),
    ("a = " + "[" * 3000, "[spec-format]: spec.toml is not TOML: arrays or tables are nested too deeply", None, None),
    ("[analysis]\nstrict_units = true\n[regions]\nr = ['pair(Muon).nearest(91.2).exists']\n", "[unit]: nearest: 91.2 has no unit, and strict_units is set", None, "write 91.2 GeV"),
    ("[analysis]\nstrict_units = true\n" + HISTOGRAM + "bins = 3\nrange = [0, 1]\n", "[unit]: range: 1 has no unit, and strict_units is set", None, None),
    ("[analysis]\ndialect = 'nano'\n", "[spec-value]: there is no dialect 'nano'", "dialect = 'nano'", '"nano-spec", or leave it out'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "first", "under", "fix"), DOCUMENTS, ids=[c[1] for c in DOCUMENTS])
def test_document(text: str, first: str, under: str | None, fix: str | None, refused: Callable[[str], str]) -> None:
    found = refused(text).splitlines()
    assert found[0] == f"error{first}"
    if under is not None:
        assert found[2][found[3].index("^") : found[3].rindex("^") + 1] == under
    if fix is not None:
        assert found[-1] == f"  fix: {fix}"


def test_files(tmp_path: Path, message: Callable[..., str]) -> None:
    assert "error[file-missing]: cannot read" in message(lambda: load(tmp_path / "none.toml"))
    assert "No such file" in message(lambda: load(tmp_path / "none.toml"))
    assert "is a folder, not a file" in message(lambda: load(tmp_path))
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"# caf\xe9\n")
    said = message(lambda: load(latin))
    assert said.startswith("error[spec-format]: latin.toml is not UTF-8 text: byte 0xe9 in line 1\n  at latin.toml:1")
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    assert load(empty).document.name == "empty"


def test_the_whole_message(refused: Callable[[str], str]) -> None:
    assert refused("# a comment\n\n[regions.r]\nrequired = ['run > 1']  # here\n") == (
        "error[spec-key]: unknown key 'regions.r.required'\n"
        "  at spec.toml:4\n"
        "    required = ['run > 1']  # here\n"
        "    ^^^^^^^^\n"
        "  fix: did you mean require?"
    )
