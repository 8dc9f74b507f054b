"""Partial results as bytes and back, exactly: numbers as JSON, arrays raw (exact sums, mostly zeros, deflated)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from hzdsl.backends.base import Array, Dump, Partial, Table
from hzdsl.errors import HzdslError
from hzdsl.run.parts.blocks import Block, block, blocks
from hzdsl.run.parts.partials import Part
from hzdsl.run.spans import Ranges, common, joined

PART = b"PART"
#: The numbers of the kinds of arrays: bool, signed, unsigned, floating.
_KINDS = "biuf"


def to_bytes(part: Part) -> bytes:
    """Return a part as one block of bytes, the same on every machine.

    Examples
    --------
    >>> from hzdsl.backends.base import Program
    >>> from hzdsl.run.parts.partials import nothing
    >>> from_bytes(to_bytes(Part(3, ((0, 10),), nothing(Program())))).ranges
    ((0, 10),)
    """
    packed, p = _Packed(), part.partial
    content = {
        "job": part.job,
        "ranges": part.ranges,
        "entries": p.entries,
        "accepted": p.accepted,
        "nans": p.nans,
        "passed": [packed.raw(a) for a in p.passed],
        "counts": [packed.raw(a) for a in p.counts],
        "overlaps": packed.raw(p.overlaps),
        "flows": [packed.sums(a) for a in p.flows],
        "sums": [packed.sums(a) for a in p.sums],
        "tables": [[packed.raw(t.entry), [[packed.raw(v), packed.maybe(m)] for v, m in t.columns]] for t in p.tables],
        "dumps": [[packed.raw(d.counts), packed.raw(d.values), packed.raw(d.valid)] for d in p.dumps],
    }
    head = json.dumps(content, separators=(",", ":")).encode()
    raw, sums = bytes(packed.plain), zlib.compress(packed.mostly_zeros, 1)
    lengths = [len(x).to_bytes(8, "little") for x in (head, raw, sums)]
    return block(PART, b"".join([*lengths, head, raw, sums]))


def from_bytes(data: bytes, what: str = "a partial result") -> Part:
    """Return the part that bytes hold; its arrays are its own.

    Parameters
    ----------
    data : bytes
        One block, as `to_bytes` made it.
    what : str
        How a message calls it.

    Raises
    ------
    HzdslError
        `file-truncated` where the bytes are cut off or damaged.
    """
    found = next(blocks(data), None)
    if found is None or found.kind != PART or found.end != len(data):
        raise HzdslError("file-truncated", f"{what} is damaged", fix="make it again")
    return of_content(found.content)


def of_content(content: bytes) -> Part:
    """Return the part that the content of a sound block says."""
    sizes = [int.from_bytes(content[8 * k : 8 * k + 8], "little") for k in range(3)]
    ends = np.cumsum([24, *sizes]).tolist()
    head, raw, sums = (content[a:b] for a, b in pairwise(ends))
    said: dict[str, Any] = json.loads(head)
    plain, zeros = _Unpacked(raw), _Unpacked(zlib.decompress(sums))
    partial = Partial(
        said["entries"],
        [plain.array(a) for a in said["passed"]],
        [plain.array(a) for a in said["counts"]],
        said["nans"],
        [Table(plain.array(e), [(plain.array(v), plain.maybe(m)) for v, m in of]) for e, of in said["tables"]],
        [Dump(*map(plain.array, of)) for of in said["dumps"]],
        said["accepted"],
        [zeros.array(a) for a in said["flows"]],
        [zeros.array(a) for a in said["sums"]],
        plain.array(said["overlaps"]),
    )
    return Part(said["job"], tuple((a, b) for a, b in said["ranges"]), partial)


def parts_of(found: Iterable[Block], what: str) -> list[Part]:
    """Return the parts among the blocks of a file.

    Raises
    ------
    HzdslError
        `file-format` where two of them are of the same entries: such a file has been put together by somebody else.
    """
    parts: list[Part] = []
    seen: dict[int, Ranges] = {}
    for part in (of_content(b.content) for b in found if b.kind == PART):
        if common(seen.get(part.job, ()), part.ranges):
            raise HzdslError("file-format", f"{what} holds the same entries twice", fix="run it again")
        seen[part.job] = joined(seen.get(part.job, ()), part.ranges)
        parts.append(part)
    return parts


class _Packed:
    """Arrays one behind the other, least byte first; each is called by its type, shape and place."""

    def __init__(self) -> None:
        self.plain, self.mostly_zeros = bytearray(), bytearray()

    def raw(self, array: Array) -> list[Any]:
        return _put(self.plain, array)

    def maybe(self, array: Array | None) -> list[Any] | None:
        return None if array is None else self.raw(array)

    def sums(self, array: Array) -> list[Any]:
        return _put(self.mostly_zeros, array)


def _put(where: bytearray, array: Array) -> list[Any]:
    stored = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    place = [stored.dtype.str, list(array.shape), len(where)]
    where += stored.tobytes()
    return place


class _Unpacked:
    """Arrays out of bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def array(self, place: list[Any]) -> Any:
        dtype, shape, at = np.dtype(place[0]), tuple(place[1]), int(place[2])
        assert dtype.kind in _KINDS, f"{dtype} is no type of numbers"
        stored = np.frombuffer(self._data, dtype, int(np.prod(shape)), at)
        return stored.reshape(shape).astype(dtype.newbyteorder("="))

    def maybe(self, place: list[Any] | None) -> Any:
        return None if place is None else self.array(place)
