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
    """One axis of a histogram: name, unit as text (``GeV``), label, edges in it, whether bins are equal."""

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
    """The selected events of one region: identifiers and outputs, a valid mask (or None) per column.

    `entry` counts through the files of the sample in their order, from 0; `identifiers` names those of the
    columns that say which event a row is (run, luminosityBlock, event), none where the input has none.
    """

    region: str
    columns: Mapping[str, npt.NDArray[np.generic]]
    valid: Mapping[str, npt.NDArray[np.bool_] | None]
    entry: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    identifiers: tuple[str, ...] = ()


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
class InputFile:
    """One tree that was read: entries used of it, UUID stored in the file, bytes of the file and fetched.

    `bytes_fetched` is 0 for local files; it depends on the network and is no part of the JSON form.
    """

    sample: str
    path: str
    tree: str
    entries: int
    identity: str | None
    file_bytes: int
    bytes_fetched: int


@dataclass(frozen=True)
class Result:
    """The result of a run: totals over all samples, and the samples.

    `parameters` are the values used (with `--set`), as text; `provenance` records versions, inputs and
    backend; `notes` are remarks for the user (an empty file among others). A sample given as bare files has
    the name ``""``.
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
    inputs: tuple[InputFile, ...] = ()
    notes: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """True where there is more than one sample, so that rows and numbers have to say which."""
        return len(self.samples) > 1
