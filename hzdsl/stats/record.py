"""What every result of a fit or a method can do: show itself as tables, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from hzdsl.results.serialise import plain
from hzdsl.stats.parameters import Parameters
from hzdsl.stats.shown import Shown


class Record(Shown):
    """A result: a frozen data class, of which `tables` says how it is read.

    Examples
    --------
    >>> from hzdsl.records import dataclass
    >>> from hzdsl.results.text import TextTable
    >>> @dataclass(frozen=True)
    ... class Limit(Record):
    ...     observed: float
    ...     def tables(self):
    ...         return (TextTable("limit", ("", "r"), (("observed", f"{self.observed:.4g}"),)),)
    >>> print(Limit(1.628).to_json())
    {"kind": "Limit", "observed": 1.628}
    """

    def data(self) -> dict[str, Any]:
        """Return all fields as plain values: what `to_json` writes."""
        return {"kind": type(self).__name__, **_fields(self)}

    def to_json(self, indent: int | None = None) -> str:
        """Return one JSON document; NaN and infinities are the strings "nan", "inf" and "-inf"."""
        return json.dumps(plain(self.data()), indent=indent, ensure_ascii=False, allow_nan=False)


def _fields(record: Any) -> dict[str, Any]:
    return {f.name: _plain(getattr(record, f.name)) for f in fields(record)}


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.data()
    if isinstance(value, Parameters):
        return list(value.names)
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
