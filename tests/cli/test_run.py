"""``hzdsl run``: what it prints and writes."""

from __future__ import annotations

import csv
import json
import os
import re
import signal

import numpy as np
import pyarrow.parquet
import pytest

from tests.run.muons import muon_file


def document(result):
    """The one JSON document that standard output holds."""
    assert result.stdout.endswith("}\n")
    assert "\n" not in result.stdout[:-1]
    return json.loads(result.stdout)


@pytest.mark.parametrize("backend", ["interpret", "codegen"])
def test_json_of_bare_files(here, hzdsl, backend):
    made = document(hzdsl("run", "dimuon.toml", "zz.root", "--json", "--backend", backend))
    assert list(made)[:5] == ["analysis", "hash", "events", "regions", "histograms"]
    assert "samples" not in made
    assert (made["analysis"], made["events"]) == ("dimuon", 400)
    assert len(made["hash"]) == 64
    pair = made["regions"]["pair"]
    assert [row["cut"] for row in pair["cutflow"]] == ["two muons", "sum(good.charge) == 0"]
    assert pair["selected"] == pair["cutflow"][-1]["events"] == pair["cutflow"][-1]["sumw"]
    every = {"selected": 400, "cutflow": [], "all": {"events": 400, "sumw": 400.0, "sumw2": 400.0}}
    assert made["regions"]["every"] == every
    h = made["histograms"]["pair/pt"]
    assert list(h)[:6] == ["region", "axes", "values", "variances", "underflow", "overflow"]
    assert h["region"] == "pair"
    assert h["axes"][0]["edges"] == [0, 10, 20, 30, 40]
    assert (h["axes"][0]["name"], h["axes"][0]["unit"]) == ("pt", "GeV")
    assert sum(h["values"]) + h["underflow"] + h["overflow"] == 2 * pair["selected"]
    n = made["histograms"]["n"]
    assert n["region"] is None
    assert sum(n["values"]) + n["overflow"] == 400
    assert made["parameters"] == {"min_pt": "5 GeV"}
    assert made["provenance"]["backend"] == backend


def test_samples_of_the_spec(here, hzdsl):
    made = document(hzdsl("run", "dimuon.toml", "--json"))
    assert list(made["samples"]) == ["zz", "seen"]
    assert made["events"] == 460
    assert made["samples"]["zz"]["weight"] == 100 * 0.5 / 1000
    assert list(made["samples"]["seen"]["regions"]) == ["pair"]
    assert list(made["samples"]["zz"])[:3] == ["events", "regions", "histograms"]
    total, zz, seen = (m["regions"]["pair"]["cutflow"][-1] for m in (made, *made["samples"].values()))
    assert total["events"] == zz["events"] + seen["events"]
    assert made["totals"]["data"]["regions"]["pair"]["cutflow"][-1] == seen
    assert made["totals"]["simulation"]["regions"]["pair"]["cutflow"][-1] == zz
    assert total["sumw"] == pytest.approx(zz["events"] * 0.05 + seen["events"], rel=1e-15)


def test_the_folder_of_the_spec_counts(here, hzdsl, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert document(hzdsl("run", here / "dimuon.toml", "--json"))["events"] == 460
    monkeypatch.chdir(here.parent)
    made = document(hzdsl("run", here / "dimuon.toml", "--sample", f"zz={here.name}/zz.root", "--json"))
    assert made["samples"]["zz"]["weight"] == 0.05


def test_sample_options(here, hzdsl):
    muon_file(here / "zz_2.root", n=50, seed=6)
    made = document(hzdsl("run", "dimuon.toml", "--json", "--sample", "zz=zz*.root", "--sample", "new=seen.root"))
    assert {n: (s["events"], s["weight"], s["kind"]) for n, s in made["samples"].items()} == {
        "zz": (450, 0.05, "simulation"),
        "new": (60, 1.0, "simulation"),
    }
    made = document(hzdsl("run", "dimuon.toml", "--json", "--data", "--sample", "new=seen.root"))
    assert made["samples"]["new"]["kind"] == "data"
    made = document(hzdsl("run", "dimuon.toml", "seen.root", "--data", "--json"))
    assert made["events"] == 60


def test_set(here, hzdsl):
    plain, soft, bare = (
        document(hzdsl("run", "dimuon.toml", "zz.root", "--json", *extra))
        for extra in ((), ("--set", "min_pt=20GeV"), ("--set", "min_pt=20"))
    )
    assert soft["hash"] == plain["hash"]
    assert soft["parameters"] == {"min_pt": "20 GeV"}
    assert soft["regions"] == bare["regions"] != plain["regions"]


def test_events_csv(here, hzdsl):
    hzdsl("run", "dimuon.toml", "zz.root", "--events", "e.csv")
    with open("e.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["region", "run", "luminosityBlock", "event", "n_good", "lead"]
    assert list(dict.fromkeys(r["region"] for r in rows)) == ["pair", "every"]
    every = [r for r in rows if r["region"] == "every"]
    assert [int(r["event"]) for r in every] == list(range(400))
    assert all(r["lead"] == "" for r in every)
    hzdsl("run", "dimuon.toml", "zz.root", "--events", "e.parquet")
    table = pyarrow.parquet.read_table("e.parquet")
    assert table.column_names == list(rows[0])
    pair = [r for r in rows if r["region"] == "pair"]
    stored = table["lead"].to_pylist()[: len(pair)]
    assert [np.float32(r["lead"]) for r in pair] == [np.float32(x) for x in stored]
    assert table["lead"].null_count == 400
    hzdsl("run", "dimuon.toml", "--events", "s.csv")
    with open("s.csv", newline="") as file:
        assert next(file).startswith("sample,region,run")


def test_output_folder(here, hzdsl):
    result = hzdsl("run", "dimuon.toml", "-o", "out/deep")
    names = {p.name for p in (here / "out" / "deep").iterdir()}
    assert {"result.json", "yields.txt", "cutflow.txt", "events.csv"} <= names
    assert any(n.endswith(".png") for n in names)
    assert not any(n.startswith(".") for n in names)
    stored = json.loads((here / "out" / "deep" / "result.json").read_text())
    assert stored == document(hzdsl("run", "dimuon.toml", "--json"))
    assert (here / "out" / "deep" / "yields.txt").read_text() in result.stdout
    assert "two muons" in result.stdout


def test_an_output_folder_that_is_there_already(here, hzdsl):
    written = "written to out: events.csv, yields.txt, cutflow.txt, result.json, 2 plots\n"
    assert hzdsl("run", "dimuon.toml", "zz.root", "-o", "out").stderr == written
    assert hzdsl("run", "dimuon.toml", "zz.root", "-o", "out").stderr == written  # the same files again
    for k in range(7):
        (here / "out" / f"other_{k}.png").write_text("of another analysis")
    said = "note: out also holds what this run did not write: other_0.png, other_1.png, other_2.png, other_3.png, "
    assert hzdsl("run", "dimuon.toml", "zz.root", "-o", "out").stderr == f"{said}other_4.png and 2 more\n{written}"
    assert (here / "out" / "other_0.png").read_text() == "of another analysis"


def test_what_is_written_is_said(here, hzdsl):
    given = ("run", "dimuon.toml", "zz.root", "--events", "e.csv", "--plot", "plots")
    assert hzdsl(*given).stderr == "written to plots: 2 plots\nwritten to .: e.csv\n"
    assert hzdsl(*given, "-q").stderr == ""


def test_threads_and_chunks_do_not_show(here, hzdsl):
    one = hzdsl("run", "dimuon.toml", "--json", "--events", "a.csv")
    other = hzdsl("run", "dimuon.toml", "--json", "--events", "b.csv", "--threads", 3, "--chunk-size", 17)
    assert one.stdout == other.stdout
    assert (here / "a.csv").read_bytes() == (here / "b.csv").read_bytes()


def test_python_program(here, hzdsl):
    assert document(hzdsl("run", "dimuon.py", "zz.root", "--json"))["events"] == 400


def test_standard_output_is_json_alone(here, process):
    p = process("run", "dimuon.toml", "--json", "--max-events", 100)
    out, err = p.communicate(timeout=120)
    assert p.returncode == 0
    assert json.loads(out)["events"] == 160
    assert err == "note: at most 100 entries of each sample were read, weights are those of whole samples\n"


def test_a_reader_that_goes_away(here, process):
    read, write = os.pipe()
    os.close(read)
    p = process("run", "dimuon.toml", "--json", stdout=write)
    os.close(write)
    assert p.communicate(timeout=120)[1] == ""
    assert p.returncode == 141


def test_interruption(here, process):
    muon_file(here / "long.root", n=60_000, seed=9)
    terminal, end = os.openpty()  # there a bar shows when the run has begun
    options = ("--backend", "interpret", "--chunk-size", 20, "--threads", 2, "-o", "out")
    p = process("run", "dimuon.toml", "long.root", *options, stderr=end, terminal="xterm")
    os.close(end)
    begun = shown_until(terminal, r"[1-9]\d*/60000 events")
    p.send_signal(signal.SIGINT)
    left = shown_until(terminal, None)
    os.close(terminal)
    out = p.communicate(timeout=60)[0]
    assert (out.startswith("PARTIAL ("), p.returncode) == (True, 130), begun + left
    after_the_bar = left.rpartition("\x1b[2K")[2]  # which is erased
    assert re.match(r"\s*note: missing: \d+ events of 1 file had not been read\s+interrupted after", after_the_bar), (
        left
    )
    assert {p.name for p in (here / "out").iterdir()} == {"partial"}


def shown_until(terminal, pattern):
    """What a process writes to a terminal until a pattern is there; None: until it has ended."""
    shown = ""
    while pattern is None or not re.search(pattern, shown):
        try:
            read = os.read(terminal, 4096)
        except OSError:  # how Linux says that nobody writes any more
            read = b""
        if not read:
            assert pattern is None, f"never shown: {pattern}\n{shown}"
            return shown
        shown += read.decode(errors="replace")
    return shown


def test_base_url_may_be_a_folder(here, hzdsl):
    import uproot

    (here / "far").mkdir()
    (here / "zz.root").rename(here / "far" / "zz.root")
    with uproot.recreate(here / "far" / "t.root") as file:
        file["pt"] = np.histogram([5.0, 15.0, 17.0], bins=4, range=(0, 40))
    text = (here / "dimuon.toml").read_text()
    text = text.replace('file = "seen.root"', 'templates = { "pair/pt" = "t.root:pt" }')
    (here / "far.toml").write_text(text)
    hzdsl("run", "far.toml", status=3)
    made = document(hzdsl("run", "far.toml", "--base-url", "far", "--json"))
    assert made["samples"]["zz"]["events"] == 400
    assert made["samples"]["seen"]["histograms"]["pair/pt"]["values"] == [1, 2, 0, 0]
