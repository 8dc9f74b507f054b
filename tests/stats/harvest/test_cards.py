"""What is written of a channel: a card that the reader of cards reads, and the histograms that it names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import uproot

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.reader import read_card
from hzdsl.stats.cards.records import AutoStats, Card
from hzdsl.stats.harvest.cards import Style, write_channel
from hzdsl.stats.harvest.contents import checked
from hzdsl.stats.harvest.filled import FilledChannel, Wanted, filled_channel
from hzdsl.stats.harvest.pseudodata import with_asimov
from tests.stats.harvest.results import HIGGS, WW, histogram, result, usual

STYLE = Style(norms={"lumi": 1.012}, auto_stats=AutoStats("*", 10, True, 1))


def channel() -> FilledChannel:
    found = checked(filled_channel(usual(), "mt", "sr", Wanted(("higgs", "VG", "ww"), {"jes": "CMS_scale_j"})))
    return with_asimov([found])[0]


def written(folder: Path, given: FilledChannel, style: Style = STYLE) -> Card:
    write_channel(given, folder / "sr.txt", folder / "shapes" / "sr.root", style)
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
    written(folder, channel(), Style(counted=False))
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
    written(folder, channel(), Style("$CHANNEL/$PROCESS", "$CHANNEL/$PROCESS_$SYSTEMATIC"))
    with uproot.open(folder / "shapes" / "sr.root") as file:
        assert file["sr/ww_CMS_scale_jDown"].values().tolist() == [10, 22, 33]


def test_a_process_without_events_has_no_histogram(folder: Path) -> None:
    nothing = [0.0] * 5
    empty = histogram(nothing, jes={"up": nothing, "down": nothing})
    given = result((HIGGS, histogram([0, 1, 2, 3, 0])), (WW, empty))
    card = written(folder, with_asimov([checked(filled_channel(given, "mt", "sr"))])[0])
    assert [(c.process, c.rate) for c in card.columns] == [("higgs", 6), ("ww", 0)]
    with uproot.open(folder / "shapes" / "sr.root") as file:
        assert file.keys(cycle=False) == ["data_obs_sr", "higgs_sr"]


def test_without_data_nothing_is_written(folder: Path) -> None:
    with pytest.raises(HzdslError, match="no histogram of data") as caught:
        write_channel(filled_channel(usual(), "mt", "sr"), folder / "sr.txt", folder / "shapes" / "sr.root")
    assert caught.value.code == "histogram-missing"
    assert [p.name for p in folder.rglob("*") if p.is_file()] == []


def test_several_signals(folder: Path) -> None:
    vbf = replace(HIGGS, name="vbf")
    shape = histogram([0, 1, 2, 3, 0])
    given = filled_channel(result((HIGGS, shape), (vbf, shape), (WW, shape)), "mt", "sr")
    card = written(folder, with_asimov([given])[0])
    assert [(c.process, c.number) for c in card.columns] == [("higgs", -1), ("vbf", 0), ("ww", 1)]
    assert np.isclose(sum(c.rate for c in card.columns), card.channels[0].observed)
