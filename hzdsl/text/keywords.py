"""What of a value breaks a JSON Schema: the keywords of draft 2020-12 that `schema.json` uses, and no others.

The package `jsonschema` has them all, and takes longer to import than a document to read; that it finds the same
mistakes is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from hzdsl.records import dataclass
from hzdsl.text.positions import Path

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Mistake:
    """A value that breaks a keyword.

    Attributes
    ----------
    path : tuple of str and int
        Where the value stands.
    keyword : str
        What it breaks, ``"type"`` say, and in `demanded` what stands behind it.
    value : Any
        The value.
    schema : mapping
        The schema that has the keyword.
    inner : tuple of Mistake
        Of ``anyOf``: what is wrong by each of the alternatives.
    """

    path: Path
    keyword: str
    demanded: Any
    value: Any
    schema: Schema
    inner: tuple[Mistake, ...] = ()


def mistakes(value: Any, schema: Schema, root: Schema, path: Path = ()) -> Iterator[Mistake]:
    """Yield everything that is wrong with a value.

    Parameters
    ----------
    value : Any
        Dicts with texts as keys, lists, texts, numbers; dates are of no type.
    schema : mapping
        What it shall be like.
    root : mapping
        The document of the schema, whose ``$defs`` the references name.
    path : tuple of str and int
        Where the value stands.

    Raises
    ------
    KeyError
        For a keyword that is not known here.

    Examples
    --------
    >>> schema = {"type": "object", "properties": {"bins": {"type": "integer"}}, "additionalProperties": False}
    >>> [(m.path, m.keyword) for m in mistakes({"bins": "many", "bns": 3}, schema, schema)]
    [(('bins',), 'type'), ((), 'additionalProperties')]
    """
    check = _Check(value, schema, root, path)
    for keyword, demanded in schema.items():
        if keyword not in _ANNOTATIONS:
            yield from _KEYWORDS[keyword](check, demanded)


class _Check(NamedTuple):
    """A value under a schema."""

    value: Any
    schema: Schema
    root: Schema
    path: Path

    def broken(self, keyword: str, demanded: Any, inner: tuple[Mistake, ...] = ()) -> Mistake:
        return Mistake(self.path, keyword, demanded, self.value, self.schema, inner)

    def of_part(self, key: str | int, schema: Schema) -> Iterator[Mistake]:
        return mistakes(self.value[key], schema, self.root, (*self.path, key))


def _type(c: _Check, demanded: str) -> Iterator[Mistake]:
    if not _TYPES[demanded](c.value):
        yield c.broken("type", demanded)


def _enum(c: _Check, demanded: list[str]) -> Iterator[Mistake]:
    if not isinstance(c.value, str) or c.value not in demanded:
        yield c.broken("enum", demanded)


def _reference(c: _Check, demanded: str) -> Iterator[Mistake]:
    yield from mistakes(c.value, definition(c.root, demanded), c.root, c.path)


def _any_of(c: _Check, demanded: list[Schema]) -> Iterator[Mistake]:
    found = [tuple(mistakes(c.value, schema, c.root, c.path)) for schema in demanded]
    if all(found):
        yield c.broken("anyOf", demanded, tuple(m for each in found for m in each))


def _properties(c: _Check, demanded: Mapping[str, Schema]) -> Iterator[Mistake]:
    if isinstance(c.value, dict):
        for key, schema in demanded.items():
            if key in c.value:
                yield from c.of_part(key, schema)


def _others(c: _Check, demanded: Any) -> Iterator[Mistake]:
    """Check the keys that are no properties: allowed as the schema says, or not at all."""
    others = [key for key in c.value if key not in c.schema.get("properties", {})] if isinstance(c.value, dict) else []
    if demanded is False and others:
        yield c.broken("additionalProperties", demanded)
    elif isinstance(demanded, dict):
        for key in others:
            yield from c.of_part(key, demanded)


def _required(c: _Check, demanded: list[str]) -> Iterator[Mistake]:
    if isinstance(c.value, dict) and not all(key in c.value for key in demanded):
        yield c.broken("required", demanded)


def _items(c: _Check, demanded: Schema) -> Iterator[Mistake]:
    if isinstance(c.value, list):
        for i in range(len(c.value)):
            yield from c.of_part(i, demanded)


def _size(
    kind: type[list[Any] | dict[str, Any]], keyword: str, sign: int
) -> Callable[[_Check, int], Iterator[Mistake]]:
    """Return the keyword that bounds the size of lists or tables: from below with the sign +1, from above with -1."""

    def check(c: _Check, demanded: int) -> Iterator[Mistake]:
        if isinstance(c.value, kind) and sign * len(c.value) < sign * demanded:
            yield c.broken(keyword, demanded)

    return check


def definition(root: Schema, reference: str) -> Schema:
    """Return what ``"#/$defs/NAME"`` refers to."""
    found: Schema = root["$defs"][reference.removeprefix("#/$defs/")]
    return found


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "array": lambda x: isinstance(x, list),
        "boolean": lambda x: isinstance(x, bool),
        "integer": lambda x: _is_number(x) and x == x // 1,
        "number": _is_number,
        "object": lambda x: isinstance(x, dict),
        "string": lambda x: isinstance(x, str),
    }
)
_ANNOTATIONS = frozenset({"$schema", "$defs", "title", "description"})
_KEYWORDS: Mapping[str, Callable[[_Check, Any], Iterator[Mistake]]] = MappingProxyType(
    {
        "type": _type,
        "enum": _enum,
        "$ref": _reference,
        "anyOf": _any_of,
        "properties": _properties,
        "additionalProperties": _others,
        "required": _required,
        "items": _items,
        "minItems": _size(list, "minItems", 1),
        "maxItems": _size(list, "maxItems", -1),
        "minProperties": _size(dict, "minProperties", 1),
        "maxProperties": _size(dict, "maxProperties", -1),
    }
)
