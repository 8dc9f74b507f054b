"""What a run gives: cutflows, histograms and event tables, per sample and in total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hzdsl.ir.analysis import Sample

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CutRow:
    """One row of a cutflow: events that pass this cut and all before it, and the sum of their weights."""

    label: str
    events: int
    sumw: float


@dataclass(frozen=True)
class RegionResult:
    """The cutflow of a region. `selected` events pass every cut."""

    name: str
    cutflow: tuple[CutRow, ...]
    selected: int
    sumw: float


@dataclass(frozen=True)
class AxisResult:
    """One axis of a histogram: name, unit as text (``GeV``), label, edges in that unit, and whether bins are equal."""

    name: str
    unit: str
    label: str
    edges: Floats
    regular: bool


@dataclass(frozen=True)
class HistogramResult:
    """A filled histogram; arrays include underflow and overflow at the ends of each axis.

    `counts` are entries, `values` and `variances` are weighted; `nan` entries are in the overflow, too.
    """

    name: str
    region: str | None
    axes: tuple[AxisResult, ...]
    counts: Counts
    values: Floats
    variances: Floats
    nan: int = 0
    title: str = ""
    log: str = ""
    marks: tuple[tuple[float, str], ...] = ()

    @property
    def key(self) -> str:
        """``region/name``, or the bare name."""
        return self.name if self.region is None else f"{self.region}/{self.name}"


@dataclass(frozen=True)
class EventTable:
    """The selected events of one region: identifiers and outputs, a valid mask (or None) per column."""

    region: str
    columns: Mapping[str, npt.NDArray[np.generic]]
    valid: Mapping[str, npt.NDArray[np.bool_] | None]


@dataclass(frozen=True)
class SampleResult:
    """One sample: its declaration, entries read, weight per event, and what was filled."""

    sample: Sample
    events: int
    weight: float
    regions: Mapping[str, RegionResult]
    histograms: Mapping[str, HistogramResult]
    tables: tuple[EventTable, ...] = ()


@dataclass(frozen=True)
class Result:
    """The result of a run: totals over all samples, and the samples.

    `parameters` are the values used (with `--set`), as text; `provenance` records versions, inputs and backend.
    """

    analysis: str
    hash: str
    events: int
    regions: Mapping[str, RegionResult]
    histograms: Mapping[str, HistogramResult]
    samples: Mapping[str, SampleResult]
    parameters: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, object] = field(default_factory=dict)
    luminosity: float | None = None
    experiment: str = ""
    energy: str = ""
