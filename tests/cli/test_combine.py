"""``hzdsl combine``: the expected numbers of ../shared/data/stats/README.md, and what is said of options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "stats"
TUTORIALS = SHARED / "combine" / "tutorials"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data/stats")
MODEL = "HiggsAnalysis.CombinedLimit.PhysicsModel"
COUNTING = TUTORIALS / "counting" / "realistic-counting-experiment.txt"
TWO_SIGNALS = TUTORIALS / "CAT23001" / "datacard-5-multi-signal.txt"
ROUTINES = TUTORIALS / "statistical_routines_tutorial" / "datacard.txt"
TEMPLATES = TUTORIALS / "CAT23001" / "datacard-2-template-analysis.txt"
#: README: values within 0.03 errors, errors within 3 %.
SHIFT, ERRORS = 0.03, 0.03


@pytest.fixture
def combine(hzdsl):
    """Run a command line of Combine; return its results."""

    def run(*args, status: int = 0):
        return json.loads(hzdsl("combine", *args, "--json", status=status).stdout)["results"]

    return run


def near(interval: dict, value: float, minus: float, plus: float) -> None:
    """Assert an interval within the tolerances of the README."""
    down, up = interval["value"] - interval["low"], interval["high"] - interval["value"]
    assert abs(interval["value"] - value) < SHIFT * min(minus, plus)
    assert down == pytest.approx(minus, rel=ERRORS)
    assert up == pytest.approx(plus, rel=ERRORS)


# ---- the expected numbers ---------------------------------------------------------------------------------------


@shared
@pytest.mark.shared
def test_c1_limits(combine) -> None:
    (limits,) = combine("-M", "AsymptoticLimits", COUNTING)
    assert limits["observed"] == pytest.approx(1.6281, rel=0.01)
    assert limits["expected"] == pytest.approx([0.9640, 1.4329, 2.3281, 3.9800, 6.6194], rel=0.01)


@shared
@pytest.mark.shared
def test_c2_no_significance(combine) -> None:
    (found,) = combine("-M", "Significance", COUNTING)
    assert (found["z"], found["p"]) == (0, 0.5)


@shared
@pytest.mark.shared
def test_c3_a_parameter_per_signal(combine) -> None:
    maps = ("--PO", "map=.*/ggH:r_ggH[1,-10,20]", "--PO", "map=.*/qqH:r_qqH[1,-10,20]")
    model = ("-P", f"{MODEL}:multiSignalModel")
    (fit,) = combine("-M", "MultiDimFit", TWO_SIGNALS, *model, *maps, "--algo", "singles", "--mass", "125")
    near(fit["minos"]["r_ggH"], 0.882, 0.749, 0.795)
    near(fit["minos"]["r_qqH"], 4.683, 2.746, 3.464)


@shared
@pytest.mark.shared
def test_c4_compatibility_of_channels(combine) -> None:
    (found,) = combine("-M", "ChannelCompatibilityCheck", TWO_SIGNALS, "-m", "125")
    near(found["common"], 1.4812, 0.5987, 0.6644)
    near(found["channels"]["dijet"], 3.5554, 1.8576, 2.3619)
    near(found["channels"]["incl"], 1.1506, 0.6393, 0.6939)
    assert found["chi2"] == pytest.approx(1.5417, rel=0.01)


@shared
@pytest.mark.shared
def test_c5_production_modes(combine) -> None:
    card = TUTORIALS / "multiDim" / "toy-hgg-125.txt"
    model = ("-P", f"{MODEL}:floatingXSHiggs", "--PO", "modes=ggH,qqH", "-m", "125")
    (fit,) = combine("-M", "MultiDimFit", card, *model, "--algo", "singles")
    for name, value, error in (("r_ggH", 0.882, 0.749), ("r_qqH", 4.683, 2.746)):
        assert abs(fit["minos"][name]["value"] - value) < SHIFT * error


@shared
@pytest.mark.shared
def test_c6_a_counting_experiment(combine) -> None:
    (fit,) = combine("-M", "MultiDimFit", ROUTINES, "--algo", "singles", "--setParameterRanges", "r=-10,10")
    near(fit["minos"]["r"], 0.260, 1.004, 1.265)
    (significance,) = combine("-M", "Significance", ROUTINES)
    assert significance["z"] == pytest.approx(0.2391, abs=0.01)


@shared
@pytest.mark.shared
def test_c7_interpolated_shapes(combine) -> None:
    card = SHARED / "combine-ci" / "template-analysis_shapeInterp.txt"
    (fit,) = combine("-M", "MultiDimFit", card, "-m", "200", "--algo", "singles", "--rMin=-5", "--rMax=5")
    near(fit["minos"]["r"], 0.619, 0.601, 0.608)


@shared
@pytest.mark.shared
def test_c11_functions_of_a_workspace(combine) -> None:
    card = TUTORIALS / "CAT23001" / "datacard-3-parametric-analysis.txt"
    (found,) = combine("-M", "Significance", card, "--mass", "125")
    assert found["z"] == pytest.approx(2.56729, abs=1e-4)


@shared
@pytest.mark.shared
def test_c12_templates_of_a_workspace(combine) -> None:
    (found,) = combine("-M", "Significance", SHARED / "combine-ci" / "hzz4l_datacard.txt")
    assert found["z"] == pytest.approx(4.19851, abs=1e-4)


@shared
@pytest.mark.shared
def test_c14_limits_of_templates(combine) -> None:
    """The asymptotic limit; that from toys, .3315 ± .0142, differs by design (`hzdsl combine -M HybridNew`)."""
    (limits,) = combine("-M", "AsymptoticLimits", TEMPLATES)
    assert limits["observed"] == pytest.approx(0.3531, rel=0.01)


@shared
@pytest.mark.shared
def test_c14_toys_at_the_limit(combine) -> None:
    """Toys at the limit that Combine found from toys: CLs is 5 %, within two errors of so few."""
    line = ("-M", "HybridNew", "--LHCmode", "LHC-limits", "-T", "60", "--singlePoint", "0.3315", "-s", "3")
    (test,) = combine(*line, TEMPLATES)
    above = sum(q >= test["observed"] - 1e-5 for q in test["with_signal"]) / len(test["with_signal"])
    without = sum(q >= test["observed"] - 1e-5 for q in test["without"]) / len(test["without"])
    assert above / without == pytest.approx(0.05, abs=0.08)


@shared
@pytest.mark.shared
def test_seed_004_comes_back_to_its_signal(combine) -> None:
    options = ("-t", "-1", "--expectSignal=1", "-m", "125")
    (both,) = combine("-M", "FitDiagnostics", "--rMin=-5", "--rMax=5", TEMPLATES, *options)
    assert both["signal"]["minos"]["r"]["value"] == pytest.approx(1, abs=1e-6)
    assert both["background"]["values"][both["background"]["parameters"].index("r")] == 0
    (significance,) = combine("-M", "Significance", TEMPLATES, *options)
    assert significance["best"] == pytest.approx(1, abs=1e-6)
    assert significance["z"] > 2


# ---- options ----------------------------------------------------------------------------------------------------

CARD = """
bin sr cr
observation 12 60
bin sr sr cr
process h b b
process 0 1 1
rate 5 8 50
lumi lnN 1.02 1.02 1.02
theory lnN 1.1 - -
scale rateParam * b 1 [0,5]
ratio lnN - 1.2 -
detector group = lumi ratio
"""


@pytest.fixture
def card(tmp_path, monkeypatch):
    """A card of two channels; the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("card.txt").write_text(CARD)
    return "card.txt"


def test_the_asimov_data_are_a_priori_or_after_a_fit(card, combine) -> None:
    line = ("-M", "MultiDimFit", card, "-t", "-1", "--expectSignal", "2")
    (before,) = combine(*line)
    names = before["parameters"]
    assert before["values"][names.index("r")] == pytest.approx(2, abs=1e-6)
    assert before["values"][names.index("scale")] == pytest.approx(1, abs=1e-6)
    (after,) = combine(*line, "--toysFrequentist")
    assert after["values"][names.index("r")] == pytest.approx(2, abs=1e-4)
    assert abs(after["values"][names.index("scale")] - 1) > 0.01
    (nothing,) = combine("-M", "MultiDimFit", card, "-t", "-1", "--rMin", "-5")
    assert nothing["values"][names.index("r")] == pytest.approx(0, abs=1e-6)


def test_parameters_are_set_frozen_and_ranged(card, combine) -> None:
    line = ("-M", "MultiDimFit", card, "--freezeParameters", "rgx{t.*},MH", "--freezeNuisanceGroups", "detector")
    (fit,) = combine(*line, "--setParameters", "theory=0.5", "--setParameterRanges", "r=-1,8:scale=0.5,2")
    free = dict(zip(fit["parameters"], fit["free"], strict=True))
    assert free == {"r": True, "lumi": False, "theory": False, "ratio": False, "scale": True}
    assert fit["values"][fit["parameters"].index("theory")] == 0.5
    (frozen,) = combine("-M", "MultiDimFit", card, "--freezeParameters", "allConstrainedNuisances")
    assert sum(frozen["free"]) == 2
    (others,) = combine("-M", "MultiDimFit", card, "--freezeNuisanceGroups", "^detector")
    assert not others["free"][others["parameters"].index("theory")]
    (scale,) = combine("-M", "MultiDimFit", card, "--redefineSignalPOIs", "scale", "--algo", "singles")
    assert list(scale["minos"]) == ["scale"]


def test_a_grid_has_its_points_in_the_middle_of_bins(card, combine) -> None:
    (scan,) = combine("-M", "MultiDimFit", card, "--algo", "grid", "--points", "4", "--rMax", "4")
    assert scan["grid"][0] == [scan["best"][0], 0.5, 1.5, 2.5, 3.5]
    (ends,) = combine("-M", "MultiDimFit", card, "--algo", "grid", "--points", "3", "--rMax", "4", "--alignEdges", "1")
    assert ends["grid"][0] == [0, ends["best"][0], 2, 4]
    (point,) = combine("-M", "MultiDimFit", card, "--algo", "fixed", "--fixedPointPOIs", "r=1.5")
    rise = "minus_2_delta_ln_l"
    assert point[rise][0] == pytest.approx(scan[rise][2], abs=1e-6)


def test_other_parameters_of_interest_stay_unless_they_float(card, combine) -> None:
    maps = ("-P", f"{MODEL}:multiSignalModel", "--PO", "map=sr/h:a[1,0,9]", "--PO", "map=cr/b:b[1,0,9]")
    (held,) = combine("-M", "MultiDimFit", card, *maps, "-P", "a", "--setParameters", "b=1", status=0)
    assert not held["free"][held["parameters"].index("b")]


def test_limits_need_no_data(card, combine) -> None:
    (blind,) = combine("-M", "AsymptoticLimits", card, "--run", "blind")
    Path("card.txt").write_text(CARD.replace("observation 12 60", "observation 99 99"))
    (again,) = combine("-M", "AsymptoticLimits", card, "--run", "blind")
    assert again["expected"] == blind["expected"]
    assert blind["observed"] == "nan"


def test_toys_of_each_kind(card, combine, hzdsl) -> None:
    line = ("-M", "GenerateOnly", card, "-t", "3", "--expectSignal", "1", "-s", "5")
    (varied,), (frequentist,), (still,) = (
        combine(*line, *more) for more in ((), ("--toysFrequentist",), ("--toysNoSystematics",))
    )
    centers = [[t["centers"] for t in found["toys"]] for found in (varied, frequentist, still)]
    assert centers[0] == centers[2]  # only frequentist toys have other measurements of nuisance parameters
    assert centers[1][0] != centers[1][1]
    assert varied["toys"] != still["toys"]
    assert combine(*line) == [varied]
    both = hzdsl("combine", *line, "--toysFrequentist", "--toysNoSystematics", status=2)
    assert "are two kinds of toys" in both.stderr
    assert "note: seed 5\n" in hzdsl("combine", *line).stderr


def test_toys_instead_of_data(card, combine) -> None:
    (limits,) = combine("-M", "AsymptoticLimits", card, "-t", "4")
    assert len(limits["values"]["observed"]) == 4
    (pulls,) = combine("-M", "MultiDimFit", card, "-t", "10", "--expectSignal", "1", "--rMin", "-5")
    assert pulls["parameters"][0]["truth"] == 1


def test_goodness_of_fit_and_impacts(card, combine) -> None:
    (one,) = combine("-M", "GoodnessOfFit", card, "--algo", "saturated", "-t", "20", "--fixedSignalStrength", "1")
    assert one["p"]["all"]["toys"] == 20
    (impacts,) = combine("-M", "Impacts", "-d", card, "-m", "125", "--named", "lumi", "--doInitialFit")
    assert [i["nuisance"]["name"] for i in impacts["impacts"]] == ["lumi"]


def test_options_that_mean_nothing_are_told(card, hzdsl) -> None:
    shown = hzdsl("combine", "-M", "Significance", card, "--robustFit", "1", "--stepSize", "0.1", "-v", "2",
                  "--algo", "grid")  # fmt: skip
    assert shown.stderr.splitlines() == [
        "note: --robustFit, --stepSize: intervals are always where the profile of the likelihood itself crosses its level",
        "note: --verbose: what is said is always the same",
        "note: --algo has no meaning for -M Significance of the data",
    ]


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        (("-M", "FitDiagnostic"), 2, "did you mean FitDiagnostics?"),
        (("-M", "MarkovChainMC"), 4, "no Bayesian methods are offered"),
        (("-M", "MultiDimFit", "--algo", "gird"), 4, "did you mean grid?"),
        (("-M", "MultiDimFit", "--fastScan"), 4, "Combine's --fastScan is not offered"),
        (("-M", "Significance", "--expectSignl", "1"), 2, "--expectSignal"),
        (("-M", "HybridNew"), 4, "--LHCmode LHC-limits or"),
        (("-M", "HybridNew", "--LHCmode", "LHC-limit"), 2, "did you mean LHC-limits?"),
        (("-M", "AsymptoticLimits", "--rule", "Pmu"), 4, "limits by the rule Pmu are not offered"),
        (("-M", "MultiDimFit", "--freezeParameters", "lumy"), 4, "did you mean lumi?"),
        (("-M", "MultiDimFit", "--freezeNuisanceGroups", "detectr"), 4, "did you mean detector?"),
        (("-M", "MultiDimFit", "--setParameters", "lumi"), 2, "'lumi' is not of the form NAME=VALUE"),
        (("-M", "MultiDimFit", "-P", "a.b:manySignals"), 4, "there is no physics model 'manySignals'"),
        (("-M", "MultiDimFit", "--PO", "map=a:b"), 2, "--PO says options of a physics model, and there is none"),
        (("-M", "MultiDimFit", "-P", "r2"), 4, "there is no parameter 'r2'"),
        (("-M", "GoodnessOfFit", "-t", "-1"), 2, "Asimov data are described perfectly"),
        (("-M", "GenerateOnly",), 2, "nothing is generated"),
    ],
)  # fmt: skip
def test_what_is_refused(card, hzdsl, line, status, said) -> None:
    assert said in hzdsl("combine", *line, card, status=status).stderr


def test_cards_that_are_not_there(card, hzdsl) -> None:
    assert "there is no file no.txt" in hzdsl("combine", "-M", "Significance", "no.txt", status=3).stderr
    assert "there is no datacard" in hzdsl("combine", "-M", "Significance", status=2).stderr


def test_plots_are_drawn_where_combine_draws_them(card, hzdsl) -> None:
    hzdsl("combine", "-M", "AsymptoticLimits", card, "--plots")
    assert Path("higgsCombineTest.AsymptoticLimits.mH120_limit_r.png").is_file()


def test_files_have_combines_names(card, hzdsl) -> None:
    hzdsl("combine", "-M", "Significance", card, "-n", "A", "-m", "125", "--out", "results")
    stem = "results/higgsCombineA.Significance.mH125"
    assert json.loads(Path(f"{stem}.json").read_text())["results"][0]["kind"] == "Significance"
    assert Path(f"{stem}.txt").read_text().startswith("card.txt: datacard, 2 channels, ")
    assert r"\begin{tabular}" in Path(f"{stem}.tex").read_text()


def test_options_may_be_cut_short_as_in_combine(card, combine) -> None:
    whole, short = (
        combine("-M", "Significance", card, "-t", "-1", *words)
        for words in (("--expectSignal", "1", "--toysFrequentist"), ("--expectSignal=1", "--toysFreq"))
    )
    assert whole == short


def test_levels_of_singles_are_refused(card, hzdsl) -> None:
    refused = hzdsl("combine", "-M", "MultiDimFit", card, "--algo", "singles", "--cl", "0.95", status=4)
    assert "intervals of --algo singles are those of 68.3 %" in refused.stderr
