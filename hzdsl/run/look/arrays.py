"""What was seen, as arrays of NumPy, awkward and pandas; each says what is missing in its own way.

| | missing |
|---|---|
| NumPy | masked (`numpy.ma`), where the type says that a value may be missing |
| awkward | `None` |
| pandas | ``NaN`` for floating numbers, ``<NA>`` (nullable types) for integers and conditions |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import SLOT, Array
from hzdsl.errors import HzdslError
from hzdsl.ir.axes import leaf_axes
from hzdsl.ir.node import Node
from hzdsl.ir.view import View
from hzdsl.results.tables import labelled
from hzdsl.run.look.look import Seen

Valid = npt.NDArray[np.bool_]
#: A column as it was read: values, and which are there (None: all, by the type).
Flat = tuple[Array, Valid | None]
_NULLABLE = {"b": "boolean", "i": "Int64", "u": "UInt64"}


def flat_columns(view: View, seen: Seen, index: bool = True) -> dict[str, Flat]:
    """Return the attributes of a view at every position, then the indices of its particles.

    An object of one particle has a column ``index``, the position in the event's list of its collection; one of
    several ``index1``, ``index2``, … in the order of the legs; -1 where missing.
    """
    columns = {name: _flat(view, seen, node) for name, node in view.columns.items()}
    if index and view.references and "index" not in columns:
        columns |= particle_columns(view, seen)
    return columns


def particle_columns(view: View, seen: Seen) -> dict[str, Flat]:
    """Return the index within its event of every particle of the objects of a view."""
    rows = [(row, valid) for row, valid, _ in particles(view, seen)]
    names = ["index"] if len(rows) == 1 else [f"index{k + 1}" for k in range(len(rows))]
    return dict(zip(names, rows, strict=True))


def particles(view: View, seen: Seen) -> list[tuple[Array, Valid | None, list[str]]]:
    """Return for every particle: the index in its list, where it is there, from which collection where it varies."""
    made: list[tuple[Array, Valid | None, list[str]]] = []
    for r in view.references:
        assert r.type.target is not None
        values, valid = seen.dumps[r].values, _valid(view, seen, r)
        for k, slot in enumerate(leaf_axes(r.type.target)):
            row = values[:, k].astype(np.int64)
            there = row >= 0
            names = [c.text("name") for c in slot]
            of = [names[i] if ok else "" for i, ok in zip((row // SLOT).tolist(), there.tolist(), strict=True)]
            made.append((np.where(there, row % SLOT, row), valid, of if len(names) > 1 else []))
    return made


def _flat(view: View, seen: Seen, node: Node) -> Flat:
    return labelled(seen.dumps[node].values, node.type.labels), _valid(view, seen, node)


def _valid(view: View, seen: Seen, node: Node) -> Valid | None:
    valid = seen.dumps[node].valid if node.type.optional else None
    whole = whole_valid(view, seen)
    if whole is None or valid is None:
        return whole if valid is None else valid
    both: Valid = valid & whole
    return both


def whole_valid(view: View, seen: Seen) -> Valid | None:
    """Return at which positions the object is there; None where it cannot be missing."""
    if view.present is None:
        return None
    found = seen.dumps[view.present]
    there: Valid = found.valid & found.values.astype(np.bool_)
    return there


def numpy_of(view: View, seen: Seen) -> Any:
    """Return a flat array over all positions of all entries: of objects a structured one, a field per attribute."""
    columns = flat_columns(view, seen)
    if view.plain:
        return _masked(*columns[""])
    dtype = np.dtype([(name, values.dtype) for name, (values, _) in columns.items()])
    made = np.zeros(len(next(iter(columns.values()))[0]), dtype)
    mask: Any = np.zeros(len(made), np.dtype([(name, np.bool_) for name in columns]))
    for name, (values, valid) in columns.items():
        made[name] = values
        mask[name] = False if valid is None else ~valid
    optional = any(valid is not None for _, valid in columns.values())
    return np.ma.MaskedArray(made, mask) if optional else made


def _masked(values: Array, valid: Valid | None) -> Any:
    return values if valid is None else np.ma.MaskedArray(values, ~valid)


def awkward_of(view: View, seen: Seen) -> Any:
    """Return an array with an entry per event: lists along collections, records of objects."""
    import awkward as ak

    columns = flat_columns(view, seen)
    if view.plain:
        content = _option(*columns[""])
    else:
        fields = {name: _option(values, _inside(view, seen, valid)) for name, (values, valid) in columns.items()}
        record = ak.contents.RecordArray(list(fields.values()), list(fields))
        content = record if (whole := whole_valid(view, seen)) is None else _masked_content(record, whole)
    for offsets in reversed(seen.lists(view.axis)):
        content = ak.contents.ListOffsetArray(ak.index.Index64(offsets), content)
    return ak.Array(content)


def _inside(view: View, seen: Seen, valid: Valid | None) -> Valid | None:
    """Return what of an attribute may be missing where its object is there."""
    whole = whole_valid(view, seen)
    if valid is None or whole is None:
        return valid
    return None if bool(np.all(valid | ~whole)) else valid


def _option(values: Array, valid: Valid | None) -> Any:
    import awkward as ak

    texts = values.dtype.kind == "U"
    content = ak.from_iter(values.tolist()).layout if texts else ak.contents.NumpyArray(np.ascontiguousarray(values))
    return content if valid is None else _masked_content(content, valid)


def _masked_content(content: Any, valid: Valid) -> Any:
    import awkward as ak

    return ak.contents.ByteMaskedArray(ak.index.Index8(valid.astype(np.int8)), content, valid_when=True)


def pandas_of(view: View, seen: Seen) -> Any:
    """Return a Series (of a value) or a DataFrame (of objects), indexed by entry and, along lists, by position."""
    try:
        import pandas as pd
    except ImportError:
        raise HzdslError(
            "library-missing", "to_pandas needs pandas, which is not installed", fix="pip install pandas"
        ) from None
    index = _pandas_index(pd, view, seen)
    columns = {name: _series(pd, column) for name, column in flat_columns(view, seen).items()}
    if view.plain:
        return pd.Series(columns[""], index=index, name=view.name)
    return pd.DataFrame(columns, index=index)


def _series(pd: Any, column: Flat) -> Any:
    values, valid = column
    if values.dtype.kind == "U":
        return pd.Categorical(
            values if valid is None else np.where(valid, values.astype(object), np.array(None, object))
        )
    if valid is None:
        return values
    if values.dtype.kind == "f":
        return np.where(valid, values, values.dtype.type(np.nan))
    made = pd.array(values, dtype=_NULLABLE[values.dtype.kind])
    made[~valid] = pd.NA
    return made


def _pandas_index(pd: Any, view: View, seen: Seen) -> Any:
    entry = np.arange(seen.start, seen.stop, dtype=np.int64)
    depths: list[Array] = [entry]
    for offsets in seen.lists(view.axis):
        lengths = np.diff(offsets)
        depths = [np.repeat(d, lengths) for d in depths]
        depths.append(np.arange(offsets[-1], dtype=np.int64) - np.repeat(offsets[:-1], lengths))
    if len(depths) == 1:
        return pd.Index(entry, name="entry")
    names = ["entry", *("sub" * (k + 1) + "entry" for k in range(len(depths) - 1))]
    return pd.MultiIndex.from_arrays(depths, names=names)


FORMS: Mapping[str, Any] = {"numpy": numpy_of, "awkward": awkward_of, "pandas": pandas_of}
