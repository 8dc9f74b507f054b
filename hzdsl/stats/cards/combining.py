"""combineCards: several cards become one, in which equal names are equal parameters (STATS §3.1)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from hzdsl.errors import HzdslError, Together
from hzdsl.stats.cards.checks import check_card, wrong
from hzdsl.stats.cards.editing import edited
from hzdsl.stats.cards.joining import joined
from hzdsl.stats.cards.parts import Choice, Part, moved
from hzdsl.stats.cards.reader import USUAL
from hzdsl.stats.cards.records import Card, Channel, Column, ShapeLine


def combine_cards(
    cards: Iterable[tuple[str, Card]],
    *,
    folder: str = "",
    choice: Choice | None = None,
    shapes: bool = False,
    statistics_only: bool = False,
) -> Card:
    """Return one card of several, as Combine's combineCards.py makes it.

    The channel of a card with one is called like the card, others ``NAME_channel``; a card that is called ``.`` keeps
    its names. Edits are applied to the card that they stand in. Lines of one name become one; log-normals and shapes of
    one name become `shape?`.

    Parameters
    ----------
    cards : iterable of (str, Card)
        Names and cards.
    folder : str
        Where the new card will lie: relative paths in it start there.
    choice : Choice, optional
        Which channels are taken.
    shapes : bool
        Cards without shapes become counting experiments among shapes (`FAKE`), as with ``-S``.
    statistics_only : bool
        Leave systematic uncertainties and constraints out, as with ``-s``.

    Raises
    ------
    HzdslError
        `datacard` where the cards do not go together.

    Examples
    --------
    >>> from hzdsl.stats.cards.reader import parse_card
    >>> from hzdsl.stats.cards.writer import write_card
    >>> text = "bin b\\nobservation 3\\nbin b b\\nprocess h z\\nprocess 0 1\\nrate 1 2\\nlumi lnN 1.02 -"
    >>> both = combine_cards([("mu", parse_card(text)), ("el", parse_card(text))])
    >>> print("\\n".join(write_card(both).splitlines()[7:]))
    bin           mu    mu  el    el
    process       h     z   h     z
    process       0     1   0     1
    rate          1     2   1     2
    ------------------------------------
    lumi     lnN  1.02  -   1.02  -
    """
    parts = _parts(cards, choice or Choice())
    combined = Card(
        channels=_channels(parts),
        columns=_columns(parts),
        shapes=_shapes(parts, folder, shapes),
        lines=tuple(joined(parts, folder, statistics_only)),
        frozen=tuple(dict.fromkeys(name for p in parts for name in p.card.frozen)),
        source=os.path.join(folder, "<combination>"),
    )
    check_card(combined, USUAL)
    return combined


def _parts(cards: Iterable[tuple[str, Card]], choice: Choice) -> list[Part]:
    found = [_part(name, edited(card), choice) for name, card in cards]
    if not any(p.names for p in found):
        raise HzdslError(
            "options", "there is no channel to combine", fix="name cards, and choose some of their channels"
        )
    checks, first = Together(), dict[str, Part]()
    for part in found:
        for name in part.names.values():
            with checks:
                if first.setdefault(name, part) is not part:
                    message = f"the channel {name} is in {first[name].card.source} and in {part.card.source}"
                    raise HzdslError("name-twice", message, fix="give the cards other names: NAME=CARD")
    checks.done()
    return [p for p in found if p.names]


def _part(label: str, card: Card, choice: Choice) -> Part:
    names = [c.name for c in card.channels]
    if label != "." and re.fullmatch(r"[A-Za-z_]\w*", label) is None:
        raise HzdslError(
            "options", f"'{label}' cannot name channels", fix="write letters, digits and _, a letter first"
        )
    prefix = "" if label == "." else f"{label}_"
    called = {n: label if prefix and len(names) == 1 else f"{prefix}{n}" for n in names}
    # the only channel of a card is chosen by its new name, those of others by their old ones, as in Combine
    return Part(card, {n: new for n, new in called.items() if choice.takes(new if len(names) == 1 else n)})


def _channels(parts: Sequence[Part]) -> tuple[Channel, ...]:
    found = [replace(c, name=p.names[c.name]) for p in parts for c in p.card.channels if c.name in p.names]
    seen = {c.observed is not None for c in found}
    if len(seen) > 1:
        blind = ", ".join(c.name for c in found if c.observed is None)
        raise wrong(f"there are observations, but not of {blind}", None, "give all cards an observation line, or none")
    return tuple(found)


def _columns(parts: Sequence[Part]) -> tuple[Column, ...]:
    """Return columns in the order of channels, signals first, and processes numbered anew."""
    taken = [replace(c, channel=p.names[c.channel]) for p in parts for c in p.card.columns if c.channel in p.names]
    first: dict[str, Column] = {}
    for c in taken:
        other = first.setdefault(c.process, c)
        if other.signal != c.signal:
            signal, background = (c, other) if c.signal else (other, c)
            message = f"{c.process} is signal in {signal.channel} and background in {background.channel}"
            raise wrong(message, c.place, "signals have numbers of at most 0 in all cards; or name one otherwise")
    signals = [n for n, c in first.items() if c.signal]
    backgrounds = [n for n, c in first.items() if not c.signal]
    numbers = {n: k - len(signals) + 1 for k, n in enumerate(signals)} | {n: k for k, n in enumerate(backgrounds, 1)}
    order = {n: k for k, n in enumerate(dict.fromkeys(c.channel for c in taken))}
    ordered = sorted(taken, key=lambda c: (order[c.channel], not c.signal))
    return tuple(replace(c, number=numbers[c.process]) for c in ordered)


def _shapes(parts: Sequence[Part], folder: str, fake: bool) -> tuple[ShapeLine, ...]:
    without = [p for p in parts if not p.card.shapes]
    if len(without) == len(parts) and not fake:
        return ()
    if without and not fake:
        message = f"{', '.join(p.card.source for p in without)} has no shapes, and others have"
        raise wrong(message, None, "with -S (shapes=True) they are counting experiments among shapes")
    lines = []
    for part in parts:
        for channel, name in part.names.items():
            lines += _of_channel(part.card, channel, name, folder) or [ShapeLine("*", name, "FAKE")]
    return tuple(lines)


def _of_channel(card: Card, channel: str, name: str, folder: str) -> list[ShapeLine]:
    """Return the lines that are about a channel; what it does not say of a process, those of all channels do."""
    own = {s.process: s for s in card.shapes if s.channel == channel}
    every = {s.process: s for s in card.shapes if s.channel == "*"}
    # of a channel with lines of its own, a process is sought in them, then under *, before lines of all channels
    inherited = {} if "*" in own else {n: s for n, s in every.items() if n not in own}
    return [
        ShapeLine(
            s.process,
            name,
            moved(s.file, card.source, folder).replace("$CHANNEL", channel),
            s.nominal.replace("$CHANNEL", channel),
            s.varied.replace("$CHANNEL", channel),
            s.place,
        )
        for s in (*own.values(), *inherited.values())
    ]
