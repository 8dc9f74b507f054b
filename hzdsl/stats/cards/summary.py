"""A card as tables that a physicist reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hzdsl.results.text import TextTable
from hzdsl.stats.cards.rates import Rates
from hzdsl.stats.cards.records import (
    Card,
    ColumnName,
    Constr,
    Discrete,
    Edit,
    Effect,
    ExtArg,
    FlatParam,
    Formula,
    InWorkspace,
    Number,
    Param,
    RateParam,
    Systematic,
)
from hzdsl.stats.cards.writer import number

#: Tables of rates have so many channels side by side at most.
WIDEST = 8
#: So many names are listed of more.
LISTED = 6


def summary(card: Card, rates: Rates | None = None) -> list[TextTable]:
    """Return what stands in a card: rates, systematic uncertainties, parameters, groups, shapes, edits.

    Parameters
    ----------
    card : Card
        The card.
    rates : Rates, optional
        Its numbers, where histograms were read; else -1 is said to be an integral.
    """
    tables = [
        _rates(card, rates),
        _table("systematic uncertainties", ("name", "kind", "effect", "channels", "processes"), _systematics(card)),
        _table("parameters", ("name", "kind", "value", "of"), _parameters(card)),
        _table("groups", ("name", "members"), ((n, _listed(m, len(m))) for n, m in card.groups().items())),
        _table("statistics of simulation", ("channel", "threshold", "signal", "mode"), _statistics(card)),
        _table("shapes", ("process", "channel", "file", "object", "variations"), _shapes(card)),
        _table("edits that are not applied", ("edit", ""), ((e.action, " ".join(e.words)) for e in card.of(Edit))),
        _table("frozen", ("parameter",), ((name,) for name in card.frozen)),
    ]
    return [t for t in tables if t.rows]


def headline(card: Card) -> str:
    """Return in one line how much there is.

    Examples
    --------
    >>> from hzdsl.stats.cards.reader import parse_card
    >>> headline(parse_card("bin b\\nobservation 3\\nbin b b\\nprocess h z\\nprocess 0 1\\nrate 1 2\\nlumi lnN 1.02 -"))
    '1 channel, 2 processes (1 signal), 1 systematic uncertainty'
    """
    signals = len({c.process for c in card.columns if c.signal})
    systematics = len({x.name for x in card.acting() if isinstance(x, Systematic)})
    channels, processes = len(card.channels), len(card.processes)
    return ", ".join(
        (
            f"{channels} channel{'' if channels == 1 else 's'}",
            f"{processes} process{'' if processes == 1 else 'es'} ({signals} signal)",
            f"{systematics} systematic uncertaint{'y' if systematics == 1 else 'ies'}",
        )
    )


def _table(title: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> TextTable:
    return TextTable(title, header, tuple(rows), numbers=False)


def _rates(card: Card, rates: Rates | None) -> TextTable:
    """Return observations and rates: channels side by side where they are few, else below each other."""
    expected = {c.name: c.rate if rates is None else rates.expected[c.name] for c in card.columns}
    seen = {c.name: c.observed if rates is None else rates.observed[c.name] for c in card.channels}
    channels = [c.name for c in card.channels]
    first = {c.process: c for c in reversed(card.columns)}
    processes = sorted(first, key=lambda p: (not first[p].signal, card.processes.index(p)))
    if len(channels) > WIDEST:
        signals = {p for p, c in first.items() if c.signal}
        sums = ("observed", "signal", "background")
        rows = [
            (
                name,
                _seen(seen[name]),
                *(
                    _sum(r for (c, p), r in expected.items() if c == name and (p in signals) == s)
                    for s in (True, False)
                ),
            )
            for name in channels
        ]
        return TextTable("rates", ("channel", *sums), tuple(rows))
    body = [
        (p, "signal" if first[p].signal else "", *(_rate(expected.get((c, p))) for c in channels)) for p in processes
    ]
    top = ("observed", "", *(_seen(seen[c]) for c in channels))
    total = (
        "background",
        "sum",
        *(_sum(r for (c, p), r in expected.items() if c == n and not first[p].signal) for n in channels),
    )
    return TextTable("rates", ("process", "", *channels), (top, *body, total))


def _seen(x: float | None) -> str:
    return "" if x is None else _rate(x)


def _rate(x: float | None) -> str:
    if x is None:
        return "-"
    return "integral" if x == -1 else f"{x:.6g}"


def _sum(rates: Iterable[float]) -> str:
    known = list(rates)
    return "integral" if -1 in known else _rate(sum(known))


def _systematics(card: Card) -> Iterator[tuple[str, ...]]:
    for x in card.of(Systematic):
        name = f"{x.name} [nofloat]" if x.nofloat else x.name
        yield name, x.kind, _effects(x), *_where(card, x.effects)


def _effects(x: Systematic) -> str:
    if not x.effects:
        return "none"
    effects = list(x.effects.values())
    if x.kind == "gmN":
        return f"N = {x.count}, α {_span(effects)}"
    return f"{_span(effects)} σ" if x.kind in ("shape", "shapeN", "shapeU") else _span(effects)


def _span(effects: Sequence[Effect]) -> str:
    """Return the smallest and the largest of some effects."""
    values = [v for e in effects for v in (e.up, e.down) if v is not None]
    low, high = min(values), max(values)
    return f"{low:.4g}" if low == high else f"{low:.4g} … {high:.4g}"


def _where(card: Card, columns: Iterable[ColumnName]) -> tuple[str, str]:
    """Return which channels and processes columns are of."""
    found = list(columns)
    channels = list(dict.fromkeys(c for c, _ in found))
    processes = list(dict.fromkeys(p for _, p in found))
    return _listed(channels, len(card.channels)), _listed(processes, len(card.processes))


def _listed(names: Sequence[str], every: int) -> str:
    if len(names) == every > LISTED:
        return f"all {every}"
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _parameters(card: Card) -> Iterator[tuple[str, ...]]:
    rates: dict[str, list[RateParam]] = {}
    for rate in card.of(RateParam):
        rates.setdefault(rate.name, []).append(rate)
    for name, lines in rates.items():
        columns = [c.name for c in card.columns if any(line.matches(c.name) for line in lines)]
        yield name, "rateParam", _value(lines[0].value), "; ".join(_where(card, columns))
    for x in card.lines:
        match x:
            case Param():
                sigma = f"± {number(x.sigma)}" if x.sigma_low is None else f"-{number(x.sigma_low)} +{number(x.sigma)}"
                yield x.name, "param", f"{number(x.mean)} {sigma}{_range(x.bounds)}", ""
            case FlatParam():
                yield x.name, "flatParam", f"{'' if x.value is None else number(x.value)}{_range(x.bounds)}", ""
            case ExtArg():
                yield x.name, "extArg", _value(x.value), ""
            case Discrete():
                yield x.name, "discrete", "", ""
            case Constr():
                yield x.name, "constr", f"{x.formula} ± {x.width}", x.arguments


def _value(value: Number | Formula | InWorkspace) -> str:
    if isinstance(value, Number):
        return f"{number(value.value)}{_range(value.bounds)}{' constant' if value.constant else ''}"
    if isinstance(value, Formula):
        return f"{value.text} of {', '.join(value.arguments)}"
    return f"in {value.workspace} of {value.file}"


def _range(bounds: tuple[float, float] | None) -> str:
    return "" if bounds is None else f", {number(bounds[0])} … {number(bounds[1])}"


def _statistics(card: Card) -> Iterator[tuple[str, ...]]:
    for name, x in card.auto_stats().items():
        what = "no parameters" if x.threshold < 0 else number(x.threshold)
        yield name, what, "counts" if x.include_signal else "does not count", str(x.mode)


def _shapes(card: Card) -> Iterator[tuple[str, ...]]:
    for s in card.shapes:
        yield s.process, s.channel, "counted" if s.fake else s.file, s.nominal, s.varied
