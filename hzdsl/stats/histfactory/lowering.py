"""A sample with its modifiers as a process of a binned model: the same for HistFactory's documents and HS3's.

The differences of all histosys are added to the contents, and what comes out is multiplied by all else.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hzdsl.stats.histfactory.records import Kind, Modifier, Rules, Sample
from hzdsl.stats.parameters import Vector
from hzdsl.stats.templates.model import Factor, Gammas, Norm, Process, Shape


def process_of(sample: Sample, of_bins: Callable[[Modifier], tuple[str, ...]], rules: Rules) -> Process:
    """Return the process of a sample.

    Parameters
    ----------
    sample : Sample
        What contributes to a channel.
    of_bins : callable
        Gives the parameters of the bins of the channel that a modifier of bins has.
    rules : Rules
        How its normsys and histosys interpolate where they do not say it themselves.
    """

    def having(*kinds: Kind) -> list[Modifier]:
        return [m for kind in kinds for m in sample.modifiers if m.kind == kind]

    return Process(
        sample.name,
        sample.contents,
        errors=_statistical(having("staterror")),
        norms=tuple(_norm(m, rules) for m in having("normsys")),
        factors=tuple(Factor(m.name) for m in having("normfactor", "lumi")),
        shapes=tuple(_shape(m, sample.contents, rules) for m in having("histosys")),
        gammas=tuple(Gammas(of_bins(m)) for m in having("shapefactor", "shapesys", "staterror")),
    )


def _norm(m: Modifier, rules: Rules) -> Norm:
    assert m.low is not None
    assert m.high is not None
    return Norm(m.name, float(m.high[0]), float(m.low[0]), m.norm_rule or rules.normsys)


def _shape(m: Modifier, contents: Vector, rules: Rules) -> Shape:
    assert m.low is not None
    assert m.high is not None
    return Shape(m.name, m.high - contents, m.low - contents, m.shape_rule or rules.histosys)


def _statistical(modifiers: list[Modifier]) -> Vector | None:
    """Return the statistical errors of a sample, where it says them once: no more than writers look at them."""
    found = [m.errors for m in modifiers if m.errors is not None]
    return np.array(found[0]) if len(found) == 1 else None
