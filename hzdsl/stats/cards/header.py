"""The upper part of a card, up to its rates: how much there is, shapes, observations, columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field

from hzdsl.errors import Together
from hzdsl.records import dataclass
from hzdsl.stats.cards.records import Channel, Column, ShapeLine
from hzdsl.stats.cards.words import Word, Words

#: How the sizes of a card are called, and what they count.
SIZES = {"imax": "channels", "jmax": "processes less one", "kmax": "systematic uncertainties"}


@dataclass
class Header:
    """What was read so far; `sizes` are what the card says of itself, None where it says `*`."""

    lenient: bool = False
    sizes: dict[str, tuple[int | None, Word]] = field(default_factory=dict)
    shapes: list[ShapeLine] = field(default_factory=list)
    observed: list[Word] = field(default_factory=list)
    observed_bins: list[Word] = field(default_factory=list)
    bins: list[Word] = field(default_factory=list)
    processes: list[list[Word]] = field(default_factory=list)
    rates: list[Word] = field(default_factory=list)
    rate_line: Words | None = None
    checks: Together = field(default_factory=Together)


def read_header(lines: Iterable[Words], header: Header) -> None:
    """Read lines up to the rates; those that begin with no known word are text, and left out.

    What is wrong is kept in `header.checks`.
    """
    for line in lines:
        words = list(line)
        reader = _READERS.get(words[0].text) if words else None
        if reader is not None:
            with header.checks:
                reader(header, words, line)
        if header.rate_line is not None:
            return


def _size(header: Header, words: list[Word], line: Words) -> None:
    name, *rest = words
    if name.text in header.sizes:
        raise name.wrong(f"{name.text} is said twice")
    if not rest:
        raise line.wrong(f"{name.text} says no number", f"write {name.text} *, or the number of {SIZES[name.text]}")
    size = None if rest[0].text == "*" else rest[0].integer(name.text)
    if size is not None and size < 0:
        raise rest[0].wrong(f"{name.text} is negative")
    header.sizes[name.text] = size, rest[0]


def _shapes(header: Header, words: list[Word], line: Words) -> None:
    fake = len(words) >= 4 and words[3].text == "FAKE"
    if len(words) > 6 or len(words) < (4 if fake else 5):
        form = "shapes PROCESS CHANNEL FILE HISTOGRAM [HISTOGRAM_OF_SYSTEMATICS], or shapes PROCESS CHANNEL FAKE"
        raise line.wrong(f"a shapes line has {len(words) - 1} words", form)
    said = [w.text for w in words[1:]]
    if any((s.process, s.channel) == (said[0], said[1]) for s in header.shapes):
        raise line.wrong(f"the shapes of process {said[0]}, channel {said[1]} are said twice", "remove one line")
    process, channel, file, nominal, varied = [*said, "", ""][:5]
    header.shapes.append(ShapeLine(process, channel, file, nominal, varied, words[3 if fake else 4].place))


def _observation(header: Header, words: list[Word], line: Words) -> None:
    if header.observed:
        raise line.wrong("observations are said twice", "one line has the counts of all channels")
    header.observed = words[1:]
    header.observed_bins, header.bins = header.bins, []
    if not header.observed:
        raise line.wrong("the observation line has no number", "one per channel, or -1 for the integral of data_obs")


def _bins(header: Header, words: list[Word], line: Words) -> None:
    if header.bins and header.observed and not header.observed_bins:
        header.observed_bins, header.bins = header.bins, []  # channels stand below their observations
    if header.bins:
        raise line.wrong("there is a bin line too many", "one stands above the observation, one above the processes")
    header.bins = words[1:]
    if not header.bins:
        raise line.wrong("the bin line names no channel")


def _process(header: Header, words: list[Word], line: Words) -> None:
    if len(header.processes) == 2:
        raise line.wrong("there is a third process line", "one has the names of processes, one their numbers")
    header.processes.append(words[1:])


def _rate(header: Header, words: list[Word], line: Words) -> None:
    header.rate_line, header.rates = line, words[1:]


_READERS: dict[str, Callable[[Header, list[Word], Words], None]] = {
    **dict.fromkeys(SIZES, _size),
    "shapes": _shapes,
    **dict.fromkeys(("observation", "Observation"), _observation),
    "bin": _bins,
    "process": _process,
    "rate": _rate,
}


def columns_of(header: Header, end: Words) -> tuple[Column, ...]:
    """Return the columns, once the header was read.

    Raises
    ------
    HzdslError
        `datacard` where lines are missing or of different lengths.
    """
    line = header.rate_line
    if line is None:
        raise end.wrong("the card ends without a rate line", "it comes below the bin and process lines")
    if len(header.processes) != 2:
        say = "there is one process line" if header.processes else "there are no process lines"
        raise line.wrong(f"{say} above the rates", "one has the names of processes, one their numbers")
    if not header.bins:
        raise line.wrong("no bin line says which channels the processes are of", "write it above the process lines")
    names, numbers = _in_order(*header.processes)
    lengths = {"bin": header.bins, "process": names, "process number": numbers, "rate": header.rates}
    if len({len(x) for x in lengths.values()}) != 1:
        said = ", ".join(f"{len(x)} in the {name} line" for name, x in lengths.items())
        raise line.wrong(f"the columns are not the same: {said}", "every line has one word per channel and process")
    checks, found = Together(), dict[tuple[str, str], Column]()
    for word in _each_first(header.bins):
        with checks:
            _check_channel(word, header.lenient)
    for bin_, name, number, rate in zip(header.bins, names, numbers, header.rates, strict=True):
        with checks:
            column = Column(bin_.text, name.text, number.integer("the number of a process"), _rate_of(rate), rate.place)
            if column.name in found:
                raise name.wrong(f"process {name.text} stands twice in channel {bin_.text}", "add the two up")
            found[column.name] = column
    checks.done()
    _check_signals(list(found.values()), numbers)
    return tuple(found.values())


def _each_first(words: Sequence[Word]) -> list[Word]:
    """Return each word where it stands first."""
    first: dict[str, Word] = {}
    return [w for w in words if first.setdefault(w.text, w) is w]


def _in_order(first: list[Word], second: list[Word]) -> tuple[list[Word], list[Word]]:
    """Return names and numbers of processes, whichever stand first."""

    def number(words: Sequence[Word]) -> bool:
        return bool(words) and re.match(r"-?\d", words[0].text) is not None

    return (second, first) if number(first) and not number(second) else (first, second)


def _check_channel(name: Word, lenient: bool) -> None:
    if name.text[0].isdigit() and not lenient:
        fix = f"name it bin{name.text}; old cards are read with lenient=True (--lenient)"
        raise name.wrong(f"the channel {name.text} begins with a digit", fix)


def _rate_of(word: Word) -> float:
    rate = word.number("a rate")
    if rate < 0 and rate != -1:
        raise word.wrong(f"the rate {word.text} is negative", "-1 stands for the integral of the histogram")
    return rate


def _check_signals(columns: Sequence[Column], numbers: Sequence[Word]) -> None:
    """Refuse a process that is signal in one channel and background in another."""
    first: dict[str, Column] = {}
    checks = Together()
    for column, word in zip(columns, numbers, strict=True):
        other = first.setdefault(column.process, column)
        with checks:
            if other.signal != column.signal:
                signal, background = (other, column) if other.signal else (column, other)
                message = f"{column.process} is signal in {signal.channel} and background in {background.channel}"
                raise word.wrong(message, "signals have numbers of at most 0 in all channels; or name one otherwise")
    checks.done()


def channels_of(header: Header, columns: Sequence[Column]) -> tuple[Channel, ...]:
    """Return the channels, and what was observed in them.

    Raises
    ------
    HzdslError
        `datacard` where the two bin lines, or the observations, do not fit.
    """
    of_columns = tuple(dict.fromkeys(c.channel for c in columns))
    words = header.observed_bins
    names = tuple(w.text for w in words) or of_columns
    checks = Together()
    for k, word in enumerate(words):
        with checks:
            _check_channel(word, header.lenient)
            if word.text in names[:k]:
                raise word.wrong(f"the channel {word.text} is there twice", "name one otherwise")
            if word.text not in of_columns:
                raise word.wrong(f"no column is of channel {word.text}", f"columns are of {', '.join(of_columns)}")
    for word in _each_first(header.bins if words else ()):
        with checks:
            if word.text not in names:
                raise word.wrong(f"the channel {word.text} has no observation", f"there are {', '.join(names)}")
    with checks:
        if header.observed and len(header.observed) != len(names):
            line = header.observed[0].line
            raise line.wrong(f"there are {len(header.observed)} observations of {len(names)} channels")
    checks.done()
    if not header.observed:
        return tuple(Channel(name, None) for name in names)
    return tuple(Channel(n, _observed(w), w.place) for n, w in zip(names, header.observed, strict=True))


def _observed(word: Word) -> float:
    seen = word.number("an observation")
    if seen < 0 and seen != -1:
        raise word.wrong(f"the observation {word.text} is negative", "-1 stands for the integral of data_obs")
    return seen


def check_size(header: Header, name: str, found: int) -> None:
    """Refuse a size that is not what the card says of itself.

    Raises
    ------
    HzdslError
        `datacard`
    """
    said, word = header.sizes.get(name, (None, None))
    if said is not None and word is not None and said != found:
        message = f"{name} says {said} {SIZES[name]}, and there are {found}"
        raise word.wrong(message, f"write {name} {found}, or {name} *, which counts them")
