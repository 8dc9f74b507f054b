"""Lines that declare parameters, groups of them and statistics of simulation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from hzdsl.stats.cards.records import (
    AutoStats,
    Bounds,
    Constr,
    Discrete,
    ExtArg,
    FlatParam,
    Formula,
    Group,
    InWorkspace,
    Line,
    Number,
    Param,
    RateParam,
)
from hzdsl.stats.cards.said import Said
from hzdsl.stats.cards.words import Word


def _param(said: Said) -> Param:
    said.expect(2, 3, "write NAME param MEAN SIGMA [low,high], or -SIGMA/+SIGMA for SIGMA")
    mean, bounds = said.rest[0].number("the mean"), _range(said.rest[2:])
    sigma, low = _sigmas(said.rest[1])
    return Param(said.name, mean, sigma, low, bounds, said.nofloat, place=said.line.place())


def _range(words: Sequence[Word]) -> Bounds | None:
    return words[0].bounds("the range") if words else None


def _sigmas(word: Word) -> tuple[float, float | None]:
    """Return σ above the mean, and that below it where it is another one."""
    if "/" not in word.text:
        sigma = word.number("σ")
        if sigma <= 0:
            raise word.wrong("σ is not positive")
        return sigma, None
    m = re.fullmatch(r"-([\d.][^/]*)/\+([\d.][^/]*)", word.text)
    parts = [Word(m[k], word.column + m.start(k), word.line) for k in (1, 2)] if m else []
    if not parts or not all(p.number("σ") > 0 for p in parts):
        raise word.wrong(f"'{word.text}' is no asymmetric σ", "write -0.5/+0.7")
    return parts[1].number("σ"), parts[0].number("σ")


def _flat_param(said: Said) -> FlatParam:
    said.expect(0, 2, "write NAME flatParam, or NAME flatParam VALUE [low,high]")
    value = said.rest[0].number("the value") if said.rest else None
    return FlatParam(said.name, value, _range(said.rest[1:]), said.line.place())


def _rate_param(said: Said) -> RateParam:
    form = "write NAME rateParam CHANNEL PROCESS VALUE [low,high], … FORMULA A,B, or … FILE.root:WORKSPACE"
    said.expect(3, 4, form)
    channel, process, value, *more = said.rest
    found: Number | Formula | InWorkspace
    if more and not more[0].text.startswith("["):
        found = _formula(value, more[0])
    elif ".root" in value.text and ":" in value.text:
        if more:
            raise more[0].wrong("a function of a workspace has no range")
        found = _stored(value)
    else:
        found = _number(value, more)
    return RateParam(said.name, channel.text, process.text, found, said.line.place())


def _number(value: Word, more: Sequence[Word]) -> Number:
    start, bounds = value.number("the value"), _range(more)
    if bounds is not None and not bounds[0] <= start <= bounds[1]:
        raise value.wrong(f"the value {value.text} is not within its range {more[0].text}")
    return Number(start, bounds)


def _formula(text: Word, arguments: Word) -> Formula:
    names = tuple(arguments.text.split(","))
    if "" in names:
        raise arguments.wrong(f"'{arguments.text}' is not a list of parameters", "write a,b,c, without spaces")
    for m in re.finditer(r"@(\d+)", text.text):
        if int(m[1]) >= len(names):
            at = Word(m[0], text.column + m.start(), text.line)
            raise at.wrong(f"{m[0]} is argument {int(m[1]) + 1} of {len(names)}", "@0 is the first")
    return Formula(text.text, names)


def _stored(word: Word) -> InWorkspace:
    file, workspace, *more = word.text.split(":")
    recycle = more == ["RecycleConflictNodes"]
    if not file or not workspace or (more and not recycle):
        raise word.wrong(f"'{word.text}' is not FILE.root:WORKSPACE")
    return InWorkspace(file, workspace, recycle)


def _ext_arg(said: Said) -> ExtArg:
    said.expect(1, 2, "write NAME extArg VALUE [low,high], … VALUE [const], or … FILE.root:WORKSPACE")
    value, *more = said.rest
    found: Number | InWorkspace
    if ":" in value.text:
        found = _stored(value)
    elif more and more[0].text == "[const]":
        found = Number(value.number("the value"), None, constant=True)
    else:
        found = _number(value, more)
    return ExtArg(said.name, found, said.line.place())


def _discrete(said: Said) -> Discrete:
    said.expect(0, 0, "write NAME discrete")
    return Discrete(said.name, said.line.place())


def _constr(said: Said) -> Constr:
    said.expect(2, 3, "write NAME constr FORMULA [A,B,…] WIDTH")
    formula, *arguments, width = said.rest
    return Constr(said.name, formula.text, arguments[0].text if arguments else "", width.text, said.line.place())


def _group(said: Said) -> Group:
    if not said.rest or said.rest[0].text not in ("=", "+="):
        raise said.line.wrong(f"the group {said.name} has no = or +=", "write NAME group = A B C")
    names = tuple(w.text for w in said.rest[1:])
    if not names:
        raise said.line.wrong(f"the group {said.name} is empty", "write NAME group = A B C")
    return Group(said.first.text, names, said.rest[0].text == "+=", said.line.place())


def _auto_stats(said: Said) -> AutoStats:
    said.expect(1, 3, "write CHANNEL autoMCStats THRESHOLD [include-signal=0] [hist-mode=1]")
    threshold, *more = said.rest
    least = threshold.number("the threshold")
    if least < 0 and least != -1:
        raise threshold.wrong("the threshold is negative", "-1 asks for no parameters")
    signal = more[0].integer("include-signal") if more else 0
    mode = more[1].integer("hist-mode") if more[1:] else 1
    if signal not in (0, 1):
        raise more[0].wrong("include-signal is neither 0 nor 1")
    if mode not in (1, 2):
        raise more[1].wrong("hist-mode is neither 1 nor 2")
    return AutoStats(said.first.text, least, bool(signal), mode, said.line.place())


#: What reads the line of each type.
DECLARATIONS: Mapping[str, Callable[[Said], Line]] = {
    "param": _param,
    "flatParam": _flat_param,
    "rateParam": _rate_param,
    "extArg": _ext_arg,
    "discrete": _discrete,
    "constr": _constr,
    "group": _group,
    "autoMCStats": _auto_stats,
}
