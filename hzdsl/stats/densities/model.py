"""Unbinned models: channels of rows, their densities, and -ln L as one node of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError
from hzdsl.ir import build, members
from hzdsl.ir.algebra import along, number
from hzdsl.ir.autodiff import tangents
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make, topological
from hzdsl.ir.relaxed import relaxed
from hzdsl.ir.substitute import substituted
from hzdsl.ir.types import DType
from hzdsl.lang.places import located
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.declare import parameter_nodes, parameters_in
from hzdsl.stats.densities.density import Density, Ranges, Term, summed
from hzdsl.stats.densities.evaluate import as_array
from hzdsl.stats.densities.functions import log, total
from hzdsl.stats.fields import apart, is_finite, wrong
from hzdsl.stats.likelihood import Rows
from hzdsl.stats.observable import ROWS, Range, constant, intervals
from hzdsl.stats.parameters import Parameters, Vector

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Extended:
    """Processes that are expected so often: a yield and a density of each; yields are those within the fit ranges."""

    processes: Mapping[str, tuple[Value, Density]]

    def __post_init__(self) -> None:
        """Refuse what is no yield and density: `hz.pdf.extended` makes yields of numbers."""
        given = self.processes if isinstance(self.processes, Mapping) else {"": None}
        pairs = (
            isinstance(x, tuple) and [*map(type, x)][:1] == [Value] and isinstance(x[-1], Density)
            for x in given.values()
        )
        if not given or not all(pairs):
            fix = "hz.pdf.extended(signal=(n, density))"
            raise HzdslError("arguments", f"the processes of a density are {self.processes!r:.60}", fix=fix)

    @property
    def observables(self) -> tuple[Node, ...]:
        """What it is a density of."""
        return next(iter(self.processes.values()))[1].observables

    @property
    def conditional(self) -> tuple[Node, ...]:
        """Observables that densities depend on beside those."""
        return tuple(dict.fromkeys(n for _, p in self.processes.values() for n in p.conditional))

    @property
    def expected(self) -> Value:
        """How many rows are expected."""
        result: Value = total([n for n, _ in self.processes.values()])
        return result

    def terms(self, ranges: Ranges) -> tuple[Term, ...]:
        """Return the summands of Σ n_p p_p."""
        return tuple(Term(n * t.scale, t.shape) for n, p in self.processes.values() for t in p.terms(ranges))

    def __repr__(self) -> str:
        return f"<extended sum of {', '.join(self.processes)}>"


def densities_of(density: Density | Extended) -> tuple[Density, ...]:
    """Return the densities of all processes, or the one that there is."""
    return tuple(p for _, p in density.processes.values()) if isinstance(density, Extended) else (density,)


@dataclass(frozen=True, eq=False)
class UnbinnedChannel:
    """Rows that are measured together.

    Parameters
    ----------
    name : str
        Of the channel.
    density : Density or Extended
        What they are distributed as; an extended one says how many there are, too.
    ranges : mapping of str to sequence of (low, high), optional
        Per observable the ranges that are fitted, within its own: sidebands. Rows outside of them are an error.
    """

    name: str
    density: Density | Extended
    ranges: Mapping[str, Sequence[tuple[Any, Any]]] | None = None

    def __post_init__(self) -> None:
        """Refuse what is no density, and ranges that it does not have."""
        if not isinstance(self.name, str) or not self.name:
            raise HzdslError("arguments", f"an unbinned channel is called {self.name!r}", fix="a name, as text")
        if not isinstance(self.density, Density | Extended):
            what = f"the density of channel '{self.name}' is {self.density!r:.60}"
            raise HzdslError(
                "arguments", what, fix="a density, such as hz.pdf.extended(signal=(n, hz.pdf.gaussian(…)))"
            )
        if not isinstance(self.ranges, Mapping | None):
            what = f"the ranges of channel '{self.name}' are {self.ranges!r:.60}"
            raise HzdslError("arguments", what, fix="ranges={'m': [(105, 120), (130, 160)]}, by observable")
        self.fitted  # noqa: B018 (found once, and refused here)

    @cached_property
    def fitted(self) -> Mapping[str, tuple[Range, ...]]:
        """The ranges of each observable, as numbers in its unit.

        Raises
        ------
        HzdslError
            ``name-unknown`` for ranges of something else, ``arguments`` where they overlap or leave the observable's.
        """
        given = dict(self.ranges or {})
        found = {n.text("name"): intervals(given.pop(n.text("name"), None), n) for n in self.density.observables}
        if given:
            what = f"channel '{self.name}' has ranges of '{next(iter(given))}', which it has no density of"
            raise HzdslError("name-unknown", what, fix=f"its observables: {', '.join(found)}")
        return found

    @cached_property
    def columns(self) -> tuple[Node, ...]:
        """The observables that its rows have: those of the density, and those it is conditional on."""
        return tuple(dict.fromkeys((*self.density.observables, *self.density.conditional)))

    @property
    def row_density(self) -> Value:
        """The density of each row, a plain number (in one over the units of its observables); extended: times n."""
        unit = build.const(1.0).type.unit
        for node in self.density.observables:
            unit *= node.type.unit
        one = constant(1.0, unit)
        terms = tuple(Term(t.scale * one, t.shape) for t in self.density.terms(self.fitted))
        result: Value = summed(terms)
        return result

    @cached_property
    def nll(self) -> Node:
        """-ln L of its rows, along an axis of its own: Σ n_p - Σ_i w_i ln Σ_p n_p f_p(x_i).

        Rows always have weights, so that Asimov data and those of a weighted sample need no other graph.
        """
        whole = -Value(members.reduce("sum", self._weighted))
        if isinstance(self.density, Extended):
            whole = self.density.expected + whole
        return self.own(whole.node)

    @property
    def _weighted(self) -> Node:
        """The logarithm of each row's density, n included, times its weight."""
        weight = Value(make("column", ROWS, name="weight", attr="weight", dtype=DType.F64, unit=_NONE))
        result: Node = (log(self.row_density) * weight).node
        return result

    @cached_property
    def scores(self) -> Mapping[str, Node]:
        """How the weighted logarithm of each row's density follows each parameter that it depends on."""
        each = self.own(self._weighted)
        axis = each.type.axis
        assert axis is not None
        found = {name: tangents([each], {n: number(1, n.type.unit)}) for name, n in parameter_nodes([each]).items()}
        return {name: along(relaxed(slope), axis) for name, (slope,) in found.items()}

    def own(self, root: Node) -> Node:
        """Return a value with the rows of this channel in the place of rows of any: columns are ``channel.name``."""
        axis = make("collection", EVENT, name=self.name)
        columns = {
            n: make("column", axis, **{**dict(n.attrs), "name": f"{self.name}.{n.text('name')}"})
            for n in topological([root])
            if n.op == "column" and n.type.axis is ROWS
        }
        return substituted(root, {**columns, ROWS: axis})

    def data(self, rows: Rows) -> dict[str, Vector]:
        """Return the columns of rows under the names that the graph has for them.

        Raises
        ------
        HzdslError
            ``name-unknown`` for a column that is missing; ``dtype`` for one that is no list of numbers; ``arguments``
            for values that are not finite or outside of the ranges, saying how many and where the first is.
        """
        found = self._columns(rows)
        for node in self.columns:
            name = node.text("name")
            _finite(found[name], f"values of '{name}' in channel '{self.name}'")
            self._check_inside(node, found[name])
        _finite(found["weight"], f"weights of channel '{self.name}'")
        return {f"{self.name}.{name}": values for name, values in found.items()}

    @located
    def inside(self, rows: Rows) -> Rows:
        """Return the rows that can be fitted: finite numbers, within the ranges; remarks say how many are left out.

        Examples
        --------
        >>> import hzdsl as hz
        >>> channel = UnbinnedChannel("only", hz.pdf.uniform(hz.observable("x", 0, 10)))
        >>> channel.inside(Rows({"x": np.array([1.0, 3.0, 12.0, np.nan])}))
        <2 rows of x; 1 of 4 rows left out: x is no finite number; 1 of 4 rows left out: x outside of 0 to 10>
        """
        found = self._columns(rows)
        kept, said = np.ones(len(found["weight"]), np.bool_), list(rows.remarks)

        def leave_out(bad: Flags, why: str) -> None:
            if (bad & kept).any():
                said.append(f"{(bad & kept).sum()} of {len(kept)} rows left out: {why}")
            kept[bad] = False

        for name, values in found.items():
            leave_out(~np.isfinite(values), f"{name} is no finite number")
        for node in self.columns:
            leave_out(
                ~self._within(node, found[node.text("name")]), f"{node.text('name')} outside of {self._span(node)}"
            )
        weights = found.pop("weight")
        columns = {name: values[kept] for name, values in found.items()}
        return Rows(columns, None if rows.weights is None else weights[kept], tuple(said))

    def _columns(self, rows: Rows) -> dict[str, Vector]:
        """Return the columns that are needed by their own names, and ``weight``; all of one length."""
        if not isinstance(rows, Rows) or not isinstance(rows.columns, Mapping):
            what = f"the rows of channel '{self.name}' are {rows!r:.60}"
            raise HzdslError("arguments", what, fix="hz.stats.Rows({'m': values})")
        found: dict[str, Vector] = {}
        for node in self.columns:
            name = node.text("name")
            if name not in rows.columns:
                what = f"the rows of channel '{self.name}' have no column '{name}'"
                raise HzdslError("name-unknown", what, fix=f"they have {', '.join(rows.columns) or 'none'}")
            found[name] = as_array(rows.columns[name], f"column '{name}' of channel '{self.name}'")
        ones = np.ones(len(next(iter(found.values()))))
        found["weight"] = as_array(ones if rows.weights is None else rows.weights, f"weights of '{self.name}'")
        sizes = {len(v) for v in found.values()}
        if len(sizes) > 1:
            said = ", ".join(map(str, sorted(sizes)))
            fix = "a value of every observable, and a weight, for each row"
            raise HzdslError("arguments", f"columns of channel '{self.name}' differ in length: {said}", fix=fix)
        return found

    def _within(self, node: Node, values: Vector) -> Flags:
        """Return which values lie in the ranges; what a density is conditional on may be anything."""
        ranges = self.fitted.get(node.text("name"))
        inside = np.full(len(values), ranges is None)
        for low, high in ranges or ():
            inside |= (values >= low) & (values <= high)
        return inside

    def _span(self, node: Node) -> str:
        ranges = self.fitted.get(node.text("name"), ())
        return " and ".join(f"{a:g} to {b:g}" for a, b in ranges) + f" {node.type.unit}".rstrip()

    def _check_inside(self, node: Node, values: Vector) -> None:
        bad = np.flatnonzero(~self._within(node, values))
        if len(bad):
            name = node.text("name")
            what = f"{len(bad)} of {len(values)} values of '{name}' in channel '{self.name}' are outside of"
            said = f"{what} {self._span(node)}; the first is {values[bad[0]]:g}, in row {bad[0]}"
            fix = "leave them out, for the density is normalised there: channel.inside(rows)"
            raise HzdslError("arguments", said, fix=fix)

    def __repr__(self) -> str:
        return f"<unbinned channel {self.name}: {self.density!r}>"


_NONE = build.const(1.0).type.unit


def _finite(values: Vector, what: str) -> None:
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        said = f"{len(bad)} of {len(values)} {what} are not finite; the first is {values[bad[0]]}, in row {bad[0]}"
        raise HzdslError("arguments", said, fix="leave these rows out: channel.inside(rows)")


class UnbinnedModel:
    """Channels that share parameters; equal names are the same parameter.

    Parameters
    ----------
    channels : iterable of UnbinnedChannel, or one
        In the order of parameters.

    Raises
    ------
    HzdslError
        ``name-twice`` for two channels of one name, or parameters of one name that differ.

    Examples
    --------
    >>> import hzdsl as hz
    >>> x, n = hz.observable("x", 0, 10), hz.parameter("n", 100.0, bounds=(0, None))
    >>> width = hz.parameter("width", 1.0, bounds=(0.1, 5), constraint=hz.normal(1, 0.1))
    >>> signal = hz.pdf.extended(signal=(n, hz.pdf.gaussian(x, 4, width)))
    >>> UnbinnedModel((UnbinnedChannel("mumu", signal),)).parameters.names
    ('n', 'width')
    """

    @located
    def __init__(self, channels: Iterable[UnbinnedChannel]) -> None:
        self.channels = tuple(channels) if isinstance(channels, Iterable) else (channels,)
        for channel in self.channels:
            if not isinstance(channel, UnbinnedChannel):
                fix = "UnbinnedModel([UnbinnedChannel('mumu', density)])"
                raise HzdslError("arguments", f"{channel!r:.60} is no UnbinnedChannel", fix=fix)
        apart("channels", [c.name for c in self.channels])
        if not self.channels:
            raise HzdslError("arguments", "the model has no channels", fix="UnbinnedModel([UnbinnedChannel(…), …])")
        self.parameters  # noqa: B018 (found once: two of one name that differ are refused here)

    @located
    def toy(self, rng: np.random.Generator, at: Mapping[str, float] | None = None) -> dict[str, Rows]:
        """Return random rows of every channel: as many as are expected, with Poisson's spread.

        Parameters
        ----------
        rng : numpy.random.Generator
            Where random numbers come from: the same generator in the same state draws the same.
        at : mapping of str to float, optional
            Parameters that are not where they start, in their own units.

        Raises
        ------
        HzdslError
            ``name-unknown`` for a parameter that there is not; ``arguments`` for a density that does not say how many
            rows there are, or depends on what is measured for each: then there are toys of a likelihood
            (``likelihood.toy``), which has data.

        Examples
        --------
        >>> import hzdsl as hz
        >>> x, n = hz.observable("x", 0, 10), hz.parameter("n", 100.0, bounds=(0, None))
        >>> model = UnbinnedModel([UnbinnedChannel("only", hz.pdf.extended(flat=(n, hz.pdf.uniform(x))))])
        >>> model.toy(np.random.default_rng(1), {"n": 1000.0})
        {'only': <1001 rows of x>}
        """
        from hzdsl.stats.densities.toys import RowToys

        if not isinstance(rng, np.random.Generator):
            raise HzdslError("arguments", f"toy: rng is {rng!r:.60}", fix="np.random.default_rng(seed)")
        if not isinstance(at, Mapping | None):
            raise HzdslError("arguments", f"toy: at is {at!r:.60}", fix="values by name: {'mean': 124.8}")
        for name, value in (at or {}).items():
            if not is_finite(value):
                raise wrong(f"toy: the value of '{name}'", value, "a finite number", "arguments")
        return RowToys(self).draw(at or {}, rng)

    def __repr__(self) -> str:
        return f"<unbinned model of {', '.join(c.name for c in self.channels)}; {self.parameters!r}>"

    @cached_property
    def parameters(self) -> Parameters:
        """All parameters, in the order in which they are met."""
        return parameters_in(c.nll for c in self.channels)
