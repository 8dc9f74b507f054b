"""The words of a card's lines, and the numbers that they are, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from math import isfinite

from hzdsl.errors import HzdslError, Place
from hzdsl.records import dataclass
from hzdsl.stats.cards.records import Bounds

#: The error code of everything that is wrong with the text of a card.
CODE = "datacard"
_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_RANGE = re.compile(r"\[([^\[\],]+),([^\[\],]+)\]")


@dataclass(frozen=True)
class Word:
    """One word of a line, from `column` on."""

    text: str
    column: int
    line: Words

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.line.place(self.column, self.column + len(self.text))

    def wrong(self, message: str, fix: str | None = None) -> HzdslError:
        """Return the error that points at it."""
        return HzdslError(CODE, message, fix=fix, place=self.place)

    def number(self, what: str) -> float:
        """Return the finite number that it is."""
        if not _NUMBER.fullmatch(self.text) or not isfinite(float(self.text)):
            raise self.wrong(f"{what} is '{self.text}', not a finite number", "write a number, such as 1.05")
        return float(self.text)

    def integer(self, what: str) -> int:
        """Return the integer that it is."""
        if not re.fullmatch(r"[+-]?\d+", self.text):
            raise self.wrong(f"{what} is '{self.text}', not an integer", "write an integer")
        return int(self.text)

    def bounds(self, what: str) -> Bounds:
        """Return the range ``[low,high]`` that it is."""
        m = _RANGE.fullmatch(self.text)
        if m is None or not all(_NUMBER.fullmatch(x) for x in m.groups()):
            raise self.wrong(f"{what} is '{self.text}', not a range", "write [low,high], without spaces")
        low, high = map(float, m.groups())
        if not low < high:
            raise self.wrong(f"{what} {self.text} is empty", "the lower bound comes first")
        return low, high


@dataclass(frozen=True)
class Words:
    """One line of a card as words; `number` counts from 1."""

    source: str
    number: int
    text: str
    end: int

    def __iter__(self) -> Iterator[Word]:
        return (Word(m[0], m.start(), self) for m in _WORD.finditer(self.text, 0, self.end))

    def texts(self) -> list[str]:
        """Return the words alone, which takes a fraction of the time."""
        return self.text[: self.end].split()

    def word(self, number: int) -> Word:
        """Return one word, the first being 0."""
        m = next(islice(_WORD.finditer(self.text, 0, self.end), number, None))
        return Word(m[0], m.start(), self)

    def place(self, start: int | None = None, end: int = 0) -> Place:
        """Return where some columns of the line, or its first word, stand."""
        if start is None:
            first = next(iter(self), None)
            return Place(self.source, self.number, self.text) if first is None else first.place
        return Place(self.source, self.number, self.text, start, end)

    def wrong(self, message: str, fix: str | None = None) -> HzdslError:
        """Return the error that points at the line."""
        return HzdslError(CODE, message, fix=fix, place=self.place())


def lines_of(text: str, source: str) -> Iterator[Words]:
    """Yield all lines."""
    for number, line in enumerate(text.split("\n"), 1):
        yield Words(source, number, line.rstrip(), len(line.rstrip()))


def without_comment(line: Words) -> Words:
    """Return a line up to its comment; of one that is all comment or a ruler of dashes nothing is left."""
    if line.text.startswith(("#", "--")):
        return Words(line.source, line.number, line.text, 0)
    at = line.text.find("#")
    return line if at < 0 else Words(line.source, line.number, line.text, len(line.text[:at].rstrip()))


def is_number(text: str) -> bool:
    """Return whether a word could stand in a column: a number, `down/up` or dashes.

    Examples
    --------
    >>> [is_number(x) for x in ("1.05", "0.9/1.1", "--", "uncertainty", "20\\\\%")]
    [True, True, True, False, False]
    """
    return set(text) == {"-"} or all(_NUMBER.fullmatch(part) for part in text.split("/"))
