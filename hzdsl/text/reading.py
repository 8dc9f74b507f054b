"""Reading documents: one reader for TOML, YAML and JSON, chosen by the name of the file."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.text.file import DocumentFile, dotted, place_in
from hzdsl.text.positions import Path


def read_document(path: FilePath) -> DocumentFile:
    """Return a file, read and parsed.

    Raises
    ------
    HzdslError
        ``file-missing`` where it cannot be read, ``spec-format`` where it is not UTF-8 or not of its format.
    """
    return parse_document(read_text(path), path.name, path.parent)


def parse_document(text: str, name: str, folder: FilePath) -> DocumentFile:
    """Return a text parsed as what its name says: ``.yaml`` or ``.yml``, ``.json``, else TOML."""
    suffix = FilePath(name).suffix.lower()
    if suffix in (".yaml", ".yml"):
        from hzdsl.text.yamlfile import parse_yaml as parse
    elif suffix == ".json":
        from hzdsl.text.jsonfile import parse_json as parse
    else:
        from hzdsl.text.tomlfile import parse_toml as parse
    file = parse(text.removeprefix("\ufeff").replace("\r\n", "\n"), name, folder)
    _check_integers(file, file.data, ())
    return file


def _check_integers(file: DocumentFile, x: Any, path: Path) -> None:
    """Refuse an integer that no 64 bits hold: YAML and JSON have them, and Python's readers of TOML."""
    inner = x.items() if isinstance(x, dict) else enumerate(x) if isinstance(x, list) else ()
    for key, value in inner:
        _check_integers(file, value, (*path, key))
    if isinstance(x, int) and not -(2**63) <= x < 2**64:
        what = f"{dotted(path)} is an integer that does not fit in 64 bits"
        raise HzdslError("spec-value", what, fix="write it with a decimal point", place=file.value_place(*path))


def is_endless(path: FilePath) -> bool:
    """Return whether reading it may never begin or end: a pipe waits for somebody to write, a device never ends."""
    return path.exists() and not (path.is_file() or path.is_dir())


def read_text(path: FilePath) -> str:
    """Return the text of a UTF-8 file."""
    try:
        if is_endless(path) and not (path.is_fifo() and path.is_relative_to("/dev")):  # the shell's own are written to
            fix = "write what it gives to a file, and name that"
            raise HzdslError("file-missing", f"{path} is no file of text", fix=fix)
        data = path.read_bytes()
    except IsADirectoryError:
        raise HzdslError("file-missing", f"{path} is a folder, not a file") from None
    except (OSError, ValueError) as e:
        said = getattr(e, "strerror", None) or str(e)
        raise HzdslError("file-missing", f"cannot read {path}: {said}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        before = data[: e.start].decode("utf-8-sig")
        place = place_in(before + data[e.start :].decode("utf-8", "replace"), path.name, len(before))
        what = f"{path.name} is not UTF-8 text: byte 0x{data[e.start]:02x} in line {place.line}"
        raise HzdslError("spec-format", what, place=place) from None
