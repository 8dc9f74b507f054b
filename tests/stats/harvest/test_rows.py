"""Selected events as rows: their units, what is left out, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV, MeV
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Sample
from hzdsl.results.result import EventTable, RegionResult, Result, SampleResult
from hzdsl.stats.densities.model import UnbinnedChannel
from hzdsl.stats.harvest.rows import filled_rows
from hzdsl.stats.likelihood import Rows

MASS = np.array([120.0, 125.0, 90.0, 130.0, 125.5], np.float32)


def table(**columns: list[float]) -> EventTable:
    given = {name: np.array(values) for name, values in {"h_mass": MASS, **columns}.items()}
    return EventTable("sr", given, {"h_mass": np.array([True, True, True, False, True])}, np.arange(5))


def result(*samples: SampleResult) -> Result:
    region = RegionResult("sr", (), None)
    return Result("h4l", "f00", 5, {"sr": region}, {}, {s.sample.name: s for s in samples})


def sample(name: str, kind: str = "simulation", weight: float = 1.0, **columns: list[float]) -> SampleResult:
    return SampleResult(Sample(name, kind=kind), 5, weight, {}, {}, (table(**columns),))


def channel(unit: hz.Quantity = GeV) -> UnbinnedChannel:
    return UnbinnedChannel("sr", hz.pdf.uniform(hz.observable("m", 105 * GeV, 160 * GeV) if unit is GeV else hz.observable("m", 105e3 * MeV, 160e3 * MeV)))  # fmt: skip


NAMES = {"m": "h_mass"}


def test_what_is_inside_is_kept_and_the_rest_counted() -> None:
    found = filled_rows(result(sample("2012", "data")), "sr", channel(), outputs=NAMES)
    assert found.columns["m"].tolist() == [120.0, 125.0, 125.5]
    assert found.weights is None
    assert found.remarks == (
        "1 of 5 rows left out: m is no finite number",
        "1 of 5 rows left out: m outside of 105 to 160 GeV",
    )


def test_rows_are_in_the_unit_of_the_observable() -> None:
    found = filled_rows(result(sample("2012", "data")), "sr", channel(MeV), outputs=NAMES)
    assert found.columns["m"].tolist() == [120000.0, 125000.0, 125500.0]


def test_data_are_taken_unless_samples_are_named() -> None:
    both = result(sample("2012", "data"), sample("ggH", weight=0.5, h_mass=[110.0] * 5))
    assert filled_rows(both, "sr", channel(), outputs=NAMES).columns["m"].max() == 125.5
    named = filled_rows(both, "sr", channel(), outputs=NAMES, samples=["ggH"])
    assert (named.columns["m"].tolist(), named.weights.tolist()) == ([110.0] * 4, [0.5] * 4)
    assert len(filled_rows(result(both.samples["ggH"]), "sr", channel(), outputs=NAMES)) == 4


def test_weights_of_events_multiply_those_of_samples() -> None:
    given = sample("ggH", weight=2.0, w=[1.0, -1.0, 1.0, 1.0, 3.0])
    found = filled_rows(result(given), "sr", channel(), outputs=NAMES, weights="w")
    assert found.weights.tolist() == [2.0, -2.0, 6.0]


REFUSED: dict[str, tuple[Callable[[], Rows], str, str]] = {
    "region": (lambda: filled_rows(result(sample("a")), "cr", channel()), "name-unknown", "it has sr"),
    "sample": (lambda: filled_rows(result(sample("a")), "sr", channel(), samples=["b"]), "name-unknown", "it has a"),
    "output": (lambda: filled_rows(result(sample("a")), "sr", channel()), "name-unknown", "no output 'm'"),
    "tables": (lambda: filled_rows(result(replace(sample("a"), tables=())), "sr", channel()), "arguments", "tables=True"),
    "weights": (
        lambda: filled_rows(result(replace(sample("a"), weighted=True)), "sr", channel(), outputs=NAMES),
        "unsupported", "which tables do not hold",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, code, said = REFUSED[name]
    with pytest.raises(HzdslError) as caught:
        call()
    assert caught.value.code == code
    assert said in str(caught.value)
