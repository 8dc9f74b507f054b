"""Cards with mistakes of any kind are read as something that can be written again, or are refused in words."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.checking import remarks
from hzdsl.stats.cards.document import card_document
from hzdsl.stats.cards.editing import edited
from hzdsl.stats.cards.reader import parse_card
from hzdsl.stats.cards.summary import summary
from hzdsl.stats.cards.writer import write_card
from tests.stats.cards.texts import text

LINES = text(
    "lumi lnN 1.1 - 0.9/1.1 - -", "jes shape 1 1 - - -", "side gmN 25 - 0.1 - - -", "m param 1 2 [0,3]", "u unif 0 1 0.1 - - - -",
    "r1 rateParam a z 1 [0,2]", "r2 rateParam * h @0*2 r1", "e extArg 1 [const]", "i discrete", "c constr @0-1 r1 0.1",
    "g group = lumi", "nuisance edit add h a new lnN 1.3", "nuisance edit rename h a jes jes_h",
    "nuisance edit split h b lumi x y 1.1 1.2", "nuisance edit freeze r1", "* autoMCStats 10",
).splitlines()  # fmt: skip
JUNK = [
    "-", "--", "/", "0", "1", "-1", "1/2", "nan", "inf", "1e400", "*", "#", "[", "[0,1]", "[nofloat]", "x[nofloat]", "=", "+=",
    "@9", "$MASS", "\x00", "é", ".", "-/+", "1/", "a:b", "a.root:b", "(", "FAKE", "bin", "process", "rate", "observation",
    "imax", "shape", "lnN", "gmN", "unif", "param", "group", "edit", "nuisance", "a", "h", "jes",
]  # fmt: skip


@st.composite
def mutated(draw) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        k = draw(st.integers(0, len(lines) - 1))
        words = lines[k].split()
        match draw(st.sampled_from(["word", "more", "less", "line", "no line", "order"])):
            case "word" if words:
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(JUNK))
            case "more":
                words.insert(draw(st.integers(0, len(words))), draw(st.sampled_from(JUNK)))
            case "less" if words:
                del words[draw(st.integers(0, len(words) - 1))]
            case "line":
                lines.insert(k, draw(st.sampled_from(lines)))
            case "no line" if len(lines) > 1:
                words = []
            case _:
                j = draw(st.integers(0, len(lines) - 1))
                lines[k], lines[j] = lines[j], lines[k]
                continue
        lines[k] = " ".join(words)
    return "\n".join(lines)


@given(mutated())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_read_or_refused(said: str) -> None:
    try:
        found = parse_card(said, "card.txt")
    except HzdslError as error:
        assert all(e.place is not None and e.place.source == "card.txt" for e in (error, *error.others))
        return
    assert parse_card(write_card(found)) == found
    done = edited(found)
    assert card_document(done)["channels"]
    assert summary(done)
    assert all(remarks(done))
