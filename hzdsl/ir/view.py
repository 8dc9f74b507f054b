"""What is shown of one expression: a value as it is, an object by its attributes and the particles it is made of."""

from __future__ import annotations

from collections.abc import Mapping

from hzdsl.ir.axes import EVENT, parent
from hzdsl.ir.node import Node
from hzdsl.records import dataclass


@dataclass(frozen=True)
class View:
    """One expression to be read out, all of its nodes along one axis.

    Attributes
    ----------
    name : str
        How it is called.
    axis : Node
        Along which it varies.
    columns : mapping of str to Node
        The values by attribute; a plain value has one, called ``""``.
    references : tuple of Node
        To the particles that an object is made of.
    present : Node or None
        Whether the object is there, where it may be missing as a whole.
    """

    name: str
    axis: Node
    columns: Mapping[str, Node]
    references: tuple[Node, ...] = ()
    present: Node | None = None

    @property
    def plain(self) -> bool:
        """True for a value without attributes."""
        return list(self.columns) == [""]

    @property
    def nodes(self) -> list[Node]:
        """Every node that has to be read out."""
        return [*self.columns.values(), *self.references, *([] if self.present is None else [self.present])]


def levels(axis: Node) -> list[Node]:
    """Return the axes whose lists enclose a position, the outermost first; none for the event itself.

    Examples
    --------
    >>> from hzdsl.ir.node import make
    >>> levels(EVENT)
    []
    >>> mu, jet = (make("collection", EVENT, name=n, counter=f"n{n}") for n in ("Muon", "Jet"))
    >>> levels(make("per", mu, jet)) == [jet, make("per", mu, jet)]
    True
    """
    chain: list[Node] = []
    while axis is not EVENT:
        chain.append(axis)
        axis = parent(axis)
    return chain[::-1]
