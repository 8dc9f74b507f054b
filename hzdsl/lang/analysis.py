"""`Analysis`: collects regions, histograms, outputs and samples into the document that is run.

Nothing is evaluated here. `document()` checks names, gathers the parameters that the graph uses, and returns the
immutable description of `hzdsl.ir.analysis`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hzdsl.errors import HzdslError, Together, did_you_mean
from hzdsl.io.schema import Schema, SchemaTag, load_schema
from hzdsl.ir import analysis as ir
from hzdsl.ir import build
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, topological
from hzdsl.ir.print import axis_name, spell
from hzdsl.ir.units import NAMES as UNITS
from hzdsl.ir.variations import Variations, changes
from hzdsl.lang.axes import Axis, built_axis, check_axes, mark, on_common_axis
from hzdsl.lang.events import Events, event_column
from hzdsl.lang.functions import RESERVED
from hzdsl.lang.objects import Particle, is_function
from hzdsl.lang.of_files import OfFile
from hzdsl.lang.parameters import parameter
from hzdsl.lang.payloads import lumi_mask as read_mask
from hzdsl.lang.places import located
from hzdsl.lang.regions import (
    READABLE,
    RegionHandle,
    Requirement,
    attributes_of,
    cuts_of,
    event_condition,
    kind_of,
    need_name,
    restriction,
    spelled_with,
)
from hzdsl.lang.samples import luminosity, make_sample
from hzdsl.lang.settings import Settings
from hzdsl.lang.values import Value, to_node
from hzdsl.lang.weights import certified, weight_node

__all__ = ["Analysis", "RegionHandle", "cuts_of"]


class Analysis(Settings):
    """One analysis: regions with their cuts, histograms, outputs, samples.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> ana = hz.Analysis("dimuon")
    >>> sr = ana.region("two", hz.count(ev.Muon) == 2)
    >>> ana.histogram("met", ev.MET.pt, bins=20, range=(0, 100), region=sr)
    >>> ana.document().histograms[0].key
    'two/met'
    """

    @located
    def __init__(self, name: str = "analysis", schema: Schema | str = "nanoaod") -> None:
        if not isinstance(name, str):
            raise HzdslError("arguments", f"the name of an analysis is {name!r}", fix='hz.Analysis("dimuon")')
        self.name = name
        self._events = Events(schema) if isinstance(schema, Schema) else None
        self._schema_name = schema.name if isinstance(schema, Schema) else schema
        self._regions: dict[str, RegionHandle] = {}
        self._histograms: dict[str, ir.Histogram] = {}
        self._outputs: dict[tuple[str, str | None], ir.Output] = {}
        self._samples: dict[str, ir.Sample] = {}
        self._parameters: dict[str, Node] = {}
        self._definitions: dict[str, Node] = {}
        self._functions: dict[str, OfFile] = {}
        self._objects: dict[str, Particle] = {}
        self._weights: dict[str, ir.Weight] = {}
        self._exclusive: list[tuple[str, ...]] = []
        self._mask: Any = None

    def __repr__(self) -> str:
        regions = ", ".join(f"{r.name} ({len(r.cuts)} cuts)" for r in self._regions.values())
        parts = {"regions": regions, "histograms": ", ".join(self._histograms), "samples": ", ".join(self._samples)}
        said = "; ".join(f"{what}: {names or 'none'}" for what, names in parts.items())
        return f"<analysis {self.name}: {said}>"

    def _repr_html_(self) -> str:
        from hzdsl.lang.documented import analysis_html

        return analysis_html(self)

    # ---- regions ----

    @located
    def region(self, name: str, *requirements: Requirement, on: str = "", doc: str = "") -> RegionHandle:
        """Declare a region: requirements tested in order, a cutflow row each.

        A requirement is a condition, ``{"label": condition}``, or another region, whose cuts come first. Samples of
        the other kind than `on` (``"simulation"`` or ``"data"``) do not fill it; without it, it is as the region that
        it requires. `doc` is a line of documentation.
        """
        checks, cuts, kind = Together(), [], ""
        with checks:
            need_name("region", name)
            if name in self._regions:
                raise HzdslError("name-twice", f"there are two regions called '{name}'")
        for r in requirements:
            with checks:
                cuts += cuts_of(name, r)
        with checks:
            kind = restriction(name, on, [r for r in requirements if isinstance(r, RegionHandle)])
        checks.done()
        return self._declare(RegionHandle(name, self._spelled(cuts), kind, self._declare, doc))

    def _declare(self, region: RegionHandle) -> RegionHandle:
        """Add a region; one that is made of another in the same way again is the one that is there."""
        known = self._regions.setdefault(region.name, region)
        if (known.cuts, known.on) != (region.cuts, region.on):
            raise HzdslError("name-twice", f"there are two regions called '{region.name}'")
        return known

    def _spelled(self, cuts: Iterable[ir.Cut]) -> tuple[ir.Cut, ...]:
        """Return requirements with the author's names in their labels; of objects with other attributes those, too."""
        named = self._names()
        found = [spelled_with(c, named) for c in cuts]
        if any(c.spelled and len(c.label) > READABLE for c in found):
            named = {**attributes_of(self._objects), **named}
            found = [spelled_with(c, named) if len(c.label) > READABLE else c for c in found]
        return tuple(found)

    def _names(self) -> dict[Node, str]:
        return {node: name for name, node in reversed(self._definitions.items())}  # the first of two names

    @located
    def exclusive(self, *regions: Any) -> None:
        """Declare that no event is in two of these regions: proved, or else checked on every event of a run."""
        names = tuple(n for n in self._region_names(list(regions)) if n is not None)
        if len(set(names)) < max(2, len(names)):
            raise HzdslError(
                "arguments", f"exclusive regions: {', '.join(names) or 'none'}", fix="name at least two, each once"
            )
        self._exclusive.append(names)

    # ---- weights ----

    @located
    def weight(self, name: str, x: Any, on: str = "simulation") -> None:
        """Declare a number per event that multiplies the event's weight, in samples of one kind or ``"both"``."""
        need_name("weight", name)
        if name in self._weights:
            raise HzdslError("name-twice", f"there are two weights called '{name}': each is applied once")
        self._weights[name] = ir.Weight(name, weight_node(name, x), kind_of(f"weight '{name}'", on))

    @located
    def lumi_mask(self, mask: Any) -> None:
        """Declare which events of data are certified: a golden JSON file, a mask read from one, or a condition.

        Events of data that fail it are not seen by any region or histogram; the result says how many there were.
        """
        if self._mask is not None:
            raise HzdslError("name-twice", "the analysis has two luminosity masks", fix="join them with &")
        if isinstance(mask, str | os.PathLike):
            mask = read_mask(mask, folder=self.folder)
        self._mask = mask if is_function(mask) else Value(event_condition("the luminosity mask", mask))

    def _region_names(self, region: Any) -> list[str | None]:
        if region is None:
            return [None]
        if isinstance(region, list | tuple):
            return [n for r in region for n in self._region_names(r)]
        name = region.name if isinstance(region, RegionHandle) else region
        if not isinstance(name, str) or name not in self._regions:
            fix = did_you_mean(str(name), self._regions) or (
                f"regions: {', '.join(self._regions)}" if self._regions else "declare the region first"
            )
            raise HzdslError("name-unknown", f"there is no region '{name}'", fix=fix)
        return [name]

    # ---- histograms and outputs ----

    @located
    def histogram(
        self,
        name: str,
        *axes: Any,
        bins: Any = None,
        range: tuple[Any, Any] | None = None,
        edges: Sequence[Any] | None = None,
        region: Any = None,
        label: str = "",
        title: str = "",
        log: str = "",
        marks: Mapping[str, Any] | None = None,
    ) -> None:
        """Declare a histogram of one value (with `bins` and `range`, or `edges`) or of several `hz.axis(…)`.

        Edges without a unit are in GeV, cm, …, whatever the file holds. `region` may be a list: one histogram each.
        """
        checks, found = Together(), []
        with checks:
            need_name("histogram", name)
        with checks:
            check_axes(name, axes)
            for i, x in enumerate(axes):
                with checks:
                    found.append(built_axis(name, x if isinstance(x, Axis) else Axis(x, bins, range, edges, label), i))
        with checks:
            regions = self._region_names(region)
        checks.done()
        built = on_common_axis(name, found)
        places = tuple((mark(name, x, built[0].unit), text) for text, x in (marks or {}).items())
        for r in regions:
            made = ir.Histogram(name, built, r, title, log, places)
            if made.key in self._histograms:
                raise HzdslError("name-twice", f"there are two histograms called '{made.key}'")
            self._histograms[made.key] = made

    @located
    def output(self, name: str, x: Any, region: Any = None) -> None:
        """Declare a value written for every selected event of a region (of every region, if none is named)."""
        checks = Together()
        with checks:
            need_name("output", name)
        with checks:
            node = _per_event(name, x)
        with checks:
            regions = self._region_names(region)
        checks.done()
        for r in regions:
            if (name, r) in self._outputs or (name, None) in self._outputs:
                raise HzdslError("name-twice", f"output '{name}' is declared twice{f' in region {r}' if r else ''}")
            self._outputs[name, r] = ir.Output(name, build.to_unit(node, node.type.unit.natural()), r)

    @located
    def define(self, **values: Any) -> None:
        """Give values names: for printing, and for the labels of requirements that are given none.

        Corrections and models get names in the same way: an analysis that is written then calls them.

        Raises
        ------
        HzdslError
            ``name-twice`` for the name of a function.
        """
        for name in values:
            if name in RESERVED:
                what = f"'{name}' is a function of the language"
                raise HzdslError("name-twice", what, fix="choose another name")
        self.name_values(values)

    def name_values(self, values: Mapping[str, Any]) -> None:
        """Give values names as `define` does, also such as only another dialect allows: printing mends them."""
        for name, x in values.items():
            if isinstance(x, Value):
                self._definitions[name] = x.node
            elif isinstance(x, Particle) and len(x.references()) == 1:
                self._definitions[name] = x.references()[0]
                self._objects[name] = x
            elif isinstance(x, OfFile):
                self._functions[name] = x
        for region in self._regions.values():
            region.cuts = self._spelled(region.cuts)

    @located
    def declare(self, *parameters: Value) -> None:
        """Declare parameters that no expression of the graph uses."""
        for p in parameters:
            self._parameters[p.node.text("name")] = p.node

    # ---- samples ----

    @located
    def sample(
        self,
        name: str,
        files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
        *,
        xsec: Any = None,
        nevt: float | str | None = None,
        scale: float = 1.0,
        kind: str | None = None,
        role: str | None = None,
        process: str = "",
        label: str = "",
        channels: Sequence[str] = (),
        tree: str | Sequence[str] = (),
        templates: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """Declare a sample; bare numbers are in pb. See `hzdsl.ir.analysis.Sample` for the fields."""
        checks = Together()
        with checks:
            need_name("sample", name)
            if name in self._samples:
                raise HzdslError("name-twice", f"there are two samples called '{name}'")
        with checks:
            made = make_sample(
                name,
                files,
                xsec=xsec,
                nevt=nevt,
                scale=scale,
                kind=kind,
                role=role,
                process=process,
                label=label,
                channels=channels,
                tree=tree,
                templates=templates or {},
            )
        with checks:
            self._region_names(channels if isinstance(channels, str | list | tuple) else [])
        checks.done()
        self._samples[name] = made

    # ---- the document ----

    @located
    def document(self) -> ir.Document:
        """Return the immutable description, with the parameters that the graph and what is named use."""
        draft = ir.Document(
            name=self.name,
            schema=self._schema_name,
            regions=tuple(ir.Region(r.name, r.cuts, r.doc, r.on) for r in self._regions.values()),
            histograms=tuple(self._histograms.values()),
            outputs=tuple(self._outputs.values()),
            samples=tuple(self._samples.values()),
            luminosity=luminosity(self.luminosity),
            definitions=tuple(self._definitions.items()),
            folder=os.fspath(self.folder),
            experiment=self.experiment,
            energy=self.energy,
            weights=tuple(self._weights.values()),
            exclusive=tuple(self._exclusive),
            functions=tuple(f.called(name) for name, f in self._functions.items()),
        )
        tag = self._schema_used(draft)
        draft = replace(draft, lumi_mask=certified(self._mask, tag))
        Variations(draft.roots())  # one name, one set of labels
        identifiers = tuple(event_column(f.branch, f, tag) for f in tag.identifiers)
        return replace(draft, schema=tag.name, parameters=self._gathered(draft), identifiers=identifiers)

    @located
    def variations(self) -> dict[str, dict[str, str]]:
        """Return, for each variation and each histogram, whether it ``changes`` or ``cannot change``."""
        return changes(self.document())

    def _gathered(self, draft: ir.Document) -> tuple[ir.Parameter, ...]:
        named = [node for _, node in draft.definitions]  # they are written, used or not
        found, nodes = dict(self._parameters), topological([*draft.roots(), *named])
        for node in nodes:
            if node.op == "param":
                other = found.setdefault(node.text("name"), node)
                if other is not node:
                    raise HzdslError("name-twice", f"parameter '{node.text('name')}' is declared twice, differently")
        for node in nodes if found.keys() & UNITS.keys() else ():
            for name in re.findall(r"[A-Za-z]+", str(node.type.unit)) if node.op == "const" else ():
                if name in found:  # text could not tell them apart
                    what = f"parameter '{name}' is called like the unit of {spell(node)}"
                    raise HzdslError("name-twice", what, fix="rename the parameter")
        return tuple(parameter(node) for node in found.values())

    def _schema_used(self, draft: ir.Document) -> SchemaTag:
        """Return the schema of the columns used, the analysis' own where none is; two do not mix."""
        nodes = [n for n in topological(draft.roots()) if n.op in ("column", "collection")]
        tags = {tag for n in nodes if isinstance(tag := dict(n.attrs).get("schema"), SchemaTag)}
        if len(tags) > 1:
            names = " and ".join(sorted(f"'{t.name}'" for t in tags))
            raise HzdslError(
                "spec-value",
                f"the analysis uses branches of two schemas, {names}",
                fix="take all from one hz.events(…)",
            )
        if tags:
            return tags.pop()
        return (self._events or Events(load_schema(self._schema_name, os.fspath(self.folder)))).schema.tag


def _per_event(output: str, x: Any) -> Node:
    """Return the node of an output, which is one value per event."""
    if isinstance(x, Particle):
        raise HzdslError("dtype", f"output '{output}' is an object", fix="write one of its attributes")
    node = to_node(x)
    if node.type.axis is not EVENT:
        assert node.type.axis is not None
        raise HzdslError(
            "axis",
            f"output '{output}' has a value per {axis_name(node.type.axis)}, and a row is an event",
            fix="reduce it (max, sum, any) or choose one element ([0], leading())",
        )
    return node
