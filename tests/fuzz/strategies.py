"""The strategies of all operations together."""

from __future__ import annotations

from tests.fuzz import grow_tables
from tests.fuzz.grow import GROW, grow

__all__ = ["GROW", "grow", "grow_tables"]
