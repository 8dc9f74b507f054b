"""Small files of events, as tests of every room write them: columns by name, lists as awkward arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot

#: The columns of a tree by name: arrays of numbers, or lists.
Columns = Mapping[str, Any]


def write(path: Path, columns: Columns, tree: str = "Events", baskets: int = 3, others: Columns | None = None) -> Path:
    """Write columns as a tree in several sets of baskets, and `others`: objects of the file by name."""
    with uproot.recreate(path, compression=uproot.ZLIB(1)) as file:
        fill(file, tree, columns, baskets)
        for name, x in (others or {}).items():
            file[name] = x
    return path


def write_trees(path: Path, trees: Mapping[str, Columns], others: Columns | None = None) -> Path:
    """Write several trees, and other objects of the file."""
    with uproot.recreate(path) as file:
        for name, columns in trees.items():
            fill(file, name, columns, 1)
        for name, x in (others or {}).items():
            file[name] = x
    return path


def write_ntuple(path: Path, columns: Columns) -> Path:
    """Write columns as an RNTuple."""
    with uproot.recreate(path) as file:
        file.mkrntuple("Events", dict(columns))
    return path


def fill(file: Any, tree: str, columns: Columns, baskets: int) -> None:
    """Add a tree to an open file."""
    n = len(next(iter(columns.values())))
    made = file.mktree(tree, {name: branch_type(x) for name, x in columns.items()})
    step = max(1, -(-n // baskets))
    for start in range(0, n, step):
        made.extend({name: x[start : start + step] for name, x in columns.items()})


def branch_type(x: Any) -> Any:
    """Return how uproot is told the type of a branch."""
    if isinstance(x, np.ndarray):
        return x.dtype if x.ndim == 1 else np.dtype((x.dtype, x.shape[1:]))
    return ak.Array(x).type.content


def damage(path: Path, branch: str, basket: int = 0, tree: str = "Events") -> tuple[int, int]:
    """Overwrite the middle of a basket with zeros; return the entries that it holds."""
    with uproot.open(path) as file:
        found = file[tree][branch]
        place, size = (int(found.member(name)[basket]) for name in ("fBasketSeek", "fBasketBytes"))
        entries = int(found.entry_offsets[basket]), int(found.entry_offsets[basket + 1])
    data = bytearray(path.read_bytes())
    data[place + size // 2 : place + size // 2 + 40] = bytes(40)
    path.write_bytes(data)
    return entries
