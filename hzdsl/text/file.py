"""A document as data, with the places of its keys and values; TOML, YAML and JSON give the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from hzdsl.errors import HzdslError, Place
from hzdsl.records import dataclass
from hzdsl.text.positions import Path, Positions
from hzdsl.text.source import Source

#: Python's own limit on the digits of an integer, and beyond.
TOO_MANY_DIGITS = r"\d[\d_]{4299,}"

#: Tables and lists inside one another beyond which a document is refused.
MAX_NESTING = 100


@dataclass(frozen=True)
class DocumentFile:
    """A parsed file: its name in messages, its folder, its data and where they stand.

    `definitions` are those above a line ``---``, where the file has one; `asked` is the dialect it is to be read in
    where it names none itself.
    """

    name: str
    folder: FilePath
    data: dict[str, Any]
    positions: Positions
    definitions: str = ""
    asked: str = ""

    def source(self, text: str, *path: str | int) -> Source:
        """Return an expression of the file as a source that knows its table and line."""
        one_line = not self.positions.is_block(path)
        return Source(f"{self.name} {spelled(path)}", text, self.positions.line_of_value(path), one_line, self.dialect)

    @property
    def dialect(self) -> str:
        """The dialect it is written in."""
        named = self.get("analysis", "dialect")
        return named if isinstance(named, str) else self.asked

    def key_place(self, *path: str | int) -> Place:
        """Return the place of a key: its line, with the key underlined."""
        offset = self.positions.offset_of_key(path)
        line = self.positions.line_of_key(path)
        text, column = self.positions.line_text(line), self.positions.column(offset)
        rest = re.match(r"""(?:[\w.-]|"[^"\n]*"|'[^'\n]*')+""", text[column:])
        width = rest.end() if rest else 1
        return Place(self.name, line, text, column, column + width)

    def value_place(self, *path: str | int) -> Place:
        """Return the place of a value: the line it begins on."""
        line = self.positions.line_of_value(path)
        text = self.positions.line_text(line)
        return Place(self.name, line, text, len(text) - len(text.lstrip()), len(text.rstrip()))

    def items(self, *path: str | int) -> Iterator[tuple[int, Any]]:
        """Return the elements of an array with their positions; none where it is absent."""
        yield from enumerate(self.get(*path) or [])

    def get(self, *path: str | int) -> Any:
        """Return what stands at a path, or None."""
        at: Any = self.data
        for key in path:
            if isinstance(key, str) and not (isinstance(at, dict) and key in at):
                return None
            at = at[key]
        return at


def spelled(path: Path) -> str:
    """Return a path as a header and a key: ``[regions.4mu] require[2]``.

    Examples
    --------
    >>> spelled(("regions", "4mu", "require", 2)), spelled(("histogram", 0, "expr"))
    ('[regions.4mu] require[2]', '[histogram[0]] expr')
    """
    parts: list[str] = []
    for key in path:
        if isinstance(key, int):
            parts[-1] += f"[{key}]"
        else:
            parts.append(key)
    head, last = ".".join(parts[:-1]), parts[-1] if parts else ""
    return f"[{head}] {last}" if head else last


def dotted(path: Path) -> str:
    """Return a path as a dotted key.

    Examples
    --------
    >>> dotted(("histogram", 1, "marks", "z"))
    'histogram[1].marks.z'
    """
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")


def not_of_format(name: str, form: str, said: str, place: Place | None = None, fix: str | None = None) -> HzdslError:
    """Return the error of a text that is not of its format."""
    return HzdslError("spec-format", f"{name} is not {form}: {said[:1].lower() + said[1:]}", fix=fix, place=place)


def not_read(name: str, said: str, place: Place, fix: str | None = None) -> HzdslError:
    """Return the error of what a format has and a document has no use for."""
    return HzdslError("spec-format", f"{name}: {said}", fix=fix, place=place)


def not_a_number(name: str, form: str, text: str, written: str, said: str) -> HzdslError:
    """Return the error of a number that a format does not have; `written` is a pattern of it."""
    tokens = re.finditer(rf"""'[^'\n]*'|"(?:[^"\\\n]|\\.)*"|({written})""", text)
    at = next((token.start() for token in tokens if token[1]), None)
    return not_of_format(name, form, said, None if at is None else place_in(text, name, at))


def place_in(text: str, name: str, offset: int) -> Place:
    """Return the place of one character of a text; on an empty line, that of the last one before."""
    offset = min(offset, len(text))
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = text[start : len(text) if end < 0 else end]
    if not line.strip() and text[:start].strip():
        return place_in(text, name, len(text[:start].rstrip()) - 1)
    return Place(name, text.count("\n", 0, offset) + 1, line, offset - start, offset - start + 1)
