"""A TOML file: read, parsed, with the places of its keys and values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from hzdsl.errors import HzdslError, Place
from hzdsl.text.positions import Path, Positions
from hzdsl.text.source import Source


@dataclass(frozen=True)
class TomlFile:
    """A parsed file: its name in messages, its folder, its data and where they stand.

    `definitions` are those above a line ``---``, where the file has one.
    """

    name: str
    folder: FilePath
    data: dict[str, Any]
    positions: Positions
    definitions: str = ""

    def source(self, text: str, *path: str | int) -> Source:
        """Return an expression of the file as a source that knows its table and line."""
        return Source(f"{self.name} {spelled(path)}", text, self.positions.line_of_value(path))

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


def read_toml(path: FilePath) -> TomlFile:
    """Return a file, read and parsed.

    Raises
    ------
    HzdslError
        ``file-missing`` where it cannot be read, ``spec-format`` where it is not UTF-8 or not TOML.
    """
    return parse_toml(read_text(path), path.name, path.parent)


def read_text(path: FilePath) -> str:
    """Return the text of a UTF-8 file."""
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise HzdslError("file-missing", f"{path} is a folder, not a file") from None
    except (OSError, ValueError) as e:
        said = getattr(e, "strerror", None) or str(e)
        raise HzdslError("file-missing", f"cannot read {path}: {said}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        raise HzdslError(
            "spec-format", f"{path.name} is not UTF-8 text: byte 0x{data[e.start]:02x} in line {line}"
        ) from None


def parse_toml(text: str, name: str, folder: FilePath) -> TomlFile:
    """Return a text parsed as TOML."""
    above, text = _split(text.replace("\r\n", "\n"), name)
    try:
        return TomlFile(name, folder, tomllib.loads(text), Positions(text), above)
    except tomllib.TOMLDecodeError as e:
        raise _format_error(text, name, str(e)) from None
    except RecursionError:
        raise HzdslError("spec-format", f"{name} is not TOML: arrays or tables are nested too deeply") from None
    except ValueError as e:  # an integer with too many digits, an impossible date
        raise HzdslError("spec-format", f"{name} is not TOML: {e}") from None


def _split(text: str, name: str) -> tuple[str, str]:
    """Return the definitions above a line ``---``, and the TOML below it with its line numbers kept."""
    above, line, below = ("\n" + text).partition("\n---\n")
    if not line and name.endswith(".hz"):
        return text, ""
    if not line or "\n[" in above:
        return "", text
    return above[1:], "\n" * (above.count("\n") + 1) + below


def _format_error(text: str, name: str, message: str) -> HzdslError:
    match = re.search(r"\(at line (\d+), column (\d+)\)", message)
    said = message[: match.start()].strip() if match else re.sub(r"\(at end of document\)", "", message).strip()
    lines = text.split("\n")
    number = int(match.group(1)) if match else max(1, len(text.rstrip().split("\n")))
    column = int(match.group(2)) - 1 if match else len(lines[number - 1])
    place = Place(name, number, lines[number - 1], column, column + 1)
    said = said[:1].lower() + said[1:]
    return HzdslError("spec-format", f"{name} is not TOML: {said}", fix=_toml_fix(lines[number - 1]), place=place)


def _toml_fix(line: str) -> str | None:
    if ";" in line and "=" in line:
        return "TOML has one key = value per line, without ';'"
    return None
