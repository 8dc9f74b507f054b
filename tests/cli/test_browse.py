"""``hzdsl browse``: trees, branches and the guessed schema of ROOT (TTree, RNTuple) and Parquet files."""

from __future__ import annotations

import json
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

import hzdsl as hz
from hzdsl.io.opening import open_source
from hzdsl.io.schema import load_schema, schema_from_table
from hzdsl.io.schema.inferred import inferred_schema
from hzdsl.io.schema.write import schema_text
from tests.event_files import write, write_ntuple, write_trees
from tests.run.muons import identifiers, muon_file, muons

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = [
    "atlas_13tev_4lep/data_A.4lep.root",
    "lhcb_bhhh/PhaseSpaceSimulation.root",
    "cms_dilepton/Run2012BC_DoubleMuParked_Muons_rntuple_1000evts.root",
    "nanoaod_modern/NanoAODv5_sample.root",
    "skhep_classics/uproot-HZZ.root",
    "adl_benchmark/Run2012B_SingleMu-restructured-1000.parquet",
]


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    muon_file(Path("a.root"), n=40)
    columns = {**identifiers(40), **{f"Muon_{n}": muons(40)["Muon"][n] for n in ("pt", "eta", "phi")}}
    ak.to_parquet(ak.Array(columns), "a.parquet")
    write_ntuple(Path("ntuple.root"), columns)
    write_trees(Path("two.root"), {key: {"x": np.ones(7)} for key in ("nominal", "shifted")})
    return tmp_path


def test_a_tree(files, hzdsl):
    text = hzdsl("browse", "a.root").stdout
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert lines["Events"].split() == ["Events", "40"]
    assert lines["Muon_pt"].split()[:3] == ["Muon_pt", "float32", "list"]
    assert lines["Muon_pt"].endswith("GeV    transverse momentum")
    assert "pt, eta, phi, mass, charge" in lines["Muon"]
    assert text.endswith("schema 'nanoaod' of hzdsl knows 9 of 9 branches\n")


def test_branches_that_the_schema_does_not_know(files, hzdsl):
    columns = {**identifiers(5), **muons(5), "HLT_Mine": np.ones(5, np.bool_)}
    columns |= {f"mine_{k}": np.ones(5, np.float32) for k in range(12)}
    write(Path("more.root"), columns)
    first, fix = hzdsl("browse", "more.root").stdout.splitlines()[-2:]
    names = ", ".join(f"mine_{k}" for k in range(10))
    assert first == (
        f"schema 'nanoaod' of hzdsl knows 10 of 22 branches; it does not know {names} and 2 more (--json has all)"
    )
    assert fix == 'to use those as well: hzdsl browse more.root --schema > mine.toml, and schema = "mine.toml"'
    known = json.loads(hzdsl("browse", "more.root", "--json").stdout)["schema"]
    assert known == {"name": "nanoaod", "branches": 10, "unknown": [f"mine_{k}" for k in range(12)]}


@pytest.mark.parametrize("name", ["a.root", "a.parquet", "ntuple.root"])
def test_json(files, hzdsl, name):
    found = json.loads(hzdsl("browse", name, "--json").stdout)
    assert found["bytes"] == Path(name).stat().st_size
    assert [*found["trees"].values()] == [40]
    branches = {b["branch"]: b for b in found["branches"]}
    assert (branches["Muon_pt"]["dtype"], branches["Muon_pt"]["depth"]) == ("float32", 1)
    assert branches["event"]["depth"] == 0
    assert 0 < branches["Muon_pt"]["bytes"] < found["bytes"]
    assert branches["Muon_pt"]["unit"] == "GeV"
    assert {*found["inferred"]["collections"]["Muon"]["attributes"]} >= {"pt", "eta", "phi"}
    assert found["inferred"]["identifiers"] == ["run", "luminosityBlock", "event"]


@pytest.mark.parametrize("name", ["a.root", "a.parquet", "ntuple.root"])
def test_the_schema_loads_and_reads(files, hzdsl, name):
    Path("mine.toml").write_text(hzdsl("browse", name, "--schema").stdout)
    ev = hz.events("mine.toml")
    assert str(ev.Muon.pt.node.type) == "f32 GeV @ Muon"
    assert ev.Muon.pt.doc == "transverse momentum [GeV], branch Muon_pt"
    assert ev.Muon.pt.to_awkward(name).tolist() == hz.events("nanoaod").Muon.pt.to_awkward(name).tolist()


def test_several_trees(files, hzdsl):
    text = hzdsl("browse", "two.root").stdout
    assert "nominal" in text
    assert "hzdsl browse two.root TREE (there are nominal, shifted)" in text
    assert " x " in hzdsl("browse", "two.root", "shifted").stdout
    assert json.loads(hzdsl("browse", "two.root", "--json").stdout)["trees"] == {"nominal": 7, "shifted": 7}


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["none.root"], "file-missing", 3),
        (["mine.txt"], "file-format", 3),
        (["a.root", "Event"], "tree-missing", 3),
        (["two.root", "--schema"], "tree-missing", 3),
        (["https:///a.root"], "remote", 3),
    ],
)
def test_bad_input(files, hzdsl, arguments, code, status):
    Path("mine.txt").write_text("pt,eta\n1,2\n")
    assert f"error[{code}]" in hzdsl("browse", *arguments, status=status).stderr


def test_two_forms_at_once(files, hzdsl):
    assert "give one of them" in hzdsl("browse", "a.root", "--schema", "--json", status=2).stderr


def reread(schema, name="mine"):
    import tomllib

    return schema_from_table(tomllib.loads(schema_text(schema)).get("schema", {}), name)


def test_a_written_schema_is_the_same():
    from hzdsl.io.schema import packaged_names

    for name in packaged_names():
        schema = load_schema(name)
        assert reread(schema, name) == schema


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_written_schemas_of_real_files(name, hzdsl):
    if not (DATA / name).exists():
        pytest.skip(f"no {DATA / name}")
    with open_source(str(DATA / name)) as source:
        schema = inferred_schema(source)
    found = reread(schema, "inferred")
    assert [*found.objects] == [n for n, o in schema.objects.items() if not o.single] + [
        n for n, o in schema.objects.items() if o.single
    ]
    for n, o in schema.objects.items():
        assert {a: found.objects[n].fields[a] for a in o.fields} == {
            a: f.__class__(f.branch, f.dtype, f.unit, " ".join(f.doc.split())) for a, f in o.fields.items()
        }
        assert found.objects[n].counter == o.counter
    assert {n: f.branch for n, f in found.fields.items()} == {n: f.branch for n, f in schema.fields.items()}
    assert json.loads(hzdsl("browse", DATA / name, "--json").stdout)["inferred"]["fields"] == [*schema.fields]
