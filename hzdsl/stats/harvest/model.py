"""Channels as a likelihood, without a file between: that of the card and the histograms that would be written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hzdsl.errors import HzdslError
from hzdsl.io.histograms import StoredHistogram
from hzdsl.stats.cards.reader import parse_card
from hzdsl.stats.cards.templates import Templates
from hzdsl.stats.cards.writer import write_card
from hzdsl.stats.combine.model import Meaning, card_model
from hzdsl.stats.combine.physics import PhysicsModel, SignalStrength
from hzdsl.stats.combine.stored import Workspaces
from hzdsl.stats.harvest.cards import as_channels, card_of, histograms_of
from hzdsl.stats.harvest.channel import FilledChannel
from hzdsl.stats.harvest.uncertainties import Uncertainties
from hzdsl.stats.parts import JointLikelihood

#: What the card calls the file that is not there.
MEMORY = "<memory>"


def likelihood_of(
    channels: FilledChannel | Iterable[FilledChannel],
    uncertainties: Uncertainties | None = None,
    physics: PhysicsModel | None = None,
) -> JointLikelihood:
    """Return the likelihood of channels: the same as that of the card which `write_channels` writes of them.

    Parameters
    ----------
    channels : FilledChannel, or several
        With data.
    uncertainties : Uncertainties, optional
        Besides the variations of the histograms; else the statistics of simulation alone.
    physics : PhysicsModel, optional
        By what processes are multiplied; else signal by r.

    Raises
    ------
    HzdslError
        As `write_channels`.

    Examples
    --------
    >>> import numpy as np
    >>> from hzdsl.results.result import AxisResult
    >>> from hzdsl.stats.harvest.channel import Bins, FilledProcess
    >>> axis = AxisResult("m", "GeV", "mass", np.array([100.0, 120.0]), True)
    >>> higgs = FilledProcess("ggH", True, Bins(np.array([3.0]), np.array([0.01])), {})
    >>> ww = FilledProcess("WW", False, Bins(np.array([5.0]), np.array([0.1])), {})
    >>> channel = FilledChannel("sr", axis, (higgs, ww), data=Bins(np.array([11.0]), np.array([11.0])))
    >>> likelihood_of(channel, Uncertainties({"lumi": 1.02})).parameters.names
    ('r', 'lumi')
    """
    given = as_channels(channels)
    card = parse_card(write_card(card_of(given, MEMORY, uncertainties)))
    held = {h.name: h for h in histograms_of(given, card)}
    with Templates(card, at_hand={MEMORY: Held(held)}) as templates:
        meaning = Meaning(physics or SignalStrength())
        return card_model(templates, meaning, Workspaces(None, card.names())).likelihood()


class Held:
    """Histograms that are at hand, by name, as those of a file."""

    def __init__(self, histograms: Mapping[str, StoredHistogram]) -> None:
        self._histograms = histograms

    def has(self, name: str) -> bool:
        """Return whether there is one of this name."""
        return name in self._histograms

    def read(self, name: str) -> StoredHistogram:
        """Return one.

        Raises
        ------
        HzdslError
            `histogram-missing`
        """
        if name not in self._histograms:
            known = f"there are {', '.join(self._histograms)}"
            raise HzdslError("histogram-missing", f"there is no histogram {name}", fix=known)
        return self._histograms[name]
