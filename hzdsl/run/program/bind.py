"""From the document to what a backend executes, and the names that its numbers get afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np

from hzdsl.backends.base import NUMPY, Binning, Number, Program, Regular, Variable
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Axis, Document, Histogram, Region, check_binning
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType
from hzdsl.ir.unadorned import plain_axis
from hzdsl.results.result import AxisResult, Floats
from hzdsl.run.program.worlds import Worlds, worlds

#: Columns of an event table that an output cannot be called.
RESERVED = ("sample", "region", "entry")
MOST_BINS = 50_000_000
MOST_SUMS = 10_000_000
LONGEST_LABEL = 40


@dataclass(frozen=True)
class Bound:
    """A program and the names of its parts, position by position.

    Attributes
    ----------
    program : Program
        Selections in the order of `regions`, fills in the order of `histograms`.
    regions, histograms
        Of the document, those that are executed.
    axes : tuple of tuple of AxisResult
        Per histogram, its axes with their edges.
    identifiers : tuple of str
        Names of the first outputs of every selection.
    outputs : tuple of tuple of str
        Per region, the names of the other outputs.
    worlds : Worlds
        Where the variations are found in the program.
    """

    program: Program
    regions: tuple[Region, ...]
    histograms: tuple[Histogram, ...]
    axes: tuple[tuple[AxisResult, ...], ...]
    identifiers: tuple[str, ...] = ()
    outputs: tuple[tuple[str, ...], ...] = ()
    worlds: Worlds = field(default_factory=Worlds)


def bind(
    document: Document,
    values: Mapping[str, Number],
    *,
    channels: Collection[str] = (),
    identifiers: tuple[Node, ...] = (),
    tables: bool = False,
    kind: str = "",
) -> Bound:
    """Return the program of some regions of a document, its bins resolved with these parameters.

    Parameters
    ----------
    document : Document
        The analysis.
    values : mapping of str to number
        Parameters by name, in their own units; the others have their defaults.
    channels : collection of str
        The regions to execute; none: all. Histograms without region are always filled.
    identifiers : tuple of Node
        The columns that say which event it is, put before the outputs.
    tables : bool
        Whether outputs are part of the program (and their branches are read).
    kind : str
        The kind of sample it is for: data are nominal. Without it, the parts for both are nominal, and not to be run.

    Raises
    ------
    HzdslError
        `binning`, `name-twice` and `dtype` (outputs that cannot stand in one column).
    """
    document = document.for_kind(kind) if kind else document
    regions = tuple(r for r in document.regions if not channels or r.name in channels)
    order = [r.name for r in regions]
    histograms = tuple(h for h in document.histograms if h.region is None or h.region in order)
    bins = [_binnings(h, values) for h in histograms]
    check_outputs(document)
    kept = _distinct(identifiers, document) if tables else ()
    outputs = [document.outputs_of(r.name) if tables else () for r in regions]
    written = [(*kept, *(o.node for o in of)) for of in outputs]
    made = worlds(document, regions, histograms, bins, written, varied=kind == "simulation")
    check_room(histograms, made.program)
    names = {node: name for name, node in document.definitions}
    axes = tuple(
        tuple(axis_result(a, b, names) for a, b in zip(h.axes, of, strict=True))
        for h, of in zip(histograms, bins, strict=True)
    )
    named = tuple(tuple(o.name for o in of) for of in outputs)
    return Bound(made.program, regions, histograms, axes, tuple(map(column_name, kept)), named, made)


def column_name(node: Node) -> str:
    """Return the schema's name of a column."""
    return node.text("attr") or node.text("name")


def _distinct(identifiers: tuple[Node, ...], document: Document) -> tuple[Node, ...]:
    """Return the identifiers that no output already writes under the same name."""
    outputs = {o.name: o.node for o in document.outputs}
    for node in identifiers:
        if outputs.get(column_name(node), node) is not node:
            name = column_name(node)
            raise HzdslError(
                "name-twice",
                f"the output '{name}' has the name of a column that every table has",
                fix="rename the output",
            )
    return tuple(n for n in identifiers if column_name(n) not in outputs)


def _binnings(histogram: Histogram, values: Mapping[str, Number]) -> tuple[Binning, ...]:
    resolved = [check_binning(histogram.key, a, values) for a in histogram.axes]
    made = tuple(Variable(edges) if bins is None else Regular(bins, edges[0], edges[-1]) for bins, edges in resolved)
    if prod(b.bins + 2 for b in made) > MOST_BINS:
        shape = " x ".join(str(b.bins) for b in made)
        raise HzdslError(
            "binning",
            f"histogram '{histogram.key}' has {shape} bins, more than {MOST_BINS}",
            fix="use fewer bins, or an output and your own histogram",
        )
    return made


def check_room(histograms: tuple[Histogram, ...], program: Program) -> None:
    """Refuse histograms whose exact sums, a set per weight of their events, would not fit into memory.

    Raises
    ------
    HzdslError
        `binning`.
    """
    for histogram, fill in zip(histograms, program.fills, strict=False):
        sums = prod(b.bins + 2 for b in fill.binnings) * len(fill.weights)
        if sums > MOST_SUMS:
            raise HzdslError(
                "binning",
                f"histogram '{histogram.key}' has {sums} bins, those of its {len(fill.weights)} weights counted, "
                f"more than {MOST_SUMS}",
                fix="use fewer bins, or fewer variations",
            )


def axis_result(axis: Axis, binning: Binning, names: Mapping[Node, str]) -> AxisResult:
    """Return the axis with all its edges, in the unit it was written in.

    Without label it is labelled with its expression (spelled with the names of definitions), where that is
    short enough to be read below a plot, else with its own name, where it is defined.
    """
    written = plain_axis(axis, False)
    text = spell(written, names=names) if not axis.label else ""
    label = axis.label or (text if len(text) <= LONGEST_LABEL else names.get(written, ""))
    regular = isinstance(binning, Regular)
    return AxisResult(axis.name, str(axis.unit), label, edges_of(binning), regular, axis.categories)


def per_event(histogram: Histogram) -> bool:
    """Return whether an event is at most one entry of a histogram; otherwise each of its objects is one."""
    return all(a.node.type.axis in (None, EVENT) for a in histogram.axes)


def edges_of(binning: Binning) -> Floats:
    """Return all edges, of equal bins as boost-histogram computes them.

    Examples
    --------
    >>> edges_of(Regular(4, 0.0, 1.0))
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    if isinstance(binning, Variable):
        return np.array(binning.edges, np.float64)
    z = np.arange(binning.bins + 1) / binning.bins
    edges: Floats = (1 - z) * binning.low + z * (binning.low + (binning.high - binning.low))
    return edges


def check_outputs(document: Document) -> None:
    """Refuse outputs that could not be one column of one table.

    Raises
    ------
    HzdslError
        `name-twice` for the name of a column that tables have anyway, `dtype` for outputs of one name whose
        types in different regions have no common exact type.
    """
    types: dict[str, DType] = {}
    for output in document.outputs:
        if output.name in RESERVED:
            raise HzdslError(
                "name-twice",
                f"an output is called '{output.name}', as a column of every table",
                fix="rename the output",
            )
        dtype = output.node.type.dtype
        other = types.setdefault(output.name, dtype)
        if other is not dtype and not _exact(NUMPY[other], NUMPY[dtype]):
            raise HzdslError(
                "dtype",
                f"output '{output.name}' is {other.value} in one region and {dtype.value} in another",
                fix="convert one of them, e.g. with .as_f64()",
            )


def _exact(a: np.dtype[np.generic], b: np.dtype[np.generic]) -> bool:
    """Return whether a common type holds all values of both."""
    return (
        "b" not in a.kind + b.kind
        and all(np.can_cast(d, np.result_type(a, b), "safe") for d in (a, b))
        and (np.result_type(a, b).kind != "f" or all(d.kind == "f" or d.itemsize < 8 for d in (a, b)))
    )
