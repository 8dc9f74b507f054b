"""The texts of everything that a document computes, as its author may have written it, with names for shared parts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hzdsl.io.schema import Schema
from hzdsl.ir import analysis as ir
from hzdsl.ir.literals import CALL
from hzdsl.ir.node import Node
from hzdsl.ir.print import Writer
from hzdsl.ir.spelling import Slot, Spelling
from hzdsl.ir.templates_tables import quoted
from hzdsl.ir.unadorned import plain_axis, plain_output, plain_weight
from hzdsl.ir.units import NAMES as UNITS
from hzdsl.text.write.names import Namer
from hzdsl.text.write.splits import split_regions


class Expressions:
    """The texts of a document.

    Attributes
    ----------
    definitions : list of (str, Node, str)
        Names that the author gave and those of shared parts, in the order of their use: name, node, text.
    names : dict of Node to str
        What each of these nodes is called.
    renamed : frozenset of str
        Names that the author gave and that text cannot have, for they mean something else there.
    functions : list of FunctionOfFile
        The corrections and models that the texts call.
    """

    def __init__(self, document: ir.Document, schema: Schema) -> None:
        self._axes = {h.key: [plain_axis(a, a is h.axes[0]) for a in h.axes] for h in document.histograms}
        self._weights = {w.name: plain_weight(w.node) for w in document.weights}
        self._outputs = {o.node: plain_output(o.node) for o in document.outputs}
        conditions = [c.node for r in document.regions for c in r.cuts]
        conditions += [] if document.lumi_mask is None else [document.lumi_mask]
        conditions += [category for category, _ in split_regions(document).values()]
        filled = [n for axes in self._axes.values() for n in axes]
        roots = [*conditions, *filled, *self._outputs.values(), *self._weights.values()]
        namer = _namer(roots, document, schema)
        self._writer = Writer(roots, namer.given, namer.fresh, namer.hidden, calls_of(namer.functions))
        self.functions = [f for f in namer.functions if self._calls_one_of(f)]
        self.renamed = frozenset(namer.renamed)
        self.names = self._writer.called
        texts = dict(self._writer.definitions)
        self.definitions = [(name, node, texts[name]) for node, name in self.names.items()]

    def _calls_one_of(self, function: ir.FunctionOfFile) -> bool:
        return any(self._writer.writes(value) for value, _ in function.calls)

    def condition(self, node: Node) -> str:
        """Return the text of a requirement, or of what splits a region."""
        return self._writer.text(node)

    def axes(self, histogram: ir.Histogram) -> list[str]:
        """Return what each axis of a histogram is filled with."""
        return [self._writer.text(n) for n in self._axes[histogram.key]]

    def output(self, output: ir.Output) -> str:
        """Return what is written."""
        return self._writer.text(self._outputs[output.node])

    def weight(self, weight: ir.Weight) -> str:
        """Return what multiplies the weight of an event."""
        return self._writer.text(self._weights[weight.name])


def calls_of(functions: Iterable[ir.FunctionOfFile]) -> dict[Node, Spelling]:
    """Return how the values of functions are written: ``f(eta = abs(Muon.eta), kind = "nominal")``."""
    found: dict[Node, Spelling] = {}
    for function in functions:
        for value, inputs in function.calls:
            given = [(f"{name} = ", x if isinstance(x, str) else Slot(x)) for name, x in inputs]
            texts = [(name, quoted(x) if isinstance(x, str) else x) for name, x in given]
            pieces = [p for i, (name, x) in enumerate(texts) for p in (f"{', ' if i else ''}{name}", x)]
            found.setdefault(value, Spelling((f"{function.name}(", *pieces, ")"), CALL))
    return found


def _namer(roots: list[Node], document: ir.Document, schema: Schema) -> Namer:
    """Return what names the parts of a document, with the names of its author.

    A definition may be called like a unit that stands in no text: so the texts are made without such names first.
    """
    if not {name for name, _ in document.definitions} & UNITS.keys():
        return Namer(schema, document)
    namer = Namer(schema, document)
    writer = Writer(roots, namer.given, namer.fresh, namer.hidden, calls_of(namer.functions))
    texts = [writer.text(n) for n in roots] + [text for _, text in writer.definitions]
    edges = [str(a.unit) for h in document.histograms for a in h.axes]
    used = {word for text in (*texts, *edges) for word in re.findall(r"[A-Za-z]\w*", text)} & UNITS.keys()
    return Namer(schema, document, used)
