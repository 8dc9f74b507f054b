"""Results as one JSON document, the contract of ``hzdsl run --json``.

The keys, in this order::

    analysis, hash      name and content hash of the analysis
    events              entries read, over all samples
    regions             {name: {selected, cutflow: [{cut, events, sumw, sumw2}],
                        all: {events, sumw, sumw2}, variations}}
    histograms          {key: {region, axes: [{name, unit, edges, label, categories}], values, variances,
                        underflow, overflow, nan, counts, variations}}
    samples             {name: {events, regions, histograms, weight, masked, kind, role, process}}, where a
                        sample has a name
    totals              {"simulation" and "data": {events, regions, histograms}}, where there are both
    complete            whether all that was to be read is in the numbers
    missing             [{sample, path, tree, entries, ranges, events, weight, blocks, reason, attempts}], where not
    luminosity          in 1/pb, or null
    parameters          {name: value with its unit}
    overrides           [names of the parameters whose value is not the default]
    provenance          versions, backend, machine, inputs

``variations`` are ``{name: {label: …}}`` with the numbers of the same region or histogram, where a variation
changes them; ``categories`` are the names of the bins, where these have names; ``masked`` counts the entries
outside the luminosity mask, where there are some. What is ``missing`` of a tree: ``ranges`` of its ``entries``
([first, behind the last]), how many ``events`` (null where the file could not be opened), the ``weight`` they stand for
before any selection, their luminosity ``blocks`` by run ([first, last]), where these are known. Weights are those of
the whole sample.

A key is ``region/name``, or the bare name of a histogram without region (whose ``region`` is null).
``values`` and ``variances`` leave the flow bins out and are nested lists for more than one axis, first axis
outermost. ``underflow`` and ``overflow`` are numbers for one axis; for more they are lists with one number
per axis: everything in that axis' flow bin, wherever it lies along the other axes. ``nan`` counts the
entries with a NaN, which are in the overflow, too. Floats are the shortest text that reads back exactly;
NaN and infinities are the strings ``"nan"``, ``"inf"`` and ``"-inf"``. The document depends on the inputs,
the analysis and the backend only: not on threads or chunks.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from hzdsl.results.result import (
    AxisResult,
    CutRow,
    Floats,
    HistogramResult,
    Missing,
    RegionResult,
    Result,
    SampleResult,
    Totals,
)
from hzdsl.results.sums import total_of


def to_json(result: Result, indent: int | None = None) -> str:
    """Return a result as the JSON document described above.

    Parameters
    ----------
    result : Result
        What a run returned.
    indent : int, optional
        Spaces per level; one line without it.

    Examples
    --------
    >>> print(to_json(Result("a", "f00", 0, {}, {}, {}))[:47])
    {"analysis": "a", "hash": "f00", "events": 0, "
    """
    return json.dumps(plain(_document(result)), indent=indent, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Return `value` with NaN and infinities as strings, tuples as lists, everything else as it is.

    Examples
    --------
    >>> plain({"a": (1.5, float("inf"), float("nan"))})
    {'a': [1.5, 'inf', 'nan']}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _document(result: Result) -> dict[str, Any]:
    named = {name: _sample(s) for name, s in result.samples.items() if name}
    return {
        "analysis": result.analysis,
        "hash": result.hash,
        "events": result.events,
        "regions": _regions(result.regions),
        "histograms": _histograms(result.histograms),
        **({"samples": named} if named else {}),
        **({"totals": {kind: _sums(t) for kind, t in result.totals.items()}} if result.totals else {}),
        "complete": result.complete,
        **({"missing": [_missing(m) for m in result.missing]} if result.missing else {}),
        "luminosity": result.luminosity,
        "parameters": dict(result.parameters),
        "overrides": list(result.overrides),
        "provenance": dict(result.provenance),
    }


def _missing(m: Missing) -> dict[str, Any]:
    return {
        "sample": m.sample,
        "path": m.path,
        "tree": m.tree,
        "entries": m.entries,
        "ranges": m.ranges,
        "events": m.events,
        "weight": m.weight,
        "blocks": m.blocks,
        "reason": m.reason,
        "attempts": m.attempts,
    }


def _sums(of: SampleResult | Totals) -> dict[str, Any]:
    return {"events": of.events, "regions": _regions(of.regions), "histograms": _histograms(of.histograms)}


def _sample(sample: SampleResult) -> dict[str, Any]:
    return {
        **_sums(sample),
        "weight": sample.weight,
        **({"masked": sample.masked} if sample.masked else {}),
        "kind": sample.sample.kind,
        "role": sample.sample.role,
        "process": sample.sample.process or sample.sample.name,
    }


def _regions(regions: Mapping[str, RegionResult]) -> dict[str, Any]:
    return {name: _region(region) for name, region in regions.items()}


def _region(region: RegionResult) -> dict[str, Any]:
    varied = {name: {label: _flow_of(r) for label, r in of.items()} for name, of in region.variations.items()}
    return {**_flow_of(region), **({"variations": varied} if varied else {})}


def _flow_of(region: RegionResult) -> dict[str, Any]:
    return {
        "selected": region.selected,
        "cutflow": [{"cut": row.label, **_row(row)} for row in region.cutflow],
        "all": _row(region.start),
    }


def _row(row: CutRow) -> dict[str, Any]:
    return {"events": row.events, "sumw": row.sumw, "sumw2": row.sumw2}


def _histograms(histograms: Mapping[str, HistogramResult]) -> dict[str, Any]:
    return {key: _histogram(h) for key, h in histograms.items()}


def _histogram(h: HistogramResult) -> dict[str, Any]:
    varied = {name: {label: _contents(x) for label, x in of.items()} for name, of in h.variations.items()}
    return {
        "region": h.region,
        "axes": [_axis(a) for a in h.axes],
        **_contents(h),
        **({"variations": varied} if varied else {}),
    }


def _axis(a: AxisResult) -> dict[str, Any]:
    named = {"categories": list(a.categories)} if a.categories else {}
    return {"name": a.name, "unit": a.unit, "edges": a.edges.tolist(), "label": a.label, **named}


def _contents(h: HistogramResult) -> dict[str, Any]:
    inner = (slice(1, -1),) * h.values.ndim
    flow = [(_flow(h.values, k, 0), _flow(h.values, k, -1)) for k in range(h.values.ndim)]
    under, over = ([pair[i] for pair in flow] for i in (0, 1))
    return {
        "values": h.values[inner].tolist(),
        "variances": h.variances[inner].tolist(),
        "underflow": under[0] if len(under) == 1 else under,
        "overflow": over[0] if len(over) == 1 else over,
        "nan": h.nan,
        "counts": h.counts[inner].tolist(),
    }


def _flow(values: Floats, axis: int, end: int) -> float:
    """Return everything in one flow bin of one axis, summed exactly; NaN of infinities of both signs."""
    return total_of(values.take(end, axis=axis).reshape(-1).tolist())
