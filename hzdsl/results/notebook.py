"""Results as HTML tables, for notebooks."""

from __future__ import annotations

from html import escape

from hzdsl.ir.html import html_table
from hzdsl.results.result import HistogramResult, RegionResult, Result
from hzdsl.results.summary import cutflows, region_table, yields
from hzdsl.results.systematics import systematics
from hzdsl.results.text import TextTable

MOST_BINS = 100


def table_html(table: TextTable) -> str:
    """Return a table of the terminal as HTML, its sums below."""
    return html_table(table.title, table.header, (*table.rows, *table.sums), table.numbers, table.note)


def result_html(result: Result) -> str:
    """Return the yields, what variations do to them, and the cutflow of every region; remarks below."""
    tables = [table_html(t) for t in (yields(result), *systematics(result), *cutflows(result))]
    return "".join([*tables, *(f"<div>note: {escape(note)}</div>" for note in result.notes)])


def region_html(region: RegionResult) -> str:
    """Return a row per cut."""
    weighted = any(row.sumw != row.events or row.sumw2 != row.events for row in (region.start, *region.cutflow))
    return table_html(region_table(region, weighted, f"{region.name}: cutflow"))


def histogram_html(h: HistogramResult) -> str:
    """Return a row per bin, flow first and last; of several dimensions a row per axis."""
    if len(h.axes) > 1:
        rows = [(a.name, str(len(a.edges) - 1), f"{a.edges[0]:g}", f"{a.edges[-1]:g}", a.unit) for a in h.axes]
        return html_table(h.key, ("axis", "bins", "from", "to", "unit"), rows, numbers=True, note=repr(h))
    (axis,) = h.axes
    edges = ["-∞", *(f"{e:g}" for e in axis.edges), "∞"]
    bins = [
        (f"{low} … {high}", f"{value:.6g}", f"{variance**0.5:.3g}")
        for low, high, value, variance in zip(edges, edges[1:], h.values, h.variances, strict=False)
    ]
    note = f"{len(bins) - MOST_BINS} more bins" if len(bins) > MOST_BINS else ""
    header = (f"{axis.label or axis.name} [{axis.unit}]" if axis.unit else axis.label or axis.name, "contents", "±")
    return html_table(h.key, header, bins[:MOST_BINS], numbers=True, note=note)
