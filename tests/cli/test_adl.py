"""The commands read ADL as they read TOML."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from hzdsl.cli.app import app
from tests.run.muons import muon_file

ADL = """
object good : MUO
  select pT > 5
  select |eta| < 2.4
region pair
  select size(good) == 2
  select q(good[0] good[1]) == 0
  histo pt, "pT (GeV)", 4, 0, 40, pT(good)
"""
TOML = """
define = "good = Muon[pt > 5 GeV and abs(eta) < 2.4]"
regions.pair = ["count(good) == 2", "(good[0] + good[1]).charge == 0"]
[[histogram]]
name = "pt"
expr = "good.pt"
bins = 4
range = [0, 40]
region = "pair"
"""


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def test_show_check_and_run(tmp_path: Path) -> None:
    file = str(muon_file(tmp_path / "muons.root", 500))
    adl, toml = written(tmp_path, "a.adl", ADL), written(tmp_path, "a.toml", TOML)
    one, two = (json.loads(said("show", spec, "--format", "json")) for spec in (adl, toml))
    assert one["hash"] == two["hash"]
    assert "both backends agree in every bit" in said("check", adl, file)
    one, two = (json.loads(said("run", spec, file, "--json", "--quiet")) for spec in (adl, toml))
    one, two = (x["histograms"]["pair/pt"] for x in (one, two))
    assert (one["axes"], one["values"], one["variances"]) == (two["axes"], two["values"], two["variances"])
    assert sum(one["values"]) > 0


def test_show_writes_adl(tmp_path: Path) -> None:
    text = said("show", written(tmp_path, "a.toml", TOML), "--format", "adl")
    assert "  histo pt, 4, 0, 40, pT(good)\n" in text
    one, two = (json.loads(said("show", s, "--format", "json"))["hash"]
                for s in (written(tmp_path, "b.adl", text), str(tmp_path / "a.toml")))  # fmt: skip
    assert one == two
    toml = written(tmp_path, "c.toml", TOML + '[parameters]\ncut = "5 GeV"\n')
    result = CliRunner().invoke(app, ["show", toml, "--format", "adl"])
    assert result.exit_code == 4
    assert "  parameter 'cut': ADL has no parameters: write its number\n" in result.output


def test_an_error_ends_with_status_4_and_its_place(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["check", written(tmp_path, "a.adl", ADL.replace("size(good)", "size(god)"))])
    assert result.exit_code == 4
    assert "'god' is not defined" in result.output
    assert "a.adl:6" in result.output
