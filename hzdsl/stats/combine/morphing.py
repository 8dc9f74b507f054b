"""How a process follows the systematic uncertainties of a card: factors of its rate, shapes (STATS §3.2, §3.3)."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from hzdsl.records import dataclass
from hzdsl.stats.cards.checking import check_one_algorithm
from hzdsl.stats.cards.checks import wrong
from hzdsl.stats.cards.records import ColumnName, Effect, Systematic
from hzdsl.stats.cards.templates import Template, Templates
from hzdsl.stats.parameters import Vector
from hzdsl.stats.templates.model import Factor, Norm, Shape

#: Variations that change the integral by less, up and down, change the shape alone.
NO_CHANGE = 1e-3
#: The hist-mode in which variations are taken as they are stored.
_AS_STORED = 2


@dataclass(frozen=True, eq=False)
class Effects:
    """All that changes one process, and its rate where a gmN line says it."""

    norms: tuple[Norm, ...]
    shapes: tuple[Shape, ...]
    factors: tuple[Factor, ...]
    rate: float | None


def effects(templates: Templates, column: ColumnName, lines: Iterable[Systematic], mode: int) -> Effects:
    """Return what systematic uncertainties do to a column.

    Parameters
    ----------
    templates : Templates
        The histograms.
    column : (str, str)
        Channel and process.
    lines : iterable of Systematic
        Those of the card.
    mode : int
        autoMCStats' hist-mode: 1 scales variations to the nominal integral, their own becoming a factor; 2 does not.
    """
    mine = [(s, templates.varied(s, column) if s.shape else None) for s in lines if column in s.effects]
    nominal = templates.nominal(*column)
    norms, shapes, factors, rate = list[Norm](), list[Shape](), list[Factor](), None
    joined = min([1.0, *(abs(s.effects[column].up) for s, found in mine if found is not None)])
    for line, found in mine:
        effect = line.effects[column]
        if line.kind == "gmN":
            rate = effect.up
            factors.append(Factor(line.name))
        elif line.kind == "gmM":
            factors.append(Factor(line.name))
        elif line.kind in ("trG", "unif"):
            norms.append(Norm(line.name, 1 + effect.up, 1 - effect.up, "code0"))
        elif line.kind in ("lnN", "lnU"):
            norms.append(log_normal(line.name, effect))
        elif found is None:
            norms.append(_without_histograms(line, column))
        else:
            assert nominal is not None
            if mode != _AS_STORED:
                norms += _rate_of(line, column, nominal, found)
            shapes.append(_shape_of(line, nominal, found, _Joints(joined, effect.up), mode))
    check_one_algorithm(column, [line for line, found in mine if found is not None])
    return Effects(tuple(norms), tuple(shapes), tuple(factors), rate)


def log_normal(name: str, effect: Effect) -> Norm:
    """Return the factor κ**θ, or another κ below 0."""
    return Norm(name, effect.up, 1 / effect.up if effect.down is None else effect.down)


def _without_histograms(line: Systematic, column: ColumnName) -> Norm:
    """Return the factor of a `shape?` line that has no histograms; others need them."""
    if line.kind.endswith("?"):
        return log_normal(line.name, line.effects[column])
    what = f"{line.name} changes the shape of {column[1]} in channel {column[0]}, which has none"
    raise wrong(what, line.place, "use lnN for a process that is counted, or name its histograms on a shapes line")


def _rate_of(line: Systematic, column: ColumnName, nominal: Template, varied: tuple[Template, Template]) -> list[Norm]:
    """Return the factor by which a variation changes the rate, where it is worth one."""
    whole = nominal.integral
    if whole > 0 and all(abs(t.integral / whole - 1) < NO_CHANGE for t in varied):
        return []
    up, down = (_written(line, column, nominal, t) for t in varied)
    return [Norm(line.name, up, down)]


def _written(line: Systematic, column: ColumnName, nominal: Template, varied: Template) -> float:
    """Return a ratio of integrals to the power of the column, with the six decimals that Combine writes it with."""
    ratio = varied.integral / nominal.integral if nominal.integral > 0 else math.nan
    found: float = round(ratio ** line.effects[column].up, 6)
    if found > 0 and math.isfinite(found):
        return found
    at = varied.location
    what = f"{line.name} changes the integral of {column[1]} in channel {column[0]} from {nominal.integral:g}"
    what += f" to {varied.integral:g}, that of {at.name} in {at.file}"
    raise wrong(what, line.place, "mend the histograms, or take the variation out with -")


@dataclass(frozen=True)
class _Joints:
    """Where a shape is joined to straight lines, and by what its parameter is multiplied."""

    joined: float
    scale: float


def _shape_of(
    line: Systematic, nominal: Template, varied: tuple[Template, Template], joints: _Joints, mode: int
) -> Shape:
    """Return how a variation changes the shape: differences of contents, or logarithms of their ratios."""
    whole = nominal.contents.sum()
    before = nominal.contents / whole
    after = [t.contents / (whole if mode == _AS_STORED else t.contents.sum()) for t in varied]
    log = line.kind.startswith("shapeN")
    up, down = (_log_ratio(a, before) if log else a - before for a in after)
    return Shape(line.name, up, down, "combine", joints.scale, joints.joined, log)


def _log_ratio(after: Vector, before: Vector) -> Vector:
    """Return ln(after/before); where either has nothing, Combine changes nothing."""
    some = (after > 0) & (before > 0)
    found: Vector = np.zeros(len(before))
    found[some] = np.log(after[some] / before[some])
    return found
