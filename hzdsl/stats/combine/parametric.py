"""Channels whose shapes are functions of workspaces: densities, yields, and rows of data (STATS §3.2, §3.5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.cards.records import Column
from hzdsl.stats.cards.shapes import OBSERVED, Location
from hzdsl.stats.cards.templates import Template, Templates
from hzdsl.stats.combine.morphing import Effects
from hzdsl.stats.combine.stored import Workspaces, measured, name_of
from hzdsl.stats.combine.yields import expected_yield
from hzdsl.stats.densities import pdf
from hzdsl.stats.densities.binned import BinnedChannel, Rule
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.model import UnbinnedChannel
from hzdsl.stats.likelihood import Rows
from hzdsl.stats.parameters import Vector
from hzdsl.stats.roofit.records import Histogram, Table, Variable
from hzdsl.stats.templates.model import Factor


@dataclass(frozen=True, eq=False)
class Contribution:
    """A process of a channel: its rate, what changes that, and a further expression that multiplies it."""

    column: Column
    rate: float
    effects: Effects
    factors: tuple[Factor, ...]
    scale: Node | None


def parametric_channel(
    name: str, contributions: Sequence[Contribution], templates: Templates, stored: Workspaces, rule: Rule
) -> tuple[UnbinnedChannel, Rows] | tuple[BinnedChannel, Vector]:
    """Return a channel with what was observed in it: of rows, or of bins where data are a histogram.

    `rule` says what a density expects of a bin.
    """
    place = templates.locate(name, OBSERVED)
    assert place is not None
    data, x = _observed(place, templates, stored, name)
    density = pdf.extended({c.column.process: _process(c, x, templates, stored) for c in contributions})
    if isinstance(data, Histogram):
        assert x.binning is not None
        return BinnedChannel(name, density, x.binning.edges(), rule), data.contents
    inside = _inside(data, x)
    weights = None if data.weights is None or bool(np.all(data.weights == 1)) else data.weights[inside]
    return UnbinnedChannel(name, density), Rows({name_of(x.name): data.columns[x.name][inside]}, weights)


def _observed(
    place: Location, templates: Templates, stored: Workspaces, channel: str
) -> tuple[Table | Histogram, Variable]:
    """Return the data, and the variable that is measured."""
    if place.workspace is None:
        what = f"channel {channel} has shapes of a workspace and data of a histogram"
        raise HzdslError("unsupported", what, fix="put the data into a workspace, as RooDataSet or RooDataHist")
    data = stored.data(place)
    variables = [v for v in data.variables if isinstance(v, Variable)]
    if len(variables) > 1:
        used = [v for v in variables if _is_used(v.name, channel, templates, stored)]
        variables = used or variables
    if len(variables) != 1:
        what = f"the data of channel {channel} have {len(variables)} variables"
        raise HzdslError("unsupported", what, fix="of one variable they can be read")
    return data, variables[0]


def _inside(data: Table, x: Variable) -> npt.NDArray[np.bool_]:
    values = data.columns[x.name]
    found: npt.NDArray[np.bool_] = (values >= x.low) & (values <= x.high)
    return found


def _is_used(variable: str, channel: str, templates: Templates, stored: Workspaces) -> bool:
    """Return whether a density of a channel depends on a variable."""
    for column in (c for c in templates.card.columns if c.channel == channel):
        place = templates.locate(*column.name)
        if place is None or place.workspace is None:
            continue
        seen, todo = set(), [place.name]
        workspace = stored.workspace(place)
        while todo:
            at = todo.pop()
            if at == variable:
                return True
            node = workspace.nodes.get(at)
            if at not in seen and node is not None and hasattr(node, "names"):
                seen.add(at)
                todo += node.names()
    return False


def _process(c: Contribution, x: Variable, templates: Templates, stored: Workspaces) -> tuple[Value, Density]:
    """Return the yield and the density of a process."""
    place = templates.locate(*c.column.name)
    assert place is not None
    channel = c.column.channel
    template = templates.nominal(*c.column.name)
    if template is not None:
        return Value(_rate_of(c, None)), _steps(template, measured(x, f"channel {channel}"))
    lowered = stored.lowered(place, {x.name: measured(x, f"channel {channel}")})
    density = lowered.density(place.name)
    norm = f"{place.name}_norm"
    more = lowered.value(norm) if norm in lowered.workspace.nodes else None
    return Value(_rate_of(c, more)), density


def _steps(template: Template, x: Value) -> Density:
    return pdf.step(x, template.edges, template.contents)


def _rate_of(c: Contribution, more: Node | None) -> Node:
    rate = c.rate if c.effects.rate is None else c.effects.rate
    return expected_yield(rate, c.effects.norms, (*c.effects.factors, *c.factors), (c.scale, more))
