"""The histograms of a run by channel and process: nominal, up and down, and what there is to say about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.results.adding import added, own_histograms
from hzdsl.results.result import AxisResult, HistogramResult, Result, SampleResult
from hzdsl.stats.harvest.channel import Bins, FilledChannel, FilledProcess
from hzdsl.stats.harvest.contents import Negative, checked

INNER = slice(1, -1)


def filled_channel(
    result: Result,
    key: str,
    name: str | None = None,
    *,
    processes: Sequence[str] = (),
    signals: Sequence[str] = (),
    systematics: Mapping[str, str] | None = None,
    negative: Negative = "refuse",
) -> FilledChannel:
    """Return the channel that one histogram of a run fills: its processes with up and down, and its data.

    Parameters
    ----------
    result : Result
        Of a run; samples of one process are added up.
    key : str
        Of the histogram: ``region/name``.
    name : str, optional
        Of the channel; else the histogram's region, or its own name where it has none.
    processes : sequence of str
        In this order; none: all of simulation, signals first.
    signals : sequence of str
        Processes that are signal, also if no sample of theirs is there; none: those whose samples have this role.
    systematics : mapping of str to str, optional
        Variations of the run, and what they are called in the likelihood; None: all, under their own names.
    negative : {"refuse", "zero"}
        What becomes of bins that are negative, which no expectation is: an error, or 0 with a remark for each.

    Returns
    -------
    FilledChannel
        Its `remarks` say what is missing, or in no bin.

    Raises
    ------
    HzdslError
        `name-unknown` for a histogram, a process or a variation that the run does not have; `unsupported` for more than
        one dimension or a variation that has not up and down; `template` for bins that no expectation can have.

    Examples
    --------
    >>> import tempfile, numpy, uproot
    >>> import hzdsl as hz
    >>> from hzdsl import GeV
    >>> folder = tempfile.TemporaryDirectory()
    >>> with uproot.recreate(f"{folder.name}/ww.root") as file:
    ...     _ = file.mktree("Events", {"MET_pt": "float32"})
    ...     file["Events"].extend({"MET_pt": numpy.array([25, 40, 90], "f4")})
    >>> ev, ana = hz.events("nanoaod"), hz.Analysis("counting")
    >>> sr = ana.region("sr", ev.MET.pt > 20*GeV)
    >>> met = hz.vary(ev.MET.pt, jes=(1.3*ev.MET.pt, 0.7*ev.MET.pt))
    >>> ana.histogram("met", met, edges=[20, 50, 120], region=sr)
    >>> ana.sample("ww", f"{folder.name}/ww.root")
    >>> print(hz.stats.filled_channel(ana.run(), "sr/met"))
    sr: met (2 bins, 20 … 120 GeV)
     process   events   ±                jes
    ─────────────────────────────────────────
     ww           3.0   ± 1.7   +0.0 / -33.3
     up / down in %
    >>> folder.cleanup()
    """
    shape = _one_axis(result[key])
    samples = list(result.samples.values())
    by_process = _by_process(s for s in samples if s.sample.kind != "data")
    signals = signals or tuple(p for p, of in by_process.items() if any(s.sample.role == "signal" for s in of))
    processes = processes or tuple(sorted(by_process, key=lambda p: p not in signals))
    named = _systematics(result, shape, systematics)
    filled = {p: _sum(by_process.get(p, []), shape.key) for p in processes}
    found = [_process(p, p in signals, h or _empty(shape), named) for p, h in filled.items()]
    data = _sum([s for s in samples if s.sample.kind == "data"], shape.key)
    name = name or shape.region or shape.name
    remarks = (
        *(f"{name}: process {p} has no histogram '{shape.key}'" for p, h in filled.items() if h is None),
        *_outside(name, [h for h in filled.values() if h is not None], shape.axes[0]),
    )
    made = FilledChannel(name, shape.axes[0], tuple(found), _bins(data) if data else None, remarks)
    return checked(made, negative)


def _one_axis(shape: HistogramResult) -> HistogramResult:
    if len(shape.axes) != 1:
        what = f"histogram '{shape.key}' has {len(shape.axes)} axes; templates have one"
        raise HzdslError("unsupported", what, fix="declare a histogram of one axis")
    return shape


def _by_process(samples: Iterable[SampleResult]) -> dict[str, list[SampleResult]]:
    found: dict[str, list[SampleResult]] = {}
    for s in samples:
        found.setdefault(s.sample.process or s.sample.name or "events", []).append(s)
    return found


def _sum(samples: Sequence[SampleResult], key: str) -> HistogramResult | None:
    """Return one histogram of some samples, added up; None where none of them fills it."""
    parts = [h for s in samples for h in own_histograms(s, [key])]
    return added(parts) if parts else None


def _systematics(result: Result, shape: HistogramResult, wanted: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return the variations wanted, each with its name in the likelihood."""
    known = dict.fromkeys(v for h in result.histograms.values() for v in h.variations)
    if wanted is None:
        return {v: v for v in shape.variations}
    for v in wanted:
        if v not in known:
            fix = did_you_mean(v, known) or f"it has {', '.join(known) or 'none'}"
            raise HzdslError("name-unknown", f"the result has no variation '{v}'", fix=fix)
    return wanted


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
