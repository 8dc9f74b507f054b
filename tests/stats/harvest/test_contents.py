"""Bins that no expectation can have."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.harvest.contents import checked
from hzdsl.stats.harvest.filled import FilledChannel, filled_channel
from tests.stats.harvest.results import HIGGS, WW, histogram, result, usual

GOOD = [0.0, 1.0, 2.0, 3.0, 0.0]


def channel(values: list[float], **varied: dict[str, list[float]]) -> FilledChannel:
    given = result((HIGGS, histogram(GOOD)), (WW, histogram(values, [0, 4, 4, 4, 0], **varied)))
    return filled_channel(given, "mt", "sr")


def refused(given: FilledChannel, **options: str) -> str:
    with pytest.raises(HzdslError) as caught:
        checked(given, **options)
    assert caught.value.code == "template"
    return str(caught.value)


def test_what_is_good_stays() -> None:
    before = filled_channel(usual(), "mt", "sr")
    after = checked(before)
    for a, b in zip(before.processes, after.processes, strict=True):
        assert a.nominal.values.tolist() == b.nominal.values.tolist()
        assert [x.values.tolist() for x in a.varied["jes"]] == [x.values.tolist() for x in b.varied["jes"]]
    assert after.remarks == before.remarks


def test_negative_bins_are_refused_with_where_they_are() -> None:
    assert "sr: process ww is negative: -1 ± 2 in 10-30 GeV" in refused(channel([0, 1, -1, 3, 0]))


def test_negative_bins_are_empty_where_that_is_said() -> None:
    """In up and down, too; their error stays, and so do bins that are 0."""
    given = channel([0, 0, -1, 3, 0], jes={"up": [0, 0, 2, 4, 0], "down": [0, 0, -3, 2, 0]})
    found = checked(given, "zero")
    ww = found.processes[1]
    assert ww.nominal.values.tolist() == [0, 0, 3]
    assert ww.nominal.variances.tolist() == [4, 4, 4]
    assert [x.values.tolist() for x in ww.varied["jes"]] == [[0, 0, 4], [0, 0, 2]]
    assert found.remarks == ("sr: process ww is negative: -1 ± 2 in 10-30 GeV: set to 0",)


def test_bins_that_are_negative_when_varied() -> None:
    given = channel([0, 1, 2, 3, 0], jes={"up": [0, 1, 2, 3, 0], "down": [0, 1, -0.5, 3, 0]})
    assert "negative under jes down: -0.5 ± 2 in 10-30 GeV" in refused(given)
    ww = checked(given, "zero").processes[1]
    assert (ww.nominal.values.tolist(), ww.varied["jes"][1].values.tolist()) == ([1, 2, 3], [1, 0, 3])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_no_numbers(bad: float) -> None:
    assert "ww (jes up) has contents that are no numbers" in refused(
        channel(GOOD, jes={"up": [0, 1, bad, 3, 0], "down": GOOD}), negative="zero"
    )


def test_a_variation_without_events() -> None:
    given = channel(GOOD, jes={"up": GOOD, "down": [1, 0, 0, 0, 1]})
    assert "of process ww nothing is left under jes down" in refused(given)


def test_a_process_without_events_is_none() -> None:
    nothing = [0.0, 0.0, 0.0, 0.0, 0.0]
    assert checked(channel(nothing, jes={"up": nothing, "down": nothing})).remarks == ()
