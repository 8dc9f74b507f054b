"""The histograms of a run by channel and process: nominal, up and down, and what there is to say about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass
from hzdsl.results.adding import added, own_histograms
from hzdsl.results.result import AxisResult, HistogramResult, Result, SampleResult
from hzdsl.stats.parameters import Vector

INNER = slice(1, -1)


@dataclass(frozen=True, eq=False)
class Bins:
    """Contents of the bins of a channel and their variances, without underflow and overflow."""

    values: Vector
    variances: Vector


@dataclass(frozen=True, eq=False)
class FilledProcess:
    """What a process contributes to a channel: nominal, and (up, down) by the name of a systematic uncertainty."""

    name: str
    signal: bool
    nominal: Bins
    varied: Mapping[str, tuple[Bins, Bins]]


@dataclass(frozen=True, eq=False)
class FilledChannel:
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


@dataclass(frozen=True)
class Wanted:
    """What is taken of a result.

    Parameters
    ----------
    processes : tuple of str
        In this order; none: all of simulation, signals first.
    systematics : mapping of str to str
        Variations of the run, and what they are called in the likelihood; None: all, under their own names.
    signals : tuple of str
        Processes that are signal, also if no sample of theirs is there; none: those whose samples have this role.
    """

    processes: tuple[str, ...] = ()
    systematics: Mapping[str, str] | None = None
    signals: tuple[str, ...] = ()


def filled_channel(result: Result, key: str, name: str, wanted: Wanted | None = None) -> FilledChannel:
    """Return the channel that one histogram of a run fills.

    Parameters
    ----------
    result : Result
        Of a run; samples of one process are added up.
    key : str
        Of the histogram: ``region/name``.
    name : str
        Of the channel.
    wanted : Wanted, optional
        Which processes and variations.

    Raises
    ------
    HzdslError
        `name-unknown` for a histogram, or a variation, that the run does not have; `unsupported` for more than one
        dimension or a variation that has not up and down.
    """
    wanted = wanted or Wanted()
    shape = result[key]
    if len(shape.axes) != 1:
        what = f"histogram '{shape.key}' has {len(shape.axes)} axes; templates have one"
        raise HzdslError("unsupported", what, fix="declare a histogram of one axis")
    samples = list(result.samples.values())
    by_process = _by_process(s for s in samples if s.sample.kind != "data")
    signals = wanted.signals or tuple(p for p, of in by_process.items() if any(s.sample.role == "signal" for s in of))
    processes = wanted.processes or tuple(sorted(by_process, key=lambda p: p not in signals))
    named = _systematics(result, shape, wanted)
    filled = {p: _sum(by_process.get(p, []), shape.key) for p in processes}
    found = [_process(p, p in signals, h or _empty(shape), named) for p, h in filled.items()]
    data = _sum([s for s in samples if s.sample.kind == "data"], shape.key)
    remarks = (
        *(f"{name}: process {p} has no histogram '{shape.key}'" for p, h in filled.items() if h is None),
        *_outside(name, [h for h in filled.values() if h is not None], shape.axes[0]),
    )
    return FilledChannel(name, shape.axes[0], tuple(found), _bins(data) if data else None, remarks)


def _by_process(samples: Iterable[SampleResult]) -> dict[str, list[SampleResult]]:
    found: dict[str, list[SampleResult]] = {}
    for s in samples:
        found.setdefault(s.sample.process or s.sample.name or "events", []).append(s)
    return found


def _sum(samples: Sequence[SampleResult], key: str) -> HistogramResult | None:
    """Return one histogram of some samples, added up; None where none of them fills it."""
    parts = [h for s in samples for h in own_histograms(s, [key])]
    return added(parts) if parts else None


def _systematics(result: Result, shape: HistogramResult, wanted: Wanted) -> Mapping[str, str]:
    """Return the variations wanted, each with its name in the likelihood."""
    known = dict.fromkeys(v for h in result.histograms.values() for v in h.variations)
    if wanted.systematics is None:
        return {v: v for v in shape.variations}
    for v in wanted.systematics:
        if v not in known:
            fix = did_you_mean(v, known) or f"it has {', '.join(known) or 'none'}"
            raise HzdslError("name-unknown", f"the result has no variation '{v}'", fix=fix)
    return wanted.systematics


def _process(name: str, signal: bool, h: HistogramResult, named: Mapping[str, str]) -> FilledProcess:
    varied = {}
    for variation, called in named.items():
        of = h.variations.get(variation)
        if of is None:
            continue
        if of.keys() != {"up", "down"}:
            what = f"variation '{variation}' of {h.key} is {', '.join(of)}, and a shape has up and down"
            raise HzdslError("unsupported", what, fix="leave it out of the systematics, or make two alternatives of it")
        varied[called] = (_bins(of["up"]), _bins(of["down"]))
    return FilledProcess(name, signal, _bins(h), varied)


def _empty(shape: HistogramResult) -> HistogramResult:
    nothing = np.zeros_like(shape.values)
    return replace(shape, values=nothing, variances=nothing, variations={})


def _bins(h: HistogramResult) -> Bins:
    return Bins(h.values[INNER], h.variances[INNER])


def _outside(name: str, histograms: Sequence[HistogramResult], axis: AxisResult) -> list[str]:
    """Return a remark on what is predicted in no bin of the axis."""
    low, high = (sum(float(h.values[end]) for h in histograms) for end in (0, -1))
    if not low and not high:
        return []
    whole = sum(float(h.values.sum()) for h in histograms)
    where = f"below {axis.edges[0]:g}: {low:.4g}, above {axis.edges[-1]:g}: {high:.4g}"
    return [f"{name}: of {whole:.4g} predicted events {low + high:.4g} are in no bin of {axis.name} ({where})"]
