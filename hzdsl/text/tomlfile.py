"""TOML documents."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path as FilePath

from hzdsl.errors import HzdslError, Place
from hzdsl.text.file import TOO_MANY_DIGITS, DocumentFile, not_a_number, not_of_format
from hzdsl.text.tomlscan import toml_positions


def parse_toml(text: str, name: str, folder: FilePath) -> DocumentFile:
    """Return a text parsed as TOML."""
    above, text = _split(text, name)
    try:
        return DocumentFile(name, folder, tomllib.loads(text), toml_positions(text), above)
    except tomllib.TOMLDecodeError as e:
        raise _format_error(text, name, str(e)) from None
    except RecursionError:
        raise not_of_format(name, "TOML", "arrays or tables are nested too deeply") from None
    except ValueError:
        raise not_a_number(name, "TOML", text, TOO_MANY_DIGITS, "the number has too many digits") from None


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
    return not_of_format(name, "TOML", said, place, _toml_fix(lines[number - 1]))


def _toml_fix(line: str) -> str | None:
    if ";" in line and "=" in line:
        return "TOML has one key = value per line, without ';'"
    return None
