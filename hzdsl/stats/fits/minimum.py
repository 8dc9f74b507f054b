"""Where a minimisation ended."""

from __future__ import annotations

from hzdsl.records import dataclass
from hzdsl.stats.parameters import Vector


@dataclass(frozen=True, eq=False)
class Minimum:
    """Where a minimisation ended, whether that is a minimum, and in words why not, or what is to be said of it."""

    z: Vector
    edm: float
    valid: bool
    said: str = ""
    kink: bool = False  # slopes jump there, and their combination vanishes
