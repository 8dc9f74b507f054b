"""Yields and cutflows as readable tables, for the terminal and for text files."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

from hzdsl.results.result import CutRow, RegionResult, Result, SampleResult
from hzdsl.results.sums import total_of

UNNAMED = "events"


@dataclass(frozen=True)
class TextTable:
    """A titled table of strings; where it holds numbers, all columns but the first stand to the right."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[tuple[str, ...], ...] = ()
    numbers: bool = True


def yields(result: Result) -> TextTable:
    """Return the yields: a row per sample, a column per region, sums of simulation and data below.

    A weighted yield is written with its statistical uncertainty and, in parentheses, the number of events.
    """
    header = ("sample", "entries", "weight", *result.regions)
    rows = tuple(_yield_row(_name(s), [s], result) for s in result.samples.values())
    kinds: dict[str, list[SampleResult]] = {}
    for s in result.samples.values():
        kinds.setdefault(s.sample.kind, []).append(s)
    sums = tuple(_yield_row(f"all {kind}", group, result) for kind, group in kinds.items() if len(group) > 1)
    return TextTable(f"{result.analysis}: yields", header, rows, sums)


def cutflows(result: Result) -> list[TextTable]:
    """Return one table per region: the cuts in order, events (sums of weights) after each, per sample."""
    return [_cutflow(name, result) for name in result.regions]


def render(tables: Iterable[TextTable], stream: IO[str]) -> None:
    """Write tables to a stream: in colour and folded on a terminal, as plain text elsewhere.

    Examples
    --------
    >>> import sys
    >>> render([TextTable("t", ("cut", "events"), (("pt > 5 GeV", "12"),))], sys.stdout)
    t
     cut          events
    ─────────────────────
     pt > 5 GeV       12
    """
    if stream.isatty():
        _draw(tables, stream, None)
    else:
        stream.write(text_of(tables))


def text_of(tables: Iterable[TextTable]) -> str:
    """Return tables as plain text, as wide as it takes."""
    import io

    stream = io.StringIO()
    _draw(tables, stream, 10_000)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()).strip("\n") + "\n"


def _draw(tables: Iterable[TextTable], stream: IO[str], width: int | None) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, width=width, highlight=False)
    for table in tables:
        made = Table(box=SIMPLE_HEAD, show_edge=False)
        for i, name in enumerate(table.header):
            made.add_column(Text(name), **_style(i, table.numbers))
        for row in table.rows:
            made.add_row(*map(Text, row))
        if table.sums:
            made.add_section()
        for row in table.sums:
            made.add_row(*map(Text, row), style="bold")
        console.print(Text(f"\n{table.title}", style="bold"))
        console.print(made)


def _style(column: int, numbers: bool) -> dict[str, Any]:
    right = numbers and column > 0
    return {"justify": "right" if right else "left", "no_wrap": right, "overflow": "fold"}


def _yield_row(name: str, samples: list[SampleResult], result: Result) -> tuple[str, ...]:
    weights = {s.weight for s in samples}
    weight = _number(weights.pop()) if len(weights) == 1 else ""
    cells = [_yield(samples, region) for region in result.regions]
    return (name, f"{sum(s.events for s in samples)}", weight, *cells)


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
    error = math.sqrt(total_of([*(r.last.sumw2 for _, r in filled), *(e for _, e in templates)]))
    return _with_error(sumw, error) + (f" ({events})" if filled else "")


def _has_weights(sample: SampleResult) -> bool:
    return sample.weighted or sample.weight != 1


def _with_error(value: float, error: float) -> str:
    """Return a value and its error, both to two digits of the error.

    Examples
    --------
    >>> _with_error(93.3381, 1.642), _with_error(6.69812, 0.0416), _with_error(0.0, 0.0)
    ('93.3 ± 1.6', '6.698 ± 0.042', '0')
    """
    if not 0 < error < math.inf:
        return _number(value)
    decimals = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def _templates(sample: SampleResult, region: str) -> list[tuple[float, float]]:
    for h in sample.histograms.values():
        if h.region == region:
            return [(total_of(h.values.flat), total_of(h.variances.flat))]
    return []


def _cutflow(region: str, result: Result) -> TextTable:
    samples = [s for s in result.samples.values() if region in s.regions]
    flows = [s.regions[region] for s in samples]
    labels = [row.label for row in result.regions[region].cutflow]
    header = ("cut", *(_name(s) for s in samples))
    start = ("(all)", *(_count(f.start, s) for s, f in zip(samples, flows, strict=True)))
    rows = [
        (label, *(_count(f.cutflow[i], s) for s, f in zip(samples, flows, strict=True)))
        for i, label in enumerate(labels)
    ]
    if len(samples) == 1:
        header, start = (*header, "of all", "of previous"), (*start, "", "")
        rows = [(*row, *_shares(flows[0], i)) for i, row in enumerate(rows)]
    return TextTable(f"{region}: cutflow", header, (start, *rows))


def _shares(flow: RegionResult, i: int) -> tuple[str, str]:
    here, before = flow.cutflow[i], flow.cutflow[i - 1] if i else flow.start
    return _percent(here.events, flow.start.events), _percent(here.events, before.events)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else ""


def _count(row: CutRow, sample: SampleResult) -> str:
    return _number(row.sumw) if _has_weights(sample) else str(row.events)


def _number(x: float) -> str:
    """Return a number with four digits or, where it is larger, all those before the point.

    Examples
    --------
    >>> _number(6.69812), _number(61998.4), _number(1.0)
    ('6.698', '61998', '1')
    """
    return f"{x:.0f}" if abs(x) >= 1000 or x.is_integer() else f"{x:.4g}"


def _name(sample: SampleResult) -> str:
    return sample.sample.name or UNNAMED
