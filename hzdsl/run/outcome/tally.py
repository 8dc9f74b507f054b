"""From summed parts to a sample's result, and from samples to totals: here weights of samples come in, and rounding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.ir.analysis import Histogram, Region, Sample
from hzdsl.ir.variations import Variation
from hzdsl.results.adding import added, together
from hzdsl.results.result import (
    AxisResult,
    Counts,
    CutRow,
    EventTable,
    Floats,
    HistogramResult,
    RegionResult,
    SampleResult,
)
from hzdsl.results.sums import total_of
from hzdsl.results.tables import labelled
from hzdsl.run.parts.exact import rounded
from hzdsl.run.parts.partials import Part
from hzdsl.run.program.bind import Bound, per_event
from hzdsl.run.program.worlds import Place

Columns = dict[str, npt.NDArray[np.generic]]


class Tally:
    """What comes out of the summed parts of one sample."""

    def __init__(self, bound: Bound, part: Part) -> None:
        self.bound, self._total = bound, part.partial

    @property
    def events(self) -> int:
        """How many entries the parts are of."""
        return self._total.entries

    def result(self, sample: Sample, weight: float) -> SampleResult:
        """Return the sample's result with this weight per event."""
        bound, found = self.bound, self.bound.worlds
        regions = {
            r.name: replace(
                self._region(r, (i, 0), weight),
                variations=nested((v, self._region(r, at, weight)) for v, at in found.regions[i].items()),
            )
            for i, r in enumerate(bound.regions)
        }
        histograms = {h.key: self._histograms(k, h, weight) for k, h in enumerate(bound.histograms)}
        events = tuple(self._table(i) for i in range(len(bound.regions))) if self._total.tables else ()
        masked = self.events - self._total.accepted
        return SampleResult(sample, self.events, weight, regions, histograms, events, found.weighted, masked)

    def _histograms(self, k: int, histogram: Histogram, weight: float) -> HistogramResult:
        """Return a histogram with its variations."""
        nominal = self._histogram(k, histogram, (k, 0), weight)
        varied = nested(
            (v, self._histogram(k, histogram, at, weight)) for v, at in self.bound.worlds.histograms[k].items()
        )
        return replace(nominal, variations=varied)

    def _region(self, region: Region, where: Place, weight: float) -> RegionResult:
        """Return the cutflow of one selection of the program, with one of its weights."""
        at, w = where
        total = self._total
        counts = np.concatenate([np.array([total.accepted], np.int64), total.passed[at]])
        flow = total.flows[at]
        sums = rounded(flow[:, w]) if flow.shape[1] else np.stack([counts, counts], axis=1).astype(np.float64)
        rows = [
            CutRow(label, n, sumw * weight, sumw2 * (weight * weight))
            for label, n, (sumw, sumw2) in zip(
                ("(all)", *(c.label for c in region.cuts)), counts.tolist(), sums.tolist(), strict=True
            )
        ]
        return RegionResult(region.name, tuple(rows[1:]), rows[0])

    def _histogram(self, k: int, histogram: Histogram, where: Place, weight: float) -> HistogramResult:
        """Return one fill of the program as the histogram that it is, with one of its weights."""
        at, w = where
        counts, sums = self._total.counts[at], self._total.sums[at]
        if sums.shape[-3]:
            both = rounded(sums[..., w, :, :])
            values, squares = both[..., 0], both[..., 1]
        else:
            values = squares = counts.astype(np.float64)
        nan = self._total.nans[at]
        return weighted(histogram, self.bound.axes[k], counts, (values, squares), nan=nan, weight=weight)

    def _table(self, i: int) -> EventTable:
        bound, table = self.bound, self._total.tables[i]
        names = (*bound.identifiers, *bound.outputs[i])
        nodes = bound.program.selections[i].outputs
        columns: Columns = {}
        valid: dict[str, npt.NDArray[np.bool_] | None] = {}
        for name, node, (values, mask) in zip(names, nodes, table.columns, strict=True):
            columns[name] = labelled(values, node.type.labels)
            valid[name] = mask if node.type.optional else None
        return EventTable(bound.regions[i].name, columns, valid, table.entry, bound.identifiers)


def nested(items: Iterable[tuple[Variation, Any]]) -> dict[str, dict[str, Any]]:
    """Return things by the name and the label of their variation."""
    found: dict[str, dict[str, Any]] = {}
    for variation, x in items:
        found.setdefault(variation.name, {})[variation.label] = x
    return found


def weighted(
    histogram: Histogram,
    axes: tuple[AxisResult, ...],
    counts: Counts,
    sums: tuple[Floats, Floats],
    *,
    nan: int = 0,
    weight: float = 1.0,
) -> HistogramResult:
    """Return a histogram of sums of weights and of squares, times one weight of all its events."""
    return HistogramResult(
        histogram.name,
        histogram.region,
        axes,
        counts,
        sums[0] * weight,
        sums[1] * (weight * weight),
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
    labels = tuple(c.label for c in region.cuts)
    rows = tuple(_total_row(label, [p.cutflow[i] for p in parts]) for i, label in enumerate(labels))
    start = _total_row("(all)", [p.start for p in parts])
    varied = together(parts, lambda under: _total_region(region, under))
    return RegionResult(region.name, rows, start, varied)


def _total_row(label: str, rows: list[CutRow]) -> CutRow:
    sumw, sumw2 = total_of(r.sumw for r in rows), total_of(r.sumw2 for r in rows)
    return CutRow(label, sum(r.events for r in rows), sumw, sumw2)


def total_histograms(bound: Bound, samples: Iterable[SampleResult]) -> dict[str, HistogramResult]:
    """Return every histogram summed over the samples in their declared order."""
    given = list(samples)
    return {
        h.key: added([_empty(h, axes), *(s.histograms[h.key] for s in given if h.key in s.histograms)])
        for h, axes in zip(bound.histograms, bound.axes, strict=True)
    }


def _empty(histogram: Histogram, axes: tuple[AxisResult, ...]) -> HistogramResult:
    counts = np.zeros([len(a.edges) + 1 for a in axes], np.int64)
    none = counts.astype(np.float64)
    return weighted(histogram, axes, counts, (none, none))
