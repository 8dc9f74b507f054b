"""The lower part of a card, below its rates: one line per systematic uncertainty, parameter, group or edit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hzdsl.errors import did_you_mean
from hzdsl.stats.cards.declarations import DECLARATIONS
from hzdsl.stats.cards.effects import systematic
from hzdsl.stats.cards.records import KINDS, ColumnName, Edit, Line
from hzdsl.stats.cards.said import Said
from hzdsl.stats.cards.words import Word, Words, without_comment

#: How the arguments of an edit are called, by its name, and how many may be left out.
EDITS: Mapping[str, tuple[str, ...]] = {
    "add": ("process", "channel", "new name", "kind", "value"),
    "drop": ("process", "channel", "name"),
    "rename": ("process", "channel", "old name", "new name"),
    "changepdf": ("name", "new kind"),
    "split": ("process", "channel", "name", "new name", "new name", "value", "value"),
    "freeze": ("name",),
    "merge": ("process", "channel", "new name", "name"),
    "flip": ("process", "channel", "name"),
}
#: What may stand behind the arguments of an edit.
OPTIONS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(EDITS, frozenset({"ifexists"})),
    "add": frozenset({"ifexists", "addq", "overwrite"}),
    "flip": frozenset({"ifexists", "p2n", "n2p"}),
}


def read_line(line: Words, columns: Sequence[ColumnName]) -> Line | None:
    """Return what a line says, None of an empty one.

    Raises
    ------
    HzdslError
        `datacard`
    """
    cut = without_comment(line)
    texts = cut.texts()
    if not texts or (len(texts) == 1 and set(texts[0]) == {"-"}):
        return None
    if len(texts) == 1:
        raise cut.wrong(f"'{texts[0]}' stands alone", "write NAME TYPE …, or # before text")
    said, kind = Said(cut, texts, columns), texts[1]
    if kind in KINDS:
        return systematic(said)
    if kind not in _READERS:
        raise _unknown(said)
    if said.nofloat and kind != "param":
        raise cut.wrong(f"[nofloat] goes with systematic uncertainties, not with {kind}")
    return _READERS[kind](said)


def _unknown(said: Said) -> Exception:
    if said.first.text in ("shapes", "bin", "observation", "process", "rate", "imax", "jmax", "kmax"):
        return said.first.wrong(f"a {said.first.text} line stands below the rates", "move it above the rate line")
    known = [*KINDS, *_READERS]
    fix = did_you_mean(said.kind.text, known) or f"there are {', '.join(known)}; # begins a comment"
    return said.kind.wrong(f"'{said.kind.text}' is no type of a line", fix)


def _edit(said: Said) -> Edit:
    if said.first.text != "nuisance" or not said.rest:
        raise said.line.wrong("an edit is not of the form nuisance edit …", f"nuisance edit {'|'.join(EDITS)} …")
    action, *words = said.rest
    if action.text not in EDITS:
        fix = did_you_mean(action.text, EDITS) or f"there are {', '.join(EDITS)}"
        raise action.wrong(f"there is no nuisance edit {action.text}", fix)
    expected = EDITS[action.text]
    if action.text == "rename" and len(words) == 2:  # everywhere, parameters, too
        expected = expected[2:]
    if len(words) < len(expected):
        fix = " ".join(["nuisance edit", action.text, *(x.upper().replace(" ", "_") for x in expected), "[OPTIONS]"])
        raise said.line.wrong(f"nuisance edit {action.text} has {len(words)} arguments, not {len(expected)}", fix)
    for option in words[len(expected) :]:
        if option.text not in OPTIONS[action.text]:
            fix = f"there are {', '.join(sorted(OPTIONS[action.text]))}"
            raise option.wrong(f"nuisance edit {action.text} has no option '{option.text}'", fix)
    _check_names(words[: len(expected)], expected)
    return Edit(action.text, tuple(w.text for w in words), said.line.place())


def _check_names(words: Sequence[Word], names: Sequence[str]) -> None:
    for word, name in zip(words, names, strict=True):
        if name in ("process", "channel", "name") and word.text != "*":
            try:
                re.compile(word.text.replace("+", r"\+") if name == "channel" else word.text)
            except re.error as error:
                raise word.wrong(f"'{word.text}' is no regular expression: {error}") from None
        if name == "new name" and re.match(r"[\d#-]|.*\[nofloat\]$", word.text):
            raise word.wrong(f"nothing can be called '{word.text}'", "names begin with a letter")


_READERS = {**DECLARATIONS, "edit": _edit}
