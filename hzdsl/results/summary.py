"""Yields and cutflows as readable tables, for the terminal and for text files.

Without weights all numbers are counts of events. With weights a yield is the sum of the weights of the events, its
statistical error the root of the sum of their squares, and the number of events stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from hzdsl.results.result import CutRow, RegionResult, Result, SampleResult
from hzdsl.results.sums import total_of
from hzdsl.results.text import TextTable, number, percent, value_and_error

UNNAMED = "events"
#: Labels of cuts take no more room than this in a table.
LONGEST = 72
_OF_EVENTS = "w: the weight that each event has"


def yields(result: Result) -> TextTable:
    """Return the yields: a row per sample, a column per region, sums of simulation and data below.

    A weighted yield is written with its statistical error and, in parentheses, the number of events.
    """
    header = ("sample", "entries", "weight", *result.regions)
    samples = [*result.samples.values()]
    rows = tuple(_yield_row(_name(s), [s], result) for s in samples)
    kinds: dict[str, list[SampleResult]] = {}
    for s in samples:
        kinds.setdefault(s.sample.kind, []).append(s)
    sums = tuple(_yield_row(f"all {kind}", group, result) for kind, group in kinds.items() if len(group) > 1)
    said = [
        "yield ± statistical error (events)" if any(map(_has_weights, samples)) and result.regions else "",
        _OF_EVENTS if any(s.weighted for s in samples) else "",
    ]
    return TextTable(f"{result.mark}{result.analysis}: yields", header, rows, sums, note="; ".join(filter(None, said)))


def cutflows(result: Result) -> list[TextTable]:
    """Return the cutflow of every region that any sample fills: the cuts in order, what is left after each, per sample.

    Of one sample the events, the yield where they have weights, and efficiencies: ratios of yields, which are those of
    events where there are no weights. Of several the events, then the yields.
    """
    return [table for name in result.regions for table in _cutflow(name, result)]


def shown_label(row: CutRow) -> str:
    """Return the label of a cut, the middle of a long one left out: the JSON has it in full."""
    text = row.label
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2 - 1]} … {text[-(LONGEST // 2 - 2) :]}"


def region_table(region: RegionResult, weighted: bool, title: str) -> TextTable:
    """Return the cutflow of a region in one sample."""
    rows = (region.start, *region.cutflow)
    before = (region.start, *rows)
    shares = [("", "") if i == 0 else _shares(rows[0], before[i], row) for i, row in enumerate(rows)]
    if not weighted:
        cells = tuple((shown_label(r), str(r.events), *s) for r, s in zip(rows, shares, strict=True))
        return TextTable(title, ("cut", "events", "of all", "of previous"), cells)
    header = ("cut", "events", "yield", "± stat.", "of all", "of previous")
    summed = tuple((shown_label(r), str(r.events), *_weighted(r), *s) for r, s in zip(rows, shares, strict=True))
    note = "yield: sum of weights; of all, of previous: ratios of yields"
    return TextTable(title, header, summed, note=note)


def _yield_row(name: str, samples: list[SampleResult], result: Result) -> tuple[str, ...]:
    weights = {(s.weight, s.weighted) for s in samples}
    cells = [_yield(samples, region) for region in result.regions]
    weight = _weight(*weights.pop()) if len(weights) == 1 else ""
    return (name, f"{sum(s.events for s in samples)}", weight, *cells)


def _weight(weight: float, of_events: bool) -> str:
    """Return the weight of a sample's events, ``w`` standing for what they have of their own."""
    if not of_events:
        return number(weight)
    return "w" if weight == 1 else f"{number(weight)} w"


def _yield(samples: list[SampleResult], region: str) -> str:
    """Return the yield of a region; of a sample of templates, the contents of its first histogram there."""
    filled = [(s, s.regions[region]) for s in samples if region in s.regions]
    templates = [h for s in samples if region not in s.regions for h in _templates(s, region)]
    if not filled and not templates:
        return ""
    events = sum(r.selected for _, r in filled)
    if not templates and not any(_has_weights(s) for s, _ in filled):
        return str(events)
    sumw = total_of([*(r.sumw for _, r in filled), *(v for v, _ in templates)])
    sumw2 = total_of([*(r.last.sumw2 for _, r in filled), *(e for _, e in templates)])
    return _joined(value_and_error(sumw, math.sqrt(sumw2))) + (f" ({events})" if filled else "")


def _has_weights(sample: SampleResult) -> bool:
    return sample.weighted or sample.weight != 1


def _templates(sample: SampleResult, region: str) -> list[tuple[float, float]]:
    for h in sample.histograms.values():
        if h.region == region:
            return [(total_of(h.values.flat), total_of(h.variances.flat))]
    return []


def _cutflow(region: str, result: Result) -> list[TextTable]:
    samples = [s for s in result.samples.values() if region in s.regions]
    if not samples:
        return []
    if len(samples) == 1:
        (only,) = samples
        of = f" of {only.sample.name}" if result.several else ""
        return [region_table(only.regions[region], _has_weights(only), f"{result.mark}{region}: cutflow{of}")]
    flows = [s.regions[region] for s in samples]
    total = result.regions[region]
    labels = [shown_label(row) for row in (total.start, *total.cutflow)]
    header = ("cut", *map(_name, samples))
    rows = [*zip(*((f.start, *f.cutflow) for f in flows), strict=True)]
    counted = tuple((label, *(str(r.events) for r in row)) for label, row in zip(labels, rows, strict=True))
    if not any(map(_has_weights, samples)):
        return [TextTable(f"{result.mark}{region}: cutflow", header, counted)]
    summed = tuple((label, *_sums(row, samples)) for label, row in zip(labels, rows, strict=True))
    return [
        TextTable(f"{result.mark}{region}: cutflow, events", header, counted),
        TextTable(f"{result.mark}{region}: cutflow, yields", header, summed, note="sum of weights ± statistical error"),
    ]


def _sums(row: Iterable[CutRow], samples: list[SampleResult]) -> list[str]:
    """Return the yield after a cut, per sample: of those without weights the number of events."""
    return [_joined(_weighted(r)) if _has_weights(s) else str(r.events) for r, s in zip(row, samples, strict=True)]


def _weighted(row: CutRow) -> tuple[str, str]:
    return value_and_error(row.sumw, math.sqrt(row.sumw2))


def _joined(written: tuple[str, str]) -> str:
    return " ".join(filter(None, written))


def _shares(first: CutRow, before: CutRow, here: CutRow) -> tuple[str, str]:
    return percent(here.sumw, first.sumw), percent(here.sumw, before.sumw)


def _name(sample: SampleResult) -> str:
    return sample.sample.name or UNNAMED
