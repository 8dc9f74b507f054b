"""``hzdsl plan`` and ``--max-memory``."""

from __future__ import annotations

import json


def test_all_that_a_run_needs_is_told(here, hzdsl):
    shown = hzdsl("plan", "dimuon.toml").stdout
    rows = [line.split() for line in shown.splitlines()]
    for title in ("inputs", "columns of zz.root", "histograms, counts and exact sums", "memory, at most"):
        assert f"\n{title}\n" in f"\n{shown}"
    assert ["zz", "1", "400"] in [row[:3] for row in rows]
    assert ["seen", "1", "60"] in [row[:3] for row in rows]
    assert ["all", "2", "460"] in [row[:3] for row in rows]
    assert " Muon_pt " in shown
    assert "'two muons' of region pair" in shown
    assert "Python and libraries" in shown
    assert "to be read in 2 chunks of 400 events at most\n" in shown
    assert "histograms: two per thread that wait to be added, one per sample, the result" in shown


def test_one_document_holds_it(here, hzdsl):
    found = json.loads(hzdsl("plan", "dimuon.toml", "zz.root", "--threads", "2", "--json").stdout)
    assert [i["entries"] for i in found["inputs"]] == [400]
    memory = found["memory"]
    per_thread = memory["columns"] + memory["outputs"] + memory["kernel"]
    assert memory["per_thread"] == per_thread
    sets = memory["sets"] * memory["histograms"]
    assert memory["total"] == memory["start"] + 2 * per_thread + sets + memory["ahead"]
    assert found["problem"] == ""


def test_tables_are_planned_where_asked_for(here, hzdsl):
    without = json.loads(hzdsl("plan", "dimuon.toml", "zz.root", "--json").stdout)["memory"]
    tables = json.loads(hzdsl("plan", "dimuon.toml", "zz.root", "--tables", "--json").stdout)["memory"]
    assert without["outputs"] == 0 < tables["outputs"]


def test_a_limit_of_memory(here, hzdsl):
    free = hzdsl("run", "dimuon.toml", "--json").stdout
    assert hzdsl("run", "dimuon.toml", "--json", "--max-memory", "1.5 GB", "-j", "2").stdout == free
    for command in ("run", "plan"):
        refused = hzdsl(command, "dimuon.toml", "--max-memory", "50MB", status=2).stderr
        assert "error[memory]: 50 MB of memory is not enough" in refused
        assert "fix: give it 3" in refused
        assert "is no size with a unit" in hzdsl(command, "dimuon.toml", "--max-memory", "2", status=2).stderr


def test_remarks_are_left_out(here, hzdsl):
    shown = hzdsl("plan", "dimuon.toml", "seen.root")
    assert "note: " in shown.stderr
    assert hzdsl("plan", "dimuon.toml", "seen.root", "-q").stderr == ""
