"""Names that edits have given to histograms and to parameters of workspaces, said as edits again.

A card cannot say that the histograms of `alpha_sr` are called `alpha`; it says `alpha`, and an edit that renames it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from hzdsl.errors import HzdslError
from hzdsl.stats.cards.records import Card, ColumnName, Edit, Line, Param, Systematic
from hzdsl.stats.cards.words import CODE


def unrenamed(card: Card) -> tuple[list[Line], list[Edit]]:
    """Return the lines under the names of what is stored, and the edits that give them theirs.

    Raises
    ------
    HzdslError
        `datacard` where two uncertainties of one column, or two parameters, would have one name.
    """
    stored = {e.origin for s in card.of(Systematic) for e in s.effects.values() if e.origin}
    lines: list[Line] = []
    edits: list[Edit] = []
    for line in card.lines:
        if isinstance(line, Param) and line.origin is not None:
            if any(getattr(x, "name", None) == line.origin for x in card.lines):
                raise _twice(line, line.origin)
            lines.append(replace(line, name=line.origin, origin=None))
            edits.append(Edit("rename", (line.origin, line.name)))
        elif isinstance(line, Systematic) and (line.name in stored or any(e.origin for e in line.effects.values())):
            for column, effect in line.effects.items():
                name = effect.origin or line.name
                _merge(lines, replace(line, name=name, effects={column: replace(effect, origin=None)}))
                edits += [] if name == line.name else [_rename(column, name, line.name)]
        else:
            lines.append(line)
    return lines, edits


def literally(name: str) -> str:
    """Return the pattern that means this name alone.

    Examples
    --------
    >>> literally("r_ggH-qqH"), literally("a+b")
    ('r_ggH-qqH', 'a\\\\+b')
    """
    return re.sub(r"([.^$*+?{}\[\]|()\\])", r"\\\1", name)


def _rename(column: ColumnName, old: str, new: str) -> Edit:
    channel, process = column
    # the + of a channel's name is itself in an edit
    return Edit("rename", (literally(process), literally(channel).replace(r"\+", "+"), old, new))


def _merge(lines: list[Line], line: Systematic) -> None:
    """Add effects to the line of the same name and kind, or a line where there is none."""
    for k, x in enumerate(lines):
        if isinstance(x, Systematic) and (x.name, x.kind) == (line.name, line.kind):
            if x.effects.keys() & line.effects.keys():
                raise _twice(line, line.name)
            lines[k] = replace(x, effects={**x.effects, **line.effects})
            return
    lines.append(line)


def _twice(line: Param | Systematic, name: str) -> HzdslError:
    message = f"{line.name} cannot be written: a card would call it {name}, and there is another {name}"
    return HzdslError(CODE, message, fix="write the card with its edits not applied", place=line.place)
