"""What several densities demand of what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.lang.values import Value
from hzdsl.stats.densities.arguments import Arguments
from hzdsl.stats.densities.density import Density
from hzdsl.stats.observable import constant, range_of


def middle(a: Arguments) -> Value:
    """Return the middle of the observable's range."""
    low, high = range_of(a.observable.node)
    return constant(low + 0.5 * (high - low), a.unit)


def above_zero(a: Arguments, density: str) -> tuple[float, float]:
    """Return the range of an observable that must be above 0."""
    low, high = range_of(a.observable.node)
    if not low > 0:
        raise HzdslError("arguments", f"{density} is of an x above 0, and its range begins at {low:g}", fix="raise it")
    return low, high


def whole_nodes(nodes: Any) -> int:
    """Return how many nodes a rule has."""
    if not isinstance(nodes, int) or isinstance(nodes, bool) or not 2 <= nodes <= 4096:
        raise HzdslError("arguments", f"a rule of {nodes!r} nodes", fix="a whole number from 2 to 4096")
    return nodes


def ascending(a: Arguments, density: str, edges: Any) -> None:
    """Refuse edges that do not ascend, or do not enclose the observable's range."""
    low, high = range_of(a.observable.node)
    if len(edges) < 2 or np.any(np.diff(edges) <= 0):
        raise HzdslError("binning", f"the edges of {density} do not ascend", fix="sort them, each once")
    if edges[0] > low or edges[-1] < high:
        what = (
            f"{density} is given from {edges[0]:g} to {edges[-1]:g}, and its observable runs from {low:g} to {high:g}"
        )
        raise HzdslError("binning", what, fix="let them enclose the range")


def not_negative(what: str, values: Any) -> Any:
    """Return numbers of which none is below 0, and some above."""
    negative = np.flatnonzero(values < 0)
    if len(negative):
        raise HzdslError(
            "arguments", f"{len(negative)} {what} are below 0, the first at {negative[0]}", fix="0 or more"
        )
    if not values.sum() > 0:
        raise HzdslError("arguments", f"the {what} are all 0", fix="a density is above 0 somewhere")
    return values


def all_densities(name: str, given: Any) -> tuple[Density, ...]:
    """Return densities, or refuse what is none."""
    if not isinstance(given, Sequence) or not given or not all(isinstance(p, Density) for p in given):
        raise HzdslError("arguments", f"{name} takes densities, not {given!r}", fix=f"{name}([p1, p2], …)")
    return tuple(given)


def one_observable(name: str, parts: tuple[Density, ...]) -> Value:
    """Return the observable that densities share."""
    if len({p.observables for p in parts}) > 1 or len(parts[0].observables) > 1:
        said = "; ".join(", ".join(p.names) for p in parts)
        raise HzdslError("arguments", f"{name} is of one observable, not of {said}", fix="densities of the same one")
    return parts[0].observable
