"""One line below the rates, taken apart as far as all of them are alike."""

from __future__ import annotations

from collections.abc import Sequence

from hzdsl.records import dataclass
from hzdsl.stats.cards.records import ColumnName
from hzdsl.stats.cards.words import Word, Words


@dataclass(frozen=True)
class Said:
    """One line: the name that it begins with, the words after its type, and the columns of the card."""

    line: Words
    name: str
    first: Word
    kind: Word
    rest: Sequence[Word]
    columns: Sequence[ColumnName]
    nofloat: bool

    def expect(self, least: int, most: int, form: str) -> None:
        """Refuse a wrong number of words."""
        if not least <= len(self.rest) <= most:
            raise self.line.wrong(f"the {self.kind.text} line of {self.name} has {len(self.rest)} arguments", form)
