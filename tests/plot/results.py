"""Small results made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hzdsl.ir.analysis import Sample
from hzdsl.results import AxisResult, HistogramResult, RegionResult, Result, SampleResult

EDGES = np.linspace(70.0, 180.0, 37)
MIDDLES = (EDGES[1:] + EDGES[:-1]) / 2
PEAK = np.exp(-((MIDDLES - 125) ** 2) / 18)
Z_PEAK = np.exp(-((MIDDLES - 91) ** 2) / 18)


def histogram(
    name: str,
    contents,
    region: str | None = None,
    weight: float = 1.0,
    *,
    edges=EDGES,
    label: str = "",
    unit: str = "GeV",
    **given,
) -> HistogramResult:
    """A histogram with 3 entries below and 5 above the axis."""
    counts = np.array([3, *np.asarray(contents).astype(int), 5])
    regular = bool(np.allclose(np.diff(edges), edges[1] - edges[0]))
    axis = AxisResult(name, unit, label, np.asarray(edges, float), regular)
    return HistogramResult(name, region, (axis,), counts, counts * weight, abs(counts) * weight**2, **given)


def sample(name: str, role: str, *histograms: HistogramResult, weight: float = 1.0, **given) -> SampleResult:
    kind = "data" if role == "data" else "simulation"
    declared = Sample(name, kind=kind, role=role, xsec=None if kind == "data" else 1.0, **given)
    return SampleResult(declared, 1000, weight, {}, {h.key: h for h in histograms})


def result(*samples: SampleResult, regions: Sequence[RegionResult] = (), **given) -> Result:
    histograms = {key: h for s in samples for key, h in s.histograms.items()}
    settings = {"luminosity": 11580.0, "experiment": "CMS Open Data", "energy": "8 TeV"} | given
    by_name = {s.sample.name: s for s in samples}
    return Result("t", "", 0, {r.name: r for r in regions}, histograms, by_name, **settings)


def higgs(regions: Sequence[str] = ("4mu", "4e", "2e2mu"), **given) -> Result:
    """Signal, two samples of one background process that fill regions of their own, and data."""

    def fill(contents, weight=1.0, only=regions):
        label = r"$m_{4\ell}$"
        return [replace(histogram("h_mass", contents, r, weight, label=label), **given) for r in only]

    background = 3 + 60 * Z_PEAK
    return result(
        sample("H", "signal", *fill(300 * PEAK, 0.004), label="$m_H$ = 125 GeV"),
        sample("ZZa", "background", *fill(background, 0.08), process="ZZ", channels=tuple(regions[:1])),
        sample("ZZb", "background", *fill(background, 0.08), process="ZZ", channels=tuple(regions[1:])),
        sample("Run2012", "data", *fill(np.round(0.08 * background + 1.2 * PEAK))),
    )
