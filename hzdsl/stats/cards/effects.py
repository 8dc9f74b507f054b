"""Lines of systematic uncertainties: a number for every column."""

from __future__ import annotations

from collections.abc import Sequence

from hzdsl.stats.cards.records import ASYMMETRIC, ColumnName, Effect, Systematic
from hzdsl.stats.cards.said import Said
from hzdsl.stats.cards.words import Word, is_number


def systematic(said: Said) -> Systematic:
    """Return what the line of a systematic uncertainty says.

    Raises
    ------
    HzdslError
        `datacard`
    """
    words, count, bounds = list(said.rest), None, None
    if said.kind.text == "gmN":
        if not words:
            raise said.line.wrong(f"gmN of {said.name} has no count", "write NAME gmN N, then α for each column")
        count = words.pop(0).integer("the count N of gmN")
        if count < 0:
            raise said.rest[0].wrong("the count N of gmN is negative")
    if said.kind.text == "unif":
        if len(words) < 2:
            raise said.line.wrong(f"unif of {said.name} has no range", "write NAME unif LOW HIGH, then the columns")
        low, high = (w.number("a bound of unif") for w in words[:2])
        if not low < high:
            raise words[0].wrong("the range of unif is empty", "the lower bound comes first")
        bounds, words = (low, high), words[2:]
    return Systematic(said.name, said.kind.text, _effects(said, words), count, bounds, said.nofloat, said.line.place())


def _effects(said: Said, words: Sequence[Word]) -> dict[ColumnName, Effect]:
    """Return the effects that are none: words behind the columns are a remark, unless they look like columns."""
    columns, more = len(said.columns), words[len(said.columns) :]
    # some cards count "50% of the rate" or "2 sigma" among their remarks: all words must look like columns
    if len(words) < columns or (more and all(is_number(w.text) for w in more)):
        found = len(words) if len(words) < columns else columns + len(more)
        fix = "write one word per column, - where there is no effect, and # before a remark"
        raise said.line.wrong(f"{said.kind.text} {said.name} has {found} columns, the card has {columns}", fix)
    found_effects = {}
    for column, word in zip(said.columns, words, strict=False):
        effect = effect_of(word, said.kind.text)
        if effect is not None:
            found_effects[column] = effect
    return found_effects


def effect_of(word: Word, kind: str) -> Effect | None:
    """Return what a column says, None where it says that there is no effect.

    Raises
    ------
    HzdslError
        `datacard`
    """
    text = word.text
    if set(text) == {"-"}:
        return None
    if "/" in text:
        if kind not in ASYMMETRIC:
            raise word.wrong(f"'{text}' is asymmetric, which {kind} is not", f"{', '.join(sorted(ASYMMETRIC))} may be")
        parts = text.split("/")
        if len(parts) != 2 or not all(is_number(p) and set(p) != {"-"} for p in parts):
            raise word.wrong(f"'{text}' is not down/up", "write two numbers, such as 0.95/1.1")
        down, up = map(float, parts)
        if not (down > 0 and up > 0):
            raise word.wrong(f"a factor of '{text}' is not positive", "κ multiplies the rate: 0.95/1.1")
        return Effect(up, down)
    value = word.number(f"the effect of {kind}")
    if value < 0 and kind != "trG":
        raise word.wrong(
            f"the effect {text} of {kind} is negative",
            "1.05 is 5% up, 0.95 is 5% down" if kind in ("lnN", "lnU") else None,
        )
    return None if value == 0 or (kind == "lnN" and value == 1) else Effect(value)
