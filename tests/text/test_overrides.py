"""``--set name=value``: values in the parameter's own dtype and unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hzdsl.text import loads, parse_override

SPEC = """
[parameters]
min_pt = { default = "5 GeV", bounds = [0, 100] }
soft = "500 MeV"
reach = "2 mm"
max_eta = 2.4
bins = { default = 36, bounds = [1, 100] }
on = true
lumi = "1 / fb"
"""
DOCUMENT = loads(SPEC).document

VALUES: list[tuple[str, Any]] = [
    ("min_pt=7GeV", 7.0),
    ("min_pt = 7 GeV", 7.0),
    ("min_pt=7", 7.0),
    ("min_pt=7500 MeV", 7.5),
    ("min_pt=2*3.5", 7.0),
    ("soft=1", 1000.0),
    ("soft=1 GeV", 1000.0),
    ("reach=1", 10.0),
    ("max_eta=-1", -1.0),
    ("max_eta=1e-3", 0.001),
    ("max_eta=30 deg", 30 * 3.141592653589793 / 180),
    ("bins=40", 40),
    ("bins=40.0", 40),
    ("on=false", False),
    ("on=True", True),
    ("lumi=2", 0.002),
    ("lumi=2/pb", 0.002),
]


@pytest.mark.parametrize(("text", "number"), VALUES, ids=[c[0] for c in VALUES])
def test_value(text: str, number: Any) -> None:
    name, found = parse_override(text, DOCUMENT)
    assert name == text.partition("=")[0].strip()
    assert found == pytest.approx(number, rel=1e-15)
    assert type(found) is type(number)


GOLDEN = [
    ("min_ptt=7", "[parameter]: there is no parameter 'min_ptt'", "min_ptt"),
    ("min_pt", "[parameter]: 'min_pt' sets no parameter", "min_pt"),
    ("=7", "[parameter]: '=7' sets no parameter", "=7"),
    ("min_pt=7 cm", "[unit]: 7.0 cm is not in GeV", "7 cm"),
    ("max_eta=7 GeV", "[unit]: 7.0 GeV is not in a plain number", "7 GeV"),
    ("min_pt=700", "[parameter]: parameter 'min_pt' is 700.0 GeV, outside its bounds [0.0, 100.0] GeV", "700"),
    ("min_pt=nan", "[parameter]: parameter 'min_pt' is nan GeV, outside its bounds [0.0, 100.0] GeV", "nan"),
    ("min_pt=true", "[parameter]: parameter 'min_pt' is not true", "true"),
    ("min_pt=max_eta", "[name-unknown]: 'max_eta' is not defined", "max_eta"),
    ("min_pt=7 +", "[syntax]: the text ends where a value is expected", None),
    ("min_pt=", "[syntax]: the expression is empty", None),
    ("bins=2.5", "[parameter]: parameter 'bins' is 2.5", "2.5"),
    ("bins=inf", "[parameter]: parameter 'bins' is inf", "inf"),
    ("on=1", "[parameter]: parameter 'on' is not 1", "1"),
]


@pytest.mark.parametrize(("text", "first", "under"), GOLDEN, ids=[c[0] for c in GOLDEN])
def test_refused(text: str, first: str, under: str | None, message: Callable[..., str]) -> None:
    found = message(lambda: parse_override(text, DOCUMENT)).splitlines()
    assert found[0] == f"error{first}"
    assert found[1] == "  at --set:1"
    assert found[2] == f"    {text}"
    if under is not None:
        assert found[3] == "    " + " " * text.rindex(under) + "^" * len(under)


def test_hint_and_list(message: Callable[..., str]) -> None:
    found = message(lambda: parse_override("min_ptt=7", DOCUMENT))
    assert "fix: did you mean min_pt?" in found
    assert "parameters: min_pt, soft, reach, max_eta, bins, on, lumi" in found


def test_loading_with_settings(message: Callable[..., str]) -> None:
    assert loads(SPEC, set=["min_pt=7GeV", "bins=10"]).overrides == {"min_pt": 7.0, "bins": 10}
    assert loads(SPEC, set={"min_pt": 7, "soft": 1}).overrides == {"min_pt": 7.0, "soft": 1000.0}
    assert "no parameter 'x'" in message(lambda: loads(SPEC, set={"x": 7}))
