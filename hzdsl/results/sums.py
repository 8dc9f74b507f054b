"""Sums of f64 numbers that are rounded once."""

from __future__ import annotations

import math
from collections.abc import Iterable


def total_of(numbers: Iterable[float]) -> float:
    """Return the sum, rounded once; NaN where there is one, or infinities of both signs.

    Examples
    --------
    >>> total_of([1e16, 1.0, -1e16]), total_of([math.inf, -math.inf])
    (1.0, nan)
    """
    given = list(numbers)
    return math.fsum(given) if all(map(math.isfinite, given)) else sum(given)
