"""Sizes of files and memory, as they are written and read."""

from __future__ import annotations

import re
from typing import Any

import click

_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}


class Size(click.ParamType[int]):
    """A number of bytes with its unit."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes that a text stands for.

        Examples
        --------
        >>> [Size().convert(text, None, None) for text in ("2GB", "500 MB", "1.5 GiB")]
        [2000000000, 500000000, 1610612736]
        """
        found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) *([kmgt]i?b)", str(value).strip().lower())
        if found is None:
            self.fail(f"{value!r} is no size with a unit, such as 2GB or 500MB", param, ctx)
        return int(float(found[1]) * _UNITS[found[2]])


def size_text(n: float) -> str:
    """Return a number of bytes in a readable unit.

    Examples
    --------
    >>> size_text(999), size_text(12_345), size_text(3_400_000_000)
    ('999 B', '12.3 kB', '3.4 GB')
    """
    if n < 1000:
        return f"{n:.0f} B"
    size, units = float(n), ["B", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.1f} {units[0]}"
