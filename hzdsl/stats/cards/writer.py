"""Writing a card: records → text, in columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from hzdsl.stats.cards.records import (
    AutoStats,
    Bounds,
    Card,
    ColumnName,
    Constr,
    Discrete,
    Edit,
    Effect,
    ExtArg,
    FlatParam,
    Formula,
    Group,
    InWorkspace,
    Line,
    Number,
    Param,
    RateParam,
    ShapeLine,
    Systematic,
)
from hzdsl.stats.cards.renames import literally, unrenamed

#: Rulers are no longer.
WIDEST = 130


def write_card(card: Card, *, counted: bool = True) -> str:
    """Return the text of a card: reading it gives the same records, apart from where they stand.

    Of an edited card what cannot be said otherwise (histograms of another name, frozen parameters) comes back as
    `nuisance edit` lines.

    Parameters
    ----------
    card : Card
        What is written.
    counted : bool
        Whether it says how many nuisance parameters there are; else ``kmax *``, as where there are edits.

    Raises
    ------
    HzdslError
        `datacard` where two renamed uncertainties of one column have histograms of one name.

    Examples
    --------
    >>> from hzdsl.stats.cards.reader import parse_card
    >>> text = '''bin sr
    ... observation 3
    ... bin sr sr
    ... process h ww
    ... process 0 1
    ... rate 0.5 2.5
    ... lumi lnN 1.02 0.98/1.03
    ... norm rateParam sr ww 1 [0,5]
    ... '''
    >>> print(write_card(parse_card(text)))
    imax 1 number of channels
    jmax 1 number of processes less one
    kmax 1 number of nuisance parameters
    ------------------------------------
    bin          sr
    observation  3
    ------------------------------------
    bin           sr    sr
    process       h     ww
    process       0     1
    rate          0.5   2.5
    ------------------------------------
    lumi     lnN  1.02  0.98/1.03
    norm rateParam sr ww 1 [0,5]
    <BLANKLINE>
    """
    lines, edits = unrenamed(card)
    edits += [Edit("freeze", (literally(name),)) for name in card.frozen]
    blocks = [
        _sizes(card, lines, counted=counted and card.edited and not edits),
        _aligned(("shapes", *_shape(s)) for s in card.shapes),
        _observations(card),
        *_table(card, lines),
        [f"nuisance edit {e.action} {' '.join(e.words)}" for e in edits],
    ]
    ruler = "-" * min(max(len(line) for block in blocks for line in block), WIDEST)
    return f"\n{ruler}\n".join("\n".join(block) for block in blocks if block) + "\n"


def number(x: float) -> str:
    """Return the shortest text that reads back as the same number.

    Examples
    --------
    >>> number(3.0), number(0.1), number(1e-06)
    ('3', '0.1', '1e-06')
    """
    return str(int(x)) if x == int(x) and abs(x) < 1e15 else repr(x)


def effect_text(effect: Effect) -> str:
    """Return an effect as a column has it.

    Examples
    --------
    >>> effect_text(Effect(1.1)), effect_text(Effect(1.1, 0.95))
    ('1.1', '0.95/1.1')
    """
    return number(effect.up) if effect.down is None else f"{number(effect.down)}/{number(effect.up)}"


def _sizes(card: Card, lines: Sequence[Line], counted: bool) -> list[str]:
    kmax = sum(isinstance(x, Systematic | Param | Constr) for x in lines)
    return [
        f"imax {len(card.channels)} number of channels",
        f"jmax {len(card.processes) - 1} number of processes less one",
        f"kmax {kmax if counted else '*'} number of nuisance parameters",
    ]


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return rows of words as lines, each column as wide as its widest word."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip_longest(*table, fillvalue="")]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]


def _shape(s: ShapeLine) -> tuple[str, ...]:
    return tuple(x for x in (s.process, s.channel, s.file, s.nominal, s.varied) if x)


def _observations(card: Card) -> list[str]:
    names = ("bin", *(c.name for c in card.channels))
    seen = [c.observed for c in card.channels]
    known = [x for x in seen if x is not None]
    return _aligned([names, ("observation", *map(number, known))]) if len(known) == len(seen) else []


def _table(card: Card, lines: Sequence[Line]) -> tuple[list[str], list[str]]:
    """Return the lines of columns, and those below them, of which systematic uncertainties stand under the columns."""
    columns = {c.name: k for k, c in enumerate(card.columns)}
    above = [
        ("bin", "", *(c.channel for c in card.columns)),
        ("process", "", *(c.process for c in card.columns)),
        ("process", "", *(str(c.number) for c in card.columns)),
        ("rate", "", *(number(c.rate) for c in card.columns)),
    ]
    below = [_row(x, columns) for x in lines if isinstance(x, Systematic)]
    text = iter(_aligned([*above, *below]))
    head = [next(text) for _ in above]
    return head, [next(text) if isinstance(x, Systematic) else _plain(x) for x in lines]


def _row(x: Systematic, columns: Mapping[ColumnName, int]) -> tuple[str, ...]:
    name = f"{x.name}[nofloat]" if x.nofloat else x.name
    arguments = () if x.bounds is None else map(number, x.bounds)
    kind = " ".join([x.kind, *([] if x.count is None else [str(x.count)]), *arguments])
    cells = ["-"] * len(columns)
    for column, effect in x.effects.items():
        cells[columns[column]] = effect_text(effect)
    return name, kind, *cells


def _plain(x: Line) -> str:
    """Return a line that has no columns."""
    match x:
        case Param():
            sigma = number(x.sigma) if x.sigma_low is None else f"-{number(x.sigma_low)}/+{number(x.sigma)}"
            name = f"{x.name}[nofloat]" if x.nofloat else x.name
            words = [name, "param", number(x.mean), sigma, *_range(x.bounds)]
        case FlatParam():
            value = [] if x.value is None else [number(x.value)]
            words = [x.name, "flatParam", *value, *_range(x.bounds)]
        case RateParam():
            words = [x.name, "rateParam", x.channel, x.process, *_value(x.value)]
        case ExtArg():
            words = [x.name, "extArg", *_value(x.value)]
        case Discrete():
            words = [x.name, "discrete"]
        case Constr():
            words = [x.name, "constr", x.formula, *([x.arguments] if x.arguments else []), x.width]
        case Group():
            words = [x.name, "group", "+=" if x.more else "=", *x.members]
        case AutoStats():
            words = [x.channel, "autoMCStats", number(x.threshold), str(int(x.include_signal)), str(x.mode)]
        case Edit():
            words = ["nuisance", "edit", x.action, *x.words]
        case Systematic():
            raise AssertionError("it has columns")
    return " ".join(words)


def _range(bounds: Bounds | None, constant: bool = False) -> list[str]:
    if bounds is not None:
        return [f"[{number(bounds[0])},{number(bounds[1])}]"]
    return ["[const]"] if constant else []


def _value(value: Number | Formula | InWorkspace) -> list[str]:
    if isinstance(value, Number):
        return [number(value.value), *_range(value.bounds, value.constant)]
    if isinstance(value, Formula):
        return [value.text, ",".join(value.arguments)]
    return [":".join([value.file, value.workspace, *(["RecycleConflictNodes"] if value.recycle else [])])]
