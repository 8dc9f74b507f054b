"""``hzdsl datacard`` and ``hzdsl combine-cards``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hzdsl.stats.cards.reader import read_card
from tests.stats.cards.histograms import write_histograms
from tests.stats.cards.texts import text

LINES = (
    "lumi lnN 1.02 1.02 - 1.02 0.98/1.03", "side gmN 25 - 0.1 - - -", "jes shape 1 - - - -",
    "z_norm rateParam * z 1 [0,5]", "mH param 125 0.2", "theory group = lumi jes", "* autoMCStats 10",
)  # fmt: skip


@pytest.fixture
def cards(tmp_path, monkeypatch):
    """A folder with cards and the histograms of one of them; the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("card.txt").write_text(text(*LINES))
    Path("counting.txt").write_text(
        "bin sr\nobservation 3\nbin sr sr\nprocess h z\nprocess 0 1\nrate 1 2\nlumi lnN 1.1 -\n"
    )
    contents = {
        "a/data_obs": [3.0, 2.0], "a/h": [0.3, 0.7], "a/h_jesUp": [0.4, 0.7], "a/h_jesDown": [0.2, 0.7],
        "a/z": [3.0, -0.5], "b/data_obs": [6.0], "b/h": [3.0], "b/z": [0.85],
    }  # fmt: skip
    write_histograms(Path("in.root"), contents)
    return tmp_path


def test_what_is_shown(cards, hzdsl) -> None:
    shown = hzdsl("datacard", "card.txt")
    assert shown.stdout.startswith(
        "card.txt: 2 channels, 3 processes (1 signal), 3 systematic uncertainties\n\nrates\n"
    )
    rows = [line.split() for line in shown.stdout.splitlines()]
    for row in (
        ["observed", "5", "integral"],
        ["h", "signal", "1", "3"],
        ["z", "2.5", "integral"],
        ["background", "sum", "2.5", "integral"],
        ["lumi", "lnN", "0.98", "…", "1.03", "a,", "b", "h,", "z"],
        ["side", "gmN", "N", "=", "25,", "α", "0.1", "a", "z"],
        ["jes", "shape", "1", "σ", "a", "h"],
        ["z_norm", "rateParam", "1,", "0", "…", "5", "a,", "b;", "z"],
        ["mH", "param", "125", "±", "0.2"],
        ["theory", "lumi,", "jes"],
        ["b", "10", "does", "not", "count", "1"],
    ):
        assert row in rows, row
    assert shown.stderr == ""


def test_histograms_are_read_when_asked(cards, hzdsl) -> None:
    shown = hzdsl("datacard", "card.txt", "--check")
    rows = [line.split() for line in shown.stdout.splitlines()]
    assert ["observed", "5", "6"] in rows
    assert ["z", "2.5", "0.85"] in rows
    assert shown.stderr.splitlines() == [
        "note: z in channel a is negative in 1 bin: fits take 1e-9 instead",
        "note: channel a has data, and no background, in bin 2",
    ]
    Path("in.root").unlink()
    hzdsl("datacard", "card.txt")
    missing = hzdsl("datacard", "card.txt", "--check", status=3)
    assert missing.stderr.startswith("error[file-missing]: there is no file in.root\n  at card.txt:1\n")


def test_one_document(cards, hzdsl) -> None:
    document = json.loads(hzdsl("datacard", "card.txt", "--json", "--check").stdout)
    assert document["channels"] == [{"name": "a", "observed": 5.0}, {"name": "b", "observed": 6.0}]
    assert [r["rate"] for r in document["rates"]] == [1, 2.5, 0, 3, 0.85]
    assert json.loads(hzdsl("datacard", "card.txt", "--json").stdout)["channels"][1]["observed"] == -1


def test_edits(cards, hzdsl) -> None:
    with Path("card.txt").open("a") as file:
        file.write("nuisance edit rename z * lumi lumi_z\nnuisance edit drop * * jes\n")
    shown = hzdsl("datacard", "card.txt")
    assert "edits that are not applied" in shown.stdout
    assert shown.stderr == "note: jes has no effect on any process with a rate\n"
    assert "lumi_z" in hzdsl("datacard", "card.txt", "--edit").stdout
    Path("edited.txt").write_text(hzdsl("datacard", "card.txt", "--edit", "--text").stdout)
    assert "lumi_z" in read_card("edited.txt").names()
    Path("again.txt").write_text(hzdsl("datacard", "card.txt", "--text").stdout)
    assert read_card("again.txt") == read_card("card.txt")


def test_mistakes(cards, hzdsl) -> None:
    Path("bad.txt").write_text(text("lumi lnN 1.02", "jes shap 1 - - - -"))
    said = hzdsl("datacard", "bad.txt", status=4)
    assert said.stdout == ""
    assert [line for line in said.stderr.splitlines() if "at bad.txt" in line] == ["  at bad.txt:14", "  at bad.txt:15"]
    assert "error[file-missing]: there is no datacard bat.txt" in hzdsl("datacard", "bat.txt", status=3).stderr
    assert "give one" in hzdsl("datacard", "card.txt", "--json", "--text", status=2).stderr
    Path("old.txt").write_text(Path("counting.txt").read_text().replace("sr", "1"))
    assert "begins with a digit" in hzdsl("datacard", "old.txt", status=4).stderr
    assert hzdsl("datacard", "old.txt", "--lenient").stdout.startswith("old.txt: 1 channel, 2 processes (1 signal)")


def test_mass_and_keywords(cards, hzdsl) -> None:
    Path("mass.txt").write_text(text(shapes="shapes * * in.root $CHANNEL/$PROCESS$MASS$TAG\n"))
    assert "give it: -m 125" in hzdsl("datacard", "mass.txt", "--check", status=4).stderr
    said = hzdsl("datacard", "mass.txt", "--check", "-m", "125", "--keyword-value", "TAG=_mva", status=3).stderr
    assert "in.root has no histogram a/data_obs125_mva" in said
    assert "the keyword MASS" in hzdsl("datacard", "mass.txt", "--check", "--keyword-value", "MASS=1", status=2).stderr


def test_cards_are_combined(cards, hzdsl) -> None:
    Path("out").mkdir()
    hzdsl("combine-cards", "-S", "x=card.txt", "counting.txt", "-o", "out/both.txt")
    both = read_card("out/both.txt")
    assert [c.name for c in both.channels] == ["x_a", "x_b", "ch2"]
    assert {s.file for s in both.shapes} == {"../in.root", "FAKE"}
    assert hzdsl("datacard", "out/both.txt", "--check").stdout
    printed = hzdsl("combine-cards", "-S", "x=card.txt", "counting.txt").stdout
    Path("both.txt").write_text(printed)
    assert {s.file for s in read_card("both.txt").shapes} == {"in.root", "FAKE"}


def test_some_channels_are_combined(cards, hzdsl) -> None:
    printed = hzdsl("combine-cards", "x=card.txt", "-P", "./", "--xc", "b", "-s").stdout
    Path("some.txt").write_text(printed)
    some = read_card("some.txt")
    assert [c.name for c in some.channels] == ["x_a"]
    assert [type(x).__name__ for x in some.lines] == ["RateParam", "AutoStats"]


def test_cards_that_cannot_be_combined(cards, hzdsl) -> None:
    assert "with -S" in hzdsl("combine-cards", "x=card.txt", "y=counting.txt", status=4).stderr
    assert "cannot name channels" in hzdsl("combine-cards", "1=card.txt", status=2).stderr
    assert "is no regular expression" in hzdsl("combine-cards", "card.txt", "--ic", "(", status=2).stderr
    assert "there is no datacard none.txt" in hzdsl("combine-cards", "x=none.txt", status=3).stderr
