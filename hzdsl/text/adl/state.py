"""What the lines of a region have said so far."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from hzdsl.ir.analysis import Cut
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.text.adl.histograms import Histo
from hzdsl.text.adl.lines import Line


@dataclass
class State:
    """What has been said of a region so far; histograms and outputs with the number of cuts above them.

    `bound` says what names mean from here on, and whether they are collections; `values` holds what they are.
    """

    name: str
    cuts: list[Cut] = field(default_factory=list)
    bound: dict[str, tuple[str, bool]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    histograms: list[tuple[int, Histo, list[Any]]] = field(default_factory=list)
    bins: list[tuple[str, Cut]] = field(default_factory=list)
    weights: dict[str, tuple[Any, Line]] = field(default_factory=dict)
    outputs: list[tuple[int, str, Any, Line]] = field(default_factory=list)


def present(weight: Any) -> Any:
    """Return a weight that every event has: where what it is of is missing, 1."""
    missing = isinstance(weight, Value) and weight.node.type.optional and weight.node.type.dtype.numeric
    return weight.otherwise(1) if missing else weight


def same(a: Any, b: Any) -> bool:
    """Return whether two values are the same number, or the same expression."""
    if isinstance(a, Value) and isinstance(b, Value):
        return a.node is b.node
    return type(a) is type(b) and not isinstance(a, Value) and bool(a == b)
