"""Every card of ../shared/data/stats/combine/tutorials fits, apart from those of refusals.toml, which fail as said."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.shapes import Substitutions
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.setup.adjusting import without_effect
from hzdsl.stats.setup.opening import Reading, opened

TUTORIALS = Path(__file__).resolve().parents[4] / "shared" / "data" / "stats" / "combine" / "tutorials"
LIST: dict[str, Any] = tomllib.loads(Path(__file__).with_name("refusals.toml").read_text(encoding="utf-8"))
CARDS = sorted(str(p.relative_to(TUTORIALS)) for p in TUTORIALS.rglob("*.txt"))
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not TUTORIALS.is_dir(), reason="needs ../shared/data/stats"),
]


def entry(kind: str, card: str) -> dict[str, str] | None:
    return next((e for e in LIST[kind] if fnmatch(card, e["cards"])), None)


def reading(card: str) -> Reading:
    mass = next((m for pattern, m in LIST["mass"].items() if fnmatch(card, pattern)), 125)
    return Reading(substitutions=Substitutions(float(mass)))


@pytest.mark.parametrize("card", CARDS)
def test_a_card_fits_or_says_why_not(card: str) -> None:
    refused, undetermined = entry("refused", card), entry("undetermined", card)
    if refused is not None:
        with pytest.raises(HzdslError, match=refused["said"]) as caught:
            opened([str(TUTORIALS / card)], reading(card))
        assert caught.value.code == refused["code"]
        return
    likelihood = opened([str(TUTORIALS / card)], reading(card)).likelihood
    lost = without_effect(likelihood, likelihood.parameters.interest)
    held = {name: float(likelihood.parameters[name].value) for name in lost}
    result = fit(likelihood, fixed=held)
    if undetermined is not None:
        assert undetermined["said"] in result.status
    else:
        assert result.valid, result.status


def test_masks_of_channels_with_densities() -> None:
    card = "CAT23001/datacard-3-parametric-analysis.txt"
    likelihood = opened([str(TUTORIALS / card)], replace(reading(card), masks=True)).likelihood
    x = likelihood.parameters.values.copy()
    moved = x.copy()
    moved[[likelihood.parameters.index(n) for n in ("r", "bkg_norm")]] *= 1.1
    assert likelihood.value(moved) != likelihood.value(x)
    for at in (x, moved):
        at[likelihood.parameters.index("mask_ch1")] = 1.0
    assert likelihood.value(moved) == likelihood.value(x)


@pytest.mark.parametrize("kind", ["refused", "undetermined"])
def test_the_list_names_cards_that_are_there(kind: str) -> None:
    for e in LIST[kind]:
        assert any(fnmatch(card, e["cards"]) for card in CARDS), e["cards"]
        assert e["reason"]
