"""JSON documents: `json` reads them, and a scanner that follows says where their keys and values stand."""

from __future__ import annotations

import json
import re
from pathlib import Path as FilePath
from typing import Any, NoReturn

from hzdsl.errors import HzdslError
from hzdsl.text.file import MAX_NESTING, TOO_MANY_DIGITS, DocumentFile, not_a_number, not_of_format, not_read, place_in
from hzdsl.text.positions import Path, Positions

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r"[^,\]}\s]+")
_SPACE = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(text: str, name: str, folder: FilePath) -> DocumentFile:
    """Return a text parsed as JSON.

    Raises
    ------
    HzdslError
        ``spec-format`` where it is not JSON, or no object; where a key stands twice; where it is nested too deeply.
    """

    def constant(written: str) -> NoReturn:
        raise not_a_number(name, "JSON", text, written, f"'{written}' is no number of it")

    try:
        data = json.loads(text, parse_constant=constant, object_pairs_hook=_Object)
    except json.JSONDecodeError as e:
        raise not_of_format(name, "JSON", e.msg, place_in(text, name, min(e.pos, len(text)))) from None
    except RecursionError:
        raise not_of_format(name, "JSON", "arrays or objects are nested too deeply") from None
    except ValueError:
        raise not_a_number(name, "JSON", text, TOO_MANY_DIGITS, "the number has too many digits") from None
    scanner = _Scanner(text, name)
    scanner.value(scanner.space(0), (), data)
    if not isinstance(data, dict):
        raise not_read(name, "the document is no object", place_in(text, name, 0), 'begin with { "analysis": … }')
    return DocumentFile(name, folder, data, Positions(text, scanner.keys, scanner.values))


class _Object(dict[str, Any]):
    """An object with all that was written in it: of a key that stands twice, both."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


class _Scanner:
    """Walks along the text beside the data it stands for."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}

    def space(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return at if match is None else match.end()

    def value(self, at: int, path: Path, data: Any) -> int:
        """Note where the value at `at` stands; return where it ends."""
        self.values[path] = at
        if isinstance(data, _Object):
            return self._object(at + 1, path, data)
        if isinstance(data, list):
            return self._array(at + 1, path, data)
        if isinstance(data, str):
            self.values[path] = at + 1
            return self._string(at, data)
        match = _SCALAR.match(self._text, at)
        assert match is not None
        if data is None:
            raise self._refused(at, "null has no meaning", "leave the key out")
        return match.end()

    def _string(self, at: int, data: str) -> int:
        match = _STRING.match(self._text, at)
        assert match is not None
        if _SURROGATE.search(data):
            raise self._refused(at, "half of a surrogate pair is no character")
        return match.end()

    def _object(self, at: int, path: Path, data: _Object) -> int:
        self._check_depth(at, path)
        for key, x in data.pairs:
            at = self.space(at)
            if (*path, key) in self.keys:
                raise self._refused(at, f"the key {json.dumps(key)} stands twice in one object")
            self.keys[(*path, key)] = at
            colon = self.space(self._string(at, key))
            at = self.space(self.value(self.space(colon + 1), (*path, key), x))
            at += self._text[at] == ","
        return self.space(at) + 1

    def _array(self, at: int, path: Path, data: list[Any]) -> int:
        self._check_depth(at, path)
        for i, x in enumerate(data):
            at = self.space(at)
            self.keys[(*path, i)] = at
            at = self.space(self.value(at, (*path, i), x))
            at += self._text[at] == ","
        return self.space(at) + 1

    def _check_depth(self, at: int, path: Path) -> None:
        if len(path) > MAX_NESTING:
            raise self._refused(at, "arrays or objects are nested too deeply")

    def _refused(self, at: int, said: str, fix: str | None = None) -> HzdslError:
        return not_read(self._name, said, place_in(self._text, self._name, at), fix)
