"""The regions of a written document: what one requires of another is said once, a split region is one table."""

from __future__ import annotations

from typing import Any

from hzdsl.ir import analysis as ir
from hzdsl.text.write.expressions import Expressions
from hzdsl.text.write.splits import split_regions

Table = dict[str, Any]


def region_tables(document: ir.Document, said: Expressions) -> dict[str, Table]:
    """Return the tables of all regions by name, the parts of a split region in that of the whole."""
    found: dict[str, Table] = {}
    splits = split_regions(document)
    parts = {name for _, names in splits.values() for name in names}
    written: list[ir.Region] = []
    for region in document.regions:
        if region.name in parts:
            continue
        found[region.name] = _region(region, said, document, _base(region, written))
        if region.name in splits:
            found[region.name]["split"] = said.condition(splits[region.name][0])
        else:
            written.append(region)
    return found


def _region(region: ir.Region, said: Expressions, document: ir.Document, base: ir.Region | None) -> Table:
    own = region.cuts[len(base.cuts) :] if base is not None else region.cuts
    require: list[Any] = [] if base is None else [base.name]
    require += [_requirement(c.label, said.condition(c.node), document) for c in own]
    others = {"on": region.on, "doc": region.doc}
    return {"require": require, **{key: x for key, x in others.items() if x}}


def _requirement(label: str, text: str, document: ir.Document) -> Any:
    return text if label == text and not _names_region(text, document) else {label: text}


def _names_region(text: str, document: ir.Document) -> bool:
    names = {r.name for r in document.regions}
    return text in names or any(text.startswith((f"{n}.split(", f"{n}.without(")) for n in names)


def _base(region: ir.Region, before: list[ir.Region]) -> ir.Region | None:
    """Return the earlier region that this one begins with: the one with most requirements, at least two."""
    fitting = [
        r
        for r in before
        if len(r.cuts) > 1 and r.on == region.on and r.name == r.name.strip() and _begins(region.cuts, r.cuts)
    ]
    return max(fitting, key=lambda r: len(r.cuts), default=None)


def _begins(cuts: tuple[ir.Cut, ...], with_: tuple[ir.Cut, ...]) -> bool:
    return [(c.label, c.node) for c in cuts[: len(with_)]] == [(c.label, c.node) for c in with_]
