"""The long run in short: 30 toys of each model, with bounds that are wider for it."""

from __future__ import annotations

import pytest

from hzdsl.stats.methods.toys import How
from tests.toys.studies import MODELS, TOYS, complaints, from_events, of_model

FEW = How(30, seed=5)


@pytest.mark.parametrize("name", MODELS)
def test_intervals_cover_the_truth(name: str) -> None:
    found = of_model(name, FEW)
    assert not found.failures
    assert not list(complaints(found, TOYS))


def test_truth_of_weighted_candidates_comes_out() -> None:
    found = from_events(FEW)
    assert not found.failures
    assert not list(complaints(found, TOYS // 2))
