"""What parts of a likelihood are whose channels have densities, by rows or by bins."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from hzdsl.stats.densities.model import densities_of
from hzdsl.stats.densities.numeric import Accuracy
from hzdsl.stats.part import NotSimulated


class OfDensities(NotSimulated):
    """Channels with densities, some of whose integrals are numeric."""

    records: tuple[Any, ...]

    def remarks(self, x: Mapping[str, float]) -> tuple[str, ...]:
        """Return which integrals are less accurate there than where parameters start."""
        return self._accuracy.remarks(x)

    @cached_property
    def _accuracy(self) -> Accuracy:
        return Accuracy(p for c in self.records for p in densities_of(c.density))
