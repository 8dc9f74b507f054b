"""A document as plain data, in the form that `schema.json` describes: what TOML, JSON and YAML hold alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.ir import analysis as ir
from hzdsl.ir import build
from hzdsl.ir.literals import literal
from hzdsl.ir.node import Node
from hzdsl.ir.spelling import plainest
from hzdsl.ir.types import DType
from hzdsl.text.write.expressions import Expressions
from hzdsl.text.write.regions import region_tables
from hzdsl.text.write.schema import written_schema

Table = dict[str, Any]


def content(document: ir.Document, values: Mapping[str, ir.Number] = MappingProxyType({})) -> Table:
    """Return everything that a document says, as dictionaries, lists, texts and numbers.

    `values` are parameters set to something else than their defaults, each in its own unit.
    """
    schema, known = written_schema(document)
    said = Expressions(document, known)
    found: Table = {
        "analysis": _filled(
            name=document.name,
            schema=schema if isinstance(schema, str) else None,
            experiment=document.experiment,
            energy=document.energy,
        ),
        "luminosity": document.luminosity,
        "define": "".join(f"{name} = {text}\n" for name, _, text in said.definitions),
        "schema": schema if isinstance(schema, dict) else None,
        "corrections": {f.name: dict(f.settings) for f in said.functions if f.kind == "corrections"},
        "models": {f.name: dict(f.settings) for f in said.functions if f.kind == "models"},
        "parameters": {p.name: _parameter(p, values.get(p.name)) for p in document.parameters},
        "regions": region_tables(document, said),
        "histogram": _merged(_histogram(h, said.axes(h)) for h in document.histograms),
        "outputs": _merged(_filled(name=o.name, expr=said.output(o), region=o.region) for o in document.outputs),
        "weights": {w.name: _weight(w, said.weight(w)) for w in document.weights},
        "lumi_mask": None if document.lumi_mask is None else {"expr": said.condition(document.lumi_mask)},
        "checks": _filled(exclusive=[list(group) for group in document.exclusive]),
        "sample": [_sample(s) for s in document.samples],
    }
    top = ("luminosity", "define")
    ordered = {**{k: found[k] for k in top}, **{k: x for k, x in found.items() if k not in top}}
    return {key: x for key, x in ordered.items() if x not in (None, "", [], {})}


def _filled(**values: Any) -> Table:
    """Return a table of what is said at all."""
    return {key: x for key, x in values.items() if x not in (None, "", [], {}, ())}


# ---- numbers -------------------------------------------------------------------------------------------------------


def _number(node: Node) -> Any:
    """Return a constant or parameter's default: a number where that says it, else a text such as ``5 GeV``."""
    unit, dtype = node.type.unit, node.type.dtype
    if dtype is DType.BOOL or (str(unit) == "" and math.isfinite(ir.default_of(node))):
        return ir.default_of(node)
    return literal(node)[0]


def _finite(x: float) -> float | str:
    return x if math.isfinite(x) else repr(x)


def _parameter(parameter: ir.Parameter, value: ir.Number | None) -> Any:
    node = parameter.node
    default, (low, high) = _number(node if value is None else build.param("", value, node.type.unit)), parameter.bounds
    bounds = None
    if low is not None or high is not None:
        bounds = [_finite(-math.inf if low is None else low), _finite(math.inf if high is None else high)]
    table = {"default": default, **_filled(bounds=bounds, doc=parameter.doc)}
    return table if len(table) > 1 else default


# ---- histograms ----------------------------------------------------------------------------------------------------


def _histogram(histogram: ir.Histogram, exprs: list[str]) -> Table:
    axes = [_axis(a, text) for a, text in zip(histogram.axes, exprs, strict=True)]
    body = axes[0] if len(axes) == 1 else {"axes": axes}
    marks = {label: _finite(x) for x, label in histogram.marks}
    return {
        "name": histogram.name,
        **body,
        **_filled(region=histogram.region, title=histogram.title, log=histogram.log, marks=marks),
    }


def _axis(axis: ir.Axis, expr: str) -> Table:
    edges = [_edge(e, axis) for e in axis.edges]
    if axis.categories:
        return {"expr": expr, **_filled(label=axis.label)}
    if axis.bins is None:
        return {"expr": expr, "edges": edges, **_filled(label=axis.label)}
    bins = axis.bins.text("name") if axis.bins.op == "param" else _number(axis.bins)
    bins = bins if isinstance(bins, int) else str(bins)
    return {"expr": expr, "bins": bins, "range": edges, **_filled(label=axis.label)}


def _edge(edge: Node, axis: ir.Axis) -> Any:
    parameter = next((x for _, x in plainest(edge) if x.op == "param"), None)
    if parameter is not None:
        return parameter.text("name")
    number = ir.default_of(edge)
    if axis.unit == axis.unit.natural():
        return int(number) if repr(float(number)).endswith(".0") and repr(number) != "-0.0" else number
    return literal(build.const(float(number), axis.unit))[0]


def _merged(tables: Iterable[Table]) -> list[Table]:
    """Return the tables with those that differ in nothing but their region made one."""
    found: list[Table] = []
    for table in tables:
        rest = {k: x for k, x in table.items() if k != "region"}
        last = found[-1] if found else {}
        if "region" in table and "region" in last and rest == {k: x for k, x in last.items() if k != "region"}:
            regions = last["region"]
            last["region"] = [*(regions if isinstance(regions, list) else [regions]), table["region"]]
        else:
            found.append(table)
    return found


# ---- weights -----------------------------------------------------------------------------------------------------


def _weight(weight: ir.Weight, text: str) -> Table:
    return {"expr": text, **({} if weight.on == "simulation" else {"on": weight.on or "both"})}


# ---- outputs and samples -------------------------------------------------------------------------------------------


def _sample(sample: ir.Sample) -> Table:
    role = "data" if sample.kind == "data" else "background"
    templates = {key: {"file": file, "histogram": name} for key, (file, name) in sample.templates.items()}
    return _filled(
        name=sample.name,
        files=list(sample.files),
        kind=sample.kind if sample.kind == "data" else None,
        role=sample.role if sample.role != role else None,
        process=sample.process if sample.process != sample.name else None,
        label=sample.label,
        xsec=sample.xsec,
        nevt=sample.nevt,
        scale=sample.scale if sample.scale != 1.0 else None,
        channels=list(sample.channels),
        tree=list(sample.trees),
        templates=templates,
    )
