"""From a datacard to a binned model: every column becomes a process with all that changes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import times
from hzdsl.ir.building.leaves import param
from hzdsl.ir.node import Node
from hzdsl.records import dataclass
from hzdsl.stats.cards.checks import wrong
from hzdsl.stats.cards.editing import edited
from hzdsl.stats.cards.rates import Rates, resolve_rates
from hzdsl.stats.cards.reader import read_card
from hzdsl.stats.cards.records import AutoStats, Card, ColumnName, Formula, Number, RateParam, Stored, Systematic
from hzdsl.stats.cards.shapes import Substitutions
from hzdsl.stats.cards.templates import Template, Templates
from hzdsl.stats.combine.morphing import effects
from hzdsl.stats.combine.nuisances import nuisances
from hzdsl.stats.combine.physics import PhysicsModel, SignalStrength
from hzdsl.stats.combine.statistics import Simulated, Statistics, statistics
from hzdsl.stats.parameters import Parameter, Parameters, Vector
from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel

#: No content of a shape is less, after shapes were applied (STATS §3.3).
FLOOR = 1e-9


@dataclass(frozen=True)
class Meaning:
    """How a card is read.

    Parameters
    ----------
    physics : PhysicsModel
        By what processes are multiplied.
    substitutions : Substitutions
        The mass, and words in names of histograms.
    masks : bool
        Each channel gets a parameter ``mask_CHANNEL`` that switches it off.
    """

    physics: PhysicsModel = SignalStrength()
    substitutions: Substitutions = Substitutions()
    masks: bool = False


def read_model(path: str, meaning: Meaning | None = None) -> TemplateModel:
    """Return the binned model of a card.

    Raises
    ------
    HzdslError
        Where the card, its files or what they say is wrong.
    """
    card = edited(read_card(path))
    given = meaning or Meaning()
    with Templates(card, given.substitutions) as templates:
        return template_model(templates, given)


def template_model(templates: Templates, meaning: Meaning) -> TemplateModel:
    """Return the binned model of a card whose histograms can be read."""
    return _Reading(templates, meaning).model()


class _Reading:
    def __init__(self, templates: Templates, meaning: Meaning) -> None:
        self._templates, self._meaning = templates, meaning
        self._card: Card = templates.card
        self._rates: Rates = resolve_rates(templates)
        self._systematics = tuple(s for s in self._card.acting() if isinstance(s, Systematic))
        self._rate_params = tuple(self._card.of(RateParam))
        if self._rates.stored:
            channel, process = min(self._rates.stored)
            what = f"the shape of {process} in channel {channel} is an object of a workspace"
            raise HzdslError("unsupported", what, fix="histograms and counts can be read by this version")

    def model(self) -> TemplateModel:
        """Return the model."""
        auto = self._card.auto_stats()
        found = [self._channel(c.name, auto.get(c.name)) for c in self._card.channels]
        own = self._meaning.physics.parameters
        masks = [
            Parameter(f"mask_{c.name}", 0.0, 0.0, 1.0, fixed=True) for c in self._card.channels if self._meaning.masks
        ]
        statistical = [p for _, s in found for p in (s.parameters if s is not None else ())]
        declared = nuisances(self._card, {p.name for p in own})
        parameters = Parameters([*own, *declared, *statistical, *masks])
        return TemplateModel(tuple(c for c, _ in found), parameters)

    def _channel(self, name: str, line: AutoStats | None) -> tuple[Channel, Statistics | None]:
        columns = [c for c in self._card.columns if c.channel == name and self._rates.expected[c.name] != 0]
        observed = self._templates.observed(name)
        counted = observed is None
        processes = [self._process(c.name, c.signal, line) for c in columns]
        bins = len(processes[0].contents) if processes else 1
        seen = self._rates.observed[name]
        counts = observed.contents if observed is not None else np.array([0.0 if seen is None else seen])
        found = None
        if line is not None and not counted and line.threshold >= 0:
            found = statistics(name, [_simulated(p) for p in processes], line)
            processes = [
                replace(p, gammas=(*p.gammas, *g), shapes=(*p.shapes, *s))
                for p, g, s in zip(processes, found.gammas, found.shapes, strict=True)
            ]
        if len(counts) != bins:
            place = next(c.place for c in self._card.channels if c.name == name)
            raise wrong(f"channel {name}: the data have {len(counts)} bins, its processes {bins}", place)
        return (
            Channel(
                name,
                tuple(processes),
                counts,
                edges=observed.edges if observed is not None else None,
                label=observed.title if observed is not None else "",
                profiled=None if found is None else found.profiled,
                mask=f"mask_{name}" if self._meaning.masks else None,
            ),
            found,
        )

    def _process(self, column: ColumnName, signal: bool, line: AutoStats | None) -> Process:
        template = self._templates.nominal(*column)
        mine = effects(self._templates, column, self._systematics, 1 if line is None else line.mode)
        factors, scale = self._scaled(column, signal)
        rate = self._rates.expected[column] if mine.rate is None else mine.rate
        found = Process(
            column[1],
            np.ones(1) if template is None else _normalized(template.contents, template),
            rate,
            norms=mine.norms,
            shapes=mine.shapes,
            factors=(*mine.factors, *factors),
            scale=scale,
            signal=signal,
        )
        if template is None:
            return found
        return replace(
            found,
            errors=_normalized(template.errors, template),
            floor=FLOOR,
            normalized=line is None or line.threshold < 0,
        )

    def _scaled(self, column: ColumnName, signal: bool) -> tuple[list[Factor], Node | None]:
        """Return the parameters, and the expression, that multiply a process: the physics model and rate parameters."""
        factors, scale = list[Factor](), None
        given = self._meaning.physics.scale(*column, signal)
        if isinstance(given, str):
            factors.append(Factor(given))
        elif given is not None:
            scale = given
        for line in self._rate_params:
            if not line.matches(column):
                continue
            if isinstance(line.value, Number):
                factors.append(Factor(line.name))
            else:
                more = self._formula(line)
                scale = more if scale is None else times(scale, more)
        return factors, scale

    def _formula(self, line: RateParam) -> Node:
        if isinstance(line.value, Stored):
            what = f"the rate parameter {line.name} is an object of a workspace"
            raise HzdslError("unsupported", what, fix="write its number, or a formula", place=line.place)
        assert isinstance(line.value, Formula)
        return formula_node(line.value, line)


def formula_node(formula: Formula, line: RateParam) -> Node:
    """Return the expression of a formula of other parameters."""
    from hzdsl.stats.formulas import formula as parsed

    arguments = {name: param(name, 0.0) for name in formula.arguments}
    try:
        return parsed(formula.text, arguments)
    except HzdslError as error:
        raise error.at(line.place) from None


def _normalized(values: Vector, template: Template) -> Vector:
    found: Vector = values / template.contents.sum()
    return found


def _simulated(p: Process) -> Simulated:
    errors = np.zeros(len(p.contents)) if p.errors is None else p.errors
    return Simulated(p.name, p.rate * p.contents, p.rate * errors, p.signal)
