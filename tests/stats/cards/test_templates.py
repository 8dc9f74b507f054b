"""Histograms of a card as arrays, its rates, and what is wrong with either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.checking import check_shapes
from hzdsl.stats.cards.editing import edited
from hzdsl.stats.cards.rates import resolve_rates
from hzdsl.stats.cards.records import Card, Systematic
from hzdsl.stats.cards.templates import Templates
from tests.stats.cards.histograms import write_histograms
from tests.stats.cards.texts import SHAPES, card

#: Histograms of the small card: they are its rates and observations, h of a varied by jes.
CONTENTS = {
    "a/data_obs": [3.0, 2.0], "a/h": [0.3, 0.7], "a/z": [1.5, 1.0],
    "b/data_obs": [2.0, 0.0, 4.0], "b/h": [1.0, 1.0, 1.0], "b/z": [0.5, 0.1, 0.25],
    "a/h_jesUp": [0.4, 0.7], "a/h_jesDown": [0.2, 0.7],
}  # fmt: skip
JES = "jes shape 1 - - - -"


@pytest.fixture
def here(tmp_path):
    """Make the card with some lines, some histograms being others; None takes one away."""

    def make(*lines: str, edges: object = None, shapes: str = SHAPES, **others: object) -> Card:
        contents = {**CONTENTS, **{name.replace("__", "/"): x for name, x in others.items()}}
        write_histograms(tmp_path / "in.root", {k: x for k, x in contents.items() if x is not None}, edges)
        return edited(replace(card(*lines, shapes=shapes), source=str(tmp_path / "card.txt")))

    return make


def first(found: Card) -> Systematic:
    return next(found.of(Systematic))


def test_a_template(here) -> None:
    with Templates(here()) as templates:
        found = templates.nominal("a", "h")
    assert found is not None
    assert found.contents.tolist() == [float(np.float32(0.3)), float(np.float32(0.7))]
    assert found.errors == pytest.approx([0.03, 0.07], rel=1e-15)
    assert found.edges.tolist() == [0, 1, 2]
    assert found.integral == 1.0


def test_variations(here) -> None:
    found = here(JES)
    with Templates(found) as templates:
        up, down = templates.varied(first(found), ("a", "h")) or (None, None)
    assert up is not None
    assert down is not None
    assert (up.integral, down.integral) == (pytest.approx(1.1), pytest.approx(0.9))


def test_variations_of_a_renamed_uncertainty(here) -> None:
    found = here(JES, "nuisance edit rename jes jec")
    with Templates(found) as templates:
        assert templates.varied(first(found), ("a", "h")) is not None


def test_variations_that_are_log_normals(here) -> None:
    found = here("jes shape? 1 1.1 - - -", "lumi lnN 1.1 - - - -")
    with Templates(found) as templates:
        assert templates.varied(first(found), ("a", "h")) is not None
        assert templates.varied(first(found), ("a", "z")) is None
        assert templates.varied(list(found.of(Systematic))[1], ("a", "h")) is None


def test_rates(here) -> None:
    with Templates(here()) as templates:
        rates = resolve_rates(templates)
    assert rates.observed == {"a": 5.0, "b": 6.0}
    assert rates.expected == {("a", "h"): 1, ("a", "z"): 2.5, ("a", "w"): 0, ("b", "h"): 3, ("b", "z"): 0.85}
    assert rates.stored == frozenset()


def test_a_process_without_a_rate_needs_no_histogram(here) -> None:
    """Nor does it after its control region is found empty: a gmN with N = 0."""
    with Templates(here("side gmN 0 - - 0.1 - -", "x lnN - - 1.1 - -", a__w=[0.0, 0.0])) as templates:
        assert resolve_rates(templates).expected["a", "w"] == 1e-6


@pytest.mark.parametrize(("content", "fine"), [(2.524, True), (2.526, False), (2.476, True), (2.474, False)])
def test_a_rate_is_within_a_hundredth_of_its_histogram(here, content: float, fine: bool) -> None:
    with Templates(here(a__z=[content, 0.0])) as templates:
        if fine:
            assert resolve_rates(templates).expected["a", "z"] == 2.5
        else:
            with pytest.raises(HzdslError, match=rf"z in channel a: the rate is 2.5, the integral of a/z is {content}"):
                resolve_rates(templates)


@pytest.mark.parametrize(("content", "fine"), [(5.02, True), (5.03, False), (4.98, True), (4.97, False)])
def test_an_observation_is_within_half_a_hundredth(here, content: float, fine: bool) -> None:
    with Templates(here(a__data_obs=[content, 0.0])) as templates:
        if fine:
            assert resolve_rates(templates).observed["a"] == 5
        else:
            with pytest.raises(HzdslError, match=rf"a: 5 observed, the integral of a/data_obs is {content}"):
                resolve_rates(templates)


def test_numbers_of_a_control_region_and_a_histogram(here) -> None:
    with Templates(here("side gmN 85 - - - - 0.01")) as templates:
        resolve_rates(templates)
    with (
        Templates(here("side gmN 20 - - - - 0.1")) as templates,
        pytest.raises(HzdslError, match=r"α N = 0.1 · 20 = 2, the rate of z in b is 0.85"),
    ):
        resolve_rates(templates)


def test_objects_of_workspaces_are_left_to_others(here) -> None:
    shapes = "shapes * a in.root $CHANNEL/$PROCESS\nshapes * b w.root w:$PROCESS\n"
    with Templates(here(shapes=shapes)) as templates:
        rates = resolve_rates(templates)
        assert templates.nominal("b", "h") is None
    assert rates.stored == {("b", "h"), ("b", "z"), ("b", "data_obs")}
    assert (rates.observed["b"], rates.expected["b", "z"]) == (-1, -1)


def test_minus_one_of_a_counting_experiment() -> None:
    with Templates(card(shapes="")) as templates, pytest.raises(HzdslError) as caught:
        resolve_rates(templates)
    assert [e.message for e in (caught.value, *caught.value.others)] == [
        "channel b has no histogram of which -1 is the integral",
        "z in channel b has no histogram of which -1 is the integral",
    ]


def check(found: Card) -> list[str]:
    with Templates(found) as templates:
        return check_shapes(templates)[1]


def test_what_is_looked_at(here) -> None:
    assert check(here(JES)) == []
    assert check(here(JES, a__z=[3.0, -0.5])) == [
        "z in channel a is negative in 1 bin: fits take 1e-9 instead",
        "channel a has data, and no background, in bin 2",
    ]
    assert check(here(b__z=[0.85, 0.0, 0.0])) == ["channel b has data, and no background, in bin 3"]


@pytest.mark.parametrize(
    ("others", "code", "said"),
    [
        ({"a__z": None}, "histogram-missing", "in.root has no histogram a/z"),
        ({"a__h_jesDown": None}, "histogram-missing", "in.root has no histogram a/h_jesDown"),
        (
            {"a__z": [1.0, 1.0, 0.5]},
            "histogram-missing",
            "channel a: a/z has 3 bins from 0 to 3, a/data_obs has 2 bins",
        ),
        ({"a__z": [np.nan, 1.0]}, "binning", "bin 1 of a/z in"),
        ({"a__z": [1.0, np.inf]}, "binning", "bin 2 of a/z in"),
        ({"a__h_jesUp": [0.0, 0.0]}, "datacard", "jes of h in channel a: the integral of a/h_jesUp is 0"),
        ({"a__h_jesDown": [-2.0, 1.0]}, "datacard", "jes of h in channel a: the integral of a/h_jesDown is -1"),
        ({"b__z": [-2.0, 0.0, 0.0]}, "datacard", "z in channel b: the integral of b/z is -2"),
    ],
)
def test_what_is_wrong_with_histograms(here, others: dict[str, object], code: str, said: str) -> None:
    with pytest.raises(HzdslError) as caught:
        check(here(JES, **others))
    assert caught.value.code == code
    assert said in caught.value.message
    assert caught.value.place is not None
    assert caught.value.place.source == "card.txt"


def test_names_near_a_missing_histogram(here) -> None:
    with pytest.raises(HzdslError) as caught:
        check(here(JES, a__h_jesDown=None))
    assert caught.value.fix is not None
    assert "a/h_jesUp" in caught.value.fix


def test_other_edges(here) -> None:
    with pytest.raises(HzdslError, match="a/z has 2 bins from 0 to 4, a/data_obs has 2 bins from 0 to 2"):
        check(here(edges={"a/z": [0, 1, 4]}))
    check(here(edges={"a/z": [0, 1 + 1e-7, 2]}))


def test_both_kinds_of_interpolation(here) -> None:
    with pytest.raises(HzdslError, match="h in channel a has shape jes and shapeN jer"):
        check(here(JES, "jer shapeN 1 - - - -", **{"a__h_jerUp": [1.0, 0.0], "a__h_jerDown": [1.0, 0.0]}))


def test_all_that_is_missing_is_said(here) -> None:
    with pytest.raises(HzdslError) as caught:
        check(here(JES, a__z=None, b__h=None, a__h_jesUp=None))
    assert len(caught.value.others) == 2


def test_no_such_file(here, tmp_path) -> None:
    found = here()
    (tmp_path / "in.root").unlink()
    with pytest.raises(HzdslError, match="there is no file"):
        check(found)


def test_two_axes(here, tmp_path) -> None:
    import hist
    import uproot

    found = here(shapes="shapes * * two.root h\n")
    with uproot.recreate(tmp_path / "two.root") as file:
        file["h"] = hist.Hist.new.Reg(2, 0, 2).Reg(2, 0, 2).Double()
    with pytest.raises(HzdslError, match=r"h in .*two\.root has 2 axes"):
        check(found)


TABLE = """channel,process,systematic,bin,sum_w,sum_ww
a,data_obs,nominal,0,3,3
a,data_obs,nominal,1,2,2
a,h,nominal,0,0.3,0.01
a,h,nominal,1,0.7,0.04
a,z,nominal,0,2.5,0.04
a,z,nominal,1,0,0
a,h,jesUp,0,0.4,0.01
a,h,jesUp,1,0.7,0.04
a,h,jesDown,0,0.2,0.01
a,h,jesDown,1,0.7,0.04
"""


def test_tables(here, tmp_path) -> None:
    (tmp_path / "in.csv").write_text(TABLE)
    shapes = "shapes * a in.csv $CHANNEL:$PROCESS $CHANNEL:$PROCESS:$SYSTEMATIC\nshapes * b in.root $CHANNEL/$PROCESS\n"
    found = here(JES, shapes=shapes)
    with Templates(found) as templates:
        check_shapes(templates)
        nominal = templates.nominal("a", "h")
        up, _ = templates.varied(first(found), ("a", "h")) or (None, None)
    assert nominal is not None
    assert up is not None
    assert nominal.errors.tolist() == [0.1, 0.2]
    assert up.integral == pytest.approx(1.1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("a,h,jesUp", "a,h,jesup", "has no rows of a:h:jesUp"),
        ("a,z,nominal,0,2.5,0.04", "a,z,nominal,0,2.5", "row 6 of .*in.csv has another length"),
        ("sum_w,sum_ww", "w,ww", "has no columns sum_w:sum_ww"),
        ("a,z,nominal,0,2.5", "a,z,nominal,0,many", "a sum_w of .*in.csv is no number"),
    ],
)
def test_what_is_wrong_with_tables(here, tmp_path, old: str, new: str, said: str) -> None:
    (tmp_path / "in.csv").write_text(TABLE.replace(old, new))
    shapes = "shapes * a in.csv $CHANNEL:$PROCESS $CHANNEL:$PROCESS:$SYSTEMATIC\nshapes * b in.root $CHANNEL/$PROCESS\n"
    with pytest.raises(HzdslError, match=said):
        check(here(JES, shapes=shapes))
