"""One line below the rates, taken apart as far as all of them are alike."""

from __future__ import annotations

from collections.abc import Sequence

from hzdsl.records import dataclass
from hzdsl.stats.cards.records import ColumnName
from hzdsl.stats.cards.words import Word, Words

_NOFLOAT = "[nofloat]"


@dataclass(frozen=True)
class Said:
    """One line: its words, at least two of them, and the columns of the card.

    Lines of large cards have thousands of words: places are found only for those that are asked for.
    """

    line: Words
    texts: Sequence[str]
    columns: Sequence[ColumnName]

    @property
    def first(self) -> Word:
        """The word that it begins with."""
        return self.line.word(0)

    @property
    def kind(self) -> Word:
        """Its type."""
        return self.line.word(1)

    @property
    def rest(self) -> list[Word]:
        """The words after its type."""
        return list(self.line)[2:]

    @property
    def nofloat(self) -> bool:
        """Whether its name ends in `[nofloat]`."""
        return self.texts[0].endswith(_NOFLOAT)

    @property
    def name(self) -> str:
        """What it is about, as Combine calls it: a name that begins with a digit has `theta` before it."""
        name = self.texts[0].removesuffix(_NOFLOAT)
        return f"theta{name}" if name[:1].isdigit() else name

    def expect(self, least: int, most: int, form: str) -> None:
        """Refuse a wrong number of words."""
        found = len(self.texts) - 2
        if not least <= found <= most:
            raise self.line.wrong(f"the {self.texts[1]} line of {self.name} has {found} arguments", form)
