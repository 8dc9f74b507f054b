"""Every bad input through the command line: its words, its exit status, no traceback, nothing half-written."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import SPEC
from tests.event_files import write
from tests.run.muons import identifiers, muon_file, muons


def spec(old: str, new: str) -> str:
    assert old in SPEC
    Path("bad.toml").write_text(SPEC.replace(old, new))
    return "bad.toml"


def refused(hzdsl, *args, status, words):
    """Run, with all outputs asked for, and check that none of them is there afterwards."""
    before = set(Path().rglob("*"))
    Path("keep.csv").write_text("old")
    result = hzdsl("run", *args, "--events", "keep.csv", "--plot", "plots", "-o", "out", "--json", status=status)
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr, result.stderr
    assert Path("keep.csv").read_text() == "old"
    assert set(Path().rglob("*")) - before <= {Path("keep.csv")}


def test_files(here, hzdsl):
    Path("junk.root").write_text("no ROOT file at all")
    Path("short.root").write_bytes(Path("zz.root").read_bytes()[:3000])
    for args, words in (
        (["none.root"], ["error[file-missing]", "none.root"]),
        (["none*.root"], ["error[no-files]", "none*.root"]),
        (["junk.root"], ["error[file-format]", "junk.root"]),
        (["zz.root", "short.root"], ["error[file-truncated]", "short.root"]),
        (["zz.root", "--tree", "Event"], ["error[tree-missing]", "did you mean Events?"]),
        (["zz.root", "zz.root"], ["error[file-twice]"]),
        (["."], ["error[no-files]", "is a directory"]),
    ):
        refused(hzdsl, "dimuon.toml", *args, status=3, words=words)


def test_branches(here, hzdsl):
    write(Path("m.root"), {**identifiers(10), **muons(10, pt=None)})
    muon_file(Path("f64.root"), n=10, pt="f8")
    refused(hzdsl, "dimuon.toml", "m.root", status=3, words=["error[branch-missing]", "Muon_pt (Muon.pt), needed by"])
    refused(hzdsl, "dimuon.toml", "f64.root", status=3, words=["error[branch-type]", "stored as float64"])


def test_empty_tree(here, hzdsl):
    import numpy as np

    write(Path("empty.root"), {"nMuon": np.zeros(0, np.int32)})
    refused(hzdsl, "dimuon.toml", "empty.root", status=3, words=["error[tree-empty]", "empty.root"])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[analysis]", "[analisis]", ["analisis", "analysis"]),
        ("bins = 4", "bin = 4", ["bin"]),
        ("pt > min_pt", "pt > 5", ["error[unit]", "5 GeV"]),
        ("pt > min_pt", "pt > 5 cm", ["error[unit]"]),
        ("pt > min_pt and", "pt > min_pt && ", ["error[syntax]", "and", "^"]),
        ("Muon[pt", "Muon[ptt", ["ptt", "^"]),
        ("range = [0, 40]", "range = [40, 0]", ["error[binning]", "lower edge first"]),
        ("count(good) == 2", "count(Electron[good.pt > 1 GeV]) == 2", ["error[axis]"]),
        ('region = "pair"\n[[histogram]]', 'region = "pear"\n[[histogram]]', ["did you mean pair?"]),
        ('file = "zz.root"', 'fille = "zz.root"', ["fille"]),
        ('channels = ["pair"]', 'channels = ["pear"]', ["did you mean pair?"]),
    ],
)
def test_specs(here, hzdsl, old, new, words):
    refused(hzdsl, spec(old, new), "zz.root", status=4, words=words)
    assert hzdsl("check", "bad.toml", status=4).stdout == ""
    assert hzdsl("show", "bad.toml", status=4).stdout == ""


def test_spec_files(here, hzdsl):
    Path("broken.toml").write_text("[analysis\n")
    refused(hzdsl, "broken.toml", "zz.root", status=4, words=["error[spec-format]", "broken.toml"])
    refused(hzdsl, "missing.toml", "zz.root", status=3, words=["error[file-missing]", "missing.toml", "hzdsl init"])
    refused(hzdsl, "dimoun.toml", "zz.root", status=3, words=["error[file-missing]", "did you mean dimuon.toml?"])
    for order in (["zz.root"], ["zz.root", "dimuon.toml"]):
        words = [
            "error[spec-format]: zz.root is a file of events",
            "the analysis comes first: hzdsl COMMAND SPEC FILES",
        ]
        refused(hzdsl, *order, status=4, words=words)


def test_inputs_that_are_none(here, hzdsl):
    """One sentence each: missing among several, a folder, no events, twice, none at all."""
    write(Path("empty.root"), {"run": np.zeros(0, np.uint32)})
    Path("folder").mkdir()
    os.mkfifo("pipe.root")
    for files, words in (
        (["zz.root", "no.root"], ["error[file-missing]: there is no file no.root"]),
        (["zz.root", "sen.root"], ["did you mean seen.root?"]),
        (["folder"], ["folder is a directory", "folder/*.root"]),
        (["pipe.root"], ["error[file-format]", "pipe.root is a pipe"]),
        (["no*.root"], ["no file matches no*.root"]),
        (["empty.root"], ["error[tree-empty]: there are no entries in tree Events of empty.root"]),
        (["--sample", "a=folder"], ["is a directory"]),
    ):
        refused(hzdsl, "dimuon.toml", *files, status=3, words=words)
    refused(hzdsl, "dimuon.toml", "zz.root", "./zz.root", status=3, words=["twice", "count double"])
    refused(hzdsl, "dimuon.py", status=3, words=["declares no samples", "hzdsl run SPEC FILES"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("good = ev.Muon[ev.Muon.pt > 5]", ["error[unit]", "5*GeV", "bad.py:6"]),
        ("good = ev.Muon[(ev.Muon.pt > 5*GeV) and (ev.Muon.eta < 2)]", ["error[python-logic]", "&", "bad.py:6"]),
        ("good = ev.Muon[0 < ev.Muon.eta < 2]", ["error[python-logic]", "between"]),
        ("good = 1 if hz.count(ev.Muon) > 2 else 2", ["error[python-logic]"]),
        ("good = undefined", ["error[spec-format]", "NameError", "bad.py:6"]),
        ("good = 5 +", ["error[syntax]", "bad.py:6"]),
    ],
)
def test_programs(here, hzdsl, line, words):
    text = Path("dimuon.py").read_text()
    lines = text.splitlines()
    lines[5] = line
    Path("bad.py").write_text("\n".join(lines))
    refused(hzdsl, "bad.py", "zz.root", status=4, words=words)


def test_parameters(here, hzdsl):
    for given, words in (
        ("minpt=5", ["error[parameter]", "min_pt"]),
        ("min_pt=5cm", ["error[unit]", "^"]),
        ("min_pt=80", ["error[parameter]", "bounds"]),
        ("min_pt=abc", ["error[name-unknown]", "fix: give a number in GeV"]),
        ("min_pt", ["min_pt"]),
    ):
        refused(hzdsl, "dimuon.toml", "zz.root", "--set", given, status=4, words=words)


def test_usage(here, hzdsl):
    for args in (
        ("rum",),
        ("run",),
        ("run", "dimuon.toml", "zz.root", "--threads", "0"),
        ("run", "dimuon.toml", "zz.root", "--backend", "fast"),
        ("run", "dimuon.toml", "zz.root", "--sample", "a=zz.root"),
        ("run", "dimuon.toml", "--sample", "zz.root"),
        ("run", "dimuon.toml", "--data"),
        ("demo", "--base-url", "http://h"),
        ("demo", "--remote", "--seed", "1"),
    ):
        result = hzdsl(*args, status=2)
        assert result.stdout == ""
        assert "Error: " in result.stderr


def test_outputs_are_checked_first(here, hzdsl):
    Path("file").write_text("")
    for options, words in (
        (("--events", "no/e.csv"), "there is no folder no"),
        (("-o", "file/out"), "is not a folder"),
        (("--plot", "file"), "is not a folder"),
    ):
        result = hzdsl("run", "missing.toml", *options, status=3)
        assert "error[output]" in result.stderr
        assert words in result.stderr
    assert "error[options]: e.txt: tables end in" in hzdsl("run", "missing.toml", "--events", "e.txt", status=2).stderr
    Path("e.csv").mkdir()
    assert "it is a folder" in hzdsl("run", "dimuon.toml", "--events", "e.csv", status=3).stderr


def test_samples_whose_files_are_elsewhere(here, hzdsl):
    Path("zz.root").rename("zz_old.root")
    said = hzdsl("run", "dimuon.toml", status=3).stderr
    assert "did you mean zz_old.root? Or say where the files of sample 'zz' are" in said
    Path("zz_old.root").rename("other.root")
    Path("zz.toml").write_text("")
    said = hzdsl("run", "dimuon.toml", status=3).stderr
    assert "fix: say where the files of sample 'zz' are: --base-url DIR, --sample zz=FILES, or FILES alone" in said
    said = hzdsl("run", "dimuon.toml", "dimuon.root", status=3).stderr
    assert "fix: check the path; beside it are other.root, seen.root" in said


def test_parquet_without_its_library_is_refused_first(here, hzdsl, monkeypatch):
    monkeypatch.setattr("hzdsl.io.sinks.find_spec", lambda name: None)
    said = hzdsl("run", "missing.toml", "--events", "e.parquet", status=3).stderr
    assert "error[library-missing]: writing Parquet needs pyarrow" in said
    assert "pip install 'hzdsl[parquet]'" in said


def test_options_that_do_not_go_together(here, hzdsl):
    for options, words in (
        (("--max-memory", "2GB", "--backend", "interpret"), "error[options]: the memory of the backend 'interpret'"),
        (("--max-memory", "50MB"), "error[memory]: 50 MB of memory is not enough"),
    ):
        assert words in hzdsl("run", "dimuon.toml", "zz.root", *options, status=2).stderr
    for options in (("-j", "2"), ("--max-memory", "2GB")):
        said = hzdsl("run", "dimuon.toml", "--dask", "tcp://nowhere:1", *options, status=2).stderr
        assert "of this process, not of a cluster" in said
    said = hzdsl("help", "foo", status=2).stderr
    assert "error[options]: there is no error code 'foo'" in said


def test_a_program_that_prints_leaves_standard_output_alone(here, hzdsl):
    (here / "noise.py").write_text(
        "import hzdsl as hz\nprint('noise')\nana = hz.Analysis('n')\nana.region('r', hz.count(hz.events().Muon) > 0)\n"
    )
    assert hzdsl("run", "noise.py", "zz.root", "--json").stdout.startswith("{")


def test_a_program_that_exits_makes_no_analysis(here, hzdsl):
    (here / "exits.py").write_text("raise SystemExit(0)\n")
    done = hzdsl("run", "exits.py", "zz.root", "--json", status=4)
    assert "exits with 0 instead of making an analysis" in done.stderr


def test_an_address_that_is_none(here, hzdsl):
    assert "is not an address" in hzdsl("run", "dimuon.toml", "http://[::1", status=3).stderr


def test_names_are_not_empty(here, hzdsl):
    (here / "empty.toml").write_text("[regions]\n'' = ['count(Muon) > 0']\n")
    assert "the name of a region is ''" in hzdsl("run", "empty.toml", "zz.root", status=4).stderr
