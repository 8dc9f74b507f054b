"""`nuisance edit`, applied to records: what Combine does (its parser gives the same, line by line)."""

from __future__ import annotations

from math import exp, hypot, log

import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.editing import edited
from hzdsl.stats.cards.reader import parse_card
from hzdsl.stats.cards.records import Effect, Param, Systematic
from hzdsl.stats.cards.writer import write_card
from tests.stats.cards.texts import COLUMNS, card

A_H, A_Z, A_W, B_H, B_Z = COLUMNS
LUMI, EFF, JES = "lumi lnN 1.02 1.02 - 1.02 -", "eff lnN 1.1 - - - 0.9/1.2", "jes shape 1 0.5 - 1 -"


def after(*lines: str) -> dict[str, tuple[str, dict[tuple[str, str], Effect]]]:
    """Return kinds and effects by name."""
    found = edited(card(*lines))
    assert found.edited
    return {x.name: (x.kind, dict(x.effects)) for x in found.of(Systematic)}


def test_add() -> None:
    lines = after("nuisance edit add (h|z) a new lnN 0.95/1.1", "nuisance edit add z * new lnN 1.3 overwrite")
    assert lines["new"] == ("lnN", {A_H: Effect(1.1, 0.95), A_Z: Effect(1.3), B_Z: Effect(1.3)})


def test_add_in_quadrature() -> None:
    lines = after(EFF, "nuisance edit add * * eff lnN 1.2 addq")["eff"][1]
    assert lines[A_H].up == pytest.approx(exp(hypot(log(1.1), log(1.2))), rel=1e-15)
    assert lines[A_W] == Effect(1.2)
    assert lines[B_Z].up == pytest.approx(exp(hypot(log(1.2), log(1.2))), rel=1e-15)
    assert lines[B_Z].down == pytest.approx(exp(-hypot(log(0.9), log(1.2))), rel=1e-15)


def test_drop() -> None:
    assert after(LUMI, EFF, "nuisance edit drop h * (lumi|eff)") == {
        "lumi": ("lnN", {A_Z: Effect(1.02)}),
        "eff": ("lnN", {B_Z: Effect(1.2, 0.9)}),
    }


def test_rename_some_columns() -> None:
    lines = after(LUMI, JES, "nuisance edit rename h (a|b) lumi lumi_h", "nuisance edit rename * a jes jes_a")
    assert lines["lumi"][1] == {A_Z: Effect(1.02)}
    assert lines["lumi_h"][1] == {A_H: Effect(1.02), B_H: Effect(1.02)}
    assert lines["jes"][1] == {B_H: Effect(1.0)}
    assert lines["jes_a"][1] == {A_H: Effect(1.0, origin="jes"), A_Z: Effect(0.5, origin="jes")}


def test_rename_into_a_line_that_is_there() -> None:
    lines = after(LUMI, EFF, "nuisance edit rename z a lumi eff")
    assert lines["eff"][1] == {A_H: Effect(1.1), A_Z: Effect(1.02), B_Z: Effect(1.2, 0.9)}


def test_rename_everywhere() -> None:
    found = edited(card(LUMI, JES, "m param 125 0.1", "nuisance edit rename jes jec", "nuisance edit rename m mH"))
    systematics = {x.name: x for x in found.of(Systematic)}
    assert {e.origin for e in systematics["jec"].effects.values()} == {"jes"}
    assert list(found.of(Param)) == [Param("mH", 125.0, 0.1, origin="m")]


def test_twice_renamed_histograms_keep_their_first_name() -> None:
    lines = after(JES, "nuisance edit rename jes jec", "nuisance edit rename * b jec jec_b")
    assert lines["jec_b"][1] == {B_H: Effect(1.0, origin="jes")}


def test_change_of_kind() -> None:
    assert after(LUMI, "nuisance edit changepdf l.* lnU")["lumi"][0] == "lnU"
    kind, effects = after(LUMI, "nuisance edit changepdf lumi trG")["lumi"]
    assert (kind, effects[A_H]) == ("trG", Effect(log(1.02)))
    back = after(LUMI, "nuisance edit changepdf lumi trG", "nuisance edit changepdf lumi lnN")["lumi"]
    assert back[1][A_H].up == pytest.approx(1.02, rel=1e-15)
    assert after(JES, "nuisance edit changepdf jes shapeN")["jes"][0] == "shapeN"


def test_merge_adds_in_quadrature() -> None:
    lines = after(LUMI, "add lnN 1.05 - - - 1.3", "nuisance edit merge * a lumi add")
    assert lines["lumi"][1][A_H].up == pytest.approx(exp(hypot(log(1.02), log(1.05))), rel=1e-15)
    assert lines["add"][1] == {B_Z: Effect(1.3)}


def test_split() -> None:
    lines = after(LUMI, "nuisance edit split h * lumi one two 1.01 0.99/1.02")
    assert lines["one"][1] == {A_H: Effect(1.01), B_H: Effect(1.01)}
    assert lines["two"][1] == {A_H: Effect(1.02, 0.99), B_H: Effect(1.02, 0.99)}
    assert lines["lumi"][1] == {A_Z: Effect(1.02)}


def test_flip() -> None:
    lines = after("x lnN 1.25 0.8 - 0.8/1.25 1.25/0.8", "nuisance edit flip * * x p2n")["x"][1]
    assert lines == {A_H: Effect(0.8), A_Z: Effect(0.8), B_H: Effect(0.8, 1.25), B_Z: Effect(0.8, 1.25)}
    both = after("x lnN 1.25 0.8 - - -", "nuisance edit flip * * x p2n n2p")["x"][1]
    assert both == {A_H: Effect(0.8), A_Z: Effect(1.25)}


def test_freeze() -> None:
    lines = (LUMI, "rate rateParam a z 1", "ratio flatParam", "m param 1 2")
    assert edited(card(*lines, "nuisance edit freeze ra.*")).frozen == ("rate", "ratio")
    assert edited(card(*lines, "nuisance edit freeze (m|lumi)")).frozen == ("lumi", "m")
    assert edited(card(*lines, "nuisance edit freeze .*")).frozen == ("rate", "ratio")


def test_a_plus_in_a_channel_is_itself() -> None:
    text = "bin mu+ mu-\nobservation 1 2\nbin mu+ mu-\nprocess h h\nprocess 0 0\nrate 1 1\n"
    found = edited(parse_card(text + "nuisance edit add h mu+ x lnN 1.1\n"))
    assert [dict(x.effects) for x in found.of(Systematic)] == [{("mu+", "h"): Effect(1.1)}]


def test_an_edit_changes_the_lines_above_it() -> None:
    lines = after("nuisance edit add h a lumi lnN 1.5", "nuisance edit drop * * lumi", "eff lnN 1.1 - - - -")
    assert lines == {"lumi": ("lnN", {}), "eff": ("lnN", {A_H: Effect(1.1)})}
    below = after("x lnN 1.1 - - - -", "nuisance edit drop * * x", "x lnN - 1.2 - - -")
    assert below["x"] == ("lnN", {A_Z: Effect(1.2)})


def test_a_card_without_edits_stays_as_it_is() -> None:
    found = card(LUMI)
    assert edited(found) is found


MISSING = [
    "drop * * none", "drop h c lumi", "rename * * none new", "rename none new", "changepdf none lnU",
    "merge * * lumi none", "split * * none a b 1.1 1.2", "freeze none", "add c * new lnN 1.1", "flip * * none p2n",
]  # fmt: skip


@pytest.mark.parametrize("edit", MISSING)
def test_what_is_missing(edit: str) -> None:
    with pytest.raises(HzdslError, match=r"there is no (systematic|parameter|column)") as caught:
        card(LUMI, f"nuisance edit {edit}")
    assert caught.value.place is not None
    assert caught.value.place.line == 15
    if edit != "rename none new":  # which has no options
        card(LUMI, f"nuisance edit {edit} ifexists")


REFUSED = {
    "add h a lumi lnN 1.1": "lumi has an effect on h in a already",
    "add h a lumi shape 0.5": "lumi is lnN, not shape",
    "add h a new gmN 0.5": "nothing of the kind gmN can be added",
    "add h a new shape 1": "shape 1 adds nothing in Combine",
    "add h a new lnN x": "'x' is no effect",
    "add h a new lnN -1": "'-1' is negative, or not finite",
    "add h a new shape 0.9/1.1": "'0.9/1.1' is asymmetric, which shape is not",
    "add * a lumi lnN 0.9 addq": "1.02 and 0.9 go in different directions",
    "rename lumi jes": "jes is there already, with another constraint",
    "rename * * lumi eff": "eff has an effect on h in a already",
    "rename side new": "side is gmN: only param, shape and lnN can be renamed",
    "changepdf lumi shape": "lumi is lnN, which cannot become shape",
    "changepdf eff trG": "eff has asymmetric effects, which trG has not",
    "merge * * lumi jes": "lumi is lnN, not shape",
    "flip * * lumi": "it says no direction",
    "drop * * m": "m has no columns",
}


@pytest.mark.parametrize("edit", REFUSED)
def test_refused(edit: str) -> None:
    lines = LUMI, EFF, "jes shapeU 1 0.5 - 1 -", "side gmN 25 - 0.1 - - -", "m param 1 2"
    with pytest.raises(HzdslError) as caught:
        card(*lines, f"nuisance edit {edit}")
    action = edit.split()[0]
    assert caught.value.message.startswith(f"nuisance edit {action}: {REFUSED[edit]}")


def test_edited_cards_are_written_with_the_edits_that_they_still_need() -> None:
    lines = (
        LUMI, JES, "m param 125 0.1", "nuisance edit rename h (a|b) jes jes_h", "nuisance edit drop z * lumi",
        "nuisance edit rename m mH", "nuisance edit freeze lumi",
    )  # fmt: skip
    done = edited(card(*lines))
    text = write_card(done)
    assert [x for x in text.splitlines() if x.startswith("nuisance")] == [
        "nuisance edit rename m mH",
        "nuisance edit rename h a jes jes_h",
        "nuisance edit rename h b jes jes_h",
        "nuisance edit freeze lumi",
    ]
    again = edited(parse_card(text))
    assert set(map(repr, again.lines)) == set(map(repr, done.lines))
    assert again.frozen == done.frozen


def test_what_a_card_cannot_say() -> None:
    twice = edited(card(JES, "nuisance edit rename h a jes new", "nuisance edit add h a jes shape 0.5"))
    with pytest.raises(HzdslError, match="another jes"):
        write_card(twice)
