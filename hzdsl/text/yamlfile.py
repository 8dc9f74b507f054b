"""YAML documents: the events of PyYAML's parser, put together by the rules of JSON.

YAML 1.1 reads ``on`` as true, ``12:30`` as 750 and ``1979-01-01`` as a date. Here a plain scalar is a number, `true`
or `false` where JSON says so, else a text; keys are texts. What has no counterpart in TOML and JSON is refused: tags,
anchors, several documents in one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from hzdsl.errors import HzdslError, Place
from hzdsl.text.file import MAX_NESTING, DocumentFile, not_of_format, not_read, place_in
from hzdsl.text.positions import Path, Positions

_INTEGER = re.compile(r"[-+]?\d+")
_FLOAT = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_WORDS = {"true": True, "false": False}
_TEXT_TAG = "tag:yaml.org,2002:str"
_TOO_DEEP = "mappings or sequences are nested too deeply"


def parse_yaml(text: str, name: str, folder: FilePath) -> DocumentFile:
    """Return a text parsed as YAML.

    Raises
    ------
    HzdslError
        ``spec-format`` where it is not YAML, or no mapping, or uses what this reader refuses.
    """
    import yaml

    try:
        builder = _Builder(text, name)
        data = builder.document()
    except yaml.MarkedYAMLError as e:
        marks = [m for m in (e.problem_mark, e.context_mark) if m is not None]
        place = place_in(text, name, marks[0].index) if marks else None
        if place is not None and "nesting depth" in str(e.problem):  # newer parsers refuse it before `_check` sees it
            raise not_read(name, _TOO_DEEP, place) from None
        fix = "indent with spaces, not with tabs" if "'\\t'" in str(e.problem) else None
        raise not_of_format(name, "YAML", e.problem or e.context or "it cannot be read", place, fix) from None
    except yaml.reader.ReaderError as e:
        raise not_of_format(name, "YAML", "the character is not allowed", _place_of(text, name, e.character)) from None
    except UnicodeEncodeError:
        raise not_of_format(name, "YAML", "half of a surrogate pair is no character") from None
    return DocumentFile(name, folder, data, Positions(text, builder.keys, builder.values, builder.blocks))


def _place_of(text: str, name: str, character: int | str) -> Place:
    """Return the place of a character that YAML does not allow; the two parsers count differently up to there."""
    return place_in(text, name, max(0, text.find(chr(character) if isinstance(character, int) else character)))


def _events(text: str) -> Iterator[Any]:
    import yaml

    return iter(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


class _Builder:
    """Puts a document together, event by event, and notes where its parts stand."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name, self._events = text, name, _events(text)
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}
        self.blocks: set[Path] = set()

    def document(self) -> dict[str, Any]:
        """Return the one document of the text."""
        import yaml

        data: Any = {}
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refused(event, "the file holds several documents", "keep one, without a second ---")
            elif isinstance(event, yaml.NodeEvent):
                blank = isinstance(event, yaml.ScalarEvent) and event.start_mark.index == event.end_mark.index
                data = {} if blank else self._value(event, ())
                if not isinstance(data, dict):
                    raise self._refused(event, "the document is no mapping", "begin with analysis:")
        return data  # type: ignore[no-any-return]

    def _value(self, event: Any, path: Path) -> Any:
        import yaml

        self._check(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        self.values[path] = self._content(event, path)
        if event.style in (None, "") and event.tag is None:
            return self._plain(event)
        return event.value

    def _check(self, event: Any, path: Path) -> None:
        import yaml

        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._refused(event, "anchors and aliases are not read", "give an expression a name in `define`")
        if event.tag not in (None, "!", _TEXT_TAG):
            raise self._refused(event, f"the tag {event.tag} is not read", "write the value without a tag")
        if len(path) > MAX_NESTING:
            raise self._refused(event, _TOO_DEEP)
        self.values[path] = event.start_mark.index

    def _content(self, event: Any, path: Path) -> int:
        """Return where the content of a scalar begins; a block's is on the lines below its sign."""
        start: int = event.start_mark.index
        if event.style == "|":
            self.blocks.add(path)
            return self._text.find("\n", start) + 1 or len(self._text)
        return start + (event.style in ("'", '"'))

    def _plain(self, event: Any) -> Any:
        written: str = event.value
        if written in _WORDS:
            return _WORDS[written]
        if written in ("", "~", "null"):
            raise self._refused(event, "a value is empty", "write it, or leave the key out")
        try:
            if _INTEGER.fullmatch(written):
                return int(written)
        except ValueError:
            raise self._refused(event, "the number has too many digits") from None
        return float(written) if _FLOAT.fullmatch(written) else written

    def _mapping(self, path: Path) -> dict[str, Any]:
        import yaml

        data: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refused(event, "a key is no text")
            key, where = event.value, (*path, event.value)
            self._check(event, path)
            if key == "<<":
                raise self._refused(event, "merge keys are not read", "write the keys out")
            if key in data:
                raise self._refused(event, f"the key '{key}' stands twice in one mapping")
            self.keys[where] = event.start_mark.index
            data[key] = self._value(next(self._events), where)
        return data

    def _sequence(self, path: Path) -> list[Any]:
        import yaml

        data: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self.keys[(*path, len(data))] = event.start_mark.index
            data.append(self._value(event, (*path, len(data))))
        return data

    def _refused(self, event: Any, said: str, fix: str | None = None) -> HzdslError:
        return not_read(self._name, said, place_in(self._text, self._name, event.start_mark.index), fix)
