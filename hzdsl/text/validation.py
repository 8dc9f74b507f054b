"""A document against its declared schema (`schema.json`), with mistakes said in the user's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, time
from functools import cache
from importlib import resources
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.text.file import DocumentFile, dotted
from hzdsl.text.positions import Path


def validate(file: DocumentFile) -> None:
    """Check every key and the kind of every value.

    Raises
    ------
    HzdslError
        ``spec-key`` for an unknown or lacking key, ``spec-value`` for a value of the wrong kind, at the first place
        of the file.
    """
    _check(file, _validator(), file.data, ())


def validate_samples(file: DocumentFile, samples: Any) -> None:
    """Check the ``[[sample]]`` tables of a steering file."""
    properties = {"sample": _schema()["properties"]["sample"]}
    _check(file, _validator_of(json.dumps({**_schema(), "properties": properties})), {"sample": samples}, ())


def _check(file: DocumentFile, validator: Any, data: Any, path: Path) -> None:
    found = [leaf for error in validator.iter_errors(data) for leaf in _leaves(error)]
    if found:
        raise _said(file, min(found, key=lambda e: _order(file, e)))


def _order(file: DocumentFile, error: Any) -> tuple[int, bool, str]:
    """Return what sorts mistakes by line, and an unknown key before the one that lacks for it."""
    line = file.positions.line_of_key(_path(error))
    if error.validator == "additionalProperties":
        line = file.positions.line_of_key((*_path(error), _unknown(error)))
    return line, error.validator == "required", str(error.message)


@cache
def _schema() -> Mapping[str, Any]:
    text = resources.files("hzdsl.text").joinpath("schema.json").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


def _validator() -> Any:
    return _validator_of(json.dumps(_schema()))


@cache
def _validator_of(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(schema))


def _leaves(error: Any) -> Iterator[Any]:
    """Return the errors that say something: of alternatives, those of the one that the value was meant to be."""
    meant = [e for e in error.context or () if _inside(e, error) or e.validator not in ("type", "enum")]
    if not meant:
        yield error
    for inner in meant:
        yield from _leaves(inner)


def _inside(error: Any, outer: Any) -> bool:
    """Return True for an error of a part of what the other is about."""
    return len(error.absolute_path) > len(outer.absolute_path)


def _path(error: Any) -> Path:
    return tuple(error.absolute_path)


def _said(file: DocumentFile, error: Any) -> HzdslError:
    path = _path(error)
    if error.validator == "additionalProperties":
        return _unknown_key(file, error, path)
    if error.validator == "required":
        lacking = next(k for k in error.validator_value if k not in error.instance)
        what = f"{_table(path)} lacks the key '{lacking}'"
        fix = f"add {lacking} = …: {_description(error.schema['properties'][lacking])}"
        return HzdslError("spec-key", what, fix=fix, place=file.key_place(*path))
    if error.validator == "type" and error.validator_value == "array" and isinstance(error.instance, dict):
        what = f"[{dotted(path)}] is one table where a list of them is meant"
        return HzdslError("spec-value", what, fix=f"write [[{dotted(path)}]]", place=file.key_place(*path))
    if error.validator == "maxProperties":
        what = f"{dotted(path)} holds {len(error.instance)} conditions"
        fix = "write a table for each: { label = condition }, { label = condition }"
        return HzdslError("spec-value", what, fix=fix, place=file.value_place(*path))
    wanted = _wanted(error)
    what = f"{dotted(path)} is {_shown(error.instance)}"
    return HzdslError("spec-value", what, fix=f"it should be {wanted}", place=file.value_place(*path))


def _unknown(error: Any) -> str:
    return next(str(k) for k in error.instance if k not in error.schema.get("properties", {}))


def _unknown_key(file: DocumentFile, error: Any, path: Path) -> HzdslError:
    known = list(error.schema.get("properties", {}))
    key = _unknown(error)
    fix = did_you_mean(key, known) or f"known keys: {', '.join(known)}"
    return HzdslError("spec-key", f"unknown key '{dotted((*path, key))}'", fix=fix, place=file.key_place(*path, key))


def _table(path: Path) -> str:
    return f"[{dotted(path)}]" if path else "the document"


def _description(schema: Mapping[str, Any]) -> str:
    if "description" in schema:
        return str(schema["description"])
    if "$ref" in schema:
        return _description(_schema()["$defs"][schema["$ref"].rsplit("/", 1)[1]])
    return _KINDS.get(str(schema.get("type")), "another value")


_KINDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}


def _wanted(error: Any) -> str:
    if error.validator == "enum":
        return ", ".join(f'"{v}"' for v in error.validator_value if v)
    said = _description(error.schema)
    kind = _KINDS.get(str(error.schema.get("type")))
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
