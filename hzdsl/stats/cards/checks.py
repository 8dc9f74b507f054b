"""What the lines of a card must say of each other (STATS §3.1); edits were applied before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from hzdsl.errors import HzdslError, Place, Together, did_you_mean
from hzdsl.stats.cards.records import (
    AutoStats,
    Card,
    Column,
    ColumnName,
    Discrete,
    ExtArg,
    Formula,
    Group,
    Number,
    Param,
    RateParam,
    Systematic,
)
from hzdsl.stats.cards.words import CODE

_Named = Systematic | Param | Discrete | ExtArg
#: Kinds whose parameter is a standard normal number: their lines may share one.
STANDARD = frozenset({"lnN", "shape", "shapeN", "shape?", "shapeN?"})


def check_card(card: Card, others: Collection[str]) -> None:
    """Refuse a card whose lines contradict each other, or name what is not there.

    Parameters
    ----------
    card : Card
        Without edits.
    others : collection of str
        Parameters of the physics model, which formulas and groups may name.

    Raises
    ------
    HzdslError
        `datacard`, for all that is wrong.
    """
    checks = Together()
    for error in (
        *_contributions(card),
        *_kinds(card),
        *_gammas(card),
        *_rate_params(card),
        *_group_order(card),
        *_references(card, others),
        *_statistics(card),
    ):
        with checks:
            raise error
    checks.done()


def wrong(message: str, place: Place | None, fix: str | None = None) -> HzdslError:
    """Return the error of a line of a card."""
    return HzdslError(CODE, message, fix=fix, place=place)


def _contributions(card: Card) -> Iterator[HzdslError]:
    filled = {c.channel for c in card.columns if c.rate != 0}
    filled |= {c[0] for s in card.of(Systematic) if s.kind == "gmN" for c in s.effects}
    for channel in card.channels:
        if channel.name not in filled:
            place = channel.place or next(c.place for c in card.columns if c.channel == channel.name)
            yield wrong(f"no process contributes to channel {channel.name}", place, "give one a rate, or leave it out")


def _unknown(what: str, line: RateParam, name: str, known: Collection[str]) -> HzdslError:
    fix = did_you_mean(name, known) or f"there are {', '.join(sorted(known)[:12])}"
    return wrong(f"there is no {what} {name}", line.place, fix)


def _unnamed(what: str, line: Group | RateParam, name: str, known: Collection[str]) -> HzdslError:
    fix = did_you_mean(name, known) or f"parameters of the card: {', '.join(sorted(known)[:12]) or 'none'}"
    return wrong(f"{what} names {name}, which is no parameter", line.place, fix)


def _kinds(card: Card) -> Iterator[HzdslError]:
    """Find lines of one name that say two things of one parameter."""
    above: dict[str, list[_Named]] = {}
    for line in card.lines:
        if isinstance(line, Systematic | Param | Discrete | ExtArg):
            others = above.setdefault(line.name, [])
            yield from islice((e for other in others for e in _contradiction(line, other)), 1)
            others.append(line)


def _contradiction(line: _Named, other: _Named) -> Iterator[HzdslError]:
    if isinstance(line, Systematic) and isinstance(other, Systematic):
        kinds = {line.kind, other.kind}
        either = "lnN" in kinds and kinds & {"shape", "shapeN"}
        same = (line.kind, line.count, line.bounds) == (other.kind, other.count, other.bounds)
        if not same and (either or not kinds <= STANDARD):
            fix = f"write {either.pop()}?" if either else "name one of them otherwise"
            yield wrong(f"{line.name} is {_kind(line)} here, and {_kind(other)} above", line.place, fix)
    elif isinstance(line, Systematic | Param) and isinstance(other, Systematic | Param):
        if constraint(line) != constraint(other):
            yield wrong(f"{line.name} has another constraint above", line.place, "name one of them otherwise")
    else:
        yield wrong(f"{line.name} is declared twice", line.place, "name one of them otherwise")


def _kind(line: Systematic) -> str:
    return line.kind if line.count is None else f"{line.kind} {line.count}"


def constraint(line: Systematic | Param) -> object:
    """Return what tells constraints apart: mean and widths of a normal, or the kind of another."""
    if isinstance(line, Param):
        return (line.mean, line.sigma, line.sigma_low)
    return (0.0, 1.0, None) if line.kind in STANDARD else line.kind


def _gammas(card: Card) -> Iterator[HzdslError]:
    columns: Mapping[ColumnName, Column] = {c.name: c for c in card.columns}
    found: dict[ColumnName, Systematic] = {}
    for line in card.of(Systematic):
        if line.kind == "gmM" and len({e.up for e in line.effects.values()}) > 1:
            yield wrong(
                f"gmM {line.name} has different widths", line.place, "its columns share one gamma, of one width"
            )
        if line.kind != "gmN":
            continue
        for name in line.effects:
            if found.setdefault(name, line) is not line:
                message = f"{name[1]} in {name[0]} has two gmN: {found[name].name} and {line.name}"
                yield wrong(message, line.place, "a rate is α N of one count")
            if columns[name].rate != -1:
                yield from gamma_mismatch(line, columns[name], columns[name].rate)


def gamma_mismatch(line: Systematic, column: Column, rate: float) -> Iterator[HzdslError]:
    """Find out whether a rate is not α N of its gmN line: |α N - rate| > max(0.05 max(rate, 1), α)."""
    alpha, count = line.effects[column.name].up, line.count or 0
    if abs(alpha * count - rate) > max(0.05 * max(rate, 1.0), alpha):
        what = f"{column.process} in {column.channel}"
        message = f"gmN {line.name}: α N = {alpha:g} · {count} = {alpha * count:g}, the rate of {what} is {rate:g}"
        yield wrong(message, line.place, f"write the rate {alpha * count:g}")


def _rate_params(card: Card) -> Iterator[HzdslError]:
    """Find rate parameters of columns that are not there, and of two meanings."""
    channels, processes = [c.name for c in card.channels], card.processes
    first: dict[str, RateParam] = {}
    for line in card.of(RateParam):
        if "*" in line.channel or "*" in line.process:
            if not any(line.matches(c.name) for c in card.columns):
                yield wrong(f"{line.name}: no column is of channel {line.channel}, process {line.process}", line.place)
        elif line.channel not in channels:
            yield _unknown("channel", line, line.channel, channels)
        elif line.process not in processes:
            yield _unknown("process", line, line.process, processes)
        other = first.setdefault(line.name, line)
        if other.value != line.value:
            yield wrong(f"{line.name} has another value above", line.place, "one name is one parameter: say it alike")
    named = {s.name for s in card.of(Systematic)}
    for name in named & first.keys():
        yield wrong(f"{name} is a systematic uncertainty and a rateParam", first[name].place, "name one otherwise")
    for param in card.of(Param):
        if param.name in first and not isinstance(first[param.name].value, Number):
            yield wrong(f"{param.name} is a formula, which has no constraint", param.place, "constrain its arguments")


def _group_order(card: Card) -> Iterator[HzdslError]:
    defined: set[str] = set()
    for g in card.of(Group):
        if g.name not in defined and g.more:
            yield wrong(f"there is no group {g.name} above to which to add", g.place, f"write {g.name} group = …")
        if g.name in defined and not g.more:
            yield wrong(f"the group {g.name} is defined twice", g.place, f"write {g.name} group += … to add to it")
        defined.add(g.name)


def _references(card: Card, others: Collection[str]) -> Iterator[HzdslError]:
    """Find names of parameters that are none; those of cards with workspaces may be in them."""
    if card.in_workspaces:
        return
    known = card.names()
    for g in card.of(Group):
        for name in g.members:
            if name not in known:
                yield _unnamed(f"the group {g.name}", g, name, known)
    for line in card.of(RateParam):
        arguments = line.value.arguments if isinstance(line.value, Formula) else ()
        for name in arguments:
            if name not in known and name not in others:
                yield _unnamed(f"the formula {line.name}", line, name, known)


def _statistics(card: Card) -> Iterator[HzdslError]:
    channels = [c.name for c in card.channels]
    for line in card.of(AutoStats):
        if not any(line.matches(c) for c in channels):
            fix = did_you_mean(line.channel, channels) or f"there are {', '.join(channels[:12])}"
            yield wrong(f"autoMCStats of {line.channel}: there is no such channel", line.place, fix)
