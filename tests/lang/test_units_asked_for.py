"""The unit that somebody asks for: a name, or the unit itself."""

from __future__ import annotations

from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV, HzdslError, MeV

ev = hz.events("nanoaod")


def test_a_unit_is_a_name_or_itself() -> None:
    assert ev.Muon.pt.in_unit(MeV).node is ev.Muon.pt.in_unit("MeV").node
    assert (5 * GeV).in_unit("MeV") == (5 * GeV).in_unit(MeV) == 5000


@pytest.mark.parametrize("given", [5 * GeV, 3, None, ev.Muon.pt], ids=str)
def test_anything_else_is_refused(given: Any) -> None:
    for x in (ev.Muon.pt, 5 * GeV):
        with pytest.raises(HzdslError, match="a unit is needed here") as e:
            x.in_unit(given)
        assert e.value.code == "arguments"


def test_another_dimension_is_refused_with_both_named() -> None:
    with pytest.raises(HzdslError, match="is in GeV, not in cm"):
        ev.Muon.pt.in_unit("cm")
    with pytest.raises(HzdslError, match="is not in"):
        (5 * GeV).in_unit("cm")
