"""What a document declares, and that it is what the same calls in Python declare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import hzdsl as hz
from hzdsl import GeV, MeV
from hzdsl.ir.hash import analysis_hash
from hzdsl.text import Loaded, load, load_python, loads

ev = hz.events("nanoaod")
mu = ev.Muon


def test_everything_is_optional() -> None:
    document = loads("", "mine.toml").document
    assert (document.name, document.schema, document.regions) == ("mine", "nanoaod", ())


def test_regions() -> None:
    found = loads(
        """
        [regions]
        base = ["count(Muon)  >=\\n 2"]
        signal = ["base", { "hard" = "Muon[0].pt > 20 GeV" }, "MET.pt > 5 GeV"]
        4mu.require = ["signal", "count(Muon) == 4"]
        2e2mu = ["4mu"]
        """
    ).document
    cuts = {r.name: [c.label for c in r.cuts] for r in found.regions}
    assert cuts["signal"] == ["count(Muon) >= 2", "hard", "MET.pt > 5 GeV"]
    assert cuts["2e2mu"] == [*cuts["signal"], "count(Muon) == 4"]
    assert found.region("signal").cuts[1].node is (mu[0].pt > 20 * GeV).node


def test_histograms_and_outputs_equal_python() -> None:
    text = """
        define = "z = pair(Muon)[0]"
        [parameters]
        n = { default = 20, bounds = [1, 100], doc = "bins" }
        low = "500 MeV"
        [regions]
        a = ["count(Muon) > 1"]
        b = ["count(Muon) > 2"]
        [[histogram]]
        name = "m"
        expr = "z.mass"
        bins = "n"
        range = ["low", 100]
        region = ["a", "b"]
        log = "y"
        title = "mass"
        label = "m(μμ)"
        marks = { Z = "91190 MeV", "J/ψ" = 3.0969 }
        [[histogram]]
        name = "both"
        axes = [{ expr = "Muon.pt", edges = ["1 GeV", "2 GeV", 4] }, { expr = "Muon.eta", bins = 10, range = [-3, 3] }]
        [[outputs]]
        name = "m"
        expr = "z.mass"
        region = "a"
        [[outputs]]
        name = "met"
        expr = "MET.pt"
    """
    ana = hz.Analysis("analysis")
    z = hz.pair(mu)[0]
    n, low = hz.param("n", 20, bounds=(1, 100), doc="bins"), hz.param("low", 500 * MeV)
    a, b = ana.region("a", hz.count(mu) > 1), ana.region("b", hz.count(mu) > 2)
    ana.histogram("m", z.mass, bins=n, range=(low, 100), region=[a, b], log="y", title="mass", label="m(μμ)",
                  marks={"Z": 91190 * MeV, "J/ψ": 3.0969})  # fmt: skip
    ana.histogram("both", hz.axis(mu.pt, edges=[1 * GeV, 2 * GeV, 4]), hz.axis(mu.eta, 10, -3, 3))
    ana.output("m", z.mass, region=a)
    ana.output("met", ev.MET.pt)
    found, same = loads(text).document, ana.document()
    assert analysis_hash(found) == analysis_hash(same)
    assert found.histograms == same.histograms
    assert found.outputs == same.outputs
    assert {p.name: p for p in found.parameters} == {p.name: p for p in same.parameters}
    assert found.histograms[0].marks == ((91.19, "Z"), (3.0969, "J/ψ"))


def test_samples_and_luminosity() -> None:
    document = loads(
        """
        luminosity = "34.7 / fb"
        [experiment]
        name = "CMS"
        energy = "13.6 TeV"
        [regions]
        4mu = []
        [[sample]]
        name = "WW"
        files = ["a.root", "b/*.root"]
        xsec = "12 fb"
        nevt = 1000
        scale = 1.2
        role = "signal"
        channels = ["4mu"]
        tree = "t"
        [[sample]]
        name = "ZZ"
        templates = { "4mu/m" = "https://x.org/h.root:dir/h", "4mu/n" = { file = "h.root", histogram = "k" } }
        [[sample]]
        name = "Data"
        file = "data.root"
        kind = "data"
        """
    ).document
    assert document.luminosity == 34700.0
    assert (document.experiment, document.energy) == ("CMS", "13.6 TeV")
    ww, zz, data = document.samples
    assert (ww.files, ww.xsec, ww.nevt, ww.scale) == (("a.root", "b/*.root"), 0.012, 1000, 1.2)
    assert (ww.kind, ww.role, ww.channels, ww.trees, ww.process) == ("simulation", "signal", ("4mu",), ("t",), "WW")
    assert zz.templates == {"4mu/m": ("https://x.org/h.root", "dir/h"), "4mu/n": ("h.root", "k")}
    assert (data.kind, data.role, data.files) == ("data", "data", ("data.root",))


def test_inline_schema() -> None:
    found = loads(
        """
        [schema]
        fields = { B_mass = "MeV" }
        collections.lep = { prefix = "lep_", units = { pt = "MeV" } }
        [regions]
        mass = ["4900 MeV < B_mass < 5.8 GeV", "any(lep.pt > 7 GeV)"]
        """
    ).document
    assert [c.label for c in found.regions[0].cuts] == ["4900 MeV < B_mass < 5.8 GeV", "any(lep.pt > 7 GeV)"]


LIBRARY = """
define = '''
z_candidates(lep, low = 12 GeV, high = z_high) = pair(lep).same_flavor().opposite_charge()[low < mass < high]
best = z_candidates(Muon, low = 60 GeV).nearest(91.2)
'''
parameters.z_high = "120 GeV"
"""


def test_a_library_from_python(tmp_path: Path) -> None:
    (tmp_path / "candles.toml").write_text(LIBRARY)
    candles = hz.load(tmp_path / "candles.toml")
    high = hz.param("z_high", 120 * GeV)
    same = hz.pair(mu).same_flavor().opposite_charge()[lambda z: z.mass.between(60 * GeV, high)]
    assert candles.z_candidates(mu, low=60 * GeV).mass.node is same.mass.node
    assert candles.best.mass.node is same.nearest(91.2).mass.node
    assert "z_candidates" in dir(candles)
    with pytest.raises(hz.HzdslError, match=r"of the whole analysis: \.analysis\.run"):
        _ = candles.run
    with pytest.raises(hz.HzdslError, match="defines no 'z_candidate'"):
        _ = candles.z_candidate


def test_includes(tmp_path: Path, message: Callable[..., str]) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "candles.toml").write_text("include = ['more.yaml', '../twice.json']\n" + LIBRARY)
    (tmp_path / "lib" / "more.yaml").write_text("include: ../twice.json\ndefine: soft(l) = l[pt < high]\n")
    (tmp_path / "twice.json").write_text('{"parameters": {"high": "5 GeV"}}')
    spec = tmp_path / "spec.toml"
    spec.write_text(
        "[analysis]\ninclude = ['lib/candles.toml']\n[regions]\nr = ['best.exists', 'count(soft(Muon)) == 0']\n"
    )
    document = load(spec).document
    assert {p.name for p in document.parameters} == {"z_high", "high"}
    assert document.regions[0].cuts[1].node is (hz.count(mu[mu.pt < hz.param("high", 5 * GeV)]) == 0).node
    assert document.folder == str(tmp_path)
    spec.write_text("include = 'lib/candles.toml'\ndefine = 'best = Muon[0]'")
    assert message(lambda: load(spec)) == (
        "error[name-twice]: 'best' is defined twice, first in candles.toml define:5\n"
        "  at spec.toml define:2\n"
        "    best = Muon[0]\n"
        "    ^^^^\n"
        "  fix: choose another name"
    )
    (tmp_path / "twice.json").write_text('{"include": ["lib/more.yaml"]}')
    assert message(lambda: load(spec)) == (
        "error[cycle]: more.yaml includes itself: more.yaml → twice.json → more.yaml\n"
        "  at twice.json:1\n"
        '    {"include": ["lib/more.yaml"]}\n'
        "    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"
    )
    spec.write_text("include = 'none.toml'\n")
    assert "error[file-missing]" in message(lambda: load(spec))


def test_definitions_above_a_line(tmp_path: Path) -> None:
    path = tmp_path / "short.hz"
    path.write_text("good = Muon[pt > 5 GeV]\n---\nregions.r = ['count(good) == 2']\n")
    assert load(path).document.regions[0].cuts[0].node is (hz.count(mu[mu.pt > 5 * GeV]) == 2).node
    path.write_text("good = Muon[pt > 5 GeV]\n")
    assert load(path).good.pt.node is mu[mu.pt > 5 * GeV].pt.node


def test_definitions_have_names_in_print() -> None:
    document = loads("define = 'good = Muon[pt > 5 GeV];  n = count(good);  f(x) = x'").document
    assert [name for name, _ in document.definitions] == ["good", "n"]


def test_an_unused_definition_is_checked(refused: Callable[[str], str]) -> None:
    assert "'nothing' is not defined" in refused("define = 'a = nothing'")


def test_python_programs(tmp_path: Path, message: Callable[..., str]) -> None:
    path = tmp_path / "mine.py"
    path.write_text("import hzdsl as hz\nana = hz.Analysis('mine')\nagain = ana\n")
    assert isinstance(hz.load(path), Loaded)
    assert load_python(path).document.folder == str(tmp_path)
    path.write_text("x = 1\n")
    assert "mine.py makes 0 analyses: none" in message(lambda: load_python(path))
    path.write_text("import hzdsl as hz\na, b = hz.Analysis('x'), hz.Analysis('y')\n")
    assert "mine.py makes 2 analyses: 'x', 'y'" in message(lambda: load_python(path))
    path.write_text("a = (1\nb")
    assert message(lambda: load_python(path)).startswith("error[syntax]: mine.py is not Python: '(' was never closed")
    path.write_text("import hzdsl as hz\nhz.events().Muon.pt > 5\n")
    assert f"at {path}:2" in message(lambda: load_python(path))
    assert "error[file-missing]" in message(lambda: load_python(tmp_path / "none.py"))
