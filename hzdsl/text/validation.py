"""A document against its declared schema (`schema.json`), with mistakes said in the user's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, time
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.text.file import DocumentFile, dotted
from hzdsl.text.keywords import Mistake, Schema, definition, mistakes
from hzdsl.text.positions import Path


def validate(file: DocumentFile) -> None:
    """Check every key and the kind of every value.

    Raises
    ------
    HzdslError
        ``spec-key`` for an unknown or lacking key, ``spec-value`` for a value of the wrong kind, at the first place
        of the file.
    """
    _check(file, _schema(), file.data)


def validate_samples(file: DocumentFile, samples: Any) -> None:
    """Check the ``[[sample]]`` tables of a steering file."""
    properties = {"sample": _schema()["properties"]["sample"]}
    _check(file, {**_schema(), "properties": properties}, {"sample": samples})


def _check(file: DocumentFile, schema: Schema, data: Any) -> None:
    found = [leaf for mistake in mistakes(data, schema, schema) for leaf in _leaves(mistake)]
    if found:
        raise _said(file, min(found, key=lambda m: _order(file, m)))


def _order(file: DocumentFile, mistake: Mistake) -> tuple[int, bool, int, int]:
    """Return what sorts mistakes: the line, an unknown key before the one that lacks for it, innermost and first."""
    key = (*mistake.path, _unknown(mistake)) if mistake.keyword == "additionalProperties" else mistake.path
    line, offset = file.positions.line_of_key(key), file.positions.offset_of_key(key)
    return line, mistake.keyword == "required", -len(key), offset


@cache
def _schema() -> Schema:
    text = FilePath(__file__).with_name("schema.json").read_text(encoding="utf-8")
    loaded: Schema = json.loads(text)
    return loaded


def _leaves(mistake: Mistake) -> Iterator[Mistake]:
    """Return the mistakes that say something: of alternatives, those of the one that the value was meant to be."""
    meant = [m for m in mistake.inner if _inside(m, mistake) or m.keyword not in ("type", "enum")]
    if not meant:
        yield mistake
    for inner in meant:
        yield from _leaves(inner)


def _inside(mistake: Mistake, outer: Mistake) -> bool:
    """Return True for a mistake in a part of what the other is about."""
    return len(mistake.path) > len(outer.path)


def _said(file: DocumentFile, m: Mistake) -> HzdslError:
    if m.keyword == "additionalProperties":
        return _unknown_key(file, m)
    if m.keyword == "required":
        lacking = next(k for k in m.demanded if k not in m.value)
        what = f"{_table(m.path)} lacks the key '{lacking}'"
        fix = f"add {lacking} = …: {_description(m.schema['properties'][lacking])}"
        return HzdslError("spec-key", what, fix=fix, place=file.key_place(*m.path))
    if m.keyword == "type" and m.demanded == "array" and isinstance(m.value, dict):
        what = f"[{dotted(m.path)}] is one table where a list of them is meant"
        return HzdslError("spec-value", what, fix=f"write [[{dotted(m.path)}]]", place=file.key_place(*m.path))
    if m.keyword == "maxProperties":
        what = f"{dotted(m.path)} holds {len(m.value)} conditions"
        fix = "write a table for each: { label = condition }, { label = condition }"
        return HzdslError("spec-value", what, fix=fix, place=file.value_place(*m.path))
    what = f"{dotted(m.path)} is {_shown(m.value)}"
    return HzdslError("spec-value", what, fix=f"it should be {_wanted(m)}", place=file.value_place(*m.path))


def _unknown(m: Mistake) -> str:
    return next(str(k) for k in m.value if k not in m.schema.get("properties", {}))


def _unknown_key(file: DocumentFile, m: Mistake) -> HzdslError:
    known = list(m.schema.get("properties", {}))
    key = _unknown(m)
    fix = did_you_mean(key, known) or f"known keys: {', '.join(known)}"
    what = f"unknown key '{dotted((*m.path, key))}'"
    return HzdslError("spec-key", what, fix=fix, place=file.key_place(*m.path, key))


def _table(path: Path) -> str:
    return f"[{dotted(path)}]" if path else "the document"


def _description(schema: Schema) -> str:
    if "description" in schema:
        return str(schema["description"])
    if "$ref" in schema:
        return _description(definition(_schema(), schema["$ref"]))
    return _KINDS.get(str(schema.get("type")), "another value")


_KINDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}


def _wanted(m: Mistake) -> str:
    if m.keyword == "enum":
        return ", ".join(f'"{v}"' for v in m.demanded if v)
    said = _description(m.schema)
    kind = _KINDS.get(str(m.schema.get("type")))
    return f"{kind}: {said}" if kind and kind != said else said


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, date | time):
        return f"the date or time {value.isoformat()}"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
