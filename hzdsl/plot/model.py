"""What a plot shows: the samples of a result gathered into layers of a stack and data, regions added up."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.analysis import Sample
from hzdsl.records import dataclass
from hzdsl.results.adding import own_histograms
from hzdsl.results.result import AxisResult, Floats, HistogramResult, Result, SampleResult

INNER = slice(1, -1)
_log = logging.getLogger("hzdsl.plot")


@dataclass(frozen=True)
class Header:
    """What stands above a plot: the experiment (left), energy and luminosity in 1/pb (right)."""

    experiment: str = ""
    energy: str = ""
    luminosity: float | None = None


@dataclass(frozen=True)
class Layer:
    """One process of a stack, its samples added up; arrays are without underflow and overflow.

    `place` counts the processes of one role in the order declared, the same in every plot of a result.
    """

    label: str
    role: str
    place: int
    values: Floats
    variances: Floats

    @property
    def total(self) -> float:
        """The yield inside the axis."""
        return float(self.values.sum())


@dataclass(frozen=True)
class Stack:
    """One plot: simulated layers from the bottom up, and data; `shape` is their sum as a histogram.

    `absent` names processes that fill these regions but lack the histogram (a sample of other templates). `errors` are
    those of the prediction where they are not the statistical ones of independent layers: of a fit, whose layers are
    correlated.
    """

    shape: HistogramResult
    layers: tuple[Layer, ...]
    data: Layer | None
    absent: tuple[str, ...] = ()
    errors: Floats | None = None

    @property
    def axis(self) -> AxisResult:
        """The axis of all layers."""
        return self.shape.axes[0]

    @property
    def prediction(self) -> Floats:
        """The sum of the simulated layers."""
        return self._sum([layer.values for layer in self.layers])

    @property
    def variance(self) -> Floats:
        """The variance of the prediction."""
        if self.errors is not None:
            return np.square(self.errors)
        return self._sum([layer.variances for layer in self.layers])

    def _sum(self, parts: list[Floats]) -> Floats:
        summed: Floats = np.sum([np.zeros(len(self.axis.edges) - 1), *parts], axis=0)
        return summed


def header_of(result: Result, samples: Iterable[SampleResult] | None = None) -> Header:
    """Return the header of a result; the luminosity where a sample is data or normalised to it."""
    given = result.samples.values() if samples is None else samples
    normalised = any(s.sample.kind == "data" or s.sample.xsec is not None or s.sample.templates for s in given)
    return Header(f"{result.mark}{result.experiment}", result.energy, result.luminosity if normalised else None)


def filling(result: Result, keys: Sequence[str]) -> list[SampleResult]:
    """Return the samples that have any of these histograms and fill its region.

    Raises
    ------
    HzdslError
        `name-unknown` for a histogram that the result does not have.
    """
    for key in keys:
        if key not in result.histograms:
            fix = did_you_mean(key, result.histograms) or f"histograms: {', '.join(result.histograms) or 'none'}"
            raise HzdslError("name-unknown", f"the result has no histogram '{key}'", fix=fix)
    return [s for s in result.samples.values() if own_histograms(s, keys)]


def total(samples: Iterable[SampleResult], keys: Sequence[str]) -> HistogramResult:
    """Return the sum of histograms over samples and keys."""
    return add([h for s in samples for h in own_histograms(s, keys)])


def add(histograms: Sequence[HistogramResult]) -> HistogramResult:
    """Return the sum of histograms with equal axes; its region names theirs, as ``4mu + 4e``.

    Axes whose labels differ between the regions are labelled with their name.

    Raises
    ------
    HzdslError
        `binning` where the axes differ.
    """
    first = histograms[0]
    for other in histograms[1:]:
        if not same_axes(first, other):
            raise HzdslError(
                "binning",
                f"histograms '{first.key}' and '{other.key}' have different axes and cannot be added",
                fix="choose histograms of equal bins and unit",
            )
    regions = dict.fromkeys(h.region for h in histograms if h.region is not None)
    return replace(
        first,
        region=" + ".join(regions) if regions else None,
        axes=tuple(_common_axis([h.axes[i] for h in histograms]) for i in range(len(first.axes))),
        counts=np.sum([h.counts for h in histograms], axis=0),
        values=np.sum([h.values for h in histograms], axis=0),
        variances=np.sum([h.variances for h in histograms], axis=0),
        nan=sum(h.nan for h in histograms),
        title=first.title if all(h.title == first.title for h in histograms) else "",
        marks=tuple(dict.fromkeys(m for h in histograms for m in h.marks)),
        per_event=all(h.per_event for h in histograms),
    )


def _common_axis(axes: list[AxisResult]) -> AxisResult:
    labels = {a.label for a in axes if a.label}
    return replace(axes[0], label=labels.pop() if len(labels) == 1 else "")


def same_axes(a: HistogramResult, b: HistogramResult) -> bool:
    """Return True where two histograms have the same bins in the same units."""
    return len(a.axes) == len(b.axes) and all(
        (x.unit, x.categories) == (y.unit, y.categories) and np.array_equal(x.edges, y.edges)
        for x, y in zip(a.axes, b.axes, strict=True)
    )


def stack(result: Result, keys: Sequence[str]) -> Stack:
    """Return the stack of one-dimensional histograms, added up over `keys`.

    Backgrounds lie at the bottom, those of smaller yield lower, then the signals as declared.
    """
    samples = filling(result, keys)
    groups: dict[tuple[str, str], list[SampleResult]] = {}
    for s in samples:
        groups.setdefault(group_of(s.sample), []).append(s)
    places = _places(result)
    layers = [_layer(key, places[key], group, keys) for key, group in groups.items()]
    backgrounds = sorted((x for x in layers if x.role == "background"), key=lambda x: x.total)
    signals = [x for x in layers if x.role == "signal"]
    data = [x for x in layers if x.role == "data"]
    shape = total(samples, keys) if samples else add([result.histograms[k] for k in keys])
    return Stack(shape, (*backgrounds, *signals), data[0] if data else None, _absent(result, keys))


def _absent(result: Result, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the processes of which one of the histograms is expected and no sample has it."""
    expected: dict[tuple[str, str], set[str]] = {}
    found: dict[tuple[str, str], set[str]] = {}
    for s in result.samples.values():
        channels, group = s.sample.channels, group_of(s.sample)
        regions = {k: result.histograms[k].region for k in keys}
        fills = {k for k, region in regions.items() if region is None or not channels or region in channels}
        expected.setdefault(group, set()).update(fills)
        found.setdefault(group, set()).update(fills & s.histograms.keys())
    groups = [g for g in expected if expected[g] - found[g]]
    return tuple(label_of([s.sample for s in result.samples.values() if group_of(s.sample) == g]) for g in groups)


def group_of(sample: Sample) -> tuple[str, str]:
    """Return (role, process): samples of equal groups are one layer; all data are one."""
    if sample.role == "data":
        return "data", ""
    return sample.role, sample.process or sample.name


def label_of(samples: Sequence[Sample]) -> str:
    """Return how a legend calls samples of one group: their label, process or name."""
    labels = list(dict.fromkeys(s.label for s in samples if s.label))
    if samples[0].role == "data":
        return labels[0] if len(labels) == 1 and labels[0] != "data" else "Data"
    return labels[0] if labels else samples[0].process or samples[0].name or "Simulation"


def _places(result: Result) -> dict[tuple[str, str], int]:
    """Count the groups of each role in the order declared."""
    places: dict[tuple[str, str], int] = {}
    for s in result.samples.values():
        group = group_of(s.sample)
        places.setdefault(group, sum(role == group[0] for role, _ in places))
    return places


def _layer(group: tuple[str, str], place: int, samples: list[SampleResult], keys: Sequence[str]) -> Layer:
    summed = total(samples, keys)
    label = label_of([s.sample for s in samples])
    return Layer(label, group[0], place, *inner_of(summed))


def inner_of(h: HistogramResult) -> tuple[Floats, Floats]:
    """Return contents and variances without the flow; NaN and infinities, which no axis can show, become 0."""
    inner = (INNER,) * len(h.axes)
    values, variances = h.values[inner], h.variances[inner]
    bad = ~(np.isfinite(values) & np.isfinite(variances))
    if bad.any():
        _log.warning("histogram '%s': %d bins are not finite and are drawn as 0", h.key, int(bad.sum()))
    return np.where(bad, 0.0, values), np.where(bad, 0.0, np.maximum(variances, 0.0))
