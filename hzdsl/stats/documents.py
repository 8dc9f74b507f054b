"""Documents of JSON that say models: values that know where they stand, so that a mistake is said with its place.

Where a value stands is searched in the text when an error needs it, and not before: documents have megabytes.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError, Place, did_you_mean
from hzdsl.jsonfile import parse_json, read_json_text
from hzdsl.records import dataclass
from hzdsl.stats.parameters import Vector

Path = tuple[str | int, ...]
_SPACE = re.compile(r"[ \t\r\n]*")
#: How one of them is called, where it is not the plural without its s.
_SINGULAR = {"analyses": "analysis", "axes": "axis", "patches": "patch", "entries": "entry"}
_NUMBER = "write a number without quotes or brackets"
_EXAMPLES: dict[type, str] = {
    str: 'it in quotes: "…"',
    bool: "true or false",
    list: "a list: […]",
    dict: "an object: {…}",
}
_KINDS = {str: "a text", bool: "true or false", list: "a list", dict: "an object", type(None): "null"}


def read_document(path: str | os.PathLike[str]) -> Value:
    """Return what a file of JSON holds, compressed with gzip or not.

    Raises
    ------
    HzdslError
        ``file-missing``, ``file-truncated``, or ``spec-format`` where it is not JSON, no object, or says a key twice.
    """
    return parse_document(read_json_text(os.fspath(path)), os.path.basename(path))


def parse_document(text: bytes | str, name: str) -> Value:
    """Return what a text of JSON says; `name` is that of its file."""
    data = parse_json(text, name, lambda pairs: _object(pairs, name))
    if not isinstance(data, dict):
        what = f"{name} holds {_shown(data)}, where an object of JSON belongs"
        raise HzdslError("spec-format", what, fix="a document begins with { and ends with }")
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    return Value(Source(name, text, data), (), data)


def _object(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [k for k, _ in pairs]
        twice = next(k for k in keys if keys.count(k) > 1)
        named = f" of '{found['name']}'" if isinstance(found.get("name"), str) else ""
        what = f"{name}: the key '{twice}'{named} stands twice in one object"
        raise HzdslError("spec-format", what, fix="leave one of them out, or put both values into one list")
    return found


@dataclass(frozen=True, eq=False)
class Source:
    """One document: the name of its file, its text (empty where it was changed after it was read), and its data."""

    name: str
    text: str
    data: Any


@dataclass(frozen=True, eq=False, repr=False)
class Value:
    """A value of a document and the keys that lead to it.

    Examples
    --------
    >>> v = parse_document('{"channels": [{"name": "SR", "data": [1, "x"]}]}', "a.json")
    >>> v["channels"].items[0]["data"].numbers()
    Traceback (most recent call last):
    hzdsl.errors.HzdslError: error[spec-value]: a.json: channel 'SR', data[1] is "x", where a number belongs
      at a.json:1
        {"channels": [{"name": "SR", "data": [1, "x"]}]}
                                                 ^^^
      fix: write a number without quotes or brackets
    """

    source: Source
    path: Path
    data: Any

    # ---- inner values ----

    def __getitem__(self, key: str) -> Value:
        if key not in self.mapping:
            raise self.error("spec-key", f"lacks the key '{key}'", f'add "{key}": …')
        return Value(self.source, (*self.path, key), self.data[key])

    def get(self, key: str) -> Value | None:
        """Return the value of a key of an object, None where it has none."""
        return self[key] if key in self.mapping else None

    @property
    def mapping(self) -> dict[str, Any]:
        """The keys and values of what has to be an object."""
        found: dict[str, Any] = self._of(dict, "an object")
        return found

    @cached_property
    def items(self) -> tuple[Value, ...]:
        """The values of what has to be a list."""
        return tuple(Value(self.source, (*self.path, i), x) for i, x in enumerate(self._of(list, "a list")))

    def each(self, key: str) -> tuple[Value, ...]:
        """Return the values of a list, none where the key is absent."""
        found = self.get(key)
        return () if found is None else found.items

    def named(self, key: str) -> dict[str, Value]:
        """Return the objects of a list by their names.

        Raises
        ------
        HzdslError
            ``name-twice`` where two have the same one.
        """
        found: dict[str, Value] = {}
        for item in self.each(key):
            name = item.word("name")
            if name in found:
                raise item.error("name-twice", "is there twice", fix="call one otherwise")
            found[name] = item
        return found

    # ---- what is expected of it ----

    def check(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Value:
        """Return this object; an error where it has another key, or lacks one that it needs."""
        known = (*required, *optional)
        for key in self.mapping:
            if key not in known:
                fix = did_you_mean(key, known) or f"known keys: {', '.join(known)}"
                raise self[key].error("spec-key", "is a key that has no meaning here", fix=fix)
        for key in required:
            _ = self[key]
        return self

    def word(self, key: str) -> str:
        """Return the text of a key that has to be there."""
        return self[key].text

    @property
    def text(self) -> str:
        """The text."""
        found: str = self._of(str, "a text")
        return found

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of a list."""
        return tuple(v.text for v in self.items)

    @property
    def truth(self) -> bool:
        """True or false."""
        found: bool = self._of(bool, "true or false")
        return found

    @property
    def number(self) -> float:
        """The number, which is finite."""
        if isinstance(self.data, bool) or not isinstance(self.data, int | float):
            raise self.error("spec-value", f"is {_shown(self.data)}, where a number belongs", _NUMBER)
        try:
            found = float(self.data)
        except OverflowError:
            found = math.inf
        if not math.isfinite(found):
            said = "NaN" if math.isnan(found) else "infinite"
            raise self.error("spec-value", f"is {said}, where a finite number belongs", "find out where it is made")
        return found

    @property
    def integer(self) -> int:
        """The whole number."""
        if isinstance(self.data, bool) or not isinstance(self.data, int):
            what = f"is {_shown(self.data)}, where a whole number belongs"
            raise self.error("spec-value", what, "write one without a point, quotes or brackets")
        return self.data

    def numbers(self, count: int | None = None, of: str = "") -> Vector:
        """Return the numbers of a list; an error where there are not `count`, one for each `of`."""
        values = np.array([v.number for v in self.items], float)
        if count is not None and len(values) != count:
            said = f"has {len(values)} number{'s' * (len(values) != 1)} for {count} {of}{'s' * (count != 1)}"
            raise self.error("spec-value", said, fix=f"give one number for each {of}")
        return values

    def _of(self, kind: type, said: str) -> Any:
        if not isinstance(self.data, kind):
            fix = f"write {_EXAMPLES[kind]}"
            raise self.error("spec-value", f"is {_shown(self.data)}, where {said} belongs", fix)
        return self.data

    # ---- where it stands ----

    @property
    def said(self) -> str:
        """Where it stands, in words: ``channel 'SR', sample 'background', data[1]``."""
        parts: list[str] = []
        data = self.source.data

        def is_list(k: int) -> bool:
            return k < len(self.path) and isinstance(self.path[k], int)

        for k, key in enumerate(self.path):
            data = data[key]
            if isinstance(key, int):
                name = data.get("name") if isinstance(data, dict) else None
                if isinstance(name, str):
                    parts[-1] = f"{_singular(parts[-1])} '{name}'"
                else:
                    parts[-1] += f"[{key}]"
            elif parts and not parts[-1].endswith("'") and not is_list(k + 1):
                parts[-1] += f".{key}"
            else:
                parts.append(key)
        return ", ".join(parts)

    @property
    def place(self) -> Place | None:
        """Where it stands in the text; of an object where it begins, and of the whole document nothing."""
        text = self.source.text
        if not text or not self.path:
            return None
        start, end = _span(text, self.path)
        end = start + 1 if isinstance(self.data, dict) else end
        first = text.rfind("\n", 0, start) + 1
        last = text.find("\n", start) % (len(text) + 1)
        return Place(
            self.source.name, text.count("\n", 0, start) + 1, text[first:last], start - first, min(end, last) - first
        )

    def error(self, code: str, what: str, fix: str) -> HzdslError:
        """Return the error of this value: where it stands in words, what is wrong, how to mend it, and its line."""
        said = f"{self.source.name}: {self.said}" if self.path else self.source.name
        return HzdslError(code, f"{said} {what}", fix=fix, place=self.place)


def meant(name: str, known: Iterable[str]) -> str:
    """Return what a name may have been meant to be, or what there is.

    Examples
    --------
    >>> meant("sinal", ["signal", "qcd"]), meant("x", ["signal", "qcd"]), meant("x", [])
    ('did you mean signal?', 'there are signal, qcd', 'there are none')
    """
    names = list(known)
    listed = f"{', '.join(names[:8])}{' …' * (len(names) > 8)}" or "none"
    return did_you_mean(name, names) or f"there are {listed}"


def _singular(plural: str) -> str:
    return _SINGULAR.get(plural) or plural.removesuffix("s")


def _shown(x: Any) -> str:
    if isinstance(x, int | float | str) and not isinstance(x, bool):
        said = json.dumps(x, ensure_ascii=False)
        return said if len(said) < 40 else f"{said[:38]}…"
    return _KINDS[type(x)]


def _span(text: str, path: Path) -> tuple[int, int]:
    """Return where a value begins and ends in a text that is known to be JSON."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    for key in path:
        at = next(start for found, start in _inside(text, at, decoder) if found == key)
    return at, decoder.raw_decode(text, at)[1]


def _inside(text: str, at: int, decoder: json.JSONDecoder) -> Iterator[tuple[str | int, int]]:
    """Yield the keys or numbers of the values in the object or list at a place, and where these begin."""
    is_object = text[at] == "{"
    at, number = at + 1, 0
    while True:
        at = _skip(text, at)
        key: str | int = number
        if is_object:
            key, at = decoder.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _skip(text, decoder.raw_decode(text, at)[1]) + 1
        number += 1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return at if match is None else match.end()
