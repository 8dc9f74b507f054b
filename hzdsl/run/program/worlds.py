"""One program for the nominal analysis and all of its variations.

What a variation does not reach is not executed again: a fill or region whose nodes are those of the nominal one is the
nominal one. Where only weights differ, the nominal fill gets one more weight, of the same search for the bin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hzdsl.backends.base import Binning, Fill, Program, Selection
from hzdsl.ir.analysis import Document, Histogram, Region
from hzdsl.ir.exclusive import apart
from hzdsl.ir.node import Node, make
from hzdsl.ir.variations import Variation, Variations

Nodes = tuple[Node, ...]
T = TypeVar("T", Selection, Fill)
#: Where the numbers of a region or histogram are: which selection or fill, and which of its weights.
Place = tuple[int, int]


@dataclass(frozen=True)
class Pair:
    """Two regions that are to be apart, perhaps under a variation."""

    first: str
    second: str
    variation: Variation | None = None


@dataclass
class Worlds:
    """A program, and where each region and histogram is found in it under each variation that changes it.

    Attributes
    ----------
    weighted : bool
        Whether events have weights of their own.
    regions, histograms : list of mapping of Variation to Place
        By region and histogram; the nominal numbers are at (i, 0).
    pairs : list of Pair
        What the pairs of the program's `apart` are.
    """

    program: Program = field(default_factory=Program)
    weighted: bool = False
    regions: list[dict[Variation, Place]] = field(default_factory=list)
    histograms: list[dict[Variation, Place]] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)


def worlds(
    document: Document,
    regions: Sequence[Region],
    histograms: Sequence[Histogram],
    binnings: Sequence[tuple[Binning, ...]],
    outputs: Sequence[Nodes],
    *,
    varied: bool,
) -> Worlds:
    """Return the program of some regions and histograms of a document.

    Parameters
    ----------
    document : Document
        What weights, mask and exclusive regions are taken of.
    regions, histograms
        What is executed.
    binnings : sequence of tuple of Binning
        Per histogram.
    outputs : sequence of tuple of Node
        Per region.
    varied : bool
        Whether variations are executed; otherwise everything is nominal.
    """
    return _Builder(document, regions, histograms, binnings, outputs).built(varied)


def product(weights: Iterable[Node]) -> Nodes:
    """Return the product of weights in their order, as the one weight of an event; nothing without weights."""
    found: Node | None = None
    for weight in weights:
        found = weight if found is None else make("mul", found, weight)
    return () if found is None else (found,)


class _Builder:
    """Selections and fills as they come to be, each once."""

    def __init__(
        self,
        document: Document,
        regions: Sequence[Region],
        histograms: Sequence[Histogram],
        binnings: Sequence[tuple[Binning, ...]],
        outputs: Sequence[Nodes],
    ) -> None:
        self._document, self._regions, self._histograms = document, regions, histograms
        self._binnings, self._outputs = binnings, outputs
        self._cuts = [tuple(c.node for c in r.cuts) for r in regions]
        self._values = [tuple(a.node for a in h.axes) for h in histograms]
        self._weights = tuple(w.node for w in document.weights)
        mask = () if document.lumi_mask is None else (document.lumi_mask,)
        written = [n for nodes in (*self._cuts, *self._values, *outputs) for n in nodes]
        self._found = Variations([*written, *self._weights, *mask])
        self._selections: list[Selection] = []
        self._fills: list[Fill] = []
        self._new_cuts: dict[Nodes, int] = {}
        self._new_fills: dict[Fill, int] = {}
        self._order = {r.name: i for i, r in enumerate(regions)}

    def built(self, varied: bool) -> Worlds:
        """Return the nominal program with the additions of every variation."""
        made = Worlds(weighted=bool(self._weights))
        nominal = self._regions_under(None)
        self._fill_under(None, nominal)
        regions: dict[Variation | None, list[Place]] = {None: nominal}
        for variation in self._found.all() if varied else ():
            regions[variation] = self._regions_under(variation)
        fills = {v: self._fill_under(v, regions[v]) for v in regions if v is not None}
        made.regions = [_changed({v: at[i] for v, at in regions.items() if v}, i) for i in range(len(self._regions))]
        made.histograms = [_changed({v: at[k] for v, at in fills.items()}, k) for k in range(len(self._histograms))]
        pairs = self._pairs(regions)
        made.pairs = list(pairs.values())
        gate = None if self._document.lumi_mask is None else self._found.nominal(self._document.lumi_mask)
        made.program = Program(tuple(self._selections), tuple(self._fills), (), gate, tuple(pairs))
        return made

    def _under(self, nodes: Nodes, variation: Variation | None) -> Nodes:
        if variation is None:
            return tuple(self._found.nominal(n) for n in nodes)
        return tuple(self._found.shifted(n, variation) for n in nodes)

    def _weight(self, variation: Variation | None) -> Nodes:
        return product(self._under(self._weights, variation))

    def _regions_under(self, variation: Variation | None) -> list[Place]:
        """Return where each region is found, new selections added for those whose cuts differ."""
        found, weight = [], self._weight(variation)
        for i, cuts in enumerate(self._cuts):
            shifted = self._under(cuts, variation)
            if variation is None:
                self._selections.append(Selection(shifted, self._under(self._outputs[i], None), weight))
                found.append((i, 0))
                continue
            at = i if shifted == self._selections[i].cuts else self._new_cuts.setdefault(shifted, len(self._selections))
            if at == len(self._selections):
                self._selections.append(Selection(shifted, listed=False))
            self._selections[at], w = _with_weight(self._selections[at], weight)
            found.append((at, w))
        return found

    def _fill_under(self, variation: Variation | None, regions: list[Place]) -> list[Place]:
        """Return where each histogram is found, new fills added for those whose values or regions differ."""
        found, weight = [], self._weight(variation)
        for k, h in enumerate(self._histograms):
            region = None if h.region is None else regions[self._order[h.region]][0]
            made = Fill(self._under(self._values[k], variation), self._binnings[k], region)
            if variation is None:
                self._fills.append(replace(made, weights=weight))
                found.append((k, 0))
                continue
            own = replace(self._fills[k], weights=()) == made
            at = k if own else self._new_fills.setdefault(made, len(self._fills))
            if at == len(self._fills):
                self._fills.append(made)
            self._fills[at], w = _with_weight(self._fills[at], weight)
            found.append((at, w))
        return found

    def _pairs(self, regions: Mapping[Variation | None, list[Place]]) -> dict[tuple[int, int], Pair]:
        """Return the pairs of selections to be watched: of regions declared exclusive, those not proved to be."""
        watched: dict[tuple[int, int], Pair] = {}
        for group in self._document.exclusive:
            known = [self._order[name] for name in group if name in self._order]
            unproved = [
                (i, k) for n, i in enumerate(known) for k in known[:n] if not apart(self._cuts[i], self._cuts[k])
            ]
            for variation, at in regions.items():
                for i, k in unproved:
                    pair = Pair(self._regions[k].name, self._regions[i].name, variation)
                    watched.setdefault((at[k][0], at[i][0]), pair)
        return watched


def _with_weight(what: T, weight: Nodes) -> tuple[T, int]:
    """Return a selection or fill that has a weight, and the number of it."""
    if not weight or weight[0] in what.weights:
        return what, what.weights.index(weight[0]) if weight else 0
    return replace(what, weights=(*what.weights, weight[0])), len(what.weights)


def _changed(places: dict[Variation, Place], nominal: int) -> dict[Variation, Place]:
    """Return the places under the variations that move any of their labels."""
    moved = {v.name for v, where in places.items() if where != (nominal, 0)}
    return {v: where for v, where in places.items() if v.name in moved}
