"""What is written is read as the same records, whatever stands in a card."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from hzdsl.stats.cards.document import card_document
from hzdsl.stats.cards.reader import parse_card
from hzdsl.stats.cards.records import (
    ASYMMETRIC,
    AutoStats,
    Card,
    Channel,
    Column,
    Discrete,
    Edit,
    Effect,
    ExtArg,
    FlatParam,
    Group,
    InWorkspace,
    Line,
    Number,
    Param,
    RateParam,
    ShapeLine,
    Systematic,
)
from hzdsl.stats.cards.writer import write_card
from tests.stats.cards.texts import card

POSITIVE = st.floats(1e-9, 1e9, allow_subnormal=False)
FINITE = st.floats(-1e9, 1e9)


@st.composite
def bounds(draw):
    low, width = draw(FINITE), draw(st.floats(1.0, 1e9))
    return (low, low + width)


@st.composite
def systematics(draw, names, columns):
    kind = draw(st.sampled_from(["lnN", "lnU", "trG", "unif", "shape", "shapeN", "shape?", "shapeN?", "shapeU"]))
    value = POSITIVE.filter(lambda x: kind not in ("lnN", "lnU") or x != 1)
    one = st.builds(Effect, value)
    two = st.builds(Effect, POSITIVE, POSITIVE)
    effects = draw(st.dictionaries(st.sampled_from(columns), one | two if kind in ASYMMETRIC else one))
    return Systematic(next(names), kind, effects, None, draw(bounds()) if kind == "unif" else None, draw(st.booleans()))


@st.composite
def values(draw):
    number = st.builds(Number, FINITE, st.none())
    stored = st.builds(InWorkspace, st.sampled_from(["a.root", "dir/b.root"]), st.just("w"), st.booleans())
    return draw(number | stored)


@st.composite
def cards(draw):
    names = (f"n{k}" for k in range(1000))
    channels = [f"ch_{k}" for k in range(draw(st.integers(1, 3)))]
    processes = [f"p{k}" for k in range(draw(st.integers(1, 3)))]
    rates = POSITIVE | st.just(-1.0)
    columns = [Column(c, p, k, draw(rates)) for c in channels for k, p in enumerate(processes)]
    at = [c.name for c in columns]
    lines: list[Line] = draw(st.lists(systematics(names, at), max_size=4))
    lines += [
        Param(next(names), draw(FINITE), draw(POSITIVE), draw(POSITIVE | st.none()), draw(bounds() | st.none()))
        for _ in range(draw(st.integers(0, 2)))
    ]
    lines += [FlatParam(next(names)), FlatParam(next(names), draw(FINITE), draw(bounds() | st.none()))]
    lines += [RateParam(next(names), *draw(st.sampled_from([*at, ("*", "p*")])), draw(values()))]
    lines += [ExtArg(next(names), draw(values())), Discrete(next(names))]
    lines += [Group("g", tuple(draw(st.lists(st.sampled_from([x.name for x in lines]), min_size=1))))]  # type: ignore[union-attr]
    lines += [
        AutoStats("*", draw(st.sampled_from([-1.0, 0.0, 10.0])), draw(st.booleans()), draw(st.sampled_from([1, 2])))
    ]
    lines += draw(st.lists(st.just(Edit("drop", ("*", "*", "n.*x", "ifexists"))), max_size=1))
    order = draw(st.permutations(lines))
    seen = draw(st.booleans())
    observed = [draw(rates) if seen else None for _ in channels]
    shapes = draw(
        st.sampled_from([(), (ShapeLine("*", "*", "FAKE"), ShapeLine("p0", "*", "a.root", "w:x", "w:x_$SYSTEMATIC"))])
    )
    return Card(tuple(map(Channel, channels, observed)), tuple(columns), shapes, tuple(order))


@given(cards())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_round_trip(written: Card) -> None:
    assert parse_card(write_card(written)) == written


def test_columns_stand_below_each_other() -> None:
    lines = write_card(card("lumi lnN 1.02 - 0.98/1.03 - -", "a_longer_name gmN 25 - 0.1 - - -")).splitlines()
    bins, names, numbers, rates, _, lumi, side = lines[-7:]
    starts = [[m.start() for m in re.finditer(r"\S+", line)][-5:] for line in (bins, names, numbers, rates, lumi, side)]
    assert all(x == starts[0] for x in starts)
    assert not any(line.endswith(" ") for line in lines)


def test_a_document_says_all() -> None:
    found = card(
        "lumi lnN 1.02 - 0.98/1.03 - -",
        "z rateParam a z @0 r",
        "m param 1 -0.1/+0.2 [0,2]",
        "g group = lumi m",
        "* autoMCStats 10",
    )
    document = card_document(found)
    assert document["channels"] == [{"name": "a", "observed": 5.0}, {"name": "b", "observed": -1.0}]
    assert document["systematics"] == [
        {"name": "lumi", "kind": "lnN", "effects": {"a": {"h": 1.02, "w": [0.98, 1.03]}}}
    ]
    assert document["parameters"] == [
        {"name": "m", "kind": "param", "mean": 1.0, "sigma": [0.1, 0.2], "bounds": [0.0, 2.0]}
    ]
    assert document["rate_parameters"] == [
        {"name": "z", "channel": "a", "process": "z", "formula": "@0", "arguments": ["r"]}
    ]
    assert document["groups"] == {"g": ["lumi", "m"]}
    assert document["statistics"]["b"] == {"threshold": 10.0, "include_signal": False, "mode": 1}
    assert parse_card(document["text"]) == found
