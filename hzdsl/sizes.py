"""Sizes of files and memory, as they are written and read."""

from __future__ import annotations

import re

_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}


def size_from(text: str) -> int | None:
    """Return the bytes that a text stands for, a number with its unit; None where it is none.

    Examples
    --------
    >>> [size_from(text) for text in ("2GB", "500 MB", "1.5 GiB", "2")]
    [2000000000, 500000000, 1610612736, None]
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) *([kmgt]i?b)", text.strip().lower())
    return None if found is None else int(float(found[1]) * _UNITS[found[2]])


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
