"""Malformed cards: each mistake is said with its line, all of them at once, and nothing is repaired."""

from __future__ import annotations

import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.reader import parse_card
from tests.stats.cards.texts import HEADER, SHAPES, card, text

#: What is put below the header → what is said, and the word that is underlined.
BELOW = {
    "lumi lnN 1.02 - - -": ("lnN lumi has 4 columns, the card has 5", "lumi"),
    "lumi lnN 1.02 - - - - 1.02": ("lnN lumi has 6 columns, the card has 5", "lumi"),
    "lumi lnM 1.02 - - - -": ("'lnM' is no type of a line", "lnM"),
    "lumi": ("'lumi' stands alone", "lumi"),
    "lumi lnN -1.02 - - - -": ("the effect -1.02 of lnN is negative", "-1.02"),
    "lumi lnN nan - - - -": ("the effect of lnN is 'nan', not a finite number", "nan"),
    "lumi lnN inf - - - -": ("the effect of lnN is 'inf', not a finite number", "inf"),
    "lumi lnN 1e999 - - - -": ("the effect of lnN is '1e999', not a finite number", "1e999"),
    "lumi lnN 1.1x - - - -": ("the effect of lnN is '1.1x', not a finite number", "1.1x"),
    "lumi lnN 0/1.1 - - - -": ("a factor of '0/1.1' is not positive", "0/1.1"),
    "lumi lnN 0.9/1.1/1.2 - - - -": ("'0.9/1.1/1.2' is not down/up", "0.9/1.1/1.2"),
    "lumi lnN 0.9/ - - - -": ("'0.9/' is not down/up", "0.9/"),
    "jes shape 0.9/1.1 - - - -": ("'0.9/1.1' is asymmetric, which shape is not", "0.9/1.1"),
    "side gmN 20 - 0.1/0.2 - - -": ("'0.1/0.2' is asymmetric, which gmN is not", "0.1/0.2"),
    "side gmN": ("gmN of side has no count", "side"),
    "side gmN 2.5 - 1 - - -": ("the count N of gmN is '2.5', not an integer", "2.5"),
    "side gmN -2 - 1 - - -": ("the count N of gmN is negative", "-2"),
    "side gmN 20 - 0.5 - - -": ("gmN side: α N = 0.5 · 20 = 10, the rate of z in a is 2.5", "side"),
    "mc gmM 0.1 0.2 - - -": ("gmM mc has different widths", "mc"),
    "u unif 2 1 - - - - -": ("the range of unif is empty", "2"),
    "m param 1": ("the param line of m has 1 arguments", "m"),
    "m param 1 0": ("σ is not positive", "0"),
    "m param 1 0.1/0.2": ("'0.1/0.2' is no asymmetric σ", "0.1/0.2"),
    "m param 1 -0.1/+0": ("'-0.1/+0' is no asymmetric σ", "-0.1/+0"),
    "m param 1 2 [3,2]": ("the range [3,2] is empty", "[3,2]"),
    "m param 1 2 3,4": ("the range is '3,4', not a range", "3,4"),
    "z rateParam a z": ("the rateParam line of z has 2 arguments", "z"),
    "z rateParam a z 1 [0, 5]": ("the rateParam line of z has 5 arguments", "z"),
    "z rateParam a z 9 [0,5]": ("the value 9 is not within its range [0,5]", "9"),
    "z rateParam a zz 1": ("there is no process zz", "z"),
    "z rateParam c z 1": ("there is no channel c", "z"),
    "z rateParam c* z 1": ("z: no column is of channel c*, process z", "z"),
    "z rateParam a z @0*@2 r,MH": ("@2 is argument 3 of 2", "@2"),
    "z rateParam a z @0 x": ("the formula z names x, which is no parameter", "z"),
    "e extArg 1 2": ("the range is '2', not a range", "2"),
    "e extArg x.root:": ("'x.root:' is not FILE.root:WORKSPACE", "x.root:"),
    "i discrete 3": ("the discrete line of i has 1 arguments", "i"),
    "g group": ("the group g has no = or +=", "g"),
    "g group a b": ("the group g has no = or +=", "g"),
    "g group -= a b": ("the group g has no = or +=", "g"),
    "g group =": ("the group g is empty", "g"),
    "g group = nothing": ("the group g names nothing, which is no parameter", "g"),
    "c autoMCStats 0": ("autoMCStats of c: there is no such channel", "c"),
    "a autoMCStats -2": ("the threshold is negative", "-2"),
    "a autoMCStats 0 2": ("include-signal is neither 0 nor 1", "2"),
    "a autoMCStats 0 1 3": ("hist-mode is neither 1 nor 2", "3"),
    "a autoMCStats 0 1 1 1": ("the autoMCStats line of a has 4 arguments", "a"),
    "shapes * * x.root h": ("a shapes line stands below the rates", "shapes"),
    "lumi edit drop * * x": ("an edit is not of the form nuisance edit …", "lumi"),
    "nuisance edit remove * * x": ("there is no nuisance edit remove", "remove"),
    "nuisance edit drop * *": ("nuisance edit drop has 2 arguments, not 3", "nuisance"),
    "nuisance edit drop * * x addq": ("nuisance edit drop has no option 'addq'", "addq"),
    "nuisance edit drop (h * x": ("'(h' is no regular expression", "(h"),
    "nuisance edit add h a 2x lnN 1.1": ("nothing can be called '2x'", "2x"),
    "nuisance edit rename x #y": ("nuisance edit rename has 1 arguments", "nuisance"),
    "z[nofloat] rateParam a z 1": ("[nofloat] goes with systematic uncertainties, not with rateParam", "z[nofloat]"),
}  # fmt: skip


def underlined(error: HzdslError) -> str:
    assert error.place is not None
    return error.place.text[error.place.column : error.place.end_column]


@pytest.mark.parametrize("line", BELOW)
def test_a_line_below_the_rates(line: str) -> None:
    message, word = BELOW[line]
    with pytest.raises(HzdslError) as caught:
        card(line)
    error = caught.value
    assert (error.code, error.others) == ("datacard", ())
    assert error.message.startswith(message)
    assert underlined(error) == word
    assert error.place is not None
    assert error.place.line == 14


#: Changes of the header: what is replaced, by what, what is said.
HEADERS = [
    ("rate  ", "rote  ", "the card ends without a rate line"),
    ("process      0    1    2    0    1\n", "", "there is one process line above the rates"),
    ("process      0    1 ", "process      0 ", "the columns are not the same: 5 in the bin line, 5 in the process line, 4"),
    ("rate         1 ", "rate ", "the columns are not the same"),
    ("rate         1 ", "rate -2 ", "the rate -2 is negative"),
    ("rate         1 ", "rate NaN ", "a rate is 'NaN', not a finite number"),
    ("observation  5  -1", "observation 5", "there are 1 observations of 2 channels"),
    ("observation  5  -1", "observation 5 -3", "the observation -3 is negative"),
    ("observation  5  -1", "observation 5 x", "an observation is 'x', not a finite number"),
    ("observation  5  -1", "observation", "the observation line has no number"),
    ("observation  5  -1", "observation 5 -1\nobservation 5 -1", "observations are said twice"),
    ("imax *", "imax 3", "imax says 3 channels, and there are 2"),
    ("jmax *", "jmax 1", "jmax says 1 processes less one, and there are 2"),
    ("kmax *", "kmax 1", "kmax says 1 systematic uncertainties, and there are 0"),
    ("imax *", "imax two", "imax is 'two', not an integer"),
    ("imax *  number of channels", "imax", "imax says no number"),
    ("imax *", "imax -1", "imax is negative"),
    ("jmax *", "jmax *\njmax *", "jmax is said twice"),
    ("bin          a  b", "bin a a", "the channel a is there twice"),
    ("bin          a  b", "bin a c", "no column is of channel c"),
    ("bin          a  b", "bin a 1b", "the channel 1b begins with a digit"),
    ("bin          a    a    a    b    b", "bin a a a b c", "the channel c has no observation"),
    ("bin          a    a    a    b    b", "bin a a a b b\nbin a a a b b", "there is a bin line too many"),
    ("bin          a  b", "bin", "the bin line names no channel"),
    ("process      h    z    w    h    z", "process h z z h z", "process z stands twice in channel a"),
    ("process      0    1    2    0    1", "process 0 1 2 1 1", "h is signal in a and background in b"),
    ("process      0    1    2    0    1", "process 0 1 x 0 1", "the number of a process is 'x', not an integer"),
    ("rate         1    2.5  0 ", "rate 0 0 0 ", "no process contributes to channel a"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), HEADERS, ids=[h[2] for h in HEADERS])
def test_the_header(old: str, new: str, said: str) -> None:
    assert old in HEADER
    with pytest.raises(HzdslError) as caught:
        parse_card(HEADER.replace(old, new, 1), "card.txt")
    messages = [e.message for e in (caught.value, *caught.value.others)]
    assert any(m.startswith(said) for m in messages), messages
    assert all(e.place is not None for e in (caught.value, *caught.value.others))


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ("shapes * * in.root\n", "a shapes line has 3 words"),
        ("shapes * * a b c d\n", "a shapes line has 6 words"),
        (SHAPES + SHAPES, "the shapes of process *, channel * are said twice"),
    ],
)
def test_shapes_lines(shapes: str, said: str) -> None:
    with pytest.raises(HzdslError) as caught:
        card(shapes=shapes)
    assert caught.value.message == said


#: Lines of which the last contradicts the others.
CONTRADICTIONS = {
    ("jes shape 1 - - - -", "jes lnN - 1.1 - - -"): "jes is lnN here, and shape above",
    ("jes lnN 1.1 - - - -", "jes shapeN - 1 - - -"): "jes is shapeN here, and lnN above",
    ("jes shape? 1 - - - -", "jes lnN - 1.1 - - -", "jes shape - - - 1 -"): "jes is shape here, and lnN above",
    ("x gmM 0.1 - - - -", "x lnN - 1.1 - - -"): "x is lnN here, and gmM above",
    ("x gmN 25 - 0.1 - - -", "x gmN 30 - - - 0.1 -"): "x is gmN 30 here, and gmN 25 above",
    ("x gmN 25 - 0.1 - - -", "y gmN 5 - 0.5 - - -"): "z in a has two gmN: x and y",
    ("x lnN 1.1 - - - -", "x param 0 2"): "x has another constraint above",
    ("x param 0 1", "x param 0 2"): "x has another constraint above",
    ("x discrete", "x discrete"): "x is declared twice",
    ("x extArg 1", "x extArg 2"): "x is declared twice",
    ("x rateParam a z 1", "x rateParam a h 2"): "x has another value above",
    ("x rateParam a z 1", "x lnN 1.1 - - - -"): "x is a systematic uncertainty and a rateParam",
    ("x rateParam a z @0 r", "x param 1 2"): "x is a formula, which has no constraint",
    ("x lnN 1.1 - - - -", "g group += x"): "there is no group g above to which to add",
    ("x lnN 1.1 - - - -", "g group = x", "g group = x"): "the group g is defined twice",
}  # fmt: skip


@pytest.mark.parametrize("lines", CONTRADICTIONS, ids=" | ".join)
def test_contradictions(lines: tuple[str, ...]) -> None:
    with pytest.raises(HzdslError) as caught:
        card(*lines)
    assert CONTRADICTIONS[lines] in [e.message for e in (caught.value, *caught.value.others)]


@pytest.mark.parametrize(
    "lines",
    [
        ("jes shape? 1 - - - -", "jes lnN - 1.1 - - -"),
        ("x lnN 1.1 - - - -", "x lnN - 1.1 - - -"),
        ("x lnN 1.1 - - - -", "x param 0 1"),
        ("x rateParam a z 1", "x rateParam a h 1", "x param 1 0.1"),
        ("side gmN 25 - 0.1 - - -", "zero gmN 0 - - 0.3 - -"),
    ],
)
def test_lines_that_share_a_parameter(lines: tuple[str, ...]) -> None:
    assert len(card(*lines).lines) == len(lines)


def test_all_mistakes_are_said_together() -> None:
    wrong = text("lumi lnN 1.02", "jes shap 1 - - - -", "g group").replace("imax *", "imax 3")
    with pytest.raises(HzdslError) as caught:
        parse_card(wrong, "card.txt")
    assert [e.place.line for e in (caught.value, *caught.value.others) if e.place] == [14, 15, 16, 2]
    assert str(caught.value).splitlines()[:9] == [
        "error[datacard]: lnN lumi has 1 column, the card has 5",
        "  at card.txt:14",
        "    lumi lnN 1.02",
        "    ^^^^",
        "  fix: write one word per column, - where there is no effect, and # before a remark",
        "error[datacard]: 'shap' is no type of a line",
        "  at card.txt:15",
        "    jes shap 1 - - - -",
        "        ^^^^",
    ]
