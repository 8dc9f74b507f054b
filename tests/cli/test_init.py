"""``hzdsl init``: the written analyses run as they are, and are one analysis."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from hzdsl.cli.starting import starting_point
from hzdsl.io.opening import open_source
from hzdsl.io.schema import schema_from_table
from tests.event_files import write, write_trees
from tests.run.muons import muon_file, muons

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = [
    "atlas_13tev_4lep/data_A.4lep.root",
    "lhcb_bhhh/PhaseSpaceSimulation.root",
    "cms_dilepton/Run2012BC_DoubleMuParked_Muons_rntuple_1000evts.root",
    "adl_benchmark/Run2012B_SingleMu-restructured-1000.parquet",
]


def ran(hzdsl, folder) -> dict:
    """Return the result of both written analyses, which is one."""
    toml, python = (json.loads(hzdsl("run", folder / n, "--json").stdout) for n in ("analysis.toml", "analysis.py"))
    for key in ("hash", "events", "regions", "histograms", "parameters"):
        assert toml[key] == python[key], key
    selected = toml["regions"]["selected"]["selected"]
    assert 0 < selected < toml["events"] or toml["events"] < 100
    (histogram,) = toml["histograms"].values()
    assert sum(histogram["values"]) > 0.9 * (histogram["underflow"] + histogram["overflow"] + sum(histogram["values"]))
    return toml


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_of_a_known_file(empty, hzdsl):
    muon_file(Path("a.root"), n=300)
    text = hzdsl("init", "new/deep", "--from", "a.root").stdout
    assert text.splitlines()[0] == "wrote new/deep/analysis.toml"
    assert {p.name for p in Path("new/deep").iterdir()} == {"analysis.toml", "analysis.py"}
    made = ran(hzdsl, Path("new/deep"))
    assert made["events"] == 300
    assert made["parameters"]["min_pt"].endswith("GeV")
    assert "no mistake found (1 region" in hzdsl("check", "new/deep/analysis.toml", "a.root").stdout
    assert "error" not in hzdsl("show", "new/deep/analysis.toml").output


@pytest.mark.parametrize(
    ("run", "kind", "why"),
    [(1, "simulation", "its run is 1"), (190_645, "data", "run 190645, no generator information")],
)
def test_the_kind_of_the_file_is_written_down(empty, hzdsl, run, kind, why):
    muon_file(Path("a.root"), n=300, run=run)
    hzdsl("init", "new", "--from", "a.root")
    assert f'kind = "{kind}"  # {why}\n' in Path("new/analysis.toml").read_text()
    assert f', kind="{kind}")  # {why}\n' in Path("new/analysis.py").read_text()
    assert ran(hzdsl, Path("new"))["samples"]["first"]["kind"] == kind
    assert hzdsl("run", "new/analysis.toml").stderr == ""
    assert f" {kind}" in hzdsl("show", "new/analysis.toml").stdout.partition("samples")[2]


def test_a_file_that_does_not_tell_what_it_is(empty, hzdsl):
    write(Path("b.root"), muons(200))
    hzdsl("init", "new", "--from", "b.root")
    said = '# data? Then kind = "data": without it the sample is simulation\n'
    for name in ("analysis.toml", "analysis.py"):
        assert said in (Path("new") / name).read_text()
    assert ran(hzdsl, Path("new"))["samples"]["first"]["kind"] == "simulation"


def test_the_python_file_is_a_program(empty, hzdsl, capsys):
    muon_file(Path("a.root"), n=50)
    hzdsl("init", "--from", "a.root")
    runpy.run_path("analysis.py", run_name="__main__")
    assert "first: yields" in capsys.readouterr().out


def test_of_another_file(empty, hzdsl):
    columns = {f"lep_{k}": muons(200)["Muon"][k] for k in ("pt", "eta", "phi")}
    write(Path("b.root"), {"weight": np.ones(200, np.float32), **columns}, "nominal")
    hzdsl("init", "new", "--from", "b.root")
    assert {p.name for p in Path("new").iterdir()} == {"analysis.toml", "analysis.py", "schema.toml"}
    assert "lep[pt > min_pt]" in Path("new/analysis.toml").read_text()
    assert ran(hzdsl, Path("new"))["events"] == 200


def test_of_flat_numbers(empty, hzdsl):
    write_trees(Path("c.root"), {key: {"mass": np.linspace(-3, 9, 500)} for key in ("one", "two")})
    assert "error[tree-missing]" in hzdsl("init", "new", "--from", "c.root", status=3).stderr
    assert not Path("new").exists()
    hzdsl("init", "new", "--from", "c.root", "--tree", "two")
    assert ran(hzdsl, Path("new"))["events"] == 500


def test_edges_are_in_gev_whatever_the_file_holds(empty):
    write(Path("m.root"), {"Muon": muons(100)["Muon"]})
    schema = schema_from_table({"collections": {"Muon": {"fields": {"pt": "f32 MeV"}}}}, "mev")
    with open_source("m.root") as source:
        start = starting_point(source, schema)
    assert start["default_python"].endswith(" * hz.MeV")
    assert float(start["high"]) < 1 < float(start["default_text"].split()[0])


def test_of_the_demo(empty, hzdsl, monkeypatch):
    from dataclasses import replace

    from hzdsl.demo import cache, samples

    monkeypatch.setenv("HZDSL_CACHE", str(empty / "cache"))
    few = tuple(replace(s, generated=None if s.generated is None else 1500) for s in samples.SAMPLES)
    for module in (cache, samples):
        monkeypatch.setattr(module, "SAMPLES", few)
    monkeypatch.setattr(samples, "Z_EXPECTED", 2000.0)
    hzdsl("init", "new")
    assert ran(hzdsl, Path("new"))["events"] > 100


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_of_real_files(empty, hzdsl, name):
    if not (DATA / name).exists():
        pytest.skip(f"no {DATA / name}")
    hzdsl("init", "new", "--from", DATA / name)
    ran(hzdsl, Path("new"))


@pytest.mark.parametrize("name", ["analysis.toml", "analysis.py", "schema.toml"])
def test_nothing_is_overwritten(empty, hzdsl, name):
    muon_file(Path("a.root"), n=20)
    Path(name).write_text("mine")
    message = hzdsl("init", "--from", "a.root", status=3).stderr
    assert f"error[output-exists]: {name} is there already" in message
    assert Path(name).read_text() == "mine"
    assert {p.name for p in empty.iterdir()} == {"a.root", name}


def test_bad_input(empty, hzdsl):
    assert "error[file-missing]" in hzdsl("init", "new", "--from", "none.root", status=3).stderr
    assert "--tree goes with --from" in hzdsl("init", "--tree", "x", status=2).stderr
    write(Path("ints.root"), {"n": np.arange(5)})
    assert "error[branch-type]" in hzdsl("init", "new", "--from", "ints.root", status=3).stderr
    Path("plain").write_text("")
    assert "error[output]" in hzdsl("init", "plain", "--from", "ints.root", status=3).stderr
    assert not Path("new").exists()
