"""How results show themselves: as text at a prompt, as tables in a notebook, as objects of the `hist` package.

The data (`result.py`) know no form, and the forms know the data: here they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.results.histograms import to_hist
from hzdsl.results.result import HistogramResult, RegionResult, Result
from hzdsl.results.summary import yields
from hzdsl.results.systematics import systematics
from hzdsl.results.text import text_of


def result_text(result: Result) -> str:
    """Return the table of yields, that of what variations do to them, and the remarks."""
    tables = text_of([yields(result), *systematics(result)])
    return "\n".join([tables.rstrip("\n"), *(f"note: {note}" for note in result.notes)])


def _notebook(function: str) -> Callable[..., str]:
    """Return a function of `hzdsl.results.notebook`, which is imported when a notebook asks."""

    def html(self: Any) -> str:
        from hzdsl.results import notebook

        text: str = getattr(notebook, function)(self)
        return text

    return html


METHODS: Mapping[type, Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        Result: {"__repr__": result_text, "_repr_html_": _notebook("result_html")},
        RegionResult: {"_repr_html_": _notebook("region_html")},
        HistogramResult: {"_repr_html_": _notebook("histogram_html"), "to_hist": to_hist},
    }
)


def bind() -> None:
    """Give results the methods that show them."""
    for kind, methods in METHODS.items():
        for name, method in methods.items():
            setattr(kind, name, method)
