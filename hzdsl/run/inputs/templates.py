"""Templates: histograms that a sample reads from ROOT files instead of filling them."""

from __future__ import annotations

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.histograms import StoredHistogram, read_histogram
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.analysis import Histogram, Sample
from hzdsl.results.result import AxisResult, Counts, Floats, HistogramResult
from hzdsl.run.inputs.paths import expand
from hzdsl.run.program.bind import Bound, per_event


def read_templates(
    sample: Sample, bound: Bound, folder: str, remote: RemoteOptions | None = None
) -> dict[str, HistogramResult]:
    """Return the templates of a sample by histogram key: contents times `scale`, variances times its square.

    Raises
    ------
    HzdslError
        `name-unknown` for a histogram that the analysis does not have; `histogram-missing` where the file
        has none of that name or another binning.
    """
    known = {h.key: (h, axes) for h, axes in zip(bound.histograms, bound.axes, strict=True)}
    made = {}
    for key, (file, name) in sample.templates.items():
        if key not in known:
            fix = did_you_mean(key, known) or f"histograms: {', '.join(known) or 'none'}"
            raise HzdslError(
                "name-unknown", f"sample '{sample.name}' has a template for '{key}', no histogram", fix=fix
            )
        paths = expand(file, folder, remote)
        if len(paths) != 1:
            raise HzdslError(
                "no-files",
                f"the template '{key}' of sample '{sample.name}' matches {len(paths)} files: {file}",
            )
        stored = read_histogram(paths[0], name, remote)
        made[key] = _result(*known[key], stored, sample, f"{name} in {paths[0]}")
    return made


def _result(
    histogram: Histogram, axes: tuple[AxisResult, ...], stored: StoredHistogram, sample: Sample, what: str
) -> HistogramResult:
    _check_binning(histogram, axes, stored, what)
    values, variances = stored.values, stored.variances
    return HistogramResult(
        histogram.name,
        histogram.region,
        axes,
        _counts(values, variances, sample),
        values * sample.scale,
        variances * (sample.scale * sample.scale),
        0,
        histogram.title,
        histogram.log,
        histogram.marks,
        per_event(histogram),
    )


def _check_binning(histogram: Histogram, axes: tuple[AxisResult, ...], stored: StoredHistogram, what: str) -> None:
    same = len(axes) == len(stored.edges) and all(
        len(a.edges) == len(e) and np.allclose(a.edges, e, rtol=0, atol=1e-9 * float(np.diff(a.edges).min()))
        for a, e in zip(axes, stored.edges, strict=True)
    )
    if not same:
        found = " x ".join(_describe(e) for e in stored.edges)
        wanted = " x ".join(_describe(a.edges) for a in axes)
        raise HzdslError(
            "histogram-missing",
            f"the histogram {what} has {found}, but '{histogram.key}' has {wanted}",
            fix="use a histogram of the same bins, or change those of the analysis",
        )


def _describe(edges: Floats) -> str:
    return f"{len(edges) - 1} bins from {edges[0]:g} to {edges[-1]:g}"


def _counts(values: Floats, variances: Floats, sample: Sample) -> Counts:
    """Return the entries of a template of data, whose contents are events; zeros for anything else."""
    whole = np.array_equal(values, np.round(values)) and np.array_equal(values, variances)
    return values.astype(np.int64) if sample.kind == "data" and whole else np.zeros(values.shape, np.int64)
