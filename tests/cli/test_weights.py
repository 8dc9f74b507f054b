"""Weights and variations on the command line: shown before a run, and in its tables."""

from __future__ import annotations

import json
import math
from pathlib import Path

PROGRAM = """
import hzdsl as hz
from hzdsl import GeV

ev = hz.events("nanoaod")
ana = hz.Analysis("weights")
pt = hz.vary(ev.Muon.pt, scale=(1.1 * ev.Muon.pt, 0.9 * ev.Muon.pt))
one = ana.region("one", {"hard": hz.any(pt > 20 * GeV)}, on="simulation")
two = ana.region("two", {"soft": ~hz.any(pt > 20 * GeV)})
ana.exclusive(one, two)
ana.weight("half", hz.where(hz.count(ev.Muon) > 1, 0.5, -2.0))
ana.lumi_mask(hz.count(ev.Muon) < 4)
ana.histogram("n", hz.count(ev.Muon), bins=5, range=(0, 5), region=[one, two])
ana.histogram("all", hz.count(ev.Muon), bins=5, range=(0, 5))
ana.sample("zz", "zz.root")
ana.sample("seen", "seen.root", kind="data")
"""


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()]


def test_show_says_what_is_weighted_and_what_varies(here, hzdsl) -> None:
    Path("weights.py").write_text(PROGRAM)
    shown = hzdsl("show", "weights.py").stdout
    assert "region one (on simulation)" in shown
    assert ["one, two"] in rows(shown)
    assert ["half", "simulation", "where(count(Muon) > 1, 0.5, -2.0)"] in rows(shown)
    assert ["luminosity mask", "data", "count(Muon) < 4"] in rows(shown)
    for cells in (["histogram", "scale"], ["one/n", "changes"], ["two/n", "changes"], ["all", "cannot change"]):
        assert cells in rows(shown)
    plain = json.loads(hzdsl("show", "weights.py", "--format", "json").stdout)
    assert plain["variations"] == {"scale": {"one/n": "changes", "two/n": "changes", "all": "cannot change"}}
    assert "weight half on simulation: %" in hzdsl("show", "weights.py", "--ir").stdout


def test_tables_have_sums_of_weights_and_their_errors(here, hzdsl) -> None:
    Path("weights.py").write_text(PROGRAM)
    made = json.loads(hzdsl("run", "weights.py", "--json").stdout)
    last = made["samples"]["zz"]["regions"]["one"]["cutflow"][-1]
    decimals = max(0, 1 - math.floor(math.log10(math.sqrt(last["sumw2"]))))
    text = hzdsl("run", "weights.py").stdout
    assert f"{last['sumw']:.{decimals}f} ± {math.sqrt(last['sumw2']):.{decimals}f} ({last['events']})" in text
    assert set(made["histograms"]["two/n"]["variations"]["scale"]) == {"up", "down"}
    assert made["samples"]["seen"]["masked"] > 0
    assert list(made["samples"]["seen"]["regions"]) == ["two"]
