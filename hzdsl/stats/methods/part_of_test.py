"""A part of the test of one value: what was observed, or what is expected, alone."""

from __future__ import annotations

from math import isnan

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.methods.probabilities import BAND
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class PartOfTest(Record):
    """CLs of one value: observed (NaN where it is not asked for), and expected without signal (or nothing).

    Examples
    --------
    >>> print(PartOfTest("r", 1.0, 0.04, ()).text(), end="")
    CLs of r = 1
                 CLs
    ─────────────────
     observed   0.04
    """

    poi: str
    mu: float
    observed: float
    expected: tuple[float, ...]

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = [] if isnan(self.observed) else [("observed", f"{self.observed:.6g}")]
        rows += [(f"expected {n:+d}σ" if n else "expected", f"{e:.6g}") for n, e in zip(BAND, self.expected)]  # noqa: B905 (there may be none)
        return (TextTable(f"CLs of {self.poi} = {self.mu:g}", ("", "CLs"), tuple(rows)),)
