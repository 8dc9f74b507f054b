"""Channels as Combine reads them: histograms of a ROOT file, and the datacard that names them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.io.histograms import StoredHistogram, write_histograms
from hzdsl.io.sinks import together, write_text
from hzdsl.records import dataclass
from hzdsl.stats.cards.reader import parse_card
from hzdsl.stats.cards.records import Card, Channel, Column, Effect, ShapeLine, Systematic
from hzdsl.stats.cards.shapes import OBSERVED, locate
from hzdsl.stats.cards.writer import write_card
from hzdsl.stats.harvest.channel import Bins, FilledChannel, FilledProcess
from hzdsl.stats.harvest.uncertainties import Uncertainties


@dataclass(frozen=True)
class CardStyle:
    """How cards are written.

    Parameters
    ----------
    nominal, varied : str
        Names of histograms, with `$PROCESS`, `$CHANNEL`, `$SYSTEMATIC`; `/` makes folders.
    counted : bool
        Whether a card says how many nuisance parameters it has; else ``kmax *``.
    """

    nominal: str = "$PROCESS_$CHANNEL"
    varied: str = "$PROCESS_$CHANNEL_$SYSTEMATIC"
    counted: bool = True


def write_channels(
    channels: FilledChannel | Iterable[FilledChannel],
    card: str | os.PathLike[str],
    shapes: str | os.PathLike[str] | None = None,
    uncertainties: Uncertainties | None = None,
    style: CardStyle | None = None,
) -> Card:
    """Write the histograms of channels and one card of all of them, both files or neither.

    Parameters
    ----------
    channels : FilledChannel, or several
        With data; see `filled_channel`, `with_asimov`.
    card, shapes : path
        What is written: a text, a ROOT file, else of the name of the card with `.root`. The card names the file
        relative to its own folder.
    uncertainties : Uncertainties, optional
        Besides the variations of the histograms; else the statistics of simulation alone.
    style : CardStyle, optional
        Names of histograms.

    Returns
    -------
    Card
        As `hzdsl.stats.cards.reader.read_card` reads it.

    Raises
    ------
    HzdslError
        `histogram-missing` for a channel without data, `datacard` for names that no card can have, `output`.

    Examples
    --------
    >>> import tempfile
    >>> from hzdsl.results.result import AxisResult
    >>> axis = AxisResult("m", "GeV", "mass", np.array([100.0, 120.0, 140.0]), True)
    >>> ww = FilledProcess("ww", False, Bins(np.array([3.0, 2.0]), np.array([0.1, 0.1])), {})
    >>> channel = FilledChannel("sr", axis, (ww,), data=Bins(np.array([4.0, 1.0]), np.array([4.0, 1.0])))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_channels(channel, f"{folder}/card.txt", uncertainties=Uncertainties({"lumi": 1.02}))
    ...     print(Path(folder, "card.txt").read_text().partition("-\\nbin")[2])
              sr
    observation  5
    -------------------------------------------------------------------------
    bin           sr
    process       ww
    process       1
    rate          5
    -------------------------------------------------------------------------
    lumi     lnN  1.02
    * autoMCStats 10 0 1
    <BLANKLINE>
    """
    style, card = style or CardStyle(), Path(card)
    shapes = card.with_suffix(".root") if shapes is None else Path(shapes)
    given = as_channels(channels)
    made = card_of(given, os.path.relpath(shapes, card.parent), uncertainties, style)
    text = write_card(made, counted=style.counted)
    found = parse_card(text, str(card))
    with together() as files:
        with files.path(shapes) as temporary:
            write_histograms(temporary, histograms_of(given, made))
        write_text(card, text, files.path)
    return found


def as_channels(given: FilledChannel | Iterable[FilledChannel]) -> tuple[FilledChannel, ...]:
    """Return channels that were given as one, or as several."""
    return (given,) if isinstance(given, FilledChannel) else tuple(given)


def card_of(
    channels: Sequence[FilledChannel],
    file: str,
    uncertainties: Uncertainties | None = None,
    style: CardStyle | None = None,
) -> Card:
    """Return the card of channels whose histograms lie in a file.

    A rate is the sum of a histogram's bins, with all digits. A process without events has the rate 0 and no effects;
    so has, of a systematic uncertainty, one that it does not change.
    """
    style = style or CardStyle()
    numbers = _numbers([t for c in channels for t in c.processes])
    each = [(c, t) for c in channels for t in sorted(c.processes, key=lambda t: numbers[t.name])]
    columns = tuple(Column(c.name, t.name, numbers[t.name], t.nominal.sum) for c, t in each)
    observed = tuple(Channel(c.name, _data(c).sum) for c in channels)
    where = ShapeLine("*", "*", file, style.nominal, style.varied)
    lines = (uncertainties or Uncertainties()).lines(columns, _shapes(each))
    return Card(observed, columns, (where,), tuple(lines))


def _shapes(each: Sequence[tuple[FilledChannel, FilledProcess]]) -> list[Systematic]:
    """Return the lines of variations: those of processes that have events."""
    filled = [(c, t) for c, t in each if t.nominal.sum > 0]
    names = dict.fromkeys(s for _, t in each for s in t.varied)
    found = {s: {(c.name, t.name): Effect(1.0) for c, t in filled if s in t.varied} for s in names}
    return [Systematic(s, "shape", effects) for s, effects in found.items()]


def histograms_of(channels: Iterable[FilledChannel], card: Card) -> list[StoredHistogram]:
    """Return the histograms of channels under the names that a card gives them: of each channel data first."""
    return [h for c in channels for h in _of_channel(c, card)]


def _of_channel(channel: FilledChannel, card: Card) -> list[StoredHistogram]:
    made = [_stored(channel, _data(channel), card, OBSERVED)]
    for t in channel.processes:
        if t.nominal.sum > 0:
            made.append(_stored(channel, t.nominal, card, t.name))
            for name, sides in t.varied.items():
                made += [
                    _stored(channel, b, card, t.name, name + s) for s, b in zip(("Up", "Down"), sides, strict=True)
                ]
    return made


def _numbers(processes: Iterable[FilledProcess]) -> dict[str, int]:
    """Return the numbers of processes: signals end at 0, backgrounds start at 1."""
    signal = {t.name: t.signal for t in processes}
    ordered = sorted(signal, key=lambda name: not signal[name])
    return {name: k for k, name in enumerate(ordered, 1 - sum(signal.values()))}


def _data(channel: FilledChannel) -> Bins:
    if channel.data is None:
        fix = "add a sample of data, or make pseudo-data: with_asimov(channels), with_toy(channels, seed)"
        raise HzdslError("histogram-missing", f"{channel.name}: there is no histogram of data", fix=fix)
    return channel.data


def _stored(channel: FilledChannel, bins: Bins, card: Card, process: str, systematic: str = "") -> StoredHistogram:
    found = locate(card, channel.name, process, systematic)
    assert found is not None  # the card is one of shapes
    label = channel.axis.label or channel.axis.name
    title = f"{label} [{channel.axis.unit}]" if channel.axis.unit else label
    values, variances = np.pad(bins.values, 1), np.pad(bins.variances, 1)
    return StoredHistogram((channel.axis.edges,), values, variances, found.name, title)
