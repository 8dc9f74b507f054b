"""combineCards: names, numbers, shapes, what is joined and what cannot be."""

from __future__ import annotations

import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.combining import combine_cards
from hzdsl.stats.cards.parts import Choice
from hzdsl.stats.cards.reader import parse_card
from hzdsl.stats.cards.records import (
    AutoStats,
    Card,
    Constr,
    Effect,
    ExtArg,
    FlatParam,
    Formula,
    InWorkspace,
    Number,
    Param,
    RateParam,
    Systematic,
)
from hzdsl.stats.cards.writer import write_card
from tests.stats.cards.texts import card


def one(*lines: str, shapes: str = "", source: str = "one.txt", observed: str = "bin sr\nobservation 3\n") -> Card:
    """Return a card of one channel."""
    header = "bin sr sr\nprocess z h\nprocess 3 -2\nrate 2 1\n"
    return parse_card(shapes + observed + header + "".join(f"{x}\n" for x in lines), source)


def test_names_of_channels() -> None:
    both = combine_cards([("x", one()), ("y", card(shapes=""))])
    assert [c.name for c in both.channels] == ["x", "y_a", "y_b"]
    kept = combine_cards([(".", one()), ("y", card(shapes=""))])
    assert [c.name for c in kept.channels] == ["sr", "y_a", "y_b"]
    assert [c.name for c in combine_cards([(".", card(shapes="")), (".", one())]).channels] == ["a", "b", "sr"]


def test_columns_are_signals_first_and_numbered_anew() -> None:
    both = combine_cards([("x", one()), ("y", card(shapes=""))])
    assert [(c.channel, c.process, c.number) for c in both.columns] == [
        ("x", "h", 0), ("x", "z", 1), ("y_a", "h", 0), ("y_a", "z", 1), ("y_a", "w", 2), ("y_b", "h", 0), ("y_b", "z", 1),
    ]  # fmt: skip
    assert [c.rate for c in both.columns] == [1, 2, 1, 2.5, 0, 3, -1]


def test_equal_names_become_one_line() -> None:
    both = combine_cards([("x", one("lumi lnN 1.02 1.03", "own lnN 1.1 -")), ("y", one("lumi lnN 0.9/1.1 -"))])
    assert both.lines == (
        Systematic("lumi", "lnN", {("x", "z"): Effect(1.02), ("x", "h"): Effect(1.03), ("y", "z"): Effect(1.1, 0.9)}),
        Systematic("own", "lnN", {("x", "z"): Effect(1.1)}),
    )


def test_lines_of_one_column_stay_apart() -> None:
    twice = combine_cards([("x", one("lumi lnN 1.02 1.03", "lumi lnN 1.1 -"))])
    assert [dict(x.effects) for x in twice.of(Systematic)] == [
        {("x", "z"): Effect(1.02), ("x", "h"): Effect(1.03)},
        {("x", "z"): Effect(1.1)},
    ]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("lnN 1.1 -", "shape 1 -", "shape?"),
        ("shapeN 1 -", "lnN 1.1 -", "shapeN?"),
        ("shape? 1 -", "shape 1 -", "shape?"),
    ],
)
def test_log_normals_and_shapes(first: str, second: str, kind: str) -> None:
    shapes = "shapes * * in.root $PROCESS $PROCESS_$SYSTEMATIC\n"
    both = combine_cards([("x", one(f"jes {first}", shapes=shapes)), ("y", one(f"jes {second}", shapes=shapes))])
    assert [(x.kind, len(x.effects)) for x in both.of(Systematic)] == [(kind, 2)]


def test_parameters() -> None:
    lines = ("mH param 125 0.2", "f flatParam", "z rateParam sr z 1 [0,5]", "a rateParam sr h 2*@0 z", "e extArg x.root:w",
             "c constr @0-@1 f,z 0.1", "* autoMCStats 10")  # fmt: skip
    both = combine_cards(
        [("x", one(*lines, source="in/one.txt")), ("y", one(*lines, source="in/one.txt"))], folder="out"
    )
    kinds = (Param, FlatParam, RateParam, ExtArg, Constr, AutoStats)
    assert [list(both.of(kind)) for kind in kinds] == [
        [Param("mH", 125.0, 0.2)],
        [FlatParam("f")],
        [
            RateParam("z", "x", "z", Number(1.0, (0.0, 5.0))), RateParam("a", "x", "h", Formula("2*@0", ("z",))),
            RateParam("z", "y", "z", Number(1.0, (0.0, 5.0))), RateParam("a", "y", "h", Formula("2*@0", ("z",))),
        ],
        [ExtArg("e", InWorkspace("../in/x.root", "w"))],
        [Constr("c", "@0-@1", "f,z", "0.1")],
        [AutoStats("x", 10.0), AutoStats("y", 10.0)],
    ]  # fmt: skip


def test_patterns_of_rate_parameters_become_columns() -> None:
    """Else `x_*` would mean the channels of a card `x_y`, too."""
    both = combine_cards([("x", card("r1 rateParam * z* 1", shapes="")), ("x_y", one())])
    assert [(x.channel, x.process) for x in both.of(RateParam)] == [("x_a", "z"), ("x_b", "z")]


def test_groups_are_united() -> None:
    first = one("p lnN 1.1 -", "q lnN 1.1 -", "g group = p q")
    second = one("p lnN 1.2 -", "s lnN 1.1 -", "g group = s p", "o group = s")
    assert combine_cards([("x", first), ("y", second)]).groups() == {"g": ("p", "q", "s"), "o": ("s",)}


def test_chosen_channels() -> None:
    cards = [
        ("x", one("only lnN 1.1 -", "both lnN 1.1 -", "g group = only", "h group = only both")),
        ("y", card("both lnN 1.1 - - - -", shapes="")),
    ]
    without = combine_cards(cards, choice=Choice(exclude=("x",)))
    assert [c.name for c in without.channels] == ["y_a", "y_b"]
    assert [x.name for x in without.of(Systematic)] == ["both"]
    some = combine_cards(cards, choice=Choice(include=("a", "x"), exclude=("x$",)))
    assert [c.name for c in some.channels] == ["y_a"]
    with pytest.raises(HzdslError, match="no channel to combine"):
        combine_cards(cards, choice=Choice(include=("sr",)))


def test_groups_lose_what_is_gone() -> None:
    first = one("only lnN 1.1 -", "both lnN 1.1 -", "g group = only", "h group = only both")
    lost = combine_cards([("x", parse_card(write_card(first) + "nuisance edit drop * * only\n")), ("y", first)])
    assert lost.groups() == {"g": ("only",), "h": ("only", "both")}
    alone = combine_cards([("x", parse_card(write_card(first) + "nuisance edit drop * * only\n"))])
    assert alone.groups() == {"h": ("both",)}


def test_shapes_and_their_paths() -> None:
    lines = "shapes * * in.root $CHANNEL/$PROCESS\nshapes z sr /data/z.root z_$CHANNEL x_$SYSTEMATIC\nshapes h * h.root w:h\n"
    both = combine_cards(
        [("x", one(shapes=lines, source="a/one.txt")), ("y", one(shapes="shapes * sr FAKE\n"))], folder="b"
    )
    assert [(s.process, s.channel, s.file, s.nominal, s.varied) for s in both.shapes] == [
        ("z", "x", "/data/z.root", "z_sr", "x_$SYSTEMATIC"),
        ("*", "x", "../a/in.root", "sr/$PROCESS", ""),
        ("h", "x", "../a/h.root", "w:h", ""),
        ("*", "y", "FAKE", "", ""),
    ]


def test_counting_experiments_among_shapes() -> None:
    cards = [("x", one(shapes="shapes * * in.root $PROCESS\n")), ("y", one())]
    with pytest.raises(HzdslError, match="has no shapes, and others have"):
        combine_cards(cards)
    both = combine_cards(cards, shapes=True)
    assert [(s.channel, s.file) for s in both.shapes] == [("x", "in.root"), ("y", "FAKE")]


def test_edits_change_their_own_card_alone() -> None:
    first = one("lumi lnN 1.02 1.02", "nuisance edit rename * * lumi lumi_x", "nuisance edit freeze lumi_x")
    both = combine_cards([("x", first), ("y", one("lumi lnN 1.02 1.02"))])
    assert {x.name: [*x.effects] for x in both.of(Systematic) if x.effects} == {
        "lumi_x": [("x", "z"), ("x", "h")],
        "lumi": [("y", "z"), ("y", "h")],
    }
    assert both.frozen == ("lumi_x",)


def test_statistics_only() -> None:
    bare = combine_cards(
        [("x", one("lumi lnN 1.1 -", "m param 1 2", "z rateParam sr z 1", "g group = lumi z"))], statistics_only=True
    )
    assert [type(x).__name__ for x in bare.lines] == ["RateParam", "Group"]
    assert bare.groups() == {"g": ("z",)}


REFUSED = {
    "lumi is lnU here, and lnN in one.txt:7": ("lumi lnN 1.1 -", "lumi lnU 1.1 -"),
    "jes is shapeN here, and shape in one.txt:7": ("jes shape 1 -", "jes shapeN 1 -"),
    "side is gmN 4 here, and gmN 20 in one.txt:7": ("side gmN 20 0.1 -", "side gmN 4 0.5 -"),
    "m is another one in one.txt:7": ("m param 1 2", "m param 1 3"),
    "the index i is in one.txt:7, too": ("i discrete", "i discrete"),
    "z has another value above": ("z rateParam sr z 1", "z rateParam sr z 2"),
}


@pytest.mark.parametrize("said", REFUSED)
def test_cards_that_do_not_go_together(said: str) -> None:
    first, second = REFUSED[said]
    with pytest.raises(HzdslError) as caught:
        combine_cards([("x", one(first)), ("y", one(second))])
    assert caught.value.message == said
    assert caught.value.place is not None


def test_other_mistakes() -> None:
    with pytest.raises(HzdslError, match="there are observations, but not of y"):
        combine_cards([("x", one()), ("y", one(observed=""))])
    with pytest.raises(HzdslError, match=r"the channel x is in one.txt and in two.txt"):
        combine_cards([("x", one()), ("x", one(source="two.txt"))])
    same = one()
    with pytest.raises(HzdslError, match=r"the channel x is in one\.txt and in one\.txt"):
        combine_cards([("x", same), ("x", same)])
    with pytest.raises(HzdslError, match="'1x' cannot name channels"):
        combine_cards([("1x", one())])
    background = "bin c d\nobservation 1 1\nbin c d\nprocess h h\nprocess 1 1\nrate 1 1\n"
    with pytest.raises(HzdslError, match="h is signal in x and background in y_c"):
        combine_cards([("x", one()), ("y", parse_card(background))])
