"""Values of both backends as awkward arrays, and the columns that they were made from."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np

from hzdsl.backends.base import Chunk, Program
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node
from tests.backends.compare import differences


def dump(node: Node, chunk: Chunk) -> Any:
    """Return a node as an awkward array (missing: None), the same from both backends."""
    program = Program(dumps=(node,))
    compiled, interpreted = (b.compile(program).run(chunk, {}) for b in (CodegenBackend(), InterpretBackend()))
    assert differences(program, compiled, interpreted) == []
    found = compiled.dumps[0]
    values: Any = ak.Array(found.values)
    if not found.valid.all():
        values = ak.mask(values, found.valid)
    return values if node.type.axis is EVENT else ak.unflatten(values, found.counts)


def stored(name: str, chunk: Chunk, collection: str = "Muon") -> Any:
    """Return a branch of a collection as an awkward array."""
    return ak.unflatten(chunk.columns[f"{collection}_{name}"], np.diff(chunk.offsets[collection]))


def equal(a: Any, b: Any) -> bool:
    """Return whether two awkward arrays have the same lists, missing values and numbers; every NaN equals every NaN."""
    return bool(repr(_plain(a)) == repr(_plain(b)))


def _plain(array: Any) -> Any:
    return ak.to_list(array)


def physics(entries: int, seed: int = 3) -> Chunk:
    """Return events of muons and electrons (NanoAOD names), pt up to a few hundred GeV, azimuths near ±π among them."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    offsets: dict[str, Any] = {}
    for name in ("Muon", "Electron"):
        offsets[name] = np.concatenate([[0], np.cumsum(rng.integers(0, 6, entries))]).astype(np.int64)
        n = int(offsets[name][-1])
        phi = np.where(rng.random(n) < 0.1, rng.choice([-np.pi, np.pi], n), rng.uniform(-np.pi, np.pi, n))
        draws = {"pt": 3 + rng.exponential(40, n), "eta": rng.normal(0, 1.5, n), "phi": phi, "mass": np.full(n, 0.1)}
        columns |= {f"{name}_{attr}": x.astype(np.float32) for attr, x in draws.items()}
        columns[f"{name}_charge"] = rng.choice(np.array([-1, 1], np.int32), n)
    return Chunk(entries, columns, offsets)
