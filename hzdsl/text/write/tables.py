"""What a paper says of an analysis, as tables: definitions, selection, weights, variations, histograms, samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hzdsl.records import dataclass
from hzdsl.text import syntax as s
from hzdsl.text.parser import parse_block, parse_expression
from hzdsl.text.source import Source
from hzdsl.text.write.formula import formula

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """What stands in a table: words, or a formula in LaTeX."""

    text: str
    math: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a paper."""

    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


class Paper:
    """The tables of a document's content; parameters stand in formulae with their values."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._values = {name: _default(x) for name, x in content.get("parameters", {}).items()}
        block = Source("definitions", content.get("define", ""))
        self._definitions = {d.name: block.text[d.body.start : d.body.end] for d in parse_block(block)}

    def tables(self) -> Iterator[Table]:
        """Yield the tables that have rows."""
        yield from (t for t in self._all() if t.rows)

    def _all(self) -> Iterator[Table]:
        content = self._content
        categories = {n: e for n, t in self._definitions.items() if (e := _call(t, "category")) is not None}
        given = content.get("parameters", {})
        rows = [(Cell(n), self._math(self._values[n]), Cell(_doc(x))) for n, x in given.items()]
        yield Table("Parameters", ("Parameter", "Value", "Meaning"), rows)
        others = {n: t for n, t in self._definitions.items() if n not in categories}
        yield Table("Definitions", ("Name", "Definition"), [(Cell(n), self._math(t)) for n, t in others.items()])
        for name, e in categories.items():
            yield Table(f"Category {name}", ("Label", "Condition"), self._category(name, e))
        for name, region in content.get("regions", {}).items():
            yield Table(f"Region {name}", ("Requirement", "Condition"), self._region(region))
        weights = content.get("weights", {}).items()
        rows = [(Cell(n), Cell(w.get("on", "simulation")), self._math(w["expr"])) for n, w in weights]
        yield Table("Weights", ("Weight", "Applied to", "Factor"), rows)
        yield Table("Variations", ("Variation", "Of", "Alternatives"), list(self._variations()))
        yield Table("Histograms", ("Histogram", "Quantity", "Bins", "Regions"), list(self._histograms()))
        outputs = [(Cell(o["name"]), self._math(o["expr"])) for o in content.get("outputs", ())]
        yield Table("Columns", ("Column", "Quantity"), outputs)
        yield self._samples()

    def _math(self, text: str) -> Cell:
        return Cell(formula(text, self._values), math=True)

    def _category(self, name: str, e: s.Call) -> list[tuple[Cell, ...]]:
        text = self._definitions[name]
        given = [*zip(e.arguments[::2], e.arguments[1::2], strict=False)]
        rows = [(x.value, c) for x, c in given if isinstance(x, s.String)] + list(e.keywords)
        return [(Cell(label), self._math(text[c.start : c.end])) for label, c in rows]

    def _region(self, region: Content) -> list[tuple[Cell, ...]]:
        regions = self._content.get("regions", {})
        rows: list[tuple[Cell, ...]] = []
        for requirement in region["require"]:
            if isinstance(requirement, str) and requirement in regions:
                rows.append((Cell("as region"), Cell(requirement)))
                continue
            ((label, text),) = requirement.items() if isinstance(requirement, dict) else (("", requirement),)
            rows.append((Cell(label), self._math(text)))
        if "split" in region:
            rows.append((Cell("split by"), Cell(region["split"])))
        return rows

    def _texts(self) -> Iterator[str]:
        """Yield the text of every expression."""
        content = self._content
        yield from self._definitions.values()
        for region in content.get("regions", {}).values():
            for requirement in region["require"]:
                if isinstance(requirement, dict) or requirement not in content["regions"]:
                    yield next(iter(requirement.values())) if isinstance(requirement, dict) else requirement
        yield from (w["expr"] for w in content.get("weights", {}).values())
        yield from (a["expr"] for h in content.get("histogram", ()) for a in h.get("axes", [h]))
        yield from (o["expr"] for o in content.get("outputs", ()))

    def _variations(self) -> Iterator[tuple[Cell, ...]]:
        seen: set[tuple[str, str]] = set()
        for text in self._texts():
            for e in _calls(parse_expression(Source("formula", text)), "vary"):
                nominal = text[e.arguments[0].start : e.arguments[0].end]
                for name, alternatives in e.keywords:
                    if (name, nominal) not in seen:
                        seen.add((name, nominal))
                        yield Cell(name), self._math(nominal), self._math(text[alternatives.start : alternatives.end])

    def _histograms(self) -> Iterator[tuple[Cell, ...]]:
        for h in self._content.get("histogram", ()):
            region = h.get("region", "every event")
            for i, axis in enumerate(h.get("axes", [h])):
                where = Cell(", ".join(region) if isinstance(region, list) else region)
                label = axis.get("label")
                quantity = Cell(label) if label else self._math(axis["expr"])
                yield Cell("" if i else h["name"]), quantity, Cell(_bins(axis)), Cell("") if i else where

    def _samples(self) -> Table:
        luminosity = self._content.get("luminosity")
        title = "Samples" if luminosity is None else f"Samples, for {luminosity:g} / pb"
        rows: list[tuple[Cell, ...]] = []
        for x in self._content.get("sample", ()):
            xsec = "" if x.get("xsec") is None else f"{x['xsec']:g}"
            nevt = x.get("nevt", "")
            role = x.get("role") or x.get("kind") or "background"
            generated = nevt if isinstance(nevt, str) else f"{nevt:.15g}"
            rows.append(tuple(map(Cell, (x["name"], role, xsec, generated))))
        return Table(title, ("Sample", "Role", "Cross-section [pb]", "Generated"), rows)


def _default(parameter: Any) -> str:
    default = parameter["default"] if isinstance(parameter, dict) else parameter
    return default if isinstance(default, str) else str(default).lower() if isinstance(default, bool) else repr(default)


def _doc(parameter: Any) -> str:
    return str(parameter.get("doc", "")) if isinstance(parameter, dict) else ""


def _bins(axis: Content) -> str:
    edges = axis.get("range") or axis.get("edges") or ()
    if not edges:
        return "by value"
    ends = f"{edges[0]} to {edges[-1]}"
    return f"{axis['bins']} in {ends}" if "bins" in axis else f"{len(edges) - 1} in {ends}, not equal"


def _call(text: str, name: str) -> s.Call | None:
    e = parse_expression(Source("formula", text))
    return e if isinstance(e, s.Call) and isinstance(e.function, s.Name) and e.function.name == name else None


def _calls(e: Any, name: str) -> Iterator[s.Call]:
    """Yield the calls of a function in an expression."""
    if isinstance(e, s.Call) and isinstance(e.function, s.Name) and e.function.name == name:
        yield e
    for part in vars(e).values() if isinstance(e, s.Expr) else e if isinstance(e, tuple) else ():
        yield from _calls(part, name)
