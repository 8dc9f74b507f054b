"""The parameters that the lines of a card declare: constraints, ranges, groups, what each means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from hzdsl.stats.cards.checks import wrong
from hzdsl.stats.cards.records import (
    Card,
    Constr,
    Discrete,
    ExtArg,
    FlatParam,
    InWorkspace,
    Number,
    Param,
    RateParam,
    Systematic,
)
from hzdsl.stats.parameters import Counted, Normal, Parameter

#: Ranges of normal nuisance parameters, in standard deviations (ModelTools.py).
_SHAPE_RANGE, _RANGE = 4.0, 7.0

_MEANINGS = {
    "lnN": "log-normal factor of rates",
    "lnU": "log-uniform factor of rates",
    "shape": "shape, by histograms at ±1σ",
    "shapeN": "shape, by logarithms of histograms at ±1σ",
    "shapeU": "shape without constraint",
    "shape?": "shape or log-normal factor of rates",
    "shapeN?": "shape or log-normal factor of rates",
    "trG": "normal factor of rates, at least 0",
}


def nuisances(card: Card, known: Iterable[str] = ()) -> tuple[Parameter, ...]:
    """Return the parameters of a card, in the order of their lines; `known` are declared elsewhere.

    Parameters that several lines declare (a `rateParam` and the `param` that constrains it) are one.

    Raises
    ------
    HzdslError
        ``datacard`` where lines of one name do not fit.
    """
    groups = card.groups()
    found: dict[str, Parameter] = {}
    for parameter in _declared(card):
        if parameter.name in known:
            continue
        before = found.get(parameter.name)
        found[parameter.name] = parameter if before is None else _joined(before, parameter)
    return tuple(_placed(p, groups, card.frozen) for p in found.values())


def _declared(card: Card) -> Iterator[Parameter]:
    acting = set(map(id, card.acting()))
    for line in card.lines:
        if isinstance(line, Systematic) and id(line) in acting:
            yield _systematic(line)
        elif isinstance(line, Param):
            yield _param(line)
        elif isinstance(line, RateParam | ExtArg) and isinstance(line.value, Number):
            yield _free(line.name, line.value, "factor of rates" if isinstance(line, RateParam) else "further argument")
        elif isinstance(line, FlatParam):
            low, high = line.bounds or (-math.inf, math.inf)
            yield Parameter(line.name, line.value or 0.0, low, high, doc="without constraint")
        elif isinstance(line, Constr):
            what = f"the regularisation {line.name} is not supported yet"
            raise wrong(what, line.place, "leave it out, or use Combine")
        elif isinstance(line, Discrete) or isinstance(getattr(line, "value", None), InWorkspace):
            continue  # of a workspace, which says what it is


def _systematic(line: Systematic) -> Parameter:
    doc = _MEANINGS.get(line.kind, line.kind)
    if line.kind == "gmN":
        count = float(line.count or 0)
        doc = f"expected in a control region where {line.count} were seen"
        return Parameter(line.name, count + 1, 0.0, math.inf, Counted(count), step=math.sqrt(count + 1), doc=doc)
    if line.kind == "gmM":
        width = next(iter(line.effects.values())).up
        count = 1 / width**2
        return Parameter(
            line.name, 1.0, 0.0, math.inf, Counted(count - 1, count), step=width, doc="gamma factor of rates"
        )
    if line.kind in ("lnU", "shapeU"):
        return Parameter(line.name, 0.0, -1.0, 1.0, step=0.3, fixed=line.nofloat, doc=doc)
    reach = _SHAPE_RANGE if line.kind == "shape" else _RANGE
    low = -reach
    if line.kind == "trG":
        low = max(low, -1 / max(e.up for e in line.effects.values()))
    return Parameter(line.name, 0.0, low, reach, Normal(), fixed=line.nofloat, doc=doc)


def _param(line: Param) -> Parameter:
    reach = _RANGE * max(line.sigma, line.sigma_low or 0.0)
    low, high = line.bounds or (line.mean - reach, line.mean + reach)
    constraint = Normal(line.mean, line.sigma, line.sigma_low)
    return Parameter(line.name, line.mean, low, high, constraint, fixed=line.nofloat, doc="measured elsewhere")


def _free(name: str, number: Number, doc: str) -> Parameter:
    low, high = number.bounds or (-math.inf, math.inf)
    return Parameter(name, number.value, low, high, fixed=number.constant, doc=doc)


def _joined(a: Parameter, b: Parameter) -> Parameter:
    """Return one parameter of two lines: a constraint of either, the range of the one that is free."""
    constrained, free = (a, b) if a.constraint is not None else (b, a)
    if constrained.constraint is None or free.constraint is not None:
        return a
    bounded = free if math.isfinite(free.high - free.low) else constrained
    return Parameter(
        a.name, constrained.value, bounded.low, bounded.high, constrained.constraint, constrained.fixed, doc=free.doc
    )


def _placed(p: Parameter, groups: dict[str, tuple[str, ...]], frozen: tuple[str, ...]) -> Parameter:
    mine = tuple(name for name, members in groups.items() if p.name in members)
    return replace(p, groups=mine, fixed=p.fixed or p.name in frozen)


def placed_in(p: Parameter, met: Parameter | None) -> Parameter:
    """Return a parameter of the card with what a workspace says where the card says nothing: value and range."""
    if met is None:
        return p
    if p.constraint is None and not math.isfinite(p.high - p.low):
        return replace(p, value=p.value or met.value, low=met.low, high=met.high, step=met.step)
    return p
