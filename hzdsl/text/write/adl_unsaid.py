"""What ADL cannot say of an analysis, found by reading back what was written of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hzdsl.errors import HzdslError
from hzdsl.ir import analysis as ir
from hzdsl.ir.hash import node_digests
from hzdsl.ir.node import Node
from hzdsl.text.adl import read_adl
from hzdsl.text.adl.translate import Unchosen
from hzdsl.text.write.adl_blocks import Item, filled

#: What the writer says of a name that a region has not chosen.
_UNCHOSEN = "ADL chooses in regions, as a requirement: this needs the '.exists' of what it is of above it in its region"


def refused(unsaid: Iterable[tuple[str, str]]) -> HzdslError:
    """Return the error that names everything that cannot be said, and the way out."""
    lines = [f"  {what}: {why}" for what, why in dict.fromkeys(unsaid)]
    what = "ADL cannot say this analysis:\n" + "\n".join(lines)
    return HzdslError("unsupported", what, fix="TOML says all of it: hz.to_toml(…), hzdsl show --format toml")


def taken_otherwise(
    header: list[str], items: list[Item], document: ir.Document, lost: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield what is refused where it is read, and what is read as something else; not what needs what is `lost`."""
    kept, bad = list(items), set(lost)
    while True:
        kept = _without(kept, bad)
        lines = [*header, *(line for item in kept for line in item.lines)]
        try:
            read = read_adl("\n".join(lines) + "\n", f"{document.name}.adl", Path(document.folder))[0].document()
        except HzdslError as e:
            line = (e.place.line if e.place else 0) - len(header)
            if line < 1 or not kept:
                yield f"analysis '{document.name}'", e.message
                return
            at = _item(kept, line)
            yield kept[at].what, _UNCHOSEN if isinstance(e, Unchosen) else e.message
            bad |= {kept[at].defines} - {""}
            del kept[at]
            continue
        yield from _different(read, kept)
        return


def _without(items: list[Item], bad: set[str]) -> list[Item]:
    """Return the items that need nothing of what is bad; what the others define is bad, too."""
    while True:
        kept = [item for item in items if not _words(item) & bad]
        bad |= {item.defines for item in items if item not in kept} - {""}
        if len(kept) == len(items):
            return kept
        items = kept


def _item(items: list[Item], line: int) -> int:
    """Return which item has a line, counted from 1."""
    for i, item in enumerate(items):
        line -= len(item.lines)
        if line <= 0:
            return i
    return len(items) - 1


def _words(item: Item) -> set[str]:
    return {w for line in item.lines for w in re.findall(r"\w+", line)}


def _different(read: ir.Document, kept: list[Item]) -> Iterator[tuple[str, str]]:
    """Yield the definitions, cuts, histograms, outputs and weights that are read as something else."""
    found, bad = _parts(read), set[str]()
    nodes = [n for several in found.values() for x in several for n in x]
    digests = node_digests([*nodes, *(n for item in kept for n in item.nodes)])
    for item in kept:
        if not item.nodes or not found.get(item.of):
            continue
        said = found[item.of].pop(0)
        same = [digests[n] for n in said] == [digests[n] for n in item.nodes]
        if not same and not _words(item) & bad:
            yield item.what, "it would be read as something else"
        if not same and item.defines:
            bad.add(item.defines)


def _parts(read: ir.Document) -> dict[tuple[str, ...], list[tuple[Node, ...]]]:
    """Return what a document holds, by kind and name; the cuts of a region in their order."""
    found: dict[tuple[str, ...], list[tuple[Node, ...]]] = {}
    for name, node in read.definitions:
        found["definition", name] = [(node.args[0] if node.op == "self" else node,)]
    for r in read.regions:
        found["cut", r.name] = [(c.node,) for c in r.cuts]
        found["bin", r.name] = [(c.node,) for c in r.cuts[-1:]]
    for h in read.histograms:
        found["histogram", h.key] = [filled(h)]
    for o in read.outputs:
        found["output", o.name, o.region or ""] = [(o.node,)]
    for w in read.weights:
        found["weight", w.name] = [(w.node,)]
    return found
