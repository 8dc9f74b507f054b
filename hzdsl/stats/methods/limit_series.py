"""Limits along a number that the model is made for, such as the mass of what is searched for."""

from __future__ import annotations

from collections.abc import Mapping

from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.methods.asymptotic import Limits
from hzdsl.stats.methods.toy_limits import ToyLimits
from hzdsl.stats.record import Record


@dataclass(frozen=True, eq=False)
class LimitSeries(Record):
    """Limits of one parameter by mass.

    Parameters
    ----------
    what : str
        What the numbers are, with their unit.
    limits : mapping of float to Limits or ToyLimits
        By that number, in rising order.

    Examples
    --------
    >>> one = Limits("r", 0.95, 1.1, (0.5, 0.7, 1.0, 1.4, 2.0))
    >>> print(LimitSeries("mass [GeV]", {120.0: one, 125.5: one}))
    limits at 95 % CLs on r
     mass [GeV]   observed    2.5 %   16.0 %   50.0 %   84.0 %   97.5 %
    ────────────────────────────────────────────────────────────────────
     120            1.1000   0.5000   0.7000   1.0000   1.4000   2.0000
     125.5          1.1000   0.5000   0.7000   1.0000   1.4000   2.0000
    """

    what: str
    limits: Mapping[float, Limits | ToyLimits]

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table: a row per mass, with what is observed and quantiles of what is expected."""
        columns = {m: _cells(limit) for m, limit in self.limits.items()}
        names = tuple(dict.fromkeys(name for cells in columns.values() for name in cells))
        rows = tuple((f"{m:g}", *(cells.get(name, "") for name in names)) for m, cells in columns.items())
        one = next(iter(self.limits.values()))
        title = f"limits at {100 * one.level:g} % CLs on {one.poi}"
        notes = [f"{m:g}: {table.note}" for m, limit in self.limits.items() if isinstance(limit, ToyLimits)
                 for table in limit.tables()[:1] if table.note]  # fmt: skip
        return (TextTable(title, (self.what, *names), rows, note="; ".join(notes)),)


def _cells(limit: Limits | ToyLimits) -> dict[str, str]:
    """Return the limits of one mass, by what they are: the rows of its own table."""
    return {name.removeprefix("expected "): " ".join(cells).strip() for name, *cells in limit.tables()[0].rows}
