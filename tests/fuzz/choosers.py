"""Where random decisions come from: hypothesis (whose failures shrink) or a seeded generator.

A chooser returns a whole number from 0 to n-1. Zero is the plainest choice: it is what hypothesis shrinks to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

Chooser = Callable[[int], int]


@cache
def _below(n: int) -> st.SearchStrategy[int]:
    return st.integers(0, n - 1)


def drawn(draw: Callable[[st.SearchStrategy[int]], int]) -> Chooser:
    """Let hypothesis decide."""
    return lambda n: draw(_below(n)) if n > 1 else 0


def seeded(*seed: int) -> Chooser:
    """Let a generator decide that starts from these numbers."""
    rng: Any = np.random.default_rng(seed)
    return lambda n: int(rng.integers(n))
