"""What is written of a channel: a card that the reader of cards reads, and the histograms that it names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import uproot

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.reader import read_card
from hzdsl.stats.cards.records import Card, Effect, RateParam, Systematic
from hzdsl.stats.harvest.cards import CardStyle, write_channels
from hzdsl.stats.harvest.channel import FilledChannel
from hzdsl.stats.harvest.filled import filled_channel
from hzdsl.stats.harvest.model import likelihood_of
from hzdsl.stats.harvest.pseudodata import with_asimov, with_toy
from hzdsl.stats.harvest.uncertainties import Uncertainties
from hzdsl.stats.parameters import Counted, Normal
from hzdsl.stats.setup.opening import read
from tests.stats.harvest.results import HIGGS, WW, histogram, result, usual

UNCERTAIN = Uncertainties(norms={"lumi": 1.012}, include_signal=True)


def channel() -> FilledChannel:
    names, processes = {"jes": "CMS_scale_j"}, ("higgs", "VG", "ww")
    found = filled_channel(usual(), "mt", "sr", processes=processes, systematics=names)
    return with_asimov([found])[0]


def written(folder: Path, given: FilledChannel, style: CardStyle | None = None) -> Card:
    write_channels(given, folder / "sr.txt", folder / "shapes" / "sr.root", UNCERTAIN, style)
    return read_card(folder / "sr.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shapes").mkdir()
    return tmp_path


def test_the_card(folder: Path) -> None:
    written(folder, channel())
    lines = [line.split() for line in (folder / "sr.txt").read_text().splitlines() if not line.startswith("--")]
    assert lines == [
        ["imax", "1", "number", "of", "channels"],
        ["jmax", "2", "number", "of", "processes", "less", "one"],
        ["kmax", "2", "number", "of", "nuisance", "parameters"],
        ["shapes", "*", "*", "shapes/sr.root", "$PROCESS_$CHANNEL", "$PROCESS_$CHANNEL_$SYSTEMATIC"],
        ["bin", "sr"],
        ["observation", "78"],
        ["bin", "sr", "sr", "sr"],
        ["process", "higgs", "VG", "ww"],
        ["process", "0", "1", "2"],
        ["rate", "12", "0", "66"],
        ["lumi", "lnN", "1.012", "1.012", "1.012"],
        ["CMS_scale_j", "shape", "1", "-", "1"],
        ["*", "autoMCStats", "10", "1", "1"],
    ]


def test_nuisance_parameters_need_not_be_counted(folder: Path) -> None:
    written(folder, channel(), CardStyle(counted=False))
    assert "kmax * number of nuisance parameters" in (folder / "sr.txt").read_text().splitlines()


def test_the_histograms(folder: Path) -> None:
    written(folder, channel())
    with uproot.open(folder / "shapes" / "sr.root") as file:
        assert file.keys(cycle=False) == [
            "data_obs_sr", "higgs_sr", "higgs_sr_CMS_scale_jUp", "higgs_sr_CMS_scale_jDown",
            "ww_sr", "ww_sr_CMS_scale_jUp", "ww_sr_CMS_scale_jDown",
        ]  # fmt: skip
        assert {*file.classnames().values()} == {"TH1D"}
        ww = file["ww_sr"]
        assert ww.values(flow=True).tolist() == [0, 11, 22, 33, 0]
        assert ww.variances().tolist() == [13, 27, 43]
        assert ww.axis().edges().tolist() == [0, 10, 30, 100]
        assert file["ww_sr_CMS_scale_jUp"].values().tolist() == [12, 22, 33]
        assert ww.title == "mt(ll) [GeV]"


def test_rates_have_all_digits(folder: Path) -> None:
    """Those of the seed have four decimals, and a rate of 0.00004 is 0 there, but not its histogram."""
    given = filled_channel(result((HIGGS, histogram([0, 1e-5, 2e-5, 1e-5, 0])), (WW, histogram([0, 0.1, 0.2, 1 / 3, 0]))), "mt", "sr")  # fmt: skip
    card = written(folder, with_asimov([given])[0])
    with uproot.open(folder / "shapes" / "sr.root") as file:
        for column in card.columns:
            assert column.rate == pytest.approx(file[f"{column.process}_sr"].values().sum(), rel=1e-15)
        assert card.channels[0].observed == pytest.approx(file["data_obs_sr"].values().sum(), rel=1e-15)
    assert 0 < card.columns[0].rate < 5e-5


def test_names_in_folders(folder: Path) -> None:
    written(folder, channel(), CardStyle("$CHANNEL/$PROCESS", "$CHANNEL/$PROCESS_$SYSTEMATIC"))
    with uproot.open(folder / "shapes" / "sr.root") as file:
        assert file["sr/ww_CMS_scale_jDown"].values().tolist() == [10, 22, 33]


def test_a_process_without_events_has_no_histogram(folder: Path) -> None:
    nothing = [0.0] * 5
    empty = histogram(nothing, jes={"up": nothing, "down": nothing})
    given = result((HIGGS, histogram([0, 1, 2, 3, 0])), (WW, empty))
    card = written(folder, with_asimov([filled_channel(given, "mt", "sr")])[0])
    assert [(c.process, c.rate) for c in card.columns] == [("higgs", 6), ("ww", 0)]
    with uproot.open(folder / "shapes" / "sr.root") as file:
        assert file.keys(cycle=False) == ["data_obs_sr", "higgs_sr"]


def test_without_data_nothing_is_written(folder: Path) -> None:
    with pytest.raises(HzdslError, match="no histogram of data") as caught:
        write_channels(filled_channel(usual(), "mt", "sr"), folder / "sr.txt", folder / "shapes" / "sr.root")
    assert caught.value.code == "histogram-missing"
    assert [p.name for p in folder.rglob("*") if p.is_file()] == []


def test_several_signals(folder: Path) -> None:
    vbf = replace(HIGGS, name="vbf")
    shape = histogram([0, 1, 2, 3, 0])
    given = filled_channel(result((HIGGS, shape), (vbf, shape), (WW, shape)), "mt", "sr")
    card = written(folder, with_asimov([given])[0])
    assert [(c.process, c.number) for c in card.columns] == [("higgs", -1), ("vbf", 0), ("ww", 1)]
    assert np.isclose(sum(c.rate for c in card.columns), card.channels[0].observed)


# ---- several channels, and likelihoods of them -------------------------------------------------------------------------


def both() -> list[FilledChannel]:
    """Two channels of one run, of which the second lacks a process."""
    names = {"sr": ("higgs", "ww"), "cr": ("ww",)}
    return with_toy([filled_channel(usual(), "mt", c, processes=of) for c, of in names.items()], seed=3)


def test_one_card_of_several_channels(tmp_path: Path) -> None:
    card = write_channels(both(), tmp_path / "card.txt")
    assert [(c.name, c.number) for c in card.columns] == [(("sr", "higgs"), 0), (("sr", "ww"), 1), (("cr", "ww"), 1)]
    (jes,) = card.of(Systematic)
    assert (jes.name, jes.kind, [*jes.effects]) == ("jes", "shape", [("sr", "higgs"), ("sr", "ww"), ("cr", "ww")])
    with uproot.open(tmp_path / "card.root") as file:
        assert [k for k in file.keys(cycle=False) if k.endswith("_cr")] == ["data_obs_cr", "ww_cr"]


def test_uncertainties_of_some_processes_and_channels(tmp_path: Path) -> None:
    given = Uncertainties(
        norms={"lumi": 1.02, "xsec": {"ww": (0.9, 1.05)}, "eff": {"sr/*": 1.01}}, free={"scale": "ww"}, threshold=None
    )
    card = write_channels(both(), tmp_path / "card.txt", uncertainties=given)
    found = {s.name: s.effects for s in card.of(Systematic)}
    assert {c: e.up for c, e in found["lumi"].items()} == dict.fromkeys([c.name for c in card.columns], 1.02)
    assert found["xsec"] == {("sr", "ww"): Effect(1.05, 0.9), ("cr", "ww"): Effect(1.05, 0.9)}
    assert [*found["eff"]] == [("sr", "higgs"), ("sr", "ww")]
    assert [(x.name, x.channel, x.process) for x in card.of(RateParam)] == [
        ("scale", "sr", "ww"),
        ("scale", "cr", "ww"),
    ]
    assert card.auto_stats() == {}


@pytest.mark.parametrize("given", [None, Uncertainties({"lumi": 1.02}, {"scale": ["sr/ww", "cr/ww"]}), Uncertainties(threshold=None)])  # fmt: skip
def test_the_likelihood_is_that_of_the_card(given: Uncertainties | None, tmp_path: Path) -> None:
    """The same parameters, and the same -ln L to the last bit, wherever they are."""
    write_channels(both(), tmp_path / "card.txt", uncertainties=given)
    stored, held = read(tmp_path / "card.txt"), likelihood_of(both(), given)
    assert stored.parameters.names == held.parameters.names
    assert [p.constraint for p in stored.parameters] == [p.constraint for p in held.parameters]
    rng = np.random.default_rng(1)
    for _ in range(5):
        x = held.parameters.values + 0.3 * rng.random(len(held.parameters))
        assert stored.value(x) == held.value(x)


def test_statistics_are_in_it_unless_said() -> None:
    """3 bins of 12 to 43 effective events: Gaussian, of those with fewer a Poisson parameter for each process."""
    kinds = {type(p.constraint) for p in likelihood_of(both(), Uncertainties(threshold=20)).parameters}
    assert kinds == {type(None), Normal, Counted}


REFUSED = {
    "process": ({"norms": {"xsec": {"wv": 1.1}}}, "name-unknown", "xsec is of 'wv', which is no process"),
    "free": ({"free": {"scale": "cr/higgs"}}, "name-unknown", "'cr/higgs', which is no process"),
    "kappa": ({"norms": {"lumi": -1.0}}, "parameter", "the uncertainty lumi is -1.0"),
    "kappas": ({"norms": {"lumi": (0.9, 1.0, 1.1)}}, "parameter", "factors (down, up)"),
    "text": ({"norms": {"lumi": "2%"}}, "parameter", "'2%'"),
    "threshold": ({"threshold": -1}, "parameter", "is -1"),
    "shape too": ({"norms": {"jes": 1.1}}, "datacard", "jes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_uncertainties_that_make_no_sense(name: str, tmp_path: Path) -> None:
    given, code, said = REFUSED[name]
    for made in (
        lambda: write_channels(both(), tmp_path / "card.txt", uncertainties=Uncertainties(**given)),
        lambda: likelihood_of(both(), Uncertainties(**given)),
    ):
        with pytest.raises(HzdslError) as caught:
            made()
        assert caught.value.code == code
        assert said in str(caught.value)
    assert [*tmp_path.iterdir()] == []


def test_names_that_no_card_can_have(tmp_path: Path) -> None:
    given = with_asimov([filled_channel(usual(), "mt", "4mu")])
    with pytest.raises(HzdslError, match="the channel 4mu begins with a digit"):
        write_channels(given, tmp_path / "card.txt")
    assert [*tmp_path.iterdir()] == []
