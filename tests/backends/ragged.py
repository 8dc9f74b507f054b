"""Random ragged events with every awkward value in them, and the nodes that read them.

Used by the tests of both backends. Branches are called ``Muon_f32_a`` (collections `Muon` and `Jet`) and
``f32_a`` (one per event): for every dtype an `_a` and a `_b`, plus `_t` with few different values (ties) and,
for floats, `_s` with ordinary ones. ``Muon_pt``, `eta`, `phi`, `mass` (f32) and `charge` (i32) look like
physics.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import NUMPY, Array, Chunk
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE

COLLECTIONS = ("Muon", "Jet")
#: A collection of which every jet has its own.
NESTED = "Track"
DTYPES: dict[str, DType] = {d.value: d for d in NUMPY if d is not DType.LABEL}
PHYSICS: dict[str, DType] = {
    "pt": DType.F32,
    "eta": DType.F32,
    "phi": DType.F32,
    "mass": DType.F32,
    "charge": DType.I32,
}


def attributes() -> dict[str, DType]:
    """Return the attributes that every collection has (and, without a prefix, the event): name and dtype."""
    found = {f"{name}_{k}": dtype for name, dtype in DTYPES.items() for k in "abt"}
    found |= {f"{name}_s": dtype for name, dtype in DTYPES.items() if dtype.floating}
    return found | PHYSICS


# ---- nodes -------------------------------------------------------------------------------------------------


def collection(name: str) -> Node:
    """Return the axis of a stored collection."""
    return make("collection", collection("Jet") if name == NESTED else EVENT, name=name)


def column(owner: str, attr: str) -> Node:
    """Return a branch of a collection ("Muon", "Jet"), or of the event where `owner` is ""."""
    axis, name = (collection(owner), f"{owner}_{attr}") if owner else (EVENT, attr)
    return make("column", axis, name=name, attr=attr, dtype=attributes()[attr], unit=NONE)


# ---- values ------------------------------------------------------------------------------------------------


def random_values(rng: np.random.Generator, dtype: DType, n: int) -> Array:
    """Return `n` values in which specials, ties, ordinary numbers and random bit patterns are mixed."""
    if dtype is DType.BOOL:
        return rng.random(n) < 0.5
    kinds = (_special, _small, _bit_patterns, _ordinary if dtype.floating else _small)
    which = rng.integers(len(kinds), size=n)
    with np.errstate(all="ignore"):
        return np.choose(which, [kind(rng, NUMPY[dtype], n) for kind in kinds]).astype(NUMPY[dtype])


def tied_values(rng: np.random.Generator, dtype: DType, n: int) -> Array:
    """Return `n` values out of a handful, zeros of both signs, NaN and infinities among them."""
    if dtype is DType.BOOL:
        return rng.random(n) < 0.5
    few: list[float] = [0, 1, 2, 3]
    if dtype.floating:
        few = [0.0, -0.0, 1.0, -1.0, 1.5, np.nan, np.inf, -np.inf]
    return rng.choice(np.array(few, NUMPY[dtype]), n)


def specials(dtype: np.dtype[np.generic]) -> Array:
    """Return the values at which implementations differ."""
    if dtype.kind != "f":
        info = np.iinfo(dtype)
        limits = [info.min, info.min + 1, info.max, info.max - 1, info.max // 2 + 1]
        negative = [-1, -2, -7, -64] if info.min < 0 else []
        return np.array([*limits, *negative, 0, 1, 2, 7, 31, 32, 33, 63, 64, 65], dtype)
    f = np.finfo(dtype)
    edges = [2.0**k for k in (23, 24, 31, 32, 52, 53, 62, 63, 64)]
    near = [np.nextafter(dtype.type(x), dtype.type(0)) for x in edges]
    small = [0.0, f.smallest_subnormal, f.tiny, f.eps, 0.5, 1.0, 1.5, 2.5]
    with np.errstate(all="ignore"):
        values = np.array([*small, np.pi, 91.2, *edges, *near, f.max, np.inf], dtype)
    return np.concatenate([values, -values, np.full(4, np.nan, dtype)])


def _special(rng: np.random.Generator, dtype: np.dtype[np.generic], n: int) -> Array:
    return rng.choice(specials(dtype), n)


def _small(rng: np.random.Generator, dtype: np.dtype[np.generic], n: int) -> Array:
    return rng.integers(0 if dtype.kind == "u" else -4, 5, n).astype(dtype)


def _ordinary(rng: np.random.Generator, dtype: np.dtype[np.generic], n: int) -> Array:
    return rng.normal(0, 50, n).astype(dtype)


def _bit_patterns(rng: np.random.Generator, dtype: np.dtype[np.generic], n: int) -> Array:
    values = rng.integers(0, 256, n * dtype.itemsize, dtype=np.uint8).view(dtype)
    if dtype.kind == "f":
        values[np.isnan(values)] = np.nan  # no signalling NaN: what they do is the processor's business
    return values


# ---- chunks ------------------------------------------------------------------------------------------------


def random_chunk(seed: int, entries: int) -> Chunk:
    """Return `entries` events with two collections; about a third of the lists are empty, a few long."""
    rng = np.random.default_rng(seed)
    columns, offsets = _columns(rng, "", entries), {}
    for name in COLLECTIONS:
        offsets[name] = _offsets(rng, entries)
        columns |= _columns(rng, name, int(offsets[name][-1]))
    offsets[NESTED] = _offsets(rng, int(offsets["Jet"][-1]))
    columns |= _columns(rng, NESTED, int(offsets[NESTED][-1]))
    return Chunk(entries, columns, offsets)


def _offsets(rng: np.random.Generator, entries: int) -> npt.NDArray[np.int64]:
    counts = rng.poisson(2.0, entries) * (rng.random(entries) < 0.8) + 8 * (rng.random(entries) < 0.02)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _columns(rng: np.random.Generator, owner: str, n: int) -> dict[str, Array]:
    prefix = f"{owner}_" if owner else ""
    found: dict[str, Array] = {}
    for name, dtype in attributes().items():
        make_values: Callable[[np.random.Generator, DType, int], Array] = random_values
        if name.endswith("_t"):
            make_values = tied_values
        elif name.endswith("_s"):
            make_values = _smooth
        found[prefix + name] = _physics(rng, name, n) if name in PHYSICS else make_values(rng, dtype, n)
    return found


def _smooth(rng: np.random.Generator, dtype: DType, n: int) -> Array:
    return rng.normal(0, 3, n).astype(NUMPY[dtype])


def _physics(rng: np.random.Generator, name: str, n: int) -> Array:
    if name == "charge":
        return rng.choice(np.array([-1, 1], np.int32), n)
    values = {
        "pt": 3 + rng.exponential(20, n),
        "eta": rng.normal(0, 1.5, n),
        "phi": rng.uniform(-np.pi, np.pi, n),
        "mass": np.full(n, 0.105658),
    }
    return values[name].astype(np.float32)
