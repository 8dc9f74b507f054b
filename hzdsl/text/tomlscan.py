"""Where the keys and values of a TOML text stand: `tomllib` does not say.

The scanner runs after `tomllib` has accepted the text, so it only has to follow its structure.
"""

from __future__ import annotations

import re

from hzdsl.text.file import MAX_NESTING
from hzdsl.text.positions import Path, Positions

_KEY = re.compile(r"""[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:[^"\\]|\\.)*"|' r"'[^']*'", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


def toml_positions(text: str) -> Positions:
    r"""Return where the keys and values of an accepted TOML text stand.

    Raises
    ------
    RecursionError
        Where they are nested more than `MAX_NESTING` levels deep.

    Examples
    --------
    >>> p = toml_positions('[regions.r]\nrequire = ["a > 1", "b"]\n')
    >>> p.line_of_value(("regions", "r", "require", 1)), p.line_of_key(("regions",))
    (2, 1)
    """
    scanner = _Scanner(text)
    scanner.scan()
    return Positions(text, scanner.keys, scanner.values, scanner.blocks)


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}
        self.blocks: set[Path] = set()
        self._counts: dict[Path, int] = {}

    def scan(self) -> None:
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
        self.keys.setdefault(last, at + width)
        if width == 2:
            count = self._counts.get(last, 0)
            self._counts[last] = count + 1
            last = (*last, count)
            self.keys.setdefault(last, at + width)
        else:
            last = self._resolved(keys, at + width)
        return end + width, last

    def _resolved(self, keys: list[str], at: int) -> Path:
        """Return the path of a header, through the latest element of every array of tables."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            self.keys.setdefault(path, at)
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
            self.keys.setdefault(path, at)
        return self._value(self._blank(end + 1), path)

    def _value(self, at: int, path: Path) -> int:
        if len(path) > MAX_NESTING:
            raise RecursionError
        self.values[path] = at
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
        if quote == 3:
            self.blocks.add(path)
        self.values[path] = at + quote + (quote == 3 and self._text.startswith("\n", at + 3))
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
