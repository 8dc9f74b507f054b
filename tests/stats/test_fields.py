"""Numbers, switches and bounds of records: one verdict on each, whoever asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV
from hzdsl.errors import HzdslError
from hzdsl.stats import Counted, Normal, Parameter, Parameters
from hzdsl.stats.declare import parameter_of
from tests.stats import wrong_arguments as given

NUMBERS: dict[str, Callable[[Any], Any]] = {
    "a parameter": lambda x: hz.parameter("a", x),
    "its bounds": lambda x: hz.parameter("a", 3, bounds=(x, 5)),
    "its step": lambda x: hz.parameter("a", 1, step=x),
    "its measurement": lambda x: hz.parameter("a", 1, constraint=hz.normal(x, x, x)),
    "a count of it": lambda x: hz.parameter("a", 1, constraint=hz.counted(x, x)),
    "a record": lambda x: Parameter("a", x, x, x, step=x),
    "a measurement": lambda x: Normal(x, x, x),
    "a count": lambda x: Counted(x, x),
    "an observable": lambda x: hz.observable("a", 0, x),
    "an argument": lambda x: hz.stats.fit(given.binned(), start={"r": x}),
    "a rate": lambda x: hz.stats.Process("a", [1.0], rate=x),
}


@pytest.mark.parametrize("what", NUMBERS)
@pytest.mark.parametrize("kind", [int, float, np.int64, np.float32, np.uint8, np.float64])
def test_numbers_of_numpy_are_numbers(what: str, kind: Callable[[int], Any]) -> None:
    NUMBERS[what](kind(3))


@pytest.mark.parametrize("what", NUMBERS)
@pytest.mark.parametrize("x", [True, np.True_, float("nan"), np.float32("nan"), 1j, np.complex128(1), "1", 10**400])
def test_these_are_none(what: str, x: Any) -> None:
    with pytest.raises(HzdslError):
        NUMBERS[what](x)


def test_numbers_of_numpy_become_plain() -> None:
    """So that they can be written into JSON."""
    p = Parameter("a", np.int64(3), np.float32(1), np.float64(4), Normal(np.int64(1), np.float32(2)), step=np.int8(1))
    assert isinstance(p.constraint, Normal)
    numbers = [p.value, p.low, p.high, p.step, p.constraint.center, p.constraint.sigma]
    assert json.dumps(numbers) == "[3, 1.0, 4.0, 1, 1, 2.0]"


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "fixed": (lambda: Parameter("r", fixed="no"), "fixed of parameter 'r': 'no'"),  # type: ignore[arg-type]
    "interest": (lambda: Parameter("r", interest=3), "interest of parameter 'r': 3"),  # type: ignore[arg-type]
    "unit": (lambda: Parameter("m", unit="GeV"), "unit=GeV.unit"),  # type: ignore[arg-type]
    "choices": (lambda: Parameter("i", choices=("a",)), "Choice(…)"),  # type: ignore[arg-type]
    "bounds": (lambda: Parameter("r", 1, 2, 0), "the bounds of parameter 'r': (2, 0)"),
    "changed bounds": (
        lambda: Parameters([Parameter("r", 1, 0, 5)]).changed({"r": {"high": -1}}), "the bounds of parameter 'r': (0, -1)",
    ),
    "bounds of a strength": (lambda: hz.stats.SignalStrength(3, 3), "the bounds of r: (3, 3)"),
    "bounds of a fit": (lambda: hz.stats.fit(given.binned(), bounds={"r": (3, 1)}), "fit: bounds['r']: (3.0, 1.0)"),
    "an observable": (lambda: hz.observable("m", 2 * GeV, 1 * GeV), "observable 'm', in GeV: (2.0, 1.0)"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_refused(what: str) -> None:
    call, said = WRONG[what]
    with pytest.raises(HzdslError) as caught:
        call()
    assert said in str(caught.value)
    assert caught.value.place is not None
    assert caught.value.place.source == __file__


def test_bounds_may_be_one_number_and_the_unit_is_one() -> None:
    assert Parameter("r", 1, 1, 1).high == 1
    assert parameter_of(hz.parameter("m", 1 * GeV).node).unit == GeV.unit == Parameter("m", unit=GeV.unit).unit


def test_the_width_below() -> None:
    assert (Normal(0, 2).below, Normal(0, 2, 3).below) == (2, 3)
