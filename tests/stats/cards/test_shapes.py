"""Where shapes lie: which line of a card is asked, and what its words become."""

from __future__ import annotations

import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.shapes import Location, Substitutions, keywords, locate, shape_line
from tests.stats.cards.texts import card

LINES = """\
shapes *        *  every.root   every
shapes h        *  h.root       every_h
shapes *        a  a.root       a_rest
shapes z        a  a_z.root     a_z
shapes data_obs b  b.root       b_data
"""


@pytest.mark.parametrize(
    ("channel", "process", "file"),
    [
        ("a", "z", "a_z.root"),  # the very channel and process
        ("a", "h", "a.root"),  # * of the channel, before the process among all channels
        ("a", "data_obs", "a.root"),
        ("b", "data_obs", "b.root"),
        ("b", "h", "h.root"),  # a channel without a line for it: all channels, process before *
        ("b", "z", "every.root"),
    ],
)
def test_which_line_is_asked(channel: str, process: str, file: str) -> None:
    line = shape_line(card(shapes=LINES), channel, process)
    assert line is not None
    assert line.file == file


def test_no_line_is_about_it() -> None:
    with pytest.raises(HzdslError, match="no shapes line is about process h in channel b") as caught:
        shape_line(card(shapes="shapes * a a.root x\nshapes z b b.root z\n"), "b", "h")
    assert caught.value.place is not None
    assert caught.value.fix == "write shapes h b FILE HISTOGRAM, or shapes h b FAKE"


def test_counting_experiments_have_no_shapes() -> None:
    assert locate(card(shapes=""), "a", "h") is None
    assert locate(card(shapes="shapes * * FAKE\n"), "a", "h") is None


def test_words_become_names() -> None:
    found = card(shapes="shapes * * f_$CHANNEL.root $PROCESS$MASS/$TAG $PROCESS$MASS_$SYSTEMATIC\n")
    given = Substitutions(125.0, {"TAG": "mva"})
    assert locate(found, "a", "h", substitutions=given) == Location("f_a.root", "h125/mva")
    assert locate(found, "a", "h", "jesUp", given) == Location("f_a.root", "h125_jesUp")
    assert locate(found, "a", "h", "jesUp", Substitutions(125.38, {})) == Location("f_a.root", "h125.38_jesUp")


def test_objects_of_workspaces() -> None:
    found = card(shapes="shapes * * in.root w:pdf_$PROCESS w:pdf_$PROCESS_$SYSTEMATIC\n")
    assert locate(found, "a", "h") == Location("in.root", "pdf_h", "w")
    assert locate(found, "a", "h", "jesDown") == Location("in.root", "pdf_h_jesDown", "w")


def test_rows_of_tables() -> None:
    found = locate(
        card(shapes="shapes * * in.csv $CHANNEL:$PROCESS $CHANNEL:$PROCESS:$SYSTEMATIC\n"), "a", "h", "jesUp"
    )
    assert found == Location("in.csv", "a:h:jesUp")
    assert found is not None
    assert found.table


def test_variations_without_a_name() -> None:
    found = card(shapes="shapes * * in.root $PROCESS\n")
    assert locate(found, "a", "h", "jesUp", optional=True) is None
    with pytest.raises(HzdslError, match="there is no name for jesUp of h in channel a"):
        locate(found, "a", "h", "jesUp")


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ("shapes * * in.root h$MASS\n", r"h\$MASS depends on the mass"),
        ("shapes * * in.root $PROC_x\n", r"\$PROC_x in the name \$PROC_x stands for nothing"),
        ("shapes * * $NOWHERE/in.root h\n", r"\$NOWHERE in the path \$NOWHERE/in.root stands for nothing"),
    ],
)
def test_words_that_stand_for_nothing(shapes: str, said: str) -> None:
    with pytest.raises(HzdslError, match=said) as caught:
        locate(card(shapes=shapes), "a", "h")
    assert caught.value.place is not None
    assert caught.value.place.line == 1


def test_words_that_have_a_meaning() -> None:
    with pytest.raises(HzdslError, match="the keyword MASS cannot be given a value"):
        keywords([("MASS", "125")])


def test_paths_start_at_the_card(tmp_path, monkeypatch) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "beside.root").touch()
    (tmp_path / "present.root").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HERE", "/data")
    from dataclasses import replace

    def path(file: str) -> str:
        found = locate(replace(card(shapes=f"shapes * * {file} x\n"), source="cards/card.txt"), "a", "h")
        assert found is not None
        return found.file

    assert path("beside.root") == "cards/beside.root"
    assert path("present.root") == "present.root"
    assert path("nowhere.root") == "cards/nowhere.root"
    assert path("$HERE/x.root") == "/data/x.root"
    assert path("https://host/x.root") == "https://host/x.root"
