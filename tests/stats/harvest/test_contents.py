"""Bins that no expectation can have."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.harvest.channel import FilledChannel
from hzdsl.stats.harvest.contents import Negative
from hzdsl.stats.harvest.filled import filled_channel
from tests.stats.harvest.results import HIGGS, WW, histogram, result, usual

GOOD = [0.0, 1.0, 2.0, 3.0, 0.0]


def channel(values: list[float], negative: Negative = "refuse", **varied: dict[str, list[float]]) -> FilledChannel:
    given = result((HIGGS, histogram(GOOD)), (WW, histogram(values, [0, 4, 4, 4, 0], **varied)))
    return filled_channel(given, "mt", "sr", negative=negative)


def refused(values: list[float], negative: Negative = "refuse", **varied: dict[str, list[float]]) -> str:
    with pytest.raises(HzdslError) as caught:
        channel(values, negative, **varied)
    assert caught.value.code == "template"
    return str(caught.value)


def test_what_is_good_stays() -> None:
    refusing, emptying = (filled_channel(usual(), "mt", "sr", negative=n) for n in ("refuse", "zero"))
    for a, b in zip(refusing.processes, emptying.processes, strict=True):
        assert a.nominal.values.tolist() == b.nominal.values.tolist()
        assert [x.values.tolist() for x in a.varied["jes"]] == [x.values.tolist() for x in b.varied["jes"]]
    assert refusing.remarks == emptying.remarks


def test_negative_bins_are_refused_with_where_they_are() -> None:
    assert "sr: process ww is negative: -1 ± 2 in 10-30 GeV" in refused([0, 1, -1, 3, 0])


def test_negative_bins_are_empty_where_that_is_said() -> None:
    """In up and down, too; their error stays, and so do bins that are 0."""
    found = channel([0, 0, -1, 3, 0], "zero", jes={"up": [0, 0, 2, 4, 0], "down": [0, 0, -3, 2, 0]})
    ww = found.processes[1]
    assert ww.nominal.values.tolist() == [0, 0, 3]
    assert ww.nominal.variances.tolist() == [4, 4, 4]
    assert [x.values.tolist() for x in ww.varied["jes"]] == [[0, 0, 4], [0, 0, 2]]
    assert found.remarks == ("sr: process ww is negative: -1 ± 2 in 10-30 GeV: set to 0",)


def test_bins_that_are_negative_when_varied() -> None:
    jes = {"up": [0, 1, 2, 3, 0], "down": [0, 1, -0.5, 3, 0]}
    assert "negative under jes down: -0.5 ± 2 in 10-30 GeV" in refused([0, 1, 2, 3, 0], jes=jes)
    ww = channel([0, 1, 2, 3, 0], "zero", jes=jes).processes[1]
    assert (ww.nominal.values.tolist(), ww.varied["jes"][1].values.tolist()) == ([1, 2, 3], [1, 0, 3])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_no_numbers(bad: float) -> None:
    said = refused(GOOD, "zero", jes={"up": [0, 1, bad, 3, 0], "down": GOOD})
    assert "ww (jes up) has contents that are no numbers" in said


def test_a_variation_without_events() -> None:
    assert "of process ww nothing is left under jes down" in refused(GOOD, jes={"up": GOOD, "down": [1, 0, 0, 0, 1]})


def test_a_process_without_events_is_none() -> None:
    nothing = [0.0, 0.0, 0.0, 0.0, 0.0]
    assert channel(nothing, jes={"up": nothing, "down": nothing}).remarks == ()
