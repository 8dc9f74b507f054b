"""What is done with the models: toys are thrown at the truth and fitted, and what comes out is held against bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from math import sqrt
from types import MappingProxyType

import numpy as np

from analyses.bsmm import generate
from analyses.bsmm.inference import WeightedLikelihood, ends, fitted
from analyses.bsmm.model import CHANNEL, rows
from analyses.bsmm.systematics import read_systematics
from hzdsl.errors import HzdslError
from hzdsl.stats.likelihood import Likelihood, Observation
from hzdsl.stats.methods.coverage import Coverage, coverage, covered
from hzdsl.stats.methods.probabilities import ONE_SIGMA
from hzdsl.stats.methods.toys import How, seeds
from hzdsl.stats.parameters import Vector
from tests.toys.models import counting, peak, templates

#: So many toys of each model are the long run, for which bounds are written; what is from events has half of them.
TOYS = 1000
#: Mean of pulls, width of pulls, part of intervals that contain the truth: by how much they may be off.
MEAN, WIDTH, COVERAGE = 0.1, 0.1, 0.04

MODELS: Mapping[str, tuple[Callable[[], Likelihood], tuple[str, ...]]] = MappingProxyType(
    {
        "peak": (peak, ("nsig", "mean", "slope")),
        "templates": (templates, ("r", "nuisance_0", "nuisance_10")),
        "counting": (counting, ("events",)),
    }
)
#: Candidates of analyses/bsmm: enough signal for errors that are those of a parabola.
PARTS = generate.components(events=20_000, signal=0.1)


def of_model(name: str, how: How) -> Coverage:
    """Return the coverage of MINOS intervals of one model."""
    make, wanted = MODELS[name]
    likelihood = make()
    return coverage(likelihood, likelihood.parameters.values, wanted, how, model=name)


def from_events(how: How) -> Coverage:
    """Return pulls of the yields of analyses/bsmm over samples of weighted candidates, selected and fitted.

    The truth is what the generator expects; measurements of nuisance parameters are drawn, too.
    """
    known = read_systematics()
    base: WeightedLikelihood | None = None
    truth = {name: part.expected() for name, part in zip(("nsig", "nbkg"), PARTS.values(), strict=True)}
    found: dict[str, list[tuple[float, bool]]] = {name: [] for name in truth}
    failures: Counter[str] = Counter()
    for done, seed in enumerate(seeds(how), 1):
        mass, weight = _selected(seed)
        base = base or WeightedLikelihood(known, mass, weight)
        drawn = np.random.default_rng(seed).normal(size=len(base.parameters))
        centers = np.where(np.isnan(base.observation.centers), np.nan, drawn)
        try:
            pulls = _pulls(base.given(Observation({CHANNEL: rows(mass, weight)}, centers)), truth)
        except HzdslError as error:
            failures[error.message] += 1
            continue
        for name, pull in pulls.items():
            found[name].append((pull, abs(pull) < 1))
        how.progress(done, how.toys, "candidates")
    studied = tuple(covered(name, truth[name], *np.array(pairs).T) for name, pairs in found.items())
    return Coverage("weighted candidates", how.seed, studied, dict(failures))


def _pulls(likelihood: WeightedLikelihood, truth: Mapping[str, float]) -> dict[str, float]:
    """Return pulls of a fit, with the errors of the profile on the side of the truth."""
    result, found = fitted(likelihood), {}
    for name, true in truth.items():
        one, _ = ends(likelihood, result, name)
        found[name] = (one.value - true) / (one.plus if true > one.value else one.minus)
    return found


def _selected(seed: np.random.SeedSequence) -> tuple[Vector, Vector]:
    """Return mass and weight of candidates after the selection of bsmm.toml, which NumPy has shown to be this one."""
    c = generate.generate(PARTS, int(seed.generate_state(1)[0]))
    inside = (c["B_mass"] > generate.LOW) & (c["B_mass"] < generate.HIGH)
    kept = inside & (c["vertex_chi2"] < generate.MAX_CHI2) & (c["muon_pt"] > generate.MIN_PT)
    return c["B_mass"][kept], c["event_weight"][kept]


def complaints(found: Coverage, expected: int) -> Iterator[str]:
    """Yield what is out of bounds, these being wider for fewer toys than `expected`."""
    for c in found.parameters:
        wider = sqrt(expected / c.toys)
        for what, value, bound in (
            ("mean of pulls", c.mean, MEAN),
            ("width of pulls less 1", c.width - 1, WIDTH),
            ("coverage less 68 %", c.coverage - ONE_SIGMA, COVERAGE),
        ):
            if not abs(value) <= bound * wider:
                yield f"{found.model}, {c.name}: {what} is {value:+.3f}, more than {bound * wider:.3f}"
