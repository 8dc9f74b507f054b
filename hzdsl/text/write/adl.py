"""An analysis as a file of ADL, as far as ADL can say it: what is written reads back as the same analysis."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import analysis as ir
from hzdsl.ir.hash import analysis_hash
from hzdsl.text.adl import read_adl
from hzdsl.text.write.adl_blocks import Blocks, Item
from hzdsl.text.write.adl_expressions import tree_of
from hzdsl.text.write.adl_objects import is_collection
from hzdsl.text.write.adl_regions import RegionWriter
from hzdsl.text.write.adl_unsaid import refused, taken_otherwise
from hzdsl.text.write.expressions import Expressions
from hzdsl.text.write.schema import written_schema


def adl_text(document: ir.Document) -> str:
    """Return a document as ADL.

    Raises
    ------
    HzdslError
        ``unsupported``, naming everything that ADL cannot say.
    """
    files = []
    for plainly in (False, True):
        file = _File(document, plainly)
        text = file.text()
        if not file.unsaid and _same(text, document):
            return text
        files.append(file)
    one, other = (_unsaid(file) for file in files)
    raise refused(one if len(one) <= len(other) else other)


def _unsaid(file: _File) -> list[tuple[str, str]]:
    """Return everything that cannot be said of an analysis that is refused."""
    found = list(file.unsaid)
    if file.input_known:
        lost = {*file.blocks.lost, *(p.name for p in file.document.parameters)}
        found += taken_otherwise(file.header, file.items(False), file.document, lost)
    return found or [(f"analysis '{file.document.name}'", "it would be read as something else")]


def _same(text: str, document: ir.Document) -> bool:
    """Return whether a text is read as the same analysis, with the same titles."""
    try:
        read = read_adl(text, f"{document.name}.adl", Path(document.folder))[0].document()
    except HzdslError:
        return False
    titles = [{h.key: h.title for h in d.histograms} for d in (read, document)]
    return analysis_hash(read) == analysis_hash(document) and titles[0] == titles[1]


class _File:
    """The lines of a file; `plainly` with names that ADL has no other meaning for."""

    def __init__(self, document: ir.Document, plainly: bool) -> None:
        self.document = document
        self.unsaid: list[tuple[str, str]] = list(_beyond(document))
        schema_name, schema = written_schema(document)
        self.input_known = isinstance(schema_name, str)
        if not self.input_known:
            fix = "ADL names its input: put its description into a TOML file of its own"
            self.unsaid.append((f"schema '{document.schema}'", fix))
        self.header = _header(document, schema_name)
        said = Expressions(replace(document, functions=()), schema)  # ADL has none
        bodies = {name: tree_of(text) for name, _, text in said.definitions}
        own = {name for name in bodies if any(name.rstrip("_") == n for n, _ in document.definitions)}
        nodes = {name: node for name, node, _ in said.definitions}
        self.blocks = Blocks(bodies, _names(bodies, own, plainly), nodes, own, schema)
        for name, body in bodies.items():
            if name in own or not is_collection(body):
                self.blocks.define(name)
        self.regions = RegionWriter(document, said, self.blocks)
        self._regions = {shared: self.regions.items(shared) for shared in (True, False)}
        self.unsaid += [x for x in self.blocks.unsaid if x not in self.unsaid] + self.regions.unsaid

    def items(self, shared: bool) -> list[Item]:
        """Return everything but the header; with `shared` cuts regions are built upon others."""
        return [*self.blocks.items, *self._regions[shared]]

    def text(self) -> str:
        """Return the file."""
        return _joined(self.header, self.items(True))


def _names(names: Iterable[str], own: Collection[str], plainly: bool) -> dict[str, str]:
    """Return what definitions are called: ``jets_1`` of ours is ``jets1``, for ADL takes it for ``jets[1]``."""
    found: dict[str, str] = {}
    for name in names:
        short = re.sub(r"_(\d+)$", r"\1", name)
        mended = name if name in own or short in (*names, *found.values()) else short
        found[name] = f"{mended}_" if plainly else mended
    return found


def _joined(header: list[str], items: list[Item]) -> str:
    lines = [*header, *(line for item in items for line in item.lines)]
    text = ""
    for before, line in zip(["", *lines], lines, strict=False):
        apart = not line.startswith(" ") and not (line.startswith("define ") and before.startswith("define "))
        text += ("\n" if text and apart else "") + line + "\n"
    return text


def _header(document: ir.Document, schema: Any) -> list[str]:
    lines = ["info analysis", f'  title "{_one_line(document.name)}"']
    if document.experiment:
        lines.append(f"  experiment {_one_line(document.experiment)}")
    if document.energy.endswith(" TeV"):
        lines.append(f"  sqrtS {document.energy.removesuffix(' TeV')}")
    if schema != "nanoaod":
        lines.append(f"  inputformat {schema}")
    if document.samples:
        names = ", ".join(_one_line(x.name) for x in document.samples)
        lines.append(f"  # ADL names no files; those of the samples {names} are given where it is run")
    return lines


def _one_line(text: str) -> str:
    return re.sub(r'[\s"]+', " ", text).strip()


def _beyond(document: ir.Document) -> Iterator[tuple[str, str]]:
    """Yield what a document holds and ADL has no place for."""
    for p in document.parameters:
        yield f"parameter '{p.name}'", "ADL has no parameters: write its number"
    for r in document.regions:
        if r.on:
            yield f"region '{r.name}'", f"ADL has no regions of {r.on} alone"
    for h in document.histograms:
        if h.region is None:
            yield f"histogram '{h.name}'", "ADL fills histograms in regions: give it one"
    for o in document.outputs:
        if o.region is None:
            yield f"output '{o.name}'", "ADL saves values in regions: give it one"
    for w in document.weights:
        if w.on != "simulation":
            yield f"weight '{w.name}'", "ADL has no weights of data"
    for group in document.exclusive:
        yield f"exclusive regions {', '.join(group)}", "ADL has no checks"
    if document.lumi_mask is not None:
        yield "luminosity mask", "ADL has no masks of data"
