"""Plain data as TOML text: tables, lists of tables, long lists over several lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: Lists and inline tables longer than this stand on several lines, or in tables of their own.
WIDTH = 120


def toml_text(data: Mapping[str, Any]) -> str:
    r"""Return plain data as TOML.

    Examples
    --------
    >>> toml_text({"a": {"x": [1, 2.5], "y": {"k": True}}})
    '[a]\nx = [1, 2.5]\ny = { k = true }\n'
    """
    return "\n".join(_table(data, ())).lstrip("\n") + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    below: list[tuple[str, Any]] = []
    for key, x in table.items():
        if _is_table(x, path) or _is_tables(x):
            below.append((key, x))
        else:
            yield f"{_key(key)} = {_value(x, len(key) + 3)}"
    for key, x in below:
        inner = (*path, key)
        header = ".".join(_key(k) for k in inner)
        if isinstance(x, Mapping):
            if any(not _is_table(v, inner) for v in x.values()) or not x:
                yield f"\n[{header}]"
            yield from _table(x, inner)
            continue
        for entry in x:
            yield f"\n[[{header}]]"
            yield from _table(entry, inner)


def _is_table(x: Any, path: tuple[str, ...]) -> bool:
    """Return whether a value gets a header: what stands at the top, has tables in it, or is too long for a line."""
    if not isinstance(x, Mapping):
        return False
    return (
        not path
        or any(isinstance(v, Mapping) for v in x.values())
        or path[0] in ("regions", "weights")
        or len(_value(x)) > WIDTH
    )


def _is_tables(x: Any) -> bool:
    return isinstance(x, list) and bool(x) and all(isinstance(v, Mapping) and len(v) > 1 for v in x)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key)


def _quoted(text: str) -> str:
    """Return a basic string; of TOML's escapes JSON has all but DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _value(x: Any, indent: int = 0) -> str:
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, int | float):
        return repr(x)
    if isinstance(x, str):
        return _text(x)
    if isinstance(x, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in x.items()) + " }"
    assert isinstance(x, Sequence)
    items = [_value(v) for v in x]
    flat = f"[{', '.join(items)}]"
    return flat if len(flat) + indent <= WIDTH else "[\n" + "".join(f"  {item},\n" for item in items) + "]"


def _text(text: str) -> str:
    if "\n" in text and "'''" not in text and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return f"'''\n{text}'''"
    if '"' in text and not re.search(r"['\x00-\x1f\x7f]", text):
        return f"'{text}'"
    return _quoted(text)
