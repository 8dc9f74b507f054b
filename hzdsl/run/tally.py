"""Adding up: chunks to a sample, samples to totals. Only integers are added before weighting."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import Partial, Table
from hzdsl.ir.analysis import Histogram, Region, Sample
from hzdsl.results.result import (
    AxisResult,
    Counts,
    CutRow,
    EventTable,
    HistogramResult,
    RegionResult,
    SampleResult,
)
from hzdsl.run.program import Bound, per_event

Columns = dict[str, npt.NDArray[np.generic]]


class Tally:
    """The running sums of one sample; chunks are added in the order of their entries."""

    def __init__(self, bound: Bound) -> None:
        self.bound, self.events = bound, 0
        self._passed = [np.zeros(len(r.cuts), np.int64) for r in bound.regions]
        self._counts = [np.zeros([len(a.edges) + 1 for a in axes], np.int64) for axes in bound.axes]
        self._nans = [0] * len(bound.axes)
        self._tables: list[list[Table]] = [[] for _ in bound.regions]

    def add(self, partial: Partial) -> None:
        """Add the next chunk."""
        self._passed = [a + b for a, b in zip(self._passed, partial.passed, strict=True)]
        for sums, new in zip(self._counts, partial.counts, strict=True):
            np.add(sums, new, out=sums)
        self._nans = [a + b for a, b in zip(self._nans, partial.nans, strict=True)]
        for kept, table in zip(self._tables, partial.tables, strict=bool(partial.tables)):
            kept.append(Table(table.entry + self.events, table.columns))
        self.events += partial.entries

    def result(self, sample: Sample, weight: float, tables: bool) -> SampleResult:
        """Return the sample's result with this weight per event."""
        bound = self.bound
        regions = {r.name: self._region(i, r, weight) for i, r in enumerate(bound.regions)}
        histograms = {h.key: self._histogram(i, h, weight) for i, h in enumerate(bound.histograms)}
        events = tuple(self._table(i) for i in range(len(bound.regions))) if tables else ()
        return SampleResult(sample, self.events, weight, regions, histograms, events)

    def _region(self, i: int, region: Region, weight: float) -> RegionResult:
        passed = self._passed[i].tolist()
        rows = tuple(CutRow(c.label, n, n * weight) for c, n in zip(region.cuts, passed, strict=True))
        selected = passed[-1] if passed else self.events
        return RegionResult(region.name, rows, selected, selected * weight)

    def _histogram(self, i: int, histogram: Histogram, weight: float) -> HistogramResult:
        return weighted(histogram, self.bound.axes[i], self._counts[i], self._nans[i], weight)

    def _table(self, i: int) -> EventTable:
        bound, parts = self.bound, self._tables[i]
        names = (*bound.identifiers, *bound.outputs[i])
        nodes = bound.program.selections[i].outputs
        entry = np.concatenate([np.zeros(0, np.int64), *(t.entry for t in parts)])
        columns: Columns = {}
        valid: dict[str, npt.NDArray[np.bool_] | None] = {}
        for k, (name, node) in enumerate(zip(names, nodes, strict=True)):
            columns[name], mask = _column([t.columns[k] for t in parts])
            valid[name] = mask if node.type.optional else None
        return EventTable(bound.regions[i].name, columns, valid, entry, bound.identifiers)


def _column(
    parts: list[tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_] | None]],
) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_] | None]:
    values = np.concatenate([v for v, _ in parts])
    masks = [np.ones(len(v), np.bool_) if m is None else m for v, m in parts]
    return values, np.concatenate(masks)


def weighted(
    histogram: Histogram, axes: tuple[AxisResult, ...], counts: Counts, nan: int, weight: float
) -> HistogramResult:
    """Return a histogram of events that all have one weight."""
    return HistogramResult(
        histogram.name,
        histogram.region,
        axes,
        counts,
        counts.astype(np.float64) * weight,
        counts.astype(np.float64) * (weight * weight),
        nan,
        histogram.title,
        histogram.log,
        histogram.marks,
        per_event(histogram),
    )


def total_regions(regions: Iterable[Region], samples: Iterable[SampleResult]) -> dict[str, RegionResult]:
    """Return the cutflow of every region over all samples that fill it (zeros, where none does)."""
    given = list(samples)
    return {r.name: _total_region(r, [s.regions[r.name] for s in given if r.name in s.regions]) for r in regions}


def _total_region(region: Region, parts: list[RegionResult]) -> RegionResult:
    rows = tuple(
        CutRow(c.label, sum(p.cutflow[i].events for p in parts), math.fsum(p.cutflow[i].sumw for p in parts))
        for i, c in enumerate(region.cuts)
    )
    return RegionResult(region.name, rows, sum(p.selected for p in parts), math.fsum(p.sumw for p in parts))


def total_histograms(bound: Bound, samples: Iterable[SampleResult]) -> dict[str, HistogramResult]:
    """Return every histogram summed over the samples in their declared order."""
    totals = {
        h.key: weighted(h, axes, np.zeros([len(a.edges) + 1 for a in axes], np.int64), 0, 1.0)
        for h, axes in zip(bound.histograms, bound.axes, strict=True)
    }
    for sample in samples:
        for key, h in sample.histograms.items():
            totals[key] = _plus(totals[key], h)
    return totals


def _plus(a: HistogramResult, b: HistogramResult) -> HistogramResult:
    return replace(
        a,
        counts=a.counts + b.counts,
        values=a.values + b.values,
        variances=a.variances + b.variances,
        nan=a.nan + b.nan,
    )
