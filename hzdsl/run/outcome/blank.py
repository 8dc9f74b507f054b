"""Remarks on histograms that show nothing: empty ones, and those of which every entry lies outside of the bins.

Where the values lie is read once more, from the first entries, and only for such histograms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import Dump, Number, Program
from hzdsl.errors import HzdslError
from hzdsl.results.result import AxisResult, HistogramResult, SampleResult
from hzdsl.run.inputs.chunks import read_chunk
from hzdsl.run.inputs.columns import plan_reads
from hzdsl.run.inputs.tree import LOSABLE
from hzdsl.run.outcome.tally import total_histograms, total_regions
from hzdsl.run.plan.plan import Job, Plan
from hzdsl.run.program.backend import backend_of

#: So many entries are read again at most, in pieces of this size, to say where values lie.
LOOKED_AT, PIECE = 200_000, 20_000
#: So many histograms are spoken of one by one.
MOST = 5


def range_notes(plan: Plan, samples: Mapping[str, SampleResult], values: Mapping[str, Number]) -> list[str]:
    """Return a remark per histogram without an entry in any bin, one for all those of a region without events.

    Parameters
    ----------
    plan : Plan
        The run, its files still open.
    samples : mapping of str to SampleResult
        What came out.
    values : mapping of str to number
        Parameters in their own units.
    """
    histograms = total_histograms(plan.full, samples.values())
    regions = total_regions(plan.full.regions, samples.values())
    given = {key for job in plan.jobs for key in job.templates}
    filled = {h.key for job in plan.jobs if job.trees for h in job.bound.histograms}
    blank = [h for key, h in histograms.items() if key in filled - given and not _inside(h).any()]
    without = {h.region: [x.name for x in blank if x.region == h.region] for h in blank if h.region is not None}
    without = {region: names for region, names in without.items() if not regions[region].selected}
    notes = [
        f"no event passes region {region}: {_listed(names)} {'is' if len(names) == 1 else 'are'} empty"
        for region, names in without.items()
    ]
    others = [h for h in blank if h.region not in without]
    notes += [_note(h, plan, values) for h in others[:MOST]]
    if others[MOST:]:
        notes.append(f"{_listed([h.key for h in others[MOST:]])} have no entry in any bin, too")
    return notes


def _inside(h: HistogramResult) -> npt.NDArray[np.int64]:
    return h.counts[(slice(1, -1),) * h.counts.ndim]


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:MOST])
    return f"{shown} and {len(names) - MOST} more" if len(names) > MOST else shown


def _note(h: HistogramResult, plan: Plan, values: Mapping[str, Number]) -> str:
    entries = int(h.counts.sum())
    if not entries:
        return f"histogram {h.key} is empty: no event {'of its region ' if h.region else ''}has a value to fill"
    if h.nan == entries:
        return f"histogram {h.key}: all {entries} entries are NaN"
    every = "the only entry lies" if entries == 1 else f"all {entries} entries lie"
    axes = [k for k, _ in enumerate(h.axes) if not _along(h, k)[1:-1].any()]
    if not axes:
        return f"histogram {h.key}: {every} outside of one axis or another"
    seen = _first_values(h.key, plan, values)
    return f"histogram {h.key}: {every} outside of {'; '.join(_axis(h, k, seen) for k in axes)}"


def _along(h: HistogramResult, k: int) -> npt.NDArray[np.int64]:
    """Return the entries along one axis, flow first and last, wherever they lie along the others."""
    counts: npt.NDArray[np.int64] = h.counts.sum(axis=tuple(i for i in range(h.counts.ndim) if i != k))
    return counts


def _axis(h: HistogramResult, k: int, seen: list[npt.NDArray[np.float64]]) -> str:
    """Say what an axis covers, how many entries are below and above, and where the first of them are."""
    axis, counts = h.axes[k], _along(h, k)
    covered = f"{axis.edges[0]:g} … {axis.edges[-1]:g}{_unit(axis)}"
    name = f"{axis.label or axis.name}: " if len(h.axes) > 1 else ""
    sides = " and ".join(f"{n} {side}" for n, side in ((counts[0], "below"), (counts[-1], "above")) if n)
    if not seen:
        return f"{name}{covered} ({sides})"
    low, high = float(seen[k].min()), float(seen[k].max())
    where = f"at {low:.4g}" if low == high else f"from {low:.4g} to {high:.4g}"
    those = "values" if len(seen[k]) == counts.sum() else f"the first {len(seen[k])} values"
    return f"{name}{covered} ({sides}); {those} are {where}{_unit(axis)}"


def _unit(axis: AxisResult) -> str:
    return f" {axis.unit}" if axis.unit else ""


def _first_values(key: str, plan: Plan, values: Mapping[str, Number]) -> list[npt.NDArray[np.float64]]:
    """Return values per axis, of the first piece of the files that has any; nothing where none is found."""
    left = LOOKED_AT
    for job in plan.jobs:
        index = next((i for i, h in enumerate(job.bound.histograms) if h.key == key), None)
        try:
            for found, entries in () if index is None else _filled(job, index, values):
                if len(found[0]):
                    return found
                left -= entries
                if left <= 0:
                    return []
        except HzdslError as error:  # entries that the run has lost
            if error.code not in LOSABLE:
                raise
    return []


def _filled(job: Job, index: int, values: Mapping[str, Number]) -> Iterator[tuple[list[npt.NDArray[np.float64]], int]]:
    """Yield the values that fill a histogram, per axis, and how many entries they are of: piece by piece."""
    program = job.bound.program
    fill = program.fills[index]
    cuts = () if fill.region is None else program.selections[fill.region].cuts
    asked = (*cuts, *(() if program.gate is None else (program.gate,)))
    read = Program(dumps=tuple(dict.fromkeys((*fill.values, *asked))))
    kernel = backend_of("interpret").compile(read)
    for tree in (t for t in job.trees if t.bad is None):
        with tree.looked_at() as source:
            reads = plan_reads(source, read)
            for start in range(0, tree.entries, PIECE):
                stop = min(start + PIECE, tree.entries)
                dumps = kernel.run(read_chunk(source, reads, start, stop), values).dumps
                seen = dict(zip(read.dumps, dumps, strict=True))
                yield _values([seen[n] for n in fill.values], [seen[n] for n in asked], stop - start), stop - start


def _values(axes: list[Dump], cuts: list[Dump], entries: int) -> list[npt.NDArray[np.float64]]:
    """Return the values, along each axis, of the events that pass; what is missing or NaN along any is left out."""
    passed = np.ones(entries, np.bool_)
    for cut in cuts:
        passed &= cut.values.astype(np.bool_) & cut.valid
    filled = np.repeat(passed, axes[0].counts)
    for axis in axes:
        filled &= axis.valid & ~np.isnan(axis.values)
    return [axis.values[filled].astype(np.float64) for axis in axes]
