"""Systematic variations of a graph: every `vary` node of one name replaced by its alternative, all others by nominal.

Nodes are hash-consed, so only what depends on the variation (its *cone*) differs from the nominal graph; the rest is
the same objects, and a backend evaluates it once. Axes are nodes too: one built from a shifted cut varies with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.ir.node import Node, make, topological

Labels = tuple[str, ...]


@dataclass(frozen=True, order=True)
class Variation:
    """One alternative world: the name of a variation and the label of its direction or replica."""

    name: str
    label: str

    def __str__(self) -> str:
        """Return name and label, as tables write them.

        Examples
        --------
        >>> str(Variation("jes", "up"))
        'jes up'
        """
        return f"{self.name} {self.label}"


class Variations:
    """The variations that some nodes depend on, and the graphs under each.

    Parameters
    ----------
    roots : iterable of Node
        Everything that will be asked for.

    Raises
    ------
    HzdslError
        `name-twice` where one name has two sets of labels.

    Examples
    --------
    >>> from hzdsl.ir import build
    >>> x = build.vary(build.const(1.0), (build.const(1.5), build.const(0.5)), "jes", ("up", "down"))
    >>> doubled = build.arithmetic("mul", build.const(2.0), x)
    >>> found = Variations([doubled])
    >>> [str(v) for v in found.all()]
    ['jes up', 'jes down']
    >>> found.nominal(doubled), found.shifted(doubled, Variation("jes", "up"))
    (<mul value(2.0)*1.0 : f64 @ event>, <mul value(2.0)*1.5 : f64 @ event>)
    """

    def __init__(self, roots: Iterable[Node]) -> None:
        self._order = topological(roots)
        self.labels: dict[str, Labels] = {}
        self._reach: dict[Node, frozenset[str]] = dict.fromkeys(self._order, frozenset())
        varied = any(node.op == "vary" for node in self._order)
        for node in self._order if varied else ():
            reach = frozenset().union(*(self._reach[a] for a in node.args))
            self._reach[node] = reach | {self._named(node)} if node.op == "vary" else reach
        self._nominal = self._rewritten(None)
        self._shifted: dict[Variation, dict[Node, Node]] = {}

    def _named(self, node: Node) -> str:
        name, labels = node.text("name"), node.attr("labels")
        assert isinstance(labels, tuple)
        known = self.labels.setdefault(name, labels)
        if set(known) != set(labels):
            one, other = (", ".join(map(repr, x)) for x in (known, labels))
            raise HzdslError(
                "name-twice",
                f"the variation '{name}' has the labels {one} in one place and {other} in another",
                fix="a variation is the same everywhere: give all its labels in both, or another name",
            )
        return name

    def all(self) -> list[Variation]:
        """Return every variation, by name in the order of the graph, labels as declared."""
        return [Variation(name, label) for name, labels in self.labels.items() for label in labels]

    def names_of(self, node: Node) -> frozenset[str]:
        """Return the names of the variations that a node depends on."""
        return self._reach[node]

    def nominal(self, node: Node) -> Node:
        """Return a node without its alternatives."""
        return self._nominal[node]

    def shifted(self, node: Node, variation: Variation) -> Node:
        """Return a node under a variation: the very object of `nominal` where it does not depend on it."""
        if variation.name not in self._reach[node]:
            return self._nominal[node]
        if variation not in self._shifted:
            self._shifted[variation] = self._rewritten(variation)
        return self._shifted[variation][node]

    def _rewritten(self, variation: Variation | None) -> dict[Node, Node]:
        """Return the image of every node of the cone (of every node, without a variation)."""
        made: dict[Node, Node] = {}

        def image(node: Node) -> Node:
            return made[node] if node in made else self._nominal[node]

        for node in self._order:
            if variation is not None and variation.name not in self._reach[node]:
                continue
            if node.op == "vary":
                made[node] = image(node.args[_alternative(node, variation)])
            elif self._reach[node]:
                made[node] = make(node.op, *map(image, node.args), **dict(node.attrs))
            else:
                made[node] = node
        return made


def changes(document: Document) -> dict[str, dict[str, str]]:
    """Return, for each variation and each histogram, whether it ``changes`` or ``cannot change`` in simulation.

    Known are the variations of everything that is filled, counted, weighted or written, and of named definitions.
    """
    simulated = document.for_kind("simulation")
    found = Variations([*simulated.roots(), *(node for _, node in document.definitions)])
    weights = [w.node for w in simulated.weights]
    of: dict[str, frozenset[str]] = {}
    for h in document.histograms:
        region = next((r for r in simulated.regions if r.name == h.region), None)
        nodes = [*weights, *(a.node for a in h.axes), *(c.node for c in (region.cuts if region else ()))]
        filled = h.region is None or region is not None
        of[h.key] = frozenset().union(*map(found.names_of, nodes)) if filled else frozenset()
    return {
        name: {key: "changes" if name in names else "cannot change" for key, names in of.items()}
        for name in found.labels
    }


def _alternative(node: Node, variation: Variation | None) -> int:
    """Return which operand of a `vary` node a variation takes."""
    if variation is None or node.text("name") != variation.name:
        return 0
    labels = node.attr("labels")
    assert isinstance(labels, tuple)
    return 1 + labels.index(variation.label)
