"""Which regions of a document are the parts of one that is split by a category."""

from __future__ import annotations

from collections.abc import Iterator

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Cut, Document, Region
from hzdsl.ir.members import is_label
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType


def split_regions(document: Document) -> dict[str, tuple[Node, list[str]]]:
    """Return the category and the names of the parts of every region that stands for its parts alone.

    Nothing fills such a region by its own name: with ``split`` in its table, that name means all parts.
    """
    regions = {r.name: r for r in document.regions}
    filled = {h.region for h in document.histograms} | {o.region for o in document.outputs}
    filled |= {n for group in document.exclusive for n in group} | {c for s in document.samples for c in s.channels}
    found: dict[str, tuple[Node, list[str]]] = {}
    for part in document.regions:
        whole = regions.get(part.name.rpartition("/")[0])
        if whole is None or whole.name in filled or whole.name in found:
            continue
        category = _category(whole, part)
        if category is not None and all(regions.get(r.name) == r for r in _parts(whole, category)):
            found[whole.name] = category, [r.name for r in _parts(whole, category)]
    return found


def _parts(whole: Region, category: Node) -> Iterator[Region]:
    """Yield the regions that splitting gives."""
    for label in category.type.labels:
        cuts = (*whole.cuts, Cut(label, is_label(category, label)))
        yield Region(f"{whole.name}/{label}", cuts, "", whole.on)


def _category(whole: Region, part: Region) -> Node | None:
    """Return the category by which a region is a part of another one; None where it is none."""
    if len(part.cuts) != len(whole.cuts) + 1:
        return None
    last = part.cuts[-1]
    node = last.node
    while node.args:
        node = node.args[0]
        if node.type.dtype is DType.LABEL:
            try:
                return node if is_label(node, last.label) is last.node else None
            except HzdslError:
                return None
    return None
