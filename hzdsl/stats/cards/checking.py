"""Looking at all that a card refers to, before anything is fitted."""

from __future__ import annotations

from collections.abc import Iterator

from hzdsl.errors import HzdslError, Together
from hzdsl.stats.cards.rates import Rates, resolve_rates
from hzdsl.stats.cards.records import Card, ColumnName, Systematic
from hzdsl.stats.cards.shapes import OBSERVED
from hzdsl.stats.cards.templates import FLOOR, Templates
from hzdsl.stats.templates.remarks import bare, negative


def check_shapes(templates: Templates) -> tuple[Rates, list[str]]:
    """Read every histogram that a card refers to, and return its rates, and remarks.

    Raises
    ------
    HzdslError
        For all that is missing, binned otherwise, no number, or not the rate of the card; for a process with shapes of
        both kinds of interpolation.
    """
    checks, card = Together(), templates.card
    rates: Rates | None = None
    with checks:
        rates = resolve_rates(templates)
    for column, lines in _by_column(card).items():
        if (rates is not None and rates.expected.get(column) == 0) or not _has_nominal(templates, column):
            continue
        with checks:
            check_one_algorithm(column, lines)
        for line in lines:
            with checks:
                templates.varied(line, column)
    checks.done()
    assert rates is not None
    return rates, list(_remarks(templates, rates))


def remarks(card: Card) -> Iterator[str]:
    """Yield what is perhaps not meant, and no mistake: it has no effect.

    Examples
    --------
    >>> from hzdsl.stats.cards.reader import parse_card
    >>> text = "shapes zz * a.root h\\nbin b\\nobservation 3\\nbin b\\nprocess z\\nprocess 1\\nrate 1\\nlumi lnN -"
    >>> print("\\n".join(remarks(parse_card(text))))
    the card has no signal
    the shapes line of process zz, channel * is about nothing in the card
    lumi has no effect on any process with a rate
    """
    processes, channels = {"*", OBSERVED, *card.processes}, {"*", *(c.name for c in card.channels)}
    if not any(c.signal for c in card.columns):
        yield "the card has no signal"
    for line in card.shapes:
        if line.process not in processes or line.channel not in channels:
            yield f"the shapes line of process {line.process}, channel {line.channel} is about nothing in the card"
    acting = {x.name for x in card.acting()}
    for name in dict.fromkeys(x.name for x in card.of(Systematic)):
        if name not in acting:
            yield f"{name} has no effect on any process with a rate"


def _by_column(card: Card) -> dict[ColumnName, list[Systematic]]:
    found: dict[ColumnName, list[Systematic]] = {}
    for line in card.of(Systematic):
        for column in line.effects if line.shape else ():
            found.setdefault(column, []).append(line)
    return found


def _has_nominal(templates: Templates, column: ColumnName) -> bool:
    """Return whether the nominal histogram is right, or none is needed: what varies a wrong one is not said, too."""
    try:
        templates.nominal(*column)
    except HzdslError:
        return False
    return True


def check_one_algorithm(column: ColumnName, lines: list[Systematic]) -> None:
    """Refuse shapes of a process of which some, not all, are interpolated in logarithms (STATS §3.3)."""
    kinds = {line.kind.startswith("shapeN"): line for line in lines}
    if len(kinds) == 2:
        message = f"{column[1]} in channel {column[0]} has shape {kinds[False].name} and shapeN {kinds[True].name}"
        fix = "all shapes of one process are of one kind"
        raise HzdslError("datacard", message, fix=fix, place=kinds[True].place)


def _remarks(templates: Templates, rates: Rates) -> Iterator[str]:
    """Yield what fits will do something about: negative bins, and data where no background is expected."""
    for channel in templates.card.channels:
        columns = [c for c in templates.card.columns if c.channel == channel.name and rates.expected[c.name] != 0]
        found = [(c, templates.nominal(*c.name)) for c in columns]
        for column, template in found:
            if template is not None:
                yield from negative(column.process, channel.name, template.contents, FLOOR)
        seen = (
            None if channel.observed is None or any(t is None for _, t in found) else templates.observed(channel.name)
        )
        if seen is not None:
            backgrounds = (t.contents for c, t in found if t is not None and not c.signal)
            yield from bare(channel.name, seen.contents, backgrounds)
