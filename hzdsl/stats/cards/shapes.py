"""Where the shape of a process lies: file and object of a channel, process, variation and mass (STATS §3.1)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import field

from hzdsl.errors import HzdslError, Place
from hzdsl.records import dataclass
from hzdsl.stats.cards.checks import wrong
from hzdsl.stats.cards.records import TABLES, Card, ShapeLine
from hzdsl.urls import is_url

#: What the observed data are called where a process is named.
OBSERVED = "data_obs"
#: Words that have a meaning of their own after a $.
PROTECTED = ("PROCESS", "CHANNEL", "SYSTEMATIC", "MASS")


@dataclass(frozen=True)
class Location:
    """A file, and the object in it.

    Parameters
    ----------
    file : str
        A path as it can be opened, or an URL.
    name : str
        The histogram with its directory; where `workspace` is set, the object in that.
    workspace : str, optional
        A RooWorkspace of the file (or a TTree or TH1, of which `name` is the variable).
    place : Place, optional
        The line that said so.
    """

    file: str
    name: str
    workspace: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def table(self) -> bool:
        """Whether the file is a table, of which `name` is a row."""
        return self.file.endswith(TABLES)


@dataclass(frozen=True)
class Substitutions:
    """What stands for the words after a `$`: the mass (``-m``) and words of the user's own (``--keyword-value``)."""

    mass: float | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    def apply(self, text: str, channel: str, process: str, systematic: str, place: Place | None) -> str:
        """Return a name with its words replaced, those of Combine first.

        Raises
        ------
        HzdslError
            `datacard` where a word has no value.
        """
        for word, value in (("PROCESS", process), ("CHANNEL", channel), ("SYSTEMATIC", systematic)):
            text = text.replace(f"${word}", value)
        if "$MASS" in text:
            if self.mass is None:
                raise wrong(f"{text} depends on the mass", place, "give it: -m 125")
            text = text.replace("$MASS", mass_text(self.mass))
        for word, value in self.words.items():
            text = text.replace(f"${word}", value)
        return text


def mass_text(mass: float) -> str:
    """Return a mass as names of histograms have it: without a decimal point where it is an integer.

    Examples
    --------
    >>> mass_text(125.0), mass_text(125.38)
    ('125', '125.38')
    """
    return f"{mass:.0f}" if mass % 1 == 0 else str(mass)


def keywords(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the words of ``--keyword-value WORD=VALUE``.

    Raises
    ------
    HzdslError
        `options` for a word that has a meaning already.
    """
    found = dict(pairs)
    for word in found:
        if word in PROTECTED:
            fix = "the mass is -m; the others are what a shape is of"
            raise HzdslError("options", f"the keyword {word} cannot be given a value", fix=fix)
    return found


def shape_line(card: Card, channel: str, process: str) -> ShapeLine | None:
    """Return the line that says where a shape lies, None of a counting experiment.

    Lines of the very channel are asked first, or, where it has none, those of all channels: for the process, then for
    all; then lines of all channels for the process, then for all.

    Raises
    ------
    HzdslError
        `datacard` where no line is about it.
    """
    if not card.shapes:
        return None
    lines = {(s.channel, s.process): s for s in card.shapes}
    own = channel if any(s.channel == channel for s in card.shapes) else "*"
    for of, name in ((own, process), (own, "*"), ("*", process), ("*", "*")):
        if (of, name) in lines:
            return lines[of, name]
    what = "the observed data" if process == OBSERVED else f"process {process}"
    place = next((c.place for c in card.channels if c.name == channel), None)
    fix = f"write shapes {process} {channel} FILE HISTOGRAM, or shapes {process} {channel} FAKE"
    raise wrong(f"no shapes line is about {what} in channel {channel}", place, fix)


def locate(
    card: Card,
    channel: str,
    process: str,
    systematic: str = "",
    substitutions: Substitutions | None = None,
    *,
    optional: bool = False,
) -> Location | None:
    """Return where a shape lies.

    Parameters
    ----------
    card : Card
        The card.
    channel, process : str
        What it is of; `OBSERVED` is the process of the data.
    systematic : str
        The name of a variation, with its `Up` or `Down`; else it is the nominal shape.
    substitutions : Substitutions, optional
        The mass, and further words.
    optional : bool
        A variation may be without a name in the card (`shape?`).

    Returns
    -------
    Location or None
        None of a counting experiment, and of an optional variation that has no name.

    Raises
    ------
    HzdslError
        `datacard`

    Examples
    --------
    >>> from hzdsl.stats.cards.reader import parse_card
    >>> card = parse_card('''shapes * * in.root $CHANNEL/$PROCESS$MASS $CHANNEL/$PROCESS$MASS_$SYSTEMATIC
    ... bin sr
    ... observation 3
    ... bin sr
    ... process h
    ... process 0
    ... rate 1
    ... ''')
    >>> locate(card, "sr", "h", "jesUp", Substitutions(125.0))
    Location(file='in.root', name='sr/h125_jesUp', workspace=None)
    """
    line = shape_line(card, channel, process)
    if line is None or line.fake:
        return None
    pattern = line.varied if systematic else line.nominal
    if not pattern:
        if optional:
            return None
        fix = "name the histograms of variations after the nominal ones: … $PROCESS_$SYSTEMATIC"
        raise wrong(f"there is no name for {systematic} of {process} in channel {channel}", line.place, fix)
    given = substitutions or Substitutions()
    file, name = (given.apply(x, channel, process, systematic, line.place) for x in (line.file, pattern))
    path = resolved_path(file, card.source, line.place)
    unknown = re.search(r"\$(\w+)", name)
    if unknown:
        fix = f"give it a value: --keyword-value {unknown[1]}=VALUE"
        raise wrong(f"{unknown[0]} in the name {name} stands for nothing", line.place, fix)
    if path.endswith(TABLES) or ":" not in name:
        return Location(path, name, None, line.place)
    workspace, _, inner = name.partition(":")
    return Location(path, inner, workspace, line.place)


def resolved_path(path: str, source: str, place: Place | None = None) -> str:
    """Return a path of a card as it can be opened: it starts at the folder of the card, else at the present one.

    Raises
    ------
    HzdslError
        `datacard` for an environment variable that is not set.
    """
    expanded = os.path.expandvars(path)
    unset = re.search(r"\$\{?(\w+)", expanded)
    if unset:
        fix = f"set {unset[1]}, or give --keyword-value {unset[1]}=VALUE"
        raise wrong(f"{unset[0]} in the path {path} stands for nothing", place, fix)
    return expanded if is_url(expanded) else from_card(expanded, source)


def from_card(path: str, source: str) -> str:
    """Return a path of a card: it starts at the card's folder, or at the present one where only there is a file.

    Examples
    --------
    >>> from_card("shapes.root", "cards/sr.txt"), from_card("/data/shapes.root", "cards/sr.txt")
    ('cards/shapes.root', '/data/shapes.root')
    """
    beside = os.path.join(os.path.dirname(source), path)
    return beside if os.path.exists(beside) or not os.path.exists(path) else path
