"""What a run gives: cutflows, histograms and event tables, per sample and in total.

These are the data. How they show themselves is bound to them by `hzdsl.results.forms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.analysis import Sample
from hzdsl.records import dataclass
from hzdsl.results.same import Compared

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CutRow(Compared):
    """One row of a cutflow: events that pass this cut and all before it, the sums of weights and of their squares."""

    label: str
    events: int
    sumw: float
    sumw2: float


@dataclass(frozen=True, eq=False)
class RegionResult(Compared):
    """The cutflow of a region: `start` before any cut, a row per cut, and its `variations` by name and label.

    A variation that does not reach the region is not there.
    """

    name: str
    cutflow: tuple[CutRow, ...]
    start: CutRow
    variations: Mapping[str, Mapping[str, RegionResult]] = field(default_factory=dict)

    @property
    def last(self) -> CutRow:
        """The row of the events that pass every cut."""
        return self.cutflow[-1] if self.cutflow else self.start

    @property
    def selected(self) -> int:
        """How many events pass every cut."""
        return self.last.events

    @property
    def sumw(self) -> float:
        """The sum of their weights."""
        return self.last.sumw


@dataclass(frozen=True, eq=False)
class AxisResult(Compared):
    """One axis of a histogram: name, unit as text (``GeV``), label, edges in it, whether bins are equal.

    The bins of a condition or a category have names: its `categories`.
    """

    name: str
    unit: str
    label: str = field(compare=False)
    edges: Floats
    regular: bool
    categories: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the name, the number of bins and the range, or the names of the bins."""
        if self.categories:
            return f"{self.name} ({', '.join(self.categories)})"
        return (
            f"{self.name} ({len(self.edges) - 1} bins, {self.edges[0]:g} … {self.edges[-1]:g} {self.unit}".rstrip()
            + ")"
        )


@dataclass(frozen=True, eq=False)
class HistogramResult(Compared):
    """A filled histogram; arrays include underflow and overflow at the ends of each axis.

    `counts` are entries, `values` and `variances` are weighted; `nan` entries are in the overflow, too.
    `per_event` says whether an event is at most one entry; otherwise each of its objects is one. `variations` are the
    same histogram by name and label of the systematic variations that reach it.

    Examples
    --------
    >>> axis = AxisResult("m", "GeV", "mass", np.array([0.0, 1.0, 2.0]), regular=True)
    >>> contents = np.array([0.0, 3.0, 1.0, 2.0])
    >>> h = HistogramResult("m", "4mu", (axis,), contents.astype(int), contents, contents)
    >>> h
    <histogram 4mu/m: m (2 bins, 0 … 2 GeV), 6 entries>
    >>> h.to_hist().values()
    array([3., 1.])
    """

    name: str
    region: str | None
    axes: tuple[AxisResult, ...]
    counts: Counts
    values: Floats
    variances: Floats
    nan: int = 0
    title: str = field(default="", compare=False)
    log: str = field(default="", compare=False)
    marks: tuple[tuple[float, str], ...] = field(default=(), compare=False)
    per_event: bool = True
    variations: Mapping[str, Mapping[str, HistogramResult]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """``region/name``, or the bare name."""
        return self.name if self.region is None else f"{self.region}/{self.name}"

    @property
    def weighted(self) -> bool:
        """Whether the contents are sums of weights, other than the numbers of entries."""
        return not np.array_equal(self.values, self.counts)

    def __repr__(self) -> str:
        """Return one line: key, axes, entries."""
        entries = int(self.counts.sum())
        of = f"{entries} entries" if entries or not self.values.any() else f"sum {self.values.sum():g}"
        return f"<histogram {self.key}: {' x '.join(map(str, self.axes))}, {of}>"

    if TYPE_CHECKING:

        def to_hist(self, *, variations: bool = False) -> Any: ...


@dataclass(frozen=True, eq=False)
class EventTable(Compared):
    """The selected events of one region: identifiers and outputs, a valid mask (or None) per column.

    `entry` counts through the files of the sample in their order, from 0; `identifiers` names those of the
    columns that say which event a row is (run, luminosityBlock, event), none where the input has none.
    """

    region: str
    columns: Mapping[str, npt.NDArray[np.generic]]
    valid: Mapping[str, npt.NDArray[np.bool_] | None]
    entry: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SampleResult(Compared):
    """One sample: its declaration, entries read, weight per event, and what was filled.

    `weight` multiplies whatever weights the events have of their own (`weighted`). `masked` of the entries are outside
    the luminosity mask; no region and no histogram has seen them.
    """

    sample: Sample = field(compare=False)
    events: int
    weight: float
    regions: Mapping[str, RegionResult]
    histograms: Mapping[str, HistogramResult]
    tables: tuple[EventTable, ...] = ()
    weighted: bool = False
    masked: int = 0


@dataclass(frozen=True)
class InputFile:
    """One tree that was read: entries used of it, UUID stored in the file, bytes of the file and fetched.

    `served_by` are the URLs that bytes have come from, in order, and `failures` says what was wrong with places that
    another took over from. These and `bytes_fetched` (0 for local files) depend on the network: they are no part of the
    JSON form.
    """

    sample: str
    path: str
    tree: str
    entries: int
    identity: str | None
    file_bytes: int
    bytes_fetched: int
    served_by: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


#: Luminosity blocks by run: ranges, the last of each included.
Blocks = Mapping[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, eq=False)
class Missing(Compared):
    """What a result lacks of one tree: entries that could not be read, or were not read before the run was stopped.

    Of a file that could not be opened `events` is None, and `ranges` are not known. `weight` is what the events stand
    for before any selection (None: data, or not known), `blocks` are their luminosity blocks, where these could be
    read.
    """

    sample: str
    path: str = field(compare=False)
    tree: str
    reason: str = field(compare=False)
    attempts: int = field(compare=False)
    entries: int = 0
    ranges: tuple[tuple[int, int], ...] = ()
    events: int | None = None
    weight: float | None = None
    blocks: Blocks = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Totals(Compared):
    """Sums over all samples of one kind: simulation or data."""

    events: int
    regions: Mapping[str, RegionResult]
    histograms: Mapping[str, HistogramResult]


@dataclass(frozen=True, eq=False, repr=False)
class Result(Compared):
    """The result of a run: totals over all samples, and the samples. It prints as the tables of yields and of what
    variations do to them, with the `notes`.

    `parameters` are the values used (with `--set`), as text, `overrides` names those that are not defaults;
    `provenance` records versions, inputs and backend; `notes` are remarks for the user (an empty file among
    others); `missing` is what was to be read and is not in it. A sample given as bare files has the name ``""``.
    Where there are both simulation and data, `regions` and `histograms` are the sums over both, and `totals` those over
    ``"simulation"`` and ``"data"``.

    Two results are equal (``==``) where names, shapes and all bits of all numbers are: of cutflows, histograms, tables,
    samples, and of what is missing. Where they come from (analysis, parameters, files, versions), notes, titles and
    labels are not compared.

    Examples
    --------
    >>> axis = AxisResult("m", "GeV", "mass", np.array([0.0, 1.0, 2.0]), regular=True)
    >>> contents = np.array([0.0, 3.0, 1.0, 2.0])
    >>> h = HistogramResult("m", "4mu", (axis,), contents.astype(int), contents, contents)
    >>> regions = {"4mu": RegionResult("4mu", (), CutRow("(all)", 6, 6.0, 6.0))}
    >>> sample = SampleResult(Sample("zz"), 10, 1.0, regions, {h.key: h})
    >>> result = Result("higgs4l", "f00", 10, regions, {h.key: h}, {"zz": sample})
    >>> print(result)
    higgs4l: yields
     sample   entries   weight   4mu
    ─────────────────────────────────
     zz            10        1     6
    >>> result["4mu/m"]
    <histogram 4mu/m: m (2 bins, 0 … 2 GeV), 6 entries>
    >>> result["m"] is result["4mu/m"]  # the only one of this name
    True
    """

    analysis: str
    hash: str = field(compare=False)
    events: int
    regions: Mapping[str, RegionResult]
    histograms: Mapping[str, HistogramResult]
    samples: Mapping[str, SampleResult]
    parameters: Mapping[str, str] = field(default_factory=dict, compare=False)
    provenance: Mapping[str, object] = field(default_factory=dict, compare=False)
    luminosity: float | None = None
    experiment: str = field(default="", compare=False)
    energy: str = field(default="", compare=False)
    inputs: tuple[InputFile, ...] = field(default=(), compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)
    outputs: tuple[str, ...] = ()
    overrides: tuple[str, ...] = field(default=(), compare=False)
    totals: Mapping[str, Totals] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all that was to be read is in it."""
        return not self.missing

    @property
    def mark(self) -> str:
        """What stands before every title where the numbers are not those of all that was to be read.

        Examples
        --------
        >>> lost = Missing("zz", "a.root", "Events", "damaged", 3, 40, ((0, 10),), 10)
        >>> Result("higgs4l", "f00", 30, {}, {}, {}, missing=(lost,)).mark
        'PARTIAL (75 % of the events) '
        """
        if self.complete:
            return ""
        unknown = len({m.path for m in self.missing if m.events is None})
        if unknown:
            return f"PARTIAL (without {unknown} file{'' if unknown == 1 else 's'}) "
        planned = self.events + sum(m.events or 0 for m in self.missing)
        return f"PARTIAL ({100 * self.events / planned:.3g} % of the events) "

    def __getitem__(self, key: str) -> HistogramResult:
        """Return the histogram ``region/name``, or ``name`` where only one is called so.

        Raises
        ------
        HzdslError
            `name-unknown` where there is none, `name-twice` where several regions have one.
        """
        if key in self.histograms:
            return self.histograms[key]
        named = [h for h in self.histograms.values() if h.name == key]
        if len(named) == 1:
            return named[0]
        if named:
            keys = " or ".join(h.key for h in named)
            raise HzdslError("name-twice", f"{len(named)} histograms are called '{key}'", fix=f"write {keys}")
        known = [*self.histograms, *(h.name for h in self.histograms.values())]
        fix = did_you_mean(key, known) or f"histograms: {', '.join(self.histograms) or 'none'}"
        raise HzdslError("name-unknown", f"the result has no histogram '{key}'", fix=fix)

    def _ipython_key_completions_(self) -> list[str]:
        return [*self.histograms]

    @property
    def several(self) -> bool:
        """True where there is more than one sample, so that rows and numbers have to say which."""
        return len(self.samples) > 1
