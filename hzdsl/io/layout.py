"""From awkward's description of nested data to columns: one flat array of values and its offsets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hzdsl.io.source import Column

MAX_DEPTH = 2


def is_number(dtype: np.dtype[Any]) -> bool:
    """Return whether values of this type can be a column.

    Examples
    --------
    >>> is_number(np.dtype("f4")), is_number(np.dtype("?")), is_number(np.dtype("M8[s]"))
    (True, True, False)
    """
    return dtype.kind in "biuf" and dtype.itemsize <= 8 and dtype != np.float16


def leaves_of_form(form: Any, path: str = "") -> Iterator[tuple[str, np.dtype[Any] | None, int]]:
    """Walk a form of awkward and yield (path, dtype, depth) of every leaf.

    Fields of records are joined to the path with dots, whatever lists surround the record. A leaf that is not
    a column of numbers at depth 2 or less (strings, unions, options, deeper lists) has the dtype None.

    Examples
    --------
    >>> import awkward as ak
    >>> form = ak.Array([{"n": 1, "mu": [{"pt": 1.5}]}]).layout.form
    >>> list(leaves_of_form(form))
    [('n', dtype('int64'), 0), ('mu.pt', dtype('float64'), 1)]
    """
    for leaf, dtype, depth in _walk_form(form, path, 0):
        yield leaf, (dtype if depth <= MAX_DEPTH else None), depth


def _walk_form(form: Any, path: str, depth: int) -> Iterator[tuple[str, np.dtype[Any] | None, int]]:
    import awkward as ak

    if form.parameter("__array__") is not None:
        yield path, None, depth
    elif form.is_record:
        for field in form.fields:
            yield from _walk_form(form.content(field), f"{path}.{field}" if path else field, depth)
    elif form.is_list:
        yield from _walk_form(form.content, path, depth + 1)
    elif isinstance(form, ak.forms.NumpyForm):
        dtype = np.dtype(form.primitive)
        yield path, (dtype if is_number(dtype) else None), depth + len(form.inner_shape)
    else:
        yield path, None, depth


def column_of_layout(layout: Any, path: tuple[str, ...], dtype: np.dtype[Any]) -> Column:
    """Return the leaf at `path` of a layout of awkward as a column.

    Parameters
    ----------
    layout : awkward.contents.Content
        Lists, records and numbers as `leaves_of_form` accepts them.
    path : tuple of str
        The fields of the records on the way.
    dtype : numpy.dtype
        Type of the values, native byte order; values are cast to it if they are stored wider.

    Examples
    --------
    >>> import awkward as ak
    >>> layout = ak.Array([{"mu": [{"pt": 1.5}, {"pt": 2.5}]}, {"mu": []}]).layout
    >>> column_of_layout(layout, ("mu", "pt"), np.dtype("f8"))
    Column(content=array([1.5, 2.5]), offsets=array([0, 2, 2]), inner_offsets=None, counted=None)
    """
    levels: list[NDArray[np.int64]] = []
    fields = list(path)
    while True:
        if layout.is_record:
            layout = layout.content(fields.pop(0))
        elif layout.is_list:
            offsets, layout = _unwrap_list(layout)
            levels.append(offsets)
        elif layout.is_unknown:
            content = np.empty(0, dtype)
            break
        else:
            content, shape = layout.data, layout.data.shape
            for axis in range(1, content.ndim):
                rows = int(np.prod(shape[:axis]))
                levels.append(np.arange(rows + 1, dtype=np.int64) * shape[axis])
            break
    content = np.ascontiguousarray(content.reshape(-1), dtype=dtype)
    return Column(content, *levels)


def _unwrap_list(layout: Any) -> tuple[NDArray[np.int64], Any]:
    """Return the offsets of a list, from 0, and its content cut to them."""
    layout = layout.to_ListOffsetArray64(start_at_zero=False)
    offsets = np.asarray(layout.offsets.data, dtype=np.int64)
    first, last = int(offsets[0]), int(offsets[-1])
    if last > layout.content.length or np.any(offsets[1:] < offsets[:-1]):
        raise ValueError("its lists do not fit its values")
    return (offsets - first if first else offsets), layout.content[first:last]
