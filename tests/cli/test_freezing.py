"""``--freeze``, ``--freeze-group`` and ``--fit-first``, and what Combine calls them: bins of simulation are meant, too."""

from __future__ import annotations

import json

import pytest

from tests.stats.combine.cards import write

NOTE = "note: statistics of simulation is frozen in 4 bins\n"


@pytest.fixture
def card(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    return write(tmp_path, "sr autoMCStats 0 1\nG group = lumi asym\n").name


def fitted(shown) -> dict[str, float]:
    """Return r, the error of it, and which parameters were free."""
    (found,) = json.loads(shown.stdout)["results"]
    k = found["parameters"].index("r")
    free = [n for n, f in zip(found["parameters"], found["free"], strict=True) if f]
    return {"r": found["values"][k], "error": found["errors"][k], "free": free}


def test_stat_only_fits_before_and_after_a_fit(card, hzdsl) -> None:
    line = ("--range", "r=-20,20", "--json", "--freeze", "allConstrainedNuisances")
    whole = fitted(hzdsl("fit", card, *line[:3]))
    before, after = hzdsl("fit", card, *line), hzdsl("fit", card, *line, "--fit-first")
    assert before.stderr == after.stderr == NOTE
    assert fitted(before)["free"] == fitted(after)["free"] == ["r"]
    assert fitted(after)["r"] == pytest.approx(whole["r"], abs=1e-4)
    assert abs(fitted(before)["r"] - whole["r"]) > 0.05
    assert fitted(after)["error"] < whole["error"]
    bins = fitted(hzdsl("fit", card, *line[:3], "--freeze-group", "autoMCStats"))
    assert len(bins["free"]) == 5
    assert fitted(after)["error"] < bins["error"] < whole["error"]


def test_the_same_in_combines_words(card, hzdsl) -> None:
    line = ("combine", "-M", "MultiDimFit", card, "--setParameterRanges", "r=-20,20", "--json")
    every = ("--freezeParameters", "allConstrainedNuisances")
    ours = fitted(hzdsl("fit", card, "--range", "r=-20,20", "--json", "--freeze", "allConstrainedNuisances"))
    assert fitted(hzdsl(*line, *every)) == ours
    after = hzdsl(*line, *every, "--snapshotName", "MultiDimFit")
    assert fitted(after)["r"] == pytest.approx(fitted(hzdsl(*line))["r"], abs=1e-4)
    assert NOTE in hzdsl(*line, "--freezeNuisanceGroups", "autoMCStats").stderr
    assert "there is no snapshot 'other'" in hzdsl(*line, "--snapshotName", "other", status=4).stderr


def test_asimov_data_are_fitted_before(card, hzdsl) -> None:
    line = ("fit", card, "--range", "r=-20,20", "--json", "--asimov", "--expect", "2")
    found = fitted(hzdsl(*line, "--freeze", "allConstrainedNuisances", "--fit-first"))
    assert found["r"] == pytest.approx(2, abs=1e-6)


def test_the_breakdown_has_a_row_of_simulation(card, hzdsl) -> None:
    shown = hzdsl("impacts", card, "--range", "r=-20,20", "--breakdown", "--json")
    impacts, sources = json.loads(shown.stdout)["results"]
    assert list(sources["in_turn"]) == ["G", "others", "simulation statistics", "statistical"]
    assert list(impacts["groups"]) == ["G", "simulation statistics"]


def test_a_fit_before_is_for_what_is_frozen(card, hzdsl) -> None:
    assert "give --freeze or --freeze-group with it" in hzdsl("fit", card, "--fit-first", status=2).stderr
