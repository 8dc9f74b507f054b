"""Comparing what two backends return, bit for bit (all NaN count as equal)."""

from __future__ import annotations

import numpy as np

from hzdsl.backends.base import Array, Dump, Partial, Program
from hzdsl.ir.print import spell


def same_bits(a: Array, b: Array) -> bool:
    """Return whether two arrays hold the same bits; -0.0 differs from 0.0, every NaN equals every NaN."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    nan = np.isnan(a) & np.isnan(b)
    bits = f"u{a.dtype.itemsize}"
    return bool(np.all(nan | (np.ascontiguousarray(a).view(bits) == np.ascontiguousarray(b).view(bits))))


def differences(program: Program, a: Partial, b: Partial) -> list[str]:
    """Return what differs, in words; empty where everything is equal."""
    found = [f"entries {a.entries} {b.entries}"] if a.entries != b.entries else []
    for r, (x, y) in enumerate(zip(a.passed, b.passed, strict=True)):
        if not same_bits(x, y):
            found.append(f"cutflow of region {r}: {x} {y}")
    for k, (x, y) in enumerate(zip(a.counts, b.counts, strict=True)):
        if not same_bits(x, y) or a.nans[k] != b.nans[k]:
            found.append(f"histogram {k}: {x} {y}, NaN {a.nans[k]} {b.nans[k]}")
    found += [f"accepted {a.accepted} {b.accepted}"] if a.accepted != b.accepted else []
    found += [
        f"weights of region {r}" for r, (x, y) in enumerate(zip(a.flows, b.flows, strict=True)) if not same_bits(x, y)
    ]
    found += [
        f"weights of fill {k}" for k, (x, y) in enumerate(zip(a.sums, b.sums, strict=True)) if not same_bits(x, y)
    ]
    found += [] if same_bits(a.overlaps, b.overlaps) else [f"overlaps {a.overlaps} {b.overlaps}"]
    for r, (s, t) in enumerate(zip(a.tables, b.tables, strict=True)):
        if not same_bits(s.entry, t.entry):
            found.append(f"selected events of region {r}")
        for j, ((v, ok), (w, fine)) in enumerate(zip(s.columns, t.columns, strict=True)):
            if not same_bits(v, w) or (ok is None) != (fine is None) or (ok is not None and not same_bits(ok, fine)):
                found.append(f"output {j} of region {r}")
    for node, x, y in zip(program.dumps, a.dumps, b.dumps, strict=True):
        text = dump_difference(x, y)
        if text:
            found.append(f"{spell(node, 200)} : {node.type}: {text}")
    return found


def dump_difference(a: Dump, b: Dump) -> str | None:
    """Return the first difference of two dumps, or None."""
    if not same_bits(a.counts, b.counts):
        return f"counts per event {a.counts} {b.counts}"
    if len(a.valid) != len(b.valid):
        return f"{len(a.valid)} and {len(b.valid)} positions"
    if not same_bits(a.valid, b.valid):
        where = int(np.flatnonzero(a.valid != b.valid)[0])
        return f"presence at {where}: {a.valid[where]} {b.valid[where]}"
    if same_bits(a.values, b.values):
        return None
    for i, (x, y) in enumerate(zip(a.values, b.values, strict=True)):
        if not same_bits(np.atleast_1d(x), np.atleast_1d(y)):
            return f"value at {i}: {x!r} {y!r}"
    return f"dtype {a.values.dtype} {b.values.dtype}"
