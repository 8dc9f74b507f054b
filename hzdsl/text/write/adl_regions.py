"""Regions as blocks of ADL: cuts, what is chosen, histograms between them, bins, weights, what is saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from hzdsl.ir import analysis as ir
from hzdsl.ir.node import Node
from hzdsl.ir.print import spell
from hzdsl.ir.spelling import plainest
from hzdsl.ir.units import rescale
from hzdsl.text import syntax as s
from hzdsl.text.write.adl_blocks import Blocks, Item, filled
from hzdsl.text.write.adl_expressions import held, tree_of
from hzdsl.text.write.adl_numbers import digits
from hzdsl.text.write.adl_objects import Unsayable
from hzdsl.text.write.expressions import Expressions


class RegionWriter:
    """Writes the regions of a document.

    Attributes
    ----------
    unsaid : list of (str, str)
        What could not be written: of what, and why.
    """

    def __init__(self, document: ir.Document, said: Expressions, blocks: Blocks) -> None:
        self.document, self.said, self.blocks = document, said, blocks
        self.unsaid: list[tuple[str, str]] = []
        self._plain, self._steps, self._bins = _sorted_out(document)
        for name in self._plain:
            if _named(name) != name:
                self._cannot(f"region '{name}'", _NAMES)

    def items(self, shared: bool) -> list[Item]:
        """Return the regions, line by line; with `shared` a region that begins with another's cuts is built upon it."""
        return [item for name in self._plain for item in self._region(self.document.region(name), shared)]

    def _cannot(self, what: str, why: str) -> None:
        if (what, why) not in self.unsaid:
            self.unsaid.append((what, why))

    def _say(self, what: str, line: Callable[[], str], of: tuple[str, ...], nodes: tuple[Node, ...]) -> list[Item]:
        """Return a line as an item, nothing where ADL has no words for it."""
        try:
            return [Item(what, (f"  {line()}",), "", of, nodes)]
        except Unsayable as e:
            self._cannot(what, f"ADL has no words for {e}")
            return []

    def _region(self, region: ir.Region, shared: bool) -> list[Item]:
        steps = self._steps.get(region.name, {})
        base = self._base(region, min(steps, default=len(region.cuts))) if shared else None
        items = [Item(f"region '{region.name}'", (f"region {_named(region.name)}", *_comments(region.doc)))]
        if base is not None:
            items.append(Item(f"region '{region.name}'", (f"  {_named(base.name)}",)))
        elif not region.cuts:
            items.append(Item(f"region '{region.name}'", ("  select ALL",)))
        if base is None:
            for w in self.document.weights:
                items += self._say(f"weight '{w.name}'", partial(self._weight, w), ("weight", w.name), (w.node,))
        for n in range(0 if base is None else len(base.cuts), len(region.cuts)):
            items += self._filled(steps.get(n))
            cut = region.cuts[n]
            items += self._required(region.name, cut)
        items += self._filled(region.name)
        for k, (label, cut) in enumerate(self._bins.get(region.name, [])):
            what = f"region '{region.name}/{label}': {cut.label}"
            line = partial(self._bin, k, label, cut)
            items += self._say(what, line, ("bin", f"{region.name}/{label}"), (cut.node,))
        return items

    def _required(self, region: str, cut: ir.Cut) -> list[Item]:
        """Return the line of a cut; one that chooses gives what is chosen its meaning."""
        e = tree_of(self.said.condition(cut.node))
        what, of = f"region '{region}': {cut.label}", ("cut", region)
        try:
            chosen = self.blocks.choice(e.owner) if isinstance(e, s.Attribute) and e.name == "exists" else None
        except Unsayable as why:
            self._cannot(what, f"ADL has no words for {why}")
            return []
        if chosen is None:
            return self._say(what, partial(self._cut, cut, e), of, (cut.node,))
        name, line = chosen
        return [Item(what, (f"  {self._labelled(cut, f'select {line}')}",), name, of, (cut.node,))]

    def _base(self, region: ir.Region, most: int) -> ir.Region | None:
        """Return the region declared before whose cuts are the first ones of this, and as many as may be."""
        found = None
        for name in self._plain[: self._plain.index(region.name)]:
            other = self.document.region(name)
            nodes = [c.node for c in other.cuts]
            if nodes and len(nodes) <= most and nodes == [c.node for c in region.cuts[: len(nodes)]]:
                found = other if found is None or len(found.cuts) < len(nodes) else found
        return found

    def _cut(self, cut: ir.Cut, e: s.Expr) -> str:
        if isinstance(e, s.Unary) and e.op == "not":
            return self._labelled(cut, f"reject {self.blocks.speaker.value(held(e.operand))}")
        return self._labelled(cut, f"select {self.blocks.speaker.value(e)}")

    def _labelled(self, cut: ir.Cut, line: str) -> str:
        """Return a line with the label of its cut as a comment, where that says something else."""
        label = " ".join(cut.label.split())
        known = (line, line.removeprefix("select "), self.said.condition(cut.node), spell(cut.node, len(cut.label)))
        same = _bare(label) in {_bare(text) for text in known} or "…" in label
        return line if same or not label else f"{line}  # {label}"

    def _bin(self, k: int, label: str, cut: ir.Cut) -> str:
        if '"' in label or "\n" in label:
            raise Unsayable("quotes in the label of a bin")
        text = self.blocks.speaker.value(tree_of(self.said.condition(cut.node)))
        return f"bin {text}" if label == f"bin{k + 1}" else f'bin "{label}" {text}'

    def _weight(self, weight: ir.Weight) -> str:
        if not re.fullmatch(r"[^\W\d]\w*", weight.name):
            raise Unsayable("a name of anything but letters, digits and '_'")
        e = tree_of(self.said.weight(weight))
        if isinstance(e, s.Call) and isinstance(e.function, s.Attribute) and e.function.name == "otherwise":
            (missing,) = e.arguments
            e = e.function.owner if isinstance(missing, s.Number) and missing.value == 1 else e
        return f"weight {weight.name} {self.blocks.speaker.value(e)}"

    # ---- histograms and outputs ----

    def _filled(self, region: str | None) -> list[Item]:
        items: list[Item] = []
        for h in self.document.histograms:
            if region is not None and h.region == region:
                line = partial(self._histogram, h)
                items += self._say(f"histogram '{h.key}'", line, ("histogram", h.key), filled(h))
        for o in self.document.outputs:
            if region is not None and o.region == region:
                what = f"output '{o.name}' of region '{region}'"
                items += self._say(what, partial(self._output, o), ("output", o.name, region), (o.node,))
        return items

    def _histogram(self, h: ir.Histogram) -> str:
        if not re.fullmatch(r"[\w.-]+", h.name):
            raise Unsayable("a name of anything but letters, digits, '_', '.' and '-'")
        quote = "'" if '"' in h.title else '"'
        if quote in h.title or "\n" in h.title:
            raise Unsayable("a title with quotes of both kinds, or of two lines")
        title = [f"{quote}{h.title}{quote}"] if h.title else []
        texts = [self.blocks.speaker.value(tree_of(text)) for text in self.said.axes(h)]
        return f"histo {', '.join([h.name, *title, *(_binning(a) for a in h.axes), *texts])}"

    def _output(self, o: ir.Output) -> str:
        if '"' in o.name or "\n" in o.name:
            raise Unsayable("a name with quotes")
        text = self.blocks.speaker.value(tree_of(self.said.output(o)))
        table = re.sub(r"\W.*", "", o.region or "") or "values"
        return f'save {table} csv "{o.name}" {text}'


def _sorted_out(
    document: ir.Document,
) -> tuple[list[str], dict[str, dict[int, str]], dict[str, list[tuple[str, ir.Cut]]]]:
    """Return the regions that have a block, those of the first cuts of one, and the bins of each."""
    regions = {r.name: r for r in document.regions}
    used = {h.region for h in document.histograms} | {o.region for o in document.outputs}
    plain: list[str] = []
    steps: dict[str, dict[int, str]] = {}
    bins: dict[str, list[tuple[str, ir.Cut]]] = {}
    for name, region in regions.items():
        step, part = re.fullmatch(r"(.+)#(\d+)", name), re.fullmatch(r"([^/]+)/(.+)", name)
        whole = regions.get(step.group(1) if step else part.group(1) if part else "")
        nodes = [c.node for c in region.cuts]
        within = [c.node for c in whole.cuts] if whole is not None else []
        if whole is not None and step and name in used and nodes == within[: int(step.group(2))] != within:
            steps.setdefault(whole.name, {})[len(nodes)] = name
        elif whole is not None and part and nodes[:-1] == within and nodes and name not in used:
            bins.setdefault(whole.name, []).append((part.group(2), region.cuts[-1]))
        else:
            plain.append(name)
    return plain, steps, bins


_NAMES = "a name in ADL begins with a letter; letters, digits, '_' and '-' follow"


def _named(region: str) -> str:
    """Return the name of a region, mended until it is one in ADL."""
    name = re.sub(r"[^\w-]", "_", region)
    return name if re.match(r"[^\W\d]", name) else f"_{name}"


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def _comments(doc: str) -> list[str]:
    return [f"  # {line.strip()}" for line in doc.splitlines() if line.strip()]


def _binning(axis: ir.Axis) -> str:
    if axis.categories:
        raise Unsayable("an axis of categories")
    nodes = [*axis.edges, *([axis.bins] if axis.bins is not None else [])]
    if any(x.op == "param" for n in nodes for _, x in plainest(n)):
        raise Unsayable("bins or edges that are parameters")
    edges = [_number(n, axis) for n in axis.edges]
    if axis.bins is None:
        return " ".join(edges)
    return ", ".join([str(ir.default_of(axis.bins)), *edges])


def _number(edge: Node, axis: ir.Axis) -> str:
    return digits(rescale(float(ir.default_of(edge)), axis.unit, axis.unit.natural()))
