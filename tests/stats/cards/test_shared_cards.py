"""The cards of ../shared/data/stats: all are read, written back, and their shapes found; what is refused, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.checking import check_shapes
from hzdsl.stats.cards.combining import combine_cards
from hzdsl.stats.cards.editing import edited
from hzdsl.stats.cards.reader import parse_card, read_card
from hzdsl.stats.cards.records import Card, Param, RateParam, Systematic
from hzdsl.stats.cards.shapes import Substitutions
from hzdsl.stats.cards.templates import Templates
from hzdsl.stats.cards.writer import write_card

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "stats"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/stats"),
]
TUTORIALS = DATA / "combine" / "tutorials"
CARDS = sorted(p for room in ("combine", "combine-ci", "combine-gammas") for p in (DATA / room).rglob("*.txt")
               if "lhc-hxswg" not in p.parts)  # fmt: skip
#: Cards that are wrong whatever is made of their channels' names; the grammar of Combine refuses them, too.
WRONG = {
    "simple-10bins.txt": "'2.08034464e-07/6325.76' is asymmetric, which shapeN is not",
    "simple-shapes-UnbinnedParam_resolutionAffectShapeParam.txt": "no column is of channel bin1",
}
#: Cards of which channels begin with a digit, apart from all of combine-gammas: what their names begin with.
DIGITS = {
    "simple-counting", "shapes", "summer11", "cms-hzz-1fb", "simple_sm_datacard.txt", "simple-multi-channel.txt",
    "multiDim", "combine-gammas",
}  # fmt: skip


def name(path: Path) -> str:
    return str(path.relative_to(DATA))


@pytest.mark.parametrize("path", CARDS, ids=name)
def test_every_card_is_read_and_written(path: Path) -> None:
    if path.name in WRONG:
        with pytest.raises(HzdslError) as caught:
            read_card(path, lenient=True)
        assert caught.value.message == WRONG[path.name]
        return
    found = read_card(path, lenient=True)
    assert parse_card(write_card(found), lenient=True) == found
    done = edited(found)
    assert edited(parse_card(write_card(done), lenient=True)) == done


@pytest.mark.parametrize("path", CARDS, ids=name)
def test_channels_that_begin_with_a_digit_are_refused(path: Path) -> None:
    try:
        read_card(path)
    except HzdslError as error:
        if path.name in WRONG:
            return
        errors = (error, *error.others)
        assert all(e.message.endswith("begins with a digit") for e in errors)
        assert DIGITS & {*path.parts}
    else:
        assert "combine-gammas" not in path.parts


def meaning(card: Card) -> dict[str, object]:
    """Return what a card says, whatever the order of its lines."""
    return {
        "observed": {c.name: c.observed for c in card.channels},
        "rates": {c.name: (c.rate, c.signal) for c in card.columns},
        "systematics": {(x.name, x.kind): x.effects for x in card.of(Systematic)},
        "parameters": {x.name: x for x in card.of(Param)},
        "rate parameters": {(x.name, x.channel, x.process): x.value for x in card.of(RateParam)},
        "shapes": {(s.channel, s.process): (s.file, s.nominal, s.varied) for s in card.shapes if not s.fake},
        "groups": card.groups(),
        "statistics": card.auto_stats(),
    }


PART4 = ("htt_tt_8_13TeV", "htt_tt_9_13TeV", "htt_ttbar_1_13TeV", "htt_zmm_8_13TeV", "htt_zmm_9_13TeV")
ABCD = ("CR_B", "CR_C", "CR_D", "SR")
#: What combineCards.py made → of which cards.
COMBINED = {
    "longexercise/part4/200/combined.txt": {n: f"{n}.txt" for n in PART4},
    **{
        f"abcd_rooparametrichist_exercise/datacards/{kind}/mPhi1500/combined_mPhi_1500_2018.txt": {
            f"ch{k}": f"mPhi_1500_Catany_2018_{region}.txt" for k, region in enumerate(ABCD, 1)
        }
        for kind in ("no_sgn_CRs", "sgn_CRs")
    },
    "tutorial_unfolding_2023/counting/combined_ratesOnly.txt": {
        f"vhbb_Z{lepton}_{region}_13TeV": f"regions/vhbb_Z{lepton}_{region}_13TeV.txt"
        for lepton in ("ee", "mm")
        for region in ("75_150", "150_250_noj", "150_250_wj", "250_400", "gt400")
    },
}


@pytest.mark.parametrize("made", COMBINED)
def test_combined_cards_are_those_of_combine(made: str) -> None:
    path = TUTORIALS / made
    parts = [(label, read_card(path.parent / file)) for label, file in COMBINED[made].items()]
    mine = combine_cards(parts, folder=str(path.parent))
    theirs = read_card(path)
    expected = meaning(theirs)
    found = meaning(mine)
    folder = f"{path.parent}/"
    found["shapes"] = {k: (file.removeprefix(folder), *rest) for k, (file, *rest) in found["shapes"].items()}  # type: ignore[attr-defined]
    assert found == expected


#: Cards whose files are there: the mass that their names want, how many columns have shapes that vary.
SHAPES = {
    "combine-ci/template-analysis_shapeInterp.txt": (200.0, 69),
    "combine-ci/template-analysis_shapeNInterp.txt": (200.0, 69),
    "combine-ci/templ_datacard_largeYields.txt": (None, 68),
    "combine/tutorials/CAT23001/datacard-2-template-analysis.txt": (None, 2),
    "combine/tutorials/shapes/simple-shapes-TH1.txt": (None, 2),
    "combine/tutorials/shapes/simple-shapes-df.txt": (None, 2),
    "combine/tutorials/longexercise/datacard_part3.txt": (200.0, 17),
    "combine/tutorials/htt/125/htt_tt.txt": (125.0, 43),
}


@pytest.mark.parametrize("path", SHAPES)
def test_shapes(path: str) -> None:
    mass, count = SHAPES[path]
    found = read_card(DATA / path)
    with Templates(found, Substitutions(mass)) as templates:
        rates, _ = check_shapes(templates)
        varied = [
            (x, c) for x in found.of(Systematic) if x.shape for c in x.effects
            if rates.expected[c] and templates.varied(x, c) is not None
        ]  # fmt: skip
    assert len(varied) == count
    assert min(rates.expected.values()) >= 0
    assert -1 not in rates.observed.values()


def test_a_histogram_that_another_mass_has() -> None:
    with (
        Templates(read_card(TUTORIALS / "longexercise" / "datacard_part3.txt"), Substitutions(125.0)) as templates,
        pytest.raises(HzdslError) as caught,
    ):
        check_shapes(templates)
    assert caught.value.message.endswith("has no histogram signal_region/bbHtautau125")
    assert caught.value.fix is not None
    assert "signal_region/bbHtautau200" in caught.value.fix
