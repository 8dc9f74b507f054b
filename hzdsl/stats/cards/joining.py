"""What stands below the rates of several cards, as one list: equal names are equal parameters."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from hzdsl.errors import Place
from hzdsl.stats.cards.checks import wrong
from hzdsl.stats.cards.parts import Part, moved
from hzdsl.stats.cards.records import (
    AutoStats,
    Constr,
    Discrete,
    Edit,
    ExtArg,
    FlatParam,
    Group,
    InWorkspace,
    Line,
    Param,
    RateParam,
    Systematic,
)

_P = TypeVar("_P", Param, FlatParam, ExtArg, Constr)


def joined(parts: Sequence[Part], folder: str, statistics_only: bool) -> list[Line]:
    """Return what stands below the rates of a combination; see `combining.combine_cards`."""
    systematics = [] if statistics_only else _systematics(parts)
    constrained: list[Line] = [] if statistics_only else [*_same(parts, Param), *_same(parts, Constr)]
    rates = list(_rate_params(parts, folder))
    arguments = _same([_relocated(p, folder) for p in parts], ExtArg)
    lines = [*systematics, *constrained, *_same(parts, FlatParam), *rates, *arguments, *_discretes(parts)]
    kept = {x.name for x in lines if not isinstance(x, Group | AutoStats | Edit)}
    gone = {name for p in parts for name in p.card.names()} - kept
    return [*lines, *_groups(parts, gone), *_statistics(parts)]


def _systematics(parts: Sequence[Part]) -> list[Systematic]:
    """Return the systematic uncertainties, those of one name and kind in one line where no column has two."""
    found: dict[str, list[Systematic]] = {}
    for part in parts:
        for x in part.card.of(Systematic):
            effects = {(part.names[c], p): e for (c, p), e in x.effects.items() if c in part.names}
            if effects:
                found[x.name] = _together(found.get(x.name, []), replace(x, effects=effects))
    return [x for lines in found.values() for x in lines]


def _together(others: Sequence[Systematic], x: Systematic) -> list[Systematic]:
    """Return the lines of one name with one more."""
    kind = _common_kind(others, x)
    lines = [replace(y, kind=kind) for y in others]
    for k, y in enumerate(lines):
        if y.nofloat == x.nofloat and not y.effects.keys() & x.effects.keys():
            lines[k] = replace(y, effects={**y.effects, **x.effects})
            return lines
    return [*lines, replace(x, kind=kind)]


def _common_kind(others: Sequence[Systematic], x: Systematic) -> str:
    """Return the kind of lines of one name: log-normals and shapes become `shape?`."""
    for y in others:
        if (y.kind, y.count, y.bounds) == (x.kind, x.count, x.bounds):
            continue
        shapes = {k.removesuffix("?") for k in (x.kind, y.kind)} - {"lnN"}
        if len(shapes) == 1 and shapes <= {"shape", "shapeN"}:
            return f"{shapes.pop()}?"
        one, two = (z.kind if z.count is None else f"{z.kind} {z.count}" for z in (x, y))
        raise wrong(f"{x.name} is {one} here, and {two} in {_file(y.place)}", x.place, "name one of them otherwise")
    return x.kind


def _file(place: Place | None) -> str:
    return "another card" if place is None else f"{place.source}:{place.line}"


def _same(parts: Sequence[Part], kind: type[_P]) -> list[_P]:
    """Return lines of one kind, each name once; cards that say two things of it are refused."""
    found: dict[str, _P] = {}
    for part in parts:
        for x in part.card.of(kind):
            other = found.setdefault(x.name, x)
            if other != x:
                fix = "say the same in both, or name one of them otherwise"
                raise wrong(f"{x.name} is another one in {_file(other.place)}", x.place, fix)
    return list(found.values())


def _discretes(parts: Sequence[Part]) -> list[Discrete]:
    found: dict[str, Discrete] = {}
    for x in (x for p in parts for x in p.card.of(Discrete)):
        if x.name in found:
            message = f"the index {x.name} is in {_file(found[x.name].place)}, too"
            raise wrong(message, x.place, "rename one: an index cannot be shared by cards")
        found[x.name] = x
    return list(found.values())


def _relocated(part: Part, folder: str) -> Part:
    """Return a part whose workspaces of parameters are found from another folder."""

    def new(x: Line) -> Line:
        if isinstance(x, ExtArg | RateParam) and isinstance(x.value, InWorkspace):
            return replace(x, value=replace(x.value, file=moved(x.value.file, part.card.source, folder)))
        return x

    return replace(part, card=replace(part.card, lines=tuple(map(new, part.card.lines))))


def _rate_params(parts: Sequence[Part], folder: str) -> Iterator[RateParam]:
    """Yield rate parameters, one line for each column that they multiply."""
    for part in (_relocated(p, folder) for p in parts):
        for x in part.card.of(RateParam):
            for c in part.card.columns:
                if c.channel in part.names and x.matches(c.name):
                    yield replace(x, channel=part.names[c.channel], process=c.process)


def _groups(parts: Sequence[Part], gone: Collection[str]) -> list[Group]:
    """Return the groups with the members of all cards, without those that no card has any more."""
    members: dict[str, dict[str, None]] = {}
    for part in parts:
        for name, names in part.card.groups().items():
            members.setdefault(name, {}).update(dict.fromkeys(n for n in names if n not in gone))
    return [Group(name, tuple(names)) for name, names in members.items() if names]


def _statistics(parts: Sequence[Part]) -> list[AutoStats]:
    said = (((part.names[c], x) for c, x in part.card.auto_stats().items() if c in part.names) for part in parts)
    return [replace(x, channel=name) for each in said for name, x in each]
