"""Event tables: the selected events of all samples and regions as columns, in one fixed order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.results.result import EventTable, Result

Columns = dict[str, npt.NDArray[Any]]
Valid = dict[str, npt.NDArray[np.bool_] | None]


def event_columns(result: Result) -> tuple[Columns, Valid]:
    """Return the rows of all event tables as (columns, valid), ready for `hzdsl.io.sinks.write_table`.

    The columns are ``sample`` (where there are several), ``region``, then run, luminosityBlock and event as
    the schema calls them (``entry`` where the input has none, counted through the files of a sample), then
    the outputs. Rows are ordered by sample, region (as declared) and entry. An output that a region lacks,
    or whose value is missing, is invalid: an empty cell.

    Raises
    ------
    ValueError
        Where the run was made without tables.
    """
    tables = [(name, table) for name, sample in result.samples.items() for table in sample.tables]
    if not tables and any(s.regions for s in result.samples.values()):
        raise ValueError("the run was made without tables: run(…, tables=True)")
    parts = [t for _, t in tables]
    columns: Columns = {}
    if result.several:
        columns["sample"] = _repeated((name, t) for name, t in tables)
    columns["region"] = _repeated((t.region, t) for t in parts)
    identifiers = list(dict.fromkeys(name for t in parts for name in t.identifiers))
    if not identifiers:
        columns["entry"] = _joined([t.entry for t in parts], np.dtype(np.int64))
    valid: Valid = dict.fromkeys(columns)
    written = {name for t in parts for name in t.columns if name not in identifiers}
    for name in [*identifiers, *(name for name in result.outputs if name in written)]:
        columns[name], valid[name] = _column(name, parts)
    return columns, valid


def labelled(values: npt.NDArray[Any], labels: tuple[str, ...]) -> npt.NDArray[Any]:
    """Return the labels of a category for their numbers, empty where it is missing; without labels the values.

    Examples
    --------
    >>> labelled(np.array([1, 0, -1]), ("0j", "1j")).tolist()
    ['1j', '0j', '']
    """
    return np.array([*labels, ""])[values] if labels else values


def _repeated(labels: Iterable[tuple[str, EventTable]]) -> npt.NDArray[Any]:
    given = list(labels)
    names = np.array([label for label, _ in given], dtype=np.str_)
    return np.repeat(names, [len(t.entry) for _, t in given])


def _column(name: str, tables: list[EventTable]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
    dtype = np.result_type(*(t.columns[name].dtype for t in tables if name in t.columns))
    values = [t.columns.get(name, np.zeros(len(t.entry), dtype)) for t in tables]
    masks = [_mask(name, t) for t in tables]
    joined = _joined(values, dtype)
    if all(m is None for m in masks):
        return joined, None
    present = [np.ones(len(t.entry), np.bool_) if m is None else m for m, t in zip(masks, tables, strict=True)]
    return joined, np.concatenate(present)


def _mask(name: str, table: EventTable) -> npt.NDArray[np.bool_] | None:
    return table.valid.get(name) if name in table.columns else np.zeros(len(table.entry), np.bool_)


def _joined(parts: list[npt.NDArray[Any]], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype, copy=False)
