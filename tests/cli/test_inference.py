"""``hzdsl fit``, ``limit``, ``significance``, ``scan``, ``impacts``, ``gof``, ``compatibility``, ``toys``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from hzdsl.cli.inference.request import Outcome, Subject
from hzdsl.cli.inference.toys import over_toys
from hzdsl.records import dataclass
from hzdsl.stats.methods.toys import How
from hzdsl.stats.setup.opening import opened
from hzdsl.stats.setup.pretended import Pretended

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
detector group = lumi
"""
#: Two channels with a signal each, that do not agree.
TWO = """
bin mu el
observation 16 8
bin mu mu el el
process h b h b
process 0 1 0 1
rate 5 8 5 8
lumi lnN 1.02 - 1.02 -
"""


@pytest.fixture
def card(tmp_path, monkeypatch):
    """A card; the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("card.txt").write_text(CARD)
    return "card.txt"


def results(shown) -> list[dict]:
    return json.loads(shown.stdout)["results"]


CHOICES = Path(__file__).resolve().parents[1] / "stats" / "roofit" / "data" / "choices.root"


def with_an_index(folder: Path) -> str:
    """A card whose background is one of three functions."""
    shapes = "".join(
        f"shapes {p} rows {CHOICES} w:{o}\n" for p, o in (("sig", "sig"), ("bkg", "multi"), ("data_obs", "rows"))
    )
    columns = "bin rows rows\nprocess sig bkg\nprocess 0 1\nrate 20 1\nindex discrete\n"
    (folder / "index.txt").write_text(f"{shapes}bin rows\nobservation -1\n{columns}")
    return "index.txt"


def test_functions_that_an_index_chooses(card, hzdsl) -> None:
    """A fit says which one it took, a scan shows the curves of all, of which the profile is the least."""
    name = with_an_index(Path())
    shown = hzdsl("fit", name, "--range", "r=-3,10").stdout
    assert "8 free parameters, functions chosen by index, of interest: r" in shown
    assert any(line.split()[:2] == ["index", "0"] and "(exp)" in line for line in shown.splitlines())
    scan, envelope = results(hzdsl("scan", name, "--range", "r=-1,4", "--points", "6", "--json"))
    assert set(envelope["curves"]) == {"exp", "bern", "more"}
    least = [min(c) for c in zip(*envelope["curves"].values(), strict=True)]
    assert scan["minus_2_delta_ln_l"] == pytest.approx(least, abs=2e-5)
    assert hzdsl("limit", name).stdout.count("expected") == 5


def test_one_of_the_functions(card, hzdsl) -> None:
    name = with_an_index(Path())
    alone = hzdsl("fit", name, "--range", "r=-3,10", "--set", "index=2", "--freeze", "index").stdout
    assert "q3" in alone
    assert "functions chosen" not in alone
    assert len(results(hzdsl("scan", name, "--range", "r=-1,4", "--points", "3", "--freeze", "index", "--json"))) == 1
    refused = hzdsl("fit", name, "--set", "index=1.5", status=4)
    assert "index = 1.5 chooses no function" in refused.stderr
    assert "there are 0 (exp), 1 (bern), 2 (more)" in refused.stderr


def with_negative_bins(folder: Path) -> str:
    """A card whose background is below 0 in one bin, and whose data are where no background is in another."""
    rows = ["channel,process,systematic,bin,sum_w,sum_ww"]
    contents = {"data_obs": (3, 9, 4), "h": (1, 2, 3), "b": (-0.5, 8, 0)}
    rows += [f"sr,{name},nominal,{k},{x},{abs(x)}" for name, values in contents.items() for k, x in enumerate(values)]
    (folder / "shapes.csv").write_text("\n".join(rows) + "\n")
    shapes = "shapes * * shapes.csv $CHANNEL:$PROCESS $CHANNEL:$PROCESS:$SYSTEMATIC"
    columns = "bin sr sr\nprocess h b\nprocess 0 1\nrate -1 -1\nlumi lnN 1.02 1.02"
    (folder / "negative.txt").write_text(f"{shapes}\nbin sr\nobservation -1\n{columns}\n")
    return "negative.txt"


@pytest.mark.parametrize(("command", "status"), [("fit", 0), ("scan", 0), ("limit", 7)])
def test_what_is_done_with_bins_below_0_is_said(card, hzdsl, command, status) -> None:
    """Also where the method fails, as a limit does that needs data without any background."""
    name = with_negative_bins(Path())
    shown = hzdsl(command, name, status=status)
    assert "note: b in channel sr is negative in 1 bin: fits take 1e-9 instead" in shown.stderr
    assert "note: channel sr has data, and no background, in bin 1, 3" in shown.stderr
    assert "note" not in hzdsl(command, name, "--quiet", status=status).stderr
    if status == 0:
        assert (
            "b in channel sr is negative in 1 bin: fits take 1e-9 instead"
            in json.loads(hzdsl(command, name, "--json").stdout)["notes"]
        )


def test_negative_samples_of_histfactory_are_said(tmp_path, monkeypatch, hzdsl) -> None:
    monkeypatch.chdir(tmp_path)
    mu = [{"name": "mu", "type": "normfactor", "data": None}]
    samples = [
        {"name": "s", "data": [5.0, 6.0], "modifiers": mu},
        {"name": "b", "data": [50.0, 40.0], "modifiers": []},
        {"name": "interference", "data": [-1.0, -2.0], "modifiers": []},
    ]
    document = {
        "version": "1.0.0",
        "channels": [{"name": "SR", "samples": samples}],
        "observations": [{"name": "SR", "data": [55, 42]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
    }
    Path("a.json").write_text(json.dumps(document))
    shown = hzdsl("fit", "a.json")
    assert shown.stderr == "note: interference in channel SR is negative in 2 bins: fits take them as they are\n"
    document["observations"][0]["data"] = [55, -1]
    Path("a.json").write_text(json.dumps(document))
    refused = hzdsl("fit", "a.json", status=4)
    assert "observation 'SR', data holds -1 in bin 1, less than nothing" in refused.stderr
    assert "fix: counts are 0 or more" in refused.stderr


def test_a_fit_is_shown(card, hzdsl) -> None:
    shown = hzdsl("fit", card, "--range", "r=-5,20")
    lines = shown.stdout.splitlines()
    assert lines[0] == "card.txt: datacard, 2 channels, 4 free parameters, of interest: r; observed data"
    assert lines[3].split() == ["parameter", "value", "±", "MINOS"]
    assert lines[5].split()[0] == "r"
    assert any(line.strip().startswith("valid; -ln L = ") for line in lines)
    assert shown.stderr == ""


def test_everything_that_a_fit_can_show(card, hzdsl) -> None:
    shown = hzdsl("fit", card, "--minos", "all", "--background", "--nuisances", "--correlations", "--yields")
    titles = ("fit", "nuisance parameters", "parameters", "what they mean", "strongest correlations",
              "before the fit: sr", "after the fit with signal: cr")  # fmt: skip
    assert set(titles) <= set(shown.stdout.splitlines())
    (fit,) = results(hzdsl("fit", card, "--minos", "r,lumi", "--json"))
    assert list(fit["minos"]) == ["r", "lumi"]


def test_files_are_written(card, hzdsl) -> None:
    shown = hzdsl("fit", card, "--out", "results")
    assert sorted(p.name for p in Path("results").iterdir()) == ["fit.json", "fit.tex", "fit.txt"]
    assert shown.stderr == "written to results: fit.txt, fit.tex, fit.json\n"
    assert Path("results/fit.txt").read_text() == shown.stdout
    assert json.loads(Path("results/fit.json").read_text())["input"] == "card.txt"


def test_plots_are_drawn_beside_the_files(card, hzdsl) -> None:
    shown = hzdsl("limit", card, "--out", "results", "--plots")
    assert shown.stderr == "written to results: limit.txt, limit.tex, limit.json, 1 plot\n"
    assert Path("results/limit_r.png").read_bytes().startswith(b"\x89PNG")


def test_plots_alone_are_drawn_where_one_is(card, hzdsl) -> None:
    """Nothing else is written; a format is that of plots, and means them."""
    assert hzdsl("limit", card, "--plots").stderr == "written to .: 1 plot\n"
    hzdsl("fit", card, "--format", "pdf", "--format", "svg", "--quiet")
    found = sorted(p.name for p in Path().iterdir())
    stems = ("fit_correlations", "fit_pulls", "fit_table")
    assert found == sorted(["card.txt", "limit_r.png", *(f"{s}.{e}" for s in stems for e in ("pdf", "svg"))])
    assert Path("fit_table.pdf").read_bytes().startswith(b"%PDF")


def test_no_plot_is_drawn_twice(card, hzdsl) -> None:
    """A fit and the table of its parameters have the same pulls; yields say when they are expected."""
    hzdsl("fit", card, "--nuisances", "--correlations", "--yields", "--out", "all", "--plots")
    found = sorted(p.stem for p in Path("all").glob("*.png"))
    assert found == sorted(["fit_pulls", "fit_correlations", "fit_table", "fit_parameters_table_1",
                            "fit_parameters_table_2", *(f"fit_shapes_{w}_{c}" for w in ("prefit", "postfit")
                                                        for c in ("sr", "cr"))])  # fmt: skip


def test_parameters_of_simulation_are_counted(tmp_path, monkeypatch, hzdsl) -> None:
    """They are in no list, which says so."""
    from hzdsl.io.histograms import StoredHistogram, write_histograms

    monkeypatch.chdir(tmp_path)
    names = {"data_obs": [9.0, 12.0], "h": [2.0, 4.0], "b": [8.0, 7.0]}
    flow = {n: np.array([0.0, *v, 0.0]) for n, v in names.items()}
    stored = [StoredHistogram((np.arange(3.0),), v, v / 2, n, n, "m [GeV]") for n, v in flow.items()]
    write_histograms("shapes.root", stored)
    Path("card.txt").write_text(
        "shapes * * shapes.root $PROCESS\nbin a\nobservation -1\nbin a a\nprocess h b\nprocess 0 1\nrate -1 -1\n"
        "lumi lnN 1.02 1.02\na autoMCStats 0\n"
    )
    shown = hzdsl("fit", "card.txt", "--nuisances", "--yields")
    assert shown.stdout.count("besides 2 parameters of simulation (autoMCStats), profiled bin by bin") == 2
    assert shown.stdout.count("is profiled in 2 bins, and is in the total alone") == 2
    assert "besides" not in hzdsl("fit", "card.txt", "--freeze-group", "autoMCStats").stdout


def test_tables_in_latex(card, hzdsl) -> None:
    shown = hzdsl("fit", card, "--latex").stdout
    assert shown.startswith("\\begin{table}")
    assert "lumi & 0.00 & $\\pm$ 1.00" in shown


def test_limits_along_the_mass(card, hzdsl) -> None:
    """One card each, whose name has the mass in it; one plot of all."""
    for mass, rate in ((120, 4), (125, 5), (130, 8)):
        Path(f"h_{mass}.txt").write_text(CARD.replace("rate 5", f"rate {rate}"))
    line = ("limit", "h_$MASS.txt", "-m", "130,120,125")
    (series,) = results(hzdsl(*line, "--json"))
    (one,) = results(hzdsl("limit", "h_125.txt", "--json"))
    assert list(series["limits"]) == ["120.0", "125.0", "130.0"]
    assert series["limits"]["125.0"] == one
    shown = hzdsl(*line, "--plots")
    assert shown.stdout.startswith("masses 120, 125, 130; h_120.txt: datacard")
    assert [row.split()[0] for row in shown.stdout.splitlines()[5:8]] == ["120", "125", "130"]
    assert Path("limit_r.png").exists()
    assert "hzdsl limit alone goes through several" in hzdsl("fit", card, "-m", "1,2", status=2).stderr
    assert "give one mass" in hzdsl(*line, "--at", "1", status=2).stderr


def test_no_data_are_said(card, hzdsl) -> None:
    Path("card.txt").write_text(CARD.replace("observation 12 60", "observation 0 0"))
    shown = hzdsl("fit", card, "--freeze", "scale", status=7)
    assert "note: there are no data: nothing is observed in any channel" in shown.stderr
    assert "r is at its bound 0" in shown.stderr
    assert "fix: without data there is an upper limit alone: hzdsl limit" in shown.stderr


def test_a_signal_without_background_cannot_be_tested(card, hzdsl) -> None:
    Path("card.txt").write_text("bin a\nobservation 4\nbin a\nprocess h\nprocess 0\nrate 5\nlumi lnN 1.02\n")
    for line in (("significance",), ("limit",), ("significance", "--toys", "5"), ("limit", "--toys", "5")):
        said = hzdsl(line[0], card, *line[1:], status=7).stderr
        assert "4 events in bin 0 of channel 'a' are seen and none are expected" in said
    scan = hzdsl("scan", card)  # r = 0 is left out, where the likelihood is 0
    assert "failed" not in scan.stdout


def test_a_signal_that_is_too_small_to_be_seen(card, hzdsl) -> None:
    Path("card.txt").write_text(CARD.replace("rate 5", "rate 1e-9"))
    assert "note: r has no effect on what is expected, and stays at 1" in hzdsl("fit", card).stderr


def test_a_fit_at_a_bound_fails(card, hzdsl) -> None:
    shown = hzdsl("fit", card, "--range", "r=0,0.1", status=7)
    assert shown.stderr == (
        "error[fit]: the result cannot be used as it is: r is at its bound 0.1; MINOS interval of r below ends at the "
        "bound 0, above ends at the bound 0.1\n  fix: let r go beyond [0, 0.1]: --range r=LOW,HIGH\n"
    )
    assert "at bound" in shown.stdout


def test_what_data_do_not_determine_fails(card, hzdsl) -> None:
    Path("card.txt").write_text(CARD.replace("detector", "other rateParam sr b 1 [0,5]\ndetector"))
    assert "covariance forced positive definite" in hzdsl("fit", card, "--range", "r=-50,50", status=7).stderr


def test_parameters_of_interest_without_effect(card, hzdsl) -> None:
    Path("card.txt").write_text(CARD.replace("process 0 1 1", "process 2 1 1"))
    shown = hzdsl("fit", card)
    assert shown.stderr == "note: r has no effect on what is expected, and stays at 1\n"
    assert "valid" in shown.stdout
    for name in ("limit", "significance", "scan", "impacts", "compatibility"):
        assert "error[parameter]: r has no effect on what is expected in card.txt" in hzdsl(name, card, status=4).stderr


def test_limits_and_significances(card, hzdsl) -> None:
    (limits,) = results(hzdsl("limit", card, "--json"))
    (observed,) = results(hzdsl("limit", card, "--run", "observed", "--json"))
    (expected,) = results(hzdsl("limit", card, "--run", "expected", "--json"))
    assert (observed["observed"], observed["expected"]) == (limits["observed"], [])
    assert (expected["observed"], expected["expected"]) == ("nan", limits["expected"])
    (test,) = results(hzdsl("limit", card, "--at", limits["observed"], "--json"))
    assert test["cls"] == pytest.approx(0.05, rel=1e-3)
    (looser,) = results(hzdsl("limit", card, "--cl", "0.9", "--json"))
    assert looser["observed"] < limits["observed"]
    (z,) = results(hzdsl("significance", card, "--asimov", "--expect", "1", "--json"))
    assert z["best"] == pytest.approx(1, abs=1e-6)
    (named,) = results(hzdsl("significance", card, "--asimov", "--expect", "r=1", "--json"))
    assert named == z


def _seeded(form) -> tuple[str, ...]:
    return ("--seed", "3") if "--toys" in form else ()


@pytest.mark.parametrize(
    "form",
    [
        (),
        ("--at", "2"),
        ("--toys", "40", "--points", "1,1.5,2,3", "--cls-accuracy", "0"),
        ("--toys", "20", "--at", "2"),
    ],
)
def test_blind_limits_do_not_look_at_the_data(card, hzdsl, form) -> None:
    Path("other.txt").write_text(CARD.replace("observation 12 60", "observation 19 77"))
    one, two = (
        hzdsl("limit", c, "--run", "blind", *form, *_seeded(form), "--json").stdout for c in (card, "other.txt")
    )
    assert one == two.replace("other.txt", card)
    assert json.loads(one)["data"] == "Asimov data of r = 0 (a priori)"


@pytest.mark.parametrize(
    "form",
    [
        (),
        ("--at", "2"),
        ("--toys", "40", "--points", "1,1.5,2,3", "--cls-accuracy", "0"),
        ("--toys", "20", "--at", "2"),
    ],
)
def test_parts_of_limits(card, hzdsl, form) -> None:
    """What is not asked for is not in the result either."""
    seen = "statistic" if form[0:1] == ("--toys",) and "--at" in form else "observed"
    both, observed, expected = (
        hzdsl("limit", card, "--run", what, *form).stdout.partition("\n")[2]
        for what in ("both", "observed", "expected")
    )
    assert seen in both
    assert "expected" in both
    assert seen in observed
    assert "expected" not in observed
    assert seen not in expected
    assert "expected" in expected


@pytest.mark.parametrize("what", ["expected", "blind"])
def test_what_is_expected_has_no_best_fit(card, hzdsl, what) -> None:
    shown = hzdsl("limit", card, "--run", what)
    assert "best fit" not in shown.stdout
    (limits,) = results(hzdsl("limit", card, "--run", what, "--json"))
    assert (limits["observed"], limits["best"]) == ("nan", "nan")


def test_no_rounding_is_printed(card, hzdsl) -> None:
    """What is 0 up to the last digits of a fit is 0."""
    for line in (("gof",), ("impacts",), ("fit", "--nuisances", "--correlations"), ("significance", "--uncapped")):
        shown = hzdsl(line[0], card, *line[1:], "--asimov", "--expect", "0", "--range", "r=-1,20").stdout
        assert "-0.000 " not in shown
        assert not re.search(r"\de-\d", shown.partition("edm")[0])


def test_plots_of_parts_of_limits(card, hzdsl) -> None:
    for what in ("observed", "blind"):
        hzdsl("limit", card, "--run", what, "--out", what, "--plots")
        assert Path(what, "limit_r.png").exists()


def test_blind_limits_have_no_toys_of_data(card, hzdsl) -> None:
    line = ("combine", "-M", "AsymptoticLimits", card, "--run", "blind", "-t", "5")
    assert "does not look at data" in hzdsl(*line, status=2).stderr


def test_toys_of_a_method_follow_from_the_seed(card, hzdsl) -> None:
    line = ("significance", card, "--toys", "30", "--seed", "7")
    one, two = hzdsl(*line, "--json"), hzdsl(*line, "--json", "-j", "2")
    assert results(one) == results(two)
    assert json.loads(one.stdout)["seed"] == 7
    assert hzdsl(*line).stderr == "note: seed 7\n"
    assert results(hzdsl(*line[:-1], "8", "--json")) != results(one)
    (limits,) = results(hzdsl("limit", card, "--toys", "40", "--points", "1,2,3", "--json"))
    assert [p["mu"] for p in limits["points"]] == [1, 2, 3]


def test_scans(card, hzdsl) -> None:
    (scan,) = results(hzdsl("scan", card, "--range", "r=0,4", "--points", "5", "--json"))
    assert scan["grid"][0] == pytest.approx([0, scan["best"][0], 1, 2, 3, 4])
    (two,) = results(hzdsl("scan", card, "--range", "r=0,4", "--poi", "r,scale", "--points", "9", "--json"))
    assert [len(axis) for axis in two["grid"]] == [3, 3]
    (line,) = results(
        hzdsl("scan", card, "--poi", "r,scale", "--range", "r=-9,20", "--contour", "--points", "6", "--json")
    )
    assert len(line["points"]) == 6
    (region,) = results(
        hzdsl("scan", card, "--range", "r=0,4", "--points", "2", "--feldman-cousins", "--toys", "9", "--json")
    )
    assert len(region["p"]) == 2
    assert "lumi,theory,r" not in hzdsl("scan", card, "--poi", "lumi,theory,r", status=2).stderr


def test_impacts_with_groups_and_sources(card, hzdsl) -> None:
    impacts, sources = results(hzdsl("impacts", card, "--breakdown", "--json"))
    names = {i["nuisance"]["name"] for i in impacts["impacts"]}
    assert names == {"lumi", "theory", "scale"}
    assert list(impacts["groups"]) == ["detector"]
    assert list(sources["in_turn"]) == ["detector", "others", "statistical"]


def test_goodness_of_fit(card, hzdsl) -> None:
    (found,) = results(hzdsl("gof", card, "--test", "saturated", "--json"))
    assert found["p"] == {}
    (thrown,) = results(hzdsl("gof", card, "--toys", "20", "--json"))
    assert thrown["observed"] == found["observed"]
    assert thrown["p"]["all"]["toys"] == 20


def test_compatibility_of_channels(card, hzdsl) -> None:
    Path("two.txt").write_text(TWO)
    (found,) = results(hzdsl("compatibility", "two.txt", "--range", "r=-5,20", "--json"))
    assert found["channels"]["mu"]["value"] == pytest.approx(1.6, abs=1e-3)
    assert found["channels"]["el"]["value"] == pytest.approx(0, abs=1e-3)
    (joint,) = results(hzdsl("compatibility", "two.txt", "-g", "u", "-g", "el", "--toys", "5", "--json"))
    assert joint["ndf"] == 1
    line = ("compatibility", "two.txt", "--toys", "60", "--json")
    assert results(hzdsl(*line, "-j", "3")) == results(hzdsl(*line))
    assert "no channel has 'tau' in its name" in hzdsl("compatibility", "two.txt", "-g", "tau", status=2).stderr
    apart = hzdsl("compatibility", card)
    assert apart.stderr == "note: cr has no signal\n"


def test_toys(card, hzdsl) -> None:
    (pulls,) = results(hzdsl("toys", card, "--toys", "12", "--expect", "1", "--range", "r=-9,20", "--json"))
    assert pulls["parameters"][0]["truth"] == 1
    (limits,) = results(hzdsl("toys", card, "--toys", "3", "--of", "limit", "--json"))
    assert len(limits["values"]["observed"]) == 3
    (data,) = results(hzdsl("toys", card, "--toys", "2", "--of", "data", "--after-fit", "--json"))
    assert [sorted(t["channels"]) for t in data["toys"]] == [["cr", "sr"]] * 2


def test_toys_at_bounds_are_counted(card, hzdsl) -> None:
    shown = hzdsl("toys", card, "--toys", "20", "--expect", "0")
    assert re.search(r"; \d+ of \d+ intervals of r end at a bound", shown.stdout)
    assert "at a bound" not in hzdsl("toys", card, "--toys", "5", "--expect", "3", "--range", "r=-2,40").stdout


def test_toys_with_problems_are_not_counted(card) -> None:
    """As those of fits that end at a bound: their numbers are not those of the method."""

    @dataclass(frozen=True)
    class Picky:
        name: str = "events"
        random: bool = False
        signal: bool = False

        def run(self, subject: Subject) -> Outcome:
            n = float(subject.likelihood.observation.channels["sr"][0])
            return Outcome((), ("too many events", "far too many") if n > 12 else (), {"events": n})

    found = opened([card])
    (record,) = over_toys(Picky(), Subject(found.likelihood, found, Pretended(40), How(seed=2))).records
    assert record.values["events"].max() <= 12
    assert record.failures == {"too many events; far too many": 40 - len(record.values["events"])}


def test_what_toys_differ_in(card, hzdsl) -> None:
    """Global observables are drawn, unless nuisance parameters are."""
    line = ("toys", card, "--toys", "4", "--of", "data", "--json")
    (default,), (fitted,), (varied,) = (results(hzdsl(*line, *more)) for more in ((), ("--after-fit",), ("--varied",)))
    centers = [{str(t["centers"]) for t in found["toys"]} for found in (default, fitted, varied)]
    assert [len(c) for c in centers] == [4, 4, 1]
    assert "give one" in hzdsl(*line, "--varied", "--after-fit", status=2).stderr


def test_pulls_of_nuisance_parameters_are_of_width_one(card, hzdsl) -> None:
    """Of global observables that are drawn: lumi itself is hardly measured by the data."""
    (pulls,) = results(hzdsl("toys", card, "--toys", "60", "--poi", "lumi", "--freeze", "r", "--json"))
    assert pulls["parameters"][0]["width"] == pytest.approx(1, abs=0.3)


def test_several_cards_are_one(card, hzdsl) -> None:
    Path("one.txt").write_text(CARD)
    shown = hzdsl("fit", "a=card.txt", "b=one.txt", "--mask", "b_sr", "--mask", "b_cr", "--json")
    (both,) = results(shown)
    (alone,) = results(hzdsl("fit", card, "--json"))
    for name in ("r", "scale"):
        both_at, alone_at = both["parameters"].index(name), alone["parameters"].index(name)
        assert both["values"][both_at] == pytest.approx(alone["values"][alone_at], rel=1e-5)
    assert json.loads(shown.stdout)["input"] == "card.txt, one.txt"


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        (("fit", "no.txt"), 3, "there is no file no.txt"),
        (("fit",), 2, "Missing argument 'INPUT...'"),
        (("fit", "card.txt", "--rang", "r=1,2"), 2, "--range"),
        (("fit", "card.txt", "--range", "r=1"), 2, "'r=1' is not of the form NAME=LOW,HIGH"),
        (("fit", "card.txt", "--range", "r=2,1"), 2, "--range r: 2 is not below 1"),
        (("fit", "card.txt", "--range", "r=nan,5"), 2, "--range r: 'nan' is no finite number"),
        (("limit", "card.txt", "--at", "nan"), 2, "--at: 'nan' is no finite number"),
        (("limit", "card.txt", "--at", "-3"), 4, "limits are on signals of 0 or more"),
        (("limit", "card.txt", "--at", "25"), 4, "--range r=0,25 lets it go there"),
        (("fit", "card.txt", "--set", "r=x"), 2, "'x' is no number"),
        (("fit", "card.txt", "--set", "r=50"), 4, "r = 50 is outside its range [0, 20]"),
        (("fit", "card.txt", "--set", "lumy=1"), 4, "did you mean lumi?"),
        (("fit", "card.txt", "--freeze", "rgx{no.*}"), 4, "no parameter matches rgx{no.*}"),
        (("fit", "card.txt", "--freeze", "rgx{(}"), 2, "'(' is no regular expression"),
        (("fit", "card.txt", "--minos", "lumy"), 4, "did you mean lumi?"),
        (("fit", "card.txt", "--expect", "1"), 2, "give --asimov with it"),
        (("fit", "card.txt", "--mask", "sx"), 4, "there is no parameter 'mask_sx'"),
        (("limit", "card.txt", "--range", "r=0,0.5"), 4, "is above the upper bound 0.5 of r"),
        (("limit", "card.txt", "--poi", "r,scale"), 4, "2 parameters are of interest, and none is named"),
        (("limit", "card.txt", "--run", "blind", "--asimov", "--expect", "1"), 2, "leave --expect out"),
        (("limit", "card.txt", "--run", "blind", "--after-fit"), 2, "does not look at data"),
        (("limit", "card.txt", "--points", "1"), 2, "give --toys with it"),
        (("limit", "card.txt", "--seed", "1"), 2, "--seed is of toys, and none are thrown"),
        (("scan", "card.txt", "-j", "2"), 2, "--threads is of toys, and none are thrown"),
        (("scan", "card.txt", "--cl", "0.9"), 2, "give --contour or --feldman-cousins with it"),
        (("scan", "card.txt", "--toys", "50"), 2, "--toys are those of --feldman-cousins"),
        (("scan", "card.txt", "--contour", "--toys", "50"), 2, "--toys are those of --feldman-cousins"),
        (("scan", "card.txt", "--contour"), 2, "a contour is of two parameters, not 1"),
        (("scan", "card.txt", "--poi", "lumi", "--range", "lumi=,inf"), 2, "--range lumi: 'inf' is no finite number"),
        (("fit", "card.txt", "--map", "a:b[1]"), 2, "has no three numbers"),
        (("fit", "file.root"), 3, "is a ROOT file, which says no model by itself"),
    ],
)  # fmt: skip
def test_what_is_refused(card, hzdsl, line, status, said) -> None:
    Path("file.root").write_bytes(b"root\0\0\0\0")
    assert said in hzdsl(*line, status=status).stderr


def test_help_of_a_name_that_is_a_command_and_a_code(hzdsl) -> None:
    shown = hzdsl("help", "fit").stdout
    assert shown.startswith("# `fit`\n")
    assert shown.endswith("`hzdsl fit --help` explains the command of this name.\n")


def test_a_narrow_terminal_keeps_errors_with_their_values() -> None:
    from hzdsl.results.text import TextTable, fitted

    table = TextTable("t", ("parameter", "before", "±", "after", "±"), (("lumi", "0.0", "± 1.0", "0.1", "± 0.9"),))
    assert [part.header for part in fitted(table, 34)] == [("parameter", "before", "±"), ("parameter", "after", "±")]
