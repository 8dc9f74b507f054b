"""Where the keys and values of a document stand, whatever it is written in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping

#: A path into a document: keys and positions in arrays.
Path = tuple[str | int, ...]


class Positions:
    """The offset of every key and of every value's text.

    Parameters
    ----------
    text : str
        The document.
    keys, values : mapping of path to int
        The offset at which each key is first written, and that of the content of each value.
    blocks : collection of paths
        Texts whose line breaks are line breaks of the document.
    """

    def __init__(
        self, text: str, keys: Mapping[Path, int], values: Mapping[Path, int], blocks: Collection[Path] = ()
    ) -> None:
        self._text, self._keys, self._values, self._blocks = text, keys, values, blocks
        self._lines = [0, *(m.end() for m in re.finditer("\n", text))]

    @property
    def keys(self) -> Mapping[Path, int]:
        """The offset at which each key is first written."""
        return self._keys

    def line_of_key(self, path: Path) -> int:
        """Return the line of a key, or that of the innermost table around it that is written."""
        return self._line(self._nearest(path, self._keys))

    def line_of_value(self, path: Path) -> int:
        """Return the line on which the content of a value begins (of a multi-line string, its first line)."""
        return self._line(self._nearest(path, self._values))

    def is_block(self, path: Path) -> bool:
        """Return True for a text whose line breaks are those of the document."""
        return path in self._blocks

    def offset_of_key(self, path: Path) -> int:
        """Return the offset of a key, as `line_of_key`."""
        return self._nearest(path, self._keys)

    def line_text(self, line: int) -> str:
        """Return a line, from 1."""
        start = self._lines[line - 1]
        end = self._text.find("\n", start)
        return self._text[start : len(self._text) if end < 0 else end]

    def column(self, offset: int) -> int:
        """Return the column, from 0, of an offset."""
        return offset - self._lines[self._line(offset) - 1]

    def _line(self, offset: int) -> int:
        return bisect_right(self._lines, offset)

    def _nearest(self, path: Path, known: Mapping[Path, int]) -> int:
        while path:
            for table in (known, self._keys):
                if path in table:
                    return table[path]
            path = path[:-1]
        return 0
