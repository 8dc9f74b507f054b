"""Lines of systematic uncertainties: a number for every column."""

from __future__ import annotations

from hzdsl.stats.cards.records import ASYMMETRIC, Bounds, ColumnName, Effect, Systematic
from hzdsl.stats.cards.said import Said
from hzdsl.stats.cards.words import Word, is_number


def systematic(said: Said) -> Systematic:
    """Return what the line of a systematic uncertainty says.

    Raises
    ------
    HzdslError
        `datacard`
    """
    kind = said.texts[1]
    count = _count(said) if kind == "gmN" else None
    bounds = _bounds(said) if kind == "unif" else None
    effects = _effects(said, 2 + (count is not None) + 2 * (bounds is not None))
    return Systematic(said.name, kind, effects, count, bounds, said.nofloat, said.line.place())


def _count(said: Said) -> int:
    if len(said.texts) < 3:
        raise said.line.wrong(f"gmN of {said.name} has no count", "write NAME gmN N, then α for each column")
    count = said.line.word(2).integer("the count N of gmN")
    if count < 0:
        raise said.line.word(2).wrong("the count N of gmN is negative")
    return count


def _bounds(said: Said) -> Bounds:
    if len(said.texts) < 4:
        raise said.line.wrong(f"unif of {said.name} has no range", "write NAME unif LOW HIGH, then the columns")
    low, high = (said.line.word(k).number("a bound of unif") for k in (2, 3))
    if not low < high:
        raise said.line.word(2).wrong("the range of unif is empty", "the lower bound comes first")
    return low, high


def _effects(said: Said, start: int) -> dict[ColumnName, Effect]:
    """Return effects by column; words behind the columns are a remark, unless all look like columns."""
    texts, kind, columns = said.texts[start:], said.texts[1], len(said.columns)
    more = texts[columns:]
    if len(texts) < columns or (more and all(map(is_number, more))):
        fix = "write one word per column, - where there is no effect, and # before a remark"
        message = f"{kind} {said.name} has {len(texts)} column{'' if len(texts) == 1 else 's'}, the card has {columns}"
        raise said.line.wrong(message, fix)
    found: dict[ColumnName, Effect] = {}
    known: dict[str, Effect | None] = {}  # lines of large cards repeat a few words
    for k, (column, text) in enumerate(zip(said.columns, texts, strict=False)):
        if text not in known:
            known[text] = effect_of(said.line.word(start + k), kind)
        effect = known[text]
        if effect is not None:
            found[column] = effect
    return found


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
    return None if value == 0 or (kind in ("lnN", "lnU") and value == 1) else Effect(value)
