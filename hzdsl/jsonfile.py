"""Files of JSON, compressed with gzip or not: their text, and what it says."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

from hzdsl.errors import HzdslError

Pairs = Callable[[list[tuple[str, Any]]], Any]


def read_json(path: str) -> Any:
    """Return the content of a file.

    Raises
    ------
    HzdslError
        ``file-missing``, ``file-truncated`` or ``spec-format``.
    """
    return parse_json(read_json_text(path), path)


def read_json_text(path: str) -> bytes:
    """Return the text of a file, decompressed."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as e:
        raise HzdslError(
            "file-missing", f"{path} cannot be read: {e.strerror}", fix="check its name and folder"
        ) from None
    try:
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (EOFError, zlib.error, gzip.BadGzipFile):
        what = f"{path} is damaged: it cannot be decompressed"
        raise HzdslError("file-truncated", what, fix="fetch it again") from None


def parse_json(text: bytes | str, name: str, pairs: Pairs | None = None) -> Any:
    """Return what a text says; `pairs` makes its objects of their keys and values."""
    try:
        return json.loads(text, object_pairs_hook=pairs)
    except RecursionError:
        raise HzdslError("spec-format", f"{name} is nested too deeply", fix="take out levels of brackets") from None
    except ValueError as e:
        raise HzdslError(
            "spec-format", f"{name} is no JSON: {e}", fix="write it with a program, or check it with one"
        ) from None
