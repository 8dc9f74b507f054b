"""Which second derivatives of a likelihood can be found together: those of parameters that share no bin.

A parameter of one bin (statistics of simulation) meets what is in this bin, one of a single channel what is in this
channel. Products with vectors find many such columns at once (Curtis, Powell & Reid 1974; by symmetry, what two columns
have in common with a third is taken from the third's own: Coleman & More 1984).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from hzdsl.stats.parameters import Parameters
from hzdsl.stats.products import Products, Together

#: Where a parameter acts: everywhere, in a channel of this name, or in a bin of it.
Home = tuple[str | int, ...]
#: The channel of parameters that no channel has: each meets itself alone. No channel has this name.
_NOWHERE = ""


def columns_together(acting: Iterable[tuple[str, Home]], parameters: Parameters) -> Products:
    """Return the products that find second derivatives, given where parameters act."""
    homes = _homes(acting, parameters)
    of_bins = [k for k, h in enumerate(homes) if len(h) == 2]
    of_channels = [k for k, h in enumerate(homes) if len(h) == 1]
    shared = [k for k, h in enumerate(homes) if not h]
    n = len(homes)
    found = _alone(shared, n)
    members: dict[Home, list[int]] = defaultdict(list)
    for k in (*of_channels, *of_bins):
        members[homes[k][:1]].append(k)
    found += _grouped(of_channels, homes, lambda k: members[homes[k][:1]])
    in_bin: dict[Home, list[int]] = defaultdict(list)
    for k in of_bins:
        in_bin[homes[k]].append(k)
    return Products(found + _grouped(of_bins, homes, lambda k: in_bin[homes[k]]))


def _alone(parameters: list[int], n: int) -> list[Together]:
    """Return a group for each, with all rows but those of the columns before it."""
    left, found = np.ones(n, bool), []
    for k in parameters:
        rows = np.flatnonzero(left)
        found.append(Together(np.array([k]), rows, np.broadcast_to(np.int64(k), rows.shape)))
        left[k] = False
    return found


def _grouped(parameters: list[int], homes: list[Home], met: Callable[[int], list[int]]) -> list[Together]:
    """Return groups with at most one parameter of each home; `met` says in which rows it is looked at."""
    by_home: dict[Home, list[int]] = defaultdict(list)
    for k in parameters:
        by_home[homes[k]].append(k)
    groups = []
    for turn in range(max((len(x) for x in by_home.values()), default=0)):
        members = [x[turn] for x in by_home.values() if len(x) > turn]
        rows = [np.array(met(k), int) for k in members]
        columns = [np.full(len(r), k) for r, k in zip(rows, members, strict=True)]
        groups.append(Together(np.array(members), np.concatenate(rows), np.concatenate(columns)))
    return groups


def _homes(acting: Iterable[tuple[str, Home]], parameters: Parameters) -> list[Home]:
    """Return for each parameter () where it meets several channels, else its channel, and its bin where it has one."""
    homes: list[Home | None] = [None] * len(parameters)
    for name, home in acting:
        k = parameters.index(name)
        homes[k] = _common(homes[k], home)
    return [(_NOWHERE, k) if h is None else h for k, h in enumerate(homes)]


def _common(a: Home | None, b: Home) -> Home:
    """Return the least that holds both places."""
    if a is None or a == b:
        return b
    return a[:1] if a and b and a[0] == b[0] else ()
