"""Names of plot files: safe on every file system, and each used once."""

from __future__ import annotations

import hashlib
import re

LONGEST = 120
_UNSAFE = re.compile(r"[^\w.+=-]+")


def file_stem(region: str | None, name: str) -> str:
    """Return ``region_name`` without characters that mean something to a file system or a shell.

    Examples
    --------
    >>> file_stem("4mu", "h_mass"), file_stem(None, "m(µµ)/GeV"), file_stem("a/b", "../x")
    ('4mu_h_mass', 'm_µµ_GeV', 'a_b_.._x')
    """
    whole = name if region is None else f"{region}_{name}"
    stem = _UNSAFE.sub("_", whole).strip("._-") or "histogram"
    if len(stem) > LONGEST:
        stem = f"{stem[: LONGEST - 9]}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
    return stem


class Stems:
    """Hands out file names, so that no two are equal even where upper and lower case are."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, *wishes: str) -> str:
        """Return the first of the wishes that is free, else the last with a number.

        Examples
        --------
        >>> stems = Stems()
        >>> stems.take("m"), stems.take("m", "m_combined"), stems.take("M")
        ('m', 'm_combined', 'M_2')
        """
        numbered = (f"{wishes[-1]}_{i}" for i in range(2, len(self._taken) + 3))
        chosen = next(s for s in (*wishes, *numbered) if s.casefold() not in self._taken)
        self._taken.add(chosen.casefold())
        return chosen
