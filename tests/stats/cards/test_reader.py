"""The grammar of cards (STATS §3.1): what each line means."""

from __future__ import annotations

import gzip

import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.reader import parse_card, read_card
from hzdsl.stats.cards.records import (
    AutoStats,
    Constr,
    Discrete,
    Edit,
    Effect,
    ExtArg,
    FlatParam,
    Formula,
    Group,
    InWorkspace,
    Number,
    Param,
    RateParam,
    ShapeLine,
    Systematic,
)
from tests.stats.cards.texts import COLUMNS, HEADER, card, text


def test_the_header() -> None:
    found = card()
    assert [(c.name, c.observed) for c in found.channels] == [("a", 5.0), ("b", -1.0)]
    assert [c.name for c in found.columns] == COLUMNS
    assert [c.rate for c in found.columns] == [1.0, 2.5, 0.0, 3.0, -1.0]
    assert [c.signal for c in found.columns] == [True, False, False, True, False]
    assert found.shapes == (ShapeLine("*", "*", "in.root", "$CHANNEL/$PROCESS", "$CHANNEL/$PROCESS_$SYSTEMATIC"),)


def test_numbers_of_processes_may_stand_above_their_names() -> None:
    swapped = HEADER.splitlines(keepends=True)
    swapped[8], swapped[9] = swapped[9], swapped[8]
    assert parse_card("".join(swapped)) == parse_card(HEADER)


def test_text_in_the_header_is_left_out() -> None:
    said = "Combination of a.txt b.txt\nDate: today\n# bin 1 2\n" + HEADER
    assert parse_card(said) == parse_card(HEADER)


@pytest.mark.parametrize("line", ["Observation 5 -1", "observation 5.0 -1.0"])
def test_observations_without_channels_are_those_of_the_columns(line: str) -> None:
    without = HEADER.replace("bin          a  b\n", "").replace("observation  5  -1", line)
    assert parse_card(without).channels == parse_card(HEADER).channels


def test_channels_may_stand_below_their_observations() -> None:
    turned = HEADER.replace("bin          a  b\nobservation  5  -1\n", "observation -1 5\nbin b a\n")
    assert {c.name: c.observed for c in parse_card(turned).channels} == {"a": 5.0, "b": -1.0}


def test_a_card_may_have_no_observation() -> None:
    without = HEADER.replace("bin          a  b\nobservation  5  -1\n", "")
    assert [c.observed for c in parse_card(without).channels] == [None, None]


A_H, A_Z, A_W, B_H, B_Z = COLUMNS


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ("lumi lnN 1.02 0.98/1.03 - --- 0", Systematic("lumi", "lnN", {A_H: Effect(1.02), A_Z: Effect(1.03, 0.98)})),
        ("lumi lnN 1.02 1.0 1 1 1.00", Systematic("lumi", "lnN", {A_H: Effect(1.02)})),
        ("lumi lnU 1.5 - - - -  a remark", Systematic("lumi", "lnU", {A_H: Effect(1.5)})),
        ("lumi lnU 1.5 - - - -  2 sigma of it", Systematic("lumi", "lnU", {A_H: Effect(1.5)})),
        ("lumi lnU 1.5 - - - -  # 2 3", Systematic("lumi", "lnU", {A_H: Effect(1.5)})),
        ("side gmN 25 - 0.1 - - -", Systematic("side", "gmN", {A_Z: Effect(0.1)}, count=25)),
        ("mc gmM 0.3 - 0.3 - -", Systematic("mc", "gmM", {A_H: Effect(0.3), A_W: Effect(0.3)})),
        ("tr trG -0.1 0.2 - - -", Systematic("tr", "trG", {A_H: Effect(-0.1), A_Z: Effect(0.2)})),
        ("u unif -1 2 0.1 - - - -", Systematic("u", "unif", {A_H: Effect(0.1)}, bounds=(-1.0, 2.0))),
        ("jes shape 1 0.5 - - -", Systematic("jes", "shape", {A_H: Effect(1.0), A_Z: Effect(0.5)})),
        ("jes shapeN 1.0 - - - -", Systematic("jes", "shapeN", {A_H: Effect(1.0)})),
        ("jes shapeU 1.0 - - - -", Systematic("jes", "shapeU", {A_H: Effect(1.0)})),
        ("jes shape? 1.0 0.9/1.1 - - -", Systematic("jes", "shape?", {A_H: Effect(1.0), A_Z: Effect(1.1, 0.9)})),
        ("jes shapeN? 1.0 - - - -", Systematic("jes", "shapeN?", {A_H: Effect(1.0)})),
        ("lumi[nofloat] lnN 1.02 - - - -", Systematic("lumi", "lnN", {A_H: Effect(1.02)}, nofloat=True)),
        ("4 lnN 1.02 - - - -", Systematic("theta4", "lnN", {A_H: Effect(1.02)})),
        ("mH param 125 0.2", Param("mH", 125.0, 0.2)),
        ("mH param 125 -0.2/+0.3 [120,130]", Param("mH", 125.0, 0.3, 0.2, (120.0, 130.0))),
        ("p flatParam", FlatParam("p")),
        ("p flatParam 1.5 [0,2]", FlatParam("p", 1.5, (0.0, 2.0))),
        ("z rateParam a z 1", RateParam("z", "a", "z", Number(1.0))),
        ("z rateParam * * 1 [0,5]", RateParam("z", "*", "*", Number(1.0, (0.0, 5.0)))),
        ("z rateParam a z (2*@0) r", RateParam("z", "a", "z", Formula("(2*@0)", ("r",)))),
        ("z rateParam * z x.root:w", RateParam("z", "*", "z", InWorkspace("x.root", "w"))),
        ("e extArg 3", ExtArg("e", Number(3.0))),
        ("e extArg 3 [const]", ExtArg("e", Number(3.0, None, constant=True))),
        ("e extArg 3 [1,4]", ExtArg("e", Number(3.0, (1.0, 4.0)))),
        ("e extArg x.root:w:RecycleConflictNodes", ExtArg("e", InWorkspace("x.root", "w", recycle=True))),
        ("i discrete", Discrete("i")),
        ("c constr @0-2*@1 r_0,r_1 delta[0.03]", Constr("c", "@0-2*@1", "r_0,r_1", "delta[0.03]")),
        ("c constr r_0-r_1 0.03", Constr("c", "r_0-r_1", "", "0.03")),
        ("a autoMCStats 0", AutoStats("a", 0.0)),
        ("* autoMCStats 10 1 2", AutoStats("*", 10.0, include_signal=True, mode=2)),
    ],
)  # fmt: skip
def test_a_line(line: str, record: object) -> None:
    assert card(line).lines == (record,)


def test_edits_and_groups() -> None:
    lines = (
        "lumi lnN 1.02 - - - -", "theory group = lumi", "theory group += lumi",
        "nuisance edit rename * (a|b) lumi lumi_new ifexists", "nuisance edit freeze lumi.*",
    )  # fmt: skip
    assert card(*lines).lines[1:] == (
        Group("theory", ("lumi",)),
        Group("theory", ("lumi",), more=True),
        Edit("rename", ("*", "(a|b)", "lumi", "lumi_new", "ifexists")),
        Edit("freeze", ("lumi.*",)),
    )


@pytest.mark.parametrize("line", ["# lumi lnN 1", "", "   ", "-------", " ---", "--- a --- b", "  # remark"])
def test_lines_that_say_nothing(line: str) -> None:
    assert card(line).lines == ()


def test_places_of_lines_and_columns() -> None:
    found = card("lumi lnN 1.02 - - - -", "g group = lumi")
    assert [(x.place.line, x.place.source) for x in found.lines if x.place] == [(14, "card.txt"), (15, "card.txt")]
    rate = found.columns[1].place
    assert rate is not None
    assert rate.text[rate.column : rate.end_column] == "2.5"


def test_records_compare_by_what_they_say() -> None:
    assert parse_card("\n\n" + text(), "elsewhere.txt") == parse_card(text())


def test_kmax_counts_lines_with_and_without_effect() -> None:
    lines = "lumi lnN 1.02 - - - -", "none lnN - 1 - 0 -", "m param 1 2", "z rateParam a z 1", "p flatParam"
    parse_card(text(*lines).replace("kmax *", "kmax 3"))
    with pytest.raises(HzdslError, match="kmax says 2 systematic uncertainties, and there are 3"):
        parse_card(text(*lines).replace("kmax *", "kmax 2"))


def test_kmax_is_not_checked_of_cards_with_edits() -> None:
    parse_card(text("lumi lnN 1.02 - - - -", "nuisance edit drop * * lumi").replace("kmax *", "kmax 7"))


def test_what_acts() -> None:
    found = card("none lnN - - - - -", "zero lnN - - 1.1 - -", "m param 1 2", "lumi lnN - 1.1 - - -")
    assert [x.name for x in found.acting()] == ["m", "lumi"]
    empty = card("zero lnN - - 1.1 - -", "side gmN 0 - - 0.1 - -")
    assert [x.name for x in empty.acting()] == ["zero", "side"]


def test_what_channels_and_columns_patterns_match() -> None:
    found = card("z rateParam * z* 1", "* autoMCStats 5", "b autoMCStats 10")
    rate = next(found.of(RateParam))
    assert [c for c in COLUMNS if rate.matches(c)] == [A_Z, B_Z]
    assert {name: x.threshold for name, x in found.auto_stats().items()} == {"a": 5.0, "b": 10.0}
    assert not RateParam("z", "a", "z?", Number(1.0)).matches(("a", "z1"))


def test_groups_with_all_their_members() -> None:
    found = card("x lnN 1.1 - - - -", "y lnN 1.1 - - - -", "g group = x", "h group = y", "g group += y x")
    assert found.groups() == {"g": ("x", "y"), "h": ("y",)}


def test_formulas_may_name_parameters_of_the_model() -> None:
    line = "z rateParam a z @0 mu"
    with pytest.raises(HzdslError, match="the formula z names mu"):
        card(line)
    assert card(line, others=("mu",)).lines
    assert card(line, "e extArg x.root:w").in_workspaces


def test_compressed_cards(tmp_path) -> None:
    path = tmp_path / "card.txt.gz"
    path.write_bytes(gzip.compress(text().replace("\n", "\r\n").encode()))
    assert read_card(path) == card()


def test_no_such_card(tmp_path) -> None:
    (tmp_path / "card.txt").write_text(text())
    with pytest.raises(HzdslError, match=r"there is no datacard .*cart.txt") as caught:
        read_card(tmp_path / "cart.txt")
    assert caught.value.fix == f"did you mean {tmp_path / 'card.txt'}?"


@pytest.mark.parametrize(("content", "said"), [(b"root\0\0\xff", "is a ROOT file"), (b"\x1f\x8b\x08", "is no text")])
def test_what_is_no_card(tmp_path, content: bytes, said: str) -> None:
    path = tmp_path / "card.txt"
    path.write_bytes(content)
    with pytest.raises(HzdslError, match=said) as caught:
        read_card(path)
    assert caught.value.code == "file-format"


def test_channels_that_begin_with_a_digit() -> None:
    old = "observation 3\nbin 1 1\nprocess h z\nprocess 0 1\nrate 1 2\n"
    with pytest.raises(HzdslError, match="the channel 1 begins with a digit"):
        parse_card(old)
    assert parse_card(old, lenient=True).channels[0].name == "1"


def test_a_folder_is_no_card(tmp_path) -> None:
    with pytest.raises(HzdslError, match="is a folder"):
        read_card(tmp_path)
