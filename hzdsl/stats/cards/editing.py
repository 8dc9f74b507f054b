"""`nuisance edit`: changes of the lines above it, done to records (docs/part2/settinguptheanalysis.md of Combine).

Patterns of processes, channels and names are regular expressions of the whole name, or `*`. Where nothing matches it is
an error unless the edit says `ifexists`: Combine warns of some cases, refuses others, and is silent in a few.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from hzdsl.errors import Together
from hzdsl.records import dataclass
from hzdsl.stats.cards.amounts import Asked, converted, effect_of_edit, flipped, quadrature
from hzdsl.stats.cards.below import EDITS
from hzdsl.stats.cards.checks import constraint
from hzdsl.stats.cards.records import (
    Card,
    ColumnName,
    Constr,
    Discrete,
    Edit,
    Effect,
    ExtArg,
    FlatParam,
    Line,
    Param,
    RateParam,
    Systematic,
)


@dataclass
class Work:
    """A card while it is edited: the lines above the present edit."""

    columns: tuple[ColumnName, ...]
    lines: list[Line]
    frozen: dict[str, None]


def edited(card: Card) -> Card:
    """Return a card with its edits applied, in the order in which they stand: each changes the lines above it.

    Raises
    ------
    HzdslError
        `datacard` for every edit that cannot be done.
    """
    if card.edited:
        return card
    work = Work(tuple(c.name for c in card.columns), [], dict.fromkeys(card.frozen))
    checks = Together()
    for line in card.lines:
        if not isinstance(line, Edit):
            work.lines.append(line)
            continue
        with checks:
            asked = _asked(line)
            _ACTIONS[asked.action](work, asked)
    checks.done()
    return replace(card, lines=tuple(work.lines), frozen=tuple(work.frozen))


def _asked(edit: Edit) -> Asked:
    count = len(EDITS[edit.action])
    if edit.action == "rename" and len(edit.words) == 2:
        count = 2
    return Asked(edit.action, edit.words[:count], frozenset(edit.words[count:]), edit.place)


def _meant(column: ColumnName, process: str, channel: str) -> bool:
    # a + in the name of a channel is itself, not a repetition
    if channel != "*" and not re.fullmatch(channel.replace("+", r"\+"), column[0]):
        return False
    return process == "*" or re.fullmatch(process, column[1]) is not None


def _columns(work: Work, asked: Asked) -> list[ColumnName]:
    """Return the columns that the first two words of an edit mean."""
    process, channel, *_ = asked.words
    found = [c for c in work.columns if _meant(c, process, channel)]
    if not found:
        asked.missed(f"column of process {process}, channel {channel}")
    return found


def _named(work: Work, asked: Asked, pattern: str) -> list[tuple[int, Systematic]]:
    """Return the systematics whose whole name a pattern matches, with their numbers.

    Parameters have no columns in which something could be changed.
    """
    found = []
    for k, x in enumerate(work.lines):
        if isinstance(x, Param | Constr) and re.fullmatch(pattern, x.name):
            raise asked.wrong(f"{x.name} has no columns", "only lnN, shape and others with a number per column have")
        if isinstance(x, Systematic) and re.fullmatch(pattern, x.name):
            found.append((k, x))
    if not found:
        asked.missed(f"systematic uncertainty {pattern}")
    return found


def _put(work: Work, k: int, effects: Mapping[ColumnName, Effect], **changed: object) -> None:
    work.lines[k] = replace(work.lines[k], effects=effects, **changed)  # type: ignore[arg-type]


# --- what the edits do -----------------------------------------------------------------------------------------------


def _add(work: Work, asked: Asked) -> None:
    _, _, name, kind, value = asked.words
    effect = effect_of_edit(asked, kind, value)
    for column in _columns(work, asked):
        _set(work, asked, (name, kind), column, effect)


def _set(work: Work, asked: Asked, line: tuple[str, str], column: ColumnName, effect: Effect | None) -> None:
    """Give a column an effect, in the line of this name and kind or a new one at the end."""
    name, kind = line
    k = _line_for(work, asked, name, kind)
    if effect is None:
        return
    systematic = work.lines[k]
    assert isinstance(systematic, Systematic)
    old = systematic.effects.get(column)
    if old is not None and "addq" in asked.options:
        effect = quadrature(asked, kind, old, effect)
    elif old is not None and "overwrite" not in asked.options:
        channel, process = column
        fix = "write addq (in quadrature) or overwrite behind it"
        raise asked.wrong(f"{name} has an effect on {process} in {channel} already", fix)
    _put(work, k, {**systematic.effects, column: effect})


def _line_for(work: Work, asked: Asked, name: str, kind: str) -> int:
    same = [(k, x) for k, x in enumerate(work.lines) if isinstance(x, Systematic) and x.name == name]
    for _, x in same:
        if x.kind != kind:
            raise asked.wrong(f"{name} is {x.kind}, not {kind}", f"nuisance edit changepdf {name} {kind} changes it")
    if same:
        return same[-1][0]
    work.lines.append(Systematic(name, kind, {}, place=asked.place))
    return len(work.lines) - 1


def _drop(work: Work, asked: Asked) -> None:
    columns = set(_columns(work, asked))
    lines = _named(work, asked, asked.words[2])
    for k, x in lines:
        _put(work, k, {c: e for c, e in x.effects.items() if c not in columns})


def _rename(work: Work, asked: Asked) -> None:
    old, new = asked.words[-2:]
    found = [(k, x) for k, x in enumerate(work.lines) if isinstance(x, Systematic | Param | Constr) and x.name == old]
    for _, x in found:
        kind = x.kind if isinstance(x, Systematic) else "constr" if isinstance(x, Constr) else "param"
        if kind in ("constr", "trG", "gmN"):
            raise asked.wrong(f"{old} is {kind}: only param, shape and lnN can be renamed", "rename it in the card")
        _check_same(work, asked, x, new)
    everywhere = len(asked.words) == 2
    for k, x in found:
        if everywhere and isinstance(x, Param):
            work.lines[k] = replace(x, name=new, origin=x.origin or x.name)
        elif everywhere and isinstance(x, Systematic):
            _put(work, k, _renamed(x, x.effects), name=new)
        elif isinstance(x, Systematic):
            _rename_columns(work, asked, k, x)
    if not found:
        asked.missed(f"systematic uncertainty {old}")


def _renamed(systematic: Systematic, effects: Mapping[ColumnName, Effect]) -> dict[ColumnName, Effect]:
    """Return effects that remember the name of their histograms."""
    if not systematic.shape:
        return dict(effects)
    return {c: replace(e, origin=e.origin or systematic.name) for c, e in effects.items()}


def _rename_columns(work: Work, asked: Asked, k: int, old: Systematic) -> None:
    """Move the effects on some columns to the line of the new name, or to a new one at the end."""
    columns = set(_columns(work, asked))
    moved = {c: e for c, e in old.effects.items() if c in columns}
    new = asked.words[-1]
    if not moved:
        return
    _put(work, k, {c: e for c, e in old.effects.items() if c not in moved})
    moved = _renamed(old, moved)
    for j, x in enumerate(work.lines):
        if isinstance(x, Systematic) and (x.name, x.kind) == (new, old.kind):
            twice = next((c for c in moved if c in x.effects), None)
            if twice is not None:
                raise asked.wrong(f"{new} has an effect on {twice[1]} in {twice[0]} already", "drop one of the two")
            _put(work, j, {**x.effects, **moved})
            return
    work.lines.append(replace(old, name=new, effects=moved, place=asked.place))


def _check_same(work: Work, asked: Asked, x: Systematic | Param | Constr, new: str) -> None:
    """Refuse a new name that another parameter has, of another constraint."""
    for y in work.lines:
        if isinstance(x, Constr) or y is x or not isinstance(y, Systematic | Param) or y.name != new:
            continue
        if constraint(x) != constraint(y):
            raise asked.wrong(f"{new} is there already, with another constraint", "choose another name")


def _change_kind(work: Work, asked: Asked) -> None:
    pattern, kind = asked.words
    lines = _named(work, asked, pattern)
    for k, x in lines:
        if x.kind != kind:
            _put(work, k, converted(asked, x, kind), kind=kind)


def _merge(work: Work, asked: Asked) -> None:
    into, pattern = asked.words[2:]
    columns = _columns(work, asked)
    lines = _named(work, asked, pattern)
    adding = replace(asked, options=asked.options | {"addq"})
    for k, x in lines:
        moved = {c: x.effects[c] for c in columns if c in x.effects}
        _put(work, k, {c: e for c, e in x.effects.items() if c not in moved})
        for column, effect in moved.items():
            _set(work, adding, (into, x.kind), column, effect)


def _split(work: Work, asked: Asked) -> None:
    pattern, first, second, *values = asked.words[2:]
    columns = _columns(work, asked)
    lines = _named(work, asked, pattern)
    writing = replace(asked, options=asked.options | {"overwrite"})
    for k, x in lines:
        found = [c for c in columns if c in x.effects]
        _put(work, k, {c: e for c, e in x.effects.items() if c not in found})
        for name, value in zip((first, second), values, strict=True):
            effect = effect_of_edit(asked, x.kind, value)
            for column in found:
                _set(work, writing, (name, x.kind), column, effect)


def _freeze(work: Work, asked: Asked) -> None:
    """Freeze the parameters without a constraint that are meant, or else those with one, as Combine does."""
    (pattern,) = asked.words
    free = [x.name for x in work.lines if isinstance(x, FlatParam | RateParam | Discrete | ExtArg)]
    constrained = [x.name for x in work.lines if isinstance(x, Systematic | Param)]
    for names in (free, constrained):
        found = [name for name in names if re.fullmatch(pattern, name)]
        if found:
            work.frozen.update(dict.fromkeys(found))
            return
    asked.missed(f"parameter {pattern}")


def _flip(work: Work, asked: Asked) -> None:
    """Turn the directions of log-normals: of those up (`p2n`), of those down (`n2p`)."""
    if not asked.options & {"p2n", "n2p"}:
        raise asked.wrong("it says no direction", "write p2n (positive to negative), n2p or both behind it")
    columns = set(_columns(work, asked))
    lines = _named(work, asked, asked.words[2])
    for k, x in lines:
        if x.kind != "lnN":
            raise asked.wrong(f"{x.name} is {x.kind}, not lnN")
        _put(work, k, {c: flipped(asked, e) if c in columns else e for c, e in x.effects.items()})


_ACTIONS: Mapping[str, Callable[[Work, Asked], None]] = {
    "add": _add,
    "drop": _drop,
    "rename": _rename,
    "changepdf": _change_kind,
    "merge": _merge,
    "split": _split,
    "freeze": _freeze,
    "flip": _flip,
}
