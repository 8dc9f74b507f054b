"""The strategies of all operations together."""

from __future__ import annotations

from tests.fuzz import grow_axes, grow_tables, grow_values
from tests.fuzz.grow import GROW, grow

__all__ = ["GROW", "grow", "grow_axes", "grow_tables", "grow_values"]
