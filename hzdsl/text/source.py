"""Sources: a text with a name, and the places in it that errors show."""

from __future__ import annotations

from hzdsl.errors import Place
from hzdsl.records import dataclass

#: The name of the one other dialect (`hzdsl.text.nano`).
NANO_SPEC = "nano-spec"


@dataclass(frozen=True)
class Source:
    r"""A text to be parsed, and where it stands in the user's file.

    Parameters
    ----------
    name : str
        How the user calls it: ``higgs4l.toml [regions.4mu] require[2]``.
    text : str
        The text itself.
    line : int
        The line of the file on which the text begins.
    one_line : bool
        Whether all of it stands on that line, its line breaks being escapes (``"a = 1\nb = 2"``).
    dialect : str
        The dialect it is written in: `NANO_SPEC`, or none.
    """

    name: str
    text: str
    line: int = 1
    one_line: bool = False
    dialect: str = ""

    def place(self, start: int, end: int) -> Place:
        """Return the place of the characters from `start` to `end` (of its first line, where they are several)."""
        first = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", first)
        stop = len(self.text) if stop < 0 else stop
        number = self.line + (0 if self.one_line else self.text.count("\n", 0, start))
        return Place(self.name, number, self.text[first:stop], start - first, min(max(end, start), stop) - first)
