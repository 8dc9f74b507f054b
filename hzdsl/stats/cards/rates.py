"""What is observed and expected in numbers: -1 becomes an integral, other numbers must be those of their histograms."""

from __future__ import annotations

from collections.abc import Mapping

from hzdsl.errors import Together
from hzdsl.records import dataclass
from hzdsl.stats.cards.checks import gamma_mismatch, wrong
from hzdsl.stats.cards.records import Card, Channel, Column, ColumnName, Systematic
from hzdsl.stats.cards.shapes import OBSERVED
from hzdsl.stats.cards.templates import Templates

#: How far an observation may be from the integral of its histogram, relatively.
OBSERVED_WITHIN = 0.005
#: How far a rate may be, in units of the larger of 1 and itself.
RATE_WITHIN = 0.01
#: The rate of a process of which a gmN line says that its control region is empty.
EMPTY_CONTROL_REGION = 1e-6


@dataclass(frozen=True)
class Rates:
    """Numbers of a card with -1 resolved, apart from those whose shapes lie in workspaces.

    Parameters
    ----------
    observed : mapping of str to float or None
        Per channel; None without an observation.
    expected : mapping of (channel, process) to float
        Per column.
    stored : frozenset of (channel, process)
        What lies in a workspace, data too: a rate of -1 is left to who reads it.
    """

    observed: Mapping[str, float | None]
    expected: Mapping[ColumnName, float]
    stored: frozenset[ColumnName]


def resolve_rates(templates: Templates) -> Rates:
    """Return the rates and observations of a card, checked against its histograms (STATS §3.1).

    Histograms of processes without a rate are not read.

    Raises
    ------
    HzdslError
        `datacard` for all numbers that are not those of their histograms; what reading them raises.
    """
    card, checks = templates.card, Together()
    observed: dict[str, float | None] = {}
    expected: dict[ColumnName, float] = {}
    for channel in card.channels:
        with checks:
            observed[channel.name] = _observed(channel, templates)
    for column in card.columns:
        with checks:
            expected[column.name] = _expected(column, templates)
    for line in (s for s in card.of(Systematic) if s.kind == "gmN"):
        for column in (c for c in card.columns if c.name in line.effects and c.rate == -1):
            for error in gamma_mismatch(line, column, expected.get(column.name, -1.0)):
                with checks:
                    raise error
    checks.done()
    return Rates(observed, expected | _empty_control_regions(card), _stored(templates))


def _observed(channel: Channel, templates: Templates) -> float | None:
    seen = channel.observed
    if seen is None:
        return None
    found = templates.observed(channel.name)
    if found is None:
        if seen == -1 and not _in_workspace(templates, channel.name, OBSERVED):
            raise wrong(f"channel {channel.name} has no histogram of which -1 is the integral", channel.place)
        return seen
    if seen == -1:
        return found.integral
    off = found.integral > 0.01 if seen == 0 else abs(found.integral / seen - 1) > OBSERVED_WITHIN
    if off:
        name = found.location.name
        message = f"{channel.name}: {seen:g} observed, the integral of {name} is {found.integral:g}"
        raise wrong(message, channel.place, "write -1, which is the integral")
    return seen


def _expected(column: Column, templates: Templates) -> float:
    if column.rate == 0:
        return 0.0
    what = f"{column.process} in channel {column.channel}"
    found = templates.nominal(column.channel, column.process)
    if found is None:
        if column.rate == -1 and not _in_workspace(templates, column.channel, column.process):
            raise wrong(f"{what} has no histogram of which -1 is the integral", column.place, "write the rate")
        return column.rate
    if column.rate == -1:
        if found.integral < 0:
            raise wrong(f"{what}: the integral of {found.location.name} is {found.integral:g}", column.place)
        return found.integral
    if abs(found.integral - column.rate) > RATE_WITHIN * max(1.0, column.rate):
        message = f"{what}: the rate is {column.rate:g}, the integral of {found.location.name} is {found.integral:g}"
        raise wrong(message, column.place, "write -1, which is the integral")
    return column.rate


def _in_workspace(templates: Templates, channel: str, process: str) -> bool:
    location = templates.locate(channel, process)
    return location is not None and location.workspace is not None


def _stored(templates: Templates) -> frozenset[ColumnName]:
    card = templates.card
    named = [c.name for c in card.columns if c.rate != 0]
    named += [(c.name, OBSERVED) for c in card.channels if c.observed is not None]
    return frozenset(x for x in named if _in_workspace(templates, *x) and templates.nominal(*x) is None)


def _empty_control_regions(card: Card) -> dict[ColumnName, float]:
    columns = {c for s in card.of(Systematic) if s.kind == "gmN" for c in s.effects}
    return {c.name: EMPTY_CONTROL_REGION for c in card.columns if c.rate == 0 and c.name in columns}
