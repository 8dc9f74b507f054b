"""Certified luminosity blocks: the golden JSON of CMS, ``{run: [[first, last], …]}``."""

from __future__ import annotations

import os
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build, tables
from hzdsl.ir.node import Node
from hzdsl.ir.numbers import Numbers
from hzdsl.ir.types import DType
from hzdsl.jsonfile import read_json

_BLOCK_BITS = 32
Range = tuple[int, int]


def read_ranges(path: str) -> dict[int, list[Range]]:
    """Return the ranges of blocks by run: sorted, what overlaps or touches merged.

    Raises
    ------
    HzdslError
        ``spec-format`` where the file is no such list, ``spec-value`` for a range that is none.
    """
    document, name = read_json(path), os.path.basename(path)
    if not isinstance(document, dict):
        raise HzdslError("spec-format", f"{name} is no luminosity mask", fix='{"run": [[first, last], …], …}')
    return {
        _run(run, name): _merged([_range(x, run, name) for x in _list(ranges, run, name)])
        for run, ranges in document.items()
    }


def _run(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**31):
        raise HzdslError("spec-value", f"{name}: '{text}' is no run number")
    return int(text)


def _list(x: Any, run: str, name: str) -> list[Any]:
    if not isinstance(x, list):
        raise HzdslError("spec-value", f"{name}: run {run} has no list of ranges", fix="[[first, last], …]")
    return x


def _range(x: Any, run: str, name: str) -> Range:
    whole = isinstance(x, list) and len(x) == 2 and all(isinstance(b, int) and not isinstance(b, bool) for b in x)
    if not whole:
        raise HzdslError("spec-value", f"{name}: run {run} has the range {x!r}", fix="[first, last]")
    first, last = x
    if not 0 <= first <= last < 2**_BLOCK_BITS - 1:
        raise HzdslError("spec-value", f"{name}: run {run} has the range [{first}, {last}], which holds no block")
    return first, last


def _merged(ranges: list[Range]) -> list[Range]:
    found: list[Range] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def certified(ranges: dict[int, list[Range]], run: Node, block: Node) -> Node:
    """Return whether a block of a run is in the ranges.

    Both make one ascending number; an odd number of the ranges' ends at or below it means that it is inside one.
    Numbers that would pass for those of another run are in none.
    """
    run, block = build.on_common_axis(run, block)
    width = build.const(2**_BLOCK_BITS)
    key = build.arithmetic(
        "add", build.arithmetic("mul", build.cast(run, DType.I64), width), build.cast(block, DType.I64)
    )
    ends = [
        (number << _BLOCK_BITS) + end
        for number in sorted(ranges)
        for first, last in ranges[number]
        for end in (first, last + 1)
    ]
    count = tables.search(key, Numbers.of(ends, DType.I64))
    inside = build.compare("eq", build.bits("and", count, build.const(1)), build.const(1))
    for number, bits in ((run, 31), (block, _BLOCK_BITS)):
        if number.type.dtype.bits == 64:
            inside = build.logic("and", inside, build.compare("lt", number, build.const(2**bits)))
    return (
        inside
        if not block.type.dtype.signed
        else build.logic("and", inside, build.compare("le", build.const(0), block))
    )
