"""What a run gives, and its forms: JSON, event tables, readable tables, `hist` objects."""

from hzdsl.results.forms import bind as _bind
from hzdsl.results.histograms import to_hist
from hzdsl.results.result import (
    AxisResult,
    CutRow,
    EventTable,
    HistogramResult,
    InputFile,
    RegionResult,
    Result,
    SampleResult,
    Totals,
)
from hzdsl.results.serialise import to_json
from hzdsl.results.summary import cutflows, yields
from hzdsl.results.systematics import systematics
from hzdsl.results.tables import event_columns
from hzdsl.results.text import TextTable, render, text_of

__all__ = [
    "AxisResult",
    "CutRow",
    "EventTable",
    "HistogramResult",
    "InputFile",
    "RegionResult",
    "Result",
    "SampleResult",
    "TextTable",
    "Totals",
    "cutflows",
    "event_columns",
    "render",
    "systematics",
    "text_of",
    "to_hist",
    "to_json",
    "yields",
]

_bind()
