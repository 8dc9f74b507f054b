"""Both backends on the same chunks, compared bit by bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import Array, Backend, Number, Partial, Sums, Table
from hzdsl.ir.analysis import Document, Histogram, Region
from hzdsl.ir.variations import Variation
from hzdsl.records import dataclass
from hzdsl.results.same import same_bits
from hzdsl.run.inputs.chunks import read_chunk
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.options import Options
from hzdsl.run.parts.exact import rounded
from hzdsl.run.plan.planning import planned
from hzdsl.run.program.bind import Bound
from hzdsl.run.program.worlds import Place

#: Into how many pieces the entries compared of one tree are spread.
PIECES = 8


@dataclass(frozen=True)
class Comparison:
    """How many entries were compared, what differed, and remarks for the user."""

    entries: int
    differences: tuple[str, ...]
    notes: tuple[str, ...] = ()


def compare(
    document: Document, values: Mapping[str, Number], backends: tuple[Backend, Backend], options: Options, events: int
) -> Comparison:
    """Run two backends on evenly spaced entries of every input and compare all they give.

    Parameters
    ----------
    document : Document
        The analysis, with its samples.
    values : mapping of str to number
        Parameters in their own units.
    backends : pair of Backend
        What is compared.
    options : Options
        Limits and remote access; tables are compared if they are asked for.
    events : int
        About how many entries are compared, over all inputs.
    """
    with planned(document, values, options) as plan:
        share = max(1, events // max(1, len(plan.trees)))
        entries, found = 0, []
        for job in plan.jobs:
            kernels = [b.compile(job.bound.program) for b in backends] if job.trees else []
            for tree in job.trees:
                for start, stop in spread(tree.entries, share):
                    with tree.reading() as source:
                        chunk = read_chunk(source, tree.reads, start, stop)
                    one, other = (k.run(chunk, values, options.tables) for k in kernels)
                    where = _where(tree, start, stop)
                    names = backends[0].name, backends[1].name
                    found += [f"{where}: {d}" for d in differences(job.bound, one, other, names, start)]
                    entries += stop - start
        return Comparison(entries, tuple(found), plan.notes)


def spread(entries: int, wanted: int) -> list[tuple[int, int]]:
    """Return ranges of `wanted` entries in all, evenly spread over a tree.

    Examples
    --------
    >>> spread(100, 16)
    [(0, 2), (12, 14), (25, 27), (37, 39), (50, 52), (62, 64), (75, 77), (87, 89)]
    >>> spread(10, 16)
    [(0, 10)]
    >>> spread(3, 2)
    [(0, 1), (1, 2)]
    """
    if entries <= wanted:
        return [(0, entries)] if entries else []
    pieces = min(PIECES, wanted)
    length = wanted // pieces
    starts = [entries * i // pieces for i in range(pieces)]
    return [(s, s + length) for s in starts]


def _where(tree: InputTree, start: int, stop: int) -> str:
    return f"{tree.path}, entries {start} to {stop - 1}"


def differences(bound: Bound, a: Partial, b: Partial, names: tuple[str, str], first: int = 0) -> Iterator[str]:
    """Yield a sentence per difference of two partial results; NaN equals NaN, nothing else is forgiven."""
    if a.accepted != b.accepted:
        yield f"luminosity mask: {_both(names, a.accepted, b.accepted)} events"
    for i, region, under in _parts(bound.regions, bound.worlds.regions):
        for k, cut in enumerate(region.cuts):
            if a.passed[i][k] != b.passed[i][k]:
                numbers = _both(names, a.passed[i][k], b.passed[i][k])
                yield f"region {region.name}{under}, cut '{cut.label}': {numbers} events"
        if not np.array_equal(a.flows[i], b.flows[i]):
            numbers = _both(names, *_first_sums(a.flows[i], b.flows[i]))
            yield f"region {region.name}{under}: {numbers} as a sum of weights"
    for i, histogram, under in _parts(bound.histograms, bound.worlds.histograms):
        for at in map(tuple, np.argwhere(a.counts[i] != b.counts[i])):
            numbers = _both(names, a.counts[i][at], b.counts[i][at])
            yield f"histogram {histogram.key}{under}, bin {_bin(at)}: {numbers} entries"
        if a.nans[i] != b.nans[i]:
            yield f"histogram {histogram.key}{under}: {_both(names, a.nans[i], b.nans[i])} NaNs"
        if not np.array_equal(a.sums[i], b.sums[i]):
            numbers = _both(names, *_first_sums(a.sums[i], b.sums[i]))
            yield f"histogram {histogram.key}{under}: {numbers} as a sum of weights"
    for pair, one, other in zip(bound.worlds.pairs, a.overlaps, b.overlaps, strict=True):
        if not np.array_equal(one, other):
            yield f"regions {pair.first} and {pair.second}: {_both(names, one[0], other[0])} events in both"
    for region, outputs, one, other in zip(bound.regions, bound.outputs, a.tables, b.tables, strict=False):
        columns = (*bound.identifiers, *outputs)
        yield from (f"region {region.name}, {d}" for d in _tables(one, other, columns, names, first))


Named = TypeVar("Named", Region, Histogram)


def _parts(declared: Sequence[Named], varied: Sequence[Mapping[Variation, Place]]) -> Iterator[tuple[int, Named, str]]:
    """Yield every selection (or fill) of the program once: its number, what it is, and under which variation."""
    yield from ((i, x, "") for i, x in enumerate(declared))
    seen = set(range(len(declared)))
    for x, places in zip(declared, varied, strict=True):
        for variation, (at, _) in places.items():
            if at not in seen:
                seen.add(at)
                yield at, x, f" under {variation}"


def _first_sums(a: Sums, b: Sums) -> tuple[float, float]:
    """Return the first sums that differ."""
    at = tuple(np.argwhere((a != b).any(axis=-1))[0])
    return float(rounded(a[at])), float(rounded(b[at]))


def _bin(at: Iterable[int]) -> str:
    """Name a bin by its numbers, 0 being the first; the underflow is -1."""
    return ", ".join(str(int(i) - 1) for i in at)


def _both(names: tuple[str, str], a: object, b: object) -> str:
    return f"{names[0]} {a}, {names[1]} {b}"


def _tables(a: Table, b: Table, columns: Iterable[str], names: tuple[str, str], first: int) -> Iterator[str]:
    for entry in np.setxor1d(a.entry, b.entry).tolist():
        yield f"entry {first + entry}: selected by {names[0] if entry in a.entry else names[1]} only"
    common, at_a, at_b = np.intersect1d(a.entry, b.entry, return_indices=True)
    for k, column in enumerate(columns):
        (x, there_x), (y, there_y) = _rows(*a.columns[k], at_a), _rows(*b.columns[k], at_b)
        if x.dtype != y.dtype:
            yield f"{column}: {_both(names, x.dtype, y.dtype)}"
            continue
        for i in np.flatnonzero((there_x != there_y) | (there_x & there_y & ~same_bits(x, y))).tolist():
            shown = _both(names, _shown(x[i], there_x[i]), _shown(y[i], there_y[i]))
            yield f"entry {first + int(common[i])}, {column}: {shown}"


def _rows(
    values: Array, valid: npt.NDArray[np.bool_] | None, at: npt.NDArray[np.intp]
) -> tuple[Array, npt.NDArray[np.bool_]]:
    return values[at], np.ones(len(at), np.bool_) if valid is None else valid[at]


def _shown(value: object, there: object) -> str:
    if not there:
        return "missing"
    return f"{value} ({float(value).hex()})" if isinstance(value, np.floating) else str(value)
