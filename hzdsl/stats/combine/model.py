"""From a datacard to a model: every column becomes a process with all that changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import times
from hzdsl.ir.building.leaves import param
from hzdsl.ir.node import Node
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.cards.checks import wrong
from hzdsl.stats.cards.editing import edited
from hzdsl.stats.cards.rates import Rates, resolve_rates
from hzdsl.stats.cards.reader import read_card
from hzdsl.stats.cards.records import (
    AutoStats,
    Card,
    ColumnName,
    Formula,
    InWorkspace,
    Number,
    RateParam,
    Systematic,
)
from hzdsl.stats.cards.shapes import Location, Substitutions, resolved_path
from hzdsl.stats.cards.templates import FLOOR, Template, Templates
from hzdsl.stats.combine.discrete import check_indices, penalties, with_choices
from hzdsl.stats.combine.morphing import effects
from hzdsl.stats.combine.nuisances import nuisances, placed_in, with_groups
from hzdsl.stats.combine.parametric import Contribution, parametric_channel
from hzdsl.stats.combine.physics import PhysicsModel, SignalStrength
from hzdsl.stats.combine.regularised import regularisation
from hzdsl.stats.combine.statistics import SimulatedProcess, statistics
from hzdsl.stats.combine.stored import Workspaces
from hzdsl.stats.combine.yields import expected_yield
from hzdsl.stats.densities.binned import BinnedChannel, BinnedPart, Rule
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedPart
from hzdsl.stats.formulas import formula
from hzdsl.stats.likelihood import Observation, Rows
from hzdsl.stats.parameters import Parameter, Parameters, Vector
from hzdsl.stats.part import Part
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Process, TemplateModel
from hzdsl.stats.templates.part import TemplatePart, parameters_of
from hzdsl.stats.terms import Terms, names_in


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
    bins : {"integral", "centre"}
        What a density expects where data are a histogram: its integral, or (Combine) its value in the middle times
        the width of the bin.
    """

    physics: PhysicsModel = SignalStrength()
    substitutions: Substitutions = Substitutions()
    masks: bool = False
    bins: Rule = "integral"


@dataclass(frozen=True, eq=False)
class CardModel:
    """What a card says: channels of templates, those of densities with what was observed, and all parameters.

    `masks` are the parameters that switch channels of densities off, `terms` what is added to -ln L besides.
    """

    templates: TemplateModel
    densities: tuple[UnbinnedChannel | BinnedChannel, ...]
    observed: Mapping[str, Rows | Vector]
    parameters: Parameters
    masks: Mapping[str, str]
    terms: tuple[Node, ...] = ()

    def likelihood(self) -> JointLikelihood:
        """Return -ln L."""
        observed: dict[str, Vector | Rows] = {c.name: np.asarray(c.counts, float) for c in self.templates.channels}
        observation = Observation({**observed, **self.observed}, self.parameters.centers)
        parts: list[Part] = []
        if self.templates.channels:
            parts.append(TemplatePart(self.templates))
        rows = tuple(c for c in self.densities if isinstance(c, UnbinnedChannel))
        bins = tuple(c for c in self.densities if isinstance(c, BinnedChannel))
        if rows:
            parts.append(UnbinnedPart(UnbinnedModel(rows), observation, self.masks))
        if bins:
            parts.append(BinnedPart(bins, self.masks))
        if self.terms:
            parts.append(Terms(self.terms))
        return JointLikelihood(parts, self.parameters, observation)


def read_model(path: str, meaning: Meaning | None = None) -> CardModel:
    """Return the model of a card.

    Raises
    ------
    HzdslError
        Where the card, its files or what they say is wrong.
    """
    return model_of(read_card(path), meaning)


def model_of(card: Card, meaning: Meaning | None = None) -> CardModel:
    """Return the model of a card that was read, or made of several; its edits are applied."""
    card = edited(card)
    given = meaning or Meaning()
    stored = Workspaces(given.substitutions.mass, card.names())
    with Templates(card, given.substitutions, stored=stored.template) as templates:
        return card_model(templates, given, stored)


def card_model(templates: Templates, meaning: Meaning, stored: Workspaces) -> CardModel:
    """Return the model of a card whose histograms and workspaces can be read."""
    return _Reading(templates, meaning, stored).model()


class _Reading:
    def __init__(self, templates: Templates, meaning: Meaning, stored: Workspaces) -> None:
        self._templates, self._meaning, self._stored = templates, meaning, stored
        self._card: Card = templates.card
        self._rates: Rates = resolve_rates(templates)
        self._systematics = tuple(s for s in self._card.acting() if isinstance(s, Systematic))
        self._rate_params = tuple(self._card.of(RateParam))

    def model(self) -> CardModel:
        """Return the model."""
        auto = self._card.auto_stats()
        functions = {column[0] for column in self._rates.stored if self._bins(column) is None}
        bare = [self._channel(c.name, auto.get(c.name)) for c in self._card.channels if c.name not in functions]
        densities = [self._densities(c.name) for c in self._card.channels if c.name in functions]
        start = {p.name: p.value for p in self._parameters([])}
        made = [_with_statistics(c, auto.get(c.name), start) for c in bare]
        found = self._parameters([p for _, more in made for p in more])
        templates, shapes = tuple(c for c, _ in made), tuple(c for c, _ in densities)
        check_indices(self._card, found)
        terms = regularisation(self._card, found.names)
        acting = {name for c in templates for name in parameters_of(c)} | names_in(terms)
        parameters = Parameters(with_choices(found, shapes, acting))
        return CardModel(
            TemplateModel(templates, parameters),
            shapes,
            {c.name: seen for c, seen in densities},
            parameters,
            {c.name: mask for c, _ in densities if (mask := self._mask(c.name)) is not None},
            (*terms, *penalties(shapes)),
        )

    def _mask(self, channel: str) -> str | None:
        return f"mask_{channel}" if self._meaning.masks else None

    def _parameters(self, statistical: list[Parameter]) -> Parameters:
        """Return all parameters: of the physics model, the card, workspaces, statistics and masks."""
        own = self._meaning.physics.parameters
        declared = nuisances(self._card, {p.name for p in own})
        met = self._stored.parameters()
        known = {p.name for p in (*own, *declared)}
        placed = [placed_in(p, met.get(p.name)) for p in declared]
        groups, frozen = self._card.groups(), self._card.frozen
        others = [with_groups(p, groups, frozen) for name, p in met.items() if name not in known]
        masks = [
            Parameter(mask, 0.0, 0.0, 1.0, fixed=True)
            for c in self._card.channels
            if (mask := self._mask(c.name)) is not None
        ]
        return Parameters([*own, *placed, *others, *statistical, *masks])

    def _contributions(self, name: str) -> list[Contribution]:
        columns = [c for c in self._card.columns if c.channel == name and self._rates.expected[c.name] != 0]
        found = []
        for c in columns:
            mine = effects(self._templates, c.name, self._systematics, 1)
            rate = self._rates.expected[c.name]
            factors, scale = self._scaled(c.name, c.signal)
            found.append(Contribution(c, 1.0 if rate == -1 else rate, mine, tuple(factors), scale))
        return found

    def _bins(self, column: ColumnName) -> tuple[Node, ...] | None:
        """Return the expressions of the bins of a process that has them."""
        place = self._templates.locate(*column)
        return None if place is None or place.workspace is None else self._stored.bins(place)

    def _densities(self, name: str) -> tuple[UnbinnedChannel | BinnedChannel, Rows | Vector]:
        rule = self._meaning.bins
        return parametric_channel(name, self._contributions(name), self._templates, self._stored, rule)

    def _channel(self, name: str, line: AutoStats | None) -> Channel:
        """Return a channel without the statistics of simulation."""
        columns = [c for c in self._card.columns if c.channel == name and self._rates.expected[c.name] != 0]
        observed = self._templates.observed(name)
        processes = [self._process(c.name, c.signal, line) for c in columns]
        bins = len(processes[0].contents) if processes else 1
        seen = self._rates.observed[name]
        counts = observed.contents if observed is not None else np.array([0.0 if seen is None else seen])
        place = next(c.place for c in self._card.channels if c.name == name)
        if (counts < 0).any():
            k = int(np.argmin(counts))
            what = f"channel {name}: the data are {counts[k]:g} in bin {k + 1}"
            raise wrong(what, place, "counts are 0 or more: what was subtracted belongs to a process")
        if len(counts) != bins:
            raise wrong(f"channel {name}: the data have {len(counts)} bins, its processes {bins}", place)
        return Channel(
            name,
            tuple(processes),
            counts,
            edges=observed.edges if observed is not None else None,
            label=observed.title if observed is not None else "",
            mask=self._mask(name),
        )

    def _process(self, column: ColumnName, signal: bool, line: AutoStats | None) -> Process:
        template = self._templates.nominal(*column)
        mine = effects(self._templates, column, self._systematics, 1 if line is None else line.mode)
        factors, scale = self._scaled(column, signal)
        rate = self._rates.expected[column] if mine.rate is None else mine.rate
        bins = self._bins(column) if template is None else None
        found = Process(
            column[1],
            np.ones(1 if bins is None else len(bins)) if template is None else _normalized(template.contents, template),
            1.0 if rate == -1 else rate,
            bin_scales=bins,
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
            normalized=line is None,
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
        """Return a rate parameter that is a formula, or lies in a workspace under its own name."""
        if isinstance(line.value, InWorkspace):
            file = resolved_path(line.value.file, self._card.source, line.place)
            place = Location(file, line.name, line.value.workspace, line.place)
            return self._stored.lowered(place, {}).value(line.name)
        assert isinstance(line.value, Formula)
        try:
            return formula(line.value.text, {name: param(name, 0.0) for name in line.value.arguments})
        except HzdslError as error:
            raise error.at(line.place) from None


def _normalized(values: Vector, template: Template) -> Vector:
    found: Vector = values / template.contents.sum()
    return found


def _with_statistics(
    channel: Channel, line: AutoStats | None, start: Mapping[str, float]
) -> tuple[Channel, tuple[Parameter, ...]]:
    """Return a channel with what autoMCStats gives it, and new parameters; counts without histograms get nothing."""
    if line is None or channel.edges is None or line.threshold < 0:
        return channel, ()
    rates = _yields(channel.processes, start)
    found = statistics(channel.name, [_simulated(p, n) for p, n in zip(channel.processes, rates, strict=True)], line)
    processes = tuple(
        replace(p, gammas=(*p.gammas, *g), added=a)
        for p, g, a in zip(channel.processes, found.gammas, found.added, strict=True)
    )
    floor = FLOOR if found.parameters else None
    return replace(channel, processes=processes, profiled=found.profiled, floor=floor), found.parameters


def _yields(processes: Sequence[Process], start: Mapping[str, float]) -> list[float]:
    """Return yields where parameters start, of which effective numbers are found (STATS §3.4)."""
    norms = ([n for n in p.norms if start[n.parameter] != 0] for p in processes)  # the others are 1
    every = zip(processes, norms, strict=True)
    return RowEvaluator([Value(expected_yield(p.rate, n, p.factors, [p.scale])) for p, n in every]).scalars(start)


def _simulated(p: Process, rate: float) -> SimulatedProcess:
    errors = np.zeros(len(p.contents)) if p.errors is None else p.errors
    return SimulatedProcess(p.name, rate, p.contents, errors, p.signal)
