"""Scales that meet: in the unit of the left one, and what has no named unit is looked at as a plain number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot

import hzdsl as hz
from hzdsl import GeV, MeV

PT = ak.Array([[12000.0, 34000.0], [], [7000.0]])
MET = np.array([20.0, 5.0, 30.0], np.float32)
SCHEMA = """
[schema]
fields = { met = "f32 GeV" }
collections.x = { fields = { pt = "f32 MeV" } }
"""


@pytest.fixture
def where(tmp_path: Path) -> tuple[Any, str]:
    """Return the events of a schema with both scales, and a file of it."""
    (tmp_path / "mixed.toml").write_text(SCHEMA)
    path = tmp_path / "mixed.root"
    with uproot.recreate(path) as file:
        columns = {"x_pt": ak.values_astype(PT, np.float32), "met": MET}
        file.mktree("Events", {"x_pt": "var * float32", "met": "float32"}).extend(columns)
    return hz.events("mixed.toml", tmp_path), str(path)


def lists(x: Any, path: str) -> list[Any]:
    found = [ak.to_list(x.to_awkward(path, backend=b)) for b in ("codegen", "interpret")]
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda x, met: hz.maximum(x.pt, met), [[20000.0, 34000.0], [], [30000.0]]),
        (lambda x, met: hz.minimum(x.pt, met), [[12000.0, 20000.0], [], [7000.0]]),
        (lambda x, met: hz.maximum(met, x.pt), [[20.0, 34.0], [], [30.0]]),
        (lambda x, met: hz.minimum(met, x.pt), [[12.0, 20.0], [], [7.0]]),
        (lambda x, met: hz.clip(x.pt, 10 * GeV, met), [[12000.0, 20000.0], [], [10000.0]]),
        (lambda x, met: hz.maximum(10 * GeV, x.pt), [[12000.0, 34000.0], [], [10000.0]]),
    ],
)
def test_the_greater_of_two_scales_is_in_that_of_the_left(where: tuple[Any, str], make: Any, expected: Any) -> None:
    ev, path = where
    assert lists(make(ev.x, ev.met), path) == expected


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda x, met: x.pt / GeV, [[12.0, 34.0], [], [7.0]]),
        (lambda x, met: x.pt / MeV, [[12000.0, 34000.0], [], [7000.0]]),
        (lambda x, met: x.pt / met, [[0.6, 6.8 / 4], [], [7 / 30]]),
        (lambda x, met: x.pt * met, [[240.0, 680.0], [], [210.0]]),
        (lambda x, met: x.pt, [[12000.0, 34000.0], [], [7000.0]]),
        (lambda x, met: x.pt**2 / MeV, [[12000.0**2, 34000.0**2], [], [7000.0**2]]),
    ],
)
def test_what_is_looked_at_is_in_a_unit_with_a_name(where: tuple[Any, str], make: Any, expected: Any) -> None:
    """A ratio of MeV and GeV is a number, not thousands of one."""
    ev, path = where
    for a, b in zip(lists(make(ev.x, ev.met), path), expected, strict=True):
        assert a == pytest.approx(b, rel=1e-6)


def test_a_table_names_no_power_of_ten(where: tuple[Any, str]) -> None:
    ev, path = where
    text = str((ev.x.pt / GeV).peek(path, n=1))
    assert "[12, 34]" in text
    assert "1e" not in text
