"""A channel as a run has filled it: contents of bins by process, nominal and varied, and what was observed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hzdsl.records import dataclass
from hzdsl.results.result import AxisResult
from hzdsl.results.text import TextTable, value_and_error
from hzdsl.stats.parameters import Vector
from hzdsl.stats.shown import Shown


@dataclass(frozen=True, eq=False)
class Bins:
    """Contents of the bins of a channel and their variances, without underflow and overflow."""

    values: Vector
    variances: Vector

    @property
    def sum(self) -> float:
        """The sum of all bins, rounded once."""
        from math import fsum

        return fsum(self.values)

    @property
    def sum_error(self) -> float:
        """The statistical error of the sum."""
        return float(np.sqrt(self.variances.sum()))


@dataclass(frozen=True, eq=False)
class FilledProcess:
    """What a process contributes to a channel: nominal, and (up, down) by the name of a systematic uncertainty."""

    name: str
    signal: bool
    nominal: Bins
    varied: Mapping[str, tuple[Bins, Bins]]


@dataclass(frozen=True, eq=False)
class FilledChannel(Shown):
    """A histogram of a run as a channel of a likelihood.

    Parameters
    ----------
    name : str
        What the channel is called.
    axis : AxisResult
        Of all its histograms.
    processes : tuple of FilledProcess
        In the order asked for; one that has no histogram is empty.
    data : Bins, optional
        What was observed; None where the run has no data.
    remarks : tuple of str
        What a user should know: processes that are missing, events that are in no bin.
    """

    name: str
    axis: AxisResult
    processes: tuple[FilledProcess, ...]
    data: Bins | None = None
    remarks: tuple[str, ...] = ()

    @property
    def predicted(self) -> Vector:
        """The sum of all processes, nominal, in each bin."""
        nothing = np.zeros(len(self.axis.edges) - 1)
        total: Vector = np.sum([nothing, *(t.nominal.values for t in self.processes)], axis=0)
        return total

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table: a row per process with its statistical error, and what variations change, in percent."""
        names = tuple(dict.fromkeys(s for t in self.processes for s in t.varied))
        rows = [_row(t, names) for t in self.processes]
        if self.data is not None:
            rows.append(("data", f"{self.data.sum:g}", "", *("" for _ in names)))
        header = ("process", "events", "±", *names)
        note = "\n ".join([*(["up / down in %"] if names else []), *self.remarks])
        return (TextTable(f"{self.name}: {self.axis}", header, tuple(rows), note=note),)


def _row(t: FilledProcess, names: tuple[str, ...]) -> tuple[str, ...]:
    shifts = (_shift(t, name) for name in names)
    name = f"{t.name} (signal)" if t.signal else t.name
    return name, *value_and_error(t.nominal.sum, t.nominal.sum_error), *shifts


def _shift(t: FilledProcess, name: str) -> str:
    if name not in t.varied or not t.nominal.sum:
        return ""
    up, down = (100 * (b.sum / t.nominal.sum - 1) for b in t.varied[name])
    return f"{up:+.1f} / {down:+.1f}"
