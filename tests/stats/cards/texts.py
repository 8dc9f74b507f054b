"""Cards for tests: a small one, and lines to put below it."""

from __future__ import annotations

from hzdsl.stats.cards.reader import parse_card
from hzdsl.stats.cards.records import Card

HEADER = """\
imax *  number of channels
jmax *
kmax *
------------
bin          a  b
observation  5  -1
------------
bin          a    a    a    b    b
process      h    z    w    h    z
process      0    1    2    0    1
rate         1    2.5  0    3    -1
------------
"""
#: The columns of `HEADER`.
COLUMNS = [("a", "h"), ("a", "z"), ("a", "w"), ("b", "h"), ("b", "z")]
SHAPES = "shapes * * in.root $CHANNEL/$PROCESS $CHANNEL/$PROCESS_$SYSTEMATIC\n"


def text(*lines: str, shapes: str = SHAPES) -> str:
    return shapes + HEADER + "".join(f"{line}\n" for line in lines)


def card(*lines: str, shapes: str = SHAPES, **options: object) -> Card:
    return parse_card(text(*lines, shapes=shapes), "card.txt", **options)  # type: ignore[arg-type]
