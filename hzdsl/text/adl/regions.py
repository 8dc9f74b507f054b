"""Regions: their cuts in order, what they choose and sort, their bins, the histograms at each step."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.analysis import Cut
from hzdsl.lang.analysis import Analysis, RegionHandle, cuts_of
from hzdsl.lang.axes import axis
from hzdsl.lang.objects import Particle
from hzdsl.text import operators
from hzdsl.text import syntax as s
from hzdsl.text.adl.choices import choose
from hzdsl.text.adl.evaluate import AdlElaborator
from hzdsl.text.adl.grammar import parse
from hzdsl.text.adl.histograms import histogram, numbers
from hzdsl.text.adl.lines import Block, Line
from hzdsl.text.adl.nodes import Beside, Denied, Fitted, Known, Near
from hzdsl.text.adl.outputs import saved, weight
from hzdsl.text.adl.references import at
from hzdsl.text.adl.registry import Registry, expression
from hzdsl.text.adl.state import State, present, same
from hzdsl.text.adl.translate import Translator
from hzdsl.text.at import at as at_place
from hzdsl.text.scope import Scope
from hzdsl.text.source import Source

_TITLE = re.compile(r"""\s*("[^"]*"|'[^']*')""")
_EDGES = re.compile(r"(?:\s+[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?){2,}\s*$")


class Regions:
    """Declares the regions of a file, those that others are built upon first."""

    def __init__(
        self,
        registry: Registry,
        elaborator: AdlElaborator,
        analysis: Analysis,
        blocks: Mapping[str, Mapping[str, Block]],
    ) -> None:
        self.registry, self.elaborator, self.analysis = registry, elaborator, analysis
        self.blocks = blocks
        self._done: dict[str, State] = {}
        self._steps: set[str] = set()

    def declare(self, name: str, chain: tuple[str, ...] = ()) -> State:
        """Declare one region."""
        block = self.blocks["region"][name]
        if name in chain:
            circle = " → ".join([*chain[chain.index(name) :], name])
            raise HzdslError("cycle", f"region '{name}' is built upon itself: {circle}", place=block.head.after())
        if name in self._done:
            return self._done[name]
        state = State(name)
        base = re.search(r":\s*([\w-]*)\s*$", block.head.body)
        if base is not None:
            self._included(state, base.group(1), block.head, (*chain, name))
        for line in block.lines:
            self._line(state, line, (*chain, name))
        self._done[name] = state
        handle = self._region(name, state.cuts, block.head)
        for label, cut in state.bins:
            self._region(f"{name}/{label}", [*handle.cuts, cut], block.head)
        self._fill(state)
        return state

    def _region(self, name: str, cuts: list[Cut], line: Line) -> RegionHandle:
        with at_place(line.after()):
            return self.analysis.region(name, RegionHandle("", tuple(cuts)))

    def _line(self, state: State, line: Line, chain: tuple[str, ...]) -> None:
        if line.keyword in ("", "take"):
            self._included(state, line.body if line.keyword else line.word + line.body, line, chain)
        elif line.keyword == "histo":
            self._histogram(state, line)
        elif line.keyword == "sort":
            self._sort(state, line)
        elif line.keyword in ("bin", "bins"):
            self._bin(state, line)
        elif line.keyword == "trigger":
            self._trigger(state, line)
        elif line.keyword == "weight":
            self._weigh(state, line)
        elif line.keyword in ("save", "print"):
            self._save(state, line)
        elif line.keyword != "counts":
            self._select(state, line, chain)

    def _included(self, state: State, name: str, line: Line, chain: tuple[str, ...]) -> None:
        if name in self.blocks["histolist"]:
            for histo in self.blocks["histolist"][name].lines:
                self._histogram(state, histo)
        elif name in self.blocks["region"]:
            other = self.declare(name, chain)
            state.cuts.extend(other.cuts)
            state.bound.update(other.bound)
            state.values.update(other.values)
            state.weights.update(other.weights)
        else:
            known = [*self.blocks["region"], *self.blocks["histolist"]]
            fix = did_you_mean(name, known) or f"regions and lists: {', '.join(known) or 'none'}"
            place = line.after() if line.keyword or line.body != "" else line.place()
            raise HzdslError("name-unknown", f"there is no region or list of histograms '{name}'", fix=fix, place=place)

    # ---- cuts ----

    def _runner(self, state: State) -> Callable[[s.Expr, Source], Any]:
        return lambda tree, source: self.elaborator.run(tree, Scope(source, bindings=state.values))

    def _translator(self, state: State, line: Line, refusing: bool = False) -> Translator:
        return Translator(self.registry, line.source, bound=state.bound, refusing=refusing)

    def _run(self, state: State, line: Line, tree: s.Expr) -> Any:
        return self.elaborator.run(tree, Scope(line.source, bindings=state.values))

    def _select(self, state: State, line: Line, chain: tuple[str, ...]) -> None:
        if line.keyword != "reject" and line.body in self.blocks["region"]:
            self._included(state, line.body, line, chain)
            return
        e = expression(line)
        if isinstance(e, s.Name) and e.name.casefold() == "all" and self.registry.resolve(e.name) is None:
            return
        if isinstance(e, Near):
            chosen = choose(state, e, self._translator(state, line), line.keyword != "reject", self._runner(state))
            state.cuts.append(self._condition(state, line, chosen, line.body))
        else:
            state.cuts.append(self._cut(state, line, e))

    def _cut(self, state: State, line: Line, e: s.Expr) -> Cut:
        reject = line.keyword == "reject"
        tree = self._translator(state, line, reject).value(e)
        label = f"reject {line.body}" if reject else line.body
        return self._condition(state, line, Denied(*at(e), tree) if reject else tree, label)

    def _condition(self, state: State, line: Line, tree: s.Expr, label: str) -> Cut:
        value = self._run(state, line, tree)
        with at_place(line.after()):
            (cut,) = cuts_of(state.name, {label: value})
        return cut

    def _trigger(self, state: State, line: Line) -> None:
        """Require one of the paths of a trigger block, or a path by its own name."""
        name = line.body
        if name not in self.blocks["trigger"]:
            state.cuts.append(self._cut(state, line, expression(line)))
            return
        found = None
        for path in self.blocks["trigger"][name].lines:
            value = self._run(state, path, self._translator(state, path).value(expression(path)))
            with at_place(path.after()):
                found = value if found is None else operators.logic("or", found, value)
        if found is None:
            raise HzdslError("arguments", f"trigger '{name}' has no paths", fix="add HLT_…", place=line.after())
        state.cuts.append(self._condition(state, line, Known(line.start, line.start, 1, found), name))

    # ---- sorting ----

    def _sort(self, state: State, line: Line) -> None:
        """Give a collection another order in what follows."""
        e, translator = expression(line), self._translator(state, line)
        key = e.items[0] if isinstance(e, Beside) and len(e.items) == 2 else None
        of = key.arguments[0] if isinstance(key, s.Call) and len(key.arguments) == 1 else None
        of = (self.registry.split(of) or of) if isinstance(of, s.Name) else of
        if not (isinstance(e, Beside) and isinstance(key, s.Call) and isinstance(of, s.Name)):
            raise translator.error(
                "syntax", "an attribute of a collection, and ascend or descend", e, "sort pT(jets) descend"
            )
        found = self.registry.resolve(of.name)
        made = translator.object(of)
        if found is None or not translator.is_collection(of):
            raise translator.error("arguments", "only a collection of the input or of the file is sorted", of)
        value = self._run(state, line, translator.sorted(e, made, of, key, e.items[1]))
        state.values[f"{found.name} sorted"] = value
        state.bound[found.name] = (f"{found.name} sorted", True)

    # ---- bins and histograms ----

    def _bin(self, state: State, line: Line) -> None:
        """Add a bin by its condition, or one per interval of the edges behind an expression."""
        text = line.blanked()
        title = _TITLE.match(text, line.start)
        start = title.end() if title else line.start
        edges = _EDGES.search(text, start)
        ranged = edges is not None and re.search(r"(\[\s*\]|\]\s*\[)\s*$", text[: edges.start()])
        if edges is not None and not ranged:
            self._intervals(state, line, " " * start + text[start : edges.start()], numbers(edges.group()))
            return
        if line.keyword == "bins":
            fix = "bins MET 300 500 700"
            raise HzdslError("syntax", "bins are an expression and two edges at least", fix=fix, place=line.after())
        label = title.group(1)[1:-1] if title else f"bin{len(state.bins) + 1}"
        tree = self._translator(state, line).value(expression(line, start))
        state.bins.append((label, self._condition(state, line, tree, " ".join(text[start:].split()))))

    def _intervals(self, state: State, line: Line, text: str, edges: tuple[int | float, ...]) -> None:
        e = parse(line.source, text)
        value, said = self._translator(state, line).value(e), " ".join(text.split())
        for low, high in zip(edges, (*edges[1:], None), strict=True):
            bounds = [(">=", low)] if high is None else [(">=", low), ("<", high)]
            parts = tuple(
                Fitted(*at(e), s.Comparison(*at(e), value, ((op, s.Number(e.start, e.end, 1, x)),))) for op, x in bounds
            )
            tree = parts[0] if len(parts) == 1 else s.Logic(*at(e), "and", parts)
            label = f"{said} >= {low}" if high is None else f"{low} <= {said} < {high}"
            state.bins.append((f"bin{len(state.bins) + 1}", self._condition(state, line, tree, label)))

    def _histogram(self, state: State, line: Line) -> None:
        histo = histogram(line)
        axes = []
        for bins, e in histo.axes:
            value = self._run(state, line, self._translator(state, line).value(e))
            low, high = bins.edges[0], bins.edges[-1]
            binned = {"edges": bins.edges} if bins.bins is None else {"bins": bins.bins, "low": low, "high": high}
            axes.append(axis(value, **binned))
        state.histograms.append((len(state.cuts), histo, axes))

    # ---- weights, what is saved ----

    def _weigh(self, state: State, line: Line) -> None:
        name, e = weight(line)
        value = self._run(state, line, self._translator(state, line).value(e))
        with at_place(line.after()):
            if name in state.weights:
                raise HzdslError("name-twice", f"region '{state.name}' has two weights called '{name}'")
            state.weights[name] = (present(value), line)

    def _save(self, state: State, line: Line) -> None:
        for name, e in saved(line):
            value = self._run(state, line, self._translator(state, line).value(e))
            state.outputs.append((len(state.cuts), name, value, line))

    # ---- what the analysis is told ----

    def _fill(self, state: State) -> None:
        """Declare histograms and outputs; what stands between two cuts belongs to a region of the cuts above it."""
        for n, histo, axes in state.histograms:
            with at_place(histo.place):
                self.analysis.histogram(histo.name, *axes, region=self._step(state, n), title=histo.title)
        told: dict[tuple[str, str], Any] = {}
        for n, name, value, line in state.outputs:
            with at_place(line.after()):
                region = self._step(state, n)
                if not same(told.get((region, name)), value):  # printed, and saved
                    self.analysis.output(name, value, region=region)
                told[region, name] = value

    def _step(self, state: State, n: int) -> str:
        """Return the name of the region of the first cuts of a region."""
        name = state.name if n == len(state.cuts) else f"{state.name}#{n}"
        if name != state.name and name not in self._steps:
            self.analysis.region(name, RegionHandle("", tuple(state.cuts[:n])))
            self._steps.add(name)
        return name

    def chosen(self, name: str) -> Any:
        """Return what a name with open indices has been chosen to be; None where that is not the same everywhere."""
        found = [v for state in self._done.values() if (v := state.values.get(f"{name} chosen")) is not None]
        references = {tuple(v.references()) if isinstance(v, Particle) else () for v in found}
        return found[0] if len(references) == 1 else None

    def weigh(self) -> None:
        """Declare the weights, which are those of every region.

        Raises
        ------
        HzdslError
            ``unsupported`` for a weight that some regions have, and others have not.
        """
        states = list(self._done.values())
        for state in states:
            for name, (value, line) in state.weights.items():
                for other in states:
                    if not same(other.weights.get(name, (None,))[0], value):
                        what = f"weight '{name}' of region '{state.name}' is not that of region '{other.name}'"
                        fix = "weights are those of events: write it in every region, or in one that all others take"
                        raise HzdslError("unsupported", what, fix=fix, place=line.after())
        for name, (value, line) in states[0].weights.items() if states else ():
            with at_place(line.after()):
                self.analysis.weight(name, value)
