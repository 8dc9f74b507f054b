"""Where the keys and values of a TOML text stand: `tomllib` does not say.

The scanner runs after `tomllib` has accepted the text, so it only has to follow its structure.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping

#: A path into a document: keys and positions in arrays.
Path = tuple[str | int, ...]

_KEY = re.compile(r"""[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:[^"\\]|\\.)*"|' r"'[^']*'", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


class Positions:
    r"""The offset of every key and of every value's text.

    Examples
    --------
    >>> p = Positions('[regions.r]\nrequire = ["a > 1", "b"]\n')
    >>> p.line_of_value(("regions", "r", "require", 1)), p.line_of_key(("regions",))
    (2, 1)
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._keys: dict[Path, int] = {}
        self._values: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self._lines = [0, *(m.end() for m in re.finditer("\n", text))]
        self._scan()

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

    # ---- scanning ----

    def _scan(self) -> None:
        at = 0
        prefix: Path = ()
        while (at := self._blank(at)) < len(self._text):
            if self._text[at] == "[":
                at, prefix = self._header(at)
            else:
                at = self._pair(at, prefix)

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return at if match is None else match.end()

    def _header(self, at: int) -> tuple[int, Path]:
        width = 2 if self._text.startswith("[[", at) else 1
        end, keys = self._dotted(at + width)
        path = self._resolved(keys[:-1], at + width)
        last: Path = (*path, keys[-1])
        self._keys.setdefault(last, at + width)
        if width == 2:
            count = self._counts.get(last, 0)
            self._counts[last] = count + 1
            last = (*last, count)
            self._keys.setdefault(last, at + width)
        else:
            last = self._resolved(keys, at + width)
        return end + width, last

    def _resolved(self, keys: list[str], at: int) -> Path:
        """Return the path of a header, through the latest element of every array of tables."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            self._keys.setdefault(path, at)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _dotted(self, at: int) -> tuple[int, list[str]]:
        keys: list[str] = []
        while (match := _KEY.match(self._text, at)) is not None:
            keys.append(_unquoted(match.group(1)))
            at = match.end()
            if not self._text.startswith(".", at):
                return at, keys
            at += 1
        raise AssertionError("the text has been accepted by tomllib")

    def _pair(self, at: int, prefix: Path) -> int:
        end, keys = self._dotted(at)
        path = prefix
        for key in keys:
            path = (*path, key)
            self._keys.setdefault(path, at)
        return self._value(self._blank(end + 1), path)

    def _value(self, at: int, path: Path) -> int:
        self._values[path] = at
        char = self._text[at]
        if char in "'\"":
            return self._string(at, path)
        if char == "[":
            return self._array(at + 1, path)
        if char == "{":
            return self._table(at + 1, path)
        match = _SCALAR.match(self._text, at)
        assert match is not None
        return match.end()

    def _string(self, at: int, path: Path) -> int:
        match = _STRING.match(self._text, at)
        assert match is not None
        quote = 3 if self._text[at : at + 3] in ('"""', "'''") else 1
        newline = quote == 3 and re.match(r"\r?\n", self._text[at + 3 :])
        self._values[path] = at + quote + (newline.end() if newline else 0)
        return match.end()

    def _array(self, at: int, path: Path) -> int:
        index = 0
        while self._text[at := self._blank(at)] != "]":
            at = self._blank(self._value(at, (*path, index)))
            index += 1
            at += self._text[at] == ","
        return at + 1

    def _table(self, at: int, path: Path) -> int:
        while self._text[at := self._blank(at)] != "}":
            at = self._blank(self._pair(at, path))
            at += self._text[at] == ","
        return at + 1


def _unquoted(key: str) -> str:
    if key[0] == '"':
        return key[1:-1].encode().decode("unicode_escape", "replace") if "\\" in key else key[1:-1]
    return key[1:-1] if key[0] == "'" else key
