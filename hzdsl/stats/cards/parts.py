"""A card as a part of a combination: which of its channels are taken, how they are called, where its files lie."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from hzdsl.records import dataclass
from hzdsl.stats.cards.records import Card
from hzdsl.stats.cards.shapes import from_card
from hzdsl.urls import is_url


@dataclass(frozen=True)
class Choice:
    """Which channels are taken, by regular expressions that match the beginning of their names (`--ic`, `--xc`)."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes(self, name: str) -> bool:
        """Return whether a channel is taken."""
        included = not self.include or any(re.match(p, name) for p in self.include)
        return included and not any(re.match(p, name) for p in self.exclude)


@dataclass(frozen=True)
class Part:
    """One of the cards: which of its channels are taken, and what they are called in the combination."""

    card: Card
    names: Mapping[str, str]


def moved(path: str, source: str, folder: str) -> str:
    """Return a path of a card as it is written in a card that lies in another folder.

    Examples
    --------
    >>> moved("shapes.root", "cards/sr.txt", ""), moved("shapes.root", "cards/sr.txt", "out")
    ('cards/shapes.root', '../cards/shapes.root')
    >>> moved("$CMSSW_BASE/a.root", "cards/sr.txt", ""), moved("https://h/a.root", "cards/sr.txt", "")
    ('$CMSSW_BASE/a.root', 'https://h/a.root')
    """
    if path == "FAKE" or path.startswith("$") or is_url(path):
        return path
    here = from_card(path, source)
    return here if os.path.isabs(here) else os.path.relpath(here, folder or ".")
