"""A channel as Combine reads it: histograms of a ROOT file, and the datacard that names them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from math import fsum
from pathlib import Path

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.io.histograms import StoredHistogram, write_histograms
from hzdsl.io.sinks import together, write_text
from hzdsl.records import dataclass
from hzdsl.stats.cards.records import AutoStats, Card, Channel, Column, Effect, Line, ShapeLine, Systematic
from hzdsl.stats.cards.shapes import OBSERVED, locate
from hzdsl.stats.cards.writer import write_card
from hzdsl.stats.harvest.filled import Bins, FilledChannel


@dataclass(frozen=True)
class Style:
    """How cards are written.

    Parameters
    ----------
    nominal, varied : str
        Names of histograms, with `$PROCESS`, `$CHANNEL`, `$SYSTEMATIC`; `/` makes folders.
    norms : mapping of str to float
        Log-normal uncertainties of all processes, and their κ.
    auto_stats : AutoStats, optional
        Parameters for the statistics of simulation.
    counted : bool
        Whether a card says how many nuisance parameters it has; else ``kmax *``.
    """

    nominal: str = "$PROCESS_$CHANNEL"
    varied: str = "$PROCESS_$CHANNEL_$SYSTEMATIC"
    norms: Mapping[str, float] | None = None
    auto_stats: AutoStats | None = None
    counted: bool = True


def write_channel(channel: FilledChannel, card: Path, shapes: Path, style: Style | None = None) -> Card:
    """Write the histograms of a channel and its card, both or neither; return the card.

    Parameters
    ----------
    channel : FilledChannel
        With data; see `hzdsl.stats.harvest.contents.checked`.
    card, shapes : Path
        What is written: a text, a ROOT file. The card names the file relative to its own folder.

    Raises
    ------
    HzdslError
        `histogram-missing` for a channel without data, `output`.
    """
    style = style or Style()
    made = replace(card_of(channel, os.path.relpath(shapes, card.parent), style), source=str(card))
    with together() as files:
        with files.path(shapes) as temporary:
            write_histograms(temporary, histograms_of(channel, made))
        write_text(card, write_card(made, counted=style.counted), files.path)
    return made


def card_of(channel: FilledChannel, file: str, style: Style) -> Card:
    """Return the card of one channel whose histograms lie in a file.

    A rate is the sum of a histogram's bins, with all digits. A process without events has the rate 0 and no effects;
    so has, of a systematic uncertainty, one that it does not change.
    """
    rates = {t.name: (t.signal, _sum(t.nominal)) for t in channel.processes}
    columns = tuple(Column(channel.name, p, number, rates[p][1]) for p, number in _numbers(rates).items())
    lines: list[Line] = [
        Systematic(name, "lnN", {c.name: Effect(kappa) for c in columns}) for name, kappa in (style.norms or {}).items()
    ]
    for name in dict.fromkeys(s for t in channel.processes for s in t.varied):
        changed = {t.name for t in channel.processes if name in t.varied and rates[t.name][1] > 0}
        lines.append(Systematic(name, "shape", {c.name: Effect(1.0) for c in columns if c.process in changed}))
    if style.auto_stats is not None:
        lines.append(style.auto_stats)
    observed = Channel(channel.name, _sum(_data(channel)))
    where = ShapeLine("*", "*", file, style.nominal, style.varied)
    return Card((observed,), columns, (where,), tuple(lines))


def histograms_of(channel: FilledChannel, card: Card) -> list[StoredHistogram]:
    """Return the histograms of a channel under the names that a card gives them: data first."""
    made = [_stored(channel, _data(channel), card, OBSERVED)]
    for t in channel.processes:
        if _sum(t.nominal) > 0:
            made.append(_stored(channel, t.nominal, card, t.name))
            for name, sides in t.varied.items():
                made += [
                    _stored(channel, b, card, t.name, name + s) for s, b in zip(("Up", "Down"), sides, strict=True)
                ]
    return made


def _numbers(rates: Mapping[str, tuple[bool, float]]) -> dict[str, int]:
    """Return the numbers of processes: signals end at 0, backgrounds start at 1."""
    signals = [p for p, (signal, _) in rates.items() if signal]
    backgrounds = [p for p, (signal, _) in rates.items() if not signal]
    return {p: k for k, p in enumerate([*signals, *backgrounds], 1 - len(signals))}


def _data(channel: FilledChannel) -> Bins:
    if channel.data is None:
        fix = "add a sample of data, or make pseudo-data: with_asimov(channels), with_toy(channels, seed)"
        raise HzdslError("histogram-missing", f"{channel.name}: there is no histogram of data", fix=fix)
    return channel.data


def _sum(bins: Bins) -> float:
    return fsum(bins.values)


def _stored(channel: FilledChannel, bins: Bins, card: Card, process: str, systematic: str = "") -> StoredHistogram:
    found = locate(card, channel.name, process, systematic)
    assert found is not None  # the card is one of shapes
    label = channel.axis.label or channel.axis.name
    title = f"{label} [{channel.axis.unit}]" if channel.axis.unit else label
    values, variances = np.pad(bins.values, 1), np.pad(bins.variances, 1)
    return StoredHistogram((channel.axis.edges,), values, variances, found.name, title)
