"""An analysis as plain data, for ``hzdsl show``: what a reviewer wants to read, and the graph itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hzdsl.backends.base import Number
from hzdsl.ir.analysis import Axis, Document, Histogram, Output, Parameter, Sample, check_binning, default_of
from hzdsl.ir.axes import EVENT
from hzdsl.ir.hash import analysis_hash
from hzdsl.ir.node import Node, bits_float, make, topological
from hzdsl.ir.presence import certain
from hzdsl.ir.print import spell, typed
from hzdsl.ir.types import DType
from hzdsl.ir.variations import changes
from hzdsl.run.plan.weights import sample_weight
from hzdsl.run.program.parameters import spelled
from hzdsl.text.write.expressions import Expressions
from hzdsl.text.write.schema import written_schema


def description(document: Document, values: Mapping[str, Number]) -> dict[str, Any]:
    """Return the analysis as dictionaries and lists, parameters at their present values.

    Expressions are spelled with the names of the definitions they use.
    """
    said = Expressions(document, written_schema(document)[1])
    return {
        "analysis": document.name,
        "hash": analysis_hash(document),
        "schema": document.schema,
        "luminosity": document.luminosity,
        "parameters": [_parameter(p, values) for p in document.parameters],
        "definitions": _definitions(document, said),
        "regions": {
            r.name: {
                "doc": r.doc,
                "on": r.on,
                "cuts": [{"cut": c.label, "expr": said.condition(c.node)} for c in r.cuts],
            }
            for r in document.regions
        },
        "exclusive": [list(group) for group in document.exclusive],
        "weights": {w.name: {"on": w.on or "both", "expr": said.weight(w)} for w in document.weights},
        "lumi_mask": None if document.lumi_mask is None else said.condition(document.lumi_mask),
        "variations": changes(document),
        "histograms": {h.key: _histogram(h, values, said.axes(h)) for h in document.histograms},
        "outputs": [
            {
                "name": o.name,
                "region": o.region,
                "expr": said.output(o),
                "type": typed(o.node.type, said.names),
                "empty": _may_be_empty(document, o),
            }
            for o in document.outputs
        ],
        "samples": [_sample(s, document) for s in document.samples],
        "columns": columns_read(document),
    }


def _may_be_empty(document: Document, output: Output) -> bool:
    """Return whether a cell can be empty: the value may be missing, and a region's cuts do not prove it there."""
    regions = [r for r in document.regions if output.region in (None, r.name)]
    return any(not certain(output.node, [c.node for c in r.cuts]) for r in regions)


def _parameter(parameter: Parameter, values: Mapping[str, Number]) -> dict[str, Any]:
    low, high = parameter.bounds
    return {
        "name": parameter.name,
        "value": spelled(parameter, values[parameter.name]),
        "default": spelled(parameter, default_of(parameter.node)),
        "unit": str(parameter.node.type.unit),
        "bounds": [low, high],
        "doc": parameter.doc,
    }


def _definitions(document: Document, said: Expressions) -> dict[str, Any]:
    """Return the names of the author, of parameters and collections too, and of what is used more than once."""
    found = {name: {"expr": text, "type": _typed(node, said)} for name, node, text in said.definitions}
    others = {name: n for name, n in document.definitions if name not in found and name not in said.renamed}
    given = {name: {"expr": spell(n, names=said.names), "type": _typed(n, said)} for name, n in others.items()}
    return {**given, **found}


def _typed(node: Node, said: Expressions) -> str:
    """Return the type of a definition: of a collection that of its elements."""
    return typed((make("self", node) if node.is_axis else node).type, said.names)


def _histogram(histogram: Histogram, values: Mapping[str, Number], texts: list[str]) -> dict[str, Any]:
    axes = [_axis(histogram, a, values, text) for a, text in zip(histogram.axes, texts, strict=True)]
    return {"region": histogram.region, "axes": axes}


def _axis(histogram: Histogram, axis: Axis, values: Mapping[str, Number], text: str) -> dict[str, Any]:
    bins, edges = check_binning(histogram.key, axis, values)
    return {"expr": text, "bins": bins, "edges": list(edges), "unit": str(axis.unit)}


def _sample(sample: Sample, document: Document) -> dict[str, Any]:
    known = isinstance(sample.nevt, int | float) or sample.xsec is None or document.luminosity is None
    return {
        "name": sample.name,
        "kind": sample.kind,
        "role": sample.role,
        "files": list(sample.files),
        "templates": {key: list(place) for key, place in sample.templates.items()},
        "channels": list(sample.channels),
        "xsec": sample.xsec,
        "nevt": sample.nevt,
        "scale": sample.scale,
        "weight": sample_weight(sample, document.luminosity, 0) if known else None,
    }


def columns_read(document: Document) -> list[dict[str, str]]:
    """Return every branch that a run reads (outputs and identifiers only with a table)."""
    found = []
    for node in topological([*document.roots(), *document.identifiers]):
        if node.op == "column":
            found.append({"branch": node.text("name"), "type": f"{node.type.dtype.value} {node.type.unit}".strip(),
                          "of": "event" if node.args[0] is EVENT else node.args[0].text("name")})  # fmt: skip
    return sorted(found, key=lambda c: (c["of"] != "event", c["of"], c["branch"]))


def graph(document: Document) -> list[str]:
    """Return the core graph, one numbered node per line with its type, then what is made of it."""
    numbers = {node: f"%{i}" for i, node in enumerate(topological(document.roots()))}
    lines = [f"{number} = {_call(node, numbers)} : {_type(node, numbers)}" for node, number in numbers.items()]
    for region in document.regions:
        lines += ["", f"region {region.name}"]
        lines += [f"  {i + 1}. {numbers[c.node]}  {c.label}" for i, c in enumerate(region.cuts)]
    lines += ["", *(_fill(h, numbers) for h in document.histograms)]
    lines += [f"weight {w.name} on {w.on or 'both'}: {numbers[w.node]}" for w in document.weights]
    lines += [] if document.lumi_mask is None else [f"luminosity mask on data: {numbers[document.lumi_mask]}"]
    lines += [f"output {o.name} in {o.region or 'every region'}: {numbers[o.node]}" for o in document.outputs]
    return lines


def _fill(histogram: Histogram, numbers: Mapping[Node, str]) -> str:
    axes = []
    for a in histogram.axes:
        edges = ", ".join(numbers[e] for e in a.edges)
        axes.append(
            f"{numbers[a.node]} ({numbers[a.bins]} bins, {edges})" if a.bins else f"{numbers[a.node]} ({edges})"
        )
    return f"histogram {histogram.key}: {', '.join(axes)}"


def _call(node: Node, numbers: Mapping[Node, str]) -> str:
    return f"{node.op}({', '.join([*(numbers[a] for a in node.args), *_attributes(node)])})"


def _attributes(node: Node) -> Iterable[str]:
    if node.op in ("const", "param"):
        bits = node.number("bits")
        value = (
            bits_float(bits) if node.type.dtype is DType.F64 else bool(bits) if node.type.dtype is DType.BOOL else bits
        )
        return [*([node.text("name")] if node.op == "param" else []), repr(value)]
    shown = {k: v for k, v in node.attrs if k not in ("attr", "doc", "dtype", "unit", "schema", "lists")}
    return [f"{k}={v.value if isinstance(v, DType) else v!r}" for k, v in shown.items()]


def _type(node: Node, numbers: Mapping[Node, str]) -> str:
    t = node.type
    dtype = t.dtype.value if t.target is None else f"ref {numbers[t.target]}"
    parts = [dtype, str(t.unit), f"@ {numbers[t.axis]}" if t.axis is not None else "", "?" if t.optional else ""]
    if node.is_axis and node is not EVENT:
        parts.append(f"[{t.lo}, {'*' if t.hi is None else t.hi}]")
    return " ".join(p for p in parts if p)
