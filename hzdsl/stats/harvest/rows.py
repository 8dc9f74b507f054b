"""The selected events of a run as rows of an unbinned channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.node import Node
from hzdsl.lang.quantities import Quantity
from hzdsl.results.result import EventTable, Result, SampleResult
from hzdsl.stats.densities.model import UnbinnedChannel
from hzdsl.stats.likelihood import Rows
from hzdsl.stats.parameters import Vector


def filled_rows(
    result: Result,
    region: str,
    channel: UnbinnedChannel,
    *,
    outputs: Mapping[str, str] = MappingProxyType({}),
    samples: Iterable[str] = (),
    weights: str | None = None,
) -> Rows:
    """Return the events of a region as rows of an unbinned channel: those that lie within its ranges.

    Parameters
    ----------
    result : Result
        Of a run with tables: ``ana.run(…, tables=True)``.
    region : str
        Of the analysis.
    channel : UnbinnedChannel
        It says which observables are read, in which unit and range.
    outputs : mapping of str to str
        What the analysis calls an observable, where it has another name: ``{"m": "h_mass"}``.
    samples : iterable of str
        Which samples; none: all data, or, where a run has none, all samples. Of simulation each row has the weight of
        its sample.
    weights : str, optional
        An output that is the weight of each event, besides that of its sample.

    Returns
    -------
    Rows
        Its `remarks` say how many events are left out: outside of the ranges, no numbers, missing.

    Raises
    ------
    HzdslError
        ``name-unknown`` for a region, sample or output that is not there; ``arguments`` for a run without tables;
        ``unsupported`` for weighted events whose weight is not given as an output.

    Examples
    --------
    >>> import tempfile, numpy, uproot
    >>> import hzdsl as hz
    >>> from hzdsl import GeV
    >>> folder = tempfile.TemporaryDirectory()
    >>> with uproot.recreate(f"{folder.name}/data.root") as file:
    ...     _ = file.mktree("Events", {"MET_pt": "float32"})
    ...     file["Events"].extend({"MET_pt": numpy.array([25, 40, 90], "f4")})
    >>> ev, ana = hz.events("nanoaod"), hz.Analysis("counting")
    >>> ana.output("met", ev.MET.pt, region=ana.region("sr", ev.MET.pt > 20*GeV))
    >>> ana.sample("data", f"{folder.name}/data.root", kind="data")
    >>> x = hz.observable("met", 20*GeV, 50*GeV)
    >>> channel = hz.stats.UnbinnedChannel("sr", hz.pdf.exponential(x, -0.05/GeV))
    >>> hz.stats.filled_rows(ana.run(tables=True), "sr", channel)
    <2 rows of met; 1 of 3 rows left out: met outside of 20 to 50 GeV>
    >>> folder.cleanup()
    """
    tables = list(_tables(result, region, samples))
    if weights is None:
        for sample, _ in tables:
            _need_no_weights(sample)
    columns = {}
    for node in channel.columns:
        name = node.text("name")
        columns[name] = _in_unit(node, _joined([t for _, t in tables], outputs.get(name, name), region))
    weight = np.concatenate([np.full(len(t.entry), s.weight) for s, t in tables])
    if weights is not None:
        weight = weight * _joined([t for _, t in tables], weights, region)
    return channel.inside(Rows(columns, None if (weight == 1).all() else weight))


def _tables(result: Result, region: str, samples: Iterable[str]) -> list[tuple[SampleResult, EventTable]]:
    """Return the tables of a region, with their samples."""
    if region not in result.regions:
        fix = did_you_mean(region, result.regions) or f"it has {', '.join(result.regions) or 'none'}"
        raise HzdslError("name-unknown", f"the result has no region '{region}'", fix=fix)
    wanted = list(samples)
    for name in wanted:
        if name not in result.samples:
            fix = did_you_mean(name, result.samples) or f"it has {', '.join(result.samples)}"
            raise HzdslError("name-unknown", f"the result has no sample '{name}'", fix=fix)
    data = [name for name, s in result.samples.items() if s.sample.kind == "data"]
    chosen = [result.samples[name] for name in wanted or data or result.samples]
    found = [(s, t) for s in chosen for t in s.tables if t.region == region]
    if not found:
        what = f"the result has no table of the events of region '{region}'"
        raise HzdslError("arguments", what, fix="declare outputs of it, and run with tables=True")
    return found


def _need_no_weights(sample: SampleResult) -> None:
    if sample.weighted:
        what = f"events of sample '{sample.sample.name}' have weights of their own, which tables do not hold"
        raise HzdslError("unsupported", what, fix='make the weight an output of the region, and give weights="name"')


def _joined(tables: list[EventTable], output: str, region: str) -> Vector:
    """Return an output of all tables as one column, NaN where it is missing."""
    parts = []
    for t in tables:
        if output not in t.columns:
            fix = did_you_mean(output, t.columns) or f"it has {', '.join(t.columns) or 'none'}"
            raise HzdslError("name-unknown", f"region '{region}' has no output '{output}'", fix=fix)
        mask = t.valid.get(output)
        values = np.asarray(t.columns[output], float)
        parts.append(values if mask is None else np.where(mask, values, np.nan))
    return np.concatenate(parts)


def _in_unit(node: Node, values: Vector) -> Vector:
    """Return an output, which is in GeV, cm, ns or pb, in the unit of an observable."""
    unit = node.type.unit
    return values * Quantity(1.0, unit.natural()).in_unit(unit)
