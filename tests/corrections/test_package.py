"""Payloads of every node type, drawn at random: both backends equal the correctionlib package in every bit."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hzdsl.errors import HzdslError
from tests.corrections import payloads as p

SOME = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def check(data: Any, seed: int, text: str = "nominal", special: bool = True) -> None:
    document, values = p.payload(data), p.event_values(seed, 40, special)
    try:
        p.assert_equal(document, values, text)
    except HzdslError as e:
        assert e.code == "arguments", e  # a text that the payload does not know: the package raises for every event
        assert set(p.by_package(document, "c", values, text)) == {None}


@SOME
@given(p.formulas(), st.integers(0, 99))
def test_formula(data: Any, seed: int) -> None:
    check(data, seed)


@SOME
@given(p.binnings(p.numbers), st.integers(0, 99))
def test_binnings_of_numbers(data: Any, seed: int) -> None:
    check(data, seed, special=False)


@SOME
@given(p.binnings(p.formulas() | p.numbers), st.integers(0, 99))
def test_binnings_of_formulas(data: Any, seed: int) -> None:
    check(data, seed, special=False)


@SOME
@given(p.categories(p.numbers | p.formulas()), st.integers(0, 99), st.sampled_from([*p.SYSTEMATICS, "other"]))
def test_categories(data: Any, seed: int, text: str) -> None:
    check(data, seed, text)


@SOME
@given(p.generators(), st.integers(0, 99))
def test_hash_prng(data: Any, seed: int) -> None:
    check(data, seed, special=False)


@SOME
@given(p.transforms(p.numbers | p.formulas() | p.binnings(p.numbers)), st.integers(0, 99))
def test_transforms(data: Any, seed: int) -> None:
    check(data, seed, special=False)


@settings(SOME, max_examples=60)
@given(p.contents, st.integers(0, 99), st.sampled_from(p.SYSTEMATICS))
def test_everything_nested(data: Any, seed: int, text: str) -> None:
    check(data, seed, text, special=False)
