"""All that is wrong with one call is said at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV, cm
from hzdsl.errors import HzdslError, Together

ev = hz.events("nanoaod")
mu, met = ev.Muon, ev.MET


def fresh() -> hz.Analysis:
    ana = hz.Analysis("a")
    ana.region("pair", hz.count(mu) == 2)
    return ana


CALLS: list[tuple[Callable[[Any], Any], list[str]]] = [
    (lambda a: a.histogram("h", met.pt, bins=[1, 2], region="par"), ["binning", "name-unknown"]),
    (lambda a: a.histogram("", met.pt, bins=3, range=(3, 1), region="par"), ["spec-value", "binning", "name-unknown"]),
    (
        lambda a: a.histogram("h", hz.axis(met.pt, 3, 2, 1), hz.axis(met.phi, 0, 0, 1), hz.axis(mu, 1, 0, 1)),
        ["binning", "binning", "dtype"],
    ),
    (lambda a: a.output("", mu.pt, region="par"), ["spec-value", "axis", "name-unknown"]),
    (lambda a: a.region("pair", mu.pt > 5 * GeV, met.pt, mu), ["name-twice", "axis", "dtype", "dtype"]),
    (
        lambda a: a.sample("", "x.root", xsec=3 * cm, role="sig", kind="mc", channels=["par"]),
        ["spec-value", "spec-value", "spec-value", "unit", "name-unknown"],
    ),
]


@pytest.mark.parametrize(("call", "codes"), CALLS)
def test_codes(call: Callable[[Any], Any], codes: list[str]) -> None:
    ana = fresh()
    before = repr(ana)
    with pytest.raises(HzdslError) as error:
        call(ana)
    heads = [line.split("]")[0].removeprefix("error[") for line in str(error.value).splitlines() if line[0] == "e"]
    assert heads == codes
    assert error.value.code == codes[0]
    assert str(error.value).count(f"at {__file__}:") == 1
    assert repr(ana) == before


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mu.nearest(of=3, by=4), "nearest: it takes no argument 'of', 'by' and lacks 'mass'"),
        (lambda: hz.clip(met.pt), "clip: it lacks 'low', 'high'"),
        (lambda: hz.param("x", 1, bound=3, docs=""), "param: it takes no argument 'bound', 'docs'"),
        (lambda: hz.clip(met.pt, 1, 2, 3), "clip: too many positional arguments"),
        (lambda: mu.sort(mu.pt, reverse=True), "sort: got an unexpected keyword argument 'reverse'"),
    ],
)
def test_names_of_arguments(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(HzdslError) as error:
        call()
    assert error.value.message == said


def test_other_exceptions_pass() -> None:
    checks = Together()
    with pytest.raises(ZeroDivisionError), checks:
        _ = 1 / 0
    checks.done()


def test_the_same_is_said_once() -> None:
    checks = Together()
    for what in ("one", "two", "one"):
        with checks:
            raise HzdslError("file-missing", f"there is no file {what}.root")
    with pytest.raises(HzdslError) as caught:
        checks.done()
    assert [e.message for e in (caught.value, *caught.value.others)] == [
        "there is no file one.root",
        "there is no file two.root",
    ]
