"""Sums of results, with their variations: what one of them lacks of these is as nominal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from hzdsl.results.result import HistogramResult, RegionResult, SampleResult

T = TypeVar("T", RegionResult, HistogramResult)


def added(parts: Sequence[HistogramResult]) -> HistogramResult:
    """Return the sum of histograms of equal axes, in their order; all else is of the first.

    Examples
    --------
    >>> import numpy as np
    >>> def filled(n, **varied):
    ...     contents = np.full(3, float(n))
    ...     return HistogramResult("m", None, (), contents.astype(int), contents, contents, variations=varied)
    >>> total = added([filled(1), filled(2, jes={"up": filled(5)})])
    >>> total.values[0], total.variations["jes"]["up"].values[0]
    (np.float64(3.0), np.float64(6.0))
    """
    first, *others = parts
    total = replace(first, variations={})
    for part in others:
        total = _plus(total, part)
    return replace(total, variations=together(parts, added))


def _plus(a: HistogramResult, b: HistogramResult) -> HistogramResult:
    return replace(
        a,
        counts=a.counts + b.counts,
        values=a.values + b.values,
        variances=a.variances + b.variances,
        nan=a.nan + b.nan,
    )


def together(parts: Sequence[T], total: Callable[[list[T]], T]) -> dict[str, dict[str, T]]:
    """Return the totals under each variation that any part has; the others are nominal under it."""
    labels = {name: tuple(of) for p in reversed(parts) for name, of in p.variations.items()}
    return {
        name: {label: total([_under(p, name, label) for p in parts]) for label in of} for name, of in labels.items()
    }


def _under(part: T, name: str, label: str) -> T:
    """Return a result under a variation, without its own variations."""
    found: T = part.variations[name][label] if name in part.variations else replace(part, variations={})
    return found


def own_histograms(sample: SampleResult, keys: Sequence[str]) -> list[HistogramResult]:
    """Return those of some histograms that a sample has, of regions that it fills."""
    channels = sample.sample.channels
    found = [sample.histograms[k] for k in keys if k in sample.histograms]
    return [h for h in found if h.region is None or not channels or h.region in channels]
