"""The document that both surfaces build: regions, histograms, outputs, parameters, samples.

It holds nodes and names, nothing that can run. `hzdsl.run.program.bind` turns it into what a backend executes,
`hzdsl.ir.hash` into the hash of its meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from functools import cached_property
from itertools import pairwise
from operator import mul, truediv
from types import MappingProxyType

from hzdsl.errors import HzdslError
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, bits_float, topological
from hzdsl.ir.ops import OPS
from hzdsl.ir.types import DType
from hzdsl.ir.units import NONE, Unit
from hzdsl.records import dataclass

Number = bool | int | float
#: What needs no bins on an axis: it has few values, each of a name.
CATEGORICAL = (DType.BOOL, DType.LABEL)


@dataclass(frozen=True)
class Cut:
    """One requirement: a condition per event and the label of its cutflow row (not part of the hash).

    `spelled` says that the label is no one's: it is the text of the condition.
    """

    label: str
    node: Node
    spelled: bool = False


@dataclass(frozen=True)
class Region:
    """Requirements tested in order, each a row of the cutflow; `on` is the kind of sample that fills it ("": any)."""

    name: str
    cuts: tuple[Cut, ...]
    doc: str = ""
    on: str = ""


@dataclass(frozen=True)
class Axis:
    """One axis of a histogram: the f64 value and its bins, either ``bins`` equal ones between two edges or `edges`.

    Bins and edges are constants or parameters, fixed when the analysis is bound to its parameters. The value's
    numbers are in `unit`, and so are the edges. With `categories` the bins
    have names; the value is their number, from 0.
    """

    node: Node
    edges: tuple[Node, ...]
    bins: Node | None = None
    unit: Unit = NONE
    name: str = ""
    label: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Histogram:
    """A fill once per position of the finest of its axes, for the events of a region (None: every event)."""

    name: str
    axes: tuple[Axis, ...]
    region: str | None = None
    title: str = ""
    log: str = ""
    marks: tuple[tuple[float, str], ...] = ()

    @property
    def key(self) -> str:
        """The unique key of the results: ``region/name``, or the bare name without region."""
        return self.name if self.region is None else f"{self.region}/{self.name}"


@dataclass(frozen=True)
class Weight:
    """A number per event (f64, always there) that multiplies its weight, in samples of kind `on` ("": of any)."""

    name: str
    node: Node
    on: str = "simulation"


@dataclass(frozen=True)
class Output:
    """A value written for every selected event of a region (None: of every region)."""

    name: str
    node: Node
    region: str | None = None


@dataclass(frozen=True)
class Parameter:
    """A named constant with unit, bounds and a line of documentation."""

    name: str
    node: Node
    bounds: tuple[float | None, float | None] = (None, None)
    doc: str = ""


@dataclass(frozen=True)
class Sample:
    """Files of one process, and what normalises them.

    Parameters
    ----------
    name, process : str
        Unique name; what it is merged under in plots (default: the role, or the name).
    files : tuple of str
        Paths, patterns or URLs.
    kind : str
        ``"simulation"`` or ``"data"``.
    role : str
        ``"signal"``, ``"background"`` or ``"data"``: where it goes in a stack.
    xsec : float or None
        Cross-section in pb.
    nevt : float, str or None
        Number of generated events; None counts the events read, ``"Runs"`` sums `genEventSumw` of the trees called so.
    scale : float
        k-factor.
    channels : tuple of str
        The regions it fills; none: all.
    trees : tuple of str
        Names of the trees; none: the only one, or ``Events``.
    templates : mapping of str to (file, histogram)
        Histograms read instead of filled: a declared kind of source.
    """

    name: str
    files: tuple[str, ...] = ()
    kind: str = "simulation"
    role: str = "background"
    process: str = ""
    label: str = ""
    xsec: float | None = None
    nevt: float | str | None = None
    scale: float = 1.0
    channels: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    templates: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class FunctionOfFile:
    """A function that a file holds, under the author's name for it, and the values that it was called for.

    Attributes
    ----------
    name, kind : str
        How it is called, and where a document declares it: ``corrections`` or ``models``.
    settings : mapping of str to str or int
        What the declaration says: the file, by its full path, and what of it.
    calls : tuple of (Node, inputs)
        Each value with the inputs by name: nodes, or texts.
    """

    name: str
    kind: str
    settings: Mapping[str, str | int]
    calls: tuple[tuple[Node, tuple[tuple[str, Node | str], ...]], ...]


@dataclass(frozen=True)
class Document:
    """One analysis.

    `weights` multiply in their order; the regions of each group of `exclusive` share no event; `lumi_mask` is the
    condition on events of data that were certified. `functions` are how values of files' functions are written.
    """

    name: str = "analysis"
    schema: str = "nanoaod"
    regions: tuple[Region, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    outputs: tuple[Output, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    samples: tuple[Sample, ...] = ()
    luminosity: float | None = None
    definitions: tuple[tuple[str, Node], ...] = ()
    identifiers: tuple[Node, ...] = ()
    folder: str = "."
    experiment: str = ""
    energy: str = ""
    weights: tuple[Weight, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    lumi_mask: Node | None = None
    functions: tuple[FunctionOfFile, ...] = ()

    @cached_property
    def meaning(self) -> str:
        """The hash of what it means, found once."""
        from hzdsl.ir.hash import found_hash

        return found_hash(self)

    def region(self, name: str) -> Region:
        """Return the region called `name`."""
        return next(r for r in self.regions if r.name == name)

    def for_kind(self, kind: str) -> Document:
        """Return what samples of a kind, ``simulation`` or ``data``, fill: its regions, its weights, its mask."""
        regions = tuple(r for r in self.regions if r.on in ("", kind))
        names = {None, *(r.name for r in regions)}
        return replace(
            self,
            regions=regions,
            histograms=tuple(h for h in self.histograms if h.region in names),
            outputs=tuple(o for o in self.outputs if o.region in names),
            weights=tuple(w for w in self.weights if w.on in ("", kind)),
            exclusive=tuple(tuple(n for n in group if n in names) for group in self.exclusive),
            lumi_mask=self.lumi_mask if kind == "data" else None,
        )

    def outputs_of(self, region: str) -> tuple[Output, ...]:
        """Return the outputs written for a region."""
        return tuple(o for o in self.outputs if o.region in (None, region))

    def output_names(self) -> list[str]:
        """Return every output's name once, in the order written."""
        return list(dict.fromkeys(o.name for o in self.outputs))

    def roots(self) -> list[Node]:
        """Return every node that the results depend on."""
        cuts = [c.node for r in self.regions for c in r.cuts]
        fills = [n for h in self.histograms for a in h.axes for n in (a.node, *a.edges, *([a.bins] if a.bins else []))]
        mask = [] if self.lumi_mask is None else [self.lumi_mask]
        return [*cuts, *fills, *(o.node for o in self.outputs), *(w.node for w in self.weights), *mask]

    def with_samples(self, samples: tuple[Sample, ...]) -> Document:
        """Return the same analysis of other samples."""
        return replace(self, samples=samples)


def default_of(node: Node) -> Number:
    """Return the default of a parameter, in its own unit."""
    bits = node.number("bits")
    if node.type.dtype is DType.F64:
        return bits_float(bits)
    return bool(bits) if node.type.dtype is DType.BOOL else bits


def check_bounds(parameter: Parameter, value: Number) -> None:
    """Raise ``parameter`` where `value` is outside the bounds."""
    low, high = parameter.bounds
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        unit = f" {parameter.node.type.unit}".rstrip()
        raise HzdslError(
            "parameter",
            f"parameter '{parameter.name}' is {value}{unit}, outside its bounds [{low}, {high}]{unit}",
            fix="choose a value within the bounds, or widen them in the analysis",
        )


def fixed(node: Node, values: Mapping[str, Number]) -> Number:
    """Return the number of a bin count or edge: constants, parameters and rescaled or cast ones."""
    known: dict[Node, Number] = {}
    for n in topological([node]):
        if OPS[n.op].fixed:
            known[n] = values.get(n.text("name"), default_of(n)) if n.op == "param" else default_of(n)
        elif n.op in _RESCALED:
            known[n] = _RESCALED[n.op](*(known[x] for x in n.args))
        elif n is not EVENT:
            raise HzdslError(
                "binning", "bins and edges are fixed before any event is read", fix="use a number or a parameter"
            )
    return known[node]


#: What bringing a number to another unit or dtype puts around it.
_RESCALED: Mapping[str, Callable[..., Number]] = MappingProxyType({"cast": float, "mul": mul, "div": truediv})


def check_binning(name: str, axis: Axis, values: Mapping[str, Number]) -> tuple[int | None, tuple[float, ...]]:
    """Return (number of bins or None, edges) of an axis under these parameters, or raise ``binning``."""
    edges = tuple(float(fixed(e, values)) for e in axis.edges)
    bins = fixed(axis.bins, values) if axis.bins is not None else None
    if any(not (abs(e) < float("inf")) for e in edges) or not edges[-1] - edges[0] < float("inf"):
        raise HzdslError("binning", f"histogram '{name}': an edge, or the width, is not finite: {edges}")
    if any(not a < b for a, b in pairwise(edges)):
        what = f"the range {edges} runs the wrong way round" if bins is not None else f"the edges {edges} do not ascend"
        raise HzdslError("binning", f"histogram '{name}': {what}", fix="write the lower edge first")
    plain = axis.bins is None or axis.bins.type.unit.dimensionless
    if bins is not None and (not plain or isinstance(bins, bool) or not bins % 1 == 0 or bins < 1):
        raise HzdslError("binning", f"histogram '{name}': {bins} bins", fix="use a whole number of at least 1")
    return None if bins is None else int(bins), edges
