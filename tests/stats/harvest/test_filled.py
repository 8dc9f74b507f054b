"""Histograms of a run as channels: what is added up, what is varied, what is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Sample
from hzdsl.results.result import AxisResult
from hzdsl.stats.harvest.filled import filled_channel
from hzdsl.stats.harvest.pseudodata import with_asimov, with_toy
from tests.stats.harvest.results import AXIS, HIGGS, WW, histogram, result, usual


def test_samples_of_a_process_are_added_with_their_variations() -> None:
    signal, ww = filled_channel(usual(), "mt", "sr").processes
    assert (signal.name, signal.signal, ww.name, ww.signal) == ("higgs", True, "ww", False)
    assert ww.nominal.values.tolist() == [11, 22, 33]
    assert ww.nominal.variances.tolist() == [13, 27, 43]
    up, down = ww.varied["jes"]
    assert (up.values.tolist(), down.values.tolist()) == ([12, 22, 33], [10, 22, 33])


def test_order_and_names_are_those_asked_for() -> None:
    channel = filled_channel(usual(), "sr/mt", "ggH", processes=("ww", "higgs"), systematics={"jes": "CMS_scale_j"})
    assert [t.name for t in channel.processes] == ["ww", "higgs"]
    assert [*channel.processes[0].varied] == ["CMS_scale_j"]
    assert filled_channel(usual(), "mt", "sr", systematics={}).processes[0].varied == {}


def test_what_is_missing_is_said() -> None:
    channel = filled_channel(usual(), "mt", "sr", processes=("higgs", "VG", "ww"))
    assert [(t.name, t.nominal.values.sum()) for t in channel.processes] == [("higgs", 12), ("VG", 0), ("ww", 66)]
    assert channel.processes[1].varied == {}
    assert channel.data is None
    assert "sr: process VG has no histogram 'sr/mt'" in channel.remarks


def test_events_in_no_bin_are_said() -> None:
    (remark,) = filled_channel(usual(), "mt", "sr").remarks
    assert remark == "sr: of 81 predicted events 3 are in no bin of mt (below 0: 1, above 100: 2)"
    none = result((WW, histogram([0, 1, 2, 3, 0])))
    assert filled_channel(none, "mt", "sr").remarks == ()


def test_a_sample_fills_its_channels_alone() -> None:
    other = replace(WW, name="zz", channels=("cr",))
    channel = filled_channel(result((WW, histogram([0, 1, 2, 3, 0])), (other, histogram([0, 9, 9, 9, 0]))), "mt", "sr")
    assert [t.nominal.values.sum() for t in channel.processes] == [6, 0]


def test_data_of_the_run() -> None:
    data = Sample("2012", kind="data", role="data")
    channel = filled_channel(result((WW, histogram([0, 1, 2, 3, 0])), (data, histogram([7, 1, 1, 5, 0]))), "mt", "sr")
    assert channel.data is not None
    assert channel.data.values.tolist() == [1, 1, 5]
    assert [t.name for t in channel.processes] == ["ww"]


def test_pseudo_data() -> None:
    channel = filled_channel(usual(), "mt", "sr")
    (asimov,) = with_asimov([channel])
    assert asimov.data is not None
    assert asimov.data.values.tolist() == channel.predicted.tolist() == [13, 26, 39]
    toys = np.array([with_toy([channel], seed)[0].data.values for seed in range(400)])
    assert abs(toys.mean(axis=0) - channel.predicted).max() < 4 * np.sqrt(39 / 400)
    assert toys.var(axis=0) == pytest.approx(channel.predicted, rel=0.3)


def test_toys_depend_on_seed_and_channel_alone() -> None:
    a, b = (filled_channel(usual(), "mt", name) for name in ("a", "b"))
    both, alone = with_toy([a, b], 5), with_toy([b], 5)
    assert both[1].data.values.tolist() == alone[0].data.values.tolist()
    seen = {tuple(with_toy([c], seed)[0].data.values) for c in (a, b) for seed in (5, 6)}
    assert len(seen) == 4


def test_refused() -> None:
    two = replace(histogram([0, 1, 2, 3, 0]), axes=(AXIS, AxisResult("n", "", "", np.arange(3.0), True)))
    replicas = histogram([0, 1, 2, 3, 0], pdf={"0": [0, 1, 2, 3, 0], "1": [0, 1, 2, 3, 0]})
    for given, wanted, code, words in (
        (usual(), {"systematics": {"jec": "x"}}, "name-unknown", "it has jes"),
        (result((WW, two)), {}, "unsupported", "2 axes"),
        (result((WW, replicas)), {}, "unsupported", "up and down"),
    ):
        with pytest.raises(HzdslError) as caught:
            filled_channel(given, "mt", "sr", **wanted)
        assert caught.value.code == code
        assert words in str(caught.value)
    with pytest.raises(HzdslError, match="no histogram 'mtt'"):
        filled_channel(usual(), "mtt", "sr")


def test_signals_come_first_unless_said() -> None:
    given = result((WW, histogram([0, 1, 2, 3, 0])), (HIGGS, histogram([0, 1, 2, 3, 0])))
    assert [t.name for t in filled_channel(given, "mt", "sr").processes] == ["higgs", "ww"]


def test_a_signal_without_samples_is_signal() -> None:
    found = filled_channel(usual(), "mt", "sr", processes=("vbf", "higgs", "ww"), signals=("vbf",))
    assert [(t.name, t.signal) for t in found.processes] == [("vbf", True), ("higgs", False), ("ww", False)]
